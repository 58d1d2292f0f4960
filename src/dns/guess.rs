//! Guess of the zones where nobody has named any: the zones that records prove, and each top-level name that has
//! records.

use super::{Name, RecordSource, Serving};
use crate::keys::Scope;
use std::ops::ControlFlow;

/// The sentence beside every answer that depends on guessed zones.
pub const ZONES_ARE_GUESSED: &str = "zones are guessed (--zones, --corefile, or a profile)";

/// Keys that lie only below a zone: `CoreDNS` reads these for a zone's own name, and for no other name.
const MARKS: [&[u8]; 2] = [b"dns/apex", b"dns/ns"];

/// The zones that can be known or guessed when nobody has named any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneGuess {
    /// Zones with `dns/apex` or `dns/ns` below them.
    pub proven: Vec<Name>,
    /// Top-level names with records. Nothing proves that one of these is a zone.
    pub tops: Vec<Name>,
}

impl ZoneGuess {
    /// Guesses from all records of a scope. Reads each key once.
    #[must_use]
    pub fn of(source: &dyn RecordSource, scope: &Scope) -> Self {
        let mut guess = Self::default();
        source.below(scope.as_str().as_bytes(), &mut |record| {
            guess.take_key(scope, record.key);
            ControlFlow::Continue(())
        });
        guess
    }

    /// Notes a record at this key.
    pub fn take_key(&mut self, scope: &Scope, key: &[u8]) {
        let Some(rest) = key.strip_prefix(scope.as_str().as_bytes()) else { return };
        let top = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
        // Keys come in their order, so this top-level name is mostly the last one noted.
        let is_last = self.tops.last().is_some_and(|last| last.labels().eq([top]));
        if !is_last && let Some(top) = Name::of_segment(top) {
            add(&mut self.tops, top);
        }
        for (at, _) in rest.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let behind = rest.get(at + 1..).unwrap_or_default();
            if is_marked(behind)
                && let Ok(zone) = scope.key(key.get(..key.len() - behind.len() - 1).unwrap_or_default())
            {
                self.take_proven(Name::of_key(scope, &zone));
            }
        }
    }

    /// Finds out whether a name, or one above it, is proven to be a zone. Reads what `CoreDNS` reads for a zone's own
    /// address and servers.
    pub fn look_near(&mut self, source: &dyn RecordSource, scope: &Scope, name: &Name) {
        for above in std::iter::successors(Some(name.clone()), Name::parent) {
            let Ok(key) = above.key(scope) else { continue };
            let has = |mark: &&[u8]| {
                let mark = [key.as_bytes(), b"/", mark].concat();
                source.has(&mark) || source.count_below(&[&mark[..], b"/"].concat()) > 0
            };
            // Both marks are read even if the first is there, so that a source fetches them together.
            if MARKS.iter().filter(|mark| has(mark)).count() > 0 {
                self.take_proven(above);
            }
        }
    }

    /// Notes a proven zone.
    pub fn take_proven(&mut self, zone: Name) {
        if zone.is_served() {
            add(&mut self.proven, zone);
        }
    }

    /// Joins two guesses.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        other.proven.into_iter().for_each(|zone| add(&mut self.proven, zone));
        other.tops.into_iter().for_each(|top| add(&mut self.tops, top));
        self
    }

    /// Returns all zones, each once.
    #[must_use]
    pub fn zones(&self) -> Vec<Name> {
        let mut zones = self.proven.clone();
        zones.extend(self.bare());
        zones
    }

    /// Returns the top-level names that nothing proves to be zones.
    fn bare(&self) -> Vec<Name> {
        self.tops.iter().filter(|top| !self.proven.contains(top)).cloned().collect()
    }

    /// Returns the same serving with these zones.
    #[must_use]
    pub fn served(&self, serving: Serving) -> Serving {
        Serving { zones: self.zones(), guessed: Some(self.bare()), ..serving }
    }
}

impl From<&Self> for ZoneGuess {
    fn from(guess: &Self) -> Self {
        guess.clone()
    }
}

impl From<&[Name]> for ZoneGuess {
    /// Makes a guess of top-level names alone.
    fn from(tops: &[Name]) -> Self {
        Self { proven: vec![], tops: tops.to_vec() }
    }
}

impl From<&Vec<Name>> for ZoneGuess {
    fn from(tops: &Vec<Name>) -> Self {
        tops.as_slice().into()
    }
}

/// Tells whether this part of a key, behind a name, lies only below a zone.
fn is_marked(behind: &[u8]) -> bool {
    MARKS
        .iter()
        .any(|mark| behind.strip_prefix(*mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")))
}

fn add(names: &mut Vec<Name>, name: Name) {
    if !names.contains(&name) {
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{KeyContent, ReadPart};

    fn guess(keys: &[&str]) -> (Vec<String>, Vec<String>) {
        let scope = Scope::parse("/c").unwrap();
        let content = KeyContent { value: b"{}".as_slice().into(), lease: None };
        let known = ReadPart::everything(keys.iter().map(|key| (key.as_bytes().into(), content.clone())));
        let all = ZoneGuess::of(&known, &scope);
        let text = |names: &[Name]| names.iter().map(ToString::to_string).collect();
        (text(&all.proven), text(&all.bare()))
    }

    #[test]
    fn a_zone_is_proven_by_what_coredns_reads_for_it_alone() {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (keys, proven, bare) in [
            (&["/c/com/example/dns/apex/x1", "/c/com/example/www"][..], &["example.com"][..], &["com"][..]),
            (&["/c/com/example/dns/ns/a"], &["example.com"], &["com"]),
            (&["/c/com/example/dns/ns"], &["example.com"], &["com"]),
            (&["/c/com/example/dns/nsa", "/c/io/dns/x1"], &[], &["com", "io"]),
            (&["/c/local/dns/ns/a", "/c/local/www"], &["local"], &[]),
            (&["/c/dns/apex/x1"], &[], &["dns"]),
            (&["/c/org/A/dns/ns/a"], &[], &["org"]),
        ] {
            assert_eq!(guess(keys), (owned(proven), owned(bare)), "{keys:?}");
        }
    }

    #[test]
    fn looking_near_a_name_finds_the_zones_above_it_and_reads_little() {
        let scope = Scope::parse("/c").unwrap();
        let mut known = ReadPart::default();
        let mut guess = ZoneGuess::default();
        let name = Name::parse("www.example.com").unwrap();
        guess.look_near(&known, &scope, &name);
        let missing = known.missing();
        assert!(missing.prefixes.is_empty() && missing.keys.len() == 6 && missing.counts.len() == 6);
        for key in missing.keys {
            known.learn_key(&key, None);
        }
        for prefix in missing.counts {
            known.learn_count(&prefix, usize::from(prefix.ends_with(b"/com/example/dns/ns/")));
        }
        let mut guess = ZoneGuess::default();
        guess.look_near(&known, &scope, &name);
        assert_eq!(guess.proven, [Name::parse("example.com").unwrap()]);
    }
}
