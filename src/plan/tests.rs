//! Plans against a map: a plan makes its changes and no others, and its inverse takes it back.
use super::*;
use crate::keys::{ClusterId, KeyValue, LeaseId, Revision, Scope, ScopedKey};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(super) type Map = BTreeMap<ScopedKey, KeyValue>;

pub(super) fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

pub(super) fn key(text: &str) -> ScopedKey {
    scope().key(text.as_bytes()).unwrap()
}

pub(super) fn map(records: &[(&str, &str)]) -> Map {
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

/// Makes one transaction as etcd does, as far as a map can. False when a guard does not hold.
pub(super) fn commit(map: &mut Map, step: &Step, revision: i64) -> bool {
    let holds = step.guards().iter().all(|guard| match guard {
        Guard::Unchanged { key, mod_revision } => {
            map.get(key).is_some_and(|is| is.mod_revision == *mod_revision)
        }
        Guard::AsShown { key, shown } => map.get(key).is_some_and(|is| shown.is_of(is)),
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

fn plan(map: &Map, intent: Intent) -> Result<Plan, PlanError> {
    plan_at(map, intent, Revision(1_000))
}

pub(super) fn plan_at(map: &Map, intent: Intent, at: Revision) -> Result<Plan, PlanError> {
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
    intent.plan(Gathered { cluster: ClusterId(1), at, found, below: below as u64, around }, &scope())
}

fn add(name: &str) -> Intent {
    let (place, own) = (RecordPlace::NextLeaf, OwnRecord::MoveToLeaf);
    Intent::Add { name: key(name), place, own, value: b"new".as_slice().into(), lease: None }
}

pub(super) fn values(map: &Map) -> Vec<(String, String)> {
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
fn a_record_that_ends_by_itself_has_its_lease_made_right_before_it() {
    let grant = LeaseGrant::new(std::time::Duration::from_secs(600));
    let value = || b"new".as_slice().into();
    let (place, own) = (RecordPlace::NextLeaf, OwnRecord::MoveToLeaf);
    let name = key("/coredns/io/gcr");
    for intent in [
        Intent::Add { name: name.clone(), place, own, value: value(), lease: Some(grant) },
        Intent::Create { key: name, value: value(), lease: Some(grant) },
    ] {
        // Companions change nothing of it.
        let with = Intent::With { main: Box::new(intent.clone()), companions: vec![] };
        for intent in [intent, with] {
            let plan = plan(&Map::new(), intent).unwrap();
            assert_eq!(plan.grants(), [grant]);
            let steps = steps::steps(&plan);
            assert_eq!(steps[0].grants(), [grant]);
            let Operation::Put { lease, .. } = &steps[0].operations()[0] else { panic!("{steps:?}") };
            assert_eq!(*lease, LeaseUse::Attach(grant.lease));
        }
    }
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
    let place = RecordPlace::Leaf(b"x1".as_slice().into());
    let own = OwnRecord::Leave;
    let intent =
        Intent::Add { name: key("/coredns/io/gcr"), place, own, value: b"b".as_slice().into(), lease: None };
    assert_eq!(plan(&there, intent), Err(PlanError::Exists(key("/coredns/io/gcr/x1"))));
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
fn a_step_compares_all_that_was_shown_of_its_keys_as_far_as_that_fits() {
    let further = |keys: usize, value: usize| {
        let names: Vec<String> = (0..keys).map(|n| format!("/coredns/io/gcr/h{n}")).collect();
        let value = "v".repeat(value);
        let there = map(&names.iter().map(|at| (at.as_str(), value.as_str())).collect::<Vec<_>>());
        let deletion = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
        let step = steps::steps(&deletion).remove(0);
        let mut compared = [0; 3];
        for guard in step.guards() {
            if let Guard::AsShown { shown, .. } = guard {
                compared[match shown {
                    ShownPart::Value(_) => 0,
                    ShownPart::Version(_) => 1,
                    ShownPart::CreateRevision(_) => 2,
                }] += 1;
            }
        }
        assert!(step.guards().len() <= MAX_OPERATIONS);
        compared
    };
    assert_eq!(further(1, 20), [1, 1, 1]);
    assert_eq!(further(31, 20), [31, 31, 31]);
    // Two guards are the fence, and each key has its own.
    assert_eq!(further(50, 20), [50, 26, 0]);
    assert_eq!(further(126, 20), [0, 0, 0]);
    // Values that are too large for one request are left to the look before it.
    assert_eq!(further(8, 400_000), [2, 8, 8]);
}

#[test]
fn an_etcd_that_was_built_anew_holds_no_guard_of_what_was_shown_though_its_revisions_agree() {
    let shown = map(&[("/coredns/io/gcr/x1", "a")]);
    let plan = plan(&shown, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    let step = &steps::steps(&plan)[0];
    let anew = |change: &dyn Fn(&mut KeyValue)| {
        let mut there = shown.clone();
        there.values_mut().for_each(change);
        commit(&mut there, step, 2_000)
    };
    assert!(anew(&|_| ()));
    assert!(!anew(&|is| is.value = b"b".as_slice().into()));
    assert!(!anew(&|is| is.version += 1));
    assert!(!anew(&|is| is.create_revision = Revision(1)));
}

/// Checks that each of these keys stops a plan, if it came after the plan was made.
fn stopped_by_newcomers(there: &mut Map, plan: &Plan, newcomers: &[&str]) {
    for newcomer in newcomers {
        let mut record = map(&[(newcomer, "late")]).into_values().next().unwrap();
        record.mod_revision = Revision(1_001);
        there.insert(record.key.clone(), record);
        let step = &steps::steps(plan)[0];
        assert!(!commit(there, step, 2_000), "{newcomer} slipped through");
        there.remove(&key(newcomer));
    }
}

#[test]
fn a_newcomer_below_stops_a_subtree_that_was_shown_whole() {
    let mut there = map(&[("/coredns/io/gcr/x1", "a")]);
    let plan = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    stopped_by_newcomers(&mut there, &plan, &["/coredns/io/gcr/x2", "/coredns/io/gcr"]);
}

/// A change of all that is below `io/gcr`, as it was listed.
fn of_all_listed(wishes: Vec<KeyEdit>) -> Intent {
    let name = key("/coredns/io/gcr");
    let listed = Some(ListedName { name: name.clone(), newest: Revision(1_000) });
    let challenge = Challenge::subtree(&name);
    Intent::Bulk { purpose: PlanPurpose::Bulk, challenge, wishes, grants: vec![], listed }
}

#[test]
fn a_newcomer_stops_a_move_of_all_that_was_listed_and_so_does_a_target_that_was_taken() {
    let mut there = map(&[("/coredns/io/gcr/x1", "a")]);
    let (from, to) = (key("/coredns/io/gcr/x1"), key("/coredns/io/quay/x1"));
    let plan = plan(&there, of_all_listed(vec![KeyEdit::Move { from, to }])).unwrap();
    let newcomers = ["/coredns/io/gcr/x2", "/coredns/io/gcr", "/coredns/io/quay/x1"];
    stopped_by_newcomers(&mut there, &plan, &newcomers);
    apply(&mut there, &plan);
    assert_eq!(values(&there), [("/coredns/io/quay/x1".to_owned(), "a".to_owned())]);
}

#[test]
fn what_a_change_puts_where_all_was_listed_does_not_stop_its_own_later_transactions() {
    let names: Vec<String> = (0..2 * MAX_OPERATIONS).map(|n| format!("/coredns/io/gcr/h{n:03}")).collect();
    let records: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "a")).collect();
    let mut there = map(&records);
    let first = KeyEdit::Update { key: key(&names[0]), before: (*b"a").into(), value: (*b"b").into() };
    let others = names.iter().skip(1).map(|name| delete(name, "a"));
    let plan = plan(&there, of_all_listed([first].into_iter().chain(others).collect())).unwrap();
    assert!(steps::steps(&plan).len() > 1);
    apply(&mut there, &plan);
    assert_eq!(values(&there), [(names[0].clone(), "b".to_owned())]);
}

#[test]
fn a_lost_reply_is_told_apart_by_reading() {
    let there = map(&[("/coredns/io/gcr/x1", "a"), ("/coredns/io/gcr/x2", "b")]);
    let plan = plan(&there, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).unwrap();
    let step = &steps::steps(&plan)[0];
    let verdict = |now: &Map| step.verdict(|key| now.get(key));
    assert_eq!(verdict(&there), MadeVerdict::DidNot);
    assert_eq!(verdict(&Map::new()), MadeVerdict::Happened);
    assert_eq!(verdict(&map(&[("/coredns/io/gcr/x1", "a")])), MadeVerdict::Unclear);
}

fn stored(map: &Map, at: &str) -> Box<[u8]> {
    map.get(&key(at)).unwrap().value.clone()
}

fn create(at: &str) -> KeyEdit {
    KeyEdit::Create { key: key(at), value: b"new".as_slice().into(), lease: None }
}

fn delete(at: &str, before: &str) -> KeyEdit {
    KeyEdit::Delete { key: key(at), before: before.as_bytes().into() }
}

fn with(main: Intent, companions: Vec<KeyEdit>) -> Intent {
    Intent::With { main: Box::new(main), companions }
}

#[test]
fn several_changes_are_one_plan_in_their_order() {
    let mut there = map(&[("/coredns/a", "1"), ("/coredns/b", "2"), ("/coredns/c", "3")]);
    let update = KeyEdit::Update {
        key: key("/coredns/a"),
        before: b"1".as_slice().into(),
        value: b"4".as_slice().into(),
    };
    let move_b = KeyEdit::Move { from: key("/coredns/b"), to: key("/coredns/b/x1") };
    let wishes = vec![update, move_b, delete("/coredns/c", "3"), create("/coredns/d")];
    let plan = plan(&there, Intent::Several { wishes }).unwrap();
    assert_eq!((plan.changes().len(), plan.transactions(), plan.deletes()), (4, 1, 1));
    apply(&mut there, &plan);
    let record = |at: &str, value: &str| (format!("/coredns/{at}"), value.to_owned());
    assert_eq!(values(&there), [record("a", "4"), record("b/x1", "2"), record("d", "new")]);
}

#[test]
fn the_text_to_type_is_a_key_that_goes_and_never_one_that_stays() {
    let there = map(&[("/coredns/a", "1"), ("/coredns/b", "2"), ("/coredns/c", "3")]);
    let challenge = |intent| plan(&there, intent).unwrap().challenge().to_owned();
    let wishes = vec![create("/coredns/d"), delete("/coredns/b", "2"), delete("/coredns/c", "3")];
    assert_eq!(challenge(Intent::Several { wishes: wishes.clone() }), "/coredns/b");
    let base = there[&key("/coredns/a")].clone();
    let edit = Intent::Edit { base, value: b"new".as_slice().into() };
    assert_eq!(challenge(with(edit.clone(), vec![delete("/coredns/c", "3")])), "/coredns/c");
    assert_eq!(challenge(with(edit, vec![create("/coredns/d")])), "/coredns/a");
    assert_eq!(challenge(with(Intent::DeleteSubtree { name: key("/coredns/a") }, wishes)), "/coredns/a/");
}

#[test]
fn an_edit_that_takes_another_key_away_is_not_agreed_to_by_a_key_press() {
    let there = map(&[("/coredns/a", "1"), ("/coredns/c", "3")]);
    let edit = Intent::Edit { base: there[&key("/coredns/a")].clone(), value: b"new".as_slice().into() };
    assert!(plan(&there, with(edit, vec![delete("/coredns/c", "3")])).unwrap().agree().is_err());
}

#[test]
fn a_wish_is_refused_where_the_store_is_not_as_it_was_worked_out_from() {
    let there = map(&[("/coredns/a", "1"), ("/coredns/b", "2")]);
    let refused = |wish| plan(&there, Intent::Several { wishes: vec![wish] }).unwrap_err();
    let update = |before: &str, value: &str| KeyEdit::Update {
        key: key("/coredns/a"),
        before: before.as_bytes().into(),
        value: value.as_bytes().into(),
    };
    assert_eq!(refused(create("/coredns/a")), PlanError::Exists(key("/coredns/a")));
    assert_eq!(refused(update("0", "9")), PlanError::Outdated(key("/coredns/a")));
    assert_eq!(refused(update("0", "1")), PlanError::SameValue(key("/coredns/a")));
    assert_eq!(refused(delete("/coredns/a", "0")), PlanError::Outdated(key("/coredns/a")));
    assert_eq!(refused(delete("/coredns/gone", "0")), PlanError::Outdated(key("/coredns/gone")));
    let moved = |from: &str, to: &str| KeyEdit::Move { from: key(from), to: key(to) };
    assert_eq!(refused(moved("/coredns/gone", "/coredns/c")), PlanError::Outdated(key("/coredns/gone")));
    assert_eq!(refused(moved("/coredns/a", "/coredns/b")), PlanError::Exists(key("/coredns/b")));
    assert_eq!(plan(&there, Intent::Several { wishes: vec![] }).unwrap_err(), PlanError::NoChange);
}

#[test]
fn two_changes_of_one_key_are_no_plan() {
    let there = map(&[("/coredns/a", "1"), ("/coredns/b", "2"), ("/coredns/b/x", "3")]);
    let twice = |intent| plan(&there, intent) == Err(PlanError::Twice(key("/coredns/b")));
    let moved = KeyEdit::Move { from: key("/coredns/b"), to: key("/coredns/c") };
    assert!(twice(Intent::Several { wishes: vec![delete("/coredns/b", "2"), moved.clone()] }));
    assert!(twice(with(Intent::Delete { key: key("/coredns/b") }, vec![moved])));
    // A put below a name that goes with everything below it.
    let subtree = Intent::DeleteSubtree { name: key("/coredns/b") };
    let into = KeyEdit::Move { from: key("/coredns/a"), to: key("/coredns/b/y") };
    assert_eq!(plan(&there, with(subtree.clone(), vec![into])), Err(PlanError::Twice(key("/coredns/a"))));
    let new = create("/coredns/b/y");
    assert_eq!(plan(&there, with(subtree, vec![new])), Err(PlanError::Twice(key("/coredns/b/y"))));
}

#[test]
fn a_companion_of_a_subtree_stands_beside_its_fence() {
    let mut there = map(&[("/coredns/b", "2"), ("/coredns/b/x", "3"), ("/coredns/ptr", "b")]);
    let subtree = Intent::DeleteSubtree { name: key("/coredns/b") };
    let plan = plan(&there, with(subtree, vec![delete("/coredns/ptr", "b"), create("/coredns/c")])).unwrap();
    assert_eq!((plan.deletes(), plan.changes().len()), (3, 4));
    assert_eq!(plan.fence().map(|fence| fence.absent.clone()), Some(None), "the name has a record");
    apply(&mut there, &plan);
    assert_eq!(&*stored(&there, "/coredns/c"), b"new");
    assert_eq!(there.len(), 1);
}

pub(super) fn any_map() -> impl Strategy<Value = Map> {
    let segment = prop::sample::select(vec!["a", "b", "x1", "x2", "", "a-b", "a b"]);
    let path =
        prop::collection::vec(segment, 1..4).prop_map(|segments| format!("/coredns/{}", segments.join("/")));
    prop::collection::vec((path, "[a-z]{0,3}"), 0..12).prop_map(|records| {
        let records: BTreeMap<String, String> =
            records.into_iter().filter(|(path, _)| path != "/coredns/").collect();
        map(&records.iter().map(|(at, value)| (at.as_str(), value.as_str())).collect::<Vec<_>>())
    })
}

fn any_wish() -> impl Strategy<Value = KeyEdit> {
    let at = || prop::sample::select(vec!["/coredns/a", "/coredns/a/b", "/coredns/b", "/coredns/x1"]);
    (0..4, at(), at(), "[a-z]{0,3}").prop_map(|(kind, at, to, before)| {
        let (key, to, before) = (key(at), key(to), before.into_bytes().into());
        let value = b"new".as_slice().into();
        match kind {
            0 => KeyEdit::Create { key, value, lease: LeaseId::new(7) },
            1 => KeyEdit::Update { key, before, value },
            2 => KeyEdit::Delete { key, before },
            _ => KeyEdit::Move { from: key, to },
        }
    })
}

/// Wishes that were worked out from this map, so that most of them can be planned.
fn founded(there: &Map, wishes: Vec<KeyEdit>) -> Vec<KeyEdit> {
    let stored = |key: &ScopedKey, before: Box<[u8]>| there.get(key).map_or(before, |is| is.value.clone());
    let founded = |wish| match wish {
        KeyEdit::Update { key, before, value } => {
            KeyEdit::Update { before: stored(&key, before), key, value }
        }
        KeyEdit::Delete { key, before } => KeyEdit::Delete { before: stored(&key, before), key },
        wish @ (KeyEdit::Create { .. } | KeyEdit::Move { .. }) => wish,
    };
    wishes.into_iter().map(founded).collect()
}

pub(super) fn any_intent() -> impl Strategy<Value = Intent> {
    let name = prop::sample::select(vec!["/coredns/a", "/coredns/a/b", "/coredns/b", "/coredns/a/x1"]);
    let own = prop_oneof![Just(OwnRecord::MoveToLeaf), Just(OwnRecord::Leave)];
    let place = prop_oneof![
        Just(RecordPlace::NextLeaf),
        Just(RecordPlace::Own),
        Just(RecordPlace::Leaf(b"b".as_slice().into()))
    ];
    let wishes = prop::collection::vec(any_wish(), 0..4);
    (0..5, name, own, place, wishes).prop_map(|(kind, name, own, place, wishes)| {
        let (name, value) = (key(name), b"new".as_slice().into());
        let main = match kind {
            0 => Intent::Add { name, place, own, value, lease: None },
            1 => Intent::Create { key: name, value, lease: None },
            2 => Intent::Delete { key: name },
            3 => Intent::DeleteSubtree { name },
            _ => return Intent::Several { wishes },
        };
        if wishes.len() < 2 { Intent::With { main: Box::new(main), companions: wishes } } else { main }
    })
}

pub(super) fn with_founded_wishes(there: &Map, intent: Intent) -> Intent {
    if let Intent::Several { wishes } = intent {
        Intent::Several { wishes: founded(there, wishes) }
    } else if let Intent::With { main, companions } = intent {
        Intent::With { main, companions: founded(there, companions) }
    } else {
        intent
    }
}

proptest! {
    #[test]
    fn a_plan_followed_by_its_undo_is_the_identity(there in any_map(), intent in any_intent()) {
        let Ok(done) = plan(&there, with_founded_wishes(&there, intent)) else { return Ok(()) };
        let mut now = there.clone();
        apply(&mut now, &done);
        let past = Past {
            entry: EntryId("a".to_owned()),
            undoes: None,
            cluster: ClusterId(1),
            changes: done.changes().to_vec(),
            made: MadeChanges::All { last: Revision(2_999) },
            leases: BTreeMap::new(),
        };
        let undo = Undo::of(&past, &[], |key| now.get(key)).with_living(LeaseId::new(1).into_iter().collect());
        let intent = undo.intent(UndoChoices::default()).unwrap();
        let back = plan(&now, intent).unwrap();
        let about = Challenge::covering(done.changes().iter().flat_map(Change::keys)).unwrap();
        prop_assert_eq!(back.challenge(), about.as_str());
        apply(&mut now, &back);
        prop_assert_eq!(values(&now), values(&there));
        let leases = |map: &Map| map.values().map(|is| is.lease).collect::<Vec<_>>();
        prop_assert_eq!(leases(&now), leases(&there));
    }

    #[test]
    fn a_plan_changes_the_keys_that_it_names_and_no_others(there in any_map(), intent in any_intent()) {
        let Ok(plan) = plan(&there, with_founded_wishes(&there, intent)) else { return Ok(()) };
        let mut now = there.clone();
        apply(&mut now, &plan);
        for at in there.keys().chain(now.keys()) {
            prop_assert!(there.get(at) == now.get(at) || plan.keys().any(|key| key == at), "{} was touched", at);
        }
    }
}
