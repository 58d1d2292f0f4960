//! Evidence that the picture is true, in the words of the deck.
use super::*;
use crate::{app::keymap::May, app::overlay::Overlay, index::Index};
use std::time::Duration;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn lost(failure: Failure, second: i64) -> Msg {
    Msg::Feed(FeedMsg::Lost { failure, at: at(second) })
}

fn silent() -> Failure {
    Failure::WatchSilent { after: Duration::from_secs(30) }
}

fn index(records: Vec<KeyValue>) -> Index {
    let mut index = Index::new(scope());
    index.absorb(Batch::encode(&scope(), records));
    index.listed();
    index
}

fn back(from: i64, to: i64) -> RevisionWentBack {
    RevisionWentBack { from: Revision(from), to: Some(Revision(to)), at: at(60) }
}

#[test]
fn a_list_is_not_called_live_before_a_watch_has_answered() {
    let mut deck = Driven::at_gcr(false);
    deck.read_again_after(None, index(records()), Revision(9), at(1));
    // As the feed does it when the watch has answered.
    assert!(matches!(deck.model.feed, Liveness::Live { by: Evidence::Watch, .. }));
    deck.send(Msg::Feed(FeedMsg::Listed { revision: Revision(9), at: at(2) }));
    assert!(matches!(deck.model.feed, Liveness::Live { by: Evidence::Reading, .. }));
    deck.confirmed(9);
    assert!(matches!(deck.model.feed, Liveness::Live { by: Evidence::Watch, .. }));
}

#[test]
fn a_change_makes_a_stale_picture_no_truer_and_is_shown_all_the_same() {
    let mut deck = Driven::at_gcr(false);
    deck.send(lost(silent(), 7));
    let put = Event::Put(record("/coredns/io/gcr/x8", "{}", 10));
    deck.send(Msg::Feed(FeedMsg::Changes { revision: Revision(10), events: vec![put], at: at(9) }));
    let Liveness::Stale { revision, at: since, .. } = &deck.model.feed else { panic!("it is not live") };
    assert_eq!((*revision, *since), (Some(Revision(10)), Some(at(7))), "stale since the last evidence");
    assert!(deck.model.index.get(b"/coredns/io/gcr/x8").is_some());
}

#[test]
fn nothing_is_changed_while_the_watch_is_silent_and_the_reason_is_said() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.send(lost(silent(), 7));
    assert!(deck.model.obstacle().unwrap().contains("watch"));
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    deck.confirmed(9);
    assert_eq!(deck.model.obstacle(), None);
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1, "what was typed has stayed");
}

#[test]
fn that_etcd_went_back_stays_until_it_is_looked_at_and_the_first_revision_is_kept() {
    let mut deck = Driven::at_gcr(false);
    deck.read_again_after(Some(back(9, 5)), index(records()), Revision(5), at(60));
    deck.confirmed(6);
    deck.press(KeyCode::Char('j'));
    deck.read_again(index(records()), Revision(7), at(400));
    deck.read_again_after(Some(back(7, 6)), index(records()), Revision(6), at(500));
    assert_eq!(deck.model.went_back, Some(back(9, 5)));
    deck.press(KeyCode::Char('!'));
    let Some(Overlay::Notice(notice)) = deck.model.overlays.last() else { panic!("it is said") };
    let said = notice.paragraphs.join(" ");
    assert!(said.contains("went back from 9 to 5"), "{said}");
    deck.press(KeyCode::Esc);
    assert_eq!((deck.model.went_back.clone(), deck.model.overlays.len()), (None, 0));
    assert_eq!(deck.model.may(), May::Change);
}

#[test]
fn what_went_with_an_older_copy_rings_and_both_are_told() {
    let mut deck = Driven::at_gcr(false);
    deck.read_again_after(Some(back(9, 5)), index(vec![]), Revision(5), at(60));
    assert!(deck.model.went_back.is_some());
    let raised = deck.model.alarm.raised.clone().unwrap();
    assert_eq!(raised.sighting, Sighting::OlderCopy);
    assert_eq!(deck.model.alarm.revision_before(), None, "that revision is another one there now");
    deck.press(KeyCode::Char('!'));
    assert!(matches!(deck.model.overlays.last(), Some(Overlay::Notice(_))), "why comes first");
}
