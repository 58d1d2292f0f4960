//! Services: finds records that answer SRV and MX in an unexpected way, meant for these types or not.

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    fix::edited,
    names::MANY,
    node::{Direct, NodeAt},
    own_record::OwnValue,
    place::{AddressTree, Special},
    scene::Scene,
    targetstrip::is_kept_apart,
};
use crate::{
    dns::{Class, Service},
    quantity::counted,
};
use std::collections::BTreeMap;

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    if let Some(own) = &at.node.own {
        stripped_glue(scene, at, own, report);
        if !at.is_leaf()
            && let Some(service) = own.service()
            && service.class() != Class::Text
            && !service.host.is_empty()
        {
            let direct = Direct { mails: usize::from(service.mail), ..Direct::default() };
            mail(scene, at, &direct, report);
        }
    }
    if at.node.place.apex
        || at.node.place.is_unreachable()
        || matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6)
    {
        return;
    }
    if at.node.place.special == Special::None {
        mail(scene, at, &at.node.direct, report);
        portless(scene, at, report);
        weights(scene, at, report);
    }
}

/// T38: `backend_lookup.go:322`.
fn stripped_glue(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let Some(service) = own.service() else { return };
    let strip = service.target_strip.unwrap_or(0);
    if !service.mail || strip <= 0 || !matches!(service.class(), Class::V4(_) | Class::V6(_)) {
        return;
    }
    report.add(Trap::T38, Trap::T38.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: "targetstrip cuts the MX target, and the address is still sent under the uncut name: mailers ask once more \
                  for a target that may not exist."
            .to_owned(),
        fix: (!own.is_managed(at.segment()))
            .then(|| edited(scene, at.path, "Remove the targetstrip.", |value| value.remove("targetstrip")))
            .flatten(), ..FindingWords::default()
    });
}

/// T37: `mail` adds an MX answer and takes no other away (`backend_lookup.go:273`). Mail servers are stored so, and it
/// is only a warning if they get into the answers of hosts beside them.
fn mail(scene: &Scene<'_>, at: &NodeAt<'_>, direct: &Direct, report: &mut FindingReport) {
    if direct.mails == 0 || all_mails_are_kept_apart(scene, at, direct) {
        return;
    }
    let severity = if direct.others > 0 { Trap::T37.severity() } else { Severity::Info };
    report.add(Trap::T37, severity, at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: if direct.others > 0 {
                format!(
                    "{name} has mail servers beside other hosts: A and AAAA queries for it get the mail servers too."
                )
            } else {
                format!("A, AAAA and SRV queries for {name} get its mail servers too, not only MX queries.")
            },
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// Tells whether no mail server of a name gets into its other answers.
fn all_mails_are_kept_apart(scene: &Scene<'_>, at: &NodeAt<'_>, direct: &Direct) -> bool {
    if at.node.sum.records == 0 {
        return at.node.own.as_ref().and_then(OwnValue::service).is_some_and(|own| is_kept_apart(scene, own));
    }
    let mut apart = 0;
    scene.some_below(at.path, MANY, |record| {
        if Service::decode(record.value).is_ok_and(|service| service.mail && is_kept_apart(scene, &service)) {
            apart += 1;
        }
    });
    apart >= direct.mails
}

/// T36: every host answers SRV, without a port with port 0 (`backend_lookup.go:189`). Only a warning where clients ask
/// for SRV: at names of services, and beside records with ports. The others are counted for their zone.
fn portless(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    let own = at
        .node
        .own
        .as_ref()
        .and_then(OwnValue::service)
        .filter(|_| at.node.sum.records == 0 && !at.is_leaf());
    let own = own.is_some_and(|own| {
        own.port.unwrap_or(0) == 0
            && !own.mail
            && matches!(own.class(), Class::V4(_) | Class::V6(_) | Class::Alias)
    });
    let lacking = direct.portless + usize::from(own);
    if lacking == 0 || !(at.node.place.service || direct.ported > 0) {
        return;
    }
    report.add(Trap::T36, Trap::T36.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "SRV queries for {name} get {} with port 0, because no port is set there.",
                counted(lacking, "target"),
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// T35: weights are served as percent of all of their priority (`backend_lookup.go:176`).
fn weights(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let direct = &at.node.direct;
    // A single record has all the weight, whatever its field says.
    if direct.weighted == 0 || direct.leaves < 2 {
        return;
    }
    let mut of_priority: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    scene.some_below(at.path, MANY, |record| {
        if let Ok(service) = Service::decode(record.value)
            && !service.host.is_empty()
        {
            of_priority.entry(service.effective_priority()).or_default().push(service.effective_weight());
        }
    });
    let told: Vec<(i64, i64)> = of_priority
        .values()
        .filter(|weights| weights.len() > 1)
        .flat_map(|weights| {
            let total = weights.iter().fold(0_i64, |total, weight| total.saturating_add(*weight));
            weights.iter().map(move |weight| (*weight, served(*weight, total)))
        })
        .filter(|(weight, served)| weight != served)
        .collect();
    let Some((weight, served)) = told.first().copied() else { return };
    report.add(Trap::T35, Trap::T35.severity(), at.path, || {
        let name = scene.name(at.path);
        let how = if weight < 0 {
            format!("a weight of {weight} gives a number that depends on CoreDNS's processor")
        } else {
            format!("a weight of {weight} is served as {served}")
        };
        FindingWords {
            message: format!(
                "The weights of {name} are served as percent of all weights of their priority: {how}. Their proportions stay."
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// Returns the weight that is served, computed in doubles and in this order as `CoreDNS` does it.
fn served(weight: i64, total: i64) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "Go converts so; a weight that does not fit has no better answer"
    )]
    let percent = (100.0 / total as f64 * weight as f64).floor() as i64;
    percent.max(1)
}
