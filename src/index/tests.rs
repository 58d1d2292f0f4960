//! Index as a whole against the brute-force model.

use super::model::{ScopeModel, any_path, index_of, names, names_of, record, scope};
use super::{Batch, Index, NodeId};
use crate::keys::Revision;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, i64),
    Delete(Vec<u8>, i64),
    Absorb(Vec<Vec<u8>>, i64),
    /// Absorbs the page between two paths, of all that the second list holds.
    Listed,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any_path(), 1..40_i64).prop_map(|(path, revision)| Step::Put(path, revision)),
        3 => (any_path(), 1..40_i64).prop_map(|(path, revision)| Step::Delete(path, revision)),
        2 => (prop::collection::vec(any_path(), 0..12), 1..40_i64)
            .prop_map(|(paths, revision)| Step::Absorb(paths, revision)),
        1 => Just(Step::Listed),
    ]
}

/// Returns the records of an index by path, forwards; checks that backwards is the same.
fn records_of(index: &Index) -> ScopeModel {
    let mut cursor = index.records().cursor();
    let mut forwards = Vec::new();
    while let Some(record) = cursor.record() {
        forwards.push(index.records().owned(record).unwrap());
        cursor.advance();
    }
    let mut backwards = Vec::new();
    while cursor.back() {
        backwards.push(index.records().owned(cursor.record().unwrap()).unwrap());
    }
    backwards.reverse();
    assert_eq!(forwards, backwards);
    forwards.into_iter().map(|record| (record.key.as_bytes()[2..].to_vec(), record)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_changes_gives_the_records_and_names_of_the_model(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut index = Index::new(scope());
        let mut model = ScopeModel::new();
        let mut deleted = std::collections::BTreeMap::<Vec<u8>, i64>::new();
        let mut listing = true;
        for step in steps {
            let puts = match step {
                Step::Put(path, revision) => vec![(path, revision, true)],
                Step::Absorb(paths, revision) => {
                    let page = paths.iter().map(|path| record(path, revision)).collect();
                    index.absorb(Batch::encode(&scope(), page));
                    paths.into_iter().map(|path| (path, revision, false)).collect()
                }
                Step::Delete(path, revision) => {
                    let gone = model.get(&path).is_some_and(|record| record.mod_revision.0 < revision);
                    if gone {
                        model.remove(&path);
                    }
                    if listing {
                        let latest = deleted.entry(path.clone()).or_insert(revision);
                        *latest = revision.max(*latest);
                    }
                    prop_assert_eq!(index.delete(&record(&path, 1).key, Revision(revision)), gone);
                    vec![]
                }
                Step::Listed => {
                    index.listed();
                    listing = false;
                    deleted.clear();
                    vec![]
                }
            };
            for (path, revision, single) in puts {
                let news = model.get(&path).is_none_or(|there| there.mod_revision.0 < revision)
                    && deleted.get(&path).is_none_or(|deleted| *deleted <= revision);
                if news {
                    model.insert(path.clone(), record(&path, revision));
                }
                if single {
                    prop_assert_eq!(index.put(&record(&path, revision)), news);
                }
            }
            prop_assert_eq!(index.len(), model.len());
            prop_assert_eq!(names_of(&index), names(&model));
        }
        prop_assert_eq!(records_of(&index), model.clone());
        let bytes: usize = model.values().map(|record| record.key.as_bytes().len() + record.value.len()).sum();
        prop_assert_eq!(index.bytes(), bytes as u64);
        for (path, record) in &model {
            prop_assert!(index.get(record.key.as_bytes()).as_ref() == Some(record), "{:?}", path);
        }
    }

    #[test]
    fn a_subtree_counts_and_lists_what_the_model_has_below(
        paths in prop::collection::btree_set(any_path(), 0..200), under in any_path(),
    ) {
        let page = paths.iter().map(|path| record(path, 1)).collect();
        let mut index = Index::new(scope());
        index.absorb(Batch::encode(&scope(), page));
        let range = scope().below(&[b"/c", &under[..]].concat()).unwrap();
        let expected: Vec<_> = paths.iter().map(|path| record(path, 1)).filter(|record| range.contains(record.key.as_bytes())).collect();
        prop_assert_eq!(index.records().count(&range), expected.len());
        prop_assert_eq!(index.records().range(&range).collect::<Vec<_>>(), expected);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn many_chunks_stay_in_order_through_single_changes(
        changes in prop::collection::vec((0..3000_u32, any::<bool>()), 1..200), stride in 1..7_u32,
    ) {
        let path = |n: u32| format!("/z/{n:05}").into_bytes();
        let mut index = Index::new(scope());
        let mut model: ScopeModel = (0..3000).step_by(stride as usize).map(|n| (path(n), record(&path(n), 1))).collect();
        index.absorb(Batch::encode(&scope(), model.values().cloned().collect()));
        for (revision, (n, put)) in (2..).zip(changes) {
            // Neighbours go together, so that chunks run empty and are joined.
            for n in n..(n + 40).min(3000) {
                if put {
                    index.put(&record(&path(n), revision));
                    model.insert(path(n), record(&path(n), revision));
                } else {
                    index.delete(&record(&path(n), 1).key, Revision(revision));
                    model.remove(&path(n));
                }
            }
        }
        prop_assert_eq!(index.len(), model.len());
        prop_assert_eq!(records_of(&index), model);
    }
}

#[test]
fn a_key_that_gets_something_below_becomes_a_name_and_back() {
    let mut index = index_of(&["/io/gcr", "/io/gcr-old", "/io/k8s/x1"]);
    assert_eq!(index.tree().node(index.node_at(b"/c/io").unwrap()).unwrap().leaves, 2);
    assert_eq!(index.node_at(b"/c/io/gcr"), None);
    index.put(&record(b"/io/gcr/x1", 2));
    let gcr = index.node_at(b"/c/io/gcr").unwrap();
    let node = index.tree().node(gcr).unwrap();
    assert!(node.own && node.leaves == 1 && node.below == 1);
    index.delete(&record(b"/io/gcr/x1", 1).key, Revision(3));
    assert_eq!(index.tree().node(gcr), None);
    assert_eq!(index.tree().node(index.node_at(b"/c/io").unwrap()).unwrap().leaves, 2);
}

#[test]
fn an_id_of_a_name_that_is_gone_is_not_taken_for_the_one_in_its_place() {
    let mut index = index_of(&["/a/x"]);
    let old = index.node_at(b"/c/a").unwrap();
    index.delete(&record(b"/a/x", 1).key, Revision(2));
    index.put(&record(b"/b/x", 3));
    assert_eq!(index.node_at(b"/c/b").unwrap().place, old.place);
    assert_eq!(index.tree().node(old), None);
    assert_eq!(index.key_of(old), None);
}

#[test]
fn a_page_that_comes_after_a_delete_brings_nothing_back() {
    let mut index = Index::new(scope());
    index.delete(&record(b"/a/x", 1).key, Revision(9));
    index.absorb(Batch::encode(&scope(), vec![record(b"/a/x", 5), record(b"/a/y", 5)]));
    assert_eq!(index.len(), 1);
    index.put(&record(b"/a/x", 10));
    assert_eq!(index.len(), 2);
}

#[test]
fn a_snapshot_does_not_change_with_the_index() {
    let mut index = index_of(&["/a/x", "/a/y"]);
    let snapshot = index.records().clone();
    index.delete(&record(b"/a/x", 1).key, Revision(2));
    index.put(&record(b"/a/z", 3));
    assert_eq!(snapshot.len(), 2);
    assert!(snapshot.contains(b"/c/a/x") && !snapshot.contains(b"/c/a/z"));
}

#[test]
fn a_key_with_thousands_of_segments_is_taken_in_and_out() {
    let deep = b"/a".repeat(20_000);
    let mut index = Index::new(scope());
    index.put(&record(&deep, 1));
    assert_eq!(index.tree().len(), 20_000);
    index.delete(&record(&deep, 1).key, Revision(2));
    assert_eq!(index.tree().len(), 1);
    index.absorb(Batch::encode(&scope(), vec![record(&deep, 3)]));
    assert_eq!(index.tree().len(), 20_000);
    assert_eq!(index.key_of(NodeId::ROOT).unwrap(), b"/c");
}

/// Makes an index of records with their revisions.
fn of(records: &[(&str, i64)]) -> Index {
    let records = records.iter().map(|(path, revision)| record(path.as_bytes(), *revision));
    let mut index = Index::new(scope());
    index.absorb(Batch::encode(&scope(), records.collect()));
    index
}

#[test]
fn only_changes_that_the_watch_should_have_brought_are_missed() {
    let shown = of(&[("/gone", 2), ("/older", 1), ("/same", 1), ("/younger", 21)]);
    let listed = of(&[("/missed", 8), ("/older", 7), ("/same", 1)]);
    let missed = |followed_to: Option<i64>| {
        let found = shown.records().differences(listed.records(), Revision(20), followed_to.map(Revision));
        let gone: Vec<_> = found.gone.iter().map(|record| record.key.to_string()).collect();
        assert_eq!(gone, ["/c/gone", "/c/younger"], "whatever the watch has brought");
        found.missed
    };
    assert_eq!(missed(Some(22)), 3);
    // The watch is still behind the list: a change that it has not come to is not missed.
    assert_eq!(missed(Some(7)), 1);
    assert_eq!(missed(None), 0);
}

#[test]
fn a_record_that_the_list_has_in_an_older_version_tells_that_etcd_has_gone_back() {
    let shown = of(&[("/older", 9), ("/same", 1), ("/younger", 3)]);
    let listed = of(&[("/older", 7), ("/same", 1), ("/younger", 21)]);
    for followed_to in [Some(Revision(20)), None] {
        assert_eq!(shown.records().differences(listed.records(), Revision(25), followed_to).rewritten, 1);
    }
}
