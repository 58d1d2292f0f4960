//! Texts: finds those that spoil the host beside them, and those that are served in another way than they are written.

use super::{
    Fix, Severity, Trap,
    findings::{FindingReport, FindingWords},
    fix::{FixStep, edit, edited, free_leaves},
    hosts,
    node::NodeAt,
    own_record::OwnValue,
    place::AddressTree,
    scene::{Scene, ShownText},
};
use crate::dns::{Class, KeyContent, Service, Value};

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let Some(service) = own.service() else { return };
    if service.text.is_empty() {
        return;
    }
    match service.class() {
        Class::Text => {
            // A PTR query does not look at the text.
            if !service.host.is_empty() && !matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6) {
                disabled_host(scene, at, own, service, report);
            }
            served(scene, at, own, service, report);
        }
        // Ownership texts of external-dns before v0.18 lie here; external-dns reads them in etcd.
        Class::V4(_) | Class::V6(_) if !own.heritage => unpublished(scene, at, own, report),
        Class::V4(_) | Class::V6(_) | Class::Alias | Class::Nothing => {}
    }
}

/// T11: with a text, a name is no alias and no target any more (plugin/etcd/msg/type.go:21).
fn disabled_host(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    own: &OwnValue,
    service: &Service,
    report: &mut FindingReport,
) {
    report.add(Trap::T11, Trap::T11.severity(), at.path, || {
        // A host that cannot be sent would keep the text from being sent, too.
        let sane = !hosts::is_flawed(&service.host);
        FindingWords {
            names: scene.asked(at),
            message: format!(
                "The text beside it takes the host {} out of A, AAAA, SRV and MX answers: only the text is served, and the \
                 host to CNAME queries.",
                ShownText(service.host.as_bytes()),
            ),
            fix: if sane { split(scene, at, own) } else { None }, ..FindingWords::default()
        }
    });
}

/// T12: next to an address a text is never served (`backend_lookup.go:354`).
fn unpublished(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    report.add(Trap::T12, Trap::T12.severity(), at.path, || FindingWords {
        names: scene.asked(at),
        message: "The text stands next to an address and is never served: TXT queries do not get it."
            .to_owned(),
        fix: split(scene, at, own),
        ..FindingWords::default()
    });
}

/// Splits a value into two keys, one of which holds the text. A key below a name would hide the value at the name's own
/// key, so both become leaves unless the record is one already.
fn split(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue) -> Option<Fix> {
    // external-dns would write its record again; and a name with a key below it has another trap to mend first.
    if own.is_managed(at.segment()) || at.node.sum.records > 0 {
        return None;
    }
    let KeyContent { value: before, lease } = scene.content(at.path)?;
    let whole = Value::parse(&before).ok()?;
    let mut text = Value::default();
    for field in ["text", "ttl", "group"] {
        if let Some(json) = whole.raw(field).and_then(|raw| serde_json::from_str(raw).ok()) {
            text.set(field, &json);
        }
    }
    let text = KeyContent { value: text.to_bytes().into(), lease };
    if at.is_leaf()
        && let Some(parent) = at.parent
    {
        let [leaf] = free_leaves(scene, at.path.get(..parent.end)?)?;
        let step = edit(scene, at.path, |value| value.remove("text"))?;
        let what = format!("Put the text into a key of its own, {}.", ShownText(&leaf));
        return Some(Fix::new(what, vec![step, FixStep::Create { key: leaf, content: text }]));
    }
    let mut host = whole;
    host.remove("text");
    let host = KeyContent { value: host.to_bytes().into(), lease };
    let [first, second] = free_leaves(scene, at.path)?;
    let what = format!("Split the record into {} and {}.", ShownText(&first), ShownText(&second));
    Some(Fix::new(
        what,
        vec![
            FixStep::Create { key: first, content: host },
            FixStep::Create { key: second, content: text },
            FixStep::Delete { key: at.path.into(), before },
        ],
    ))
}

/// T41, T42.
fn served(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, service: &Service, report: &mut FindingReport) {
    if own.heritage {
        return;
    }
    if service.text.len().is_multiple_of(255) {
        // Readers join the strings of a text, so only a test of exact answers sees the difference.
        report.add(Trap::T41, Severity::Info, at.path, || FindingWords {
            names: scene.asked(at),
            message: format!(
                "The text has {} bytes, a multiple of 255, and so is served with an empty string at its end.",
                service.text.len(),
            ),
            ..FindingWords::default()
        });
    }
    if has_escape(&service.text) {
        report.add(Trap::T42, Trap::T42.severity(), at.path, || FindingWords {
            names: scene.asked(at),
            message: "CoreDNS takes each backslash in the text for an escape: it is swallowed, or becomes another byte \
                      with the three digits behind it."
                .to_owned(),
            fix: edited(scene, at.path, "Double each backslash, so that one is served.", |value| {
                value.set("text", &doubled(&service.text).into());
            }), ..FindingWords::default()
        });
    }
}

/// Tells whether there is a backslash that is not one of a pair.
fn has_escape(text: &str) -> bool {
    doubled(text) != text
}

/// Returns the text with a second backslash for each that has none.
pub(super) fn doubled(text: &str) -> String {
    let mut doubled = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        doubled.push(c);
        if c == '\\' {
            doubled.push('\\');
            chars.next_if_eq(&'\\');
        }
    }
    doubled
}
