//! Findings of one value before it is stored.

use super::{
    Finding, Severity, Trap, circumstances::Circumstances, findings::Findings, scene::Scene, walk::LintWalk,
    zones,
};
use crate::dns::{ChangedSource, KeyContent, RecordSource, Serving, StoredRecord};
use std::{cmp::Reverse, collections::BTreeMap, ops::ControlFlow};

/// Records that are read below the key and below the name above it: few, so that a form can ask at every key press.
const NEAR: usize = 1_024;
/// Records that are read below each name further above.
const FAR: usize = 128;

/// Names with more records below them are not checked.
const REACH: usize = 20_000;

/// Traps of a zone or of very many records, which a few records of it do not show.
pub(super) const OF_MANY: [Trap; 6] = [Trap::T6, Trap::T7, Trap::T26, Trap::T40, Trap::T46, Trap::T52];

/// Returns the findings that one value at one key would have, before it is stored, so that a form can show them while
/// it is typed. Findings of other keys are included if this value would cause them, as when it hides another.
///
/// Reads the key, the names above it with their first records, and the first records below it.
#[must_use]
pub fn lint_one(
    source: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
    content: &KeyContent,
) -> Vec<Finding> {
    let after = ChangedSource::new(source, [(key.into(), Some(content.clone()))]);
    compare(source, &after, serving, key).0
}

/// Returns the new findings that a change causes at and around one of its keys. Findings of severity `Info` are left
/// out.
#[must_use]
pub fn lint_change(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
) -> Vec<Finding> {
    let (mut found, old) = compare(before, after, serving, key);
    found.retain(|finding| {
        let was_there = if finding.trap == Trap::T46 {
            before.has(key)
        } else {
            old.of(&finding.key).any(|old| old.trap == finding.trap)
        };
        finding.severity > Severity::Info && !was_there
    });
    found
}

/// Returns the findings around a key after a change, and those before it.
fn compare(
    before: &dyn RecordSource,
    after: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
) -> (Vec<Finding>, Findings) {
    if serving.scope.key(key).is_err() {
        return (vec![], Findings::default());
    }
    let old = look(before, serving, &neighbourhood(before, serving, key), None);
    let mut found = look(after, serving, &neighbourhood(after, serving, key), Some(key)).list;
    // If the key, or one above it, is spelled wrongly, that keeps it out of its zone.
    let is_miswritten = found.iter().any(|finding| {
        matches!(finding.trap, Trap::T17 | Trap::T18 | Trap::T19 | Trap::T56) && key.starts_with(&finding.key)
    });
    found.retain(|finding| {
        // A record without a port is reported for its zone, and for a name where clients ask for SRV.
        let of_many = OF_MANY.contains(&finding.trap)
            || (finding.trap == Trap::T36 && finding.severity == Severity::Info);
        let is_new = !old.of(&finding.key).any(|old| old.trap == finding.trap);
        !of_many && (*finding.key == *key || is_new)
    });
    if !is_miswritten {
        found.extend(uncovered(after, serving, key));
    }
    found.sort_by_key(|finding| Reverse(finding.severity));
    (found, old)
}

/// Returns T46 of a single key.
fn uncovered(source: &dyn RecordSource, serving: &Serving, key: &[u8]) -> Option<Finding> {
    let circumstances = Circumstances::default();
    let scene = Scene::new(source, serving, &circumstances);
    let name = scene.name(key);
    (scene.zones.of(key).is_none() && serving.guessed.is_none()).then(|| Finding {
        trap: Trap::T46,
        severity: Trap::T46.severity(),
        key: key.into(),
        message: zones::uncovered(&scene, &name, "the record"),
        names: vec![name],
        fix: None,
        advice: vec![],
    })
}

/// Returns the records around a key.
fn neighbourhood(
    source: &dyn RecordSource,
    serving: &Serving,
    key: &[u8],
) -> BTreeMap<Box<[u8]>, KeyContent> {
    let circumstances = Circumstances::default();
    let scene = Scene::new(source, serving, &circumstances);
    let mut records = BTreeMap::new();
    let mut take = |record: StoredRecord<'_>| {
        records.insert(record.key.into(), KeyContent { value: record.value.into(), lease: record.lease });
    };
    let first = serving.scope.as_str().len();
    let ends = key.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at >= first).map(|(at, _)| at);
    let names: Vec<&[u8]> = ends.filter_map(|end| key.get(..end)).chain([key]).collect();
    for (place, above) in names.iter().enumerate() {
        source.at(above, &mut |record| {
            take(record);
            ControlFlow::Break(())
        });
        // A source that has to fetch the records gives all of a name or nothing.
        if source.count_below(&[above, &b"/"[..]].concat()) <= REACH {
            scene.some_below(above, if place + 2 >= names.len() { NEAR } else { FAR }, &mut take);
        }
    }
    records
}

/// Returns the findings of these records, or those of them that concern a key.
fn look(
    source: &dyn RecordSource,
    serving: &Serving,
    records: &BTreeMap<Box<[u8]>, KeyContent>,
    about: Option<&[u8]>,
) -> Findings {
    let circumstances = Circumstances::default();
    let scene = Scene::new(source, serving, &circumstances);
    let mut walk = LintWalk::new(&scene, about);
    for (key, KeyContent { value, lease }) in records {
        walk.record(StoredRecord { key, value, lease: *lease });
    }
    walk.finish().0.finish()
}
