//! Panes, and the search in them.
use super::deck::{Deck, hostile, live, noon, records, scope, unreachable, with_alarm};
use crate::{
    app::{FeedMsg, Msg, RevisionWentBack},
    failure::Failure,
    health::AlarmKind,
    index::Batch,
    keys::Revision,
    power::{Authentication, Credential, Extent, Keys, Power},
};
use std::time::Duration;

pub(super) fn loading(size: (u16, u16)) -> Deck {
    let mut deck = Deck::opened(size, false);
    let mut page = records();
    page.truncate(12);
    let batch = Batch::encode(&scope(), page);
    deck.send(Msg::Feed(FeedMsg::Page { batch, total: Some(1_000_000) }));
    deck
}

pub(super) fn empty(size: (u16, u16)) -> Deck {
    Deck::showing(size, vec![], false)
}

pub(super) fn tree(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io");
    deck.go("example.org");
    deck
}

pub(super) fn browse_records(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x2");
    deck
}

pub(super) fn record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["Tab"]);
    deck
}

pub(super) fn record_json(size: (u16, u16)) -> Deck {
    let mut deck = record(size);
    deck.press(&["o"]);
    deck
}

pub(super) fn leased_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x3").press(&["Tab"]);
    deck
}

pub(super) fn hidden_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("quay.io").press(&["l"]);
    deck
}

pub(super) fn opaque_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken");
    deck
}

pub(super) fn read_only(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, records(), true);
    deck.press(&["j"]);
    deck
}

pub(super) fn frightening(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.beside_kubernetes(Power {
        authentication: Authentication::Off,
        credential: Credential::Certificate(Some("kube-etcd-healthcheck-client".to_owned())),
        reach: Extent::Everything,
        keys: Some(Keys { all: 12_433, in_scope: 2 }),
    });
    deck
}

pub(super) fn stale(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: unreachable(), at: noon() }));
    deck.health = with_alarm(AlarmKind::NoSpace);
    deck.send(Msg::Resumed);
    deck
}

/// The watch has given no sign of life for too long.
pub(super) fn watch_silent(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let failure = Failure::WatchSilent { after: Duration::from_secs(30) };
    deck.send(Msg::Feed(FeedMsg::Lost { failure, at: noon() }));
    deck
}

/// A watch that answers no question: the scope is read in its place.
pub(super) fn watch_unanswered(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let (index, revision) = (deck.model.index.clone(), Revision(8841));
    deck.read_again_after(None, index, revision, noon());
    deck
}

/// etcd has come back with older data.
pub(super) fn went_back(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let (index, revision) = (deck.model.index.clone(), Revision(8120));
    let back = RevisionWentBack { from: Revision(8841), to: Some(revision), at: noon() };
    deck.read_again_after(Some(back), index, revision, noon());
    deck.confirmed(8120, noon());
    deck
}

pub(super) fn went_back_page(size: (u16, u16)) -> Deck {
    let mut deck = went_back(size);
    deck.press(&["!"]);
    deck
}

pub(super) fn trouble(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["D"]);
    deck
}

pub(super) fn finding(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["/"]).type_text("example");
    deck
}

pub(super) fn finding_loading(size: (u16, u16)) -> Deck {
    let mut deck = loading(size);
    deck.press(&["/"]).type_text("10.0.0.10");
    deck
}

pub(super) fn matches(size: (u16, u16)) -> Deck {
    let mut deck = finding(size);
    deck.press(&["Down", "Down"]);
    deck
}

pub(super) fn help(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["?"]);
    deck
}

pub(super) fn notice(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]);
    deck.fail(&unreachable());
    deck
}

pub(super) fn odd_keys(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, hostile(), false);
    deck.go("/coredns/bad").press(&["Tab", "j", "j"]);
    deck
}

pub(super) fn backup_made(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let file = "/var/lib/coredeck/backups/coredns-3f2a9c1e77d04b15-20260301T050311Z.jsonl.gz".to_owned();
    let (made, done) = (noon(), noon());
    deck.send(Msg::BackedUp(Ok(crate::app::BackedUp { file, keys: 42, made, done, lost: None })));
    deck
}

pub(super) fn finding_marked(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["/"]).type_text("web").press(&["Ctrl-t"]);
    deck
}
