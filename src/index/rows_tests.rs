//! Rows against a list of them that is written out in full.

use super::model::{any_path, index_of, names, record, scope};
use super::{Batch, Index, NameTree, NodeId, TreeRow, Unfolded};
use crate::keys::Revision;
use proptest::prelude::*;

/// Lists all rows by walking the whole tree.
fn flat(tree: &NameTree, unfolded: &Unfolded) -> Vec<TreeRow> {
    let mut rows = Vec::new();
    let mut rest = vec![(NodeId::ROOT, 0)];
    while let Some((first, depth)) = rest.pop() {
        let mut node = first;
        let mut facts = tree.node(node).unwrap();
        while node != NodeId::ROOT && facts.children == 1 && facts.leaves == 0 && !facts.own {
            node = tree.child(node, 0).unwrap();
            facts = tree.node(node).unwrap();
        }
        let expandable = facts.children > 0;
        let expanded = unfolded.is_open(node) && (expandable || node == NodeId::ROOT);
        rows.push(TreeRow { position: rows.len(), node, first, depth, expanded, expandable });
        if expanded {
            rest.extend((0..facts.children).rev().map(|k| (tree.child(node, k).unwrap(), depth + 1)));
        }
    }
    rows
}

fn check(tree: &NameTree, unfolded: &Unfolded) {
    let expected = flat(tree, unfolded);
    let rows = unfolded.rows(tree);
    assert_eq!(rows.len(), expected.len());
    assert_eq!(rows.window(0..expected.len() + 1).collect::<Vec<_>>(), expected);
    for row in &expected {
        for name in tree.chain(row.first) {
            assert_eq!(rows.position_of(name), Some(row.position));
        }
        let before = &expected[..row.position];
        let parent = before.iter().rposition(|other| other.depth < row.depth);
        assert_eq!(rows.parent(row.node), parent);
        let same = |other: &TreeRow| other.depth == row.depth && rows.parent(other.node) == parent;
        let siblings: Vec<usize> = expected.iter().filter(|row| same(row)).map(|row| row.position).collect();
        let me = siblings.iter().position(|position| *position == row.position).unwrap();
        assert_eq!(rows.next_sibling(row.node), siblings.get(me + 1).copied());
        assert_eq!(rows.previous_sibling(row.node), me.checked_sub(1).map(|me| siblings[me]));
    }
}

proptest! {
    #[test]
    fn rows_are_those_of_the_tree_written_out_through_any_changes(
        first in prop::collection::vec(any_path(), 0..40),
        steps in prop::collection::vec((any_path(), 0..6_u8), 0..30),
    ) {
        let mut index = Index::new(scope());
        index.absorb(Batch::encode(&scope(), first.iter().map(|path| record(path, 1)).collect()));
        let mut unfolded = Unfolded::default();
        check(index.tree(), &unfolded);
        for (revision, (path, step)) in (2..).zip(steps) {
            let node = index.nearest(&[b"/c", &path[..]].concat());
            match step {
                0 => unfolded.collapse(index.tree(), node),
                1 => unfolded.toggle(index.tree(), node),
                2 => {
                    unfolded.reveal(index.tree(), node);
                    prop_assert!(unfolded.rows(index.tree()).position_of(node).is_some());
                }
                3 => {
                    index.put(&record(&path, revision));
                }
                4 => {
                    index.delete(&record(first.first().unwrap_or(&path), 1).key, Revision(revision));
                }
                _ => unfolded.expand(index.tree(), node),
            }
            // Not followed on purpose at every other step: the rows are right in any case.
            if revision % 2 == 0 {
                unfolded.follow(index.tree());
            }
            check(index.tree(), &unfolded);
        }
        let hidden = index.nearest(&[b"/c", &first.first().cloned().unwrap_or_default()[..]].concat());
        let nearest = unfolded.rows(index.tree()).nearest(hidden);
        prop_assert!(nearest < unfolded.rows(index.tree()).len());
    }

    #[test]
    fn another_index_of_the_same_keys_shows_the_same_rows(
        paths in prop::collection::btree_set(any_path(), 1..40),
        open in prop::collection::vec(any_path(), 0..10),
    ) {
        let page: Vec<_> = paths.iter().map(|path| record(path, 1)).collect();
        let mut one = Index::new(scope());
        one.absorb(Batch::encode(&scope(), page.clone()));
        let mut other = Index::new(scope());
        for record in page.iter().rev() {
            other.put(record);
        }
        let mut unfolded = Unfolded::default();
        for path in open {
            unfolded.expand(one.tree(), one.nearest(&[b"/c", &path[..]].concat()));
        }
        let carried = unfolded.carried(one.tree(), other.tree());
        let shown = |index: &Index, unfolded: &Unfolded| {
            let rows = unfolded.rows(index.tree());
            rows.window(0..rows.len()).map(|row| (index.key_of(row.node).unwrap(), row.depth, row.expanded)).collect::<Vec<_>>()
        };
        prop_assert_eq!(shown(&one, &unfolded), shown(&other, &carried));
    }
}

#[test]
fn a_reverse_zone_is_one_row() {
    let index = index_of(&["/arpa/in-addr/10/0/0/1", "/arpa/in-addr/10/0/0/2", "/io/gcr/x1", "/io/gcr/x2"]);
    let rows = Unfolded::default();
    let shown: Vec<_> =
        rows.rows(index.tree()).window(0..9).map(|row| index.key_of(row.node).unwrap()).collect();
    assert_eq!(shown, [&b"/c"[..], b"/c/arpa/in-addr/10/0/0", b"/c/io/gcr"]);
}

#[test]
fn an_unfolded_row_stays_unfolded_when_its_chain_breaks() {
    let mut index = index_of(&["/a/b/c/d/x", "/a/b/c/e/x"]);
    let mut unfolded = Unfolded::default();
    unfolded.expand(index.tree(), index.node_at(b"/c/a/b").unwrap());
    let shown = |index: &Index, unfolded: &Unfolded| -> Vec<Vec<u8>> {
        unfolded.rows(index.tree()).window(0..9).map(|row| index.key_of(row.node).unwrap()).collect()
    };
    assert_eq!(shown(&index, &unfolded), [&b"/c"[..], b"/c/a/b/c", b"/c/a/b/c/d", b"/c/a/b/c/e"]);
    index.put(&record(b"/a/z", 2));
    assert_eq!(shown(&index, &unfolded), [&b"/c"[..], b"/c/a", b"/c/a/b/c", b"/c/a/b/c/d", b"/c/a/b/c/e"]);
}

#[test]
fn the_model_itself_knows_a_name_from_a_leaf() {
    let model = [&b"/a"[..], b"/a b", b"/a/b", b"/a/"].map(|path| (path.to_vec(), record(path, 1))).into();
    let names = names(&model);
    assert_eq!(names.keys().collect::<Vec<_>>(), [&b""[..], b"/a"]);
    assert_eq!(names[&b"/a"[..]], (true, 2, 2, vec![]));
    assert_eq!(names[&b""[..]], (false, 1, 4, vec![b"a".to_vec()]));
}
