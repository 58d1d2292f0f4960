//! Traps of external-dns: its leftovers, and changes by hand to its records (external-dns v0.22, provider `coredns`).

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords, IN_FULL},
    node::NodeAt,
    own_record::OwnValue,
    place::Special,
    scene::Scene,
};
use crate::{
    dns::{Class, Service, external_dns},
    quantity::counted,
};
use std::collections::BTreeSet;

/// Records of one name that are read.
const READ: usize = 64;

/// Findings that matter only if external-dns is at work in the scope, which is known at the end.
#[derive(Debug, Default)]
pub(super) struct ExternalDnsFindings {
    at_work: bool,
    crashing: Vec<(Box<[u8]>, FindingWords)>,
}

impl ExternalDnsFindings {
    pub(super) fn check(&mut self, scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
        if let Some(own) = &at.node.own {
            self.at_work |= own.owned;
            self.crash(scene, at, own);
            orphan(scene, at, own, report);
            swept(scene, at, own, report);
        }
        duplicates(scene, at, report);
        adopted(scene, at, report);
    }

    pub(super) fn finish(self, report: &mut FindingReport) {
        for (key, told) in self.crashing.into_iter().filter(|_| self.at_work) {
            report.add(Trap::E3, Trap::E3.severity(), &key, || told);
        }
    }

    /// E3: it takes labels off a name without checking how many there are (provider/coredns/coredns.go:324).
    fn crash(&mut self, scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue) {
        let Some(strip) = own.service().and_then(|service| service.target_strip) else { return };
        let labels = at.node.place.depth;
        if usize::try_from(strip).is_ok_and(|strip| strip <= labels) || self.crashing.len() >= IN_FULL {
            return;
        }
        let told = FindingWords {
            names: vec![scene.name(at.path)],
            message: format!(
                "external-dns crashes when it reads a targetstrip of {strip} at a name of {}, and then updates no record at all.",
                counted(labels, "label"),
            ),
            ..FindingWords::default()
        };
        self.crashing.push((at.path.into(), told));
    }
}

/// E1: it deletes a record and not the text that says whose it was (provider/coredns/coredns.go:538). Only reported for
/// names that start with a type, as it writes them: others may be made with a prefix that is not known here.
fn orphan(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    if !own.heritage || own.class() != Class::Text {
        return;
    }
    let Some(content) = scene.content(at.path) else { return };
    let Some(marked) = external_dns::marked_name(&scene.serving.scope, at.path, &content.value) else {
        return;
    };
    let is_record = |value: &[u8]| {
        Service::decode(value).is_ok_and(|service| {
            !service.host.is_empty() || external_dns::Heritage::parse(&service.text).is_none()
        })
    };
    let mut found = scene.content(&marked).is_some_and(|content| is_record(&content.value));
    if !found {
        scene.some_below(&marked, READ, |record| found |= is_record(record.value));
    }
    if !found {
        report.add(Trap::E1, Trap::E1.severity(), at.path, || {
            let name = scene.name(&marked);
            FindingWords {
                message: format!(
                    "external-dns notes here whose {name} is, and {name} has no record any more. It never cleans up after \
                     itself."
                ),
                names: vec![scene.name(at.path)],
                ..FindingWords::default()
            }
        });
    }
}

/// E2: it writes further texts instead of changing one (provider/coredns/coredns.go:515). Texts of one owner are only
/// clutter.
fn duplicates(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    if at.node.direct.heritage < 2 {
        return;
    }
    let mut owners: BTreeSet<Box<str>> = BTreeSet::new();
    scene.some_below(at.path, READ, |record| {
        if let Ok(service) = Service::decode(record.value)
            && let Some(heritage) = external_dns::Heritage::parse(&service.text)
        {
            owners.extend(heritage.owner);
        }
    });
    let severity = if owners.len() > 1 { Trap::E2.severity() } else { Severity::Info };
    report.add(Trap::E2, severity, at.path, || {
        let name = scene.name(at.path);
        let whose =
            if owners.len() > 1 { ", of different owners: they will undo each other's changes" } else { "" };
        FindingWords {
            message: format!(
                "{name} has {} of external-dns for the same record{whose}.",
                counted(at.node.direct.heritage, "note"),
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// E4: it cleans up a name's old targets below the name's key and the leaf that it read; a record at the name itself
/// has no leaf, so everything below goes (provider/coredns/coredns.go:490).
fn swept(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let stripped = own.service().and_then(|service| service.target_strip).unwrap_or(0);
    let has_host = own.service().is_some_and(|service| !service.host.is_empty());
    if at.node.direct.managed == 0 || own.owned || stripped != 0 || !has_host {
        return;
    }
    report.add(Trap::E4, Trap::E4.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "external-dns manages {name} and takes this value for one of its targets: when it removes that, it deletes all \
                 keys below {name}, names of others too."
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// E5: external-dns takes a leaf of a managed name that somebody else wrote for a target of its own.
fn adopted(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    if direct.managed == 0 || direct.adopted == 0 || at.node.place.special != Special::None {
        return;
    }
    report.add(Trap::E5, Trap::E5.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "external-dns manages {name} and takes {} that it did not write for a target of its own, which it removes at its \
                 next sync.",
                counted(direct.adopted, "record"),
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}
