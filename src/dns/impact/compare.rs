//! Comparison of the answers before and after a change.

use super::{
    Effort, Impact, Mentions, Shift, Weight,
    candidates::{Candidate, of_keys},
};
use crate::dns::{
    Answer, AnswerOutcome, Class, Name, QueryType, Question, RecordSource, Rr, Service, Serving, answer,
    answers,
};
use std::{
    collections::{BTreeSet, HashSet},
    ops::ControlFlow,
};

/// Distance of an alias, greater than that of any name above a record: a name has at most 127 labels.
const ALIAS: usize = 128;

pub(super) struct AnswerComparison<'a> {
    before: &'a dyn RecordSource,
    after: &'a dyn RecordSource,
    serving: &'a Serving,
    effort: Effort,
    compared: HashSet<Name>,
    found: Vec<(usize, Shift)>,
    impact: Impact,
}

impl<'a> AnswerComparison<'a> {
    pub(super) fn new(
        before: &'a dyn RecordSource,
        after: &'a dyn RecordSource,
        serving: &'a Serving,
        effort: &Effort,
    ) -> Self {
        let (compared, found, impact) = (HashSet::new(), vec![], Impact::default());
        Self { before, after, serving, effort: *effort, compared, found, impact }
    }

    pub(super) fn run(mut self, keys: &[&[u8]], mentions: &dyn Mentions) -> Impact {
        let (keys, rest) = keys.split_at(keys.len().min(self.effort.changes));
        self.impact.left_out += rest.len();
        let mut away = 0;
        let mut changed = self.compare(of_keys(self.before, self.after, self.serving, keys, away));
        // Each round follows aliases one step. A name is compared only once, so the rounds end.
        while !changed.is_empty() {
            away += ALIAS;
            let aliases = self.aliases_of(&changed, mentions);
            let keys: Vec<&[u8]> = aliases.iter().map(AsRef::as_ref).collect();
            changed = self.compare(of_keys(self.before, self.after, self.serving, &keys, away));
        }
        let mut found = self.found;
        found.sort_by(|(near, a), (other, b)| {
            let order = |near: usize, shift: &Shift| {
                (shift.by_product, std::cmp::Reverse(shift.weight), near, shift.name().labels().len())
            };
            order(*near, a)
                .cmp(&order(*other, b))
                .then_with(|| a.name().to_string().cmp(&b.name().to_string()))
        });
        self.impact.shifts = found.into_iter().map(|(_, shift)| shift).collect();
        self.impact
    }

    /// Compares the names that were not compared yet, and returns those that changed and that somebody asks for.
    fn compare(&mut self, candidates: Vec<Candidate>) -> Vec<Name> {
        let new = candidates.into_iter().filter(|candidate| !self.compared.contains(&candidate.name));
        // The names above are few, so half of the room is kept for them. Of the names of many changed keys, a part must
        // do.
        let (mut own, mut above): (Vec<_>, Vec<_>) = new.partition(|candidate| candidate.near % ALIAS == 0);
        let room = self.effort.names.saturating_sub(self.compared.len());
        let many = own.len() + above.len();
        above.truncate((room / 2).max(room.saturating_sub(own.len())));
        own.truncate(room - above.len());
        self.impact.left_out += many - own.len() - above.len();
        let mut changed = Vec::new();
        for candidate in own.into_iter().chain(above) {
            self.compared.insert(candidate.name.clone());
            if self.compare_name(&candidate) && !candidate.unasked {
                changed.push(candidate.name);
            }
        }
        changed
    }

    fn compare_name(&mut self, candidate: &Candidate) -> bool {
        let name = &candidate.name;
        let is_zone = self.serving.zones.contains(name);
        // The generated SOA never changes, and only a zone has name servers.
        let compared = |kind: QueryType| kind != QueryType::SOA && (is_zone || kind != QueryType::NS);
        let pairs: Vec<_> = match self.cheap(name, is_zone) {
            None => answers(self.before, self.serving, name)
                .into_iter()
                .zip(answers(self.after, self.serving, name))
                .filter(|(before, _)| compared(before.question.kind))
                .collect(),
            Some(kinds) => {
                let one = |source, kind| answer(source, self.serving, &Question::of(name, kind));
                let kinds = kinds.iter().copied().filter(|kind| compared(*kind));
                kinds.map(|kind| (one(self.before, kind), one(self.after, kind))).collect()
            }
        };
        let mut changed = false;
        for (before, after) in pairs {
            if let Some(shift) = shift(before, after, candidate.unasked) {
                changed |=
                    has_records(&shift.before) || has_records(&shift.after) || shift.weight == Weight::Broken;
                self.found.push((candidate.near, shift));
            }
        }
        changed
    }

    /// Returns the types that can be compared without reading all keys below the name; `None` where these can be read.
    fn cheap(&mut self, name: &Name, is_zone: bool) -> Option<&'static [QueryType]> {
        let Ok(key) = name.key(&self.serving.scope) else { return Some(&[]) };
        let below = |tail: &str| {
            let prefix = [key.as_bytes(), tail.as_bytes()].concat();
            [self.before, self.after].map(|source| source.count_below(&prefix))
        };
        let many = below("/").into_iter().max().unwrap_or_default();
        if let Some(left) = self.effort.keys.checked_sub(many) {
            self.effort.keys = left;
            return None;
        }
        self.impact.skipped.push((name.clone(), many));
        // A zone's addresses are read from dns/apex alone, if it has any records.
        let has_apex =
            is_zone && below("/dns/apex/").iter().all(|keys| (1..=self.effort.keys).contains(keys));
        Some(if has_apex {
            &[QueryType::A, QueryType::AAAA, QueryType::CNAME, QueryType::PTR, QueryType::NS]
        } else {
            &[QueryType::CNAME, QueryType::PTR, QueryType::NS]
        })
    }

    /// Returns the keys of records that point to one of these names.
    fn aliases_of(&mut self, names: &[Name], mentions: &dyn Mentions) -> Vec<Box<[u8]>> {
        self.impact.aliases_left_out |= !mentions.is_complete();
        let mut keys = BTreeSet::new();
        for name in names {
            let Some(left) = self.effort.searches.checked_sub(1) else {
                self.impact.aliases_left_out = true;
                break;
            };
            self.effort.searches = left;
            // A host begins with a quote, and may end with a dot.
            let found = mentions.mentioning(&format!("\"{name}"), self.effort.found);
            self.impact.aliases_left_out |= found.len() >= self.effort.found;
            keys.extend(found.into_iter().filter(|key| self.points_to(key, name)));
        }
        keys.into_iter().collect()
    }

    fn points_to(&self, key: &[u8], name: &Name) -> bool {
        let mut points = false;
        for source in [self.before, self.after] {
            source.at(key, &mut |record| {
                points |= Service::decode(record.value).is_ok_and(|service| {
                    service.class() == Class::Alias
                        && Name::parse(&service.host).is_ok_and(|host| host == *name)
                });
                ControlFlow::Break(())
            });
        }
        points
    }
}

/// Returns the difference of two answers to one question, if there is any.
pub(super) fn shift(before: Answer, after: Answer, unasked: bool) -> Option<Shift> {
    let same = |a: &Rr, b: &Rr| (&a.owner, a.ttl, a.kind, &a.data) == (&b.owner, b.ttl, b.kind, &b.data);
    let differ = before.outcome != after.outcome
        || before.answer.len() != after.answer.len()
        || before.answer.iter().zip(&after.answer).any(|(a, b)| !same(a, b));
    differ.then(|| Shift {
        weight: weight(&before, &after),
        by_product: unasked || by_product(&before, &after),
        before,
        after,
    })
}

fn weight(before: &Answer, after: &Answer) -> Weight {
    match (fails(before), fails(after)) {
        (false, true) => return Weight::Broken,
        (true, false) => return Weight::Mended,
        (true, true) if after.outcome == AnswerOutcome::Endless => return Weight::Broken,
        (true, true) => return Weight::Other,
        (false, false) => {}
    }
    // An alias whose target is known to give nothing does not count as an answer.
    let leads = |answer: &Answer| answer.answer.iter().any(|rr| rr.kind == answer.question.kind);
    let dangles = leads(before) && !leads(after) && after.asks.is_empty();
    match (has_records(before), has_records(after) && !dangles) {
        (true, false) => Weight::Gone,
        (false, true) => Weight::Mended,
        (false, false) => Weight::Other,
        (true, true) => {
            let now = said_by(after);
            let kept = before.answer.iter().filter(|rr| now.contains(&said(rr))).count();
            let new = after.answer.len();
            if new <= kept && new < before.answer.len() { Weight::Fewer } else { Weight::Other }
        }
    }
}

/// Returns the part of a record that counts: two records with the same part are one to a client. The weight of a
/// service is left out, because `CoreDNS` rescales it when another service comes or goes.
pub(super) fn said(rr: &Rr) -> (QueryType, &str, Option<&str>) {
    if rr.kind != QueryType::SRV {
        return (rr.kind, &rr.data, None);
    }
    let mut fields = rr.data.splitn(3, ' ');
    (rr.kind, fields.next().unwrap_or_default(), fields.nth(1))
}

/// Returns the same part of all records of an answer. A zone's answer may have one for each of ten thousand keys, so
/// this is a set: nobody compares each record with each other one.
pub(super) fn said_by(answer: &Answer) -> HashSet<(QueryType, &str, Option<&str>)> {
    answer.answer.iter().map(said).collect()
}

/// Tells whether a client gets no answer because of an error.
pub(super) fn fails(answer: &Answer) -> bool {
    matches!(answer.outcome, AnswerOutcome::ServFail | AnswerOutcome::Silence | AnswerOutcome::Endless)
}

pub(super) fn has_records(answer: &Answer) -> bool {
    answer.outcome == AnswerOutcome::NoError && !answer.answer.is_empty()
}

/// Tells whether a name lies in the trees of addresses, where clients ask only for PTR records and name servers.
pub(super) fn of_addresses(name: &Name) -> bool {
    name.labels().next_back() == Some(b"arpa")
}

/// Tells whether this change only follows from others, or concerns a question that nobody asks.
fn by_product(before: &Answer, after: &Answer) -> bool {
    let (name, kind) = (&before.question.name, before.question.kind);
    if !(fails(before) || fails(after) || has_records(before) || has_records(after)) {
        return true;
    }
    let of_kind = || before.answer.iter().chain(&after.answer).filter(|rr| rr.kind == kind);
    let service = name.labels().next().is_some_and(|label| label.starts_with(b"_"));
    let broken = fails(before) != fails(after);
    match kind {
        // Clients ask for this type only at reverse names.
        QueryType::PTR => !of_addresses(name),
        QueryType::NS => false,
        _ if of_addresses(name) => true,
        QueryType::A | QueryType::AAAA if service => true,
        // An alias leads to these types as it leads to addresses.
        QueryType::AAAA | QueryType::TXT => !broken && of_kind().next().is_none(),
        QueryType::SRV => !broken && changed_services(before, after).iter().all(|(port, _)| *port == "0"),
        _ => false,
    }
}

/// Returns the ports and targets that only one of the answers has; all of them where only weights differ. `CoreDNS`
/// makes a service with port 0 of every record with a host. Its weight is a share of all, so it changes whenever a
/// record comes or goes.
fn changed_services<'a>(before: &'a Answer, after: &'a Answer) -> BTreeSet<(&'a str, &'a str)> {
    let services = |answer: &'a Answer| -> BTreeSet<(&'a str, &'a str)> {
        let parts = answer.answer.iter().map(|rr| rr.data.splitn(4, ' ').skip(2));
        parts.filter_map(|mut parts| Some((parts.next()?, parts.next()?))).collect()
    };
    let (was, is) = (services(before), services(after));
    if was == is { is } else { was.symmetric_difference(&is).copied().collect() }
}
