use super::{Exit, command_error::CommandError};
use crate::{
    dns::{Name, NameError},
    keys::{KeyRange, Scope, ScopedKey, spelling::unspell},
};
use std::net::IpAddr;

/// Target that an argument names: a key if it starts with a slash, a DNS name otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetArgument {
    Key(ScopedKey),
    Name {
        name: Name,
        key: ScopedKey,
    },
    /// The root `.`, which has no key.
    Root,
}

impl TargetArgument {
    /// # Errors
    /// A key outside the scope (exit code 4), or a text that is neither key nor name (2).
    pub(super) fn parse(scope: &Scope, text: &str) -> Result<Self, CommandError> {
        if text.starts_with('/') || text.starts_with('\\') {
            return Ok(Self::Key(scope.spelled_key(text)?));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Err(CommandError::usage(
                format!("{address} is an address, not a name"),
                format!("Give a name such as {}, or find the address with search.", reverse_name(address)),
            ));
        }
        let name = Name::typed(scope, text)?;
        match name.key(scope) {
            Ok(key) => Ok(Self::Name { name, key }),
            Err(_) => Ok(Self::Root),
        }
    }

    /// Returns the subtree that an argument names: a name, or a key with or without the closing slash of its subtree.
    ///
    /// # Errors
    /// As [`TargetArgument::parse`]; the scope itself is outside.
    pub(super) fn subtree(scope: &Scope, text: &str) -> Result<ScopedKey, CommandError> {
        match text.strip_suffix('/') {
            Some(key) if text.starts_with('/') => Ok(scope.spelled_key(key)?),
            _ => match Self::parse(scope, text)? {
                Self::Key(key) | Self::Name { key, .. } => Ok(key),
                Self::Root => Err(whole_scope(scope)),
            },
        }
    }

    /// Returns the name's own key, if it has one, and the range of the keys below it, for reading.
    ///
    /// # Errors
    /// As [`TargetArgument::parse`].
    pub(super) fn readable(
        scope: &Scope,
        text: Option<&str>,
    ) -> Result<(Option<ScopedKey>, KeyRange), CommandError> {
        let Some(text) = text else { return Ok((None, scope.range())) };
        // The scope's own path names everything in it.
        if unspell(text.strip_suffix('/').unwrap_or(text)).is_ok_and(|path| is_scope(scope, &path)) {
            return Ok((None, scope.range()));
        }
        match Self::parse(scope, text)? {
            Self::Key(_) => {
                let key = Self::subtree(scope, text)?;
                let below = scope.below_key(&key);
                Ok((Some(key), below))
            }
            Self::Name { key, .. } => {
                let below = scope.below_key(&key);
                Ok((Some(key), below))
            }
            Self::Root => Ok((None, scope.range())),
        }
    }
}

/// Returns the name under which PTR queries ask for an address (RFC 1035, section 3.5; RFC 3596, section 2.5).
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev().flat_map(|byte| [byte & 0xf, byte >> 4]);
            let labels: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            labels.join(".") + ".ip6.arpa"
        }
    }
}

fn is_scope(scope: &Scope, path: &[u8]) -> bool {
    scope.as_str().as_bytes().strip_suffix(b"/") == Some(path)
}

/// Returns the error for a change of the whole scope: the root has no key, and everything is not a record.
pub(super) fn whole_scope(scope: &Scope) -> CommandError {
    CommandError::new(
        Exit::Refused,
        format!("{}: . would be all of {scope}", NameError::Root),
        "Name one zone or record; nothing takes away the whole scope.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    #[test]
    fn a_slash_makes_a_key_and_everything_else_is_a_name() {
        let key = |text| scope().spelled_key(text).unwrap();
        assert_eq!(
            TargetArgument::parse(&scope(), "/coredns/io/gcr/x1"),
            Ok(TargetArgument::Key(key("/coredns/io/gcr/x1")))
        );
        let Ok(TargetArgument::Name { key: of_name, .. }) = TargetArgument::parse(&scope(), "GCR.io.") else {
            panic!()
        };
        assert_eq!(of_name, key("/coredns/io/gcr"));
        assert_eq!(TargetArgument::parse(&scope(), "."), Ok(TargetArgument::Root));
    }

    #[test]
    fn an_address_is_taken_for_no_name() {
        assert!(
            TargetArgument::parse(&scope(), "10.0.0.1")
                .unwrap_err()
                .remedy()
                .contains("1.0.0.10.in-addr.arpa")
        );
        let v6 = TargetArgument::parse(&scope(), "2001:db8::1").unwrap_err();
        let reverse = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert!(v6.remedy().contains(reverse), "{v6:?}");
    }

    #[test]
    fn what_lies_outside_is_refused_and_not_taken_for_something_else() {
        for text in ["/", "/registry", "/coredns", "/coredns-old/x", "//coredns/x", "/coredns/"] {
            let refused = TargetArgument::parse(&scope(), text).map(|_| ()).unwrap_err();
            assert_eq!(refused.exit, Exit::Refused, "{text}");
            assert!(TargetArgument::subtree(&scope(), text).is_err(), "{text}");
        }
        assert_eq!(TargetArgument::subtree(&scope(), ".").unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn the_subtree_of_a_key_may_be_written_with_its_closing_slash() {
        let key = |text| scope().spelled_key(text).unwrap();
        for (text, name) in [
            ("/coredns/io/gcr", "/coredns/io/gcr"),
            ("/coredns/io/gcr/", "/coredns/io/gcr"),
            ("/coredns/io/gcr//", "/coredns/io/gcr/"),
            ("gcr.io", "/coredns/io/gcr"),
        ] {
            assert_eq!(TargetArgument::subtree(&scope(), text), Ok(key(name)), "{text}");
        }
    }
}
