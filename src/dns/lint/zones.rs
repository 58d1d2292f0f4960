//! Whole zones: what their own names answer, and what no zone covers.

use super::{
    Severity, Trap,
    findings::{Report, Told},
    names::MANY,
    node::At,
    place::Tree,
    scene::Scene,
};
use crate::{
    dns::{Behind, Name},
    quantity::counted,
};

/// Looks at a zone, when this is its own name.
pub(super) fn check(scene: &Scene<'_>, at: &At<'_>, report: &mut Report) {
    let (sum, direct) = (&at.node.sum, &at.node.direct);
    let Some(zone) = at.node.place.zone.filter(|_| at.node.place.apex) else { return };
    let zone = Zone { name: scene.zone(zone), at };
    if !direct.has_ns {
        zone.tell(report, Trap::T7, Trap::T7.severity(), |name| {
            format!(
                "{name} has no name server below dns/ns, so NS queries for it say that it does not exist, and resolvers may \
                 take the whole zone for missing (RFC 8020). Add the address of each server as dns/ns/NAME."
            )
        });
    }
    // Nobody asks for the address of a reverse zone, nor for its services.
    if matches!(at.node.place.tree, Tree::V4 | Tree::V6 | Tree::Arpa) {
        return;
    }
    if !direct.has_apex {
        without_apex(scene, &zone, report);
    }
    if sum.texts > direct.texts || sum.texts > 1 {
        // One text below the zone is a surprise; several in one answer break what reads them, as SPF.
        let severity = if sum.texts > 1 { Trap::T40.severity() } else { Severity::Info };
        zone.tell(report, Trap::T40, severity, |name| {
            let owned = match sum.ownership_texts {
                0 => String::new(),
                number => format!(", {number} of them notes of external-dns"),
            };
            format!("TXT queries for {name} get {} of the whole zone{owned}.", counted(sum.texts, "text"))
        });
    }
    if sum.portless > 0 {
        // Where SRV is asked for, it is told of the name.
        zone.tell(report, Trap::T36, Severity::Info, |name| {
            let (records, answer) = match sum.portless {
                1 => ("1 record".to_owned(), "has no port and answers"),
                more => (format!("{more} records"), "have no port and answer"),
            };
            format!("{records} of {name} {answer} SRV queries with port 0, as any host does.")
        });
    }
    if sum.outside_aliases > 0 && !scene.circumstances.corefile && scene.serving.behind == Behind::Nothing {
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
    at: &'z At<'z>,
}

impl Zone<'_> {
    fn tell(
        &self,
        report: &mut Report,
        trap: Trap,
        severity: Severity,
        message: impl FnOnce(&Name) -> String,
    ) {
        report.add(trap, severity, self.at.path, || Told {
            names: vec![self.name.clone()],
            message: message(&self.name),
            fix: None,
        });
    }
}

/// T6, T52.
fn without_apex(scene: &Scene<'_>, zone: &Zone<'_>, report: &mut Report) {
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
    // Leaves of the zone's own name and nothing else are what a person expects to get.
    if sum.records == direct.all {
        return;
    }
    if sum.addresses > 0 {
        zone.tell(report, Trap::T6, Trap::T6.severity(), |name| {
            let addresses = match sum.addresses {
                1 => "the only address".to_owned(),
                more => format!("all {more} addresses"),
            };
            format!(
                "{name} has no addresses of its own below dns/apex, so it answers with {addresses} of the zone. Add its own as \
                 dns/apex/x1 and so on."
            )
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

/// T46: told once of the highest name that no zone covers.
pub(super) fn check_outside(scene: &Scene<'_>, at: &At<'_>, report: &mut Report) {
    let place = &at.node.place;
    let own = usize::from(at.node.own.is_some());
    let records = match at.parent {
        _ if place.zone.is_some() => 0,
        // A name above zones has names of theirs below it; only its own key is nobody's.
        _ if place.above => own,
        Some(parent) if !parent.place.above => 0,
        // What is wrong is how the key is written.
        _ if place.odd || place.empty => 0,
        Some(_) | None => own + at.node.sum.records,
    };
    if records == 0 {
        return;
    }
    report.add(Trap::T46, Trap::T46.severity(), at.path, || {
        let name = scene.name(at.path);
        Told { message: uncovered(scene, &name, &counted(records, "record")), names: vec![name], fix: None }
    });
}

/// Says that no zone covers a name.
pub(super) fn uncovered(scene: &Scene<'_>, name: &Name, what: &str) -> String {
    let zones: Vec<String> = scene.serving.zones.iter().take(4).map(ToString::to_string).collect();
    let zones = if zones.is_empty() { "there are none".to_owned() } else { zones.join(", ") };
    let name = if name.is_root() { "the scope".to_owned() } else { name.to_string() };
    format!("CoreDNS never serves {what} of {name}: no zone covers it ({zones}).")
}
