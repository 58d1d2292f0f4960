//! Keys of an input method that was left on, and of keyboard layouts without the letters of commands.
use super::{CommandAccess, KeyContext, KeyPress, May, active};
use crate::dns::half_width_char;
use crossterm::event::{KeyCode, KeyEvent};

/// Returns the key that a full-width one stands for: `:` for `：`, `q` for `ｑ`.
pub(super) fn narrowed(pressed: KeyPress) -> Option<KeyPress> {
    let KeyPress(modifiers, KeyCode::Char(c)) = pressed else { return None };
    Some(KeyPress(modifiers, KeyCode::Char(half_width_char(c)?)))
}

/// Reason why a character outside ASCII does nothing here; `None` for one in ASCII, and in places for text.
#[must_use]
pub fn why_nothing(place: KeyContext, may: May, event: KeyEvent) -> Option<String> {
    let KeyCode::Char(c) = event.code else { return None };
    if c.is_ascii() || place.takes_text() || place == KeyContext::Working {
        return None;
    }
    let meant = narrowed(KeyPress(event.modifiers, event.code));
    let changes = meant.filter(|meant| {
        active(place, may)
            .any(|binding| binding.access != CommandAccess::Reads && binding.keys.contains(meant))
    });
    Some(match changes {
        Some(meant) => format!("an input method is on: {c} changes nothing; switch it off and press {meant}"),
        None => format!("no key here is {c}: is an input method on, or another keyboard layout?"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::{BINDINGS, Command, resolve};
    use crossterm::event::KeyModifiers;

    fn press(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    fn widened(c: char) -> char {
        if c == ' ' { '\u{3000}' } else { char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap() }
    }

    #[test]
    fn a_full_width_key_does_what_it_means_where_it_only_looks_and_says_so_where_it_changes() {
        for binding in BINDINGS {
            let chars = binding.keys.iter().filter_map(|key| match key {
                KeyPress(KeyModifiers::NONE, KeyCode::Char(c)) => Some(*c),
                _ => None,
            });
            for (c, place) in chars.flat_map(|c| binding.places.iter().map(move |place| (c, *place))) {
                let (may, wide) = (May::Change, press(widened(c)));
                if !binding.access.offered(may) {
                    continue;
                }
                let does = resolve(place, may, wide);
                if binding.access == CommandAccess::Reads {
                    assert_eq!(does, Some(binding.command), "{c} {}", place.title());
                } else {
                    assert_eq!(does, None, "{c} {}", place.title());
                    let why = why_nothing(place, may, wide).unwrap();
                    assert!(why.starts_with("an input method is on"), "{why}");
                }
            }
        }
        assert_eq!(resolve(KeyContext::Tree, May::Look, press('：')), Some(Command::Palette));
        assert_eq!(resolve(KeyContext::Tree, May::Look, press('？')), Some(Command::Help));
    }

    #[test]
    fn where_characters_are_text_a_full_width_one_is_that_character() {
        for place in KeyContext::ALL.into_iter().filter(|place| place.takes_text()) {
            for c in ['ｑ', '：', '？', 'ｙ', '　'] {
                assert_eq!(resolve(place, May::Change, press(c)), None, "{}", place.title());
                assert_eq!(why_nothing(place, May::Change, press(c)), None);
            }
        }
    }

    #[test]
    fn letters_of_another_layout_are_named_and_ascii_is_not() {
        let told = why_nothing(KeyContext::Tree, May::Change, press('й')).unwrap();
        assert!(told.contains('й') && told.contains("another keyboard layout"), "{told}");
        assert_eq!(why_nothing(KeyContext::Tree, May::Change, press('Z')), None);
    }
}
