//! Fixes of several findings together, so that one plan can be made of them.

use super::{Finding, FixStep};
use crate::dns::{KeyContent, RecordSource};
use std::collections::BTreeSet;

/// The fixes of one plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    pub steps: Vec<FixStep>,
    /// Keys of fixes that have to wait, because a fix of this plan touches the same key.
    pub later: Vec<Box<[u8]>>,
    /// The number of findings without a fix.
    pub without: usize,
}

impl Fixes {
    /// Takes the fixes of these findings; where two touch the same key, only the first.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut fixes = Self::default();
        let mut touched: BTreeSet<&[u8]> = BTreeSet::new();
        let mut taken: Vec<&[FixStep]> = Vec::new();
        for finding in findings {
            let steps = finding.fix.as_ref().map_or(&[][..], |fix| &fix.steps);
            let Some(first) = steps.first() else {
                fixes.without += 1;
                continue;
            };
            if steps.iter().flat_map(FixStep::keys).all(|key| !touched.contains(key)) {
                touched.extend(steps.iter().flat_map(FixStep::keys));
                taken.push(steps);
                fixes.steps.extend(steps.iter().cloned());
            } else if !taken.contains(&steps) {
                // Two findings of one record often have the same fix, which is made once.
                fixes.later.extend(first.keys().first().map(|key| Box::from(*key)));
            }
        }
        fixes
    }

    /// Returns the content of each touched key afterwards, as [`Changed`](crate::dns::ChangedSource) takes them.
    #[must_use]
    pub fn contents_after(&self, source: &dyn RecordSource) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
        let mut after = Vec::new();
        for step in &self.steps {
            match step {
                FixStep::Create { key, content } => after.push((key.clone(), Some(content.clone()))),
                FixStep::Update { key, value, .. } => {
                    let lease = source.content(key).and_then(|content| content.lease);
                    after.push((key.clone(), Some(KeyContent { value: value.clone(), lease })));
                }
                FixStep::Move { from, to } => {
                    after.extend([(to.clone(), source.content(from)), (from.clone(), None)]);
                }
                FixStep::Delete { key, .. } => after.push((key.clone(), None)),
            }
        }
        after
    }
}

impl FixStep {
    /// Returns the keys that it touches.
    #[must_use]
    pub fn keys(&self) -> Vec<&[u8]> {
        match self {
            Self::Create { key, .. } | Self::Update { key, .. } | Self::Delete { key, .. } => vec![key],
            Self::Move { from, to } => vec![from, to],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{
            ChangedSource, Name, ReadPart, Serving,
            lint::{Findings, Trap, lint},
        },
        keys::Scope,
    };

    fn known(records: &[(&str, &str)]) -> ReadPart {
        let content = |value: &str| KeyContent { value: value.as_bytes().into(), lease: None };
        ReadPart::everything(records.iter().map(|(key, value)| (key.as_bytes().into(), content(value))))
    }

    fn looked(source: &dyn RecordSource) -> Findings {
        lint(source, &Serving::new(Scope::parse("/coredns").unwrap(), vec![Name::parse("io").unwrap()]))
    }

    /// Returns the findings of the traps that these tests are about: other traps have no fix, or one that invents
    /// names.
    fn of_values_and_places(findings: &Findings) -> Vec<&Finding> {
        findings.list.iter().filter(|finding| matches!(finding.trap, Trap::T3 | Trap::T4)).collect()
    }

    #[test]
    fn the_fixes_of_many_findings_are_one_plan_that_ends_them_all() {
        let source = known(&[
            ("/coredns/io/a/x1", r#"{"host":"10.0.0.1","ttl":"60"}"#),
            ("/coredns/io/b/x1", r#"{"host":"10.0.0.2","port":"80"}"#),
            ("/coredns/io/c", r#"{"host":"10.0.0.3"}"#),
            ("/coredns/io/c/x1", r#"{"host":"10.0.0.4"}"#),
        ]);
        let before = looked(&source);
        let found = of_values_and_places(&before);
        assert_eq!(found.len(), 3, "{found:?}");
        let fixes = Fixes::of(found);
        assert!(fixes.later.is_empty() && fixes.without == 0, "{fixes:?}");
        let after = looked(&ChangedSource::new(&source, fixes.contents_after(&source)));
        assert_eq!(of_values_and_places(&after), Vec::<&Finding>::new());
    }

    #[test]
    fn of_two_fixes_of_one_key_the_first_is_made_and_the_same_one_twice_is_made_once() {
        let step = |key: &str, value: &str| FixStep::Update {
            key: key.as_bytes().into(),
            before: (*b"{}").into(),
            value: value.as_bytes().into(),
        };
        let finding = |steps: Vec<FixStep>| Finding {
            trap: Trap::T3,
            severity: Trap::T3.severity(),
            key: (*b"/coredns/io").into(),
            names: vec![],
            message: String::new(),
            advice: vec![],
            fix: (!steps.is_empty()).then(|| crate::dns::lint::Fix { what: String::new(), steps }),
        };
        let findings = [
            finding(vec![step("/coredns/io/a", "1")]),
            finding(vec![step("/coredns/io/b", "2"), step("/coredns/io/a", "2")]),
            finding(vec![step("/coredns/io/a", "1")]),
            finding(vec![]),
        ];
        let fixes = Fixes::of(&findings);
        assert_eq!(fixes.steps, [step("/coredns/io/a", "1")]);
        assert_eq!(fixes.later, [Box::from(&b"/coredns/io/b"[..])]);
        assert_eq!(fixes.without, 1);
    }
}
