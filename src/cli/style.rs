use crate::config::{ColorChoice, Settings};
use std::{fmt, io::IsTerminal};

/// Whether a stream gets colours. They never say anything that the text does not say.
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

    /// Where no settings could be read.
    pub(super) fn plain() -> Self {
        Self { colour: false }
    }

    pub(super) fn bold(self, text: impl fmt::Display) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(self, text: impl fmt::Display) -> String {
        self.paint("2", text)
    }

    /// What comes.
    pub(super) fn added(self, text: impl fmt::Display) -> String {
        self.paint("32", text)
    }

    /// What goes.
    pub(super) fn removed(self, text: impl fmt::Display) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: impl fmt::Display) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
