//! Words for a changed answer: one line, as short as a dialog of 80 columns needs it.

use super::{
    Impact, Shift, Weight,
    compare::{fails, has_records, of_addresses, said, said_by},
};
use crate::{
    dns::{Answer, Name, QueryType, answer::words::short},
    quantity::grouped,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

/// Changes of one name's answers, for types that share a weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpactWords {
    pub weight: Weight,
    /// See [`Shift::by_product`].
    pub by_product: bool,
    pub name: Name,
    /// The most important type first; the words are about that one.
    pub kinds: Vec<QueryType>,
    /// `3 addresses -> 2 addresses (without 10.0.0.2)`. May hold text from etcd: show it escaped.
    pub change: String,
}

/// Characters of a record's data that are shown.
const SHOWN: usize = 30;

impl fmt::Display for ImpactWords {
    /// `gcr.io A, SRV: 3 addresses -> 2 addresses (without 10.0.0.2)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.kinds.iter().map(ToString::to_string).collect();
        write!(f, "{} {}: {}", self.name, kinds.join(", "), self.change)
    }
}

impl Impact {
    /// Returns the changed answers in the order of the shifts, one line for each name and weight. A change from one
    /// empty answer to another is left out where the name has other changes.
    #[must_use]
    pub fn lines(&self) -> Vec<ImpactWords> {
        let names = |has: fn(&Shift) -> bool| -> HashSet<&Name> {
            self.shifts.iter().filter(|shift| has(shift)).map(Shift::name).collect()
        };
        let (asked, speaking) = (names(|shift| !shift.by_product), names(|shift| !is_nothing(shift)));
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut grouped: Vec<Vec<&Shift>> = Vec::new();
        for shift in self.shifts.iter().filter(|shift| !is_nothing(shift) || !speaking.contains(shift.name()))
        {
            // A zone's name servers are independent of its addresses, so they get a line of their own.
            let place = (shift.name(), shift.weight, shift.kind() == QueryType::NS && !fails(&shift.after));
            match places.get(&place).and_then(|at| grouped.get_mut(*at)) {
                Some(group) if !shift.by_product || goes_along(group, shift) => group.push(shift),
                None if !shift.by_product || !asked.contains(shift.name()) => {
                    places.insert(place, grouped.len());
                    grouped.push(vec![shift]);
                }
                Some(_) | None => {}
            }
        }
        grouped.into_iter().filter_map(|group| line(&group)).collect()
    }

    /// `7 answers change: 1 breaks, 2 are gone`. By-products do not count, unless there is nothing else.
    #[must_use]
    pub fn summary(&self) -> String {
        let real = self.shifts.iter().filter(|shift| !shift.by_product).count();
        let counted = |shift: &&Shift| real == 0 || !shift.by_product;
        let total = self.shifts.iter().filter(counted).count();
        let head = match total {
            0 if self.is_partial() => return "no answer changes that was compared".to_owned(),
            0 => return "no answer changes".to_owned(),
            1 => "1 answer changes".to_owned(),
            many => format!("{} answers change", grouped(many)),
        };
        // A mended answer that failed before is not a new one.
        let failed = |shift: &Shift| shift.weight == Weight::Mended && fails(&shift.before);
        let of = |weight: Weight, has_failed: bool, one: &str, more: &str| {
            let shifts = self.shifts.iter().filter(counted).filter(|shift| shift.weight == weight);
            match shifts.filter(|shift| failed(shift) == has_failed).count() {
                0 => None,
                1 => Some(format!("1 {one}")),
                many => Some(format!("{} {more}", grouped(many))),
            }
        };
        let parts: Vec<String> = [
            of(Weight::Broken, false, "breaks", "break"),
            of(Weight::Gone, false, "is gone", "are gone"),
            of(Weight::Fewer, false, "has fewer records", "have fewer records"),
            of(Weight::Mended, true, "fails no more", "fail no more"),
            of(Weight::Mended, false, "is new", "are new"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { head } else { format!("{head}: {}", parts.join(", ")) }
    }

    /// Returns one sentence for each part that was not compared.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let skipped = self
            .skipped
            .iter()
            .map(|(name, keys)| format!("not compared: {name} has {} keys below it", grouped(*keys)));
        let left_out = (self.left_out > 0)
            .then(|| format!("not compared: {} names more that the change touches", grouped(self.left_out)));
        let aliases = self
            .aliases_left_out
            .then(|| "aliases elsewhere that lead to these names were not looked for".to_owned());
        skipped.chain(left_out).chain(aliases).collect()
    }

    /// Tells whether some answers were not compared.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.skipped.is_empty() || self.left_out > 0 || self.aliases_left_out
    }
}

impl Shift {
    /// Returns the answer before and after: `2 addresses -> SERVFAIL`. May hold text from etcd: show it escaped.
    #[must_use]
    pub fn change(&self) -> String {
        let (before, after) = (&self.before, &self.after);
        let kind = self.kind();
        if !has_records(before) || !has_records(after) {
            return format!("{} -> {}", before.brief(SHOWN), after.brief(SHOWN));
        }
        let data = |answer: &Answer| {
            let data = answer.answer.iter().map(|rr| (rr.kind, rr.data.clone()));
            data.collect::<BTreeSet<_>>()
        };
        if data(before) == data(after) {
            return same_records(before, after);
        }
        let of_kind = |answer: &Answer| answer.of_kind().count();
        let new_in = |answer: &'_ Answer, other: &Answer| -> Vec<Box<str>> {
            let known = said_by(other);
            let new = answer.answer.iter().filter(|rr| rr.kind == kind && !known.contains(&said(rr)));
            new.map(|rr| rr.data.clone()).collect()
        };
        let (left, come) = (new_in(before, after), new_in(after, before));
        let (was, is) = (before.brief(SHOWN), after.brief(SHOWN));
        if left.is_empty() && come.is_empty() && was == is {
            return format!("{was}, {}", how_else(before, after));
        }
        // The data of a single record already names it, and an alias that is left names no record.
        let several = |answer: &Answer, other: &Answer| of_kind(answer) > 1 && of_kind(other) > 0;
        let without = several(before, after).then(|| some("without", &left)).flatten();
        let with = several(after, before).then(|| some("with", &come)).flatten();
        let details: Vec<String> = [without, with].into_iter().flatten().collect();
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        if was == is && details.is_empty() {
            return format!("{was} changes in what is not shown here");
        }
        format!("{was} -> {is}{details}")
    }
}

impl fmt::Display for Shift {
    /// `gcr.io A: 2 addresses -> SERVFAIL`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.name(), self.kind(), self.change())
    }
}

fn line(group: &[&Shift]) -> Option<ImpactWords> {
    let mut group = group.to_vec();
    group.sort_by_key(|shift| (shift.by_product, !shows_records(shift), rank(shift)));
    let first = group.first()?;
    Some(ImpactWords {
        weight: first.weight,
        by_product: first.by_product,
        name: first.name().clone(),
        kinds: group.iter().map(|shift| shift.kind()).collect(),
        change: first.change(),
    })
}

/// Tells whether a line names the type of a by-product: beside other by-products, or for a service beside addresses.
fn goes_along(group: &[&Shift], by_product: &Shift) -> bool {
    group.iter().all(|shift| shift.by_product)
        || (by_product.kind() == QueryType::SRV && !of_addresses(by_product.name()))
}

/// Tells whether one of the answers has records. Lines show records before their absence, and an alias before its
/// target.
fn shows_records(shift: &Shift) -> bool {
    has_records(&shift.before) || has_records(&shift.after)
}

fn rank(shift: &Shift) -> usize {
    const ORDER: [QueryType; 8] = [
        QueryType::CNAME,
        QueryType::A,
        QueryType::AAAA,
        QueryType::MX,
        QueryType::TXT,
        QueryType::SRV,
        QueryType::PTR,
        QueryType::NS,
    ];
    ORDER.iter().position(|kind| *kind == shift.kind()).unwrap_or(ORDER.len())
}

/// Tells whether neither answer has a record, and none fails.
fn is_nothing(shift: &Shift) -> bool {
    !shows_records(shift) && !fails(&shift.before) && !fails(&shift.after)
}

/// Says by which other way the same records are answered.
fn how_else(before: &Answer, after: &Answer) -> String {
    if before.question.kind == QueryType::SRV {
        return "with other weights".to_owned();
    }
    let aliases = |answer: &Answer| -> BTreeSet<Box<str>> {
        let aliases = answer.answer.iter().filter(|rr| rr.kind == QueryType::CNAME);
        aliases.map(|rr| rr.data.clone()).collect()
    };
    let (was, is) = (aliases(before), aliases(after));
    match (was.difference(&is).next(), is.difference(&was).next()) {
        (Some(left), None) => format!("without the alias to {}", short(left, SHOWN)),
        (None, Some(new)) => format!("and an alias to {}", short(new, SHOWN)),
        _ => "through another alias".to_owned(),
    }
}

/// Says how two answers with the same data differ.
fn same_records(before: &Answer, after: &Answer) -> String {
    let ttls = |answer: &Answer| {
        let mut ttls: Vec<u32> = answer.answer.iter().map(|rr| rr.ttl).collect();
        ttls.sort_unstable();
        ttls.dedup();
        ttls
    };
    match (&ttls(before)[..], &ttls(after)[..]) {
        ([was], [is]) if was != is => format!("TTL {was} -> {is}"),
        (was, is) if was != is => "the same with other TTLs".to_owned(),
        _ if before.answer.len() != after.answer.len() => {
            format!("{} -> {}, some of them twice", before.answer.len(), after.answer.len())
        }
        _ => "the same in another order".to_owned(),
    }
}

/// `without 10.0.0.2`, `with 10.0.0.3 and 4 more`.
fn some(word: &str, data: &[Box<str>]) -> Option<String> {
    let (first, rest) = data.split_first()?;
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", grouped(rest.len())) };
    Some(format!("{word} {}{more}", short(first, SHOWN)))
}
