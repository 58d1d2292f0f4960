use super::{Exit, style::Style, trouble::Trouble};
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

/// What a sentence is broken to: the width that a console is sure to have.
const COLUMNS: usize = 80;

/// Where a command speaks: results to stdout, everything else to stderr.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) form: Output,
    pub(super) style: Style,
    /// For what is said on stderr.
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

/// Columns and rows of the terminal that stdout is; `None` where it is none, or does not say.
pub(super) fn terminal_size() -> Option<(usize, usize)> {
    let (columns, rows) = io::stdout().is_terminal().then(|| Terminal::size().ok())??;
    (columns > 0 && rows > 0).then_some((usize::from(columns), usize::from(rows)))
}

/// Writes lines to stdout. A reader that has gone away ends the command without a word: it has what it wanted.
///
/// # Errors
/// stdout cannot be written, for another reason.
pub(super) fn print_lines(lines: impl IntoIterator<Item = impl fmt::Display>) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = lines.into_iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Trouble::new(
            Exit::Failed,
            format!("stdout cannot be written: {error}"),
            "Free space, then try again.",
        )),
        _ => Ok(()),
    }
}

/// Says something to the person. There is nobody to tell when stderr is gone.
pub(super) fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The same in words that stay whole on a terminal: its edge would break an endpoint or a command in two.
pub(super) fn say_whole(text: &str) {
    if !io::stderr().is_terminal() {
        return say(text);
    }
    for line in text.lines().flat_map(|line| wrapped("", line)) {
        say(line);
    }
}

/// A text of others for JSON that a person may look at.
pub(super) fn safe(text: &str) -> String {
    ForeignText::from(text).to_string()
}

/// Says something that others have written a part of.
pub(super) fn say_safely(text: impl fmt::Display) {
    say(ForeignText::from(text.to_string().as_str()));
}

/// A text that others may have written a part of, in lines of at most 80 columns, broken at blanks. The lines after
/// the first start as many columns in as `first` is wide.
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
