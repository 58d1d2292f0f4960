//! Model for the index: a brute-force picture to compare it with, and keys that are hard for it.

use super::{Index, NodeId};
use crate::keys::{KeyValue, LeaseId, Revision, Scope};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn scope() -> Scope {
    Scope::parse("/c").unwrap()
}

/// Makes a record whose key is `/c` and `path`.
pub(super) fn record(path: &[u8], revision: i64) -> KeyValue {
    KeyValue {
        key: scope().key(&[b"/c", path].concat()).unwrap(),
        value: format!("{revision}").into_bytes().into(),
        create_revision: Revision(revision),
        mod_revision: Revision(revision),
        version: 1,
        lease: LeaseId::new(revision % 3),
    }
}

/// Makes paths that share prefixes, with all that byte order puts between `a` and `a/`.
pub(super) fn any_path() -> impl Strategy<Value = Vec<u8>> {
    let segment = prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "A", "ab", "", "a b", "a-b", "a.b", "B"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::sample::select(vec![b"\0".to_vec(), b"\xff".to_vec(), b"a\0".to_vec(), b"/".to_vec()]),
        1 => prop::collection::vec(any::<u8>(), 0..30),
    ];
    prop::collection::vec(segment, 1..5)
        .prop_map(|segments| segments.iter().fold(Vec::new(), |path, next| [&path, &b"/"[..], next].concat()))
        .prop_filter("the scope itself is no key", |path| path.len() > 1)
}

pub(super) type ScopeModel = BTreeMap<Vec<u8>, KeyValue>;

/// Facts of the tree about a name: its own key, leaves, keys below, child segments in DNS order.
pub(super) type NameFacts = (bool, usize, usize, Vec<Vec<u8>>);

/// Returns the names of the model by path.
pub(super) fn names(model: &ScopeModel) -> BTreeMap<Vec<u8>, NameFacts> {
    let mut paths: BTreeSet<Vec<u8>> = BTreeSet::from([Vec::new()]);
    for path in model.keys() {
        paths.extend((1..path.len()).filter(|cut| path[*cut] == b'/').map(|cut| path[..cut].to_vec()));
    }
    let directly = |parent: &[u8], path: &[u8]| {
        path.len() > parent.len()
            && path.starts_with(parent)
            && path[parent.len()] == b'/'
            && !path[parent.len() + 1..].contains(&b'/')
    };
    let name = |path: &Vec<u8>| {
        let under = [path, &b"/"[..]].concat();
        let mut children: Vec<Vec<u8>> = paths
            .iter()
            .filter(|child| directly(path, child))
            .map(|child| child[path.len() + 1..].to_vec())
            .collect();
        children.sort_by_key(|segment| (segment.to_ascii_lowercase(), segment.clone()));
        let leaves = model.keys().filter(|key| directly(path, key) && !paths.contains(*key)).count();
        let below = model.keys().filter(|key| key.starts_with(&under)).count();
        (model.contains_key(path), leaves, below, children)
    };
    paths.iter().map(|path| (path.clone(), name(path))).collect()
}

/// Returns the names of the index by path, walked from the root.
pub(super) fn names_of(index: &Index) -> BTreeMap<Vec<u8>, NameFacts> {
    let tree = index.tree();
    let mut found = BTreeMap::new();
    let mut open = vec![NodeId::ROOT];
    while let Some(id) = open.pop() {
        let node = tree.node(id).unwrap();
        let children: Vec<NodeId> = (0..node.children).map(|k| tree.child(id, k).unwrap()).collect();
        let segments = children.iter().map(|child| tree.node(*child).unwrap().segment.to_vec()).collect();
        let path = tree.path(id).unwrap();
        assert_eq!(tree.find(&path), Some(id));
        assert!(children.iter().all(|child| tree.parent(*child) == Some(id)));
        found.insert(path, (node.own, node.leaves, node.below, segments));
        open.extend(children);
    }
    assert_eq!(found.len(), tree.len());
    found
}

/// Makes an index of these paths, each at revision 1, by way of a batch.
pub(super) fn index_of(paths: &[&str]) -> Index {
    let mut index = Index::new(scope());
    let page = paths.iter().map(|path| record(path.as_bytes(), 1)).collect();
    index.absorb(super::Batch::encode(&scope(), page));
    index
}
