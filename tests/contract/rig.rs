//! Rig of a store under test, and the other client that interferes with it.
use crate::support::journal::MemoryJournal;
use coredeck::{
    failure::Failure,
    keys::{ClusterId, KeyRange, KeyValue, LeaseId, Revision, Scope, ScopedKey},
    ops::{PrepareError, carry_out, prepare},
    plan::{Change, Confirmed, Intent, Outcome, Plan, Step, Surroundings, Threshold},
    store::{
        Commit, ForeignCounts, ForeignDeletions, Reader, Writer,
        memory::{Memory, MemoryCounts, MemoryForeign, MemoryReader, MemoryWriter, Seed},
    },
};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Store with an empty scope.
pub trait Rig {
    type Reader: Reader;
    type Writer: Writer;
    type Counts: ForeignCounts;
    type Foreign: ForeignDeletions;

    fn scope(&self) -> &Scope;
    fn reader(&self) -> &Self::Reader;
    fn writer(&self) -> &Self::Writer;
    fn counts(&self) -> Self::Counts;
    /// Returns the reader of a rescue.
    fn foreign(&self) -> &Self::Foreign;

    /// Tells whether others' keys may be counted: a credential of the scope alone is not told their number.
    fn may_count_neighbours(&self) -> bool {
        true
    }

    // Actions of another client, with any key.
    async fn put_raw(&self, key: &[u8], value: &str, lease: Option<LeaseId>) -> Revision;
    async fn delete_raw(&self, key: &[u8]) -> Revision;
    async fn grant(&self, ttl: Duration) -> LeaseId;
    async fn revoke(&self, lease: LeaseId);
    async fn compact(&self, at: Revision);

    // The rest is the same for every store. `tail` is a key without the scope.
    fn bytes(&self, tail: &str) -> Vec<u8> {
        format!("{}{tail}", self.scope()).into_bytes()
    }
    fn key(&self, tail: &str) -> ScopedKey {
        self.scope().key(&self.bytes(tail)).unwrap()
    }
    fn below(&self, tail: &str) -> KeyRange {
        self.scope().below(&self.bytes(tail)).unwrap()
    }
    async fn put(&self, tail: &str, value: &str) -> Revision {
        self.put_raw(&self.bytes(tail), value, None).await
    }
    async fn put_leased(&self, tail: &str, value: &str, lease: LeaseId) -> Revision {
        self.put_raw(&self.bytes(tail), value, Some(lease)).await
    }
    async fn delete(&self, tail: &str) -> Revision {
        self.delete_raw(&self.bytes(tail)).await
    }
    async fn get(&self, tail: &str) -> Option<KeyValue> {
        self.reader().read(&[self.key(tail)], None).await.unwrap().records.pop()
    }
    async fn all(&self) -> Vec<KeyValue> {
        self.reader().list(&self.scope().range(), 0, None).await.unwrap().records
    }
    /// Returns the keys of the scope, without the scope.
    async fn tails(&self) -> Vec<String> {
        let skip = self.scope().as_str().len();
        self.all().await.iter().map(|record| record.key.spelled()[skip..].to_owned()).collect()
    }
    async fn revision(&self) -> Revision {
        self.reader().list(&self.scope().range(), 1, None).await.unwrap().revision
    }

    fn creation(&self, tail: &str, value: &str) -> Change {
        Change::Create { key: self.key(tail), value: value.as_bytes().into(), lease: None }
    }
    /// Makes these changes in one transaction.
    async fn commit(&self, changes: Vec<Change>) -> Result<Commit, Failure> {
        let around = Surroundings::default();
        let plan = Plan::for_record(changes, &around, ClusterId(0), Revision(0)).unwrap();
        let steps = steps(plan);
        assert_eq!(steps.len(), 1, "one transaction");
        self.writer().commit(&steps[0]).await
    }

    async fn prepare(&self, intent: Intent) -> Result<Plan, PrepareError> {
        prepare(self.reader(), self.scope(), &[], intent).await
    }
    async fn carry_out(&self, plan: Plan) -> Outcome {
        let mut journal = MemoryJournal::default();
        let report = carry_out(confirmed(plan), &mut journal, self.writer(), self.reader(), |_| {}).await;
        assert_eq!(report.journal_trouble, None);
        assert_eq!(journal.entries[0].1.as_ref(), Some(&report.outcome), "the journal knows the outcome");
        report.outcome
    }
    /// Plans, confirms and makes an intent.
    async fn make(&self, intent: Intent) -> Outcome {
        self.carry_out(self.prepare(intent).await.unwrap()).await
    }
}

/// Confirms a plan as a person does who agrees.
pub fn confirmed(plan: Plan) -> Confirmed {
    let number = plan.threshold().map(Threshold::number);
    let challenge = plan.challenge().to_owned();
    plan.confirm(&challenge, number).unwrap()
}

/// Returns the transactions of a plan.
pub fn steps(plan: Plan) -> Vec<Step> {
    confirmed(plan).journal(&mut MemoryJournal::default()).unwrap().steps()
}

/// Rig of the store in memory.
pub struct InMemory {
    scope: Scope,
    pub memory: Memory,
    reader: MemoryReader,
    writer: MemoryWriter,
    foreign: MemoryForeign,
    seed: Seed,
}

pub fn in_memory() -> InMemory {
    let scope = Scope::parse("/coredns").unwrap();
    let memory = Memory::new(&scope);
    InMemory {
        reader: memory.reader(),
        writer: memory.writer(),
        foreign: memory.foreign(),
        seed: memory.seed(),
        memory,
        scope,
    }
}

impl Rig for InMemory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;
    type Counts = MemoryCounts;
    type Foreign = MemoryForeign;

    fn scope(&self) -> &Scope {
        &self.scope
    }
    fn reader(&self) -> &MemoryReader {
        &self.reader
    }
    fn counts(&self) -> MemoryCounts {
        self.memory.counts()
    }
    fn writer(&self) -> &MemoryWriter {
        &self.writer
    }
    fn foreign(&self) -> &MemoryForeign {
        &self.foreign
    }
    async fn put_raw(&self, key: &[u8], value: &str, lease: Option<LeaseId>) -> Revision {
        match lease {
            None => self.seed.put(key, value),
            Some(lease) => self.seed.put_leased(key, value, lease),
        }
    }
    async fn delete_raw(&self, key: &[u8]) -> Revision {
        self.seed.delete(key)
    }
    async fn grant(&self, ttl: Duration) -> LeaseId {
        static NEXT: AtomicI64 = AtomicI64::new(7_000);
        let lease = LeaseId::new(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap();
        self.seed.grant(lease, ttl);
        lease
    }
    async fn revoke(&self, lease: LeaseId) {
        self.seed.revoke(lease);
    }
    async fn compact(&self, at: Revision) {
        self.seed.compact(at);
    }
}
