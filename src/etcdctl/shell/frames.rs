//! Frames that are open at a place of a text: a loop, a condition, a group, a function.
use super::Stdin;

/// Frame that is open.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
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
pub(super) enum FrameKind {
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
    Opens(FrameKind),
    /// It opens a frame, and is the first word of a command as well: `for NAME in ...`.
    Heads(FrameKind),
    Closes(FrameKind),
    /// It stands between two commands.
    Between,
    /// A function's name follows.
    Function,
}

pub(super) fn reserved(word: &[u8]) -> Option<Reserved> {
    Some(match word {
        b"{" => Reserved::Opens(FrameKind::Brace),
        b"}" => Reserved::Closes(FrameKind::Brace),
        b"if" => Reserved::Opens(FrameKind::If),
        b"fi" => Reserved::Closes(FrameKind::If),
        b"while" | b"until" => Reserved::Opens(FrameKind::Loop),
        b"for" | b"select" => Reserved::Heads(FrameKind::Loop),
        b"done" => Reserved::Closes(FrameKind::Loop),
        b"case" => Reserved::Heads(FrameKind::Case),
        b"esac" => Reserved::Closes(FrameKind::Case),
        b"!" | b"then" | b"elif" | b"else" | b"do" => Reserved::Between,
        b"function" => Reserved::Function,
        _ => return None,
    })
}
