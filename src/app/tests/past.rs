//! Past of the records: the journal and its undo, histories, and the whole tree as of an old revision.
use super::*;
use crate::{
    app::overlay::{FormerRecords, Headings, Overlay, TakeBackPlan, TakeBackSource},
    index::Index,
    keys::LeaseId,
    ops::History,
    plan::{Change, KeySelection, MadeChanges, Past, PutBack, Resume, Undo},
};
use std::collections::{BTreeMap, BTreeSet};

fn changes(events: Vec<Event>, revision: i64) -> Msg {
    Msg::Feed(FeedMsg::Changes { revision: Revision(revision), events, at: Timestamp::UNIX_EPOCH })
}

fn deleted(text: &str, revision: i64) -> Msg {
    changes(vec![Event::Delete { key: key(text), revision: Revision(revision) }], revision)
}

/// The journal's entry of a deletion of gcr.io's first record, made at revision 10.
fn deletion(lease: Option<LeaseId>) -> Past {
    let before = KeyValue { lease, ..record("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#, 3) };
    Past {
        entry: crate::plan::EntryId("e1".to_owned()),
        undoes: None,
        cluster: ClusterId(7),
        changes: vec![Change::Delete { before }],
        made: MadeChanges::All { last: Revision(10) },
        leases: BTreeMap::new(),
    }
}

fn heading(id: &str, kind: &str, about: Option<&str>) -> crate::journal::EntryHeading {
    crate::journal::EntryHeading {
        id: crate::plan::EntryId(id.to_owned()),
        time: Timestamp::UNIX_EPOCH,
        author: crate::journal::Author::default(),
        cluster: ClusterId(7),
        scope: "/coredns/".to_owned(),
        read_at: Revision(9),
        challenge: "/coredns/io/gcr/x1".to_owned(),
        kind: kind.to_owned(),
        about: about.map(|about| crate::plan::EntryId(about.to_owned())),
        reason: None,
        changes: 1,
        outcome: Some(crate::journal::RecordedOutcome::Done { changed: 1, revision: Revision(10) }),
        concluded: None,
    }
}

impl Driven {
    /// The last request of a kind.
    pub(super) fn last(&self, kind: &str) -> RequestId {
        let asked = self.effects.iter().rev().find(|effect| effect.starts_with(&format!("{kind}(")));
        let number =
            asked.unwrap_or_else(|| panic!("no {kind} was asked for")).split(['(', ')']).nth(2).unwrap();
        RequestId(number.parse().unwrap())
    }

    fn asked_for(&self, kind: &str) -> usize {
        self.effects.iter().filter(|effect| effect.starts_with(&format!("{kind}("))).count()
    }

    /// Looks at what taking `past` back comes to, as the runtime would.
    fn look_back(&mut self, past: &Past, living: &[LeaseId]) {
        let seen = {
            let found: Vec<KeyValue> = past
                .changes
                .iter()
                .flat_map(Change::keys)
                .filter_map(|key| self.model.index.get(key.as_bytes()))
                .collect();
            let undo = Undo::of(past, &[], |key| found.iter().find(|record| record.key == *key));
            undo.with_living(living.iter().copied().collect::<BTreeSet<_>>())
        };
        let request = self.last("LookBack");
        self.send(Msg::LookedAt(request, Ok(TakeBackPlan::Undo(Box::new(seen)))));
    }

    /// Opens the journal and asks for the undo of its newest entry.
    fn ask_for_undo(&mut self) {
        self.press(KeyCode::Char('u'));
        let request = self.last("Journal");
        let headings = Headings::new(vec![heading("e1", "delete", None)], 0, 0);
        self.send(Msg::Journal(request, Ok(headings)));
        self.press(KeyCode::Char('u'));
    }

    /// Shows the records as they were at a revision: only gcr.io, with other values.
    fn show_revision(&mut self, revision: i64) {
        self.type_text(&format!(":at {revision}"));
        self.press(KeyCode::Enter);
        let then = vec![
            record("/coredns/io/gcr/x1", r#"{"host":"10.0.0.99"}"#, 2),
            record("/coredns/io/gone/x1", "{}", 2),
        ];
        let mut index = Index::new(scope());
        index.absorb(Batch::encode(&scope(), then));
        index.listed();
        let request = self.last("AsOf");
        self.send(Msg::AsOf(request, Ok(Box::new(index))));
        assert_eq!(self.model.then.as_ref().map(|then| then.revision), Some(Revision(revision)));
    }
}

#[test]
fn a_deletion_is_taken_back_by_u_and_u_and_its_recorded_text() {
    let mut deck = Driven::at_gcr(false);
    deck.send(deleted("/coredns/io/gcr/x1", 10));
    deck.ask_for_undo();
    deck.look_back(&deletion(None), &[]);
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "an undo is confirmed like any other change");
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.stored().starts_with("[Create { key: /coredns/io/gcr/x1"), "{}", deck.stored());
}

#[test]
fn what_somebody_wrote_since_is_shown_and_left() {
    let mut deck = Driven::at_gcr(false);
    deck.send(changes(vec![Event::Put(record("/coredns/io/gcr/x1", r#"{"host":"10.9.9.9"}"#, 11))], 11));
    deck.ask_for_undo();
    deck.look_back(&deletion(None), &[]);
    let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else {
        panic!("{:?}", deck.model.overlays)
    };
    assert!(matches!(&open.seen, Some(TakeBackPlan::Undo(undo)) if undo.conflicts().count() == 1));
    deck.press(KeyCode::Enter);
    let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!() };
    assert!(open.note.as_ref().unwrap().contains("written since"), "{:?}", open.note);
    assert_eq!(deck.asked_for("Plan"), 0, "nothing is planned over it");
}

#[test]
fn a_lease_that_is_gone_is_asked_about_and_one_that_lives_is_not() {
    let lease = LeaseId::new(77);
    let mut deck = Driven::at_gcr(false);
    deck.send(deleted("/coredns/io/gcr/x1", 10));
    deck.ask_for_undo();
    deck.look_back(&deletion(lease), &[]);
    deck.press(KeyCode::Enter);
    let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!() };
    assert!(open.note.is_some() && deck.asked_for("Plan") == 0);
    // Two presses go past a new lease, which would need its seconds.
    deck.type_text("ll");
    deck.press(KeyCode::Enter);
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.stored().contains("lease: None"), "{}", deck.stored());

    let mut deck = Driven::at_gcr(false);
    deck.send(deleted("/coredns/io/gcr/x1", 10));
    deck.ask_for_undo();
    deck.look_back(&deletion(lease), &[LeaseId::new(77).unwrap()]);
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.stored().contains("lease: Some(LeaseId(77))"), "{}", deck.stored());
}

#[test]
fn an_undo_that_was_undone_is_none() {
    let newest = |entries: &[(&str, &str, Option<&str>)]| {
        Headings::new(entries.iter().map(|(id, kind, about)| heading(id, kind, *about)).collect(), 0, 0)
    };
    let id = |id: &str| crate::plan::EntryId(id.to_owned());
    let once = newest(&[("b", "undo", Some("a")), ("a", "delete", None)]);
    assert_eq!(once.undone_by(&id("a")), Some(&id("b")));
    let twice = newest(&[("c", "undo", Some("b")), ("b", "undo", Some("a")), ("a", "delete", None)]);
    assert_eq!((twice.undone_by(&id("a")), twice.undone_by(&id("b"))), (None, Some(&id("c"))));
}

#[test]
fn a_history_is_read_for_what_is_selected_and_again_when_it_changes() {
    let mut deck = Driven::at_gcr(false);
    for _ in 0..4 {
        deck.press(KeyCode::Char('o'));
    }
    assert_eq!(deck.asked_for("History"), 1);
    let known =
        History { oldest: Revision(1), until: Revision(9), versions: vec![], left_out: 0, vouched: true };
    let request = deck.last("History");
    deck.send(Msg::History(request, Ok(Box::new(known.clone()))));
    assert_eq!(deck.model.history.known, Some(Ok(known)));
    deck.send(changes(vec![Event::Put(record("/coredns/io/quay", "{}", 10))], 10));
    assert_eq!(deck.asked_for("History"), 1, "another key's change is none of its");
    let again = |revision| vec![Event::Put(record("/coredns/io/gcr/x1", r#"{"host":"10.0.0.5"}"#, revision))];
    deck.send(changes(again(11), 11));
    deck.send(changes(again(12), 12));
    assert_eq!(deck.asked_for("History"), 2, "one at a time");
    deck.press(KeyCode::Down);
    assert_eq!(deck.asked_for("History"), 3);
    assert_eq!(deck.model.history.known, None, "another record's history is not shown for it");
}

#[test]
fn a_version_is_put_back_by_what_is_known_of_it() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('H'));
    let was = record("/coredns/io/gcr/x1", "was", 2);
    let gone = Event::Delete { key: key("/coredns/io/gcr/x1"), revision: Revision(8) };
    let versions = vec![Event::Put(was.clone()), gone];
    let known = History { oldest: Revision(1), until: Revision(9), versions, left_out: 0, vouched: true };
    let request = deck.last("History");
    deck.send(Msg::History(request, Ok(Box::new(known))));
    deck.press(KeyCode::Down);
    deck.press(KeyCode::Char('p'));
    let request = deck.last("PutBack");
    let now = deck.model.index.get(b"/coredns/io/gcr/x1").unwrap();
    let seen = TakeBackPlan::PutBack(Box::new(PutBack::of(&[was], &[now])));
    deck.send(Msg::LookedAt(request, Ok(seen)));
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.stored().contains("Update { before: /coredns/io/gcr/x1@3"), "{}", deck.stored());
}

/// A history of gcr.io: two records, both deleted at revision 8, and another key of revision 9.
fn history_of_a_deletion(deck: &mut Driven) {
    deck.press(KeyCode::Char('H'));
    let put = |tail: &str, revision| Event::Put(record(&format!("/coredns/io/gcr/{tail}"), "was", revision));
    let gone =
        |tail: &str| Event::Delete { key: key(&format!("/coredns/io/gcr/{tail}")), revision: Revision(8) };
    let versions = vec![put("x1", 2), put("x2", 3), gone("x1"), gone("x2"), put("x9", 9)];
    let known = History { oldest: Revision(1), until: Revision(9), versions, left_out: 0, vouched: true };
    let request = deck.last("History");
    deck.send(Msg::History(request, Ok(Box::new(known))));
}

fn history(deck: &Driven) -> &crate::app::overlay::HistoryList {
    let Some(Overlay::History(list)) = deck.model.overlays.last() else {
        panic!("{:?}", deck.model.overlays)
    };
    list
}

#[test]
fn rows_of_one_revision_are_one_line_that_unfolds() {
    let mut deck = Driven::at_gcr(false);
    history_of_a_deletion(&mut deck);
    let lines = |deck: &Driven| history(deck).rows().len();
    assert_eq!((lines(&deck), history(&deck).chosen().len()), (4, 1));
    deck.press(KeyCode::Down);
    assert_eq!((history(&deck).chosen().len(), history(&deck).selected()), (2, None));
    deck.press(KeyCode::Char('l'));
    assert_eq!(lines(&deck), 6);
    deck.press(KeyCode::Down);
    deck.press(KeyCode::Down);
    assert_eq!(history(&deck).selected().map(Event::key), Some(&key("/coredns/io/gcr/x1")));
    assert_eq!(history(&deck).before().map(|was| was.mod_revision), Some(Revision(2)));
    deck.press(KeyCode::Char('h'));
    assert_eq!((lines(&deck), history(&deck).cursor), (4, 1), "the cursor is on the folded line");
}

#[test]
fn a_deletion_in_a_history_means_the_revision_before_and_says_so() {
    for (keys, effect) in [("jP", "PutBack"), ("jlp", ""), ("jljp", "PutBack"), ("jljP", "PutBack")] {
        let mut deck = Driven::at_gcr(false);
        history_of_a_deletion(&mut deck);
        deck.type_text(keys);
        let message = deck.model.message.as_ref().map(|message| message.text.clone()).unwrap_or_default();
        if effect.is_empty() {
            assert!(message.contains("several keys"), "{message}");
            continue;
        }
        let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!("{keys}") };
        assert!(matches!(open.what, TakeBackSource::Reach(_, Revision(7))), "{keys}: {:?}", open.what);
        assert_eq!(message, "revision 7: the one before the deletion at 8", "{keys}");
    }
    let mut deck = Driven::at_gcr(false);
    history_of_a_deletion(&mut deck);
    deck.press(KeyCode::Down);
    deck.press(KeyCode::Enter);
    assert_eq!(deck.model.then_asked.map(|(_, revision)| revision), Some(Revision(7)));
    // A row of a write stands for the revision of the write itself.
    let mut deck = Driven::at_gcr(false);
    history_of_a_deletion(&mut deck);
    deck.type_text("P");
    let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!() };
    assert!(matches!(open.what, TakeBackSource::Reach(_, Revision(9))), "{:?}", open.what);
}

#[test]
fn nothing_is_told_as_done_where_nothing_comes_back() {
    for (then, told) in [
        (vec![], "nothing was there then"),
        (vec![record("/coredns/io/gcr/x1", "same", 3)], "as it was then"),
    ] {
        let mut deck = Driven::at_gcr(false);
        history_of_a_deletion(&mut deck);
        deck.type_text("jP");
        let request = deck.last("PutBack");
        deck.send(Msg::LookedAt(request, Ok(TakeBackPlan::PutBack(Box::new(PutBack::of(&then, &then))))));
        let Some(Overlay::Notice(notice)) = deck.model.overlays.last() else { panic!("{then:?}") };
        let said = notice.paragraphs.concat().to_lowercase();
        assert!(said.contains(told) && !said.contains("nothing is left to do"), "{said}");
    }
}

#[test]
fn an_old_revision_is_shown_while_the_present_goes_on_below() {
    let mut deck = Driven::at_gcr(false);
    deck.show_revision(5);
    assert_eq!(&*deck.model.selected().unwrap().value, br#"{"host":"10.0.0.99"}"#);
    assert!(deck.model.banner().unwrap().contains("AS OF REVISION 5, read-only"));
    deck.send(changes(vec![Event::Put(record("/coredns/io/gcr/x1", "newest", 12))], 12));
    assert_eq!(&*deck.model.selected().unwrap().value, br#"{"host":"10.0.0.99"}"#);
    deck.press(KeyCode::Char('d'));
    assert!(deck.model.overlays.is_empty());
    assert!(deck.model.message.as_ref().unwrap().text.contains("this is revision 5"));
    deck.press(KeyCode::Esc);
    assert!(deck.model.then.is_none());
    assert_eq!(&*deck.model.index.get(b"/coredns/io/gcr/x1").unwrap().value, b"newest");
    assert_eq!(deck.model.index.get(b"/coredns/io/gone/x1"), None);
}

#[test]
fn what_an_old_revision_shows_is_put_back_from_the_picture_and_planned_in_the_present() {
    let mut deck = Driven::at_gcr(false);
    deck.show_revision(5);
    deck.press(KeyCode::Char('p'));
    assert!(deck.model.then.is_none(), "a plan is made of the present");
    let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!() };
    let TakeBackSource::Reach(reach, Revision(5)) = &open.what else { panic!("{:?}", open.what) };
    assert_eq!(*reach, KeySelection::key(&key("/coredns/io/gcr/x1")));
    assert_eq!(deck.asked_for("PutBack"), 1);
}

#[test]
fn a_picture_of_the_past_never_comes_up_below_an_open_dialog() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text(":at 5");
    deck.press(KeyCode::Enter);
    let request = deck.last("AsOf");
    deck.press(KeyCode::Char('d'));
    deck.send(Msg::AsOf(request, Ok(Box::new(Index::new(scope())))));
    assert!(deck.model.then.is_none());
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn a_revision_that_is_gone_is_said_and_the_present_stays() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text(":at 5");
    deck.press(KeyCode::Enter);
    let request = deck.last("AsOf");
    deck.send(Msg::AsOf(request, Err(Failure::Compacted { asked: Revision(5) })));
    let Some(Overlay::Notice(notice)) = deck.model.overlays.last() else { panic!() };
    assert!(notice.paragraphs.concat().contains("compacted"), "{notice:?}");
    assert!(deck.model.then.is_none());
    for wrong in [":at x", ":at 0", ":at -3"] {
        deck.model.overlays.clear();
        deck.type_text(wrong);
        deck.press(KeyCode::Enter);
        assert_eq!(deck.asked_for("AsOf"), 1, "{wrong}");
    }
}

#[test]
fn a_top_level_name_that_comes_back_answers_again_and_that_is_foreseen() {
    let mut deck = Driven::new(false);
    deck.model.session.every_top = true;
    deck.send(deleted("/coredns/org/example/www", 10));
    let intent = Intent::Create {
        key: key("/coredns/org/example/www"),
        value: (*br#"{"host":"10.0.0.1"}"#).into(),
        lease: None,
    };
    let gathered = Gathered { cluster: ClusterId(7), at: Revision(10), ..Gathered::default() };
    let plan = intent.clone().plan(gathered, &scope()).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let foreseen =
        crate::app::rules::KnownImpact::of(&deck.model.snapshot(), (&intent, &plan), &stop).unwrap();
    assert!(foreseen.answers.iter().any(|line| line.name.to_string() == "www.example.org"), "{foreseen:?}");
}

/// The addition of two records, of which only the first was made when the program ended.
fn broken_off(deck: &Driven) -> Msg {
    let create = |tail: &str| Change::Create { key: key(tail), value: (*b"{}").into(), lease: None };
    let past = Past {
        changes: vec![create("/coredns/io/made"), create("/coredns/io/open")],
        made: MadeChanges::Unknown,
        ..deletion(None)
    };
    let found: Vec<KeyValue> =
        past.changes.iter().filter_map(|change| deck.model.index.get(change.key().as_bytes())).collect();
    let resume = Resume::of(&past, vec![], |key| found.iter().find(|record| record.key == *key));
    Msg::BrokenOff(vec![(
        crate::journal::EntryHeading { outcome: None, ..heading("e1", "bulk", None) },
        resume,
    )])
}

#[test]
fn what_was_broken_off_is_told_at_the_start_and_finished_when_it_is_confirmed() {
    let mut deck = Driven::at_gcr(false);
    deck.send(changes(vec![Event::Put(record("/coredns/io/made", "{}", 10))], 10));
    let told = broken_off(&deck);
    deck.send(told);
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('y'));
    assert_eq!(deck.asked_for("Plan"), 0, "it is told, and nothing more");
    deck.press(KeyCode::Char('f'));
    deck.type_text("/coredns/io/");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.stored().matches("Create").count(), 1, "{}", deck.stored());
    assert!(deck.stored().contains("/coredns/io/open"));
    assert_eq!(deck.applied[0].plan().purpose().word(), "finish");
    let told = deck.model.overlays.iter().any(|overlay| matches!(overlay, Overlay::BrokenOff(_)));
    assert!(!told, "what is being finished is not offered again");
}

#[test]
fn what_was_broken_off_can_be_taken_back_or_left_for_later() {
    let mut deck = Driven::at_gcr(false);
    deck.send(changes(vec![Event::Put(record("/coredns/io/made", "{}", 10))], 10));
    let told = broken_off(&deck);
    deck.send(told);
    deck.press(KeyCode::Char('u'));
    assert_eq!(deck.asked_for("LookBack"), 1);
    deck.press(KeyCode::Esc);
    deck.press(KeyCode::Esc);
    assert!(deck.model.overlays.is_empty() && deck.asked_for("Plan") == 0);
    // Whatever is open stays on top, and a read-only session is told as well.
    let mut deck = Driven::at_gcr(true);
    deck.press(KeyCode::Char('?'));
    let told = broken_off(&deck);
    deck.send(told);
    assert!(matches!(deck.model.overlays.last(), Some(Overlay::Help(_))));
    deck.press(KeyCode::Esc);
    deck.press(KeyCode::Char('f'));
    deck.press(KeyCode::Char('u'));
    assert_eq!((deck.asked_for("Plan"), deck.asked_for("LookBack")), (0, 0));
}

#[test]
fn what_is_put_back_is_what_stood_in_the_picture() {
    let was = FormerRecords::Known(vec![record("/coredns/a", "1", 2)]);
    let mut deck = Driven::at_gcr(false);
    let effects =
        overlay::take_back::put_back(&mut deck.model, KeySelection::scope(&scope()), Revision(2), was);
    assert!(
        matches!(&effects[..], [Effect::Worker(WorkerTask::PutBack(_, reach, Revision(2), FormerRecords::Known(_)))] if reach.own.is_none())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn while_an_old_revision_is_shown_nothing_is_planned_and_nothing_applied(input in any_input()) {
        let mut deck = Driven::at_gcr(false);
        deck.show_revision(5);
        for (modifiers, code) in input.into_iter().flatten() {
            let plans = deck.asked_for("Plan") + deck.asked_for("Apply");
            let before = deck.model.then.is_some();
            deck.press_with(modifiers, code, false);
            let after = deck.model.then.is_some();
            prop_assert!(!(before && after) || plans == deck.asked_for("Plan") + deck.asked_for("Apply"));
        }
    }
}

#[test]
fn a_removal_of_a_move_is_not_finished_from_a_deck_which_does_not_see_the_other_etcd() {
    let mut deck = Driven::at_gcr(false);
    let before = deck.model.index.get(key("/coredns/io/gcr/x1").as_bytes()).unwrap();
    let past = Past {
        made: MadeChanges::Unknown,
        changes: vec![Change::Delete { before: before.clone() }],
        ..deletion(None)
    };
    let resume = Resume::of(&past, vec![], |_| Some(&before));
    let heading = crate::journal::EntryHeading { outcome: None, ..heading("e1", "migrate", None) };
    deck.send(Msg::BrokenOff(vec![(heading, resume)]));
    deck.press(KeyCode::Char('f'));
    assert_eq!(deck.asked_for("Plan"), 0);
    let Some(Overlay::BrokenOff(open)) = deck.model.overlays.last() else { panic!("it is told no more") };
    assert!(open.note.as_ref().unwrap().contains("--remove-old"));
}
