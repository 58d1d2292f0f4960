//! Owner of a record: the name that it was made for. A key names no owner: `CoreDNS` answers for a name with everything
//! below it, so several records of one name lie in leaves whose own names nobody asks for.

use super::{Name, Service};
use crate::keys::{Scope, ScopedKey};

/// Tells whether a key's last segment is one of several leaves of a name, and no host: `x1` and the like, or eight
/// hexadecimal digits, as programs make them up. Those of external-dns are [some of
/// them](super::external_dns::is_leaf).
#[must_use]
pub fn is_numbered(leaf: &[u8]) -> bool {
    let number =
        leaf.strip_prefix(b"x").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit));
    number || (leaf.len() == 8 && leaf.iter().all(u8::is_ascii_hexdigit))
}

/// Returns the name that a record at this key was meant for by its author: the zone for a key in its `dns/apex`; the
/// name without as many labels as `targetstrip` says, or without a numbered leaf; else the key's own name.
///
/// A numbered leaf right below a zone is the zone's as well: without a `dns/apex` the zone answers with it, and people
/// keep a zone of a single name so.
#[must_use]
pub fn owner(scope: &Scope, zones: &[Name], key: &ScopedKey, service: &Service) -> Name {
    let own = Name::of_key(scope, key);
    let labels: Vec<&[u8]> = own.labels().collect();
    let above = |count: usize| (0..count).try_fold(own.clone(), |name, _| name.parent());
    if let Some(at) = labels.windows(2).position(|pair| matches!(pair, [b"apex", b"dns"]))
        && let Some(zone) = above(at + 2)
        && zones.contains(&zone)
    {
        return zone;
    }
    let strip = service.target_strip.and_then(|strip| usize::try_from(strip).ok()).unwrap_or_default();
    if (1..labels.len()).contains(&strip) {
        return above(strip).unwrap_or(own);
    }
    match (labels.first(), own.parent()) {
        (Some(leaf), Some(parent))
            if is_numbered(leaf) && (parent.labels().len() > 1 || zones.contains(&parent)) =>
        {
            parent
        }
        _ => own,
    }
}

/// Returns the name right above a record with nothing below it, if that name answers with the record as one of its own.
///
/// `CoreDNS` has no notion of leaves: it answers for a name with what lies below it, whatever that is called (`0`, `a`,
/// `node1` as well as `x1`), and each of these is a name itself. So such a record belongs to both names.
///
/// A zone's own addresses lie in its `dns/apex`, so right below a zone, only a record whose label names no host is the
/// zone's own. In reverse trees each level is a part of an address, and below `dns` `CoreDNS` reads for the zone.
#[must_use]
pub fn leaf_of(zones: &[Name], own: &Name) -> Option<Name> {
    let above = own.parent()?;
    let zone = zones.iter().filter(|zone| above.is_within(zone)).max_by_key(|zone| zone.labels().len())?;
    let inside = above.labels().len() - zone.labels().len();
    let is_for_the_zone =
        inside.checked_sub(1).and_then(|last| above.labels().nth(last)).is_some_and(|label| label == b"dns");
    let is_own = if above == *zone { own.labels().next().is_some_and(is_numbered) } else { !is_for_the_zone };
    Some(above).filter(|_| is_own && !own.is_reverse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_lies_right_below_a_name_is_a_leaf_of_it() {
        let zones = ["example.org", "org", "in-addr.arpa"].map(|zone| Name::parse(zone).unwrap());
        for (own, name) in [
            ("0.app.example.org", Some("app.example.org")),
            ("node1.lan.example.org", Some("lan.example.org")),
            ("x1.app.example.org", Some("app.example.org")),
            ("app.example.org", None),
            ("x1.example.org", Some("example.org")),
            ("048b0377.example.org", Some("example.org")),
            ("x1.apex.dns.example.org", None),
            ("apex.dns.example.org", None),
            ("dns.example.org", None),
            ("a.dns.lan.example.org", Some("dns.lan.example.org")),
            ("0.app.other.org", Some("app.other.org")),
            ("1.2.0.192.in-addr.arpa", None),
            ("0.app.test", None),
        ] {
            let found = leaf_of(&zones, &Name::parse(own).unwrap());
            assert_eq!(found.map(|name| name.to_string()).as_deref(), name, "{own}");
        }
    }

    #[test]
    fn a_record_is_its_names_and_not_its_leafs() {
        let scope = Scope::parse("/coredns").unwrap();
        let zones = [Name::parse("example.org").unwrap(), Name::parse("io").unwrap()];
        for (key, strip, name) in [
            ("io/gcr", 0, "gcr.io"),
            ("io/gcr/x1", 0, "gcr.io"),
            ("io/gcr/x", 0, "x.gcr.io"),
            ("io/gcr/www", 0, "www.gcr.io"),
            ("io/gcr/www", 1, "gcr.io"),
            ("io/gcr/048b0377", 1, "gcr.io"),
            ("io/gcr/a/b", 2, "gcr.io"),
            ("org/example/dns/apex/x1", 0, "example.org"),
            ("org/example/dns/apex", 0, "example.org"),
            ("org/example/dns/ns/a", 0, "a.ns.dns.example.org"),
            ("io/gcr/dns/apex/x1", 0, "apex.dns.gcr.io"),
            ("org/example/x1", 0, "example.org"),
            ("org/example/048b0377", 1, "example.org"),
            ("net/x1", 0, "x1.net"),
            ("io/x1", 0, "io"),
            ("io/gcr/x1", 9, "gcr.io"),
            ("io/gcr/x1", -1, "gcr.io"),
        ] {
            let service = Service { target_strip: Some(strip), ..Service::default() };
            let at = scope.key(format!("/coredns/{key}").as_bytes()).unwrap();
            assert_eq!(owner(&scope, &zones, &at, &service).to_string(), name, "{key} {strip}");
        }
    }
}
