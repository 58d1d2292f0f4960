//! Connections to a real etcd: reading, writing and watching while members, connections, logins and history go away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_types, reason = "other clients than ours play a part in these tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod another_cluster;
mod fixture;
mod health;
mod logins;
mod lost_replies;
mod members;
mod p521;
mod power;
mod proxies;
mod quota;
mod records;
mod session;
#[path = "../support/mod.rs"]
mod support;
mod watching;
