//! Sentences about lines that others wrote. A sentence cannot be made from a text that is not escaped.
use super::{EtcdctlVersion, quoted};
use crate::{foreign_text::ForeignText, keys::spelling::Spelled};
use std::{fmt, ops::Deref};

/// Words of this program, with escaped words of others between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence(String);

/// Part of a sentence: a text of this program itself, or one that is shown escaped.
pub(super) trait SentencePart: fmt::Display {}

impl SentencePart for &'static str {}
impl SentencePart for ForeignText<'_> {}
impl SentencePart for Spelled<'_> {}
impl SentencePart for Sentence {}
impl SentencePart for EtcdctlVersion {}
impl SentencePart for usize {}
impl SentencePart for Number {}

/// Number of a character, in its escaped form.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// `U+00A0`
    Named(char),
    /// `\u{a0}`
    Escaped(char),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Named(c) => write!(f, "U+{:04X}", u32::from(c)),
            Self::Escaped(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        }
    }
}

/// Makes a sentence from its parts.
macro_rules! sentence {
    ($($part:expr),+ $(,)?) => {
        $crate::etcdctl::sentence::Sentence::of(&[$(&$part),+])
    };
}
pub(super) use sentence;

impl Sentence {
    pub(super) fn of(parts: &[&dyn SentencePart]) -> Self {
        Self(parts.iter().map(ToString::to_string).collect())
    }

    /// Returns a word quoted for a shell.
    pub(super) fn quoted(text: ForeignText<'_>) -> Self {
        Self(quoted(&text.to_string()))
    }

    pub(super) fn joined(parts: &[Self], between: &'static str) -> Self {
        Self(parts.iter().map(|part| part.0.as_str()).collect::<Vec<_>>().join(between))
    }

    /// Returns the sentence without blanks at its end.
    pub(super) fn trimmed(self) -> Self {
        Self(self.0.trim_end().to_owned())
    }
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}
