//! Plans against a map: what is planned happens, nothing else does, and its inverse takes it back.
use super::*;
use crate::keys::{ClusterId, KeyValue, LeaseId, Revision, Scope, ScopedKey};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Map = BTreeMap<ScopedKey, KeyValue>;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn key(text: &str) -> ScopedKey {
    scope().key(text.as_bytes()).unwrap()
}

fn map(records: &[(&str, &str)]) -> Map {
    records
        .iter()
        .zip(2..)
        .map(|((at, value), revision)| {
            let record = KeyValue {
                key: key(at),
                value: value.as_bytes().into(),
                create_revision: Revision(revision),
                mod_revision: Revision(revision),
                version: 1,
                lease: LeaseId::new(revision % 2),
            };
            (key(at), record)
        })
        .collect()
}

/// What etcd does with one transaction, as far as a map can say it. False when a guard does not hold.
fn commit(map: &mut Map, step: &Step, revision: i64) -> bool {
    let holds = step.guards().iter().all(|guard| match guard {
        Guard::Unchanged { key, mod_revision } => {
            map.get(key).is_some_and(|is| is.mod_revision == *mod_revision)
        }
        Guard::Absent { key } => !map.contains_key(key),
        Guard::NothingNewer { range, than } => {
            map.values().all(|is| !range.contains(is.key.as_bytes()) || is.mod_revision <= *than)
        }
    });
    if holds {
        for operation in step.operations() {
            match operation {
                Operation::Delete { key } => drop(map.remove(key)),
                Operation::Put { key, value, lease } => {
                    let was = map.get(key);
                    let record = KeyValue {
                        key: key.clone(),
                        value: value.clone(),
                        create_revision: was.map_or(Revision(revision), |was| was.create_revision),
                        mod_revision: Revision(revision),
                        version: was.map_or(1, |was| was.version + 1),
                        lease: match lease {
                            LeaseUse::Without => None,
                            LeaseUse::Keep => was.and_then(|was| was.lease),
                            LeaseUse::Attach(lease) => Some(*lease),
                        },
                    };
                    map.insert(key.clone(), record);
                }
            }
        }
    }
    holds
}

fn plan(map: &Map, intent: Intent) -> Result<Plan, Nothing> {
    let wants = intent.wants(&scope());
    let found = map
        .values()
        .filter(|is| {
            wants.keys.contains(&is.key)
                || wants.range.as_ref().is_some_and(|range| range.contains(is.key.as_bytes()))
        })
        .cloned()
        .collect();
    let below =
        wants.counted.map_or(0, |range| map.keys().filter(|key| range.contains(key.as_bytes())).count());
    let around = Surroundings { scope_keys: map.len() as u64, zones: vec![] };
    let at = Revision(1_000);
    intent.plan(Gathered { cluster: ClusterId(1), at, found, below: below as u64, around }, &scope())
}

fn add(name: &str) -> Intent {
    let (place, own) = (Place::NextLeaf, OwnRecord::MoveToLeaf);
    Intent::Add { name: key(name), place, own, value: b"new".as_slice().into(), lease: None }
}

fn values(map: &Map) -> Vec<(String, String)> {
    map.values().map(|is| (is.key.spelled(), String::from_utf8_lossy(&is.value).into_owned())).collect()
}

fn apply(map: &mut Map, plan: &Plan) {
    for (step, revision) in steps::steps(plan).iter().zip(2_000..) {
        assert!(commit(map, step, revision), "a guard did not hold though nobody else has written");
    }
}

#[test]
fn a_new_record_takes_the_first_free_leaf_and_counts_a_leaf_with_something_below_as_taken() {
    let there =
        map(&[("/coredns/io/gcr/x1", "a"), ("/coredns/io/gcr/x2/deep", "b"), ("/coredns/io/gcr/x30", "c")]);
    assert_eq!(plan(&there, add("/coredns/io/gcr")).unwrap().challenge(), "/coredns/io/gcr/x3");
}

#[test]
fn a_record_at_the_name_moves_only_where_it_answers() {
    let mut alone = map(&[("/coredns/io/gcr", "first")]);
    let moved = plan(&alone, add("/coredns/io/gcr")).unwrap();
    assert_eq!(steps::steps(&moved).len(), 1, "in the same transaction");
    apply(&mut alone, &moved);
    let gcr = |leaf: &str, value: &str| (format!("/coredns/io/gcr/{leaf}"), value.to_owned());
    assert_eq!(values(&alone), [gcr("x1", "first"), gcr("x2", "new")]);

    let mut hidden = map(&[("/coredns/io/gcr", "hidden"), ("/coredns/io/gcr/a", "b")]);
    let beside = plan(&hidden, add("/coredns/io/gcr")).unwrap();
    apply(&mut hidden, &beside);
    assert!(values(&hidden).contains(&("/coredns/io/gcr".to_owned(), "hidden".to_owned())));
}

#[test]
fn an_existing_key_is_never_overwritten_by_an_addition() {
    let there = map(&[("/coredns/io/gcr/x1", "a")]);
    let place = Place::Leaf(b"x1".as_slice().into());
    let own = OwnRecord::Leave;
    let intent =
        Intent::Add { name: key("/coredns/io/gcr"), place, own, value: b"b".as_slice().into(), lease: None };
    assert_eq!(plan(&there, intent), Err(Nothing::Exists(key("/coredns/io/gcr/x1"))));
}

#[test]
fn a_subtree_is_its_name_and_what_is_below_and_no_neighbour() {
    let neighbours = ["/coredns/io/gcr-old/x", "/coredns/io/gcr.x", "/coredns/io/gcr0", "/coredns/io/gc"];
    let mut all: Vec<(&str, &str)> = neighbours.iter().map(|at| (*at, "n")).collect();
    all.extend([("/coredns/io/gcr", "own"), ("/coredns/io/gcr/x1", "a"), ("/coredns/io/gcr//", "b")]);
    let mut there = map(&all);
    let plan = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    assert_eq!((plan.challenge(), plan.deletes()), ("/coredns/io/gcr/", 3));
    apply(&mut there, &plan);
    assert_eq!(there.len(), neighbours.len());
}

#[test]
fn a_large_plan_goes_in_steps_that_etcd_takes() {
    let names: Vec<String> = (0..1_000).map(|n| format!("/coredns/io/gcr/h{n}")).collect();
    let value = "v".repeat(30_000);
    let there = map(&names.iter().map(|at| (at.as_str(), value.as_str())).collect::<Vec<_>>());
    let deletion = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    let steps = steps::steps(&deletion);
    assert_eq!(steps.len(), deletion.transactions());
    assert_eq!(steps.iter().map(|step| step.operations().len()).sum::<usize>(), 1_000);
    for step in &steps {
        assert!(step.guards().len() <= MAX_OPERATIONS && step.operations().len() <= MAX_OPERATIONS);
        assert!(matches!(step.guards().first(), Some(Guard::NothingNewer { .. })), "each step has the fence");
    }
}

#[test]
fn a_newcomer_below_stops_a_subtree_that_was_shown_whole() {
    let mut there = map(&[("/coredns/io/gcr/x1", "a")]);
    let plan = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    for newcomer in ["/coredns/io/gcr/x2", "/coredns/io/gcr"] {
        let mut record = map(&[(newcomer, "late")]).into_values().next().unwrap();
        record.mod_revision = Revision(1_001);
        there.insert(record.key.clone(), record);
        let step = &steps::steps(&plan)[0];
        assert!(!commit(&mut there, step, 2_000), "{newcomer} slipped through");
        there.remove(&key(newcomer));
    }
}

#[test]
fn a_lost_reply_is_told_apart_by_reading() {
    let there = map(&[("/coredns/io/gcr/x1", "a"), ("/coredns/io/gcr/x2", "b")]);
    let plan = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    let step = &steps::steps(&plan)[0];
    let verdict = |now: &Map| step.verdict(|key| now.get(key).cloned());
    assert_eq!(verdict(&there), Verdict::DidNot);
    assert_eq!(verdict(&Map::new()), Verdict::Happened);
    assert_eq!(verdict(&map(&[("/coredns/io/gcr/x1", "a")])), Verdict::Unclear);
}

fn any_map() -> impl Strategy<Value = Map> {
    let segment = prop::sample::select(vec!["a", "b", "x1", "x2", "", "a-b", "a b"]);
    let path =
        prop::collection::vec(segment, 1..4).prop_map(|segments| format!("/coredns/{}", segments.join("/")));
    prop::collection::vec((path, "[a-z]{0,3}"), 0..12).prop_map(|records| {
        let records: BTreeMap<String, String> =
            records.into_iter().filter(|(path, _)| path != "/coredns/").collect();
        map(&records.iter().map(|(at, value)| (at.as_str(), value.as_str())).collect::<Vec<_>>())
    })
}

fn any_intent() -> impl Strategy<Value = Intent> {
    let name = prop::sample::select(vec!["/coredns/a", "/coredns/a/b", "/coredns/b", "/coredns/a/x1"]);
    let own = prop_oneof![Just(OwnRecord::MoveToLeaf), Just(OwnRecord::Leave)];
    let place =
        prop_oneof![Just(Place::NextLeaf), Just(Place::Own), Just(Place::Leaf(b"b".as_slice().into()))];
    (0..4, name, own, place).prop_map(|(kind, name, own, place)| {
        let (name, value) = (key(name), b"new".as_slice().into());
        match kind {
            0 => Intent::Add { name, place, own, value, lease: None },
            1 => Intent::Set { key: name, value },
            2 => Intent::Delete { key: name },
            _ => Intent::DeleteSubtree { name },
        }
    })
}

proptest! {
    #[test]
    fn a_plan_followed_by_its_inverse_restores_the_map(there in any_map(), intent in any_intent()) {
        let Ok(plan) = plan(&there, intent) else { return Ok(()) };
        let mut now = there.clone();
        apply(&mut now, &plan);
        // Taken back in the opposite order, each change of what the one before has left.
        for (change, revision) in plan.changes().iter().rev().zip(3_000..) {
            let inverse = change.inverse(|key| now.get(key).cloned()).expect("nobody else has written");
            let back = Plan::for_record(vec![inverse], &Surroundings::default(), ClusterId(1), Revision(revision));
            prop_assert!(commit(&mut now, &steps::steps(&back.unwrap())[0], revision));
        }
        prop_assert_eq!(values(&now), values(&there));
        let leases = |map: &Map| map.values().map(|is| is.lease).collect::<Vec<_>>();
        prop_assert_eq!(leases(&now), leases(&there));
    }

    #[test]
    fn a_plan_changes_the_keys_that_it_names_and_no_others(there in any_map(), intent in any_intent()) {
        let Ok(plan) = plan(&there, intent) else { return Ok(()) };
        let mut now = there.clone();
        apply(&mut now, &plan);
        for at in there.keys().chain(now.keys()) {
            prop_assert!(there.get(at) == now.get(at) || plan.keys().any(|key| key == at), "{} was touched", at);
        }
    }
}
