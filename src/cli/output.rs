use super::{Exit, style::Style, trouble::Trouble};
use crate::{
    config::{Output, Settings},
    foreign_text::ForeignText,
};
use std::{
    fmt,
    io::{self, BufWriter, Write as _},
};

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

/// Says something that others have written a part of.
pub(super) fn say_safely(text: impl fmt::Display) {
    say(ForeignText::from(text.to_string().as_str()));
}

/// `1 key`, `2 keys`.
pub(super) fn keys(number: usize) -> String {
    if number == 1 { "1 key".to_owned() } else { format!("{number} keys") }
}
