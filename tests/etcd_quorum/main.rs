//! Clusters of three members with TLS whose members die, hang and are cut off, under an open deck and under a change:
//! the tests check the screen, and that no write is lost or made twice. The time of each recovery is printed
//! (`--nocapture`), and only limited to what an operator would wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(clippy::print_stdout, reason = "a table for whoever asks for it")]

#[path = "../support/certificates.rs"]
mod certificates;
mod changes;
#[path = "../support/cli.rs"]
mod cli;
mod decks;
#[path = "../support/etcd.rs"]
mod etcd;
mod fault;
mod lab;
mod node;
mod proxy;
#[path = "../support/pty.rs"]
mod pty;
mod space;
