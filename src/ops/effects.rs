//! Translation between the rules of DNS and a plan: the two layers do not know each other.
use crate::{
    dns::{KeyContent, lint::FixStep},
    keys::{KeyValue, OutsideScopeError, Scope},
    plan::{Change, KeyEdit, Plan},
};

/// Returns the content of each key that a plan touches, as it was when the plan was made.
#[must_use]
pub fn contents_before(plan: &Plan) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
    let mut before = Vec::with_capacity(plan.changes().len());
    for change in plan.changes() {
        before.push((change.key().as_bytes().into(), change.before().map(content)));
        if let Change::Move { to, .. } = change {
            before.push((to.as_bytes().into(), None));
        }
    }
    before
}

pub(super) fn content(record: &KeyValue) -> KeyContent {
    KeyContent { value: record.value.clone(), lease: record.lease }
}

/// Returns the content of each key that a plan touches, once it is carried out: input of
/// [`Changed`](crate::dns::ChangedSource), to answer as `CoreDNS` will.
#[must_use]
pub fn contents_after(plan: &Plan) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
    let mut after = Vec::with_capacity(plan.changes().len());
    for change in plan.changes() {
        let left = Box::from(change.key().as_bytes());
        match change {
            Change::Create { value, lease, .. } => {
                after.push((left, Some(KeyContent { value: value.clone(), lease: *lease })));
            }
            Change::Update { before, value } => {
                after.push((left, Some(KeyContent { value: value.clone(), lease: before.lease })));
            }
            Change::Delete { .. } => after.push((left, None)),
            Change::Move { before, to } => {
                after.extend([(left, None), (to.as_bytes().into(), Some(content(before)))]);
            }
        }
    }
    after
}

/// Turns the steps of a fix, or of the companions of a change, into wishes of a plan.
///
/// # Errors
/// [`OutsideScopeError`] for a key that is not of this scope.
pub fn wishes(scope: &Scope, steps: &[FixStep]) -> Result<Vec<KeyEdit>, OutsideScopeError> {
    let wish = |step: &FixStep| {
        Ok(match step {
            FixStep::Create { key, content } => {
                KeyEdit::Create { key: scope.key(key)?, value: content.value.clone(), lease: content.lease }
            }
            FixStep::Update { key, before, value } => {
                KeyEdit::Update { key: scope.key(key)?, before: before.clone(), value: value.clone() }
            }
            FixStep::Move { from, to } => KeyEdit::Move { from: scope.key(from)?, to: scope.key(to)? },
            FixStep::Delete { key, before } => {
                KeyEdit::Delete { key: scope.key(key)?, before: before.clone() }
            }
        })
    };
    steps.iter().map(wish).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{LeaseId, Revision},
        plan::{Gathered, Intent},
    };

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn record(key: &str, value: &str) -> KeyValue {
        KeyValue {
            key: scope().key(key.as_bytes()).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(2),
            version: 1,
            lease: LeaseId::new(7),
        }
    }

    fn bytes(text: &str) -> Box<[u8]> {
        text.as_bytes().into()
    }

    #[test]
    fn the_steps_of_a_fix_become_a_plan_with_what_stood_and_will_stand_at_its_keys() {
        let content = KeyContent { value: bytes("new"), lease: LeaseId::new(9) };
        let steps = [
            FixStep::Create { key: bytes("/coredns/a"), content: content.clone() },
            FixStep::Update { key: bytes("/coredns/b"), before: bytes("1"), value: bytes("2") },
            FixStep::Move { from: bytes("/coredns/c"), to: bytes("/coredns/c/x1") },
            FixStep::Delete { key: bytes("/coredns/d"), before: bytes("4") },
        ];
        let intent = Intent::Several { wishes: wishes(&scope(), &steps).unwrap() };
        let found = vec![record("/coredns/b", "1"), record("/coredns/c", "3"), record("/coredns/d", "4")];
        let plan = intent.plan(Gathered { found, ..Gathered::default() }, &scope()).unwrap();
        let stood = |value: &str| Some(KeyContent { value: bytes(value), lease: LeaseId::new(7) });
        let before = vec![
            (bytes("/coredns/a"), None),
            (bytes("/coredns/b"), stood("1")),
            (bytes("/coredns/c"), stood("3")),
            (bytes("/coredns/c/x1"), None),
            (bytes("/coredns/d"), stood("4")),
        ];
        assert_eq!(contents_before(&plan), before);
        let expected = vec![
            (bytes("/coredns/a"), Some(content)),
            (bytes("/coredns/b"), stood("2")),
            (bytes("/coredns/c"), None),
            (bytes("/coredns/c/x1"), stood("3")),
            (bytes("/coredns/d"), None),
        ];
        assert_eq!(contents_after(&plan), expected);
    }

    #[test]
    fn a_fix_of_somebody_elses_key_is_no_wish() {
        let steps = [FixStep::Delete { key: bytes("/registry/pods/x"), before: bytes("") }];
        assert!(wishes(&scope(), &steps).is_err());
    }
}
