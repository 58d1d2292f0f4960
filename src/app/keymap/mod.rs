//! Table of the commands. Dispatch, the footer, the help page, the palette and the reference's list of keys read it.

mod command;
mod place;
mod table;
mod widened;

pub use command::Command;
pub use place::KeyContext;
pub use table::BINDINGS;
pub use widened::why_nothing;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Effect of a command on etcd. A read-only session neither runs nor offers commands that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandAccess {
    Reads,
    Writes,
    /// Plans to put something back, from a picture of an old revision.
    PutsBack,
}

/// Kinds of commands that are possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// The session is read-only.
    Look,
    /// An old revision is shown: it can be looked at, and put back.
    PutBack,
    Change,
}

impl CommandAccess {
    /// Tells whether a command with this access is offered.
    #[must_use]
    pub fn offered(self, may: May) -> bool {
        match self {
            Self::Reads => true,
            Self::Writes => may == May::Change,
            Self::PutsBack => may == May::PutBack,
        }
    }
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyPress(pub KeyModifiers, pub KeyCode);

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    pub command: Command,
    pub places: &'static [KeyContext],
    pub access: CommandAccess,
    pub keys: &'static [KeyPress],
    /// For the footer, one or two words; empty for what every reader knows.
    pub hint: &'static str,
    /// For the help page.
    pub help: &'static str,
}

/// The bindings that work in a place, as far as something may be done now. Dispatch, footer and help share this
/// filter, so they cannot disagree.
pub fn active(place: KeyContext, may: May) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.places.contains(&place) && binding.access.offered(may))
}

/// Returns the command of a key in a place. A full-width key stands for its narrow one, if that only reads.
#[must_use]
pub fn resolve(place: KeyContext, may: May, event: KeyEvent) -> Option<Command> {
    // Terminals report a capital with or without the shift key; the letter is enough.
    let pressed = match event.code {
        KeyCode::Char(_) | KeyCode::BackTab => KeyPress(event.modifiers - KeyModifiers::SHIFT, event.code),
        code => KeyPress(event.modifiers, code),
    };
    let bound = |pressed: &KeyPress| active(place, may).find(|binding| binding.keys.contains(pressed));
    let meant = || {
        let narrowed = widened::narrowed(pressed).filter(|_| !place.takes_text())?;
        bound(&narrowed).filter(|binding| binding.access == CommandAccess::Reads)
    };
    bound(&pressed).or_else(meant).map(|binding| binding.command)
}

impl std::fmt::Display for KeyPress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        match self.1 {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::PageUp => f.write_str("PgUp"),
            // crossterm's own names are the usual ones.
            code => write!(f, "{code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        for (place, may) in
            KeyContext::ALL.into_iter().flat_map(|place| [(place, May::Change), (place, May::PutBack)])
        {
            let mut seen = HashMap::new();
            for binding in active(place, may) {
                for key in binding.keys {
                    let twice = seen.insert(*key, binding.command);
                    assert_eq!(twice, None, "{key} means two things {}", place.title());
                }
            }
        }
    }

    #[test]
    fn a_read_only_session_has_no_key_that_writes() {
        for place in KeyContext::ALL {
            assert!(active(place, May::Look).all(|binding| binding.access == CommandAccess::Reads));
            assert!(active(place, May::PutBack).all(|binding| binding.access != CommandAccess::Writes));
        }
        let d = KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE);
        assert_eq!(resolve(KeyContext::Records, May::Change, d), Some(Command::DeleteRecord));
        assert_eq!(resolve(KeyContext::Records, May::PutBack, d), None);
        assert_eq!(resolve(KeyContext::Records, May::Look, d), None);
    }

    #[test]
    fn keys_that_terminals_and_multiplexers_need_are_never_bound() {
        for binding in BINDINGS {
            for KeyPress(modifiers, code) in binding.keys {
                let taken = ['a', 'b', 's', 'q', 'h', 'i', 'j', 'm', 'k'].map(KeyCode::Char).contains(code);
                assert!(!(modifiers.contains(KeyModifiers::CONTROL) && taken), "{:?}", binding.command);
            }
        }
    }

    #[test]
    fn where_characters_are_text_no_plain_character_is_bound() {
        for place in KeyContext::ALL.into_iter().filter(|place| place.takes_text()) {
            for KeyPress(modifiers, code) in active(place, May::Change).flat_map(|binding| binding.keys) {
                let plain = matches!(code, KeyCode::Char(_)) && modifiers.is_empty();
                assert!(!plain, "{code} {}", place.title());
            }
        }
    }

    #[test]
    fn every_place_but_one_has_a_way_back() {
        for place in KeyContext::ALL.into_iter().filter(|place| *place != KeyContext::Working) {
            let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
            assert_eq!(resolve(place, May::Look, escape), Some(Command::Back), "{}", place.title());
        }
    }
}
