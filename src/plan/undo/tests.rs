//! Histories against a map: a change that is taken back leaves no trace, and writes of others stay.
use super::*;
use crate::{
    keys::{ClusterId, Revision},
    plan::{
        Change, EntryId, Plan, Surroundings,
        steps::steps,
        tests::{Map, any_intent, any_map, commit, key, map, plan_at, scope, values, with_founded_wishes},
    },
    remedy::Remedy,
};
use proptest::prelude::*;

/// A store, and a journal beside it.
struct World {
    map: Map,
    revision: i64,
    journal: Vec<Past>,
    ended: BTreeSet<LeaseId>,
}

/// Point at which the program is stopped during a plan, and the journal's knowledge of it.
#[derive(Clone, Copy, Debug)]
enum Stopped {
    Not,
    /// After this number of changes, and that is written down.
    Told(usize),
    /// After this number of changes, without a word in the journal.
    Killed(usize),
}

const RECORDED: Duration = Duration::from_secs(40);

impl World {
    fn of(map: Map) -> Self {
        Self { map, revision: 3_000, journal: vec![], ended: BTreeSet::new() }
    }

    fn plan(&self, intent: Intent) -> Option<Plan> {
        plan_at(&self.map, with_founded_wishes(&self.map, intent), Revision(self.revision)).ok()
    }

    /// Makes one change in a transaction of its own.
    fn make(&mut self, change: &Change) {
        self.revision += 1;
        let (around, at) = (Surroundings::default(), Revision(self.revision));
        let plan = Plan::for_record(vec![change.clone()], &around, ClusterId(1), at).unwrap();
        assert!(commit(&mut self.map, &steps(&plan)[0], self.revision), "a guard of {change:?} did not hold");
    }

    fn carry_out(&mut self, plan: &Plan, stopped: Stopped) {
        let changes = plan.changes();
        let made = match stopped {
            Stopped::Not => changes.len(),
            Stopped::Told(made) | Stopped::Killed(made) => made.min(changes.len()),
        };
        for change in &changes[..made] {
            self.make(change);
        }
        let done = changes[..made].iter().map(|change| change.key().clone()).collect();
        let made = match stopped {
            Stopped::Not => MadeChanges::All { last: Revision(self.revision) },
            Stopped::Told(_) => MadeChanges::Some { done, unsure: BTreeSet::new() },
            Stopped::Killed(_) => MadeChanges::Unknown,
        };
        let leases = changes.iter().filter_map(|change| Some((change.before()?.lease?, RECORDED)));
        let undoes =
            matches!(plan.purpose(), PlanPurpose::Undo(_)).then(|| plan.purpose().entry().unwrap().clone());
        self.journal.push(Past {
            entry: EntryId(self.journal.len().to_string()),
            undoes,
            cluster: ClusterId(1),
            changes: changes.to_vec(),
            made,
            leases: leases.collect(),
        });
    }

    fn undo_of(&self, number: usize) -> Undo {
        let (past, later) = (&self.journal[number], &self.journal[number + 1..]);
        let undo = Undo::of(past, later, |key| self.map.get(key));
        let living = undo.leases().into_iter().filter(|lease| !self.ended.contains(lease)).collect();
        undo.with_living(living)
    }

    /// Takes an entry back and returns the changes that this made.
    fn undo(&mut self, number: usize, choices: UndoChoices) -> Result<Vec<Change>, UndoError> {
        let intent = self.undo_of(number).intent(choices)?;
        let plan = plan_at(&self.map, intent, Revision(self.revision)).expect("an undo can be planned");
        self.carry_out(&plan, Stopped::Not);
        Ok(plan.changes().to_vec())
    }

    /// Puts a key as somebody else.
    fn put(&mut self, at: &str, value: &str) -> KeyValue {
        self.revision += 1;
        let was = self.map.get(&key(at));
        let record = KeyValue {
            key: key(at),
            value: value.as_bytes().into(),
            create_revision: was.map_or(Revision(self.revision), |was| was.create_revision),
            mod_revision: Revision(self.revision),
            version: was.map_or(1, |was| was.version + 1),
            lease: None,
        };
        self.map.insert(key(at), record.clone());
        record
    }

    fn delete(&mut self, at: &str) {
        self.revision += 1;
        self.map.remove(&key(at));
    }

    /// Ends the leases that no key is tied to any more.
    fn end_idle_leases(&mut self) {
        let used: BTreeSet<LeaseId> = self.map.values().filter_map(|record| record.lease).collect();
        let known = [1, 7].into_iter().filter_map(LeaseId::new);
        self.ended.extend(known.filter(|lease| !used.contains(lease)));
    }
}

fn world(records: &[(&str, &str)]) -> World {
    World::of(map(records))
}

fn done(world: &mut World, intent: Intent) {
    let plan = world.plan(intent).unwrap();
    world.carry_out(&plan, Stopped::Not);
}

fn edit(at: &str, before: &str, value: &str) -> Intent {
    let bytes = |text: &str| text.as_bytes().into();
    Intent::Several {
        wishes: vec![KeyEdit::Update { key: key(at), before: bytes(before), value: bytes(value) }],
    }
}

fn clash(world: &World, number: usize) -> UndoConflict {
    let undo = world.undo_of(number);
    let clashes: Vec<UndoConflict> = undo.conflicts().cloned().collect();
    let [clash] = &clashes[..] else { panic!("{:?}", undo.items()) };
    assert_eq!(undo.intent(UndoChoices::default()), Err(UndoError::Conflicts(1)));
    clash.clone()
}

const LEAVE: UndoChoices = UndoChoices { leave_conflicts: true, lease: None, ttl: None };
const A: &str = "/coredns/a";

#[test]
fn a_key_that_was_made_again_or_changed_is_a_conflict_with_both_values() {
    let mut world = world(&[(A, "first"), ("/coredns/b", "b")]);
    done(&mut world, Intent::Delete { key: key(A) });
    world.put(A, "theirs");
    let found = clash(&world, 0);
    assert!(matches!(found.why, Since::Recreated(_)), "{found:?}");
    assert_eq!(
        (&*found.is.unwrap().value, found.would_put.as_deref()),
        (&b"theirs"[..], Some(&b"first"[..]))
    );
    let entry = EntryId("0".to_owned());
    assert_eq!(world.undo(0, LEAVE), Err(UndoError::AllWritten { entry, keys: 1 }));

    done(&mut world, edit("/coredns/b", "b", "mine"));
    world.put("/coredns/b", "theirs");
    assert!(matches!(clash(&world, 1).why, Since::Changed(_)));
    world.delete("/coredns/b");
    assert_eq!(clash(&world, 1).why, Since::Deleted);
    world.put("/coredns/b", "mine");
    assert!(matches!(clash(&world, 1).why, Since::Recreated(_)), "it is another key, with the same value");
}

#[test]
fn what_was_made_and_then_made_again_by_somebody_else_is_not_deleted() {
    let mut world = world(&[]);
    done(&mut world, Intent::Create { key: key(A), value: (*b"new").into(), lease: None });
    world.delete(A);
    world.put(A, "new");
    let found = clash(&world, 0);
    assert!(matches!(found.why, Since::Recreated(_)) && found.would_put.is_none(), "{found:?}");
}

#[test]
fn a_later_entry_is_named_and_is_in_the_way_until_it_is_taken_back() {
    let mut world = world(&[(A, "1")]);
    done(&mut world, edit(A, "1", "2"));
    done(&mut world, edit(A, "2", "3"));
    let found = clash(&world, 0);
    assert_eq!(found.by, Some(EntryId("1".to_owned())));
    assert!(found.to_string().ends_with("by entry 1"), "{found}");
    world.undo(1, UndoChoices::default()).unwrap();
    world.undo(0, UndoChoices::default()).unwrap();
    assert_eq!(values(&world.map), [(A.to_owned(), "1".to_owned())]);
}

#[test]
fn what_others_wrote_between_two_entries_is_not_hidden_by_taking_the_second_back() {
    let mut world = world(&[]);
    done(&mut world, Intent::Create { key: key(A), value: (*b"1").into(), lease: None });
    // The same value, but theirs.
    world.put(A, "1");
    done(&mut world, edit(A, "1", "2"));
    world.undo(1, UndoChoices::default()).unwrap();
    clash(&world, 0);
}

#[test]
fn an_entry_is_taken_back_once_and_the_undo_can_be_taken_back() {
    let mut world = world(&[(A, "1")]);
    done(&mut world, Intent::Delete { key: key(A) });
    world.undo(0, UndoChoices::default()).unwrap();
    let again = world.undo(0, UndoChoices::default());
    let (entry, by) = (EntryId("0".to_owned()), EntryId("1".to_owned()));
    assert_eq!(again, Err(UndoError::UndoneAlready { entry, by }));
    world.undo(1, UndoChoices::default()).unwrap();
    assert_eq!(world.map.len(), 0);
    assert_eq!(world.undo_of(0).undone_by(), None, "the undo was undone");
    world.undo(0, UndoChoices::default()).unwrap();
    assert_eq!(world.map.len(), 1);
}

#[test]
fn what_was_never_made_is_never_taken_back() {
    let mut world = world(&[(A, "1"), ("/coredns/b", "2")]);
    let wishes = || {
        [(A, "1"), ("/coredns/b", "2")]
            .map(|(at, before)| KeyEdit::Delete { key: key(at), before: before.as_bytes().into() })
    };
    for stopped in [Stopped::Told(1), Stopped::Killed(1)] {
        let plan = world.plan(Intent::Several { wishes: wishes().to_vec() }).unwrap();
        world.carry_out(&plan, stopped);
        let number = world.journal.len() - 1;
        let fates: Vec<UndoStatus> =
            world.undo_of(number).items().iter().map(|item| item.fate.clone()).collect();
        assert!(matches!(&fates[..], [UndoStatus::Open(_), UndoStatus::NeverMade]), "{fates:?}");
        world.undo(number, UndoChoices::default()).unwrap();
        assert_eq!(world.map.len(), 2);
    }
    // Nobody can tell whether a key that is different by now was ever changed.
    let plan = world.plan(edit("/coredns/b", "2", "mine")).unwrap();
    world.carry_out(&plan, Stopped::Killed(0));
    world.put("/coredns/b", "theirs");
    assert_eq!(clash(&world, world.journal.len() - 1).why, Since::Unclear);
}

#[test]
fn a_lease_that_lives_is_kept_and_one_that_is_gone_needs_a_choice() {
    let lease = LeaseId::new(1).unwrap();
    // Every other record of the map is under lease 1.
    let records = [(A, "1"), ("/coredns/b", "2"), ("/coredns/c", "3"), ("/coredns/d", "4")];
    let deleted = |ended: bool| {
        let mut world = world(&records);
        let wishes =
            records.map(|(at, before)| KeyEdit::Delete { key: key(at), before: before.as_bytes().into() });
        done(&mut world, Intent::Several { wishes: wishes.to_vec() });
        if ended {
            world.ended.insert(lease);
        }
        world
    };
    let leases = |world: &World| world.map.values().map(|record| record.lease).collect::<Vec<_>>();
    let chosen = |lease| UndoChoices { lease: Some(lease), ..UndoChoices::default() };

    let mut alive = deleted(false);
    alive.undo(0, UndoChoices::default()).unwrap();
    assert_eq!(leases(&alive), [None, Some(lease), None, Some(lease)]);

    let mut gone = deleted(true);
    assert_eq!(gone.undo(0, UndoChoices::default()), Err(UndoError::LeaseGone(2)));
    let remained = Some(RECORDED);
    assert_eq!(gone.undo_of(0).gone(), [GoneLease { lease, keys: 2, remained }]);
    let Ok(Intent::Bulk { grants, .. }) = gone.undo_of(0).intent(chosen(LeaseChoice::New)) else { panic!() };
    assert_eq!(grants.iter().map(|grant| grant.ttl).collect::<Vec<_>>(), [RECORDED], "one for both keys");
    gone.undo(0, chosen(LeaseChoice::New)).unwrap();
    let new = leases(&gone);
    assert!(new[1].is_some() && new[1] != Some(lease) && new[1] == new[3], "{new:?}");

    let mut permanent = deleted(true);
    permanent.undo(0, chosen(LeaseChoice::Permanent)).unwrap();
    assert_eq!(leases(&permanent), [None; 4]);
    let mut left_out = deleted(true);
    left_out.undo(0, chosen(LeaseChoice::LeaveOut)).unwrap();
    assert_eq!(leases(&left_out), [None; 2]);

    let mut forgotten = deleted(true);
    forgotten.journal[0].leases.clear();
    assert_eq!(forgotten.undo(0, chosen(LeaseChoice::New)), Err(UndoError::RemainderUnknown(lease)));
    forgotten.undo(0, chosen(LeaseChoice::Permanent)).unwrap();
}

fn any_stop() -> impl Strategy<Value = Stopped> {
    prop_oneof![
        3 => Just(Stopped::Not),
        1 => (0_usize..4).prop_map(Stopped::Told),
        1 => (0_usize..4).prop_map(Stopped::Killed),
    ]
}

fn any_choice() -> impl Strategy<Value = Option<LeaseChoice>> {
    prop::sample::select(vec![Some(LeaseChoice::New), Some(LeaseChoice::Permanent)])
}

/// Event at the store: a plan, an undo of some entry, or a write of somebody else.
#[derive(Clone, Debug)]
enum Act {
    Do(Intent, Stopped),
    Undo(prop::sample::Index),
    Put(&'static str, String),
    Delete(&'static str),
}

/// Makes any event. `stops`: the program may be stopped half-way, so that the journal knows no last revision. Then
/// others put no value that the program puts as well: nobody can tell a key that somebody else has made again with the
/// same value.
fn any_act(stops: bool) -> impl Strategy<Value = Act> {
    let at = || prop::sample::select(vec!["/coredns/a", "/coredns/a/b", "/coredns/b", "/coredns/a/x1"]);
    let stopped = move |stopped| if stops { stopped } else { Stopped::Not };
    let theirs = if stops { "[a-c]{0,1}" } else { "(new|[a-c]{0,1})" };
    prop_oneof![
        4 => (any_intent(), any_stop().prop_map(stopped)).prop_map(|(intent, stopped)| Act::Do(intent, stopped)),
        3 => any::<prop::sample::Index>().prop_map(Act::Undo),
        2 => (at(), theirs).prop_map(|(at, value)| Act::Put(at, value)),
        1 => at().prop_map(Act::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_history_taken_back_in_the_opposite_order_was_never(
        there in any_map(),
        acts in prop::collection::vec((any_intent(), any_stop(), any::<bool>()), 1..8),
        choice in any_choice(),
    ) {
        let mut world = World::of(there.clone());
        for (intent, stopped, leases_end) in acts {
            if let Some(plan) = world.plan(intent) {
                world.carry_out(&plan, stopped);
            }
            if leases_end {
                world.end_idle_leases();
            }
        }
        for number in (0..world.journal.len()).rev() {
            let choices = UndoChoices { lease: choice, ..UndoChoices::default() };
            match world.undo(number, choices) {
                Ok(_) => {}
                // A plan that was stopped before its first change.
                Err(UndoError::NothingLeft(_) | UndoError::NeverMade(_)) => {
                    let whole = matches!(world.journal[number].made, MadeChanges::All { .. });
                    prop_assert!(!whole, "it was made, and can be taken back");
                }
                Err(undecided) => prop_assert!(false, "{}", undecided),
            }
        }
        prop_assert_eq!(values(&world.map), values(&there));
        for (was, is) in there.values().zip(world.map.values()) {
            match was.lease {
                Some(lease) if is.lease != Some(lease) => {
                    prop_assert!(world.ended.contains(&lease), "a lease that lives is kept");
                    prop_assert_eq!(is.lease.is_some(), choice == Some(LeaseChoice::New));
                }
                _ => prop_assert_eq!(was.lease, is.lease),
            }
        }
    }

    #[test]
    fn nothing_that_others_have_written_is_ever_overwritten(
        there in any_map(),
        acts in any::<bool>().prop_flat_map(|stops| prop::collection::vec(any_act(stops), 1..16)),
    ) {
        let mut world = World::of(there);
        // Records that others have written and nobody has changed since; and those of them that each entry has changed,
        // or an undo has brought back: that undo may be taken back again.
        let mut theirs: BTreeMap<ScopedKey, KeyValue> = BTreeMap::new();
        let mut taken: Vec<BTreeMap<ScopedKey, KeyValue>> = vec![];
        let mut returned: Vec<BTreeSet<ScopedKey>> = vec![];
        for act in acts {
            let before = world.journal.len();
            let mut back = BTreeSet::new();
            match act {
                Act::Put(at, value) => {
                    let record = world.put(at, &value);
                    theirs.insert(key(at), record);
                }
                Act::Delete(at) => {
                    world.delete(at);
                    theirs.remove(&key(at));
                }
                Act::Do(intent, stopped) => {
                    if let Some(plan) = world.plan(intent) {
                        world.carry_out(&plan, stopped);
                    }
                }
                Act::Undo(_) if before == 0 => {}
                Act::Undo(which) => {
                    let number = which.index(before);
                    let stood = world.map.clone();
                    let choices = UndoChoices { lease: Some(LeaseChoice::Permanent), ..LEAVE };
                    if world.undo(number, choices).is_ok() {
                        for (key, was) in theirs.iter().filter(|(key, _)| !returned[number].contains(*key)) {
                            prop_assert_eq!(world.map.get(key), Some(was), "{} was theirs", key);
                        }
                        for (key, was) in taken[number].clone() {
                            let came_back = |is: &&KeyValue| is.value == was.value && stood.get(&key) != Some(is);
                            if let Some(is) = world.map.get(&key).filter(came_back) {
                                theirs.insert(key.clone(), is.clone());
                                back.insert(key);
                            }
                        }
                    }
                }
            }
            if world.journal.len() > before {
                let (gone, kept) = theirs.into_iter().partition(|(key, was)| world.map.get(key) != Some(was));
                theirs = kept;
                taken.push(gone);
                returned.push(back);
            }
            prop_assert_eq!(taken.len(), world.journal.len());
        }
    }
}

#[test]
fn what_cannot_be_taken_back_is_never_told_as_done() {
    let mut world = world(&[(A, "1")]);
    done(&mut world, Intent::Delete { key: key(A) });
    let entry = || EntryId("0".to_owned());
    let refused = |undo: &Undo, lease| undo.intent(UndoChoices { lease, ..LEAVE }).unwrap_err();
    let leased = |lease| {
        let mut past = world.journal[0].clone();
        for change in &mut past.changes {
            if let Change::Delete { before } = change {
                before.lease = LeaseId::new(lease);
            }
        }
        Undo::of(&past, &[], |_| None)
    };
    let left_out = refused(&leased(9), Some(LeaseChoice::LeaveOut));
    assert_eq!(left_out, UndoError::AllLeftOut { entry: entry(), keys: 1 });
    let never = Past {
        made: MadeChanges::Some { done: BTreeSet::new(), unsure: BTreeSet::new() },
        ..world.journal[0].clone()
    };
    let never = refused(&Undo::of(&never, &[], |_| None), None);
    assert_eq!(never, UndoError::NeverMade(entry()));
    let written = UndoError::AllWritten { entry: entry(), keys: 1 };
    for undecided in [left_out, never, written] {
        assert!(!undecided.remedy().contains("Nothing is left"), "{undecided}");
    }
}

#[test]
fn a_subtree_that_comes_back_asks_for_what_was_typed_when_it_went() {
    let mut world = world(&[(A, "1"), ("/coredns/a/b", "2")]);
    done(&mut world, Intent::DeleteSubtree { name: key(A) });
    let intent = world.undo_of(0).with_living(BTreeSet::from_iter(LeaseId::new(1))).intent(LEAVE).unwrap();
    let plan = intent.plan(crate::plan::Gathered::default(), &scope()).unwrap();
    assert_eq!(plan.challenge(), "/coredns/a/");
    assert!(plan.agree().is_err(), "though it deletes nothing");
}
