//! Fields of values: finds those that `CoreDNS` cannot read, and those that it reads in a way of its own.

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    fix::{Fix, FixStep, edited},
    node::NodeAt,
    own_record::{OwnValue, is_target},
    repair,
    scene::{RefusalReason, Scene, ShownText},
};
use crate::dns::{Class, LeaseLeft, Service, ValueError};

/// The largest TTL that resolvers take (RFC 2181, section 8).
const MAX_TTL: u32 = 2_147_483_647;
/// Most labels that a name can have (RFC 1035, section 3.1); a larger targetstrip only costs time.
const MAX_LABELS: i64 = 127;

pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, report: &mut FindingReport) {
    match &own.service {
        Err(error) => broken(scene, at, error, report),
        Ok(service) => {
            ttl(scene, at, own, service, report);
            numbers(scene, at, service, report);
            strip(scene, at, own, service, report);
            fields(scene, at, own, service, report);
        }
    }
}

/// T1, T2, T3: `CoreDNS` fails for every name that reads the key (plugin/etcd/etcd.go:142).
fn broken(scene: &Scene<'_>, at: &NodeAt<'_>, error: &ValueError, report: &mut FindingReport) {
    let foreign = repair::is_foreign(scene, at.path, error);
    let trap = match error {
        ValueError::WrongType { .. } => Trap::T3,
        ValueError::Empty | ValueError::NotJson { .. } | ValueError::NotAnObject(_) if foreign => Trap::T2,
        ValueError::Empty | ValueError::NotJson { .. } | ValueError::NotAnObject(_) => Trap::T1,
    };
    report.add(trap, trap.severity(), at.path, || {
        let mut names = scene.readers(at);
        // The key's own name reads only the keys below it.
        if at.node.sum.records > 0 && !names.is_empty() {
            names.remove(0);
        }
        let who = match &*names {
            [] => "No name reads this key now, but the first that does will fail".to_owned(),
            [only] => format!("{only} answers SERVFAIL"),
            [first, .., last] => format!("{first} and each name above it up to {last} answer SERVFAIL"),
        };
        let (why, fix) = match (trap, error) {
            (Trap::T3, _) => (error.to_string(), repair::retyped(scene, at)),
            (Trap::T2, ValueError::Empty) => {
                ("the value is empty".to_owned(), repair::without_marker(scene, at.path))
            }
            (Trap::T2, _) => (
                "this is no record but a key of another program".to_owned(),
                repair::without_marker(scene, at.path),
            ),
            _ => (error.to_string(), repair::rewritten(scene, at)),
        };
        FindingWords {
            names,
            message: format!("{who}: {}.", RefusalReason(why.as_bytes())),
            fix,
            ..FindingWords::default()
        }
    });
}

/// T30, T31, T32.
fn ttl(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, service: &Service, report: &mut FindingReport) {
    if service.class() == Class::Nothing {
        return;
    }
    match service.ttl {
        Some(0) => report.add(Trap::T30, Trap::T30.severity(), at.path, || FindingWords {
            names: scene.asked(at),
            message: match own.lease {
                None => "A TTL of 0 means none: the record is served with the default of 300 seconds.".to_owned(),
                Some(_) => "A TTL of 0 means none: the record is served with the time that its lease has left.".to_owned(),
            },
            fix: edited(scene, at.path, "Remove the TTL of 0; what is served stays the same.", |value| {
                value.remove("ttl");
            }), ..FindingWords::default()
        }),
        Some(ttl) if ttl > MAX_TTL => report.add(Trap::T32, Trap::T32.severity(), at.path, || FindingWords {
            names: scene.asked(at),
            message: format!(
                "The TTL {ttl} is sent as it is, and resolvers take what is above {MAX_TTL} for 0 or cut it. Set one that is \
                 meant."
            ),
            ..FindingWords::default()
        }),
        _ => {}
    }
    if let (Some(lease), None | Some(0)) = (own.lease, service.ttl) {
        report.add(Trap::T31, Trap::T31.severity(), at.path, || {
            let limits = scene.serving.lease_ttl;
            let now = match scene.source.lease_left(lease) {
                LeaseLeft::Seconds(left) if left > 0 => {
                    let left = u32::try_from(left).unwrap_or(u32::MAX);
                    format!(", now {} s of a lease with {left} s left", limits.served(left))
                }
                LeaseLeft::Seconds(_) | LeaseLeft::Gone => ", but its lease has ended, so 300 s".to_owned(),
                LeaseLeft::Unknown => String::new(),
            };
            FindingWords {
                names: scene.asked(at),
                message: format!(
                    "The TTL is what the record's lease has left, from {} to {} s{now}. The record goes when the lease ends.",
                    limits.min_or_default(), limits.max_or_default(),
                ),
                ..FindingWords::default()
            }
        });
    }
}

/// T33, T34.
fn numbers(scene: &Scene<'_>, at: &NodeAt<'_>, service: &Service, report: &mut FindingReport) {
    let range = |number: Option<i64>| number.filter(|number| !(0..=65_535).contains(number));
    for (field, number) in [("port", range(service.port)), ("priority", range(service.priority))] {
        let Some(number) = number else { continue };
        report.add(Trap::T33, Trap::T33.severity(), at.path, || {
            let served = number & 0xffff;
            let what = match (field, number) {
                ("port", -1) => "A port of -1 takes the record out of SRV answers".to_owned(),
                _ => format!("The {field} {number} is cut to 16 bits and served as {served}"),
            };
            FindingWords {
                names: scene.asked(at),
                message: format!("{what}. It must be a number from 0 to 65535."),
                ..FindingWords::default()
            }
        });
    }
    // Programs write 0 in a field that they do not use; it matters only where a priority is served.
    if service.priority == Some(0) && is_target(service) {
        report.add(Trap::T34, Trap::T34.severity(), at.path, || FindingWords {
            names: scene.asked(at),
            message: "A priority of 0 means none and is served as 10, so this record does not come first. The best that \
                      can be served is 1."
                .to_owned(),
            fix: edited(scene, at.path, "Remove the priority of 0; it is served as 10 either way.", |value| {
                value.remove("priority");
            }), ..FindingWords::default()
        });
    }
}

/// T45: more labels are to be cut than there are (plugin/etcd/msg/service.go:164).
fn strip(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, service: &Service, report: &mut FindingReport) {
    let Some(strip) = service.target_strip.filter(|strip| *strip > 0) else { return };
    let labels = match service.class() {
        Class::V4(_) | Class::V6(_) => at.path.split(|byte| *byte == b'/').count() - 2,
        Class::Alias => service.host.trim_end_matches('.').split('.').count(),
        Class::Text | Class::Nothing => return,
    };
    if usize::try_from(strip).is_ok_and(|strip| strip < labels) {
        return;
    }
    // Up to the labels that a name can hold it has no effect; beyond, each query costs time, and from some billions on
    // it hangs.
    let severity = if strip > MAX_LABELS { Severity::Error } else { Severity::Warning };
    report.add(Trap::T45, severity, at.path, || {
        let effect = if strip > MAX_LABELS {
            "CoreDNS counts up to it for each SRV, MX and NS query that reads the record, which keeps a processor busy, and \
             then cuts nothing"
        } else {
            "CoreDNS then cuts nothing"
        };
        let fix = (!own.is_managed(at.segment())).then(|| {
            edited(scene, at.path, "Remove the targetstrip; targets stay as they are served now.", |value| {
                value.remove("targetstrip");
            })
        });
        FindingWords {
            names: scene.readers(at),
            message: format!("The targetstrip {strip} is not less than the {labels} labels of the target: {effect}."),
            fix: fix.flatten(), ..FindingWords::default()
        }
    });
}

/// T50, T51.
fn fields(scene: &Scene<'_>, at: &NodeAt<'_>, own: &OwnValue, service: &Service, report: &mut FindingReport) {
    if own.unknown {
        let useless = service.class() == Class::Nothing;
        let misspelt = repair::misspelt(scene, at.path, useless);
        // Other programs may keep fields of their own; a person wants to know of a slip.
        if let Some(repair::Misspelt { field, meant, fix }) = misspelt {
            report.add(Trap::T50, Trap::T50.severity(), at.path, || FindingWords {
                names: scene.asked(at),
                message: match meant {
                    Some(meant) => format!(
                        "CoreDNS does not know the field \"{}\" and ignores it; \"{meant}\" may be meant.",
                        ShownText(field.as_bytes()),
                    ),
                    None => format!(
                        "CoreDNS does not know the field \"{}\" and finds neither host nor text, so the record answers \
                         nothing.",
                        ShownText(field.as_bytes()),
                    ),
                },
                fix, ..FindingWords::default()
            });
        }
    }
    if own.twice {
        report.add(Trap::T51, Trap::T51.severity(), at.path, || FindingWords {
            names: scene.asked(at),
            message: "A field stands there more than once, capitals not regarded; only the last counts."
                .to_owned(),
            fix: edited(scene, at.path, "Drop the fields that do not count.", repair::drop_overridden),
            ..FindingWords::default()
        });
    }
}

/// Makes a fix that deletes a key.
pub(super) fn deletion(scene: &Scene<'_>, key: &[u8], what: &str) -> Option<Fix> {
    let before = scene.content(key)?.value;
    Some(Fix::new(what, vec![FixStep::Delete { key: key.into(), before }]))
}
