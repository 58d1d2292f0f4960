use super::{Exit, command_error::CommandError, style::Style};
use crate::{
    config::{Output, Settings},
    foreign_text::ForeignText,
    terminal::Terminal,
};
use std::{
    fmt,
    io::{self, BufWriter, IsTerminal as _, Write as _},
};
use unicode_width::UnicodeWidthStr as _;

/// The width at which sentences are broken: every console has it.
const COLUMNS: usize = 80;

/// Output of a command: results to stdout, everything else to stderr.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) form: Output,
    pub(super) style: Style,
    /// The style of messages on stderr.
    pub(super) style_of_messages: Style,
    pub(super) ascii: bool,
}

impl Screen {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            form: settings.output,
            style: Style::of(settings, &io::stdout()),
            style_of_messages: Style::of(settings, &io::stderr()),
            ascii: settings.ascii,
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.form == Output::Json
    }
}

/// Returns columns and rows of stdout's terminal; `None` if it is none, or does not report its size.
pub(super) fn terminal_size() -> Option<(usize, usize)> {
    let (columns, rows) = io::stdout().is_terminal().then(|| Terminal::size().ok())??;
    (columns > 0 && rows > 0).then_some((usize::from(columns), usize::from(rows)))
}

/// Writes lines to stdout. If the reader has gone away, the command ends without a message: the reader has all that it
/// wanted.
///
/// # Errors
/// stdout cannot be written, for another reason.
pub(super) fn print_lines(lines: impl IntoIterator<Item = impl fmt::Display>) -> Result<(), CommandError> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = lines.into_iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::new(
            Exit::Failed,
            format!("stdout cannot be written: {error}"),
            "Free space, then try again.",
        )),
        _ => Ok(()),
    }
}

/// Writes a message to a person. If stderr is gone, nobody can be told.
pub(super) fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a message with its words whole on a terminal: else the edge would break an endpoint or a command in two.
pub(super) fn say_whole(text: &str) {
    if !io::stderr().is_terminal() {
        return say(text);
    }
    for line in text.lines().flat_map(|line| wrapped("", line)) {
        say(line);
    }
}

/// Returns a text of others for JSON that a person may look at.
pub(super) fn safe(text: &str) -> String {
    ForeignText::from(text).to_string()
}

/// Writes a message that has text of others in it.
pub(super) fn say_safely(text: impl fmt::Display) {
    say(ForeignText::from(text.to_string().as_str()));
}

/// Returns a text that may have text of others in it, in lines of at most 80 columns, broken at blanks. The lines after
/// the first are indented by the width of `first`.
pub(super) fn wrapped(first: &str, text: &str) -> Vec<String> {
    let text = ForeignText::from(text).to_string();
    let indent = " ".repeat(first.width());
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && line.width() + 1 + word.width() > COLUMNS {
            lines.push(std::mem::replace(&mut line, indent.clone()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_broken_at_blanks_and_nothing_of_it_is_lost() {
        let text = "word ".repeat(40);
        let lines = wrapped("  ? ", &text);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= COLUMNS), "{lines:?}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with("    word")), "{lines:?}");
        let words = lines.join(" ").split_whitespace().filter(|word| *word == "word").count();
        assert_eq!(words, 40);
        assert_eq!(wrapped("", &"x".repeat(100)), ["x".repeat(100)]);
        assert_eq!(wrapped("  ", "\u{1b}[2J"), ["  \\u{1b}[2J"]);
    }
}
