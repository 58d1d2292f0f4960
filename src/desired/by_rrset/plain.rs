//! Value and place of one record of a file.
use super::{text::text, weights};
use crate::{
    dns::{Name, Serving, Value, address},
    exchange::{Rdata, ZoneRecord},
};

/// Place that a record goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyPosition {
    /// The name's own key.
    Own(Name),
    /// Any leaf below the name.
    Leaf(Name),
    /// The own key of a name that `CoreDNS` makes targets from, if the record is the only one there; else a leaf with
    /// `targetstrip`.
    Target { name: Name, is_alone: bool },
}

/// Returns place and value of a record of a file, and the target that keeps its addresses apart.
pub(super) fn plain(serving: &Serving, record: &ZoneRecord) -> Option<(KeyPosition, Value, Option<Name>)> {
    let mut value = Value::default();
    let owner = &record.owner;
    let mut apart = None;
    let leaf = |is_of_apex: bool| {
        // Once dns/apex has records, only they answer for the zone's addresses. So any record there keeps the addresses
        // of other names away. CoreDNS finds other types of a zone there as well.
        let apex = Name::parse(&format!("apex.dns.{}", owner.fqdn())).ok();
        let apex = apex.filter(|_| is_of_apex && serving.zones.contains(owner));
        KeyPosition::Leaf(apex.unwrap_or_else(|| owner.clone()))
    };
    let place = match &record.data {
        Rdata::A(_) | Rdata::Aaaa(_) => {
            value.set("host", &record.data.to_string().into());
            leaf(true)
        }
        Rdata::Txt(strings) => {
            value.set("text", &text(strings).into());
            leaf(true)
        }
        Rdata::Mx { target, .. } | Rdata::Srv { target, .. } => {
            value.set("host", &host(&target.0).into());
            service_fields(&mut value, &record.data);
            apart = Some(target.0.clone()).filter(|target| leaks(serving, owner, target));
            // A target outside the zone is an alias for queries that ask the zone for addresses.
            leaf(target.0.is_within(owner))
        }
        Rdata::Cname(target) | Rdata::Ptr(target) => {
            value.set("host", &host(&target.0).into());
            KeyPosition::Own(owner.clone())
        }
        Rdata::Ns(_) | Rdata::Soa(_) => return None,
    };
    Some((place, value, apart))
}

/// Tells whether a service's target also acts as an alias when the service's name, or one above it, is asked for
/// addresses. `CoreDNS` follows no alias to the name itself or below it. Nobody asks for addresses at a name that
/// begins with an underscore. A target outside the zone is an alias in any case.
fn leaks(serving: &Serving, owner: &Name, target: &Name) -> bool {
    let zones = serving.zones.iter().filter(|zone| owner.is_within(zone));
    let Some(zone) = zones.max_by_key(|zone| zone.labels().len()) else { return false };
    let is_asked = |name: &Name| !name.labels().next().is_some_and(|label| label.starts_with(b"_"));
    let names =
        std::iter::successors(Some(owner.clone()), Name::parent).take_while(|name| name.is_within(zone));
    target.is_within(zone) && names.into_iter().any(|name| is_asked(&name) && !target.is_within(&name))
}

/// Tells whether a name is none of those that `CoreDNS` reads for a zone itself.
pub(super) fn is_ordinary(serving: &Serving, name: &Name) -> bool {
    let names: Vec<Name> = std::iter::successors(Some(name.clone()), Name::parent).collect();
    !names.windows(3).any(|names| {
        let [place, dns, zone] = names else { return false };
        matches!(place.labels().next(), Some(b"apex" | b"ns"))
            && dns.labels().next() == Some(b"dns")
            && serving.zones.contains(zone)
    })
}

/// Tells whether an address counts as IPv4 to `CoreDNS`, and as IPv6 in the file.
pub(super) fn is_mapped(data: &Rdata) -> bool {
    matches!(data, Rdata::Aaaa(address) if address.to_ipv4_mapped().is_some())
}

/// Returns a name as a host: one that is spelled as an address keeps its closing dot.
pub(super) fn host(name: &Name) -> String {
    let text = name.to_string();
    if address(&text).is_some() { name.fqdn() } else { text }
}

/// Sets port, priority and weight. `CoreDNS` takes 0 for nothing, so 1 is the nearest.
pub(super) fn service_fields(value: &mut Value, data: &Rdata) {
    if let Rdata::Srv { priority, weight, port, .. } = data {
        value.set("port", &(*port).into());
        value.set("priority", &(*priority).max(1).into());
        value.set("weight", &weights::stored(*weight).into());
    } else if let Rdata::Mx { preference, .. } = data {
        value.set("mail", &true.into());
        value.set("priority", &(*preference).max(1).into());
    }
}
