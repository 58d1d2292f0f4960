//! From words to commands, with what each reads on its standard input.
use super::{
    Word,
    lexer::{Lexer, Token, Unclosed},
};

/// The commands of a text, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub commands: Vec<Command>,
    /// What bash would wait for. The commands are then those of the lines before.
    pub unclosed: Option<&'static str>,
    /// The last line ends with a backslash: a terminal waits for what goes on, and a file is over.
    pub goes_on: bool,
}

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    pub words: Vec<Word>,
    pub stdin: Stdin,
    /// Where the text goes on behind its line and the here-documents of that.
    pub below: usize,
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

/// Words that stand before a command and are none.
const RESERVED: &[&str] =
    &["!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "do", "done"];

/// A here-document that has been announced.
#[derive(Debug)]
struct Announced {
    end: Vec<u8>,
    /// Its end was quoted: nothing in it is expanded.
    literal: bool,
    without_tabs: bool,
    /// Whose it is: the number of the command.
    command: usize,
}

/// Reads a text as bash does, command by command.
#[must_use]
pub fn script(text: &[u8]) -> Script {
    let mut script = Script::default();
    let mut lexer = Lexer::new(text);
    let mut whole = 0;
    let unclosed = loop {
        match statement_line(&mut lexer, &mut script.commands) {
            Ok(more) => {
                whole = script.commands.len();
                if !more {
                    break None;
                }
            }
            Err(Unclosed(what)) => break Some(what),
        }
    };
    script.commands.truncate(whole);
    script.unclosed = unclosed;
    script.goes_on = lexer.goes_on;
    script.commands.retain(|command| !command.words.is_empty());
    script
}

/// Reads to the end of a line and the here-documents behind it; says whether there is more.
fn statement_line(lexer: &mut Lexer<'_>, commands: &mut Vec<Command>) -> Result<bool, Unclosed> {
    let first = commands.len();
    let mut command = Command::default();
    let mut announced = Vec::new();
    loop {
        let token = lexer.next()?;
        match token {
            Some(Token::Word(word)) => {
                let reserved = command.words.is_empty()
                    && !word.quoted
                    && RESERVED.iter().any(|reserved| word.is(reserved));
                if !reserved {
                    command.words.push(word);
                }
            }
            Some(Token::Redirect(sign)) => {
                let Some(Token::Word(target)) = lexer.next()? else {
                    return Err(Unclosed("the name of a file"));
                };
                redirect(&mut command, sign, target, &mut announced, commands.len());
            }
            Some(Token::Operator(sign)) => {
                let piped = matches!(sign, "|" | "|&");
                commands.push(std::mem::take(&mut command));
                if piped {
                    command.stdin = Stdin::Unknown;
                }
            }
            Some(Token::Newline) | None => {
                commands.push(command);
                for document in announced {
                    here(lexer, &document, commands)?;
                }
                for command in commands.iter_mut().skip(first) {
                    command.below = lexer.at;
                }
                return Ok(token.is_some());
            }
        }
    }
}

fn redirect(command: &mut Command, sign: &str, target: Word, announced: &mut Vec<Announced>, number: usize) {
    match sign {
        "<<" | "<<-" => announced.push(Announced {
            end: target.bytes,
            literal: target.quoted,
            without_tabs: sign == "<<-",
            command: number,
        }),
        "<<<" if target.unknown.is_none() => {
            let mut text = target.bytes;
            text.push(b'\n');
            command.stdin = Stdin::Text(text);
        }
        "<" if target.is("/dev/null") => command.stdin = Stdin::Text(Vec::new()),
        "<" | "<&" | "<>" | "<<<" => command.stdin = Stdin::Unknown,
        _ => {}
    }
}

fn here(lexer: &mut Lexer<'_>, document: &Announced, commands: &mut [Command]) -> Result<(), Unclosed> {
    let mut text = Vec::new();
    loop {
        let line = lexer.line().ok_or(Unclosed("the end of the here-document"))?;
        let tabs = line.iter().take_while(|byte| document.without_tabs && **byte == b'\t').count();
        let line = line.get(tabs..).unwrap_or_default();
        if line == document.end {
            break;
        }
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let Some(command) = commands.get_mut(document.command) else { return Ok(()) };
    let expands = !document.literal && text.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\'));
    command.stdin = if expands { Stdin::Expanded(text) } else { Stdin::Text(text) };
    Ok(())
}
