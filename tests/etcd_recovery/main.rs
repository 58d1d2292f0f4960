//! Decks whose watch breaks, is compacted away, falls silent or never answers, on every etcd, with TLS and without,
//! of one member and of three. The tests check the header meanwhile, that everything is shown in the end, and the
//! cost to etcd.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(clippy::print_stdout, reason = "figures for whoever asks for them")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

#[path = "../support/certificates.rs"]
mod certificates;
mod compacted;
#[path = "../support/etcd.rs"]
mod etcd;
mod gone_back;
#[path = "../etcd_quorum/proxy.rs"]
mod proxy;
#[path = "../support/pty.rs"]
mod pty;
mod silent;
mod site;
mod traffic;
