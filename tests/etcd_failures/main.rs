//! Messages that a server or a file can cause, one by one, with their remedies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(
    clippy::disallowed_types,
    unreachable_pub,
    missing_debug_implementations,
    reason = "the support beside the program"
)]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod files;
mod network;
mod refusals;
mod server_certificates;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod verdicts;
