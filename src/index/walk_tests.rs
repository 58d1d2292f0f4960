//! Walks over simulated etcds, and their cost there.

use super::{Piece, PieceAnswer, RangeWalk};
use crate::keys::Scope;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Sorted keys, and the reads that were asked of them.
struct Etcd {
    keys: Vec<Vec<u8>>,
    read: Vec<u32>,
    /// Number of keys that etcd had to count.
    cost: u64,
    requests: u64,
    largest: usize,
}

impl Etcd {
    fn new(keys: BTreeSet<Vec<u8>>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        Self { read: vec![0; keys.len()], keys, cost: 0, requests: 0, largest: 0 }
    }

    fn answer(&mut self, walk: &mut RangeWalk, piece: &Piece) {
        let from = self.keys.partition_point(|key| &key[..] < piece.range.start());
        let to = self.keys.partition_point(|key| &key[..] < piece.range.end());
        let total = to.saturating_sub(from);
        let returned = total.min(usize::try_from(piece.limit).unwrap());
        self.read[from..from + returned].iter_mut().for_each(|times| *times += 1);
        self.cost += total as u64;
        self.requests += 1;
        self.largest = self.largest.max(returned);
        let page = &self.keys[from..from + returned];
        walk.took(piece, PieceAnswer::new(page, Vec::as_slice, total as u64, returned < total));
    }

    /// Walks to the end with as many pieces in flight as the walk allows, answered in `newest`-first order or not.
    fn walk(&mut self, mut walk: RangeWalk, newest: bool) {
        let mut flying: Vec<Piece> = Vec::new();
        loop {
            while let Some(piece) = walk.next() {
                flying.push(piece);
            }
            if flying.is_empty() {
                break;
            }
            let piece = if newest { flying.pop().unwrap() } else { flying.remove(0) };
            self.answer(&mut walk, &piece);
            assert!(self.requests < 50_000, "the walk does not end");
        }
        assert!(walk.is_done());
    }
}

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn keys(paths: impl IntoIterator<Item = String>) -> BTreeSet<Vec<u8>> {
    paths.into_iter().map(|path| format!("/coredns/{path}").into_bytes()).collect()
}

fn assert_cheap(what: &str, keys: BTreeSet<Vec<u8>>) {
    let mut etcd = Etcd::new(keys);
    etcd.walk(RangeWalk::new(scope().range()), false);
    assert!(etcd.read.iter().all(|times| *times == 1), "{what}: not every key was read exactly once");
    let keys = etcd.keys.len() as u64;
    assert!(etcd.cost < 3 * keys, "{what}: {} counted for {keys} keys", etcd.cost);
    assert!(etcd.requests < 500, "{what}: {} requests", etcd.requests);
    assert!(etcd.largest <= 100_000, "{what}: a piece of {}", etcd.largest);
}

const N: u32 = 200_000;

#[test]
fn a_flat_scope_is_read_cheaply() {
    assert_cheap("padded numbers", keys((0..N).map(|n| format!("n{n:06}"))));
    assert_cheap("bare numbers", keys((0..N).map(|n| format!("n{n}"))));
    assert_cheap("hashes", keys((0..N).map(|n| format!("{:08x}/x1", n.wrapping_mul(2_654_435_761)))));
}

#[test]
fn zones_of_any_size_are_read_cheaply() {
    assert_cheap(
        "1000 zones",
        keys((0..N).map(|n| format!("io/zone{:03}/host{:03}/x1", n % 1000, n / 1000))),
    );
    assert_cheap(
        "one large zone of many",
        keys((0..N).map(|n| match n % 100 {
            0 => format!("com/z{n}/x1"),
            _ => format!("io/gcr/h{n}/x1"),
        })),
    );
    assert_cheap(
        "a reverse zone",
        keys((0..N).map(|n| format!("arpa/in-addr/10/{}/{}/{}", n >> 16, n >> 8 & 255, n & 255))),
    );
}

#[test]
fn a_deep_scope_is_read_cheaply() {
    let prefix = "label/".repeat(300);
    assert_cheap("a long common prefix", keys((0..N).map(|n| format!("{prefix}{n:06}"))));
    assert_cheap("stairs", keys((0..N).map(|n| format!("{}{n}", "a/".repeat(n as usize % 60)))));
    assert_cheap("two far ends", keys((0..N).map(|n| format!("{}/{n:06}", ["a", "z"][n as usize % 2]))));
}

#[test]
fn a_small_scope_takes_two_reads() {
    let mut etcd = Etcd::new(keys((0..19_000).map(|n| format!("{n}"))));
    etcd.walk(RangeWalk::new(scope().range()), false);
    assert_eq!(etcd.requests, 2);
    let mut etcd = Etcd::new(keys((0..900).map(|n| format!("{n}"))));
    etcd.walk(RangeWalk::new(scope().range()), false);
    assert_eq!(etcd.requests, 1);
}

#[test]
fn the_preferred_part_comes_next() {
    let mut etcd = Etcd::new(keys((0..N).map(|n| format!("z{:03}/{n}", n % 1000))));
    let mut walk = RangeWalk::new(scope().range());
    let first = walk.next().unwrap();
    assert_eq!(walk.next(), None);
    etcd.answer(&mut walk, &first);
    let part = scope().below(b"/coredns/z700").unwrap();
    walk.prefer(&part);
    let piece = walk.next().unwrap();
    assert!(piece.range.contains(b"/coredns/z700/1") && !piece.range.contains(b"/coredns/z701/1"));
    walk.lost(&piece);
    assert_eq!(walk.next().map(|piece| piece.range.start().to_vec()), Some(part.start().to_vec()));
    walk.lost(&piece);
    etcd.walk(walk, false);
    assert!(etcd.read.iter().all(|times| *times >= 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_key_is_read_whatever_the_keys_and_the_order_of_the_answers(
        seeds in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..7), 1..40),
        fan in 1..6000_u32, newest in any::<bool>(),
        preferred in 0..40_usize,
    ) {
        let keys = seeds.iter().flat_map(|seed| {
            (0..fan).map(move |n| [b"/coredns/", &seed[..], b"/", n.to_string().as_bytes()].concat())
        });
        let mut etcd = Etcd::new(keys.collect());
        let mut walk = RangeWalk::new(scope().range());
        if let Some(first) = walk.next() {
            etcd.answer(&mut walk, &first);
        }
        if let Some(seed) = seeds.get(preferred) {
            walk.prefer(&scope().below(&[b"/coredns/", &seed[..]].concat()).unwrap());
        }
        etcd.walk(walk, newest);
        prop_assert!(etcd.read.iter().all(|times| *times >= 1));
    }
}
