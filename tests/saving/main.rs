//! Saving and restoring, by the real binary on real etcds: backups, restores, rescues, snapshots, and the units that
//! make them every night.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
#[path = "../support/etcd.rs"]
mod etcd;
#[path = "../support/put_back.rs"]
mod put_back;

mod backup;
mod keys;
mod put_back_script;
mod rescue;
mod restore;
mod snapshot;
mod systemd;
