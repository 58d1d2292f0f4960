//! Deletions, from the question to the end.
use super::{
    browsing, changes,
    deck::{Deck, hostile, live, noon, record as record_of, unreachable},
};
use crate::{
    app::{Applied, FeedMsg, Msg, OutdatedServer, ServedNews},
    keys::Revision,
    plan::Outcome,
    store::Event,
};
use std::net::SocketAddr;

pub(super) fn delete_counting(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]);
    deck
}

pub(super) fn delete_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer().type_text("/coredns/io/gcr/x2");
    deck
}

pub(super) fn delete_subtree(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).answer().type_text("/coredns/oi");
    deck
}

pub(super) fn delete_number(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["D"]).answer().type_text("/coredns/net/shop/web/");
    deck.press(&["Down", "Down", "Tab"]).type_text("23").press(&["Enter"]);
    deck
}

/// Somebody adds a key while the text is typed.
pub(super) fn delete_changed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).answer().type_text("/coredns/io/g");
    let added = record_of(b"/coredns/io/gcr/x4", br#"{"host":"172.25.52.219"}"#, 8842);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8842),
        events: vec![Event::Put(added)],
        at: noon(),
    }));
    deck.answer();
    deck
}

/// More keys than one transaction takes.
pub(super) fn delete_steps(size: (u16, u16)) -> Deck {
    let many = (1..=300).map(|n| {
        record_of(format!("/coredns/net/pool/h{n}/x1").as_bytes(), br#"{"host":"10.2.0.1"}"#, 8_000 + n)
    });
    let mut deck = Deck::showing(size, many.collect(), false);
    deck.go("pool.net").press(&["D"]).answer();
    deck
}

pub(super) fn delete_failed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).fail(&unreachable());
    deck
}

pub(super) fn delete_working(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["D"]).answer().type_text("/coredns/net/shop/web/");
    deck.press(&["Tab"]).type_text("24").press(&["Enter"]);
    let request = deck.applying.unwrap();
    deck.send(Msg::Progress(request, 12));
    deck
}

pub(super) fn odd_delete(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, hostile(), false);
    deck.go("/coredns/bad").press(&["D"]).answer();
    deck
}

pub(super) fn delete_ptr(size: (u16, u16)) -> Deck {
    let mut deck = changes::review_ptr(size);
    let address = record_of(b"/coredns/org/example/gw/x1", br#"{"host":"10.0.0.1"}"#, 8843);
    deck.press(&["Esc", "Esc"]);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8843),
        events: vec![Event::Put(address)],
        at: noon(),
    }));
    deck.go("/coredns/org/example/gw/x1").press(&["d"]).answer().answer();
    deck
}

pub(super) fn delete_comparing(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.slow = true;
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer();
    deck
}

pub(super) fn delete_stale(size: (u16, u16)) -> Deck {
    let mut deck = browsing::stale(size);
    deck.press(&[":"]).type_text("rm /coredns/io/gcr/x2").press(&["Enter"]).answer();
    deck
}

pub(super) fn delete_managed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/sale/048b0377").press(&["d"]).answer();
    deck
}

/// Deleting the value that breaks a zone mends it.
pub(super) fn delete_mended(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["d"]).answer();
    deck
}

/// A record was deleted, and the profile has the servers asked for what that changes.
pub(super) fn served_asking(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.model.session.verify_after = true;
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer().type_text("/coredns/io/gcr/x2").press(&["Enter"]);
    let outcome = Outcome::Done { changed: 1, revision: Revision(8842) };
    let (request, entry) = (deck.applying.unwrap(), Some("20260301T120000.000-0badcafe".to_owned()));
    deck.send(Msg::Applied(request, Applied { outcome, entry, journal_trouble: None }));
    deck
}

pub(super) fn served_behind(size: (u16, u16)) -> Deck {
    let mut deck = served_asking(size);
    let behind = |last: u8, what: &str| OutdatedServer {
        server: SocketAddr::from(([10, 96, 0, last], 53)),
        what: what.to_owned(),
    };
    let all = vec![
        behind(10, "gcr.io A: 172.25.52.217, 172.25.52.218 instead of \u{1b}[31m, cached for 55 s"),
        behind(11, "gcr.io A: 10.96.0.11:53 did not answer within 3000 ms"),
    ];
    deck.send(Msg::Served(deck.verifying.unwrap(), ServedNews::Over(all)));
    deck
}
