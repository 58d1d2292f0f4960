//! Records that are added and edited.
use super::deck::{Deck, live};

pub(super) fn form_add(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["a", "Tab", "Tab", "Tab"]).type_text("172.25.52.300");
    deck
}

/// The name has a record of its own, which would stop to answer.
pub(super) fn form_own(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["a", "Tab", "Tab", "Tab"]);
    deck
}

pub(super) fn form_edit(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["e"]);
    deck
}

pub(super) fn json_editor(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["i"]).type_text("\u{202e}");
    deck.press(&["Ctrl-o"]);
    deck
}

pub(super) fn review_edit(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]).answer();
    deck
}

pub(super) fn review_add(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["a", "Tab", "Tab", "Tab", "Tab"]);
    deck.type_text("10.0.0.80").press(&["Enter"]).answer();
    deck
}

pub(super) fn conflict(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]);
    deck.somebody_was_faster(r#"{"host":"172.25.52.217","ttl":30,"group":"g1"}"#);
    deck
}

pub(super) fn review_ptr(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["a", "Tab", "Tab", "Tab"]).type_text("10.0.0.7").press(&["Enter"]).answer();
    deck.press(&["p"]).answer();
    deck
}
