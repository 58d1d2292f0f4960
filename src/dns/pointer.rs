//! Pointers: aliases that serve PTR queries, and that nobody follows.

use super::{Class, Name, Service};

/// Tells whether the value at this name's own key was meant as a PTR record: for a name in a tree of addresses, or for
/// one that leads from a kind of service to an instance of it (`_ipp._tcp` to `office._ipp._tcp`, RFC 6763, section
/// 4.1). As an alias, the latter would lead below itself, and `CoreDNS` drops that.
#[must_use]
pub fn is_pointer(name: &Name, service: &Service) -> bool {
    if service.class() != Class::Alias || service.mail || service.port.is_some_and(|port| port != -1) {
        return false;
    }
    let mut labels = name.labels();
    let is_kind = labels.next().is_some_and(|label| label.starts_with(b"_"))
        && matches!(labels.next(), Some(b"_tcp" | b"_udp"));
    let leads_below = || Name::parse(&service.host).is_ok_and(|host| host != *name && host.is_within(name));
    name.is_reverse() || (is_kind && leads_below())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_stands_in_a_tree_of_addresses_or_leads_from_a_service_to_its_instance() {
        for (name, value, is_meant) in [
            ("1.2.0.192.in-addr.arpa", r#"{"host":"www.example.org"}"#, true),
            ("1.2.0.192.in-addr.arpa", r#"{"host":"192.0.2.1"}"#, false),
            ("1.2.0.192.in-addr.arpa", r#"{"host":"www.example.org","port":80}"#, false),
            ("_ipp._tcp.lan", r#"{"host":"office._ipp._tcp.lan"}"#, true),
            ("_ipp._tcp.lan", r#"{"host":"office._ipp._tcp.lan","port":631}"#, false),
            ("_ipp._tcp.lan", r#"{"host":"_ipp._tcp.lan"}"#, false),
            ("_ipp._tcp.lan", r#"{"host":"_ipp._tcp.other"}"#, false),
            ("_ipp._tcp.lan", r#"{"host":"office._ipp._tcp.lan","text":"t"}"#, false),
            ("office._ipp._tcp.lan", r#"{"host":"a.office._ipp._tcp.lan"}"#, false),
            ("_acme-challenge.lan", r#"{"host":"a._acme-challenge.lan"}"#, false),
        ] {
            let service = Service::decode(value.as_bytes()).unwrap();
            assert_eq!(is_pointer(&Name::parse(name).unwrap(), &service), is_meant, "{name} {value}");
        }
    }
}
