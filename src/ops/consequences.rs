//! Consequences of a plan, for the person who has to agree to it. Pure: works on the records that were read, and
//! names those that are missing.
use super::effects::{content, contents_after, contents_before};
use crate::{
    dns::{
        AnswerLoss, ChangedSource, Effort, Impact, LeaseLeft, Mentions, ReadPart, RecordSource, Serving,
        external_dns::{Certainty, ExternalDnsClaim, managed},
        impact,
        lint::{Finding, lint_change},
        loss,
    },
    keys::{KeyValue, Scope, ScopedKey},
    plan::{Change, Intent, Plan},
};

/// Effects of a plan on answers and records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// The answers that change.
    pub impact: Impact,
    /// The changed keys that external-dns manages, and will set back.
    pub managed: Vec<(ScopedKey, ExternalDnsClaim)>,
    /// Findings that the change would add, the worst first.
    pub findings: Vec<Finding>,
    /// Answers that the names lose with their deleted records; none for a whole subtree.
    pub losses: Vec<(ScopedKey, AnswerLoss)>,
}

impl Consequences {
    /// Works out the consequences of an intent's plan; `before` holds the records that were read for it, or asks
    /// for more.
    #[must_use]
    pub fn of(
        before: &dyn RecordSource,
        mentions: &dyn Mentions,
        serving: &Serving,
        (intent, plan): (&Intent, &Plan),
        effort: &Effort,
    ) -> Self {
        let after = ChangedSource::new(before, contents_after(plan));
        let keys: Vec<&[u8]> = plan.keys().map(ScopedKey::as_bytes).collect();
        let lost = |record: &KeyValue| {
            let lost = loss(before, &after, serving, record.key.as_bytes(), effort)?;
            Some((record.key.clone(), lost))
        };
        let is_subtree = matches!(intent.main(), Intent::DeleteSubtree { .. }) && plan.deletes() > 1;
        // As many as the answers are compared for, which says how many were left out: each is a read of its own.
        let looked_at = || plan.changes().iter().take(effort.changes);
        let losses = looked_at().filter(|_| !is_subtree).filter_map(|change| match change {
            Change::Delete { before } => lost(before),
            Change::Create { .. } | Change::Update { .. } | Change::Move { .. } => None,
        });
        Self {
            losses: losses.collect(),
            findings: findings(before, &after, serving, plan),
            managed: looked_at().filter_map(|change| undone(before, serving, change)).collect(),
            impact: impact(before, &after, serving, &keys, mentions, effort),
        }
    }
}

/// Most changed keys that are checked for findings: each check reads the records around the key.
const LOOKED_AT: usize = 32;

/// Findings that a plan would add, as far as its first keys tell.
fn findings(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    plan: &Plan,
) -> Vec<Finding> {
    let keys = plan.changes().iter().filter_map(|change| match change {
        Change::Create { key, .. } => Some(key),
        Change::Update { before, .. } => Some(&before.key),
        Change::Move { to, .. } => Some(to),
        Change::Delete { .. } => None,
    });
    let mut findings: Vec<Finding> = vec![];
    for finding in keys.take(LOOKED_AT).flat_map(|key| lint_change(before, after, serving, key.as_bytes())) {
        if !findings.iter().any(|known| known.trap == finding.trap && known.key == finding.key) {
            findings.push(finding);
        }
    }
    findings.sort_by_key(Finding::gravity);
    findings
}

/// Returns the record's state in external-dns, if external-dns manages it.
fn undone(
    before: &dyn RecordSource,
    serving: &Serving,
    change: &Change,
) -> Option<(ScopedKey, ExternalDnsClaim)> {
    let key = change.key();
    let value = match change {
        Change::Create { value, .. } => value,
        Change::Update { before, .. } | Change::Delete { before } | Change::Move { before, .. } => {
            &before.value
        }
    };
    let found = managed(before, &serving.scope, key.as_bytes(), value)?;
    // A new record belongs to nobody yet, unless a text names the owner of its name.
    let is_guess = change.before().is_none() && found.certainty == Certainty::Likely;
    (!is_guess).then(|| (key.clone(), found))
}

/// Returns the facts that were read for a plan: its keys, and all of a subtree that goes as a whole.
#[must_use]
pub fn known_from(intent: &Intent, plan: &Plan, scope: &Scope) -> ReadPart {
    let mut known = ReadPart::default();
    // A lease that is not made yet cannot be asked for.
    for grant in plan.grants() {
        known.learn_lease(
            grant.lease,
            LeaseLeft::Seconds(i64::try_from(grant.ttl.as_secs()).unwrap_or(i64::MAX)),
        );
    }
    for (key, content) in contents_before(plan) {
        known.learn_key(&key, content);
    }
    if let Intent::DeleteSubtree { name } = intent.main() {
        let below = scope.below_key(name);
        let records = plan.changes().iter().filter_map(Change::before);
        let records = records.filter(|record| below.contains(record.key.as_bytes()));
        known.learn_below(
            below.start(),
            records.map(|record| (record.key.as_bytes().into(), content(record))),
        );
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{KeyContent, Name},
        keys::Revision,
        plan::{Gathered, KeyEdit},
    };

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn key(tail: &str) -> ScopedKey {
        scope().key(format!("/coredns/{tail}").as_bytes()).unwrap()
    }

    fn record(tail: &str, value: &str) -> KeyValue {
        KeyValue {
            key: key(tail),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(2),
            version: 1,
            lease: None,
        }
    }

    fn planned(intent: &Intent, found: Vec<KeyValue>) -> Plan {
        intent.clone().plan(Gathered { found, ..Gathered::default() }, &scope()).unwrap()
    }

    #[test]
    fn what_was_read_for_the_plan_is_not_read_again() {
        let all = [record("io/gcr/x1", "1"), record("io/gcr/x2", "2")];
        let intent = Intent::DeleteSubtree { name: key("io/gcr") };
        let mut known = known_from(&intent, &planned(&intent, all.to_vec()), &scope());
        assert_eq!(known.count_below(b"/coredns/io/gcr/"), 2);
        assert!(known.has(b"/coredns/io/gcr/x1") && !known.has(b"/coredns/io/gcr/x3"));
        assert!(known.missing().is_empty());
        // A record alone does not tell which records are beside it.
        let intent = Intent::Delete { key: key("io/gcr/x1") };
        let mut known = known_from(&intent, &planned(&intent, all[..1].to_vec()), &scope());
        assert!(known.has(b"/coredns/io/gcr/x1"));
        assert!(known.missing().is_empty());
        assert!(!known.has(b"/coredns/io/gcr/x2"));
        assert!(!known.missing().is_empty());
    }

    #[test]
    fn a_new_record_is_external_dnss_only_where_a_text_says_so() {
        let mark = r#"{"text":"\"heritage=external-dns,external-dns/owner=prod\"","targetstrip":1}"#;
        let value: Box<[u8]> = br#"{"host":"192.0.2.1","targetstrip":1}"#[..].into();
        let wishes = vec![KeyEdit::Create { key: key("io/gcr/048b0377"), value, lease: None }];
        let intent = Intent::Several { wishes };
        let plan = planned(&intent, vec![]);
        let serving = Serving::new(scope(), vec![Name::parse("io").unwrap()]);
        let managed = |known: ReadPart| {
            Consequences::of(&known, &known, &serving, (&intent, &plan), &Effort::default()).managed
        };
        assert_eq!(managed(ReadPart::everything([])), []);
        let mark = KeyContent { value: mark.as_bytes().into(), lease: None };
        let beside = Box::from(&b"/coredns/io/a-gcr/1f0c33de"[..]);
        let found = managed(ReadPart::everything([(beside, mark)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.owner.as_deref(), Some("prod"));
    }
}
