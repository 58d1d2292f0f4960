//! Alarm about a mass deletion by somebody else.
use super::deck::{Deck, live, noon, records, scope, unreachable};
use crate::{
    app::{
        DeckError, FeedMsg, Msg, SavedFrom, Saving, WholeRescue,
        overlay::{Away, TakeBackPlan},
    },
    keys::{LeaseId, Revision},
    store::Event,
};
use std::collections::BTreeMap;

/// Somebody has deleted everything below two names.
pub(super) fn alarm_banner(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let gone = records().into_iter().filter(|record| {
        let key = record.key.spelled();
        key.starts_with("/coredns/net/") || key.starts_with("/coredns/io/")
    });
    let events = gone.map(|record| Event::Delete { key: record.key, revision: Revision(8842) }).collect();
    deck.send(Msg::Feed(FeedMsg::Changes { revision: Revision(8842), events, at: noon() }));
    let (request, revision, lost) = deck.rescued.take().unwrap();
    let file = "/var/lib/coredeck/rescued/coredns-3f2a9c1e77d04b15-20260301T120311Z.jsonl.gz".to_owned();
    let keys = (lost.left.len() + lost.gone.len()) as u64;
    deck.send(Msg::Rescued(request, Saving::Saved { file, keys, from: SavedFrom::Etcd(revision) }));
    deck
}

pub(super) fn alarm(size: (u16, u16)) -> Deck {
    let mut deck = alarm_banner(size);
    deck.press(&["!"]);
    deck
}

fn later(seconds: i64) -> jiff::Timestamp {
    noon() + jiff::SignedDuration::from_secs(seconds)
}

/// Kubernetes has lost its keys as well.
pub(super) fn kubernetes_banner(size: (u16, u16)) -> Deck {
    let mut deck = alarm_banner(size);
    deck.kubernetes_lost((312, 0), true, later(1));
    deck
}

pub(super) fn kubernetes(size: (u16, u16)) -> Deck {
    let mut deck = kubernetes_banner(size);
    deck.press(&["!"]);
    deck
}

/// The scope itself has lost nothing.
pub(super) fn kubernetes_alone(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.kubernetes_lost((312, 100), true, later(10));
    deck.press(&["!"]);
    deck
}

pub(super) fn compacted(size: (u16, u16)) -> Deck {
    let mut deck = kubernetes(size);
    deck.kubernetes_lost((312, 0), false, later(200));
    deck
}

pub(super) fn rescuing(size: (u16, u16)) -> Deck {
    let mut deck = kubernetes(size);
    deck.press(&["R"]);
    let request = deck.rescuing_all.unwrap();
    deck.send(Msg::Rescuing(request, 200, 329));
    deck
}

pub(super) fn rescued(size: (u16, u16)) -> Deck {
    let mut deck = rescuing(size);
    let request = deck.rescuing_all.unwrap();
    let file = "/var/lib/coredeck/rescued/everything-3f2a9c1e77d04b15-20260301T120411Z.jsonl.gz".to_owned();
    let way_back = vec![
        "1. Stop all API servers, so that nobody writes meanwhile.".to_owned(),
        "     sh /var/lib/coredeck/rescued/everything-3f2a9c1e77d04b15-20260301T120411Z.put-back.sh"
            .to_owned(),
    ];
    let whole = WholeRescue::Saved { file, keys: 329, revision: Revision(8841), way_back };
    deck.send(Msg::RescuedAll(request, whole));
    deck
}

pub(super) fn rescue_denied(size: (u16, u16)) -> Deck {
    let mut deck = rescuing(size);
    let request = deck.rescuing_all.unwrap();
    let told = DeckError {
        compacted: None,
        what: "dns may not list all keys of etcd".to_owned(),
        remedy:
            "Who may: etcd's user root, or the admin certificate of etcd. With it, and soon: coredeck rescue \
                 --range / --at 8841 --to FILE."
                .to_owned(),
    };
    deck.send(Msg::RescuedAll(request, WholeRescue::Failed(told)));
    deck
}

pub(super) fn ending(size: (u16, u16)) -> Deck {
    let mut deck = rescued(size);
    deck.press(&["x"]);
    deck
}

pub(super) fn over(size: (u16, u16)) -> Deck {
    let mut deck = ending(size);
    deck.press(&["x", "!"]);
    deck
}

/// It happens while somebody is asked which cluster this is.
pub(super) fn contact(size: (u16, u16)) -> Deck {
    let mut deck = super::clusters::contact_first(size);
    deck.kubernetes_lost((312, 0), true, later(10));
    deck
}

pub(super) fn alarm_not_saved(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: unreachable(), at: noon() }));
    let mut index = crate::index::Index::new(scope());
    index.listed();
    deck.read_again(index, Revision(8_900), noon());
    let (request, ..) = deck.rescued.take().unwrap();
    deck.send(Msg::Rescued(
        request,
        Saving::Failed("/var/lib/coredeck/rescued: no space left on device".into()),
    ));
    deck.press(&["!"]);
    deck
}

/// Some of the missing keys had leases, of which one lives.
pub(super) fn alarm_leases(size: (u16, u16)) -> Deck {
    let mut deck = alarm(size);
    deck.press(&["Enter"]);
    let mut leases: BTreeMap<LeaseId, usize> = BTreeMap::new();
    let gone = deck.model.alarm.gone();
    for lease in gone.range(&gone.scope().range()).filter_map(|record| record.lease) {
        *leases.entry(lease).or_default() += 1;
    }
    // Two of them get another lease, which lives.
    let other = LeaseId::new(0x51).unwrap();
    let living = [other].into();
    for keys in leases.values_mut() {
        *keys -= 2;
    }
    leases.insert(other, 2);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::LookedAt(request, Ok(TakeBackPlan::Away(Away { leases, living }))));
    deck.press(&["l"]).type_text("300");
    deck
}

pub(super) fn alarm_way_back(size: (u16, u16)) -> Deck {
    let mut deck = alarm_leases(size);
    // The choice is no lease: a new one would have another id in every picture.
    deck.press(&["l", "Enter"]).answer();
    deck
}

/// The whole screen, row by row.
fn rows(deck: &Deck) -> Vec<String> {
    let (buf, _) = super::drawn(deck, &super::colours());
    buf.area.rows().map(|row| row.positions().map(|at| buf[at].symbol()).collect()).collect()
}

#[test]
fn an_accident_is_said_on_a_screen_of_any_size() {
    for scene in [alarm_banner, kubernetes_banner, kubernetes_alone, contact, super::browsing::went_back] {
        let mut deck = scene((80, 24));
        deck.press(&["Esc", "Esc"]);
        for (width, height) in (1..=40).flat_map(|width| (1..=12).map(move |height| (width, height))) {
            deck.send(Msg::Resize { width, height });
            let rows = rows(&deck);
            let said = rows.iter().find(|row| row.starts_with('!'));
            assert!(said.is_some(), "{width}x{height}: {rows:#?}");
            let shown = said.unwrap().trim_end();
            assert!(width < 7 || shown.len() > 6, "{width}x{height}: {shown}");
            assert!(width < 16 || shown.contains(char::is_lowercase), "{width}x{height}: {shown}");
        }
    }
}

#[test]
fn where_nothing_happened_a_small_screen_says_nothing_of_it() {
    let mut deck = live((80, 24));
    for (width, height) in [(1, 1), (10, 3), (23, 5), (30, 5)] {
        deck.send(Msg::Resize { width, height });
        assert!(rows(&deck).iter().all(|row| !row.starts_with('!')), "{width}x{height}");
    }
}
