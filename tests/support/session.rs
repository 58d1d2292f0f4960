//! Session of random operations, as hostile as a keyboard can be, with another writer in between.
use super::{etcd::PrivateEtcd, journal::MemoryJournal};
use coredeck::{
    failure::Failure,
    keys::{KeyValue, Scope, ScopedKey},
    ops::{carry_out, prepare},
    plan::{Challenge, Intent, KeyEdit, LeaseGrant, Outcome, OwnRecord, Plan, PlanPurpose, RecordPlace},
    store::{
        Attempts, Reader,
        etcd::{EtcdReader, EtcdSettings, EtcdWriter, connect, open_writer},
    },
};
use etcd_client::{Client, ConnectOptions, GetOptions, Txn, TxnOp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Keys beside the scope that a careless prefix, range or comparison would hit.
const NEIGHBOURS: [&str; 7] =
    ["/coredns", "/coredns-old/x", "/coredns0", "coredns/x", "/coredn", "/coredns.", "/"];
/// The number that the cluster had that this program was written for.
const REGISTRY: usize = 368;

/// Texts that are typed and pasted: names below the scope, and everything that people have hit by mistake.
const NAMES: [&str; 12] = [
    "/coredns/io/gcr",
    "/coredns/io",
    "/coredns/io/gcr/x1",
    "/coredns/org/example/www",
    "/coredns/org/example",
    "/coredns//",
    "/coredns/a/",
    r"/coredns/\x1b[2J",
    r"/coredns/\xff\xfe",
    "/coredns/../registry",
    "/coredns/registry/pods",
    "/coredns/0",
];
const OUTSIDE: [&str; 12] = [
    "/",
    "",
    "/ coredns",
    "/coredns",
    "/coredns/",
    "/coredns0",
    "/coredns-old/x",
    "coredns/x",
    "/registry",
    "/registry/",
    "/registry/pods/pod-000",
    "/coredn",
];

/// Counts of a session, so that a test can tell that something happened in it.
#[derive(Debug, Default)]
pub struct Tally {
    pub done: usize,
    pub conflicts: usize,
    pub refused_outside: usize,
    pub wrongly_typed: usize,
    pub deleted: usize,
}

/// Keys beside the scope, with everything that a touch would change.
pub type Sentinels = BTreeMap<Vec<u8>, (i64, Vec<u8>)>;

/// Returns a client that no scope binds: `root`, if there are users.
pub async fn root(etcd: &PrivateEtcd, users: bool) -> Client {
    let options = users.then(|| ConnectOptions::new().with_user("root", "root"));
    Client::connect(etcd.endpoints(), options).await.unwrap()
}

/// Puts the sentinels and returns them as they are.
pub async fn place_sentinels(root: &Client) -> Sentinels {
    let registry = (0..REGISTRY).map(|number| format!("/registry/pods/pod-{number:03}"));
    let keys: Vec<String> = registry.chain(NEIGHBOURS.map(str::to_owned)).collect();
    for some in keys.chunks(100) {
        let puts: Vec<TxnOp> = some.iter().map(|key| TxnOp::put(key.as_str(), "sentinel", None)).collect();
        root.kv_client().txn(Txn::new().and_then(puts)).await.unwrap();
    }
    let sentinels = sentinels(root).await;
    assert_eq!(sentinels.len(), REGISTRY + NEIGHBOURS.len());
    sentinels
}

/// Returns every key of the store that is not below `/coredns/`.
pub async fn sentinels(root: &Client) -> Sentinels {
    let everything = GetOptions::new().with_all_keys();
    let mut all = root.kv_client().get("", Some(everything)).await.unwrap();
    let all = all.take_kvs().into_iter();
    all.filter(|found| !found.key().starts_with(b"/coredns/"))
        .map(|found| (found.key().to_vec(), (found.mod_revision(), found.value().to_vec())))
        .collect()
}

/// Makes `operations` random operations by the only way that a change takes. The same `seed` gives the same ones.
pub async fn run(settings: &EtcdSettings, root: &Client, operations: usize, seed: u64) -> Tally {
    let scope = Scope::parse("/coredns").unwrap();
    let (reader, _) = connect(settings, &scope, &Attempts::default()).await.unwrap();
    let writer = open_writer(&reader);
    let journal = MemoryJournal::default();
    let other = root.clone();
    let tally = Tally::default();
    let mut session = Session { scope, reader, writer, journal, other, dice: Dice(seed), tally };
    for number in 0..operations {
        session.operation(number).await;
    }
    let concluded = session.journal.entries.iter().filter(|(_, outcome)| outcome.is_some()).count();
    assert_eq!(concluded, session.journal.entries.len(), "the journal knows how each plan ended");
    session.tally
}

struct Session {
    scope: Scope,
    reader: EtcdReader,
    writer: EtcdWriter,
    journal: MemoryJournal,
    other: Client,
    dice: Dice,
    tally: Tally,
}

impl Session {
    async fn operation(&mut self, number: usize) {
        if self.dice.one_in(8) {
            let text = *self.dice.pick(&OUTSIDE);
            assert!(self.scope.spelled_key(text).is_err(), "{text:?} is no key of the scope");
            self.tally.refused_outside += 1;
        }
        let before = self.records().await;
        let intent = self.intent(number, &before);
        let Ok(plan) = prepare(&self.reader, &self.scope, &[], intent).await else { return };
        let interfered = if self.dice.one_in(5) { self.interfere(&plan).await } else { BTreeSet::new() };
        if self.dice.one_in(10) {
            self.type_wrongly(plan);
            return;
        }
        let planned: BTreeSet<ScopedKey> = plan.keys().cloned().collect();
        let number = plan.threshold().map(coredeck::plan::Threshold::number);
        let challenge = plan.challenge().to_owned();
        let deletes = plan.deletes();
        let before = if interfered.is_empty() { before } else { self.records().await };
        let confirmed = plan.confirm(&challenge, number).unwrap();
        let report = carry_out(confirmed, &mut self.journal, &self.writer, &self.reader, |_| {}).await;
        let after = self.records().await;
        let changed: BTreeSet<ScopedKey> = before
            .keys()
            .chain(after.keys())
            .filter(|key| before.get(*key) != after.get(*key))
            .cloned()
            .collect();
        match report.outcome {
            Outcome::Done { .. } => {
                assert_eq!(changed, planned, "exactly what was shown");
                self.tally.done += 1;
                self.tally.deleted += deletes;
            }
            Outcome::NothingChanged { why } => {
                assert_eq!(changed, BTreeSet::new(), "{why}");
                assert!(!interfered.is_empty(), "without anybody else there is no conflict: {why}");
                self.tally.conflicts += 1;
            }
            // Another writer has made the same change meanwhile: nobody can tell whose it is.
            Outcome::Unknown { why: Failure::RefusedAsMade { .. }, .. } => {
                assert!(changed.is_empty() && !interfered.is_empty(), "{changed:?}, {interfered:?}");
                self.tally.conflicts += 1;
            }
            outcome @ (Outcome::Partly { .. } | Outcome::Unknown { .. }) => panic!("{outcome}"),
        }
    }

    async fn records(&self) -> BTreeMap<ScopedKey, KeyValue> {
        let all = self.reader.list(&self.scope.range(), 0, None).await.unwrap();
        all.records.into_iter().map(|record| (record.key.clone(), record)).collect()
    }

    fn intent(&mut self, number: usize, now: &BTreeMap<ScopedKey, KeyValue>) -> Intent {
        let value: Box<[u8]> =
            format!(r#"{{"host":"10.0.0.{}","n":{number}}}"#, number % 250).into_bytes().into();
        let name = *self.dice.pick(&NAMES);
        let name = self.scope.spelled_key(name).unwrap();
        let existing: Vec<&KeyValue> = now.values().collect();
        match (self.dice.below(10), existing.is_empty()) {
            (0..3, _) | (_, true) => {
                let place = match self.dice.below(4) {
                    0 => RecordPlace::Own,
                    1 => RecordPlace::Leaf(b"www".as_slice().into()),
                    _ => RecordPlace::NextLeaf,
                };
                let own = if self.dice.one_in(2) { OwnRecord::MoveToLeaf } else { OwnRecord::Leave };
                Intent::Add { name, place, own, value, lease: None }
            }
            (3, _) if self.dice.one_in(2) => Intent::Several { wishes: self.wishes(&existing, name, value) },
            (3, _) => self.bulk(&existing, name, value),
            (4, _) => Intent::DeleteSubtree { name },
            (5..7, _) => Intent::Edit { base: (*self.dice.pick(&existing)).clone(), value },
            _ => Intent::Delete { key: self.dice.pick(&existing).key.clone() },
        }
    }

    /// Makes the same under one challenge; a new record gets a lease that is made for it.
    fn bulk(&mut self, existing: &[&KeyValue], new: ScopedKey, value: Box<[u8]>) -> Intent {
        let mut wishes = self.wishes(existing, new, value);
        let grant = LeaseGrant::new(Duration::from_secs(3600));
        for wish in &mut wishes {
            if let KeyEdit::Create { lease, .. } = wish {
                *lease = Some(grant.lease);
            }
        }
        let challenge = Challenge::scope(&self.scope);
        Intent::Bulk { purpose: PlanPurpose::Bulk, challenge, wishes, grants: vec![grant], listed: None }
    }

    /// Returns a change of an existing record, a removal or a move, and a new record: two of them may be about one
    /// key.
    fn wishes(&mut self, existing: &[&KeyValue], new: ScopedKey, value: Box<[u8]>) -> Vec<KeyEdit> {
        let (first, second) = (*self.dice.pick(existing), *self.dice.pick(existing));
        let update =
            KeyEdit::Update { key: first.key.clone(), before: first.value.clone(), value: value.clone() };
        let other = if self.dice.one_in(2) {
            KeyEdit::Delete { key: second.key.clone(), before: second.value.clone() }
        } else {
            KeyEdit::Move { from: second.key.clone(), to: new.clone() }
        };
        let create = KeyEdit::Create { key: new, value, lease: None };
        if matches!(other, KeyEdit::Move { .. }) { vec![update, other] } else { vec![update, other, create] }
    }

    /// Adds, changes or removes a key of the plan, or one beside it, as another writer.
    async fn interfere(&mut self, plan: &Plan) -> BTreeSet<ScopedKey> {
        let keys: Vec<&ScopedKey> = plan.keys().collect();
        let key = (*self.dice.pick(&keys)).clone();
        let mut kv = self.other.kv_client();
        match self.dice.below(3) {
            0 => drop(kv.put(key.as_bytes(), "theirs", None).await.unwrap()),
            1 => drop(kv.delete(key.as_bytes(), None).await.unwrap()),
            _ => {
                let newcomer = [key.as_bytes(), b"/newcomer"].concat();
                kv.put(newcomer, "theirs", None).await.unwrap();
            }
        }
        BTreeSet::from([key])
    }

    fn type_wrongly(&mut self, plan: Plan) {
        let right = plan.challenge().to_owned();
        let wrong = match self.dice.below(5) {
            0 => String::new(),
            1 => format!("{right}\n"),
            2 => format!(" {right}"),
            3 => "/".to_owned(),
            _ => right.trim_end_matches('/').chars().skip(1).collect(),
        };
        let number = plan.threshold().map(coredeck::plan::Threshold::number);
        assert!(plan.confirm(&wrong, number).is_err(), "{wrong:?} is not {right:?}");
        self.tally.wrongly_typed += 1;
    }
}

/// Random-looking numbers that are the same for the same seed (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % limit as u64).unwrap()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
