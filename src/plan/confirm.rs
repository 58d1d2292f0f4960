use super::{Challenge, Change, ChangeTally, Fence, LeaseGrant, PlanPurpose, Surroundings, Threshold};
use crate::keys::{ClusterId, LeaseId, Revision, ScopedKey};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Changes computed from one revision of the store, and what a person must do to agree to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    purpose: PlanPurpose,
    /// The reason for it, in the words of the person who makes it.
    reason: Option<String>,
    challenge: Challenge,
    /// True if the text is asked for even where nothing is deleted.
    typed: bool,
    changes: Vec<Change>,
    grants: Vec<LeaseGrant>,
    /// Time that the leases of the changed keys have still to live, as far as they could be asked for.
    leases: BTreeMap<LeaseId, Duration>,
    fence: Option<Fence>,
    threshold: Option<Threshold>,
    cluster: ClusterId,
    read_at: Revision,
    /// Number of transactions that it takes; worked out once, because it is asked for with every key press.
    transactions: usize,
}

/// A [`Plan`] that a person has agreed to. Not `Clone`, no public constructor: it is made only by
/// [`Plan::confirm`] and [`Plan::agree`] and used up by the writer, so a confirmation can be neither forged
/// nor replayed.
///
/// ```compile_fail
/// fn forge(plan: coredeck::plan::Plan) -> coredeck::plan::Confirmed {
///     coredeck::plan::Confirmed(plan)
/// }
/// ```
///
/// ```compile_fail
/// fn replay(confirmed: coredeck::plan::Confirmed) -> [coredeck::plan::Confirmed; 2] {
///     [confirmed.clone(), confirmed]
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmed(Plan);

/// A plan that was handed back, and the reason.
#[derive(Debug)]
pub struct Unconfirmed {
    pub plan: Plan,
    pub mismatch: Mismatch,
}

/// Difference between the typed text and the challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The text differs from the challenge, from this character on (counted from 0).
    Text { at: usize },
    /// The exact number of keys has to be typed as well, and this was given.
    Number { given: Option<u64> },
    /// A key press is not enough for this plan.
    NeedsTyping,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { at } => write!(f, "the typed key differs from character {}", at + 1),
            Self::Number { given: None } => f.write_str("the exact number of keys is asked for as well"),
            Self::Number { given: Some(given) } => {
                write!(f, "{given} is not the number of keys that are replaced or go")
            }
            Self::NeedsTyping => f.write_str("this is confirmed by typing its key"),
        }
    }
}

impl Plan {
    /// Makes a plan whose challenge is the first key that it deletes or, when it deletes none, the key of its first
    /// change. `None` when there is nothing to change.
    #[must_use]
    pub fn for_record(
        changes: Vec<Change>,
        around: &Surroundings,
        cluster: ClusterId,
        at: Revision,
    ) -> Option<Self> {
        // A person who types a key must have read the one that is lost, wherever it stands in the plan.
        let named = changes.iter().find(|change| change.destroys()).or(changes.first());
        let challenge = Challenge::key(named?.key());
        Some(Self::new(challenge, changes, None, around, cluster, at))
    }

    /// Makes a plan whose challenge is `name`'s key with a closing slash: the name and everything below it. `None`
    /// when there is nothing to change.
    #[must_use]
    pub fn for_subtree(
        name: &ScopedKey,
        changes: Vec<Change>,
        fence: Option<Fence>,
        around: &Surroundings,
        cluster: ClusterId,
        at: Revision,
    ) -> Option<Self> {
        let challenge = Challenge::subtree(name);
        (!changes.is_empty()).then(|| Self::new(challenge, changes, fence, around, cluster, at))
    }

    /// Makes a plan of many changes; `challenge` has to be typed for it in any case. `None` when there is nothing to
    /// change.
    #[must_use]
    pub fn for_many(
        challenge: Challenge,
        changes: Vec<Change>,
        grants: Vec<LeaseGrant>,
        around: &Surroundings,
        cluster: ClusterId,
        at: Revision,
    ) -> Option<Self> {
        if changes.is_empty() {
            return None;
        }
        let mut plan = Self::new(challenge, changes, None, around, cluster, at);
        plan.grants = grants;
        plan.typed = true;
        Some(plan)
    }

    /// Adds the purpose that the journal will name.
    #[must_use]
    pub fn made_for(self, purpose: PlanPurpose) -> Self {
        Self { purpose, ..self }
    }

    /// Adds the reason that somebody gives for it.
    #[must_use]
    pub fn because(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }

    /// Puts the plan within this fence.
    #[must_use]
    pub(super) fn fenced(self, fence: Option<Fence>) -> Self {
        let mut plan = Self { fence, ..self };
        plan.transactions = super::steps::steps(&plan).len();
        plan
    }

    /// Adds the leases that are made for it.
    #[must_use]
    pub(super) fn granting(self, grants: Vec<LeaseGrant>) -> Self {
        Self { grants, ..self }
    }

    /// Adds the remaining times of its keys' leases: an undo asks for them.
    #[must_use]
    pub fn with_leases(self, leases: BTreeMap<LeaseId, Duration>) -> Self {
        Self { leases, ..self }
    }

    fn new(
        challenge: Challenge,
        changes: Vec<Change>,
        fence: Option<Fence>,
        around: &Surroundings,
        cluster: ClusterId,
        read_at: Revision,
    ) -> Self {
        let replaced = changes.iter().filter(|change| change.replaces()).count() as u64;
        let mut plan = Self {
            purpose: PlanPurpose::default(),
            reason: None,
            challenge,
            typed: false,
            fence,
            threshold: Threshold::of(replaced, around),
            changes,
            grants: vec![],
            leases: BTreeMap::new(),
            cluster,
            read_at,
            transactions: 0,
        };
        plan.transactions = super::steps::steps(&plan).len();
        plan
    }

    /// Returns its purpose.
    #[must_use]
    pub fn purpose(&self) -> &PlanPurpose {
        &self.purpose
    }

    /// Returns the reason for it, in the words of the person who makes it; may hold anything: show it escaped.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Returns the leases that are made for it.
    #[must_use]
    pub fn grants(&self) -> &[LeaseGrant] {
        &self.grants
    }

    /// Returns the time that leases of the changed keys have still to live, for those that could be asked for.
    #[must_use]
    pub fn leases(&self) -> &BTreeMap<LeaseId, Duration> {
        &self.leases
    }

    /// Returns the changes, in the order in which they will be made.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Counts the keys that change, by the kind of change.
    #[must_use]
    pub fn tally(&self) -> ChangeTally {
        ChangeTally::of(&self.changes)
    }

    /// Returns the number of keys that would be removed.
    #[must_use]
    pub fn deletes(&self) -> usize {
        self.changes.iter().filter(|change| change.destroys()).count()
    }

    /// Returns the number of keys that would lose their content: updated, moved and deleted ones. Beyond a threshold
    /// this number has to be typed.
    #[must_use]
    pub fn replaces(&self) -> usize {
        self.changes.iter().filter(|change| change.replaces()).count()
    }

    /// Tells whether it deletes anything.
    #[must_use]
    pub fn destroys(&self) -> bool {
        self.changes.iter().any(Change::destroys)
    }

    /// Tells whether the challenge has to be typed: a key press agrees only to a few changes that delete nothing.
    #[must_use]
    pub fn asks_for_typing(&self) -> bool {
        self.typed || self.threshold.is_some() || self.destroys()
    }

    /// Returns the exact text to type, or to give with `--confirm`.
    #[must_use]
    pub fn challenge(&self) -> &str {
        self.challenge.as_str()
    }

    /// Returns the reason why the number of keys has to be typed as well, if it has to.
    #[must_use]
    pub fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    /// Returns the range that must hold nothing newer than the records that were shown.
    #[must_use]
    pub fn fence(&self) -> Option<&Fence> {
        self.fence.as_ref()
    }

    /// Returns the number of transactions that it takes, at least 1. With one, all of it happens or nothing.
    #[must_use]
    pub fn transactions(&self) -> usize {
        self.transactions
    }

    /// Returns the cluster that the plan was made for.
    #[must_use]
    pub fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// Returns the revision at which the keys were read.
    #[must_use]
    pub fn read_at(&self) -> Revision {
        self.read_at
    }

    /// Returns the keys that are changed, the targets of moves included.
    pub fn keys(&self) -> impl Iterator<Item = &ScopedKey> {
        self.changes.iter().flat_map(Change::keys)
    }

    /// Compares `typed` and `number` with the plan, and returns the difference, if any. A number is only compared
    /// where one is asked for.
    #[must_use]
    pub fn mismatch(&self, typed: &str, number: Option<u64>) -> Option<Mismatch> {
        let challenge = self.challenge();
        if typed != challenge {
            let same = typed.chars().zip(challenge.chars()).take_while(|(a, b)| a == b).count();
            return Some(Mismatch::Text { at: same });
        }
        self.threshold
            .as_ref()
            .is_some_and(|threshold| number != Some(threshold.number()))
            .then_some(Mismatch::Number { given: number })
    }

    /// Takes the typed text, and the typed number where one is asked for.
    ///
    /// # Errors
    /// Hands the plan back when `typed` is not the challenge, byte for byte, or the number is not exact.
    pub fn confirm(self, typed: &str, number: Option<u64>) -> Result<Confirmed, Box<Unconfirmed>> {
        match self.mismatch(typed, number) {
            None => Ok(Confirmed(self)),
            Some(mismatch) => Err(Box::new(Unconfirmed { plan: self, mismatch })),
        }
    }

    /// Takes one key press as the agreement to a plan that asks for no typing.
    ///
    /// # Errors
    /// Hands the plan back when its challenge has to be typed.
    pub fn agree(self) -> Result<Confirmed, Box<Unconfirmed>> {
        if self.asks_for_typing() {
            Err(Box::new(Unconfirmed { plan: self, mismatch: Mismatch::NeedsTyping }))
        } else {
            Ok(Confirmed(self))
        }
    }
}

impl Confirmed {
    /// Returns the plan that was agreed to.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyValue, Scope};
    use proptest::prelude::*;

    fn deletion(around: &Surroundings) -> Plan {
        let key = Scope::parse("/coredns").unwrap().key(b"/coredns/io/gcr/x1").unwrap();
        let before = KeyValue {
            key,
            value: (*b"{}").into(),
            create_revision: Revision(3),
            mod_revision: Revision(7),
            version: 2,
            lease: None,
        };
        let changes = vec![Change::Delete { before }];
        Plan::for_record(changes, around, ClusterId(1), Revision(9)).unwrap()
    }

    #[test]
    fn a_key_press_never_confirms_a_deletion() {
        assert!(deletion(&Surroundings::default()).agree().is_err());
    }

    #[test]
    fn the_first_difference_is_pointed_at() {
        let unconfirmed = deletion(&Surroundings::default()).confirm("/coredns/io/gcr/x2", None).unwrap_err();
        assert_eq!(unconfirmed.mismatch, Mismatch::Text { at: 17 });
    }

    #[test]
    fn beyond_a_threshold_the_key_alone_is_not_enough() {
        let around = Surroundings {
            scope_keys: 1,
            zones: vec![crate::plan::ZoneKeys { zone: "io".into(), keys: 1, deleted: 1 }],
        };
        let key = "/coredns/io/gcr/x1";
        assert!(deletion(&around).confirm(key, None).is_err());
        assert!(deletion(&around).confirm(key, Some(2)).is_err());
        assert!(deletion(&around).confirm(key, Some(1)).is_ok());
    }

    proptest! {
        #[test]
        fn only_the_exact_key_confirms(
            typed in prop_oneof!["[/a-z0-9 \\n]{0,20}", "/coredns/io/gcr/x1[ /\\n]?", " ?/coredns/io/gcr/x1"],
        ) {
            let agreed = deletion(&Surroundings::default()).confirm(&typed, None).is_ok();
            prop_assert_eq!(agreed, typed == "/coredns/io/gcr/x1");
        }
    }
}
