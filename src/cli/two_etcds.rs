//! Sides of a comparison: two etcds, each read at one revision.
use super::{command_error::CommandError, output::say_safely, password::ask_for_password, teller::OnStderr};
use crate::{
    config::{Flags, ProcessEnvironment, SecondEtcd, Settings},
    dns::{Answer, KeyContent, LeaseLeft, ReadPart, Serving, ZoneGuess},
    failure::Failure,
    foreign_text::ForeignText,
    keys::{ClusterId, KeyValue, OutsideScopeError, Revision, Scope},
    migrate::{Proof, Prover, ScopeComparison},
    ops::{LeaseTimes, lease_times, listing_of},
    quantity::counted,
    session::{Etcd, Session, recall},
    store::{ClusterStatus, Listing, Reader},
};
use std::collections::BTreeSet;

/// The most records whose leases are asked for: beyond that, TTLs from leases count as not known.
const MOST_LEASES: usize = 1000;
/// The number of names that are asked about before progress is shown.
const A_WHILE: usize = 20_000;

/// Opens a session of the other etcd, with the acquaintance of its first contact. Nothing is connected yet.
///
/// # Errors
/// The fault of its settings.
pub(super) fn open_other(
    settings: &Settings,
    elsewhere: &SecondEtcd,
    common: &Flags,
    which: &str,
) -> Result<Session<Etcd>, CommandError> {
    let mut other = elsewhere.settings(settings, common, &ProcessEnvironment)?;
    for note in other.notes_beside(settings) {
        say_safely(format!("coredeck: warning: {which}: {note}"));
    }
    other.taken.check()?;
    recall(&mut other)?;
    ask_for_password(&mut other)?;
    let store = Etcd::of(&other);
    Ok(Session { settings: other, store, teller: &OnStderr })
}

/// Side of a comparison: one etcd.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) scope: Scope,
    pub(super) endpoint: String,
    /// The endpoints as they are given.
    pub(super) endpoints: Vec<String>,
    pub(super) cluster: ClusterId,
    pub(super) revision: Revision,
    /// The records in the order of their keys.
    pub(super) records: Vec<KeyValue>,
    /// The records that an earlier, unfinished removal has taken out of it: they were served until then.
    pub(super) removed: Vec<KeyValue>,
    leases: LeaseTimes,
}

#[derive(Debug)]
pub(super) struct Sides {
    pub(super) old: Side,
    pub(super) new: Side,
}

impl Side {
    /// Reads the whole scope at one revision, and asks for its leases.
    pub(super) async fn read(
        settings: &Settings,
        reader: &impl Reader,
        status: &ClusterStatus,
    ) -> Result<Self, Failure> {
        let scope = settings.scope.value.clone();
        let Listing { revision, records, .. } = listing_of(reader, &scope.range(), None).await?;
        let leases: BTreeSet<_> =
            records.iter().filter_map(|record| record.lease).take(MOST_LEASES).collect();
        let leases = lease_times(reader, leases).await;
        Ok(Self {
            scope,
            endpoint: status.endpoint.clone(),
            endpoints: settings.endpoints.value.clone(),
            cluster: status.cluster,
            revision,
            records,
            removed: vec![],
            leases,
        })
    }

    pub(super) fn keys(&self) -> u64 {
        self.records.len() as u64
    }

    /// Returns the remaining seconds of a record's lease, if they are known.
    pub(super) fn left_of(&self, record: &KeyValue) -> Option<u64> {
        match self.leases.get(&record.lease?)? {
            LeaseLeft::Seconds(seconds) => u64::try_from(*seconds).ok().map(|left| left.max(1)),
            LeaseLeft::Gone | LeaseLeft::Unknown => None,
        }
    }

    pub(super) fn introduce(&self, which: &str) {
        let Self { scope, endpoint, cluster, revision, records, .. } = self;
        let many = counted(records.len(), "key");
        say_safely(format!(
            "{which}  {scope} at {endpoint}, cluster {cluster}: {many} at revision {revision}"
        ));
        if !self.removed.is_empty() {
            let gone = counted(self.removed.len(), "key");
            say_safely(format!(
                "     {gone} more: an earlier removal took them out and came to a stop; they count as its answers"
            ));
        }
    }

    /// Returns everything that its answers come from.
    pub(super) fn known(&self) -> ReadPart {
        let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: record.lease };
        let records = self.answered().map(|record| (record.key.as_bytes().into(), content(record)));
        let mut known = ReadPart::everything(records);
        for (lease, left) in &self.leases {
            known.learn_lease(*lease, *left);
        }
        known
    }

    /// Returns the records that its answers come from, including those that a move has begun to remove.
    fn answered(&self) -> impl Iterator<Item = &KeyValue> {
        self.records.iter().chain(&self.removed)
    }
}

impl Sides {
    pub(super) fn compare(&self) -> Result<ScopeComparison, OutsideScopeError> {
        let (old, new) = (self.old.records.clone(), self.new.records.clone());
        ScopeComparison::of(old, new, (&self.old.scope, &self.new.scope))
    }

    /// Asks both about every name, served by the settings of the old one.
    pub(super) fn prove(&self, settings: &Settings) -> Proof {
        let (old, new) = (self.old.known(), self.new.known());
        let guess = ZoneGuess::of(&old, &self.old.scope);
        let of_old = settings.serving(guess.joined(ZoneGuess::of(&new, &self.new.scope)));
        let of_new = Serving { scope: self.new.scope.clone(), ..of_old.clone() };
        let scopes = (&self.old.scope, &self.new.scope);
        let mut prover = Prover::new(self.old.answered(), self.new.answered(), scopes, &of_old.zones);
        while prover.ask(A_WHILE, (&old, &of_old), (&new, &of_new)) {
            say_safely(format!("  asked about {} of {} names", prover.asked(), prover.total()));
        }
        prover.proof()
    }
}

/// Returns the answer that a client sees, on one line.
pub(super) fn in_words(answer: &Answer) -> String {
    let outcome = answer.outcome.rcode().map_or_else(|| "no reply".to_owned(), |rcode| rcode.to_string());
    let records: Vec<String> =
        answer.answer.iter().map(|rr| format!("{} {} {}", rr.ttl, rr.kind, rr.data)).collect();
    let text = if records.is_empty() { outcome } else { format!("{outcome}: {}", records.join(", ")) };
    ForeignText::from(text.as_str()).to_string()
}
