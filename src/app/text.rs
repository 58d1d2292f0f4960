//! Typing and pasting into one-line fields.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Puts a key press into a field. Returns false if it does not edit text.
pub(super) fn type_into(input: &mut Input, event: KeyEvent) -> bool {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    if event.modifiers.contains(KeyModifiers::ALT) {
        return false;
    }
    let request = match event.code {
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char(c) if !control => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if control => InputRequest::GoToPrevWord,
        KeyCode::Right if control => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return false,
    };
    input.handle(request);
    true
}

/// Puts pasted text into a field, up to the end of its first line. Returns false if something was cut off.
pub(super) fn paste_into(input: &mut Input, text: &str) -> bool {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    insert(input, line.chars().filter(|c| !c.is_control()));
    line.len() == text.len()
}

/// Puts all lines of a pasted text into a field, which then holds line ends.
pub(super) fn paste_lines_into(input: &mut Input, text: &str) {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    insert(
        input,
        lines.trim_end_matches('\n').chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()),
    );
}

/// Puts a text where the cursor stands.
pub(super) fn insert(input: &mut Input, text: impl Iterator<Item = char>) {
    // All at once: one by one, each letter would move all behind it, and a megabyte would take minutes.
    let mut value: Vec<char> = input.value().chars().collect();
    let at = input.cursor().min(value.len());
    let before = value.len();
    value.splice(at..at, text);
    let cursor = at + value.len() - before;
    *input = Input::new(value.into_iter().collect()).with_cursor(cursor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_ends_at_its_first_line() {
        let mut input = Input::default();
        assert!(!paste_into(&mut input, "/coredns/io\nrm -rf /"));
        assert_eq!(input.value(), "/coredns/io");
    }

    #[test]
    fn a_paste_goes_where_the_cursor_stands_whatever_its_size() {
        let mut input = Input::new("äz".to_owned()).with_cursor(1);
        assert!(paste_into(&mut input, "b\u{1b}ü"));
        assert_eq!((input.value(), input.cursor()), ("äbüz", 3));
        assert!(paste_into(&mut input, &"x".repeat(1_400_000)));
        assert_eq!((input.value().len(), input.cursor()), (6 + 1_400_000, 1_400_003));
    }
}
