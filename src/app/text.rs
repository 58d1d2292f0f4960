//! Typing and pasting into one-line fields.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Puts a key press into a field. False when it is none that edits text.
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

/// Puts pasted text into a field, up to its first line's end. False when something was cut off.
pub(super) fn paste_into(input: &mut Input, text: &str) -> bool {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    for c in line.chars().filter(|c| !c.is_control()) {
        input.handle(InputRequest::InsertChar(c));
    }
    line.len() == text.len()
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
}
