//! Record sets as people, scripts and accidents make them, and questions about them. The same seed gives the same.

mod names;
mod questions;
mod shapes;
mod values;

use crate::{comparison::Asked, options::Options, records::Record};
use fastrand::Rng;
use std::collections::BTreeMap;

pub use questions::questions;

/// Record set, with the questions about it.
#[derive(Clone, Debug)]
pub struct Docket {
    pub records: Vec<Record>,
    pub questions: Vec<Asked>,
}

/// Returns the record set of this seed for these options, with this many questions.
pub fn docket(seed: u64, options: &Options, count: usize) -> Docket {
    let mut rng = Rng::with_seed(seed);
    let mut set = Set::new(&mut rng, options);
    for _ in 0..set.rng.usize(2..14) {
        set.add_shape();
    }
    let records: Vec<Record> = set.records.into_values().collect();
    let questions = questions(&mut rng, options, &records, count);
    Docket { records, questions }
}

/// Record set that is being made.
struct Set<'r> {
    rng: &'r mut Rng,
    options: &'r Options,
    /// The records by key, as etcd has them.
    records: BTreeMap<Vec<u8>, Record>,
    /// The names that have a record, topmost label first; aliases lead to some of them.
    names: Vec<Vec<String>>,
    /// The number of aliases inside a zone. Those that lead to names above them multiply: each more makes all of them
    /// longer.
    aliases: usize,
}

impl<'r> Set<'r> {
    fn new(rng: &'r mut Rng, options: &'r Options) -> Self {
        Self { rng, options, records: BTreeMap::new(), names: vec![], aliases: 0 }
    }

    /// Puts a record with this value at the key of these segments.
    fn put(&mut self, segments: Vec<String>, value: impl Into<Vec<u8>>) {
        let mut key = names::key(&self.options.path, &segments);
        if self.once_in(100) {
            // etcd's keys are bytes.
            key.push(0xff);
        }
        let mut record = Record::new(key, value);
        if self.rng.u8(0..20) == 0 {
            // The times are below, within and above the usual limits and those of the options.
            record.lease_ttl = Some(self.pick(&[20, 45, 80, 500, 100_000]));
        }
        self.records.insert(record.key.clone(), record);
        self.names.push(segments);
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(0..all.len())].clone()
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(0..times) == 0
    }
}
