use super::sentence::{Sentence, sentence};
use crate::keys::{ForeignRange, Interval as _, Scope, TENANTS, Tenant, spelling::Spelled};
use std::fmt;

/// Range of keys that a request names, as etcd gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: Vec<u8>,
    pub end: RangeEnd,
}

/// End of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeEnd {
    /// The range is its one key.
    Single,
    /// The range ends before this key.
    Before(Vec<u8>),
    /// There is no end: every key from the first one on.
    Never,
}

impl Span {
    /// Reads a request's key and end as etcd does.
    pub(super) fn of(start: &[u8], end: &[u8]) -> Self {
        let end = match end {
            b"" => RangeEnd::Single,
            b"\0" => RangeEnd::Never,
            end => RangeEnd::Before(end.into()),
        };
        Self { start: start.into(), end }
    }

    /// Returns every key with this prefix; all keys for an empty one.
    pub(super) fn prefix(prefix: &[u8]) -> Self {
        if prefix.is_empty() {
            return Self::from_key(prefix);
        }
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Self { start: prefix.into(), end: RangeEnd::Before(end) };
            }
        }
        Self { start: prefix.into(), end: RangeEnd::Never }
    }

    /// Returns every key from this one on.
    pub(super) fn from_key(key: &[u8]) -> Self {
        Self { start: if key.is_empty() { vec![0] } else { key.into() }, end: RangeEnd::Never }
    }

    /// Returns the range for counting.
    #[must_use]
    pub fn range(&self) -> ForeignRange {
        match &self.end {
            RangeEnd::Single => ForeignRange::granted(&self.start, b""),
            RangeEnd::Before(end) => ForeignRange::granted(&self.start, end),
            RangeEnd::Never => ForeignRange::granted(&self.start, b"\0"),
        }
    }

    /// Tells whether the range can hold no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range().is_empty()
    }

    /// Tells whether the range can hold only keys of the scope.
    #[must_use]
    pub fn lies_in(&self, scope: &Scope) -> bool {
        let Self { start: low, end: high } = Self::prefix(scope.as_str().as_bytes());
        let ends = match (&self.end, &high) {
            (RangeEnd::Single, _) => true,
            (RangeEnd::Before(end), RangeEnd::Before(high)) => end <= high,
            _ => false,
        };
        self.start.starts_with(&low) && ends
    }

    /// Returns the tenants whose keys the range could reach.
    pub(super) fn tenants(&self) -> Vec<&'static Tenant> {
        let range = self.range();
        let reaches = |tenant: &&Tenant| {
            !range
                .between(format!("{}/", tenant.prefix).as_bytes(), format!("{}0", tenant.prefix).as_bytes())
                .is_empty()
        };
        TENANTS.iter().filter(reaches).collect()
    }

    /// Returns the prefix, if the range is exactly the keys with it.
    fn as_prefix(&self) -> Option<&[u8]> {
        (self.end != RangeEnd::Single && *self == Self::prefix(&self.start)).then_some(&self.start)
    }

    /// Describes the keys in words.
    #[must_use]
    pub(super) fn in_words(&self) -> Sentence {
        let start = in_a_sentence(&self.start);
        match &self.end {
            RangeEnd::Single => sentence!["the key ", start],
            RangeEnd::Never if self.start == [0] => "every key of etcd".into(),
            _ if self.is_empty() => {
                sentence!["no key, because nothing lies from ", start, " up to ", self.end_in_words()]
            }
            _ if self.as_prefix().is_some() => sentence!["every key that begins with ", start],
            RangeEnd::Never => sentence!["every key from ", start, " on, to the last one of etcd"],
            RangeEnd::Before(_) => sentence!["every key from ", start, " up to ", self.end_in_words()],
        }
    }

    fn end_in_words(&self) -> Sentence {
        match &self.end {
            RangeEnd::Before(end) => in_a_sentence(end),
            RangeEnd::Single | RangeEnd::Never => Sentence::default(),
        }
    }
}

/// Returns a key for a sentence; in quotes if a blank at one of its ends would not be visible.
fn in_a_sentence(key: &[u8]) -> Sentence {
    let is_blank = |byte: Option<&u8>| byte == Some(&b' ');
    let spelled = Spelled(key);
    if is_blank(key.first()) || is_blank(key.last()) {
        sentence!["'", spelled, "'"]
    } else {
        sentence![spelled]
    }
}

/// The bytes: `["/", "coredns")`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = Spelled(&self.start);
        match &self.end {
            RangeEnd::Single => write!(f, "\"{start}\""),
            RangeEnd::Before(end) => write!(f, "[\"{start}\", \"{}\")", Spelled(end)),
            RangeEnd::Never => write!(f, "[\"{start}\", ...)"),
        }
    }
}
