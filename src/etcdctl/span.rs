use super::sentence::{Sentence, sentence};
use crate::keys::{ForeignRange, Interval as _, Scope, TENANTS, Tenant, spelling::Spelled};
use std::fmt;

/// Which keys a request names, as etcd gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: Vec<u8>,
    pub end: End,
}

/// Where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With its one key.
    Single,
    /// Before this key.
    Before(Vec<u8>),
    /// There is none: every key from the first one on.
    Never,
}

impl Span {
    /// As etcd reads a request's key and end.
    pub(super) fn of(start: &[u8], end: &[u8]) -> Self {
        let end = match end {
            b"" => End::Single,
            b"\0" => End::Never,
            end => End::Before(end.into()),
        };
        Self { start: start.into(), end }
    }

    /// Every key that begins so; all keys for nothing.
    pub(super) fn prefix(prefix: &[u8]) -> Self {
        if prefix.is_empty() {
            return Self::from_key(prefix);
        }
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Self { start: prefix.into(), end: End::Before(end) };
            }
        }
        Self { start: prefix.into(), end: End::Never }
    }

    /// Every key from this one on.
    pub(super) fn from_key(key: &[u8]) -> Self {
        Self { start: if key.is_empty() { vec![0] } else { key.into() }, end: End::Never }
    }

    /// For counting.
    #[must_use]
    pub fn range(&self) -> ForeignRange {
        match &self.end {
            End::Single => ForeignRange::granted(&self.start, b""),
            End::Before(end) => ForeignRange::granted(&self.start, end),
            End::Never => ForeignRange::granted(&self.start, b"\0"),
        }
    }

    /// Whether it can hold no key, whatever there is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range().is_empty()
    }

    /// Whether it can hold only keys of the scope.
    #[must_use]
    pub fn lies_in(&self, scope: &Scope) -> bool {
        let Self { start: low, end: high } = Self::prefix(scope.as_str().as_bytes());
        let ends = match (&self.end, &high) {
            (End::Single, _) => true,
            (End::Before(end), End::Before(high)) => end <= high,
            _ => false,
        };
        self.start.starts_with(&low) && ends
    }

    /// Whose keys it could reach.
    pub(super) fn tenants(&self) -> Vec<&'static Tenant> {
        let range = self.range();
        let reaches = |tenant: &&Tenant| {
            !range
                .between(format!("{}/", tenant.prefix).as_bytes(), format!("{}0", tenant.prefix).as_bytes())
                .is_empty()
        };
        TENANTS.iter().filter(reaches).collect()
    }

    /// The prefix that all of it has, where it is exactly that.
    fn as_prefix(&self) -> Option<&[u8]> {
        (self.end != End::Single && *self == Self::prefix(&self.start)).then_some(&self.start)
    }

    /// Which keys these are, in words.
    #[must_use]
    pub(super) fn in_words(&self) -> Sentence {
        let start = in_a_sentence(&self.start);
        match &self.end {
            End::Single => sentence!["the key ", start],
            End::Never if self.start == [0] => "every key of etcd".into(),
            _ if self.is_empty() => {
                sentence!["no key, because nothing lies from ", start, " up to ", self.end_in_words()]
            }
            _ if self.as_prefix().is_some() => sentence!["every key that begins with ", start],
            End::Never => sentence!["every key from ", start, " on, to the last one of etcd"],
            End::Before(_) => sentence!["every key from ", start, " up to ", self.end_in_words()],
        }
    }

    fn end_in_words(&self) -> Sentence {
        match &self.end {
            End::Before(end) => in_a_sentence(end),
            End::Single | End::Never => Sentence::default(),
        }
    }
}

/// A key as it stands among words; in quotes where a blank at one of its ends would not be seen.
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
            End::Single => write!(f, "\"{start}\""),
            End::Before(end) => write!(f, "[\"{start}\", \"{}\")", Spelled(end)),
            End::Never => write!(f, "[\"{start}\", ...)"),
        }
    }
}
