use super::{
    KeyRange, OutsideScopeError, ScopedKey,
    reserved::Tenant,
    spelling::{SpellingError, spell, unspell},
};
use crate::remedy::Remedy;
use std::fmt;

/// The part of the keyspace that this session may touch, for example `/coredns/`. CoreDNS's own word for it
/// is `path`.
///
/// Always starts and ends with `/` and holds at least one segment, so `/coredns/` never matches
/// `/coredns-old/…` and an empty setting can never widen to the whole keyspace. Fixed for the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

/// Reason why a prefix cannot be a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    #[error("the prefix is empty, which would be all of etcd")]
    Empty,
    #[error("the prefix / is all of etcd")]
    Everything,
    #[error("the prefix {0:?} does not start with a slash")]
    NoLeadingSlash(String),
    #[error("the prefix {0:?} holds an empty segment")]
    EmptySegment(String),
    /// `CoreDNS` joins its path with Go's `path.Join`, which cleans it (plugin/etcd/msg/path.go); etcd's keys are
    /// bytes.
    #[error(
        "the prefix {prefix:?} holds . or .. as a segment: CoreDNS would read {cleaned}, and etcd takes it as it stands"
    )]
    Relative { prefix: String, cleaned: String },
    #[error("the prefix {0:?} holds a character that cannot be typed safely")]
    Unprintable(String),
    #[error("the prefix {prefix:?} belongs to {owner} ({reserved})")]
    Reserved { prefix: String, reserved: &'static str, owner: &'static str },
}

impl Remedy for ScopeError {
    fn remedy(&self) -> String {
        match self {
            Self::Empty | Self::Everything => {
                "Give the path of CoreDNS's etcd block with --prefix, for example --prefix /coredns."
            }
            Self::NoLeadingSlash(_) => "Write it with a leading slash, for example --prefix /coredns.",
            Self::EmptySegment(_) => "Write one slash between segments, for example --prefix /coredns.",
            Self::Relative { .. } => {
                "Write the path that CoreDNS reads, without . and .., for example --prefix /coredns."
            }
            Self::Unprintable(_) => "Use printable ASCII only, for example --prefix /coredns.",
            Self::Reserved { .. } => {
                "Give the path of CoreDNS's etcd block; this program never touches other programs' keys."
            }
        }
        .to_owned()
    }
}

/// Reason why a text is no key of the scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum KeyError {
    Spelling(#[from] SpellingError),
    Outside(#[from] OutsideScopeError),
}

impl Remedy for KeyError {
    fn remedy(&self) -> String {
        match self {
            Self::Spelling(error) => error.remedy(),
            Self::Outside(error) => error.remedy(),
        }
    }
}

/// Warning about a scope that an operator should know before going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeWarning {
    /// CoreDNS drops exactly one segment when it makes a name out of a key (plugin/etcd/msg/path.go), so the
    /// targets that it invents for SRV, MX and NS end in the other segments.
    SeveralSegments,
}

impl fmt::Display for ScopeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralSegments => f.write_str(
                "this prefix has several segments: CoreDNS drops only the first when it invents SRV, MX and NS \
                 targets, so those targets will be wrong",
            ),
        }
    }
}

impl Scope {
    /// Takes a prefix as an operator writes it, with or without the closing slash.
    ///
    /// # Errors
    /// [`ScopeError`] when the prefix is empty, is `/`, does not start with a slash, has an empty segment, or
    /// is a prefix of another program ([`TENANTS`](super::TENANTS)) or a part or parent of one.
    pub fn parse(prefix: &str) -> Result<Self, ScopeError> {
        if prefix.is_empty() {
            return Err(ScopeError::Empty);
        }
        if prefix.bytes().all(|byte| byte == b'/') {
            return Err(ScopeError::Everything);
        }
        let Some(inner) = prefix.strip_prefix('/') else {
            return Err(ScopeError::NoLeadingSlash(prefix.to_owned()));
        };
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.split('/').any(|segment| segment == "." || segment == "..") {
            return Err(ScopeError::Relative { prefix: prefix.to_owned(), cleaned: cleaned(inner) });
        }
        if inner.split('/').any(str::is_empty) {
            return Err(ScopeError::EmptySegment(prefix.to_owned()));
        }
        if !inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(ScopeError::Unprintable(prefix.to_owned()));
        }
        let path = format!("/{inner}");
        if let Some(Tenant { prefix: reserved, owner }) = Tenant::overlapping(&path) {
            return Err(ScopeError::Reserved { prefix: path, reserved, owner });
        }
        Ok(Self(path + "/"))
    }

    /// Returns the warning about this scope, if there is one.
    #[must_use]
    pub fn warning(&self) -> Option<ScopeWarning> {
        (self.segments() > 1).then_some(ScopeWarning::SeveralSegments)
    }

    /// Returns the prefix with its closing slash: `/coredns/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number of segments of the prefix: 1 for `/coredns/`.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.0.split('/').filter(|segment| !segment.is_empty()).count()
    }

    /// Returns all keys of the scope.
    #[must_use]
    pub fn range(&self) -> KeyRange {
        KeyRange::below(self.0.as_bytes())
    }

    /// Takes in a key as bytes. etcd keys are bytes, so no UTF-8 is assumed.
    ///
    /// # Errors
    /// [`OutsideScopeError`] unless the key starts with this scope and goes past it.
    pub fn key(&self, bytes: &[u8]) -> Result<ScopedKey, OutsideScopeError> {
        match bytes.strip_prefix(self.0.as_bytes()) {
            Some(rest) if !rest.is_empty() => Ok(ScopedKey::proved(bytes)),
            _ => Err(OutsideScopeError { key: spell(bytes), scope: self.0.clone() }),
        }
    }

    /// Takes in a key as a person spells it ([`spelling`](super::spelling)).
    ///
    /// # Errors
    /// [`KeyError::Spelling`] for a wrong escape, [`KeyError::Outside`] for a key elsewhere.
    pub fn spelled_key(&self, text: &str) -> Result<ScopedKey, KeyError> {
        Ok(self.key(&unspell(text)?)?)
    }

    /// Returns the keys strictly below `key`: those that start with it and a slash. `key` may be the scope's own path
    /// without its closing slash, which gives the whole scope.
    ///
    /// # Errors
    /// [`OutsideScopeError`] when the subtree would not lie inside the scope.
    pub fn below(&self, key: &[u8]) -> Result<KeyRange, OutsideScopeError> {
        let mut prefix = key.to_vec();
        prefix.push(b'/');
        if prefix.starts_with(self.0.as_bytes()) {
            Ok(KeyRange::below(&prefix))
        } else {
            Err(OutsideScopeError { key: spell(&prefix), scope: self.0.clone() })
        }
    }

    /// Returns the keys strictly below a key of this scope. Cannot fail: every key below a scoped key is in the scope.
    #[must_use]
    pub fn below_key(&self, key: &ScopedKey) -> KeyRange {
        KeyRange::below(&[key.as_bytes(), b"/"].concat())
    }

    /// Returns the range that holds this key of the scope and no other.
    #[must_use]
    pub fn only(&self, key: &ScopedKey) -> KeyRange {
        KeyRange::only(key.as_bytes())
    }

    /// Returns the part of a key behind the scope, as segments between slashes.
    #[must_use = "iterators are lazy"]
    pub fn segments_of<'k>(&self, key: &'k ScopedKey) -> impl DoubleEndedIterator<Item = &'k [u8]> {
        key.as_bytes().get(self.0.len()..).unwrap_or_default().split(|byte| *byte == b'/')
    }
}

/// Cleans a path as Go's `path.Join` does.
fn cleaned(inner: &str) -> String {
    let mut segments = Vec::new();
    for segment in inner.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::TENANTS;
    use proptest::prelude::*;

    #[test]
    fn a_scope_never_covers_everything() {
        for raw in ["", "/", "//", "///", "coredns/", "coredns", "/a//b", "//a", "/a//", "/a b", "/ä", "/a\n"]
        {
            assert!(Scope::parse(raw).is_err(), "{raw:?} was accepted");
        }
    }

    #[test]
    fn a_path_that_coredns_cleans_and_etcd_does_not_is_no_scope() {
        for (raw, read) in [
            ("/coredns/..", "/"),
            ("/coredns/../registry", "/registry"),
            ("/coredns/./x", "/coredns/x"),
            ("/./coredns", "/coredns"),
            ("/..", "/"),
            ("/../coredns/", "/coredns"),
            ("/.", "/"),
            ("/a/b/../../..//c/.", "/c"),
        ] {
            let refused = Scope::parse(raw).unwrap_err();
            assert!(
                matches!(&refused, ScopeError::Relative { cleaned, .. } if cleaned == read),
                "{raw}: {refused}"
            );
        }
        for raw in ["/...", "/.coredns", "/coredns../x"] {
            assert!(Scope::parse(raw).is_ok(), "{raw} is a path like any other");
        }
    }

    #[test]
    fn no_reserved_prefix_nor_anything_in_it_can_be_a_scope() {
        for tenant in TENANTS {
            for raw in
                [tenant.prefix.to_owned(), format!("{}/", tenant.prefix), format!("{}/x", tenant.prefix)]
            {
                assert!(matches!(Scope::parse(&raw), Err(ScopeError::Reserved { .. })), "{raw} was accepted");
            }
        }
    }

    #[test]
    fn a_scope_is_always_closed_with_a_slash() {
        assert_eq!(Scope::parse("/coredns").unwrap().as_str(), "/coredns/");
        assert_eq!(Scope::parse("/coredns/").unwrap().as_str(), "/coredns/");
        assert_eq!(Scope::parse("/registry-dns").unwrap().as_str(), "/registry-dns/");
    }

    #[test]
    fn several_segments_are_allowed_with_a_warning() {
        assert_eq!(Scope::parse("/dns/prod").unwrap().warning(), Some(ScopeWarning::SeveralSegments));
        assert_eq!(Scope::parse("/coredns").unwrap().warning(), None);
    }

    #[test]
    fn the_range_of_a_subtree_holds_what_is_below_and_nothing_beside() {
        let scope = Scope::parse("/coredns").unwrap();
        let range = scope.below(b"/coredns/io/gcr").unwrap();
        for inside in
            ["/coredns/io/gcr/", "/coredns/io/gcr/x1", "/coredns/io/gcr//", "/coredns/io/gcr/\u{7f}"]
        {
            assert!(range.contains(inside.as_bytes()), "{inside}");
        }
        for outside in ["/coredns/io/gcr", "/coredns/io/gcr0", "/coredns/io/gcr-old/x", "/coredns/io/gcr.x"] {
            assert!(!range.contains(outside.as_bytes()), "{outside}");
        }
        assert_eq!(scope.below(b"/coredns").unwrap(), scope.range());
        for wider in [&b""[..], b"/", b"/coredn", b"/coredns-old", b"/registry"] {
            assert!(scope.below(wider).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_scope_is_what_coredns_reads(raw in "/{0,2}[a-c./]{0,12}") {
            if let Ok(scope) = Scope::parse(&raw) {
                prop_assert_eq!(scope.as_str(), format!("{}/", cleaned(&raw)));
            }
        }

        // Both arms matter: random bytes alone would almost never start with the prefix.
        #[test]
        fn a_scope_takes_exactly_the_keys_below_it(
            head in prop_oneof![
                Just(&b"/coredns/"[..]), Just(&b"/coredns-old/"[..]), Just(&b"/coredns"[..]), Just(&b""[..])
            ],
            tail in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let key = [head, &tail].concat();
            let below = key.len() > 9 && key.starts_with(b"/coredns/");
            prop_assert_eq!(Scope::parse("/coredns/").unwrap().key(&key).is_ok(), below);
        }

        #[test]
        fn a_piece_of_a_range_never_leaves_it(
            from in proptest::collection::vec(any::<u8>(), 0..12),
            to in proptest::collection::vec(any::<u8>(), 0..12),
            key in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let whole = Scope::parse("/c").unwrap().range();
            let piece = whole.between(&from, &to);
            prop_assert!(!piece.contains(&key) || whole.contains(&key));
            // etcd gives an end below its start, "" and "\0", meanings of their own.
            prop_assert!(whole.start() <= piece.start() && piece.start() <= piece.end());
            prop_assert!(piece.end() <= whole.end());
        }
    }
}
