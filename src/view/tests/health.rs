//! Health of the cluster, and its effects on a change.
use super::deck::{Deck, live, with_alarm, without};
use crate::{
    app::overlay::{HealthPage, Overlay},
    health::{AlarmKind, Health, Member, MemberState},
};

pub(super) fn health(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["s"]);
    deck
}

pub(super) fn health_asking(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.model.health = None;
    deck.model.overlays.push(Overlay::Health(HealthPage::default()));
    deck
}

pub(super) fn health_trouble(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = Health { alarms: with_alarm(AlarmKind::NoSpace).alarms, ..without(&[3]) };
    deck.health.members[0].name = "hostile\u{1b}[31m".to_owned();
    deck.health.members.push(Member {
        id: Some(4),
        name: "learner-4".to_owned(),
        endpoint: None,
        learner: true,
        state: MemberState::NotStarted("https://10.0.0.14:2380".to_owned()),
    });
    deck.health.credential_ends = Some("2026-03-01T18:00:00Z".parse().unwrap());
    deck.press(&["s"]);
    deck
}

/// etcd tells this user nothing of its members.
pub(super) fn health_denied(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    for member in &mut deck.health.members {
        member.state = MemberState::Up(None);
    }
    (deck.health.has_leader, deck.health.alarms) = (Some(true), None);
    deck.press(&["s"]);
    deck
}

pub(super) fn delete_no_reserve(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = without(&[3]);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer();
    deck
}

pub(super) fn review_out_of_space(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = with_alarm(AlarmKind::NoSpace);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]).answer();
    deck.press(&["y"]);
    deck
}

pub(super) fn delete_no_quorum(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = without(&[2, 3]);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer().type_text("/coredns/io/gcr/x2").press(&["Enter"]);
    deck
}
