//! Marks, and one change of all that is marked.
use super::*;
use crate::plan::Threshold;
use std::sync::atomic::AtomicBool;

impl Driven {
    /// Works out the orders that were asked for.
    pub(super) fn work(&mut self) {
        while let Some((request, order, records)) = self.working.pop() {
            let worked = order.work(&records, &AtomicBool::new(false));
            self.send(Msg::Worked(request, worked));
        }
    }

    fn marked(&self) -> String {
        self.model.marks.told()
    }

    /// Chooses the kind of the change in the form, which is open.
    fn deed(&mut self, letter: char) {
        self.press(KeyCode::Char(letter));
    }

    fn confirm_exactly(&mut self) {
        let challenge = self.delete().preview.plan().expect("a plan").challenge().to_owned();
        let number = self.delete().preview.plan().and_then(|plan| plan.threshold().map(Threshold::number));
        self.type_text(&challenge);
        if let Some(number) = number {
            self.press(KeyCode::Tab);
            self.type_text(&number.to_string());
        }
        self.press(KeyCode::Enter);
    }

    fn change(&mut self, event: Event, revision: i64) {
        let at = Timestamp::UNIX_EPOCH;
        let revision = Revision(revision);
        self.send(Msg::Feed(FeedMsg::Changes { revision, events: vec![event], at }));
    }

    fn notice(&self) -> String {
        match self.model.overlays.last() {
            Some(overlay::Overlay::Notice(notice)) => notice.paragraphs.join(" "),
            other => panic!("no notice but {other:?}"),
        }
    }
}

#[test]
fn the_ttl_of_all_that_is_marked_is_one_plan_that_is_typed_for() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text("  ");
    assert_eq!(deck.marked(), "2 records marked");
    deck.type_text("b");
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Tab);
    deck.type_text("120");
    deck.press(KeyCode::Enter);
    deck.work();
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "Enter alone changes nothing");
    deck.confirm_exactly();
    let plan = deck.applied[0].plan();
    assert_eq!((plan.tally().updates, plan.purpose().word()), (2, "bulk"));
    assert!(deck.stored().contains("x2"), "{}", deck.stored());
}

#[test]
fn marks_of_a_change_that_was_made_are_gone_and_after_a_failure_they_stay() {
    for (outcome, left) in [
        (Outcome::Done { changed: 1, revision: Revision(12) }, ""),
        (Outcome::NothingChanged { why: Failure::Other { detail: "no".into() } }, "1 record marked"),
    ] {
        let mut deck = Driven::at_gcr(false);
        deck.type_text(" b");
        deck.deed('d');
        deck.press(KeyCode::Enter);
        deck.work();
        assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/x1");
        deck.confirm_exactly();
        let request = deck.making();
        let applied = Applied { outcome, entry: None, journal_trouble: None };
        deck.send(Msg::Applied(request, applied));
        assert_eq!(deck.marked(), left);
    }
}

#[test]
fn a_host_is_replaced_wherever_it_is_used() {
    let mut deck = Driven::new(false);
    deck.change(Event::Put(record("/coredns/org/example/api", r#"{"host":"10.0.0.1"}"#, 10)), 10);
    deck.type_text(":go /coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    deck.type_text("b");
    deck.deed('r');
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Right);
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Tab);
    deck.type_text("10.7.7.7");
    deck.press(KeyCode::Enter);
    deck.work();
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/");
    deck.confirm_exactly();
    assert_eq!(deck.applied[0].plan().tally().updates, 2, "the old host was that of the record: {deck:?}");
}

#[test]
fn a_range_is_marked_from_one_end_to_the_other_and_esc_gives_it_up() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text("vj");
    let key = key("/coredns/io/gcr/x2");
    assert_eq!(deck.model.mark_of_record(1, &key), Some(RowMark::Within), "it is seen before it is marked");
    deck.press(KeyCode::Esc);
    assert_eq!((deck.marked().as_str(), deck.model.focus), ("", Pane::Records));
    deck.type_text("vkv");
    assert_eq!(deck.marked(), "2 records marked");
    assert_eq!(deck.model.mark_of_record(1, &key), Some(RowMark::Marked));
}

#[test]
fn names_are_marked_with_all_below_them_and_the_whole_scope_is_not() {
    let mut deck = Driven::new(false);
    deck.type_text("g ");
    assert_eq!(deck.marked(), "");
    deck.type_text("j ");
    assert_eq!(deck.marked(), "1 name marked");
    let record = key("/coredns/io/gcr/x1");
    assert_eq!(deck.model.mark_of_record(0, &record), Some(RowMark::Within));
    deck.type_text("b");
    deck.deed('d');
    deck.press(KeyCode::Enter);
    deck.work();
    assert_eq!(deck.delete().preview.plan().unwrap().deletes(), 3);
}

#[test]
fn the_matches_of_a_search_are_marked_at_once() {
    let mut deck = Driven::new(false);
    deck.type_text("*");
    assert_eq!(deck.marked(), "", "nothing was looked for");
    deck.type_text("/gcr");
    let Some(Matches::Looking(request)) = deck.model.search.as_ref().map(|search| &search.matches) else {
        panic!("no search")
    };
    let found = crate::index::Needle::new("gcr")
        .and_then(|needle| needle.search(deck.model.index.records(), 100, &AtomicBool::new(false)));
    deck.send(Msg::Found(*request, found.unwrap()));
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('t'), false);
    assert_eq!(deck.marked(), "3 records marked", "two of the name, and an alias to it");
    deck.press(KeyCode::Enter);
    deck.type_text("U");
    assert_eq!(deck.marked(), "");
}

#[test]
fn a_marked_record_that_somebody_deletes_is_told_and_forgotten() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text("  ");
    deck.change(Event::Delete { key: key("/coredns/io/gcr/x1"), revision: Revision(10) }, 10);
    assert_eq!(deck.marked(), "1 record marked");
    let message = deck.model.message.as_ref().unwrap();
    assert_eq!(message.text, "1 of what was marked is gone: 1 record marked");
}

#[test]
fn a_record_that_comes_below_a_marked_name_makes_another_plan_and_clears_the_text() {
    let mut deck = Driven::new(false);
    deck.type_text(":go gcr.io");
    deck.press(KeyCode::Enter);
    deck.type_text(" b");
    deck.deed('d');
    deck.press(KeyCode::Enter);
    deck.work();
    deck.type_text("/coredns/io/gcr/");
    deck.change(Event::Put(record("/coredns/io/gcr/x3", r#"{"host":"10.0.0.7"}"#, 10)), 10);
    deck.work();
    assert_eq!(deck.delete().preview.plan().unwrap().deletes(), 3);
    assert_eq!(deck.consent().typed.value(), "");
    let note = deck.consent().note.clone().unwrap();
    assert!(note.contains("2 keys were shown, now it is 3"), "{note}");
}

#[test]
fn a_name_moves_with_what_points_to_it() {
    let mut deck = Driven::new(false);
    deck.type_text(":go gcr.io");
    deck.press(KeyCode::Enter);
    deck.type_text("b");
    deck.deed('m');
    deck.press(KeyCode::Tab);
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    deck.type_text("ghcr.io");
    deck.press(KeyCode::Enter);
    deck.work();
    let tally = deck.delete().preview.plan().unwrap().tally();
    assert_eq!((tally.moves, tally.updates), (2, 1));
    deck.confirm_exactly();
    assert!(deck.stored().contains("ghcr"), "{}", deck.stored());
}

#[test]
fn a_name_that_is_taken_stops_the_move_and_lists_what_is_in_the_way() {
    let mut deck = Driven::new(false);
    deck.change(Event::Put(record("/coredns/io/quay/x2", r#"{"host":"10.0.0.9"}"#, 10)), 10);
    deck.type_text(":go gcr.io");
    deck.press(KeyCode::Enter);
    deck.type_text("b");
    deck.deed('m');
    deck.press(KeyCode::Tab);
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    deck.type_text("quay.io");
    deck.press(KeyCode::Enter);
    deck.work();
    assert!(deck.notice().contains("/coredns/io/quay/x2"), "{}", deck.notice());
    assert!(deck.asked.is_empty() && deck.applied.is_empty());
}

#[test]
fn what_is_so_already_comes_to_nothing_and_says_so() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text("b");
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Tab);
    deck.type_text("60");
    deck.press(KeyCode::Enter);
    deck.work();
    assert!(deck.notice().contains("1 record is as it should be already"), "{}", deck.notice());
}

#[test]
fn a_wrong_entry_keeps_the_form_and_says_what_would_be_right() {
    let mut deck = Driven::at_gcr(false);
    deck.type_text("b");
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Tab);
    deck.type_text("soon");
    deck.press(KeyCode::Enter);
    let Some(overlay::Overlay::Bulk(form)) = deck.model.overlays.last() else { panic!("no form") };
    assert!(form.complaint.as_ref().unwrap().contains("whole number"), "{form:?}");
    assert!(deck.working.is_empty());
}

#[test]
fn the_whole_scope_is_never_deleted_by_the_form() {
    let mut deck = Driven::new(false);
    deck.type_text("b");
    deck.deed('d');
    deck.press(KeyCode::Enter);
    assert!(deck.working.is_empty(), "the root is selected: only the whole scope could be meant");
}

#[test]
fn a_read_only_session_marks_and_changes_nothing() {
    let mut deck = Driven::at_gcr(true);
    deck.type_text(" b");
    assert_eq!((deck.marked().as_str(), deck.model.overlays.len()), ("", 0));
    assert!(deck.model.message.as_ref().unwrap().text.starts_with("this session is read-only"));
}
