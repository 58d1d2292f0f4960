//! Keys that their own names do not reach, or that mean another name than they seem to.

use super::{
    Fix, Severity, Trap,
    findings::{FindingReport, FindingWords},
    fix::{free_leaves, shift},
    node::NodeAt,
    own_record::OwnValue,
    place::AddressTree,
    reverse,
    scene::{Scene, ShownText},
    template::Wildcard,
};
use crate::{
    dns::{Class, external_dns, host::punycode, name::is_canonical},
    quantity::counted,
};
use std::ops::ControlFlow;

/// Most records that one fix moves; if there are more, a person should first find out what wrote them.
const MOVED: usize = 32;

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    let segment = at.segment();
    let Some(parent) = at.parent else { return };
    let is_reverse = matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6);
    if at.node.place.odd && !parent.place.odd && !(is_reverse && reverse::is_misspelt(scene, at)) {
        odd(scene, at, report);
    }
    if segment == b"*" {
        wildcard(scene, at, report);
    }
    if segment == b"any" {
        any(scene, at, report);
    }
    let Some(own) = &at.node.own else { return };
    if at.node.place.empty {
        if segment.is_empty() && !parent.place.empty {
            trailing_slash(scene, at, report);
        } else {
            empty_segment(scene, at, report);
        }
    }
    if own.class() == Class::Alias && is_below_an_address(scene, at) {
        leaf_of_an_address(scene, at, own, report);
    }
}

/// T19: no question is spelled so (request/request.go:288, miekg/dns types.go:526).
fn odd(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T19, Trap::T19.severity(), at.path, || {
        let segment = at.segment();
        let records = at.node.sum.records + usize::from(at.node.own.is_some());
        let why = match segment {
            _ if segment.iter().any(|byte| !byte.is_ascii() || byte.is_ascii_control()) => {
                "it is not ASCII (internationalised names are stored in their xn-- form)"
            }
            _ if segment.iter().any(u8::is_ascii_uppercase) => "it has capitals",
            _ if segment.contains(&b'.') && !segment.contains(&b'\\') => "it has a dot, and a key has one segment for each label",
            _ if segment.len() > 63 => "it is longer than a label can be",
            _ => "it has a character that CoreDNS looks for behind a backslash",
        };
        FindingWords {
            names: vec![scene.name(at.path)],
            message: format!(
                "No query for its own name reaches the segment \"{}\": {why}. Names above it still answer with {}.",
                ShownText(segment),
                match records {
                    1 => "its record".to_owned(),
                    more => format!("its {more} records"),
                },
            ),
            fix: corrected(scene, at), ..FindingWords::default()
        }
    });
}

/// Moves the records at and below an odd name to the keys where queries find them.
fn corrected(scene: &Scene<'_>, at: &NodeAt<'_>) -> Option<Fix> {
    let mut keys: Vec<Vec<u8>> = at.node.own.iter().map(|_| at.path.to_vec()).collect();
    if at.node.sum.records + keys.len() > MOVED {
        return None;
    }
    scene.some_below(at.path, MOVED, |record| keys.push(record.key.to_vec()));
    let mut steps = vec![];
    let mut targets: Vec<Vec<u8>> = vec![];
    for key in keys {
        let target = canonical_key(scene, &key)?;
        let is_free = !scene.source.has(&target) && !scene.has_below(&target) && !targets.contains(&target);
        if !is_free || hides_a_value(scene, &target) {
            return None;
        }
        steps.push(shift(&key, &target));
        targets.push(target);
    }
    let what = match &*targets {
        [only] => format!("Move the record to {}.", ShownText(only)),
        _ => format!("Move {} to keys that their names reach.", counted(steps.len(), "record")),
    };
    Some(Fix::new(what, steps))
}

/// Tells whether a name above this key has a value, which a key below it would hide.
fn hides_a_value(scene: &Scene<'_>, key: &[u8]) -> bool {
    let slashes = key.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.filter_map(|end| key.get(..end)).any(|above| scene.source.has(above))
}

/// Returns the key at which queries find the name of an odd key, if only one can be meant: lower case, one segment for
/// each label, a backslash before special characters.
fn canonical_key(scene: &Scene<'_>, key: &[u8]) -> Option<Vec<u8>> {
    let scope = scene.serving.scope.as_str().as_bytes();
    let mut segments: Vec<Vec<u8>> = vec![];
    for segment in key.strip_prefix(scope)?.split(|byte| *byte == b'/') {
        let ascii = std::str::from_utf8(segment).ok().and_then(punycode).map(String::into_bytes);
        let segment = ascii.as_deref().unwrap_or(segment).trim_ascii();
        // A dotted name in one segment is written from the left.
        let dotted = !segment.contains(&b'\\');
        let labels: Vec<&[u8]> =
            if dotted { segment.split(|byte| *byte == b'.').rev().collect() } else { vec![segment] };
        for label in labels {
            let mut spelled = vec![];
            for byte in label.to_ascii_lowercase() {
                match byte {
                    b'@' | b';' | b'(' | b')' | b'"' | b'\'' | b' ' if dotted => {
                        spelled.extend([b'\\', byte]);
                    }
                    _ => spelled.push(byte),
                }
            }
            if !is_canonical(&spelled) {
                return None;
            }
            segments.push(spelled);
        }
    }
    let target = [scope, &segments.join(&b'/')].concat();
    let leaf = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    (target != key && !external_dns::is_leaf(leaf)).then_some(target)
}

/// T20: only a query for the label `*` itself reads it (path.go:45).
fn wildcard(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T20, Trap::T20.severity(), at.path, || {
        let name = scene.name(at.path);
        let mut stored = Wildcard::default();
        scene.source.at(at.path, &mut |record| {
            stored.take(record);
            ControlFlow::Break(())
        });
        scene.some_below(at.path, MOVED, |record| stored.take(record));
        let advice = name.parent().map(|above| stored.lines(&above)).unwrap_or_default();
        let how = if advice.is_empty() {
            "Serve wildcards with CoreDNS's template or file plugin."
        } else {
            "These lines of a Corefile do it, before etcd is asked: for names with records of their own too."
        };
        FindingWords {
            message: format!("{name} is no wildcard: other names do not get its records. {how}"),
            names: vec![name],
            advice,
            ..FindingWords::default()
        }
    });
}

/// T21: in a query, the label stands for any one label (path.go:46, etcd.go:133).
fn any(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T21, Trap::T21.severity(), at.path, || {
        let name = scene.name(at.path);
        FindingWords {
            message: format!(
                "CoreDNS takes the label \"any\" for a wildcard, so {name} answers with the records of all names beside it. \
                 Choose another name."
            ),
            names: vec![name],
            ..FindingWords::default()
        }
    });
}

/// T17: path.go:23 makes a name with an empty label of it.
fn empty_segment(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T17, Trap::T17.severity(), at.path, || {
        let cleaned = cleaned(at.path);
        // The key itself may lie below its new key.
        let mut others = false;
        scene.some_below(&cleaned, 2, |record| others |= record.key != at.path);
        let is_free = !others && !scene.source.has(&cleaned) && !hides_a_value(scene, &cleaned);
        let fix = (is_free && scene.serving.scope.key(&cleaned).is_ok()).then(|| {
            Fix::new(format!("Move the record to {}.", ShownText(&cleaned)), vec![shift(at.path, &cleaned)])
        });
        FindingWords {
            names: scene.readers(at),
            message: "The key has an empty segment: its own name cannot be asked for, and an SRV or MX answer that would \
                      name it cannot be encoded, so clients time out."
                .to_owned(),
            fix, ..FindingWords::default()
        }
    });
}

/// Returns a key without its empty segments.
fn cleaned(key: &[u8]) -> Vec<u8> {
    let mut cleaned = key.to_vec();
    cleaned.dedup_by(|byte, before| *byte == b'/' && *before == b'/');
    cleaned.pop_if(|last| *last == b'/');
    cleaned
}

/// T18: `CoreDNS` finds it below the name and not at it (etcd.go:91).
fn trailing_slash(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) {
    report.add(Trap::T18, Trap::T18.severity(), at.path, || {
        let own = at.path.strip_suffix(b"/").unwrap_or(at.path);
        let is_alone = at.parent.is_some_and(|parent| parent.own.is_none()) && {
            let mut others = 0;
            scene.some_below(own, 2, |_| others += 1);
            others == 1
        };
        let to = if is_alone && !hides_a_value(scene, own) {
            Some(Box::from(own))
        } else {
            free_leaves(scene, own).map(|[leaf]| leaf)
        };
        FindingWords {
            names: vec![scene.name(own)],
            message: "The key ends in a slash: it counts as below its name, so it hides the value at the name itself, and \
                      CNAME and PTR queries do not find it."
                .to_owned(),
            fix: to.filter(|to| scene.serving.scope.key(to).is_ok()).map(|to| {
                Fix::new(format!("Move the record to {}.", ShownText(&to)), vec![shift(at.path, &to)])
            }), ..FindingWords::default()
        }
    });
}

/// Tells whether a key lies one segment below that of a whole address, and that segment is no part of a classless
/// delegation (RFC 2317 writes those as numbers).
fn is_below_an_address(scene: &Scene<'_>, at: &NodeAt<'_>) -> bool {
    let (parts, longest) = match at.node.place.tree {
        AddressTree::V4 => (4, 3),
        AddressTree::V6 => (32, 1),
        AddressTree::Ordinary | AddressTree::Arpa => return false,
    };
    // `arpa` and the tree's own label come before the address, the leaf behind.
    if at.node.place.depth != 2 + parts + 1 {
        return false;
    }
    let behind = at.path.get(scene.serving.scope.as_str().len()..).unwrap_or_default();
    let is_part = |part: &[u8]| part.len() <= longest && part.iter().all(u8::is_ascii_hexdigit);
    behind.split(|byte| *byte == b'/').skip(2).take(parts).all(is_part)
        && !at.segment().iter().all(u8::is_ascii_digit)
}

/// T10: a PTR query reads the exact key and nothing else (`backend_lookup.go:414`).
fn leaf_of_an_address(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    let Some(parent) = at.parent else { return };
    let exact = at.path.get(..parent.end).unwrap_or_default();
    // If the address itself has a record, that is its PTR, and this one is only left over.
    let severity = if parent.own.is_some() { Severity::Warning } else { Trap::T10.severity() };
    report.add(Trap::T10, severity, at.path, || {
        let name = scene.name(exact);
        let mut siblings = 0;
        scene.some_below(exact, 2, |_| siblings += 1);
        let alone = siblings == 1 && parent.own.is_none() && !own.is_managed(at.segment());
        FindingWords {
            message: match severity {
                Severity::Error => format!(
                    "PTR queries for {name} get NXDOMAIN: CoreDNS reads the key of the address itself, and not what is below \
                     it."
                ),
                Severity::Warning | Severity::Info => format!(
                    "PTR queries for {name} never see this record: CoreDNS reads only the key of the address itself."
                ),
            },
            names: vec![name],
            fix: alone.then(|| {
                Fix::new(format!("Move the record to {}.", ShownText(exact)), vec![shift(at.path, exact)])
            }), ..FindingWords::default()
        }
    });
}
