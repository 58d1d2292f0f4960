use crate::config::{ColorChoice, Settings};
use std::{fmt, io::IsTerminal};

/// Style of a stream, with or without colours. Colours add nothing to the meaning of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    colour: bool,
}

impl Style {
    pub(super) fn of(settings: &Settings, stream: &impl IsTerminal) -> Self {
        let colour = match settings.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => !settings.no_color && stream.is_terminal(),
        };
        Self { colour }
    }

    /// Returns a style without colours, for a run whose settings could not be read.
    pub(super) fn plain() -> Self {
        Self { colour: false }
    }

    pub(super) fn bold(self, text: impl fmt::Display) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(self, text: impl fmt::Display) -> String {
        self.paint("2", text)
    }

    /// Paints a text that is added.
    pub(super) fn added(self, text: impl fmt::Display) -> String {
        self.paint("32", text)
    }

    /// Paints a text that is removed.
    pub(super) fn removed(self, text: impl fmt::Display) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: impl fmt::Display) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
