//! Findings of a scope: the first of each trap in full, the others counted at their keys.

use super::{Finding, Severity, Trap};
use std::{
    collections::BTreeMap,
    ops::{AddAssign, Range, Sub},
};

/// Most findings of one trap that are kept in full, which is more than a person reads. A scope where a million records
/// share one mistake must not need a gigabyte for the findings.
pub(super) const IN_FULL: usize = 2_000;

/// All findings of a scope.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Ordered by key; at one key the worst comes first. At most some thousands of each trap.
    pub list: Vec<Finding>,
    /// Number of findings of each trap that the list leaves out.
    more: BTreeMap<Trap, usize>,
    spots: Spots,
}

/// Number of findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeverityTally {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
}

impl SeverityTally {
    /// Returns the worst severity that there is.
    #[must_use]
    pub fn worst(self) -> Option<Severity> {
        match self {
            Self { errors: 1.., .. } => Some(Severity::Error),
            Self { warnings: 1.., .. } => Some(Severity::Warning),
            Self { infos: 1.., .. } => Some(Severity::Info),
            _ => None,
        }
    }

    /// Returns the number of all findings.
    #[must_use]
    pub fn total(self) -> usize {
        self.errors + self.warnings + self.infos
    }

    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
    }
}

impl AddAssign for SeverityTally {
    fn add_assign(&mut self, other: Self) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.infos += other.infos;
    }
}

impl Sub for SeverityTally {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            errors: self.errors - other.errors,
            warnings: self.warnings - other.warnings,
            infos: self.infos - other.infos,
        }
    }
}

impl Findings {
    /// Returns the number of findings at a key; for a key with a closing slash, of those at the key before the slash
    /// and everywhere below. Findings that the list leaves out count too. Costs a few binary searches.
    #[must_use]
    pub fn within(&self, key: &[u8]) -> SeverityTally {
        let mut tally = self.spots.tally(self.spots.at(key.strip_suffix(b"/").unwrap_or(key)));
        if key.ends_with(b"/") {
            tally += self.spots.tally(self.spots.below(key));
        }
        tally
    }

    /// Returns the number of all findings, with those that the list leaves out.
    #[must_use]
    pub fn tally(&self) -> SeverityTally {
        self.spots.tally(0..self.spots.len())
    }

    /// Returns the number of findings of a trap that the list leaves out.
    #[must_use]
    pub fn more(&self, trap: Trap) -> usize {
        self.more.get(&trap).copied().unwrap_or(0)
    }

    /// Returns the traps with findings that the list leaves out, and how many.
    pub fn left_out(&self) -> impl Iterator<Item = (Trap, usize)> {
        self.more.iter().map(|(trap, more)| (*trap, *more))
    }

    /// Returns the findings of exactly this key.
    pub fn of(&self, key: &[u8]) -> impl Iterator<Item = &Finding> + use<'_> {
        let start = self.list.partition_point(|finding| *finding.key < *key);
        let end = self.list.partition_point(|finding| *finding.key <= *key);
        self.list.get(start..end).unwrap_or_default().iter()
    }
}

/// Places of findings: the keys in order, each with the tally of all before it. The keys lie in one text, so that a
/// million of them need a few dozen megabytes.
#[derive(Clone, Debug, Default)]
struct Spots {
    text: Vec<u8>,
    /// End of each key in the text.
    ends: Vec<usize>,
    /// Sum of the tallies up to each key, with this one.
    sums: Vec<SeverityTally>,
}

impl Spots {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn key(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Finds the first place whose key satisfies `reached`, which holds for all behind it.
    fn search(&self, reached: impl Fn(&[u8]) -> bool) -> usize {
        let mut range = 0..self.len();
        while !range.is_empty() {
            let middle = range.start.midpoint(range.end);
            if reached(self.key(middle)) {
                range.end = middle;
            } else {
                range.start = middle + 1;
            }
        }
        range.start
    }

    fn at(&self, key: &[u8]) -> Range<usize> {
        self.search(|spot| spot >= key)..self.search(|spot| spot > key)
    }

    fn below(&self, prefix: &[u8]) -> Range<usize> {
        self.search(|spot| spot >= prefix)..self.search(|spot| spot > prefix && !spot.starts_with(prefix))
    }

    fn tally(&self, places: Range<usize>) -> SeverityTally {
        let up_to = |place: usize| place.checked_sub(1).and_then(|last| self.sums.get(last)).copied();
        if places.is_empty() {
            return SeverityTally::default();
        }
        up_to(places.end).unwrap_or_default() - up_to(places.start).unwrap_or_default()
    }

    fn push(&mut self, key: &[u8], severity: Severity) {
        let mut sum = self.sums.last().copied().unwrap_or_default();
        sum.count(severity);
        if self.len().checked_sub(1).is_some_and(|last| self.key(last) == key) {
            self.sums.pop();
        } else {
            self.text.extend_from_slice(key);
            self.ends.push(self.text.len());
        }
        self.sums.push(sum);
    }
}

/// Collects findings in any order.
#[derive(Debug)]
pub(super) struct FindingReport {
    /// The key that findings must concern: at it, at names above it, or below it.
    about: Option<Box<[u8]>>,
    list: Vec<Finding>,
    seen: [usize; Trap::COUNT],
    /// The keys of all findings, one after the other.
    text: Vec<u8>,
    marks: Vec<FindingMark>,
}

#[derive(Clone, Copy, Debug)]
struct FindingMark {
    start: usize,
    end: usize,
    severity: Severity,
}

impl FindingReport {
    /// `about` leaves out all findings but those of this key, of names above it, of keys below it, and those elsewhere
    /// that such a key causes.
    pub(super) fn new(about: Option<&[u8]>) -> Self {
        Self {
            about: about.map(Box::from),
            list: Vec::new(),
            seen: [0; Trap::COUNT],
            text: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Notes a finding. `tell` is called only while there are few findings of the trap.
    pub(super) fn add(
        &mut self,
        trap: Trap,
        severity: Severity,
        key: &[u8],
        tell: impl FnOnce() -> FindingWords,
    ) {
        self.add_of_two(trap, severity, key, key, tell);
    }

    /// Notes a finding at a key that `other` causes as much as the key itself.
    pub(super) fn add_of_two(
        &mut self,
        trap: Trap,
        severity: Severity,
        key: &[u8],
        other: &[u8],
        tell: impl FnOnce() -> FindingWords,
    ) {
        let concerns = |about: &[u8], key: &[u8]| about.starts_with(key) || key.starts_with(about);
        if self.about.as_ref().is_some_and(|about| !concerns(about, key) && !concerns(about, other)) {
            return;
        }
        let start = self.text.len();
        self.text.extend_from_slice(key);
        self.marks.push(FindingMark { start, end: self.text.len(), severity });
        let Some(seen) = self.seen.get_mut(trap as usize) else { return };
        *seen += 1;
        if *seen <= IN_FULL {
            let FindingWords { names, message, fix, advice } = tell();
            self.list.push(Finding { trap, severity, key: key.into(), names, message, fix, advice });
        }
    }

    pub(super) fn finish(mut self) -> Findings {
        self.list
            .sort_by(|a, b| a.key.cmp(&b.key).then(b.severity.cmp(&a.severity)).then(a.trap.cmp(&b.trap)));
        let key = |mark: &FindingMark| self.text.get(mark.start..mark.end).unwrap_or_default();
        self.marks.sort_by(|a, b| key(a).cmp(key(b)));
        let mut spots = Spots::default();
        for mark in &self.marks {
            spots.push(key(mark), mark.severity);
        }
        let more = super::TRAPS.iter().zip(self.seen).filter_map(|(about, seen)| {
            seen.checked_sub(IN_FULL).filter(|more| *more > 0).map(|more| (about.trap, more))
        });
        Findings { more: more.collect(), list: self.list, spots }
    }
}

/// Words of a finding, with its fix.
#[derive(Debug, Default)]
pub(super) struct FindingWords {
    pub(super) names: Vec<crate::dns::Name>,
    pub(super) message: String,
    pub(super) fix: Option<super::Fix>,
    pub(super) advice: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(keys: &[(&str, Severity)]) -> Findings {
        let mut report = FindingReport::new(None);
        for (key, severity) in keys {
            report.add(Trap::T4, *severity, key.as_bytes(), FindingWords::default);
        }
        report.finish()
    }

    #[test]
    fn a_key_with_a_slash_counts_itself_and_all_below_and_nothing_beside() {
        use Severity::{Error, Info, Warning};
        let findings = findings(&[
            ("/c/io/gcr/x2", Info),
            ("/c/io/gcr", Error),
            ("/c/io/gcr-old/x", Error),
            ("/c/io/gcr", Warning),
            ("/c/io/gcr0", Error),
        ]);
        let tally = |errors, warnings, infos| SeverityTally { errors, warnings, infos };
        assert_eq!(findings.within(b"/c/io/gcr/"), tally(1, 1, 1));
        assert_eq!(findings.within(b"/c/io/gcr"), tally(1, 1, 0));
        assert_eq!(findings.within(b"/c/"), tally(3, 1, 1));
        assert_eq!(findings.within(b"/c/io/none/"), SeverityTally::default());
        assert_eq!(findings.tally(), tally(3, 1, 1));
        assert_eq!(
            findings.of(b"/c/io/gcr").map(|finding| finding.severity).collect::<Vec<_>>(),
            [Error, Warning]
        );
    }

    #[test]
    fn what_is_too_much_to_list_is_still_counted() {
        let keys: Vec<String> = (0..IN_FULL + 500).map(|n| format!("/c/{n:05}")).collect();
        let keys: Vec<(&str, Severity)> = keys.iter().map(|key| (&**key, Severity::Error)).collect();
        let findings = findings(&keys);
        assert_eq!(findings.list.len(), IN_FULL);
        assert_eq!(findings.more(Trap::T4), 500);
        assert_eq!(findings.within(b"/c/").errors, IN_FULL + 500);
        assert_eq!(findings.within(b"/c/02400").errors, 1, "one that the list leaves out");
        assert_eq!(findings.left_out().collect::<Vec<_>>(), [(Trap::T4, 500)]);
    }
}
