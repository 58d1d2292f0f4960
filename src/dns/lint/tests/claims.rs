//! Claims of lint compared with the engine: an answer that a finding calls broken is broken, and a record without a
//! finding is served.

use super::{properties::*, *};
use crate::dns::{Answer, AnswerOutcome, QueryType, QueryType as Q, Question, answer};
use proptest::prelude::*;

const ZONES: [&[&str]; 4] =
    [&["example.org"], &["."], &["org", "example.org", "foo"], &["example.org", "192.in-addr.arpa"]];

/// Types for which `CoreDNS` reads below a name.
const BELOW: [QueryType; 5] = [Q::A, Q::AAAA, Q::TXT, Q::SRV, Q::MX];

struct Judge<'j> {
    source: &'j dyn RecordSource,
    serving: &'j Serving,
}

impl Judge<'_> {
    fn ask(&self, name: &Name, kind: QueryType) -> Answer {
        answer(self.source, self.serving, &Question::of(name, kind))
    }

    /// Tells whether a record comes with an answer.
    fn serves(&self, name: &Name, kinds: &[QueryType], key: &[u8], of: impl Fn(QueryType) -> bool) -> bool {
        kinds.iter().any(|kind| {
            let answer = self.ask(name, *kind);
            answer.answer.iter().any(|rr| rr.key.as_deref() == Some(key) && of(rr.kind))
        })
    }

    /// Returns the reason why a finding is not true, if it is not.
    fn refuted(&self, finding: &Finding) -> Option<String> {
        let Finding { trap, severity, key, names, .. } = finding;
        let first = names.iter().find(|name| name.is_served());
        let fails = |name: &Name, kind: QueryType, wanted: AnswerOutcome| {
            let outcome = self.ask(name, kind).outcome;
            (outcome != wanted).then(|| format!("{name} {kind} is {outcome:?}, and not {wanted:?}"))
        };
        match (trap, severity) {
            (Trap::T1 | Trap::T2 | Trap::T3, _) => names
                .iter()
                .filter(|name| name.is_served())
                .find_map(|name| fails(name, Q::TXT, AnswerOutcome::ServFail)),
            (Trap::T4, _) => {
                let name = first?;
                self.serves(name, &BELOW, key, |_| true).then(|| format!("{name} answers with {key:?}"))
            }
            (Trap::T5, _) => {
                let name = first?;
                let own = |key: &[u8]| {
                    let name_key = name.key(&self.serving.scope).unwrap();
                    key.strip_prefix(name_key.as_bytes())
                        .is_some_and(|rest| !rest.get(1..).unwrap_or_default().contains(&b'/'))
                };
                let others =
                    BELOW.iter().flat_map(|kind| self.ask(name, *kind).answer).filter_map(|rr| rr.key);
                // A name whose questions fail or are asked elsewhere says nothing of its leaks.
                let is_sound = BELOW.iter().all(|kind| {
                    let answer = self.ask(name, *kind);
                    answer.outcome == AnswerOutcome::NoError && answer.asks.is_empty()
                });
                let only_own = others.into_iter().all(|key| {
                    own(&key)
                        && key
                            .rsplit(|b| *b == b'/')
                            .next()
                            .is_some_and(super::super::node::looks_like_a_leaf)
                });
                (is_sound && only_own && !self.ask(name, Q::SRV).answer.is_empty())
                    .then(|| format!("{name} answers with its own alone"))
            }
            (Trap::T7, _) => names
                .first()
                .filter(|name| name.is_served())
                .and_then(|name| fails(name, Q::NS, AnswerOutcome::NxDomain)),
            (Trap::T8, _) => {
                let answer = self.ask(first?, Q::NS);
                let is_told = matches!(answer.outcome, AnswerOutcome::ServFail);
                (!is_told).then(|| format!("NS is {:?}", answer.outcome))
            }
            (Trap::T10 | Trap::T56, Severity::Error) => {
                let name = first?;
                let answer = self.ask(name, Q::PTR);
                let ptr = answer.answer.iter().any(|rr| rr.kind == Q::PTR);
                ptr.then(|| format!("{name} has a PTR"))
            }
            (Trap::T11, _) => {
                let name = first?;
                self.serves(name, &[Q::A, Q::AAAA, Q::SRV, Q::MX], key, |_| true)
                    .then(|| format!("{name} answers with its host"))
            }
            (Trap::T12, _) => {
                let name = first?;
                self.serves(name, &[Q::TXT], key, |kind| kind == Q::TXT)
                    .then(|| format!("{name} gives its text"))
            }
            (Trap::T15 | Trap::T55, _) => {
                let name = first?;
                self.serves(name, &[Q::A, Q::AAAA], key, |kind| kind != Q::CNAME)
                    .then(|| format!("{name} has an address of it"))
            }
            (Trap::T6, _) => {
                let name = first?;
                let all = [Q::A, Q::AAAA].map(|kind| self.ask(name, kind));
                let given: std::collections::BTreeSet<Box<str>> = all
                    .iter()
                    .flat_map(|answer| {
                        answer.answer.iter().filter(|rr| rr.kind != Q::CNAME).map(|rr| rr.data.clone())
                    })
                    .collect();
                let said = finding.message.contains(
                    &crate::quantity::counted(given.len(), "address").replace("addresss", "addresses"),
                ) || finding.message.contains("NXDOMAIN")
                    || finding.message.contains(&format!("{} addresses", given.len()));
                (!said).then(|| format!("{name} gives {given:?}"))
            }
            _ => None,
        }
    }
}

proptest! {
    #[test]
    fn what_is_said_to_fail_fails(records in any_records(), zones in prop::sample::select(ZONES.to_vec())) {
        let (source, serving) = (known(&records), serving(zones));
        let judge = Judge { source: &source, serving: &serving };
        for finding in look(&source, &serving, &Circumstances::default()).list {
            let refuted = judge.refuted(&finding);
            prop_assert!(refuted.is_none(), "{}: {} {:?} {records:#?}", refuted.unwrap_or_default(), finding.message, finding.trap);
        }
    }

    #[test]
    fn a_record_of_which_nothing_is_said_is_served(
        records in any_records(),
        zones in prop::sample::select(ZONES.to_vec()),
    ) {
        let (source, serving) = (known(&records), serving(zones));
        let findings = look(&source, &serving, &Circumstances::default());
        let judge = Judge { source: &source, serving: &serving };
        for (key, value) in &records {
            let (Ok(service), Ok(scoped)) = (crate::dns::Service::decode(value), serving.scope.key(key)) else { continue };
            let is_stored = source.content(key).is_some_and(|content| *content.value == **value);
            let name = Name::of_key(&serving.scope, &scoped);
            let kind = match service.class() {
                crate::dns::Class::V4(_) => Q::A,
                crate::dns::Class::V6(_) => Q::AAAA,
                crate::dns::Class::Text => Q::TXT,
                crate::dns::Class::Alias | crate::dns::Class::Nothing => continue,
            };
            // A finding at its own name, at a name above it, or at the zone that reads it concerns the record as well.
            let mut concerned = findings.list.iter().filter(|finding| {
                finding.severity > Severity::Info
                    && (key.starts_with(&finding.key) || finding.names.contains(&name) || finding.key.starts_with(key))
            });
            // Clients ask by the zone's name for records in the places that CoreDNS reads for a zone.
            if !is_stored || concerned.next().is_some() || name.is_special(b"apex") || name.is_special(b"ns") {
                continue;
            }
            // CoreDNS looks for a zone's own address elsewhere first.
            if serving.zones.contains(&name) {
                continue;
            }
            let answer = judge.ask(&name, kind);
            let served = answer.answer.iter().any(|rr| rr.kind == kind);
            prop_assert!(served, "{name} {kind} is not served: {answer:#?} {:#?} {records:#?}", findings.list);
        }
    }

    #[test]
    fn a_fix_breaks_nothing_that_was_whole(records in any_records()) {
        let (source, serving) = (known(&records), serving(&["example.org", "example"]));
        let findings = look(&source, &serving, &Circumstances::default());
        let broken = |outcome: AnswerOutcome| matches!(outcome, AnswerOutcome::ServFail | AnswerOutcome::Silence | AnswerOutcome::Endless);
        for finding in &findings.list {
            let Some(fix) = &finding.fix else { continue };
            // A target made of such a key cannot be sent, and the key has a finding for that.
            if findings.of(&finding.key).any(|other| other.trap == Trap::T17) {
                continue;
            }
            let after = ChangedSource::new(&source, fix.changes(&source));
            let (before, after) =
                (Judge { source: &source, serving: &serving }, Judge { source: &after, serving: &serving });
            for (key, _) in &records {
                let Ok(scoped) = serving.scope.key(key) else { continue };
                let names = std::iter::successors(Some(Name::of_key(&serving.scope, &scoped)), Name::parent);
                for name in names.filter(Name::is_served) {
                    for kind in BELOW {
                        let (was, is) = (before.ask(&name, kind), after.ask(&name, kind));
                        prop_assert!(
                            broken(was.outcome) || !broken(is.outcome),
                            "{} breaks {name} {kind}: {} {records:#?}", finding.trap, fix.what
                        );
                    }
                }
            }
        }
    }
}
