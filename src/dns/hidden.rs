//! Hidden values: those at a name's own key that keys below the name hide (plugin/etcd/etcd.go, `get`).

use super::{Class, Name, Service, is_pointer};
use crate::keys::{Scope, ScopedKey};

/// The part of a value that keys below its name hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// All of it: no question for the name gets the value.
    Wholly,
    /// All but CNAME and PTR, which `CoreDNS` reads at the name's own key alone.
    ButForAliases,
}

impl Hidden {
    /// Returns the hidden part of the value at this name's own key, when there is a key below the name. `None` where no
    /// question for the name would get the value anyway, since it serves nothing or the name cannot be asked for. A
    /// question with a wildcard reads below the name above, where nothing is hidden. `None` for a pointer too: it
    /// serves PTR alone.
    #[must_use]
    pub fn of(name: &Name, service: &Service) -> Option<Self> {
        if is_pointer(name, service) || service.class() == Class::Nothing || !name.is_served() {
            return None;
        }
        let is_alias = match service.class() {
            Class::Alias => true,
            Class::Text => !service.host.is_empty(),
            Class::V4(_) | Class::V6(_) | Class::Nothing => false,
        };
        Some(if is_alias { Self::ButForAliases } else { Self::Wholly })
    }

    /// Returns the hidden part of a stored value, when there is a key below its own. `None` outside these zones, if any
    /// are named. A value that `CoreDNS` cannot read breaks nothing there, and is of no use.
    #[must_use]
    pub fn of_stored(zones: &[Name], scope: &Scope, key: &ScopedKey, value: &[u8]) -> Option<Self> {
        let name = Name::of_key(scope, key);
        if !zones.is_empty() && !zones.iter().any(|zone| name.is_within(zone)) {
            return None;
        }
        Service::decode(value).map_or(Some(Self::Wholly), |service| Self::of(&name, &service))
    }

    /// Returns the sentence about it.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Wholly => "CoreDNS ignores it: the name has keys below",
            Self::ButForAliases => "only CNAME and PTR queries see it: the name has keys below",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_hangs_on_the_host_and_on_who_can_ask() {
        for (name, value, hidden) in [
            ("www.example.org", r#"{"host":"192.0.2.1"}"#, Some(Hidden::Wholly)),
            ("www.example.org", r#"{"text":"t"}"#, Some(Hidden::Wholly)),
            ("www.example.org", r#"{"host":"a.test"}"#, Some(Hidden::ButForAliases)),
            ("www.example.org", r#"{"host":"a.test","text":"t"}"#, Some(Hidden::ButForAliases)),
            ("www.example.org", r#"{"host":"192.0.2.1","text":"t"}"#, Some(Hidden::Wholly)),
            ("www.example.org", "{}", None),
            ("*.example.org", r#"{"host":"192.0.2.1"}"#, None),
            ("www.any.example.org", r#"{"host":"192.0.2.1"}"#, None),
            ("1.2.0.192.in-addr.arpa", r#"{"host":"a.test"}"#, None),
            ("1.2.0.192.in-addr.arpa", r#"{"host":"192.0.2.1"}"#, Some(Hidden::Wholly)),
        ] {
            let service = Service::decode(value.as_bytes()).unwrap();
            assert_eq!(Hidden::of(&Name::parse(name).unwrap(), &service), hidden, "{name} {value}");
        }
    }
}
