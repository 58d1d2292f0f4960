//! Place of a name: its zone, and the tree it lies in, since `CoreDNS` reads some trees in ways of their own.

use crate::dns::{Name, Serving, answer::domain, name::is_canonical};
use std::collections::{HashMap, HashSet};

/// The zones by their keys, and by their names. The zone of a host is found by names, since a slash in a label is one
/// label of a name and two segments of a key.
#[derive(Debug)]
pub(super) struct Zones {
    by_key: HashMap<Box<[u8]>, usize>,
    by_name: HashMap<Box<[u8]>, usize>,
    keys: Vec<Box<[u8]>>,
    /// With their closing dots.
    names: Vec<Box<[u8]>>,
    /// The keys of all names above zones.
    above: HashSet<Box<[u8]>>,
}

/// The place of a key.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one key")]
pub(super) struct KeyPlace {
    /// The zone that it belongs to, as a place in [`Serving::zones`].
    pub(super) zone: Option<usize>,
    /// It is the zone's own name.
    pub(super) apex: bool,
    /// It is in no zone, and there is one below it.
    pub(super) above: bool,
    /// Number of its segments behind the scope.
    pub(super) depth: usize,
    pub(super) tree: AddressTree,
    pub(super) special: Special,
    /// It is, or is below, a name such as `_tcp`.
    pub(super) service: bool,
    /// No query reaches it, because of a segment of its own or above it.
    pub(super) odd: bool,
    /// A segment of its own or above it is empty.
    pub(super) empty: bool,
}

/// The trees of addresses beside the ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressTree {
    Ordinary,
    Arpa,
    /// `in-addr.arpa`
    V4,
    /// `ip6.arpa`
    V6,
}

/// The names that `CoreDNS` reads for a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    None,
    /// `dns.ZONE`
    Dns,
    /// `apex.dns.ZONE` and what is below.
    Apex,
    /// `ns.dns.ZONE` and what is below.
    Ns,
}

impl KeyPlace {
    /// Tells whether no query asks for the name of this key.
    pub(super) fn is_unreachable(&self) -> bool {
        self.odd || self.empty
    }
}

impl Zones {
    pub(super) fn new(serving: &Serving) -> Self {
        let root = serving.scope.as_str().trim_end_matches('/').as_bytes();
        let key = |zone: &Name| match zone.key(&serving.scope) {
            Ok(key) => key.as_bytes().into(),
            Err(_) => Box::from(root),
        };
        let keys: Vec<Box<[u8]>> = serving.zones.iter().map(key).collect();
        let names: Vec<Box<[u8]>> =
            serving.zones.iter().map(|zone| zone.fqdn().into_bytes().into()).collect();
        let places = |texts: &[Box<[u8]>]| -> HashMap<Box<[u8]>, usize> {
            texts.iter().cloned().enumerate().map(|(place, text)| (text, place)).collect()
        };
        let (by_key, by_name) = (places(&keys), places(&names));
        let ends = |key: &[u8]| {
            let slashes = key.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at >= root.len());
            slashes.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let above = keys
            .iter()
            .flat_map(|key| ends(key).into_iter().filter_map(|end| key.get(..end).map(Box::from)))
            .collect();
        Self { by_key, by_name, keys, names, above }
    }

    /// Returns a zone's key, without a closing slash.
    pub(super) fn key(&self, zone: usize) -> &[u8] {
        self.keys.get(zone).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Returns a zone's name with its closing dot.
    pub(super) fn name(&self, zone: usize) -> &[u8] {
        self.names.get(zone).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Returns the zone of a name in lower case, with its closing dot: the longest that it lies in.
    pub(super) fn of_name(&self, name: &[u8]) -> Option<usize> {
        domain::ancestors(name).find_map(|ancestor| self.by_name.get(ancestor).copied())
    }

    /// Returns the zone of a key, which is that of the longest name.
    pub(super) fn of(&self, key: &[u8]) -> Option<usize> {
        let mut end = key.len();
        loop {
            if let Some(zone) = self.by_key.get(key.get(..end)?) {
                return Some(*zone);
            }
            end = key.get(..end)?.iter().rposition(|byte| *byte == b'/')?;
        }
    }

    /// Returns the place of the scope itself, which is the root's.
    pub(super) fn root(&self, path: &[u8]) -> KeyPlace {
        let zone = self.by_key.get(path).copied();
        KeyPlace {
            zone,
            apex: zone.is_some(),
            above: zone.is_none() && self.above.contains(path),
            depth: 0,
            tree: AddressTree::Ordinary,
            special: Special::None,
            service: false,
            odd: false,
            empty: false,
        }
    }

    /// Returns the place of a name one label below another.
    pub(super) fn child(&self, parent: &KeyPlace, path: &[u8], segment: &[u8]) -> KeyPlace {
        let zone = self.by_key.get(path).copied();
        let tree = match (parent.depth, parent.tree, segment) {
            (0, _, b"arpa") => AddressTree::Arpa,
            (1, AddressTree::Arpa, b"in-addr") => AddressTree::V4,
            (1, AddressTree::Arpa, b"ip6") => AddressTree::V6,
            (1.., tree @ (AddressTree::V4 | AddressTree::V6), _) => tree,
            _ => AddressTree::Ordinary,
        };
        let special = match (zone, parent.special, segment) {
            (None, Special::None, b"dns") if parent.apex => Special::Dns,
            (None, Special::Dns, b"apex") | (None, Special::Apex, _) => Special::Apex,
            (None, Special::Dns, b"ns") | (None, Special::Ns, _) => Special::Ns,
            _ => Special::None,
        };
        let empty = parent.empty || segment.is_empty();
        KeyPlace {
            zone: zone.or(parent.zone),
            apex: zone.is_some(),
            above: zone.is_none() && parent.zone.is_none() && self.above.contains(path),
            depth: parent.depth + 1,
            tree,
            special,
            service: parent.service || matches!(segment, b"_tcp" | b"_udp" | b"_tls" | b"_sctp"),
            odd: parent.odd || is_odd(segment),
            empty,
        }
    }
}

/// Tells whether no query has this segment in its key, because it is not a label in the only spelling that `CoreDNS`
/// looks for.
fn is_odd(segment: &[u8]) -> bool {
    let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let plain = segment.len() < 64 && segment.iter().all(plain);
    !plain && segment != b"*" && !is_canonical(segment)
}
