//! Commands of a text, with the standard input of each, and the bytes of the text that it is made of.
use super::{ShellWord, UnclosedError, lexer::Lexer, parser::ShellParser};
use std::ops::Range;

/// Commands of a text, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The text itself. All places are places in it.
    pub text: Vec<u8>,
    pub commands: Vec<SimpleCommand>,
    pub functions: Vec<Function>,
    /// Operators, reserved words and comments, which run nothing.
    pub trivia: Vec<Range<usize>>,
    /// The sign that bash would wait for. The commands are then those of the lines before.
    pub unclosed: Option<UnclosedError>,
    /// True if the last line ends with a backslash: a terminal waits for another line, and a file is over.
    pub goes_on: bool,
}

/// Simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimpleCommand {
    pub words: Vec<ShellWord>,
    pub stdin: Stdin,
    pub redirects: Vec<Redirect>,
    /// The place in the text behind the command's line and the here-documents of that.
    pub below: usize,
    /// The bytes that it is made of, its here-documents included.
    pub at: Vec<Range<usize>>,
    /// True if it may be run never, often, or in another process: the variables that it sets are not known to last.
    pub is_conditional: bool,
    /// The number of the first of the commands whose output it reads.
    pub upstream: Option<usize>,
}

/// Redirection of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>>`
    pub sign: &'static str,
    /// The file, or the text of a here-document.
    pub target: ShellWord,
}

/// Function that a text defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: Vec<u8>,
    /// The numbers of its commands.
    pub body: Range<usize>,
}

/// Input of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stdin {
    /// The input of the shell itself.
    #[default]
    Inherited,
    Text(Vec<u8>),
    /// A text as it was written, with a part that only the shell knows.
    Expanded(Vec<u8>),
    /// A file or a pipe.
    Unknown,
}

/// Reads a text as bash does, command by command.
#[must_use]
pub fn script(text: &[u8]) -> Script {
    at_depth(text, 0)
}

pub(super) fn at_depth(text: &[u8], depth: usize) -> Script {
    let mut parser = ShellParser::new(Lexer::new(text, depth), false);
    let mut whole = 0;
    let unclosed = loop {
        match parser.statement_line() {
            Ok(more) => {
                whole = parser.script.commands.len();
                if !more {
                    break None;
                }
            }
            Err(missing) => break Some(missing),
        }
    };
    parser.script.commands.truncate(whole);
    parser.script.unclosed = unclosed;
    parser.finish(text)
}

/// Reads a script to the bracket that closes it, and returns the number of its bytes with that bracket.
pub(super) fn nested(text: &[u8], depth: usize, is_hopeless: bool) -> Result<(Script, usize), UnclosedError> {
    let mut parser = ShellParser::new(Lexer::within(text, depth, is_hopeless), true);
    while !parser.is_closed {
        if !parser.statement_line()? && !parser.is_closed {
            return Err(UnclosedError::Bracket);
        }
    }
    let length = parser.lexer.at;
    Ok((parser.finish(text.get(..length.saturating_sub(1)).unwrap_or_default()), length))
}
