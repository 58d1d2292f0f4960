use crate::{
    keys::{Scope, ScopedKey},
    remedy::Remedy,
};
use std::{fmt, net::IpAddr};

/// A domain name, leftmost label first, each label spelled as the segment of a key.
///
/// `CoreDNS` looks for a name in etcd by its presentation form: lower case, with `\` before `. space ' @ ; ( ) " \` and
/// `\DDD` for bytes outside printable ASCII (miekg/dns, types.go). `CoreDNS` finds a key under its own name only if the
/// key has exactly that spelling. So a name that was made from a key may not lead back to it; see [`Name::is_served`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(Vec<Box<[u8]>>);

/// Reason why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the name is empty")]
    Empty,
    #[error("the name {0:?} has an empty label")]
    EmptyLabel(String),
    #[error("a label of {0:?} is longer than 63 bytes")]
    LongLabel(String),
    #[error("the name {0:?} is longer than 255 bytes")]
    LongName(String),
    #[error("the name {0:?} is not ASCII")]
    NotAscii(String),
    #[error("the name {0:?} holds a space or a control character")]
    Blank(String),
    #[error("the name {0:?} has an unfinished escape")]
    Escape(String),
    #[error("the root has no key of its own")]
    Root,
}

impl Remedy for NameError {
    fn remedy(&self) -> String {
        match self {
            Self::Empty | Self::Root => "Give a name such as gcr.io.",
            Self::EmptyLabel(_) => "Write one dot between labels.",
            Self::LongLabel(_) | Self::LongName(_) => {
                "Shorten it: a label has at most 63 bytes, a name 255 (RFC 1035, section 2.3.4)."
            }
            Self::NotAscii(_) => "Write internationalised names in their xn-- form (RFC 5890).",
            Self::Blank(_) => "Remove the blank; a space that belongs to a label is written \\032.",
            Self::Escape(_) => "Write \\. for a dot inside a label, \\DDD for a byte.",
        }
        .to_owned()
    }
}

impl Name {
    /// Takes a name as a person writes it, with or without the closing dot. `.` is the root.
    ///
    /// # Errors
    /// [`NameError`] for a text that cannot be a name (RFC 1035, section 2.3.4), and for text outside ASCII.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text == "." {
            return Ok(Self(vec![]));
        }
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if !text.is_ascii() {
            return Err(NameError::NotAscii(text.to_owned()));
        }
        let mut labels: Vec<Vec<u8>> = vec![vec![]];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'.' => {
                    labels.push(vec![]);
                    continue;
                }
                b'\\' => unescape(&mut bytes).ok_or_else(|| NameError::Escape(text.to_owned()))?,
                byte if byte.is_ascii_control() || byte == b' ' => {
                    return Err(NameError::Blank(text.to_owned()));
                }
                byte => byte,
            };
            if let Some(label) = labels.last_mut() {
                label.push(byte.to_ascii_lowercase());
            }
        }
        labels.pop_if(|last| last.is_empty());
        if labels.is_empty() || labels.iter().any(Vec::is_empty) {
            return Err(NameError::EmptyLabel(text.to_owned()));
        }
        if labels.iter().any(|label| label.len() > 63) {
            return Err(NameError::LongLabel(text.to_owned()));
        }
        // On the wire each label has a length byte, and the root's closes the name.
        if labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1 > 255 {
            return Err(NameError::LongName(text.to_owned()));
        }
        Ok(Self(labels.iter().map(|label| segment(label)).collect()))
    }

    /// Returns the name of a key: its segments behind the scope, reversed. Never fails; odd keys give odd names.
    #[must_use]
    pub fn of_key(scope: &Scope, key: &ScopedKey) -> Self {
        Self(scope.segments_of(key).rev().map(Box::from).collect())
    }

    /// Returns the name at which the PTR record of an address lies (RFC 1035, section 3.5; RFC 3596, section 2.5).
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        let (mut labels, tree) = match address {
            IpAddr::V4(v4) => (v4.octets().map(|octet| octet.to_string()).to_vec(), "in-addr"),
            IpAddr::V6(v6) => {
                let nibbles = v6.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 0xf]);
                (nibbles.map(|nibble| format!("{nibble:x}")).collect(), "ip6")
            }
        };
        labels.reverse();
        labels.extend([tree.to_owned(), "arpa".to_owned()]);
        Self(labels.into_iter().map(|label| label.into_bytes().into()).collect())
    }

    /// Returns the key at which `CoreDNS` looks for this name itself; its leaves are below it. A `/` inside a label is
    /// not escaped and becomes a level of the key, as RFC 2317 names need it.
    ///
    /// # Errors
    /// [`NameError::Root`]: the root's key would be the scope itself.
    pub fn key(&self, scope: &Scope) -> Result<ScopedKey, NameError> {
        let mut bytes = scope.as_str().as_bytes().to_vec();
        for (index, label) in self.0.iter().rev().enumerate() {
            if index > 0 {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(label);
        }
        scope.key(&bytes).map_err(|_| NameError::Root)
    }

    /// Returns the root, which has no labels.
    #[must_use]
    pub const fn root() -> Self {
        Self(vec![])
    }

    /// Tells whether this is the root, which has no labels.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the labels as segments of a key, leftmost first.
    #[must_use]
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Returns the name without its leftmost label; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.split_first().map(|(_, rest)| Self(rest.to_vec()))
    }

    /// Returns the last label alone: the top-level name that this one lies in; `None` for the root.
    #[must_use]
    pub fn top_level(&self) -> Option<Self> {
        self.0.last().map(|label| Self(vec![label.clone()]))
    }

    /// Returns the top-level name of a key's first segment, if queries can reach it. It is a zone where nobody has
    /// named any.
    #[must_use]
    pub fn of_segment(segment: &[u8]) -> Option<Self> {
        Some(Self(vec![segment.into()])).filter(Self::is_served)
    }

    /// Returns the name in presentation form with its closing dot, as zone files and replies have it; `.` for the root.
    #[must_use]
    pub fn fqdn(&self) -> String {
        if self.is_root() { self.to_string() } else { format!("{self}.") }
    }

    /// Tells whether this is `zone` or a name below it.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        self.0.ends_with(&zone.0)
    }

    /// Tells whether a query for this name can reach its key at all: no capitals, no dot or special character that is
    /// not escaped, no empty label, nothing that acts as a wildcard in a query (`*`, `any`).
    #[must_use]
    pub fn is_served(&self) -> bool {
        !self.0.is_empty()
            && self.0.iter().all(|label| {
                !label.is_empty() && is_canonical(label) && **label != *b"*" && **label != *b"any"
            })
    }

    /// Tells whether this name lies in the trees of addresses, `in-addr.arpa` or `ip6.arpa`.
    #[must_use]
    pub fn is_reverse(&self) -> bool {
        let mut labels = self.0.iter().rev().map(AsRef::as_ref);
        labels.next() == Some(b"arpa") && matches!(labels.next(), Some(b"in-addr" | b"ip6"))
    }

    /// Tells whether `CoreDNS` reads this name for `what` (`apex` or `ns`) of a zone: `…what.dns.ZONE`, and ZONE is one
    /// of `zones`. Where nobody has named any, such a place itself proves a zone that can be asked for.
    #[must_use]
    pub(super) fn is_kept_for(&self, zones: &[Self], what: &[u8]) -> bool {
        self.above_special(what)
            .any(|zone| if zones.is_empty() { zone.is_served() } else { zones.contains(&zone) })
    }

    /// Tells whether this name lies in the place that `CoreDNS` reads for `what` (`apex` or `ns`) of any zone.
    #[must_use]
    pub(super) fn is_special(&self, what: &[u8]) -> bool {
        self.above_special(what).next().is_some()
    }

    /// Returns the names that would have to be zones for this one to lie in their `what.dns`.
    fn above_special<'n>(&'n self, what: &'n [u8]) -> impl Iterator<Item = Self> + 'n {
        let pairs = self.0.windows(2).enumerate();
        let special = pairs.filter(move |(_, pair)| matches!(pair, [a, b] if **a == *what && **b == *b"dns"));
        special.map(|(at, _)| Self(self.0.iter().skip(at + 2).cloned().collect()))
    }
}

/// Reads one byte behind a backslash: `\DDD`, or any character that stands for itself.
fn unescape(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    let first = bytes.next()?;
    if !first.is_ascii_digit() {
        return Some(first);
    }
    let digits = [first, bytes.next()?, bytes.next()?];
    std::str::from_utf8(&digits).ok()?.parse().ok()
}

/// Returns a label's bytes in the spelling of a key.
fn segment(label: &[u8]) -> Box<[u8]> {
    let mut spelled = Vec::with_capacity(label.len());
    for &byte in label {
        match byte {
            b'.' | b' ' | b'\'' | b'@' | b';' | b'(' | b')' | b'"' | b'\\' => spelled.extend([b'\\', byte]),
            0x20..=0x7e => spelled.push(byte),
            _ => spelled.extend(format!("\\{byte:03}").bytes()),
        }
    }
    spelled.into()
}

/// Tells whether a key's segment is the spelling of some label.
pub(super) fn is_canonical(spelled: &[u8]) -> bool {
    std::str::from_utf8(spelled)
        .ok()
        .and_then(|text| Name::parse(text).ok())
        .is_some_and(|name| matches!(&name.0[..], [only] if **only == *spelled))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        if self.0.is_empty() {
            return f.write_char('.');
        }
        for (index, label) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_char('.')?;
            }
            fmt_label(label, f)?;
        }
        Ok(())
    }
}

/// Writes a segment as a label: unchanged where it spells one; else with `\` before a bare dot, and `\DDD` for bytes
/// that cannot be printed.
fn fmt_label(label: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    let mut escaped = false;
    for &byte in label {
        match byte {
            b'.' if !escaped => f.write_str("\\.")?,
            0x20..=0x7e => f.write_char(char::from(byte))?,
            _ => write!(f, "\\{byte:03}")?,
        }
        escaped = byte == b'\\' && !escaped;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    #[test]
    fn a_name_is_written_in_full_and_lies_in_its_last_label() {
        for (text, full, top) in
            [("gcr.io", "gcr.io.", Some("io")), ("io", "io.", Some("io")), (".", ".", None)]
        {
            let name = Name::parse(text).unwrap();
            assert_eq!(name.fqdn(), full);
            assert_eq!(name.top_level().map(|top| top.to_string()).as_deref(), top);
        }
    }

    #[test]
    fn a_segment_that_no_query_spells_is_no_top_level_name() {
        for segment in ["io", r"b\@c", "xn--4ca"] {
            assert_eq!(Name::of_segment(segment.as_bytes()).unwrap().to_string(), segment);
        }
        for segment in ["IO", "a.b", "b@c", "*", "any", "", r"\"] {
            assert_eq!(Name::of_segment(segment.as_bytes()), None, "{segment}");
        }
    }

    #[test]
    fn a_name_becomes_the_key_that_coredns_reads() {
        for (name, key) in [
            ("gcr.io", "/coredns/io/gcr"),
            ("GCR.io.", "/coredns/io/gcr"),
            ("x1.gcr.io", "/coredns/io/gcr/x1"),
            ("1.2.0.192.in-addr.arpa", "/coredns/arpa/in-addr/192/0/2/1"),
            ("7.0/25.2.0.192.in-addr.arpa", "/coredns/arpa/in-addr/192/0/2/0/25/7"),
            ("a@b.example", r"/coredns/example/a\@b"),
            (r"\252.example", r"/coredns/example/\252"),
            ("_http._tcp.www.example.org", "/coredns/org/example/www/_tcp/_http"),
        ] {
            assert_eq!(Name::parse(name).unwrap().key(&scope()).unwrap().spelled().replace(r"\\", "\\"), key);
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        let long = "a".repeat(64);
        let longer = ["a".repeat(63).as_str(); 4].join(".") + ".aa";
        for text in
            ["", "..", "a..b", ".a", "gcr.io ", "gcr .io", "a\nb", "ü.example", &long, &longer, r"a\", r"\99"]
        {
            assert!(Name::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_root_is_a_name_without_a_key() {
        assert_eq!(Name::parse(".").unwrap().key(&scope()), Err(NameError::Root));
    }

    #[test]
    fn a_key_that_no_query_reaches_is_known() {
        for (key, served) in [
            ("/coredns/io/gcr/x1", true),
            ("/coredns/io/gcr/X1", false),
            ("/coredns/io/gcr/", false),
            ("/coredns/io/a.b", false),
            (r"/coredns/io/a\.b", true),
            ("/coredns/io/*", false),
            ("/coredns/io/any", false),
            ("/coredns/io/ü", false),
        ] {
            let key = scope().key(key.as_bytes()).unwrap();
            assert_eq!(Name::of_key(&scope(), &key).is_served(), served, "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_name_comes_back_from_its_key(text in "[a-z0-9_-]{1,10}(\\.[a-z0-9_@-]{1,10}){0,4}") {
            let name = Name::parse(&text).unwrap();
            let key = name.key(&scope()).unwrap();
            prop_assert_eq!(Name::of_key(&scope(), &key), name.clone());
            prop_assert_eq!(Name::parse(&name.to_string()).unwrap(), name);
        }

        #[test]
        fn a_names_text_is_printable_whatever_the_key_is(tail in proptest::collection::vec(any::<u8>(), 1..24)) {
            let key = scope().key(&[b"/coredns/", &tail[..]].concat()).unwrap();
            let name = Name::of_key(&scope(), &key);
            prop_assert!(name.to_string().bytes().all(|b| (0x20..0x7f).contains(&b)));
            prop_assert_eq!(name.key(&scope()).unwrap(), key, "a name keeps the key that it came from");
        }
    }
}
