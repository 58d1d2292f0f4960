//! The commands of a text, with what each reads on its standard input, and which bytes of the text it is.
use super::{Unclosed, Word, lexer::Lexer, parser::Parser};
use std::ops::Range;

/// The commands of a text, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The text itself. All places are places in it.
    pub text: Vec<u8>,
    pub commands: Vec<Command>,
    pub functions: Vec<Function>,
    /// Operators, reserved words and comments, which run nothing.
    pub trivia: Vec<Range<usize>>,
    /// What bash would wait for. The commands are then those of the lines before.
    pub unclosed: Option<Unclosed>,
    /// The last line ends with a backslash: a terminal waits for what goes on, and a file is over.
    pub goes_on: bool,
}

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    pub words: Vec<Word>,
    pub stdin: Stdin,
    pub redirects: Vec<Redirect>,
    /// Where the text goes on behind its line and the here-documents of that.
    pub below: usize,
    /// The bytes that it is made of, its here-documents included.
    pub at: Vec<Range<usize>>,
    /// It may be run never, often, or in a process of its own: what it sets is not known to last.
    pub is_conditional: bool,
    /// The number of the first command of those whose output it reads.
    pub upstream: Option<usize>,
}

/// Where a command reads from or writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>>`
    pub sign: &'static str,
    /// The file, or the text of a here-document.
    pub target: Word,
}

/// A function that a text makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: Vec<u8>,
    /// The numbers of its commands.
    pub body: Range<usize>,
}

/// What a command reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stdin {
    /// What the shell itself reads.
    #[default]
    Inherited,
    Text(Vec<u8>),
    /// A text with something in it that only the shell knows, as it was written.
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
    let mut parser = Parser::new(Lexer::new(text, depth), false);
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

/// A script to the bracket that closes it, and how many bytes that are with the bracket.
pub(super) fn nested(text: &[u8], depth: usize, is_hopeless: bool) -> Result<(Script, usize), Unclosed> {
    let mut parser = Parser::new(Lexer::within(text, depth, is_hopeless), true);
    while !parser.is_closed {
        if !parser.statement_line()? && !parser.is_closed {
            return Err(Unclosed::Bracket);
        }
    }
    let length = parser.lexer.at;
    Ok((parser.finish(text.get(..length.saturating_sub(1)).unwrap_or_default()), length))
}
