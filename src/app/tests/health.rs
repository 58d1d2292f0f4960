//! Health of the cluster, and its effects on a plan.
use super::*;
use crate::health::{Alarm, AlarmKind, Health, Member, MemberState, Vitals};

/// A cluster of one that leads itself, with these alarms.
fn with_alarms(kinds: &[AlarmKind]) -> Health {
    let vitals = Vitals { leader: Some(1), ..Vitals::default() };
    Health {
        at: Timestamp::UNIX_EPOCH,
        cluster: Some(ClusterId(7)),
        members: vec![Member {
            id: Some(1),
            name: "etcd-1".to_owned(),
            endpoint: Some("https://10.0.0.1:2379".to_owned()),
            learner: false,
            state: MemberState::Up(Some(vitals)),
        }],
        listed: true,
        alarms: Some(kinds.iter().map(|kind| Alarm { member: 1, kind: kind.clone() }).collect()),
        has_leader: None,
        endpoints: vec![],
        credential_ends: None,
    }
}

fn leaderless() -> Health {
    let mut health = with_alarms(&[]);
    health.members[0].state = MemberState::Up(Some(Vitals::default()));
    health
}

impl Driven {
    fn is_so(&mut self, health: Health) {
        self.send(Msg::Health(Box::new(health)));
    }

    fn delete_by_key(&mut self) {
        self.press(KeyCode::Char('d'));
        self.type_text("/coredns/io/gcr/x1");
        self.press(KeyCode::Enter);
    }

    fn edit_and_save(&mut self) {
        self.press(KeyCode::Char('e'));
        self.press(KeyCode::Backspace);
        self.press(KeyCode::Char('9'));
        self.press(KeyCode::Enter);
        self.press(KeyCode::Char('y'));
    }

    fn refused(&self, why: &str) {
        assert!(self.applied.is_empty(), "nothing is journalled or sent");
        let message = self.model.message.as_ref().expect("it is said");
        assert!(message.text.contains(why), "{}", message.text);
        assert_eq!(self.effects.last().map(String::as_str), Some("CheckHealth"), "it may be over by now");
    }
}

#[test]
fn a_change_that_cannot_succeed_is_refused_before_anything_is_journalled() {
    for (health, why) in [(leaderless(), "no leader"), (with_alarms(&[AlarmKind::Corrupt]), "CORRUPT")] {
        let mut deck = Driven::at_gcr(false);
        deck.is_so(health.clone());
        deck.delete_by_key();
        deck.refused(why);
        // The typed text stays, and is good as soon as the cluster is.
        deck.is_so(with_alarms(&[]));
        deck.press(KeyCode::Enter);
        assert_eq!(deck.applied.len(), 1);
        let mut deck = Driven::at_gcr(false);
        deck.is_so(health);
        deck.edit_and_save();
        deck.refused(why);
    }
}

#[test]
fn a_full_store_takes_deletions_and_nothing_else() {
    let mut deck = Driven::at_gcr(false);
    deck.is_so(with_alarms(&[AlarmKind::NoSpace]));
    deck.edit_and_save();
    deck.refused("NOSPACE");
    let mut deck = Driven::at_gcr(false);
    deck.is_so(with_alarms(&[AlarmKind::NoSpace]));
    deck.delete_by_key();
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn the_cluster_is_asked_before_each_plan_and_when_a_connection_comes_or_goes() {
    let mut deck = Driven::at_gcr(false);
    let asks = |deck: &mut Driven, act: &mut dyn FnMut(&mut Driven)| {
        deck.effects.clear();
        act(deck);
        deck.effects.iter().any(|effect| effect == "CheckHealth")
    };
    assert!(asks(&mut deck, &mut |deck| deck.press(KeyCode::Char('d'))));
    assert!(!asks(&mut deck, &mut |deck| deck.type_text("/coredns")), "not at every key");
    deck.press(KeyCode::Esc);
    assert!(asks(&mut deck, &mut |deck| deck.press(KeyCode::Char('s'))));
    deck.press(KeyCode::Esc);
    let lost = || FeedMsg::Lost {
        failure: Failure::NothingListening { endpoint: "x".to_owned() },
        at: Timestamp::UNIX_EPOCH,
    };
    assert!(asks(&mut deck, &mut |deck| deck.send(Msg::Feed(lost()))));
}

#[test]
fn a_cluster_that_cannot_be_written_is_looked_at_often_and_one_that_is_well_seldom() {
    let mut deck = Driven::at_gcr(false);
    deck.is_so(with_alarms(&[]));
    let seldom = deck.model.health_lasts();
    deck.press(KeyCode::Char('s'));
    let open = deck.model.health_lasts();
    deck.is_so(leaderless());
    let leaderless = deck.model.health_lasts();
    assert!(leaderless < open && open < seldom);
    deck.press(KeyCode::Esc);
    deck.is_so(with_alarms(&[AlarmKind::NoSpace]));
    assert!(deck.model.health_lasts() < seldom, "whoever disarms an alarm sees it go");
}

#[test]
fn what_goes_wrong_while_the_deck_is_open_is_said_once() {
    let mut deck = Driven::at_gcr(false);
    deck.is_so(with_alarms(&[]));
    deck.is_so(with_alarms(&[AlarmKind::NoSpace]));
    assert!(deck.model.message.as_ref().unwrap().text.contains("NOSPACE alarm of etcd-1"));
    deck.press(KeyCode::Char('j'));
    deck.is_so(with_alarms(&[AlarmKind::NoSpace]));
    assert_eq!(deck.model.message, None);
}
