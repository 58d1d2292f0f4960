//! Leader of a cluster, lost and found again.
use super::*;
use crate::{app::keymap::May, index::Index};

fn without_leader() -> Msg {
    let failure = Failure::NoLeader { endpoint: "http://10.0.0.2:2379".into() };
    Msg::Feed(FeedMsg::Lost { failure, at: Timestamp::UNIX_EPOCH })
}

fn with_leader(revision: i64) -> Msg {
    let (revision, by) = (Revision(revision), Evidence::Watch);
    Msg::Feed(FeedMsg::Confirmed { revision, at: Timestamp::UNIX_EPOCH, by })
}

#[test]
fn without_a_leader_there_is_only_looking_until_there_is_one_again() {
    let mut deck = Driven::at_gcr(false);
    deck.send(without_leader());
    assert_eq!(deck.model.may(), May::Look);
    deck.press(KeyCode::Char('d'));
    assert!(deck.model.overlays.is_empty(), "no deletion is offered");
    let banner = deck.model.banner().unwrap();
    assert!(banner.starts_with("NO LEADER") && banner.contains("revision 9"), "{banner}");
    deck.send(with_leader(9));
    assert_eq!(deck.model.may(), May::Change);
    assert_eq!(deck.model.banner(), None);
}

#[test]
fn a_key_that_was_typed_is_kept_while_there_is_no_leader_and_agrees_afterwards() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.send(without_leader());
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    assert!(deck.consent().note.as_ref().unwrap().contains("no leader"));
    assert_eq!(deck.consent().typed.value(), "/coredns/io/gcr/x1");
    deck.send(with_leader(9));
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn an_edit_waits_for_a_leader_with_what_was_typed() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.type_text("9");
    deck.press(KeyCode::Enter);
    deck.send(without_leader());
    deck.press(KeyCode::Char('y'));
    assert!(deck.applied.is_empty());
    assert!(deck.model.message.as_ref().unwrap().text.contains("no leader"));
    deck.send(with_leader(9));
    deck.press(KeyCode::Char('y'));
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn what_one_member_has_is_shown_with_its_name_where_nothing_else_is_known() {
    let mut deck = Driven::new(false);
    deck.send(without_leader());
    let mut index = Index::new(scope());
    index.absorb(Batch::encode(&scope(), records()));
    index.listed();
    let (revision, endpoint) = (Revision(12), "http://10.0.0.2:2379".to_owned());
    let index = Box::new(index);
    deck.send(Msg::Feed(FeedMsg::PossiblyStale { index, revision, endpoint, at: Timestamp::UNIX_EPOCH }));
    // The next try says the same, and takes nothing away.
    deck.send(without_leader());
    let banner = deck.model.banner().unwrap();
    for part in ["10.0.0.2:2379", "revision 12", "possibly stale"] {
        assert!(banner.contains(part), "{part}: {banner}");
    }
    assert_eq!(deck.model.index.len(), records().len());
}

#[test]
fn a_deck_that_was_opened_without_a_leader_changes_something_when_it_hears_of_one() {
    let mut deck = Driven::at_gcr(false);
    let status = deck.model.session.status.clone();
    deck.send(Msg::Status(Ok(ClusterStatus { access: WriteAccess::NoLeader, ..status.clone() })));
    assert_eq!(deck.model.may(), May::Look);
    deck.send(Msg::Status(Ok(status)));
    assert_eq!(deck.model.may(), May::Change);
}

#[test]
fn a_list_that_could_not_be_read_again_is_told_and_takes_nothing_away() {
    let mut deck = Driven::at_gcr(false);
    let (shown, feed) = (deck.model.index.len(), deck.model.feed.clone());
    let failure = Failure::TimedOut {
        endpoint: "http://10.0.0.1:2379".to_owned(),
        after: std::time::Duration::from_secs(2),
    };
    deck.send(Msg::Feed(FeedMsg::NotReadAgain { failure }));
    let message = &deck.model.message.as_ref().unwrap().text;
    assert!(message.starts_with("not read again") && message.contains("10.0.0.1:2379"), "{message}");
    assert_eq!((deck.model.index.len(), deck.model.feed == feed), (shown, true));
}

#[test]
fn a_deck_that_is_cut_off_offers_no_change_and_keeps_what_is_typed_until_it_is_live_again() {
    let mut deck = Driven::at_gcr(false);
    let lost = || Failure::NothingListening { endpoint: "https://10.0.0.1:2379".to_owned() };
    let live =
        || FeedMsg::Confirmed { revision: Revision(9), at: Timestamp::UNIX_EPOCH, by: Evidence::Watch };
    deck.send(Msg::Feed(FeedMsg::Lost { failure: lost(), at: Timestamp::UNIX_EPOCH }));
    assert_eq!(deck.model.may(), May::Look);
    deck.send(Msg::Feed(live()));
    assert_eq!(deck.model.may(), May::Change);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.send(Msg::Feed(FeedMsg::Lost { failure: lost(), at: Timestamp::UNIX_EPOCH }));
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty() && deck.model.obstacle().is_some());
    deck.send(Msg::Feed(live()));
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1, "{:?}", deck.model.overlays);
}
