//! Speed and size of the deck, beside other programs that do the same on the same etcd in the same run.
//!
//! `cargo bench` measures with 1,000, 100,000 and 1,000,000 records; `cargo bench -- 1000 100000` with those. Needs
//! `etcd` in PATH (or `COREDECK_TEST_ETCD`). A comparison whose program is missing (`etcdctl`, `ranger`, or a
//! `CoreDNS` from `COREDECK_TEST_COREDNS`) is left out, and the report says so. It never fails because of a time:
//! other programs of this machine take part in every number.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report for people; what is broken ends it"
)]
#![allow(clippy::disallowed_types, reason = "the bare client that the deck is compared with, and the loader")]

mod answers;
#[path = "../../tests/support/certificates.rs"]
mod certificates;
#[path = "../../tests/support/coredns.rs"]
mod coredns;
mod deck;
#[path = "../../tests/support/etcd.rs"]
mod etcd;
mod index;
mod neighbour;
mod numbers;
mod peers;
mod records;
mod report;
mod saving;
mod steps;
mod terminal;

use report::Report;
use std::env;

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];

fn main() {
    // cargo adds `--bench`.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some((peers::BARE_CLIENT, arguments)) =
        arguments.split_first().map(|(what, rest)| (what.as_str(), rest))
    {
        return peers::be_bare_client(arguments);
    }
    let wanted = arguments.iter();
    let mut sizes: Vec<usize> =
        wanted.map(|size| size.replace([',', '_'], "").parse().expect("a number of records")).collect();
    if sizes.is_empty() {
        sizes = SIZES.to_vec();
    }
    let mut missed = Vec::new();
    for size in sizes {
        let mut report = Report::new(size);
        measure(size, &mut report);
        missed.extend(report.missed());
    }
    match missed.as_slice() {
        [] => println!("\nEvery aim was met."),
        missed => println!("\nMissed:\n  {}", missed.join("\n  ")),
    }
}

fn measure(size: usize, report: &mut Report) {
    let etcd = etcd::Setup::default().argument("--quota-backend-bytes=8589934592").start();
    let endpoint = etcd.endpoints().remove(0);
    let loaded = records::load(&endpoint, size);
    println!(
        "  {} bytes of keys and values, and {} foreign keys of 1 KiB; loaded in {:.1} s",
        report::grouped(loaded.bytes),
        report::grouped(records::FOREIGN as u64),
        loaded.took.as_secs_f64()
    );
    let place = deck::Place { endpoint: &endpoint, home: etcd.dir(), size };
    place.meet();
    let runs = if size > 500_000 { 3 } else { 5 };
    deck::opening(&place, loaded.bytes, runs, report);
    deck::name(&place, 2 * runs + 1, report);
    neighbour::put_latency(&place, runs, report);
    steps::key_presses(&place, runs, report);
    steps::bytes(&place, report);
    let file = saving::saving(&place, runs, report);
    let empty = etcd::Setup::default().argument("--quota-backend-bytes=8589934592").start();
    saving::restoring(&file, &empty.endpoints()[0], empty.dir(), loaded.took, size, report);
    drop(empty);
    let index = index::alone(size, report);
    answers::findings(index.records(), size, report);
    answers::per_second(index.records(), &endpoint, size, report);
}
