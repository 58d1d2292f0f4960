//! Fix of a finding, as steps that a plan can be made of.

use super::{node::NodeAt, place::AddressTree, scene::Scene};
use crate::dns::{KeyContent, Value, external_dns};

/// A change that ends a finding; it is planned, confirmed and undone like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// One imperative sentence.
    pub what: String,
    pub steps: Vec<FixStep>,
}

/// One step of a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixStep {
    /// Puts a key that must not exist.
    Create { key: Box<[u8]>, content: KeyContent },
    /// Puts another value at a key that holds `before`, and keeps its lease.
    Update { key: Box<[u8]>, before: Box<[u8]>, value: Box<[u8]> },
    /// Moves a record with its lease to a key that must not exist.
    Move { from: Box<[u8]>, to: Box<[u8]> },
    /// Deletes a key that holds `before`.
    Delete { key: Box<[u8]>, before: Box<[u8]> },
}

impl Fix {
    pub(super) fn new(what: impl Into<String>, steps: Vec<FixStep>) -> Self {
        Self { what: what.into(), steps }
    }
}

/// Returns the first free leaves of a name: `x1`, `x2`, and so on.
pub(super) fn free_leaves<const N: usize>(scene: &Scene<'_>, path: &[u8]) -> Option<[Box<[u8]>; N]> {
    so_many_leaves(scene, path, N).try_into().ok()
}

/// Returns the first free leaves of a name; fewer where there are not so many.
fn so_many_leaves(scene: &Scene<'_>, path: &[u8], number: usize) -> Vec<Box<[u8]>> {
    /// A name with more leaves than this has a convention for their names.
    const TRIED: usize = 200;
    let leaf = |number: usize| Box::from([path, format!("/x{number}").as_bytes()].concat());
    let free = |key: &[u8]| !scene.source.has(key) && !scene.has_below(key);
    (1..=TRIED).map(leaf).filter(|key| free(key)).take(number).collect()
}

/// Replaces a record with one for each of these values. `None` where a new record would hide another or be hidden, or
/// where external-dns wrote the record.
pub(super) fn one_for_each(
    scene: &Scene<'_>,
    at: &NodeAt<'_>,
    values: Vec<Box<[u8]>>,
) -> Option<Vec<FixStep>> {
    if at.node.sum.records > 0
        || matches!(at.node.place.tree, AddressTree::V4 | AddressTree::V6)
        || external_dns::is_leaf(at.segment())
    {
        return None;
    }
    let KeyContent { value: before, lease } = scene.content(at.path)?;
    let create = |(key, value)| FixStep::Create { key, content: KeyContent { value, lease } };
    let above = at.parent.filter(|_| at.is_leaf()).and_then(|parent| at.path.get(..parent.end));
    let number = values.len();
    let mut values = values.into_iter();
    let key = at.path.into();
    let (keys, first) = match above {
        Some(above) => {
            let first = FixStep::Update { key, before, value: values.next()? };
            (so_many_leaves(scene, above, number - 1), first)
        }
        // A key below a name would hide the value at the name's own key, so all of them become leaves.
        None => (so_many_leaves(scene, at.path, number), FixStep::Delete { key, before }),
    };
    let is_enough = keys.len() == values.len();
    is_enough.then(|| keys.into_iter().zip(values).map(create).chain([first]).collect())
}

/// Moves a record to a free key.
pub(super) fn shift(from: &[u8], to: &[u8]) -> FixStep {
    FixStep::Move { from: from.into(), to: to.into() }
}

/// Edits the fields of a stored value; the other fields stay as they are written.
pub(super) fn edit(scene: &Scene<'_>, key: &[u8], change: impl FnOnce(&mut Value)) -> Option<FixStep> {
    let content = scene.content(key)?;
    let mut value = Value::parse(&content.value).ok()?;
    change(&mut value);
    let edited = value.to_bytes();
    (*edited != *content.value).then(|| FixStep::Update {
        key: key.into(),
        before: content.value,
        value: edited.into(),
    })
}

/// Makes a fix of one edit.
pub(super) fn edited(
    scene: &Scene<'_>,
    key: &[u8],
    what: impl Into<String>,
    change: impl FnOnce(&mut Value),
) -> Option<Fix> {
    edit(scene, key, change).map(|step| Fix::new(what, vec![step]))
}
