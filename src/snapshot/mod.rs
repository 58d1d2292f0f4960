//! Snapshots of etcd: a `bbolt` database, and behind it the SHA-256 of everything before. They are written while
//! their hash is verified, and read without a server.
//!
//! `etcdctl snapshot status` reads them too, but takes a damaged one for a good one (3.5.1) or crashes on it (3.4,
//! 3.5.30), because it never looks at that hash.
//!
//! Nothing in a file is trusted: every position is checked against the file's size, and no more pages are read than
//! there are.

mod bolt;
mod checksum;
mod database;
mod error;
mod file;
mod keep;
mod page;
mod proto;
mod receive;
mod status;

pub use error::SnapshotError;
pub use keep::{KeptSnapshot, PrunedSnapshots, name, prune};
pub use receive::Receiver;
pub use status::{Prefix, SnapshotStatus, status};

#[cfg(test)]
mod tests;
