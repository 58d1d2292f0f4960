//! Search for text in names, keys and values of a snapshot, on any thread, until it is told to stop.

use super::{caseless::Caseless, closed, records::Records};
use crate::keys::{KeyValue, Scope, ScopedKey, spelling::spell};
use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

/// Text or address that is searched for. Without regard to ASCII case.
///
/// A text is found in the DNS name of a key (`gcr.io` finds `/coredns/io/gcr/x1`), in the key's spelling, and in
/// the value. An IP address is found where a JSON string of the value is that address in any spelling, so that
/// `10.0.0.1` does not find `10.0.0.11`, and in its reverse name.
#[derive(Clone, Debug)]
pub struct Needle(SearchKind);

#[derive(Clone, Debug)]
enum SearchKind {
    Text {
        text: Caseless,
        /// The longest part that stands within one segment, when there is one: a key without it need not be looked
        /// at more closely.
        probe: Option<Caseless>,
    },
    Address {
        address: IpAddr,
        /// Text that every value with the address holds: an IPv4 address has only one spelling.
        text: Option<Caseless>,
        /// `/arpa/in-addr/10/0/0/1`.
        reverse: Vec<u8>,
    },
}

/// Part of a record in which the needle was found; the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedPart {
    Name,
    Key,
    Value,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub key: ScopedKey,
    pub place: MatchedPart,
}

/// Result of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResult {
    /// The first matches in key order, as many as were asked for.
    pub matches: Vec<Match>,
    /// Number of all matches.
    pub total: usize,
}

impl Needle {
    /// Takes a text; `None` for an empty one, which is not searched for.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            let address = address.to_canonical();
            let text = address.is_ipv4().then(|| Caseless::new(address.to_string().as_bytes()));
            return Some(Self(SearchKind::Address { address, text, reverse: reverse(address) }));
        }
        // A backslash may begin the spelling of a byte, which no key holds as it is typed.
        let probe = (!text.contains('\\'))
            .then(|| text.split(['.', '/']).max_by_key(|part| part.len()))
            .flatten()
            .filter(|part| !part.is_empty())
            .map(|part| Caseless::new(part.as_bytes()));
        Some(Self(SearchKind::Text { text: Caseless::new(text.as_bytes()), probe }))
    }

    /// Searches all records. `None` when `stop` was set meanwhile.
    #[must_use]
    pub fn search(&self, records: &Records, limit: usize, stop: &AtomicBool) -> Option<SearchResult> {
        let mut found = SearchResult::default();
        let scope = records.scope();
        let cut = closed(scope).len();
        for chunk in records.runs().iter().flat_map(|run| &run.chunks) {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let values = self.may_be_in(chunk.blob());
            let mut key = Vec::new();
            // The end of the probe in the key; the bytes that the next key shares of it need not be searched
            // again.
            let mut met: Option<usize> = None;
            for entry in chunk.entries() {
                key.truncate(entry.shared);
                key.extend_from_slice(entry.suffix);
                met = met.filter(|end| *end <= entry.shared).or_else(|| self.probe(&key, cut, entry.shared));
                let place = met
                    .and_then(|_| self.in_key(scope, &key))
                    .or_else(|| (values && self.in_value(entry.value)).then_some(MatchedPart::Value));
                if let Some(place) = place {
                    found.total += 1;
                    if found.matches.len() < limit {
                        found.matches.extend(scope.key(&key).ok().map(|key| Match { key, place }));
                    }
                }
            }
        }
        Some(found)
    }

    /// Returns the part in which this one record holds the needle.
    #[must_use]
    pub fn found_in(&self, scope: &Scope, record: &KeyValue) -> Option<MatchedPart> {
        self.in_key(scope, record.key.as_bytes())
            .or_else(|| self.in_value(&record.value).then_some(MatchedPart::Value))
    }

    /// Tells whether a chunk can hold a value with the needle.
    fn may_be_in(&self, blob: &[u8]) -> bool {
        match &self.0 {
            SearchKind::Text { text, .. } | SearchKind::Address { text: Some(text), .. } => {
                text.find(blob).is_some()
            }
            SearchKind::Address { text: None, .. } => true,
        }
    }

    /// Returns the end of the probe in a key; the first `known` bytes are known not to hold it whole. `cut` is the
    /// length of the scope without its closing slash.
    fn probe(&self, key: &[u8], cut: usize, known: usize) -> Option<usize> {
        match &self.0 {
            SearchKind::Text { probe: Some(probe), .. } => {
                let start = known.saturating_sub(probe.len() - 1);
                probe.find(key.get(start..)?).map(|at| start + at + probe.len())
            }
            SearchKind::Text { probe: None, .. } => Some(0),
            SearchKind::Address { reverse, .. } => {
                let path = key.get(cut..)?;
                (path.get(..reverse.len())?.eq_ignore_ascii_case(reverse)).then_some(cut + reverse.len())
            }
        }
    }

    fn in_key(&self, scope: &Scope, key: &[u8]) -> Option<MatchedPart> {
        let path = key.get(closed(scope).len() + 1..)?;
        match &self.0 {
            // Without a separator it lies within one label or in none.
            SearchKind::Text { text, .. } if !text.bytes().iter().any(|byte| b"./\\".contains(byte)) => {
                text.find(path).map(|_| MatchedPart::Name)
            }
            SearchKind::Text { text, .. } => {
                let labels: Vec<&[u8]> = path.rsplit(|byte| *byte == b'/').collect();
                if text.find(&labels.join(&b'.')).is_some() {
                    return Some(MatchedPart::Name);
                }
                // Every key holds the scope: it counts only for a text that looks like a key.
                let key = if text.bytes().contains(&b'/') { key } else { path };
                let escaped = text.bytes().contains(&b'\\');
                let spelled = || text.find(spell(key).as_bytes()).filter(|_| escaped);
                text.find(key).or_else(spelled).map(|_| MatchedPart::Key)
            }
            SearchKind::Address { reverse, .. } => {
                let (at, behind) = key.get(closed(scope).len()..)?.split_at_checked(reverse.len())?;
                let whole = behind.is_empty() || behind.starts_with(b"/");
                (whole && at.eq_ignore_ascii_case(reverse)).then_some(MatchedPart::Name)
            }
        }
    }

    fn in_value(&self, value: &[u8]) -> bool {
        match &self.0 {
            SearchKind::Text { text, .. } => text.find(value).is_some(),
            SearchKind::Address { address, text, .. } => {
                text.as_ref().is_none_or(|text| text.find(value).is_some()) && quotes(value, *address)
            }
        }
    }
}

/// Tells whether a text between quotes in the value is this address. No address needs an escape.
fn quotes(value: &[u8], address: IpAddr) -> bool {
    value.split(|byte| *byte == b'"').any(|quoted| {
        // The longest spelling of an IPv6 address has 45 characters.
        (2..=45).contains(&quoted.len())
            && (address.is_ipv4() || quoted.contains(&b':'))
            && str::from_utf8(quoted)
                .ok()
                .and_then(|text| text.parse::<IpAddr>().ok())
                .is_some_and(|found| found.to_canonical() == address)
    })
}

/// Returns the path of an address's reverse name: RFC 1035 section 3.5, RFC 3596 section 2.5.
fn reverse(address: IpAddr) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut path = String::new();
    match address {
        IpAddr::V4(address) => {
            path.push_str("/arpa/in-addr");
            for octet in address.octets() {
                let _ = write!(path, "/{octet}");
            }
        }
        IpAddr::V6(address) => {
            path.push_str("/arpa/ip6");
            for octet in address.octets() {
                let _ = write!(path, "/{:x}/{:x}", octet >> 4, octet & 15);
            }
        }
    }
    path.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::model::{any_path, record, scope};
    use super::super::{Batch, Index};
    use super::*;
    use proptest::prelude::*;

    fn found(needle: &str, key: &[u8], value: &str) -> Option<MatchedPart> {
        let record = KeyValue { value: value.as_bytes().into(), ..record(key, 1) };
        let needle = Needle::new(needle).unwrap();
        let one = needle.found_in(&scope(), &record);
        let records = Records::encode(scope(), &[record]);
        let all = needle.search(&records, 1, &AtomicBool::new(false)).unwrap();
        assert_eq!(all.matches.first().map(|found| found.place), one);
        one
    }

    #[test]
    fn a_text_is_found_in_the_name_the_key_and_the_value() {
        let value = r#"{"host":"Target.example"}"#;
        for (needle, place) in [
            ("gcr.io", Some(MatchedPart::Name)),
            ("X1.GCR", Some(MatchedPart::Name)),
            ("cr.i", Some(MatchedPart::Name)),
            ("io/gcr", Some(MatchedPart::Key)),
            ("/c/io", Some(MatchedPart::Key)),
            ("target", Some(MatchedPart::Value)),
            ("\"host\":", Some(MatchedPart::Value)),
            ("io.gcr", None),
            ("c", Some(MatchedPart::Name)),
            ("/d", None),
        ] {
            assert_eq!(found(needle, b"/io/gcr/x1", value), place, "{needle}");
        }
        assert_eq!(found(r"\x00", b"/io/a\0", ""), Some(MatchedPart::Key));
        assert_eq!(Needle::new("").map(|_| ()), None);
    }

    #[test]
    fn the_scope_is_in_every_key_and_so_finds_none() {
        assert_eq!(found("c", b"/io/x1", "{}"), None);
    }

    #[test]
    fn an_address_finds_itself_and_no_longer_one() {
        let host = |address: &str| format!(r#"{{"ttl":60,"host":"{address}"}}"#);
        assert_eq!(found("10.0.0.1", b"/a/x1", &host("10.0.0.1")), Some(MatchedPart::Value));
        assert_eq!(found("10.0.0.1", b"/a/x1", &host("10.0.0.11")), None);
        assert_eq!(found("10.0.0.1", b"/a/x1", &host("110.0.0.1")), None);
        assert_eq!(found("10.0.0.1", b"/a/x1", &host("::ffff:10.0.0.1")), Some(MatchedPart::Value));
        assert_eq!(found("2001:db8::1", b"/a/x1", &host("2001:DB8:0:0::0:1")), Some(MatchedPart::Value));
        assert_eq!(found("2001:db8::1", b"/a/x1", &host("2001:db8::11")), None);
    }

    #[test]
    fn an_address_finds_its_reverse_name() {
        assert_eq!(found("10.0.0.1", b"/arpa/in-addr/10/0/0/1", "{}"), Some(MatchedPart::Name));
        assert_eq!(found("10.0.0.1", b"/arpa/in-addr/10/0/0/1/x1", "{}"), Some(MatchedPart::Name));
        assert_eq!(found("10.0.0.1", b"/arpa/in-addr/10/0/0/11", "{}"), None);
        let nibbles = b"/arpa/ip6/2/0/0/1/0/d/b/8/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/1";
        assert_eq!(found("2001:DB8::1", nibbles, "{}"), Some(MatchedPart::Name));
    }

    #[test]
    fn a_search_that_is_told_to_stop_has_no_result() {
        let records = Records::encode(scope(), &[record(b"/a", 1)]);
        assert_eq!(Needle::new("a").unwrap().search(&records, 9, &AtomicBool::new(true)), None);
    }

    proptest! {
        #[test]
        fn a_search_finds_what_each_record_alone_shows(
            paths in prop::collection::btree_set(any_path(), 0..150),
            needle in prop_oneof!["[aAbB./1-]{1,3}", "a", "a/b", "b.a", "[0-9]"],
            limit in 0..20_usize,
        ) {
            let mut index = Index::new(scope());
            let page: Vec<_> = paths.iter().zip(1..).map(|(path, revision)| record(path, revision)).collect();
            index.absorb(Batch::encode(&scope(), page.clone()));
            let needle = Needle::new(&needle).unwrap();
            let expected: Vec<Match> = page.into_iter()
                .filter_map(|record| needle.found_in(&scope(), &record).map(|place| Match { key: record.key, place }))
                .collect();
            let found = needle.search(index.records(), limit, &AtomicBool::new(false)).unwrap();
            prop_assert_eq!(found.total, expected.len());
            prop_assert_eq!(&found.matches[..], &expected[..limit.min(expected.len())]);
        }
    }
}
