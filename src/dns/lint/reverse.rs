//! Reverse trees: checks that a record lies at the key that a PTR query reads, that it is a name, and that the name has
//! the address.

use super::{
    Fix, Trap,
    findings::{FindingReport, FindingWords},
    fix::shift,
    node::{NodeAt, looks_like_a_leaf},
    own_record::OwnValue,
    place::{AddressTree, Special},
    scene::{Scene, ShownText},
};
use crate::dns::{AnswerOutcome, Class, Name, QueryType, Question, answer, service::address};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most PTR records whose targets are asked for, since each is a question. A larger scope has other ways to compare.
const ASKED: usize = 20_000;

/// Number of targets that were asked for so far.
#[derive(Debug, Default)]
pub(super) struct AskedTargets(usize);

impl AskedTargets {
    /// Checks a record in a tree of addresses.
    pub(super) fn check(
        &mut self,
        scene: &Scene<'_>,
        at: &NodeAt<'_>,
        own: &OwnValue,
        report: &mut FindingReport,
    ) {
        // Other checks report a reverse zone's own records, and values that cannot be read.
        if at.node.place.special != Special::None || own.class() == Class::Nothing {
            return;
        }
        let Some(segments) = segments(scene, at.path) else { return };
        if let Some(exact) = exact(at.node.place.tree, &segments) {
            self.of_address(scene, at, own, exact, report);
        } else if let Some(meant) = meant(scene, at.node.place.tree, &segments, own) {
            misplaced(scene, at, meant, report);
        } else if let Some(wrong) = wrong_octet(at.node.place.tree, &segments) {
            report.add(Trap::T56, super::Severity::Warning, at.path, || FindingWords {
                names: vec![scene.name(at.path)],
                message: format!(
                    "\"{}\" is no octet of an address, so nobody asks for this name. Octets are written as 0 to 255, without \
                     leading zeros.",
                    ShownText(wrong),
                ),
                ..FindingWords::default()
            });
        }
    }

    fn of_address(
        &mut self,
        scene: &Scene<'_>,
        at: &NodeAt<'_>,
        own: &OwnValue,
        exact: IpAddr,
        report: &mut FindingReport,
    ) {
        match own.class() {
            Class::V4(_) | Class::V6(_) => no_name(scene, at, report),
            Class::Alias if self.0 < ASKED => {
                self.0 += 1;
                agree(scene, at, own, exact, report);
            }
            Class::Alias | Class::Text | Class::Nothing => {}
        }
    }
}

/// Tells whether a key that is not the key of an address can be read as one. If so, the records there have a finding.
pub(super) fn is_misspelt(scene: &Scene<'_>, at: &NodeAt<'_>) -> bool {
    segments(scene, at.path).is_some_and(|segments| !candidates(at.node.place.tree, &segments).is_empty())
}

/// Returns the segments behind `arpa` and the tree's own label.
fn segments<'k>(scene: &Scene<'_>, path: &'k [u8]) -> Option<Vec<&'k [u8]>> {
    let behind = path.get(scene.serving.scope.as_str().len()..)?;
    Some(behind.split(|byte| *byte == b'/').skip(2).collect())
}

/// Returns the address whose PTR queries read a key of these segments.
fn exact(tree: AddressTree, segments: &[&[u8]]) -> Option<IpAddr> {
    let address = candidates(tree, segments).into_iter().next()?;
    let labels: Vec<Vec<u8>> = Name::of_address(address).labels().rev().skip(2).map(<[u8]>::to_vec).collect();
    labels.iter().map(Vec::as_slice).eq(segments.iter().copied()).then_some(address)
}

/// Returns the addresses that segments can mean: as they stand, and in the other order.
fn candidates(tree: AddressTree, segments: &[&[u8]]) -> Vec<IpAddr> {
    let text = |segment: &[u8]| std::str::from_utf8(segment).ok().map(str::to_owned);
    let Some(mut words) = segments.iter().map(|segment| text(segment)).collect::<Option<Vec<_>>>() else {
        return vec![];
    };
    if words.len() > 1
        && words.last().is_some_and(|last| last.starts_with('x') && looks_like_a_leaf(last.as_bytes()))
    {
        words.pop();
    }
    match tree {
        AddressTree::V4 => {
            let octets: Option<Vec<u8>> =
                words.iter().flat_map(|word| word.split('.')).map(|word| word.parse().ok()).collect();
            let Some(Ok(octets)) = octets.map(<[u8; 4]>::try_from) else { return vec![] };
            let [a, b, c, d] = octets;
            vec![Ipv4Addr::from(octets).into(), Ipv4Addr::new(d, c, b, a).into()]
        }
        AddressTree::V6 => {
            let joined = words.join(":");
            if let (1..=8, Ok(address)) = (words.len(), joined.parse::<Ipv6Addr>()) {
                return vec![address.into()];
            }
            let nibbles: Option<Vec<u128>> = words
                .iter()
                .flat_map(|word| word.split('.'))
                .map(|word| u128::from_str_radix(word, 16).ok().filter(|_| word.len() == 1))
                .collect();
            let Some(nibbles) = nibbles.filter(|nibbles| nibbles.len() == 32) else { return vec![] };
            let number = |number: u128, nibble: &u128| number << 4 | nibble;
            let (as_they_are, turned) =
                (nibbles.iter().fold(0, number), nibbles.iter().rev().fold(0, number));
            vec![Ipv6Addr::from(as_they_are).into(), Ipv6Addr::from(turned).into()]
        }
        AddressTree::Ordinary | AddressTree::Arpa => vec![],
    }
}

/// Returns the address that was meant by segments that are not its key's: the one that the target has, else the one
/// whose reverse zone is served, else the address as it is written.
fn meant(scene: &Scene<'_>, tree: AddressTree, segments: &[&[u8]], own: &OwnValue) -> Option<IpAddr> {
    let candidates = candidates(tree, segments);
    let of_target = own.service().and_then(|service| addresses(scene, &service.host)).unwrap_or_default();
    let is_served = |address: &&IpAddr| {
        let name = Name::of_address(**address);
        scene.serving.zones.iter().any(|zone| name.is_within(zone) && zone.labels().len() > 2)
    };
    let found = candidates.iter().find(|address| of_target.contains(address));
    found.or_else(|| candidates.iter().find(is_served)).or(candidates.first()).copied()
}

/// Returns the first segment of four that is no octet.
fn wrong_octet<'k>(tree: AddressTree, segments: &[&'k [u8]]) -> Option<&'k [u8]> {
    let is_octet = |segment: &&[u8]| {
        let octet = std::str::from_utf8(segment).ok().and_then(|text| text.parse::<u8>().ok());
        octet.is_some_and(|octet| *octet.to_string().as_bytes() == **segment)
    };
    let is_number = segments.iter().all(|segment| segment.iter().all(u8::is_ascii_digit));
    if tree != AddressTree::V4 || segments.len() != 4 || !is_number {
        return None;
    }
    segments.iter().find(|segment| !is_octet(segment)).copied()
}

/// T56: `CoreDNS` reads one key for an address, of its octets or nibbles in their order.
fn misplaced(scene: &Scene<'_>, at: &NodeAt<'_>, address: IpAddr, report: &mut FindingReport) {
    let name = Name::of_address(address);
    let Ok(key) = name.key(&scene.serving.scope) else { return };
    let (to, is_free) = (key.as_bytes(), is_free(scene, key.as_bytes()));
    // If there is a record at the right key, this one is only left over.
    let severity = if is_free { Trap::T56.severity() } else { super::Severity::Warning };
    report.add(Trap::T56, severity, at.path, || FindingWords {
        message: if is_free {
            format!(
                "PTR queries for {address} get no such name: they read the key {}, and not this one.",
                ShownText(to)
            )
        } else {
            format!("PTR queries for {address} never see this record: they read the key {}.", ShownText(to))
        },
        names: vec![name],
        fix: is_free
            .then(|| Fix::new(format!("Move the record to {}.", ShownText(to)), vec![shift(at.path, to)])),
        ..FindingWords::default()
    });
}

fn is_free(scene: &Scene<'_>, key: &[u8]) -> bool {
    !scene.source.has(key)
}

/// T56: a PTR record leads to a name.
fn no_name(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T56, Trap::T56.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "The host of {name} is an address, so PTR queries get nothing: a PTR record leads to a name."
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// T56, T57: the name that a PTR leads to has the address (RFC 1912, section 2.1), as far as it is served here.
fn agree(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, exact: IpAddr, report: &mut FindingReport) {
    let Some(service) = own.service() else { return };
    let Some(found) = addresses(scene, &service.host) else { return };
    if found.contains(&exact) {
        return;
    }
    let turned =
        segments(scene, at.path).and_then(|segments| candidates(at.node.place.tree, &segments).pop());
    if let Some(turned) = turned.filter(|turned| *turned != exact && found.contains(turned)) {
        misplaced(scene, at, turned, report);
        return;
    }
    report.add(Trap::T57, Trap::T57.severity(), at.path, || {
        let host = ShownText(service.host.as_bytes());
        let has = match &*found {
            [] => "has no address here".to_owned(),
            [only] => format!("has {only}"),
            [first, ..] => format!("has {} addresses, as {first}, and not this one", found.len()),
        };
        FindingWords {
            names: vec![scene.name(at.path)],
            message: format!("The PTR record of {exact} leads to {host}, which {has}."),
            ..FindingWords::default()
        }
    });
}

/// Returns the addresses of a name; `None` where they are not known here.
fn addresses(scene: &Scene<'_>, host: &str) -> Option<Vec<IpAddr>> {
    let name = Name::parse(host).ok().filter(Name::is_served)?;
    let mut found: Vec<IpAddr> = vec![];
    for kind in [QueryType::A, QueryType::AAAA] {
        let answer = answer(scene.source, scene.serving, &Question::of(&name, kind));
        if !matches!(answer.outcome, AnswerOutcome::NoError | AnswerOutcome::NxDomain)
            || !answer.asks.is_empty()
            || answer.zone.is_none()
        {
            return None;
        }
        let data = answer.answer.iter().filter(|rr| rr.kind == kind);
        found.extend(data.filter_map(|rr| address(&rr.data)));
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_read_as_addresses_however_they_are_written() {
        let of = |tree, key: &str| {
            let segments: Vec<&[u8]> = key.split('/').map(str::as_bytes).collect();
            let found: Vec<String> = candidates(tree, &segments).iter().map(ToString::to_string).collect();
            (exact(tree, &segments).map(|address| address.to_string()), found)
        };
        let both = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
        assert_eq!(of(AddressTree::V4, "10/1/1/7"), (Some("10.1.1.7".into()), both("10.1.1.7", "7.1.1.10")));
        for key in ["10.1.1.7", "10/1.1.7", "010/1/1/7", "10.1.1.7/x1", "10/1/1/007"] {
            assert_eq!(of(AddressTree::V4, key), (None, both("10.1.1.7", "7.1.1.10")), "{key}");
        }
        for key in ["10/1/1", "10/1/1/256", "10/1/1/7/8", "a/b/c/d"] {
            assert_eq!(of(AddressTree::V4, key), (None, vec![]), "{key}");
        }
        let nibbles = "2/0/0/1/0/d/b/8/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/1";
        let turned: String = nibbles.chars().rev().collect();
        assert_eq!(of(AddressTree::V6, nibbles).0.as_deref(), Some("2001:db8::1"));
        assert_eq!(of(AddressTree::V6, &turned).1.last().map(String::as_str), Some("2001:db8::1"));
        for key in
            ["2001:db8::1", &nibbles.to_uppercase(), &nibbles.replace('/', "."), "2001/db8/0/0/0/0/0/1"]
        {
            assert_eq!(of(AddressTree::V6, key).1.first().map(String::as_str), Some("2001:db8::1"), "{key}");
            assert_eq!(of(AddressTree::V6, key).0, None, "{key}");
        }
    }
}
