//! Line of keys: those that do something here and now, each with its effect. The screen shows no other.
use super::{
    Model,
    keymap::{self, Binding, Command, KeyContext, May},
    overlay::Overlay,
};

/// A key of the line.
#[derive(Clone, Copy, Debug)]
pub struct KeyOffer {
    pub binding: &'static Binding,
    /// Its effect, in a few words.
    pub words: &'static str,
}

impl KeyOffer {
    /// Returns the keys of a place, by the words of the table.
    pub fn of_place(place: KeyContext, may: May) -> impl Iterator<Item = Self> {
        keymap::active(place, may)
            .filter(|binding| !binding.hint.is_empty())
            .map(|binding| Self { binding, words: binding.hint })
    }

    /// Tells whether the key leads out of here, or to help: it stays where there is little room.
    #[must_use]
    pub fn stays(&self) -> bool {
        matches!(self.binding.command, Command::Help | Command::Quit | Command::Back)
    }
}

impl Model {
    /// Returns the keys of the line, in the order of the table.
    pub fn key_line(&self) -> impl Iterator<Item = KeyOffer> {
        let top = self.overlays.last();
        KeyOffer::of_place(self.place(), self.may())
            .filter(move |offer| match top {
                Some(Overlay::Alarm(_)) => {
                    self.alarm.page().is_some_and(|page| page.has_use_for(offer.binding.command))
                }
                Some(overlay) => overlay.state().has_use_for(offer.binding.command),
                None => true,
            })
            .map(move |offer| {
                let words = top.and_then(|overlay| overlay.state().words(offer.binding.command));
                KeyOffer { words: words.unwrap_or(offer.words), ..offer }
            })
    }
}
