//! Hidden values: those at a name's own key that keys below the name hide (plugin/etcd/etcd.go, `get`).

use super::{Class, Name, Service, is_pointer};

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
