//! Line in which a command is typed.
use super::deck::{Deck, live};

pub(super) fn palette(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("re");
    deck
}

pub(super) fn palette_rm(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("rm -r shop.net");
    deck
}

pub(super) fn palette_wrong(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("rm /registry/pods/default/web");
    deck
}
