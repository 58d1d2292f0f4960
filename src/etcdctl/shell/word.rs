//! Word of a command, with its parts.
use super::Script;

/// Word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellWord {
    /// The word without its quotes. An unknown part is there as it was written.
    pub bytes: Vec<u8>,
    /// The kind of a part that only the shell knows.
    pub unknown: Option<ExpansionKind>,
    /// The length of `NAME` where the word began as an assignment, `NAME=`.
    pub assigns: Option<usize>,
    /// True for `NAME+=`, `NAME[...]=` or `NAME=(...)`: a part of a value, or several values.
    pub is_piece: bool,
    /// True if a part of it was quoted: it is then no reserved word, and stays a word when it is empty.
    pub quoted: bool,
    /// The word in parts, in their order.
    pub parts: Vec<WordPart>,
    /// The words between the brackets of `NAME=(...)`.
    pub elements: Vec<ShellWord>,
}

/// Part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordPart {
    Text {
        bytes: Vec<u8>,
        quoted: bool,
    },
    Variable(Variable),
    /// `$(...)`, backquotes, `<(...)`: commands that the shell runs before it has the word.
    Output {
        script: Script,
        quoted: bool,
        /// `>(...)`: the script reads the output of another command.
        is_fed: bool,
    },
    /// `$((...))`, with the expansions in it.
    Arithmetic(Vec<WordPart>),
}

/// Variable in a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Empty if no text could set it, as `$?`, or if another variable holds its name, as `${!X}`.
    pub name: Vec<u8>,
    /// True for `$X` or `${X}`, without an operator.
    pub is_plain: bool,
    pub quoted: bool,
    /// The parts behind its name: `${X:-$(date)}`.
    pub inside: Vec<WordPart>,
}

/// Kind of a part that bash replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpansionKind {
    Variable,
    Output,
    /// Names of files, or the written word if no file matches.
    Files,
    Home,
    Braces,
}

impl ShellWord {
    /// Returns a word that a shell has read already.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.into(),
            assigns: name_before_equals(bytes),
            parts: vec![WordPart::Text { bytes: bytes.into(), quoted: true }],
            ..Self::default()
        }
    }

    /// Tells whether the word is this text.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.unknown.is_none() && self.bytes == text.as_bytes()
    }

    /// Returns the name and the value of an assignment.
    #[must_use]
    pub fn assignment(&self) -> Option<(&[u8], &[u8])> {
        let (name, rest) = self.bytes.split_at_checked(self.assigns?)?;
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        Some((name, rest.get(equals + 1..)?))
    }

    /// Returns the scripts that run before the word is complete, in their order, and whether each reads another one's
    /// output.
    #[must_use]
    pub fn scripts(&self) -> Vec<(&Script, bool)> {
        let mut found = Vec::new();
        gather(&self.parts, &mut found);
        found.extend(self.elements.iter().flat_map(Self::scripts));
        found
    }

    /// Returns each variable in the word.
    #[must_use]
    pub fn variables(&self) -> Vec<&Variable> {
        fn all<'p>(parts: &'p [WordPart], found: &mut Vec<&'p Variable>) {
            for part in parts {
                match part {
                    WordPart::Variable(variable) => {
                        found.push(variable);
                        all(&variable.inside, found);
                    }
                    WordPart::Arithmetic(inside) => all(inside, found),
                    WordPart::Text { .. } | WordPart::Output { .. } => {}
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
            Some(WordPart::Text { bytes, quoted: is }) if *is == quoted => bytes.push(byte),
            _ => self.parts.push(WordPart::Text { bytes: vec![byte], quoted }),
        }
    }

    pub(super) fn extend(&mut self, bytes: &[u8], quoted: bool) {
        for byte in bytes {
            self.push(*byte, quoted);
        }
    }

    /// Adds a part that only the shell knows, as it was written.
    pub(super) fn push_unknown(&mut self, part: WordPart, written: &[u8], unknown: ExpansionKind) {
        self.bytes.extend_from_slice(written);
        self.parts.push(part);
        self.unknown = Some(unknown);
    }
}

fn gather<'p>(parts: &'p [WordPart], found: &mut Vec<(&'p Script, bool)>) {
    for part in parts {
        match part {
            WordPart::Text { .. } => {}
            WordPart::Variable(variable) => gather(&variable.inside, found),
            WordPart::Output { script, is_fed, .. } => found.push((script, *is_fed)),
            WordPart::Arithmetic(inside) => gather(inside, found),
        }
    }
}

impl ExpansionKind {
    /// Returns the name that operators know.
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

/// Returns the length of a shell's name that an equals sign follows.
pub(in crate::etcdctl) fn name_before_equals(bytes: &[u8]) -> Option<usize> {
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    is_name(bytes.get(..at)?).then_some(at)
}

/// Tells whether a variable may have this name.
pub(super) fn is_name(name: &[u8]) -> bool {
    let starts = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    starts && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
