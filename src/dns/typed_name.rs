//! Typed names: names from a person's input that could also hold a key.
use super::{Name, NameError};
use crate::{keys::Scope, remedy::Remedy};
use std::fmt;

/// Reason why a typed text is not taken as a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedNameError {
    #[error(transparent)]
    Name(#[from] NameError),
    /// Neither a key nor a name: a label may hold a slash (RFC 2317), and nearly nobody means that.
    #[error(
        "{typed:?} is neither a key, which begins with a slash, nor a name, which has dots between its labels"
    )]
    Slash { typed: String, meant: NameCorrection },
    #[error("{typed:?} is a key, and a name is asked for")]
    Key { typed: String, name: String },
    /// Letters from an input method that only look like those of a name.
    #[error("{0:?} has full-width letters, as an input method types them")]
    FullWidth(String),
}

/// Correction of a typed text: what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameCorrection {
    /// This key, as it was typed but for its first slash, or the name that lies there.
    Key { key: String, name: String },
    /// A name with dots, or one whose label contains the slash.
    Name { dotted: String, escaped: Option<String> },
}

impl TypedNameError {
    /// Returns the error and the correction in one line, for places that have only one.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        match self {
            Self::Name(error) => error.to_string(),
            Self::Slash { meant, .. } => format!("neither a key nor a name: write {meant}"),
            Self::Key { name, .. } => format!("a key, and no name: write {name}"),
            Self::FullWidth(typed) => {
                format!("full-width letters: switch the input method off, and write {}", half_width(typed))
            }
        }
    }
}

impl Remedy for TypedNameError {
    fn remedy(&self) -> String {
        match self {
            Self::Name(error) => error.remedy(),
            Self::Slash { meant, .. } => format!("Write {meant}."),
            Self::Key { name, .. } => format!("Write {name}."),
            Self::FullWidth(typed) => {
                format!("Switch the input method off, and write {}.", half_width(typed))
            }
        }
    }
}

impl fmt::Display for NameCorrection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key, name } => write!(f, "{key} for the key, or {name} for the name"),
            Self::Name { dotted, escaped: None } => write!(f, "{dotted}"),
            Self::Name { dotted, escaped: Some(escaped) } => {
                write!(f, "{dotted} for the name, or {escaped} where a label itself has the slash (RFC 2317)")
            }
        }
    }
}

impl Name {
    /// Takes a name as a person types it, as [`parse`](Self::parse) does. It refuses a slash that is not escaped:
    /// `a/b.io` is a slip, and `coredns/io/gcr` a key without its first slash. In the trees of addresses it takes the
    /// slash, which RFC 2317 writes.
    ///
    /// # Errors
    /// [`TypedNameError`] with the probable correction.
    pub fn typed(scope: &Scope, text: &str) -> Result<Self, TypedNameError> {
        if half_width(text) != text {
            return Err(TypedNameError::FullWidth(text.to_owned()));
        }
        if !has_bare_slash(text) || Self::parse(text).is_ok_and(|name| name.is_reverse()) {
            return Ok(Self::parse(text)?);
        }
        let typed = text.to_owned();
        Err(if text.starts_with('/') {
            TypedNameError::Key { typed, name: name_of(scope, text) }
        } else {
            TypedNameError::Slash { typed, meant: NameCorrection::of(scope, text) }
        })
    }
}

impl NameCorrection {
    fn of(scope: &Scope, text: &str) -> Self {
        let path = text.trim_end_matches('/');
        let of_scope = scope.as_str().trim_matches('/');
        if path == of_scope || path.strip_prefix(of_scope).is_some_and(|rest| rest.starts_with('/')) {
            let key = format!("/{path}");
            return Self::Key { name: name_of(scope, &key), key };
        }
        if !path.contains('.') {
            let key = format!("{scope}{path}");
            return Self::Key { name: name_of(scope, &key), key };
        }
        let escaped = path.contains('/').then(|| path.replace('/', r"\/"));
        Self::Name { dotted: path.replace('/', "."), escaped }
    }
}

/// Returns the name that lies at a key, which may be outside the scope.
fn name_of(scope: &Scope, key: &str) -> String {
    scope.spelled_key(key.trim_end_matches('/')).map_or_else(
        |_| {
            let segments: Vec<&str> = key.split('/').filter(|segment| !segment.is_empty()).rev().collect();
            if segments.len() > 1 { segments.join(".") } else { ".".to_owned() }
        },
        |key| Name::of_key(scope, &key).to_string(),
    )
}

/// Tells whether the text has a slash that no backslash escapes.
fn has_bare_slash(text: &str) -> bool {
    let mut escaped = false;
    text.bytes().any(|byte| {
        let bare = byte == b'/' && !escaped;
        escaped = byte == b'\\' && !escaped;
        bare
    })
}

/// Returns the text with the full-width forms of ASCII (U+FF01 to U+FF5E) and the ideographic space and full stop as
/// ASCII.
#[must_use]
pub fn half_width(text: &str) -> String {
    text.chars().map(|c| half_width_char(c).unwrap_or(c)).collect()
}

/// Returns the ASCII character for a full-width one; `None` for any other.
#[must_use]
pub fn half_width_char(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + 0x21),
        '\u{3000}' => Some(' '),
        '\u{3002}' => Some('.'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str) -> Result<Name, TypedNameError> {
        Name::typed(&Scope::parse("/coredns").unwrap(), text)
    }

    #[test]
    fn a_slash_in_a_name_is_refused_with_what_was_meant() {
        for (text, meant) in [
            ("coredns/io/gcr/x1", "Write /coredns/io/gcr/x1 for the key, or x1.gcr.io for the name."),
            ("io/gcr/x1", "Write /coredns/io/gcr/x1 for the key, or x1.gcr.io for the name."),
            ("coredns/", "Write /coredns for the key, or . for the name."),
            (
                "a/b.io",
                r"Write a.b.io for the name, or a\/b.io where a label itself has the slash (RFC 2317).",
            ),
        ] {
            let refused = typed(text).unwrap_err();
            assert!(matches!(refused, TypedNameError::Slash { .. }), "{text}: {refused}");
            assert_eq!(refused.remedy(), meant, "{text}");
        }
        assert_eq!(typed("gcr.io/").unwrap_err().remedy(), "Write gcr.io.");
        let key = typed("/coredns/io/gcr").unwrap_err();
        assert_eq!(key.in_one_line(), "a key, and no name: write gcr.io");
    }

    #[test]
    fn a_slash_that_is_escaped_or_lies_in_a_tree_of_addresses_belongs_to_its_label() {
        for (text, key) in [
            ("7.0/25.2.0.192.in-addr.arpa", "/coredns/arpa/in-addr/192/0/2/0/25/7"),
            (r"a\/b.io", "/coredns/io/a/b"),
            (r"a\047b.io", "/coredns/io/a/b"),
        ] {
            assert_eq!(typed(text).unwrap().key(&Scope::parse("/coredns").unwrap()).unwrap().spelled(), key);
        }
        assert!(typed(r"a\\/b.io").is_err(), "its backslash is escaped, and not its slash");
    }

    #[test]
    fn full_width_letters_are_recognised_and_not_taken_for_others() {
        for text in ["ｇｃｒ.io", "gcr．io", "gcr。io", "gcr\u{3000}io"] {
            let refused = typed(text).unwrap_err();
            assert!(
                refused.remedy().starts_with("Switch the input method off"),
                "{text}: {}",
                refused.remedy()
            );
        }
        assert!(matches!(typed("日本.jp"), Err(TypedNameError::Name(NameError::NotAscii(_)))));
    }

    proptest! {
        #[test]
        fn no_name_that_is_taken_has_more_levels_than_dots(text in "[a-c./]{1,12}") {
            let scope = Scope::parse("/coredns").unwrap();
            // The root has no key.
            if let Ok(name) = typed(&text) && let Ok(key) = name.key(&scope) {
                let levels = scope.segments_of(&key).count();
                prop_assert_eq!(levels, name.labels().len(), "{} became {}", text, key.spelled());
            }
        }
    }
}
