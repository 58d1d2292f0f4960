//! Index alone, without etcd and terminal: the work of the deck's loop between two frames.
use super::{
    numbers::Times,
    records,
    report::{Aim, Peer, Report, time},
};
use coredeck::{
    index::{Batch, Index, Needle},
    keys::{KeyValue, Revision, Scope},
};
use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

/// Keys of a large page.
const PAGE: usize = 50_000;
/// Time of one frame of a screen that is refreshed 60 times a second: no page may delay a key press by more.
const FRAME: Duration = Duration::from_millis(16);

/// Measures the encoding and taking in of pages, the taking in of changes, and the search of everything for a missing
/// text.
pub(super) fn alone(size: usize, report: &mut Report) -> Index {
    let scope = Scope::parse("/coredns").unwrap();
    let (mut index, encode, absorb) = listed(&scope, size);
    let mut put = Times::default();
    for change in 0..10_000 {
        let record = record(&scope, change * 7919 % size, size, 2);
        let began = Instant::now();
        index.put(&record);
        put.push(began.elapsed());
    }
    read_again(&index, listed(&scope, size).0, report);
    let needle = Needle::new("is nowhere").unwrap();
    let began = Instant::now();
    let found = needle.search(index.records(), 1, &AtomicBool::new(false));
    let search = began.elapsed();
    assert!(found.is_some_and(|found| found.total == 0));
    let aim = Aim::Met(absorb.max() < FRAME, "a page in 16 ms");
    let told = format!("{} for {} keys at most", time(absorb.max()), PAGE.min(size));
    report.row("index: take in pages", &told, &Peer::none(), aim);
    let put = put.median().as_secs_f64() * 1e6;
    let told = format!("{} / {put:.1} us / {}", time(encode), time(search));
    report.row("index: encode all/a change/search all", &told, &Peer::none(), Aim::None);
    index
}

/// Returns the index of a list, the time in which its pages were encoded, and the time to take in each.
fn listed(scope: &Scope, size: usize) -> (Index, Duration, Times) {
    let (mut index, mut encode, mut absorb) = (Index::new(scope.clone()), Duration::ZERO, Times::default());
    for from in (0..size).step_by(PAGE) {
        let page = (from..size.min(from + PAGE)).map(|number| record(scope, number, size, 1)).collect();
        let began = Instant::now();
        let batch = Batch::encode(scope, page);
        encode += began.elapsed();
        let began = Instant::now();
        index.absorb(batch);
        absorb.push(began.elapsed());
    }
    index.listed();
    (index, encode, absorb)
}

/// Measures a list that was read again: it is compared with a snapshot beside the deck, and replaces the picture.
fn read_again(index: &Index, newer: Index, report: &mut Report) {
    let began = Instant::now();
    let shown = index.records().clone();
    let mut held_up = began.elapsed();
    let began = Instant::now();
    let differences = shown.differences(newer.records(), Revision(1), Some(Revision(2)));
    let compared = began.elapsed();
    assert_eq!((differences.missed, differences.gone.len()), (0, 0));
    let began = Instant::now();
    drop(newer);
    held_up += began.elapsed();
    let told = format!("{} / {}", time(held_up), time(compared));
    let aim = Aim::Met(held_up < FRAME, "the deck in 16 ms");
    report.row("index: read again, the deck/beside it", &told, &Peer::none(), aim);
}

fn record(scope: &Scope, number: usize, size: usize, revision: i64) -> KeyValue {
    KeyValue {
        key: scope.key(records::key(number, size).as_bytes()).unwrap(),
        value: records::value(number, usize::try_from(revision).unwrap()).into_bytes().into(),
        create_revision: Revision(1),
        mod_revision: Revision(revision),
        version: revision,
        lease: None,
    }
}
