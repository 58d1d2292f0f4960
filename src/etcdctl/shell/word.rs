//! One word of a command, with what it is made of.
use super::Script;

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes. What is unknown is as it was written.
    pub bytes: Vec<u8>,
    /// What only the shell that runs it knows.
    pub unknown: Option<Unknown>,
    /// The length of `NAME` where the word began as an assignment, `NAME=`.
    pub assigns: Option<usize>,
    /// It is one of `NAME+=`, `NAME[...]=` or `NAME=(...)`: a part of a value, or several.
    pub is_piece: bool,
    /// A part of it was quoted, so that it is no reserved word, and stays a word when it is empty.
    pub quoted: bool,
    /// The same in pieces, in their order.
    pub parts: Vec<Part>,
    /// The words between the brackets of `NAME=(...)`.
    pub elements: Vec<Word>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text {
        bytes: Vec<u8>,
        quoted: bool,
    },
    Variable(Variable),
    /// `$(...)`, backquotes, `<(...)`: commands that are run before the word is one.
    Output {
        script: Script,
        quoted: bool,
        /// `>(...)`: it reads what another command writes.
        is_fed: bool,
    },
    /// `$((...))`, with what is to be worked out in it.
    Arithmetic(Vec<Part>),
}

/// A variable in a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Empty where it is none that a text could set, as `$?`, or is only known by another one, as `${!X}`.
    pub name: Vec<u8>,
    /// `$X` or `${X}`, and nothing is made of it.
    pub is_plain: bool,
    pub quoted: bool,
    /// What stands behind its name: `${X:-$(date)}`.
    pub inside: Vec<Part>,
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
        Self {
            bytes: bytes.into(),
            assigns: name_before_equals(bytes),
            parts: vec![Part::Text { bytes: bytes.into(), quoted: true }],
            ..Self::default()
        }
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
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        Some((name, rest.get(equals + 1..)?))
    }

    /// The scripts that are run before it is a word, in their order, and whether each reads what another one writes.
    #[must_use]
    pub fn scripts(&self) -> Vec<(&Script, bool)> {
        let mut found = Vec::new();
        gather(&self.parts, &mut found);
        found.extend(self.elements.iter().flat_map(Self::scripts));
        found
    }

    /// Every variable in it.
    #[must_use]
    pub fn variables(&self) -> Vec<&Variable> {
        fn all<'p>(parts: &'p [Part], found: &mut Vec<&'p Variable>) {
            for part in parts {
                match part {
                    Part::Variable(variable) => {
                        found.push(variable);
                        all(&variable.inside, found);
                    }
                    Part::Arithmetic(inside) => all(inside, found),
                    Part::Text { .. } | Part::Output { .. } => {}
                }
            }
        }
        let mut found = Vec::new();
        all(&self.parts, &mut found);
        found.extend(self.elements.iter().flat_map(Self::variables));
        found
    }

    pub(super) fn push(&mut self, byte: u8, quoted: bool) {
        self.bytes.push(byte);
        match self.parts.last_mut() {
            Some(Part::Text { bytes, quoted: is }) if *is == quoted => bytes.push(byte),
            _ => self.parts.push(Part::Text { bytes: vec![byte], quoted }),
        }
    }

    pub(super) fn extend(&mut self, bytes: &[u8], quoted: bool) {
        for byte in bytes {
            self.push(*byte, quoted);
        }
    }

    /// Takes in what only the shell knows, as it was written.
    pub(super) fn push_unknown(&mut self, part: Part, written: &[u8], unknown: Unknown) {
        self.bytes.extend_from_slice(written);
        self.parts.push(part);
        self.unknown = Some(unknown);
    }
}

fn gather<'p>(parts: &'p [Part], found: &mut Vec<(&'p Script, bool)>) {
    for part in parts {
        match part {
            Part::Text { .. } => {}
            Part::Variable(variable) => gather(&variable.inside, found),
            Part::Output { script, is_fed, .. } => found.push((script, *is_fed)),
            Part::Arithmetic(inside) => gather(inside, found),
        }
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
pub(super) fn name_before_equals(bytes: &[u8]) -> Option<usize> {
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    is_name(bytes.get(..at)?).then_some(at)
}

/// Whether a variable may be called so.
pub(super) fn is_name(name: &[u8]) -> bool {
    let starts = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    starts && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
