//! The findings of one value before it is stored.

use super::{Finding, Trap, circumstances::Circumstances, findings::Findings, scene::Scene, walk::Walk};
use crate::dns::{Changed, Content, Serving, Source};
use std::{collections::BTreeSet, ops::ControlFlow};

/// Records that are read of each name around the key, so that a form can ask at every key press.
const READ: usize = 128;

/// What is told of a zone or of a whole crowd, which a few records of it do not show.
const OF_MANY: [Trap; 9] =
    [Trap::T6, Trap::T7, Trap::T26, Trap::T36, Trap::T40, Trap::T46, Trap::T52, Trap::E1, Trap::E3];

/// What one value at one key would be found with, before it is stored: what shows while it is typed. Findings of other
/// keys are among it where this value would bring them about, as when it hides another.
///
/// Reads the key, the names above it with their first records, and the first records below it.
#[must_use]
pub fn lint_one(source: &dyn Source, serving: &Serving, key: &[u8], content: &Content) -> Vec<Finding> {
    if serving.scope.key(key).is_err() {
        return vec![];
    }
    let after = Changed::new(source, [(key.into(), Some(content.clone()))]);
    let before = neighbourhood(source, serving, key);
    let mut found = neighbourhood(&after, serving, key).list;
    let is_new = |finding: &Finding| !before.of(&finding.key).any(|old| old.trap == finding.trap);
    found.retain(|finding| {
        let own = *finding.key == *key;
        (own && (finding.trap == Trap::T36 || finding.trap == Trap::T26 || !OF_MANY.contains(&finding.trap)))
            || (!own && is_new(finding) && !OF_MANY.contains(&finding.trap))
            || (!own
                && finding.trap == Trap::T36
                && is_new(finding)
                && finding.severity > super::Severity::Info)
            || (finding.trap == Trap::T46 && key.starts_with(&finding.key))
    });
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

/// The findings of what stands around a key.
fn neighbourhood(source: &dyn Source, serving: &Serving, key: &[u8]) -> Findings {
    let circumstances = Circumstances::default();
    let scene = Scene::new(source, serving, &circumstances);
    let mut keys: BTreeSet<Box<[u8]>> = BTreeSet::from([key.into()]);
    let first = serving.scope.as_str().len();
    let ends = key.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at >= first).map(|(at, _)| at);
    for above in ends.filter_map(|end| key.get(..end)).chain([key]) {
        keys.insert(above.into());
        scene.some_below(above, READ, |record| {
            keys.insert(record.key.into());
        });
    }
    let mut walk = Walk::new(&scene);
    for key in &keys {
        source.at(key, &mut |record| {
            walk.record(record);
            ControlFlow::Break(())
        });
    }
    walk.finish().finish()
}
