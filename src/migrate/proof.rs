//! Proof that two scopes give the same answers: asks the engine about every name of both.
use crate::{
    dns::{Answer, Name, QueryType, RecordSource, Rr, Serving, answers},
    keys::{KeyValue, Scope},
};
use std::collections::HashSet;

/// Most disagreements that are told in full; the rest are counted.
const MOST_TOLD: usize = 100;

/// Result of asking both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Names that were asked for.
    pub names: usize,
    /// Number of questions: each name has one for each type that records can answer.
    pub questions: usize,
    /// Questions whose answers are the same except for their TTL, as those of records with a lease are.
    pub other_ttl: usize,
    /// Questions with two answers.
    pub differing: usize,
    /// The first of those.
    pub told: Vec<Disagreement>,
}

/// One question with two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    pub old: Answer,
    pub new: Answer,
}

impl Proof {
    /// Tells whether every answer is the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differing == 0
    }
}

/// Asks both scopes about name after name, so that its caller can report the progress.
#[derive(Debug)]
pub struct Prover {
    names: Vec<Name>,
    asked: usize,
    proof: Proof,
}

impl Prover {
    /// Prepares questions about every name of these records and those above them, and every zone. `from` and `to`
    /// are the scopes of the records.
    #[must_use]
    pub fn new<'r>(
        old: impl IntoIterator<Item = &'r KeyValue>,
        new: impl IntoIterator<Item = &'r KeyValue>,
        (from, to): (&Scope, &Scope),
        zones: &[Name],
    ) -> Self {
        let mut seen: HashSet<Name> = zones.iter().cloned().collect();
        let names = old.into_iter().map(|record| Name::of_key(from, &record.key));
        for name in names.chain(new.into_iter().map(|record| Name::of_key(to, &record.key))) {
            let mut above = Some(name);
            // A name that was met before has brought all above it.
            while let Some(name) = above.filter(|name| !seen.contains(name)) {
                above = name.parent();
                seen.insert(name);
            }
        }
        // The root has no key; nobody is asked about it unless it is a zone.
        let mut names: Vec<Name> =
            seen.into_iter().filter(|name| !name.is_root() || zones.contains(name)).collect();
        names.sort_by_cached_key(ToString::to_string);
        Self { names, asked: 0, proof: Proof::default() }
    }

    /// Keeps only those of the names that lie at or below this one.
    #[must_use]
    pub fn within(mut self, name: &Name) -> Self {
        self.names.retain(|asked| asked.is_within(name));
        self
    }

    /// Returns the number of names.
    #[must_use]
    pub fn total(&self) -> usize {
        self.names.len()
    }

    /// Asks about this number of further names; false when there are none left.
    pub fn ask(
        &mut self,
        many: usize,
        old: (&dyn RecordSource, &Serving),
        new: (&dyn RecordSource, &Serving),
    ) -> bool {
        let until = self.asked.saturating_add(many).min(self.names.len());
        for name in self.names.get(self.asked..until).unwrap_or_default() {
            self.proof.names += 1;
            let pairs = answers(old.0, old.1, name).into_iter().zip(answers(new.0, new.1, name));
            for (old, new) in pairs {
                self.proof.take(old, new);
            }
        }
        self.asked = until;
        self.asked < self.names.len()
    }

    /// Returns the number of names that were asked about.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Returns the result.
    #[must_use]
    pub fn proof(self) -> Proof {
        self.proof
    }
}

impl Proof {
    fn take(&mut self, old: Answer, new: Answer) {
        self.questions += 1;
        match compare(&old, &new) {
            Alike::Same => {}
            Alike::OtherTtl => self.other_ttl += 1,
            Alike::Differing => {
                self.differing += 1;
                if self.told.len() < MOST_TOLD {
                    self.told.push(Disagreement { old, new });
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alike {
    Same,
    OtherTtl,
    Differing,
}

/// Compares the answers that a client sees, in their order; a client does not see the key behind an answer.
fn compare(old: &Answer, new: &Answer) -> Alike {
    if old.outcome != new.outcome || old.asks != new.asks {
        return Alike::Differing;
    }
    let sections = |answer: &Answer| [answer.answer.len(), answer.authority.len(), answer.additional.len()];
    if sections(old) != sections(new) {
        return Alike::Differing;
    }
    let all = |answer: &Answer| -> Vec<Rr> {
        [&answer.answer, &answer.authority, &answer.additional].into_iter().flatten().cloned().collect()
    };
    all(old).iter().zip(&all(new)).map(|(old, new)| alike(old, new)).max().unwrap_or(Alike::Same)
}

fn alike(old: &Rr, new: &Rr) -> Alike {
    // The serial of a SOA is a clock's, and its minimum follows the smallest TTL.
    let is_soa = old.kind == QueryType::SOA;
    if (&old.owner, old.kind) != (&new.owner, new.kind) || (old.data != new.data && !is_soa) {
        Alike::Differing
    } else if old.ttl == new.ttl && old.data == new.data {
        Alike::Same
    } else {
        Alike::OtherTtl
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{KeyContent, ReadPart},
        keys::Revision,
    };

    fn scope(path: &str) -> Scope {
        Scope::parse(path).unwrap()
    }

    fn records(scope: &Scope, list: &[(&str, &str)]) -> Vec<KeyValue> {
        let record = |(tail, value): &(&str, &str)| KeyValue {
            key: scope.key(format!("{}{tail}", scope.as_str()).as_bytes()).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        list.iter().map(record).collect()
    }

    fn known(records: &[KeyValue]) -> ReadPart {
        let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: None };
        ReadPart::everything(records.iter().map(|record| (record.key.as_bytes().into(), content(record))))
    }

    fn prove(old: &[(&str, &str)], new: &[(&str, &str)]) -> Proof {
        let (from, to) = (scope("/coredns"), scope("/skydns"));
        let zones = vec![Name::parse("io").unwrap()];
        let (old, new) = (records(&from, old), records(&to, new));
        let mut prover = Prover::new(&old, &new, (&from, &to), &zones);
        let serving = |scope: &Scope| Serving::new(scope.clone(), zones.clone());
        let (of_old, of_new) = (serving(&from), serving(&to));
        while prover.ask(1, (&known(&old), &of_old), (&known(&new), &of_new)) {}
        prover.proof()
    }

    const A: (&str, &str) = ("io/gcr/x1", r#"{"host":"10.0.0.1"}"#);

    #[test]
    fn a_copy_gives_the_same_answers_whatever_its_path_is() {
        let list =
            [A, ("io/gcr/x2", r#"{"host":"web.gcr.io","port":80}"#), ("io/broken", "{"), ("net/a", "{}")];
        let proof = prove(&list, &list);
        assert!(proof.agrees(), "{proof:#?}");
        assert_eq!(proof.other_ttl, 0);
        // io, gcr, x1, x2, broken, net, a.
        assert_eq!(proof.names, 7);
        assert_eq!(proof.questions, 7 * QueryType::ANSWERED.len());
    }

    #[test]
    fn only_the_names_of_a_part_are_asked_about_where_that_is_meant() {
        let (from, to) = (scope("/coredns"), scope("/skydns"));
        let old = records(&from, &[A, ("net/a", "{}")]);
        let zones = vec![Name::parse("io").unwrap()];
        let asked = |name: &str| {
            let prover = Prover::new(&old, &[], (&from, &to), &zones);
            prover.within(&Name::parse(name).unwrap()).total()
        };
        // x1.gcr.io, gcr.io, io.
        assert_eq!([asked("io"), asked("gcr.io"), asked("net"), asked("org")], [3, 2, 2, 0]);
    }

    #[test]
    fn every_way_to_be_different_is_seen() {
        for other in [
            &[][..],
            &[("io/gcr/x1", r#"{"host":"10.0.0.2"}"#)],
            &[A, ("io/gcr/x2", r#"{"host":"10.0.0.2"}"#)],
            &[A, ("io/gcr/x2", "{")],
            &[("io/gcr", r#"{"host":"10.0.0.1","port":80}"#)],
        ] {
            let (there, back) = (prove(&[A], other), prove(other, &[A]));
            assert!(!there.agrees() && !back.agrees(), "{other:?}");
            assert_eq!(there.told.len(), there.differing.min(MOST_TOLD));
        }
    }

    #[test]
    fn another_ttl_is_told_apart_from_another_answer() {
        let proof = prove(&[A], &[("io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#)]);
        assert!(proof.agrees());
        assert!(proof.other_ttl > 0);
    }
}
