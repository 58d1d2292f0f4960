//! Frames that are open at a place of a text: a loop, a condition, a group, a function.
use super::Stdin;

/// Frame that is open.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// The number of the first command in it.
    pub(super) first: usize,
    /// The input of its commands, if it was opened behind a pipe.
    pub(super) stdin: Stdin,
    /// The number of the first command in the frame's pipeline.
    pub(super) pipeline: usize,
    pub(super) upstream: Option<usize>,
    /// The function whose body it is.
    pub(super) function: Option<Vec<u8>>,
    /// A pattern of `case` comes next.
    pub(super) before_pattern: bool,
}

/// Word that closes a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `}`
    Brace,
    /// `)`
    Bracket,
    /// `fi`
    If,
    /// `done`
    Loop,
    /// `esac`
    Case,
}

/// Meaning of a reserved word at the beginning of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    Opens(Kind),
    /// It opens a frame, and is the first word of a command as well: `for NAME in ...`.
    Heads(Kind),
    Closes(Kind),
    /// It stands between two commands.
    Between,
    /// A function's name follows.
    Function,
}

pub(super) fn reserved(word: &[u8]) -> Option<Reserved> {
    Some(match word {
        b"{" => Reserved::Opens(Kind::Brace),
        b"}" => Reserved::Closes(Kind::Brace),
        b"if" => Reserved::Opens(Kind::If),
        b"fi" => Reserved::Closes(Kind::If),
        b"while" | b"until" => Reserved::Opens(Kind::Loop),
        b"for" | b"select" => Reserved::Heads(Kind::Loop),
        b"done" => Reserved::Closes(Kind::Loop),
        b"case" => Reserved::Heads(Kind::Case),
        b"esac" => Reserved::Closes(Kind::Case),
        b"!" | b"then" | b"elif" | b"else" | b"do" => Reserved::Between,
        b"function" => Reserved::Function,
        _ => return None,
    })
}
