//! Pastes that come as keys, from a terminal that does not mark them: costly work is done once for each piece, and not
//! at each of its keys.
use super::*;
use crate::etcdctl::LOOKS;

/// Number of characters that are read from a terminal at once.
const PIECE: usize = 1_024;
const KEYS: usize = 9_000;
const PIECES: usize = KEYS.div_ceil(PIECE);

impl Driven {
    /// Sends keys as the runtime does, which reads them in pieces.
    fn burst(&mut self, text: &str) {
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(PIECE) {
            for row in piece.split_inclusive(|c| matches!(c, '\n' | '\t')) {
                let end = row.last().filter(|c| matches!(c, '\n' | '\t'));
                let plain: String = row.iter().filter(|c| !matches!(c, '\n' | '\t')).collect();
                if !plain.is_empty() {
                    self.send(Msg::Typed(plain));
                }
                match end {
                    Some('\n') => self.press_with(KeyModifiers::NONE, KeyCode::Enter, true),
                    Some(_) => self.press_with(KeyModifiers::NONE, KeyCode::Tab, true),
                    None => {}
                }
            }
        }
    }

    fn of(&self, effect: &str) -> usize {
        self.effects.iter().filter(|asked| asked.starts_with(effect)).count()
    }

    fn palette(&self) -> &str {
        match self.model.overlays.last() {
            Some(overlay::Overlay::Palette(palette)) => palette.input.value(),
            other => panic!("no palette is open but {other:?}"),
        }
    }
}

/// Number of looks for an etcdctl line in a text, while something is done.
fn looks(done: impl FnOnce()) -> usize {
    let before = LOOKS.get();
    done();
    LOOKS.get() - before
}

#[test]
fn a_long_paste_in_the_palette_is_looked_at_when_it_ends_and_not_at_each_key() {
    let mut deck = Driven::new(false);
    deck.press(KeyCode::Char(':'));
    let rows = format!("etcdctl get /coredns/io/{}\n", "x".repeat(36)).repeat(KEYS / 61);
    let looked = looks(|| deck.burst(&rows));
    assert_eq!(deck.palette(), rows);
    assert!(looked <= 1, "{looked} looks at {} keys", rows.len());
    // A person who presses keys one by one causes no look before the next drawing.
    assert_eq!(looks(|| deck.type_text("a word")), 0);
}

#[test]
fn a_row_behind_a_paste_is_no_part_of_it() {
    let mut deck = Driven::new(false);
    deck.press(KeyCode::Char(':'));
    deck.burst("etcdctl get /coredns/io/a\n");
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    assert_eq!(deck.palette(), "");
    deck.burst("go gcr.io\n");
    assert!(deck.model.overlays.is_empty(), "its Enter runs it");
    assert_eq!(deck.model.selected_name(), Some(key("/coredns/io/gcr")));
}

#[test]
fn a_long_paste_in_any_field_asks_for_as_much_as_it_has_pieces() {
    let long = "x".repeat(KEYS);
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('/'));
    deck.burst(&long);
    assert_eq!(deck.model.search.as_ref().unwrap().input.value(), long);
    assert_eq!(deck.of("Find("), PIECES);

    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.burst(&long);
    let Some(overlay::Overlay::Form(form)) = deck.model.overlays.last() else { panic!("no form") };
    assert!(form.input(form.focused()).unwrap().value().ends_with(&long));
    assert!(deck.of("LintTyped(") <= PIECES + 1, "{}", deck.of("LintTyped("));

    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('i'));
    deck.burst(&long);
    let Some(overlay::Overlay::Json(editor)) = deck.model.overlays.last() else { panic!("no editor") };
    assert!(editor.text().contains(&long));
    assert!(deck.of("LintTyped(") <= PIECES + 1, "{}", deck.of("LintTyped("));

    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.burst(&long);
    assert_eq!(deck.consent().typed.value(), long);
    // A text that came in one piece proves nobody.
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.burst("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty() && deck.consent().by_hand.asked().is_some());
}

#[test]
fn keys_that_come_in_one_piece_are_commands_until_one_of_them_opens_a_field() {
    let mut one = Driven::at_gcr(false);
    one.burst("jk:go quay.io");
    assert_eq!(one.palette(), "go quay.io");
    // The type of a record is chosen by its letter, and no text.
    let mut form = Driven::at_gcr(false);
    form.press(KeyCode::Char('a'));
    form.burst("tt");
    let Some(overlay::Overlay::Form(open)) = form.model.overlays.last() else { panic!("no form") };
    assert_eq!(open.kind(), crate::dns::RecordType::Txt);
}
