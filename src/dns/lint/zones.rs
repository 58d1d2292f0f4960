//! Zones: checks the answers of their own names, and finds records that no zone covers.

use super::{
    Fix, Severity, Trap,
    findings::{FindingReport, FindingWords},
    fix::shift,
    names::MANY,
    node::NodeAt,
    own_record::OwnValue,
    place::AddressTree,
    scene::{Scene, ShownText},
};
use crate::{
    dns::{
        Class, Name, OtherPlugins, QueryType, Question, Service, StoredRecord, answer, external_dns,
        is_numbered,
    },
    quantity::counted,
};
use std::collections::{BTreeMap, BTreeSet};

/// Most records of a zone that the engine is asked about. A larger zone is reported to answer with all of them.
const ASKED: usize = 20_000;
/// Own records of a zone that one fix moves.
const MOVED: usize = 32;

/// Zones without name servers. A network has many reverse zones, so these have one finding.
#[derive(Debug, Default)]
pub(super) struct WithoutServers {
    /// Reverse zones, by the key above them.
    reverse: BTreeMap<Box<[u8]>, Vec<KeyedZone>>,
}

/// A zone with its key.
type KeyedZone = (Box<[u8]>, Name);

impl WithoutServers {
    fn add(&mut self, at: &NodeAt<'_>, name: Name, report: &mut FindingReport) {
        if matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6) {
            let above = at.parent.and_then(|parent| at.path.get(..parent.end)).unwrap_or_default();
            self.reverse.entry(above.into()).or_default().push((at.path.into(), name));
        } else {
            tell_of_servers(report, at.path, vec![name]);
        }
    }

    pub(super) fn finish(self, report: &mut FindingReport) {
        for zones in self.reverse.into_values() {
            let Some(key) = zones.first().map(|(key, _)| key.clone()) else { continue };
            tell_of_servers(report, &key, zones.into_iter().map(|(_, name)| name).collect());
        }
    }
}

/// T7: no answer of a host is lost by it, and resolvers that follow a forwarder never ask for it.
fn tell_of_servers(report: &mut FindingReport, key: &[u8], mut names: Vec<Name>) {
    report.add(Trap::T7, Trap::T7.severity(), key, || {
        let (whose, of_each) = match &*names {
            [only] => (format!("{only} has no name server"), "it"),
            [first, .., last] => {
                (format!("{} zones, from {first} to {last}, have no name server", names.len()), "each of them")
            }
            [] => (String::new(), ""),
        };
        let message = format!(
            "{whose} below dns/ns, so NS queries for {of_each} say that it does not exist, and resolvers may take the whole \
             zone for missing (RFC 8020). Add the address of each server as dns/ns/NAME."
        );
        names.truncate(super::scene::NAMES);
        FindingWords { names, message, ..FindingWords::default() }
    });
}

/// Checks a zone, when this is its own name. A zone that is only guessed is left out, since it may be none.
pub(super) fn check(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    without: &mut WithoutServers,
    report: &mut FindingReport,
) {
    let (sum, direct) = (&at.node.sum, &at.node.direct);
    let Some(zone) = at.node.place.zone.filter(|_| at.node.place.apex) else { return };
    let zone = Zone { name: scene.zone(zone), at };
    if scene.serving.is_bare_guess(&zone.name) {
        return;
    }
    if !direct.has_ns {
        without.add(at, zone.name.clone(), report);
    }
    // Nobody asks for the address of a reverse zone, nor for its services.
    if matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6 | AddressTree::Arpa) {
        return;
    }
    if !direct.has_apex {
        without_apex(scene, &zone, report);
    }
    if sum.texts > direct.texts || sum.texts > 1 {
        texts(scene, &zone, report);
    }
    if sum.portless > 0 {
        // Where clients ask for SRV, the name has the finding.
        zone.tell(report, Trap::T36, Severity::Info, |name| {
            let (records, answer) = match sum.portless {
                1 => ("1 record".to_owned(), "has no port and answers"),
                more => (format!("{more} records"), "have no port and answer"),
            };
            format!("{records} of {name} {answer} SRV queries with port 0, as any host does.")
        });
    }
    if sum.outside_aliases > 0
        && !scene.circumstances.corefile
        && scene.serving.behind == OtherPlugins::Nothing
    {
        zone.tell(report, Trap::T26, Severity::Info, |name| {
            format!(
                "{} of {name} lead out of every zone. Without a forward plugin clients get the alias and no address; no Corefile \
                 was read to tell.",
                counted(sum.outside_aliases, "record")
            )
        });
    }
}

struct Zone<'z> {
    name: Name,
    at: &'z NodeAt<'z>,
}

impl Zone<'_> {
    fn tell(
        &self,
        report: &mut FindingReport,
        trap: Trap,
        severity: Severity,
        message: impl FnOnce(&Name) -> String,
    ) {
        report.add(trap, severity, self.at.path, || FindingWords {
            names: vec![self.name.clone()],
            message: message(&self.name),
            ..FindingWords::default()
        });
    }

    /// Returns the number of different records that `CoreDNS` gives for the zone's own name; `None` where that is too
    /// much to ask.
    fn given(&self, scene: &Scene<'_>, kinds: &[QueryType]) -> Option<usize> {
        if self.at.node.sum.records > ASKED {
            return None;
        }
        let mut given = BTreeSet::new();
        for kind in kinds {
            let answer = answer(scene.source, scene.serving, &Question::of(&self.name, *kind));
            given.extend(answer.answer.into_iter().filter(|rr| rr.kind == *kind).map(|rr| rr.data));
        }
        Some(given.len())
    }
}

/// T40: there is no place for a text of the zone's own. If it has one, the texts of other names spoil it: of several
/// SPF records none counts (RFC 7208, section 4.5).
fn texts(scene: &Scene<'_>, zone: &Zone<'_>, report: &mut FindingReport) {
    let (sum, direct) = (&zone.at.node.sum, &zone.at.node.direct);
    let given = zone.given(scene, &[QueryType::TXT]).unwrap_or(sum.texts);
    if given == 0 || (given <= direct.texts && given < 2) {
        return;
    }
    let severity =
        if direct.texts > 0 && given > direct.texts { Trap::T40.severity() } else { Severity::Info };
    zone.tell(report, Trap::T40, severity, |name| {
        let owned = match sum.ownership_texts {
            0 => String::new(),
            number => format!(", {number} of them notes of external-dns"),
        };
        format!("TXT queries for {name} get {} of the whole zone{owned}.", counted(given, "text"))
    });
}

/// T6, T52.
fn without_apex(scene: &Scene<'_>, zone: &Zone<'_>, report: &mut FindingReport) {
    let (sum, direct) = (&zone.at.node.sum, &zone.at.node.direct);
    if scene.serving.no_apex_fallback {
        zone.tell(report, Trap::T6, Trap::T6.severity(), |name| {
            format!(
                "{name} has no addresses of its own below dns/apex, so A and AAAA queries for it get NXDOMAIN. Add them as \
                 dns/apex/x1 and so on."
            )
        });
        return;
    }
    // A person expects a zone that has only leaves of its own name to answer with them.
    if sum.records == direct.all {
        return;
    }
    let given = zone.given(scene, &[QueryType::A, QueryType::AAAA]);
    if given.is_none_or(|given| given > 0) {
        // A zone without an address of its own serves no wrong one.
        let has_own = direct.addresses > 0;
        if has_own && given.is_some_and(|given| given <= direct.addresses) {
            return;
        }
        let severity = if has_own { Trap::T6.severity() } else { Severity::Info };
        report.add(Trap::T6, severity, zone.at.path, || FindingWords {
            message: leaking(&zone.name, given, has_own),
            names: vec![zone.name.clone()],
            fix: if has_own { to_the_apex(scene, zone) } else { None },
            ..FindingWords::default()
        });
    }
    if sum.records >= MANY {
        zone.tell(report, Trap::T52, Trap::T52.severity(), |name| {
            format!(
                "Each A or AAAA query for {name} reads all {} keys of the zone from etcd, because nothing lies below dns/apex.",
                sum.records,
            )
        });
    }
}

fn leaking(name: &Name, given: Option<usize>, has_own: bool) -> String {
    let addresses = match given {
        Some(1) => "1 address".to_owned(),
        Some(more) => format!("{more} addresses"),
        None => "all addresses".to_owned(),
    };
    if has_own {
        format!(
            "{name} answers with {addresses} of the zone, its own among them: only below dns/apex they stand alone."
        )
    } else {
        format!(
            "{name} has no addresses of its own below dns/apex, so it answers with {addresses} of the zone. Add its own as \
             dns/apex/x1 and so on."
        )
    }
}

/// Moves the zone's own addresses to the place where `CoreDNS` looks for them first. A leaf keeps its label.
fn to_the_apex(scene: &Scene<'_>, zone: &Zone<'_>) -> Option<Fix> {
    let path = zone.at.path;
    if zone.at.node.direct.all > MOVED {
        return None;
    }
    let mut moves = vec![];
    let mut is_managed = false;
    let mut visit = |record: StoredRecord<'_>| {
        let leaf = record.key.get(path.len() + 1..).unwrap_or_default();
        let is_address =
            Service::decode(record.value).is_ok_and(|own| matches!(own.class(), Class::V4(_) | Class::V6(_)));
        if is_numbered(leaf) && is_address {
            is_managed |= external_dns::is_leaf(leaf) && OwnValue::read(record).is_managed(leaf);
            moves.push((record.key.to_vec(), [path, b"/dns/apex/", leaf].concat()));
        }
    };
    scene.some_below(path, ASKED, &mut visit);
    let is_free = |(_, to): &(Vec<u8>, Vec<u8>)| !scene.source.has(to) && !scene.has_below(to);
    // A value at dns/apex itself would be hidden by the first leaf.
    let apex = [path, b"/dns/apex"].concat();
    let can = !moves.is_empty() && !is_managed && moves.iter().all(is_free) && !scene.source.has(&apex);
    can.then(|| {
        let steps = moves.iter().map(|(from, to)| shift(from, to)).collect();
        Fix::new(format!("Move {} to {}.", counted(moves.len(), "address"), ShownText(&apex)), steps)
    })
}

/// T46: reported once for the highest name that no zone covers.
pub(super) fn check_outside(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let place = &at.node.place;
    let own = usize::from(at.node.own.is_some());
    let records = match at.parent {
        // Nobody has named the zones.
        _ if place.zone.is_some() || scene.serving.guessed.is_some() => 0,
        // A name above zones has their names below it; only its own key is in no zone.
        _ if place.above => own,
        Some(parent) if !parent.place.above => 0,
        // The key is spelled wrongly, and that has a finding of its own.
        _ if place.odd || place.empty => 0,
        Some(_) | None => own + at.node.sum.records,
    };
    if records == 0 {
        return;
    }
    report.add(Trap::T46, Trap::T46.severity(), at.path, || {
        let name = scene.name(at.path);
        let message = uncovered(scene, &name, &counted(records, "record"));
        FindingWords { message, names: vec![name], ..FindingWords::default() }
    });
}

/// Says that no zone covers a name.
pub(super) fn uncovered(scene: &Scene<'_>, name: &Name, what: &str) -> String {
    let zones: Vec<String> = scene.serving.zones.iter().take(4).map(ToString::to_string).collect();
    let zones = match scene.serving.zones.len() {
        0 => "there are none".to_owned(),
        1..=4 => zones.join(", "),
        all => format!("{} and {} more", zones.join(", "), all - zones.len()),
    };
    let name = if name.is_root() { "the scope".to_owned() } else { name.to_string() };
    format!("CoreDNS never serves {what} of {name}: no zone covers it ({zones}).")
}
