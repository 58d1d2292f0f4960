//! Changes of many records.
use super::deck::{Deck, live, noon, record as record_of, scope};
use crate::{
    app::{FeedMsg, Msg},
    keys::Revision,
    store::Event,
};

/// Two records, one of their names, and what lies below it.
pub(super) fn marks(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io")
        .press(&[" "])
        .go("/coredns/org/example/mx1")
        .press(&[" ", " "])
        .go("/coredns/io/gcr/x2");
    deck
}

pub(super) fn marks_range(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/net/shop/web/x3").press(&["v", "j", "j"]);
    deck
}

pub(super) fn bulk_ttl(size: (u16, u16)) -> Deck {
    let mut deck = marks(size);
    deck.press(&["b", "Tab", "Tab"]).type_text("soon").press(&["Enter"]);
    deck
}

pub(super) fn bulk_move(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["b", "m", "Tab", "Ctrl-u"]).type_text("registry.example.org");
    deck
}

pub(super) fn confirm_ttl(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["b", "Tab", "Tab"]).type_text("300").press(&["Enter"]).answer();
    deck.type_text("/coredns/net/sh");
    deck
}

/// A name with a value that does not decode, and one that has the TTL already.
pub(super) fn confirm_left_out(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("example.org").press(&["b", "Tab", "Tab"]).type_text("300").press(&["Enter"]).answer();
    deck
}

/// A move with the records that point to it.
pub(super) fn confirm_move(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8850),
        events: vec![Event::Put(record_of(b"/coredns/net/mirror/x1", br#"{"host":"gcr.io"}"#, 8850))],
        at: noon(),
    }));
    deck.go("gcr.io").press(&["b", "m", "Tab", "Ctrl-u"]).type_text("registry.example.org");
    deck.press(&["Enter"]).answer();
    deck
}

/// A restore: creations under new leases, and a key that is put over another value.
pub(super) fn confirm_grants(size: (u16, u16)) -> Deck {
    use crate::{
        keys::LeaseId,
        plan::{Challenge, Intent, KeyEdit, LeaseGrant, PlanPurpose},
    };
    let key = |tail: &str| scope().key(format!("/coredns/{tail}").as_bytes()).unwrap();
    let lease = LeaseId::new(0x77).unwrap();
    let create = |number: u8| KeyEdit::Create {
        key: key(&format!("io/ghcr/x{number}")),
        value: format!(r#"{{"host":"10.4.0.{number}"}}"#).into_bytes().into(),
        lease: (number > 2).then_some(lease),
    };
    let mut wishes: Vec<KeyEdit> = (1..=4).map(create).collect();
    wishes.push(KeyEdit::Update {
        key: key("io/quay"),
        before: br#"{"host":"172.25.52.220","ttl":3600}"#[..].into(),
        value: br#"{"host":"172.25.52.221","ttl":3600}"#[..].into(),
    });
    let intent = Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Restore,
        challenge: Challenge::subtree(&key("io")),
        wishes,
        grants: vec![LeaseGrant { lease, ttl: std::time::Duration::from_secs(300) }],
    };
    let mut deck = live(size);
    deck.review(intent).answer();
    deck
}
