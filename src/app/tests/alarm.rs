//! Alarm about a mass deletion, as the watch brings it.
use super::*;
use crate::{
    app::overlay::{Away, Overlay, TakeBackPlan},
    keys::LeaseId,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(super) fn many(number: usize) -> Vec<KeyValue> {
    (1..=number).map(|n| record(&format!("/coredns/net/shop/x{n}"), r#"{"host":"10.1.0.1"}"#, 20)).collect()
}

impl Driven {
    /// A deck with so many records beside the few.
    pub(super) fn with(number: usize) -> Self {
        let mut deck = Self::new(false);
        let events = many(number).into_iter().map(Event::Put).collect();
        deck.changed(events, 20, 0);
        deck
    }

    pub(super) fn changed(&mut self, events: Vec<Event>, revision: i64, second: i64) {
        self.send(Msg::Feed(FeedMsg::Changes { revision: Revision(revision), events, at: at(second) }));
    }

    pub(super) fn delete_all(&mut self, keys: impl Iterator<Item = ScopedKey>, revision: i64, second: i64) {
        let events = keys.map(|key| Event::Delete { key, revision: Revision(revision) }).collect();
        self.changed(events, revision, second);
    }

    fn alarms(&self) -> usize {
        self.effects.iter().filter(|effect| *effect == "Ring").count()
    }

    fn raised(&self) -> Option<&Raised> {
        self.model.alarm.raised.as_ref()
    }

    fn relisted(&mut self, records: Vec<KeyValue>, revision: i64) {
        let mut index = crate::index::Index::new(scope());
        index.absorb(Batch::encode(&scope(), records));
        index.listed();
        self.read_again(index, Revision(revision), at(60));
    }

    fn lost(&mut self) {
        let failure = Failure::Other { detail: "gone".into() };
        self.send(Msg::Feed(FeedMsg::Lost { failure, at: at(30) }));
    }

    fn planned_changes(&self) -> usize {
        self.delete().preview.plan().map_or(0, |plan| plan.changes().len())
    }
}

pub(super) fn keys(number: usize) -> impl Iterator<Item = ScopedKey> {
    many(number).into_iter().map(|record| record.key)
}

#[test]
fn fifty_keys_in_one_revision_ring_and_are_saved_as_they_were_before() {
    let mut deck = Driven::with(400);
    deck.delete_all(keys(49), 30, 1);
    assert_eq!((deck.alarms(), deck.raised()), (0, None));
    let mut deck = Driven::with(400);
    deck.delete_all(keys(50), 30, 1);
    assert_eq!(deck.alarms(), 1);
    assert!(
        deck.effects.iter().any(|effect| effect.starts_with("Rescue") && effect.contains("Revision(29)"))
    );
    assert_eq!((deck.raised().unwrap().first, deck.model.alarm.keys()), (Revision(30), 50));
}

/// A deck whose scope holds so many records and no others.
fn holding(number: usize) -> Driven {
    let mut deck = Driven::with(number);
    // Deletions one after the other, as in housekeeping.
    for (at, record) in (0..).zip(records().into_iter().skip(usize::from(number == 0))) {
        deck.changed(vec![Event::Delete { key: record.key, revision: Revision(21) }], 21, -1_000 + at * 20);
    }
    if deck.model.alarm.is_on() {
        deck.type_text("!xx");
    }
    deck.effects.clear();
    deck
}

#[test]
fn a_scope_that_is_emptied_is_an_alarm_whatever_its_size() {
    for records in [1, 2, 3, 9, 60] {
        let mut deck = holding(records);
        assert_eq!(deck.model.index.len(), records);
        deck.delete_all(keys(records), 30, 1);
        assert_eq!((deck.alarms(), deck.model.alarm.keys()), (1, records), "{records} of {records} keys");
    }
}

#[test]
fn thirty_percent_are_an_alarm_from_three_keys_up() {
    for (records, gone, alarms) in
        [(10, 3, 1), (10, 2, 0), (9, 3, 1), (9, 2, 0), (4, 2, 1), (4, 1, 0), (3, 1, 1), (2, 1, 0)]
    {
        let mut deck = holding(records);
        deck.delete_all(keys(gone), 30, 1);
        assert_eq!(deck.alarms(), alarms, "{gone} of {records} keys");
    }
}

#[test]
fn an_alarm_is_ended_by_a_second_x_and_told_afterwards_with_the_way_back() {
    let mut deck = Driven::with(60);
    deck.delete_all(keys(60), 30, 1);
    let Saving::Asked(request) = deck.raised().unwrap().saving else { panic!("nothing was asked for") };
    let saved = Saving::Saved { file: "/state/f".into(), keys: 64, from: SavedFrom::Etcd(Revision(29)) };
    deck.send(Msg::Rescued(request, saved));
    deck.type_text("!x");
    assert!(deck.raised().is_some(), "it is asked first");
    deck.press(KeyCode::Esc);
    assert!(matches!(deck.model.overlays.last(), Some(Overlay::Alarm(view)) if !view.ending));
    deck.type_text("xx");
    assert_eq!((deck.raised(), deck.model.overlays.len()), (None, 0));
    assert!(deck.effects.iter().any(|effect| effect == "AcceptLosses(1)"), "{:?}", deck.effects);
    let said = deck.model.message.clone().unwrap().text;
    assert!(said.contains("/state/f"), "the file's path stays on the screen: {said}");
    // The whole alarm can be looked at for the rest of the day.
    deck.type_text("!");
    let page = deck.model.alarm.page().unwrap();
    assert_eq!((page.over.is_some(), page.gone.len()), (true, 60));
    deck.press(KeyCode::Enter);
    deck.work();
    assert_eq!(deck.planned_changes(), 60);
    // It cannot on the day after.
    let mut deck = Driven::with(60);
    deck.delete_all(keys(60), 30, 1);
    deck.type_text("!xx");
    deck.changed(vec![], 31, 25 * 3600);
    deck.type_text("!");
    assert_eq!(deck.model.overlays.len(), 0);
}

#[test]
fn no_dialog_hides_an_alarm() {
    // The key ! leads to it from every overlay in which characters are no text.
    for open in ["u", "H", "?", "s"] {
        let mut deck = Driven::with(60);
        deck.type_text(open);
        assert_eq!(deck.model.overlays.len(), 1, "{open}");
        deck.delete_all(keys(60), 30, 1);
        deck.type_text("!");
        assert!(matches!(deck.model.overlays.last(), Some(Overlay::Alarm(_))), "{open}");
        deck.press(KeyCode::Esc);
        assert_eq!(deck.model.overlays.len(), 1, "back to what was open: {open}");
    }
}

#[test]
fn what_goes_within_ten_seconds_belongs_together_and_no_longer() {
    let mut deck = Driven::with(400);
    for n in 0..60 {
        deck.delete_all(keys(60).skip(n).take(1), 30 + i64::try_from(n).unwrap(), i64::try_from(n).unwrap());
    }
    assert_eq!(deck.alarms(), 0, "one a second is housekeeping");
    let mut deck = Driven::with(400);
    deck.delete_all(keys(30), 30, 1);
    deck.delete_all(keys(60).skip(30), 31, 11);
    assert_eq!(deck.alarms(), 1);
    assert_eq!(deck.raised().unwrap().first, Revision(30), "saved from before the first of them");
}

#[test]
fn one_deletion_that_comes_in_pieces_is_one_alarm() {
    let mut deck = Driven::with(400);
    deck.delete_all(keys(200), 30, 1);
    deck.delete_all(keys(400).skip(200), 30, 2);
    assert_eq!((deck.alarms(), deck.model.alarm.keys()), (1, 400));
}

#[test]
fn what_this_deck_deletes_itself_is_no_alarm() {
    let mut deck = Driven::with(60);
    deck.type_text(":rm -r shop.net");
    deck.press(KeyCode::Enter);
    deck.type_text("/coredns/net/shop/");
    if deck.delete().preview.plan().unwrap().threshold().is_some() {
        deck.press(KeyCode::Tab);
        deck.type_text("60");
    }
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
    deck.delete_all(keys(60), 30, 1);
    let request = deck.making();
    let outcome = Outcome::Done { changed: 60, revision: Revision(30) };
    deck.send(Msg::Applied(request, Applied { outcome, entry: None, journal_trouble: None }));
    assert_eq!((deck.alarms(), deck.raised()), (0, None));
}

#[test]
fn somebody_who_is_faster_than_this_deck_is_an_alarm() {
    let mut deck = Driven::with(60);
    deck.type_text(":rm -r shop.net");
    deck.press(KeyCode::Enter);
    deck.type_text("/coredns/net/shop/");
    if deck.delete().preview.plan().unwrap().threshold().is_some() {
        deck.press(KeyCode::Tab);
        deck.type_text("60");
    }
    deck.press(KeyCode::Enter);
    deck.delete_all(keys(60), 30, 1);
    assert_eq!(deck.alarms(), 0, "it may be its own");
    let request = deck.making();
    let outcome = Outcome::NothingChanged { why: Failure::Other { detail: "refused".into() } };
    deck.send(Msg::Applied(request, Applied { outcome, entry: None, journal_trouble: None }));
    deck.changed(vec![], 31, 2);
    assert_eq!(deck.alarms(), 1);
}

#[test]
fn what_went_while_nobody_watched_is_an_alarm_too() {
    let mut deck = Driven::with(60);
    deck.lost();
    deck.relisted(records(), 90);
    assert_eq!(deck.alarms(), 1);
    let raised = deck.raised().unwrap();
    assert_eq!(raised.sighting, Sighting::Reread);
    assert_eq!((raised.first, deck.model.alarm.keys()), (Revision(21), 60));
    // Records that are still there raise no alarm.
    let mut deck = Driven::with(60);
    deck.lost();
    deck.relisted(records().into_iter().chain(many(60)).collect(), 90);
    assert_eq!((deck.alarms(), deck.raised()), (0, None));
}

#[test]
fn another_cluster_has_other_keys_and_that_is_no_alarm() {
    let mut deck = Driven::with(60);
    deck.lost();
    let mut status = deck.model.session.status.clone();
    status.cluster = ClusterId(8);
    deck.send(Msg::Status(Ok(status)));
    deck.relisted(vec![], 90);
    assert_eq!((deck.alarms(), deck.raised()), (0, None));
}

#[test]
fn the_way_back_creates_what_is_still_away_and_overwrites_nothing() {
    let mut deck = Driven::with(60);
    deck.delete_all(keys(60), 30, 1);
    deck.changed(vec![Event::Put(record("/coredns/net/shop/x1", r#"{"host":"10.9.9.9"}"#, 31))], 31, 2);
    assert_eq!(deck.model.alarm.keys(), 59);
    deck.type_text("!");
    deck.press(KeyCode::Enter);
    deck.work();
    assert_eq!(deck.planned_changes(), 59);
    assert_eq!(deck.delete().preview.plan().unwrap().purpose().word(), "restore");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "it is typed for");
    deck.type_text("/coredns/net/shop/");
    deck.press(KeyCode::Enter);
    let plan = deck.applied[0].plan();
    assert_eq!((plan.tally().creates, plan.replaces()), (59, 0));
    assert!(!deck.stored().contains("10.9.9.9"));
}

/// A deck that was asked to bring back 60 keys and two with the leases 7 and 8.
fn bringing_back_leased(living: &[i64]) -> Driven {
    let leased = [7, 8].map(|id| KeyValue {
        lease: LeaseId::new(id),
        ..record(&format!("/coredns/io/leased{id}"), "{}", 21)
    });
    let mut deck = Driven::with(60);
    deck.changed(leased.iter().cloned().map(Event::Put).collect(), 21, 0);
    deck.delete_all(keys(60).chain(leased.map(|record| record.key)), 30, 1);
    assert_eq!(deck.model.alarm.leased(), 2);
    deck.type_text("!");
    deck.press(KeyCode::Enter);
    let request = deck.last("Leases");
    let lease = |id| LeaseId::new(id).unwrap();
    let away = Away {
        leases: [7, 8].map(|id| (lease(id), 1)).into(),
        living: living.iter().map(|id| lease(*id)).collect(),
    };
    deck.send(Msg::LookedAt(request, Ok(TakeBackPlan::Away(away))));
    deck
}

fn planned(deck: &mut Driven) -> String {
    deck.press(KeyCode::Enter);
    deck.work();
    format!("{:?}", deck.delete().preview.plan().unwrap())
}

#[test]
fn what_had_a_lease_comes_back_with_it_where_it_lives_and_else_as_somebody_says() {
    let mut deck = bringing_back_leased(&[7]);
    for note in ["choose what keys get", "type how many seconds"] {
        deck.press(KeyCode::Enter);
        let Some(Overlay::TakeBack(open)) = deck.model.overlays.last() else { panic!() };
        assert!(open.note.as_ref().unwrap().starts_with(note), "{:?}", open.note);
        deck.press(KeyCode::Char('l'));
        // The choices go from a new lease on, all the way round to it again.
        if note.starts_with("type") {
            deck.type_text("ll");
        }
    }
    deck.type_text("30x0");
    let plan = planned(&mut deck);
    assert_eq!(deck.planned_changes(), 62);
    assert!(plan.contains("lease: Some(LeaseId(7))") && !plan.contains("lease: Some(LeaseId(8))"), "{plan}");
    let [grant] = deck.delete().preview.plan().unwrap().grants() else { panic!("{plan}") };
    assert_eq!(grant.ttl.as_secs(), 300);
    // Back to the question, whose answer is another now.
    for (press, changes) in [("ll", 62), ("lll", 61)] {
        let mut deck = bringing_back_leased(&[7]);
        deck.type_text(press);
        let plan = planned(&mut deck);
        assert_eq!(deck.planned_changes(), changes);
        assert!(deck.delete().preview.plan().unwrap().grants().is_empty(), "{plan}");
        assert!(plan.contains("lease: Some(LeaseId(7))"), "{plan}");
    }
}

#[test]
fn nothing_is_asked_about_leases_that_live() {
    let mut deck = bringing_back_leased(&[7, 8]);
    deck.work();
    assert_eq!(deck.planned_changes(), 62);
}

#[test]
fn an_alarm_ends_when_everything_is_back_or_somebody_ends_it() {
    let mut deck = Driven::with(60);
    deck.delete_all(keys(60), 30, 1);
    let back = many(60).into_iter().map(|record| KeyValue { mod_revision: Revision(31), ..record });
    deck.changed(back.map(Event::Put).collect(), 31, 2);
    assert_eq!((deck.raised(), deck.model.alarm.keys()), (None, 0));
    deck.delete_all(keys(60), 32, 3);
    assert_eq!(deck.alarms(), 2, "a second one is one as well");
    deck.type_text("!xx");
    assert_eq!((deck.raised(), deck.model.overlays.len()), (None, 0));
}

#[test]
fn it_is_said_where_it_was_saved_or_that_it_was_not() {
    let mut deck = Driven::with(60);
    deck.delete_all(keys(60), 30, 1);
    let Saving::Asked(request) = deck.raised().unwrap().saving else { panic!("nothing was asked for") };
    deck.send(Msg::Rescued(RequestId(request.0 + 1_000), Saving::Failed("another".into())));
    assert_eq!(deck.raised().unwrap().saving, Saving::Asked(request), "an answer to another question");
    let saved = Saving::Saved { file: "/state/f".into(), keys: 64, from: SavedFrom::Etcd(Revision(29)) };
    deck.send(Msg::Rescued(request, saved.clone()));
    assert_eq!(deck.raised().unwrap().saving, saved);
}

#[test]
fn a_scope_that_is_empty_now_is_still_told_what_will_be_answered_again() {
    let mut deck = Driven::with(60);
    let all: Vec<ScopedKey> = records().into_iter().map(|record| record.key).chain(keys(60)).collect();
    deck.delete_all(all.into_iter(), 30, 1);
    assert!(deck.model.index.is_empty());
    deck.type_text("!");
    deck.press(KeyCode::Enter);
    deck.work();
    let foreseen = deck.rules.iter().rev().find_map(|effect| match effect {
        Effect::Worker(WorkerTask::Foresee(_, snapshot, intent, plan)) => crate::app::rules::KnownImpact::of(
            snapshot,
            (intent, plan),
            &std::sync::atomic::AtomicBool::new(false),
        ),
        _ => None,
    });
    let answers: Vec<String> = foreseen.unwrap().answers.iter().map(ToString::to_string).collect();
    assert!(answers.iter().any(|line| line.starts_with("gcr.io A, SRV: NXDOMAIN -> 2")), "{answers:#?}");
}
