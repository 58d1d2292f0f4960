//! A pasted text as bash reads it. Nothing is expanded, because nothing here knows a variable, a file or a
//! directory: what only a shell could know is marked as unknown.

mod ansi_c;
mod lexer;
mod script;

pub use script::{Command, Script, Stdin, script};

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes. What is unknown is as it was written.
    pub bytes: Vec<u8>,
    /// What only the shell that runs it knows.
    pub unknown: Option<Unknown>,
    /// The length of `NAME` where the word began as an assignment, `NAME=`.
    pub assigns: Option<usize>,
    /// A part of it was quoted, so that it is no reserved word, and stays a word when it is empty.
    pub quoted: bool,
}

/// What bash puts in the place of a part of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    Variable,
    Output,
    /// Names of files, or what is written where there is none.
    Files,
    Home,
    Braces,
}

impl Word {
    /// A word that a shell has read already.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into(), assigns: name_before_equals(bytes), ..Self::default() }
    }

    /// Whether it is this text.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.unknown.is_none() && self.bytes == text.as_bytes()
    }

    /// The name and the value of an assignment.
    #[must_use]
    pub fn assignment(&self) -> Option<(&[u8], &[u8])> {
        let (name, rest) = self.bytes.split_at_checked(self.assigns?)?;
        Some((name, rest.get(1..)?))
    }
}

impl Unknown {
    /// As an operator calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Variable => "a variable",
            Self::Output => "the output of another command",
            Self::Files => "a pattern of file names",
            Self::Home => "a home directory",
            Self::Braces => "braces that become several words",
        }
    }
}

/// The length of a shell's name that an equals sign follows.
fn name_before_equals(bytes: &[u8]) -> Option<usize> {
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    let name = bytes.get(..at)?;
    let starts = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    (starts && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')).then_some(at)
}
