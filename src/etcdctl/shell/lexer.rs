//! Lexer from bytes to words and operators, by the rules of bash's manual, section "Shell Operation". A script that
//! stands in a word is read at its place, and becomes a part of that word.
use super::{ExpansionKind, ShellWord, UnclosedError, WordPart, ansi_c::ansi_c, word::is_name};
use std::ops::Range;

/// Next token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ShellToken {
    Word(ShellWord),
    /// A sign that ends a command: `;`, `&&`, `|`, a parenthesis.
    Operator(&'static str),
    Newline,
    /// `<`, `>>`, `<<<` and the like, with the descriptor if one was written.
    Redirect(&'static str),
}

#[derive(Debug)]
pub(super) struct Lexer<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    /// Number of expansions in one another at this place.
    pub(super) depth: usize,
    /// True if the text ends with a backslash that joins the next line to it.
    pub(super) goes_on: bool,
    pub(super) comments: Vec<Range<usize>>,
    /// True if the text has ended inside a bracket: no other one needs to be tried as arithmetic first.
    pub(super) is_hopeless: bool,
}

/// More than any person writes: each level takes a part of the stack.
const DEEPEST: usize = 32;
const TOO_DEEP: UnclosedError = UnclosedError::Bracket;

/// The longest sign comes first.
const REDIRECTS: &[&str] = &["&>>", "<<<", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">"];
const OPERATORS: &[&str] = &[";;&", "&&", "||", ";;", ";&", "|&", ";", "&", "|", "(", ")"];

impl<'t> Lexer<'t> {
    pub(super) fn within(text: &'t [u8], depth: usize, is_hopeless: bool) -> Self {
        Self { is_hopeless, ..Self::new(text, depth) }
    }

    pub(super) fn new(text: &'t [u8], depth: usize) -> Self {
        Self { text, at: 0, depth, goes_on: false, comments: Vec::new(), is_hopeless: false }
    }

    pub(super) fn text(&self) -> &'t [u8] {
        self.text
    }

    /// Reads a here-document as the shell does that gives it to a command.
    pub(super) fn document(&self, text: &[u8]) -> Result<ShellWord, UnclosedError> {
        let mut word = ShellWord { quoted: true, ..ShellWord::default() };
        Lexer::new(text, self.depth + 1).double_quoted(&mut word, None)?;
        Ok(word)
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    pub(super) fn takes(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what.as_bytes());
        if found {
            self.at += what.len();
        }
        found
    }

    fn joined(&mut self) {
        self.goes_on |= self.rest().is_empty();
    }

    /// Returns the next whole line, without its newline; `None` at the end of the text.
    pub(super) fn line(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.at += length.map_or(rest.len(), |length| length + 1);
        rest.get(..length.unwrap_or(rest.len()))
    }

    /// Skips blanks and comments, and with `newlines` also line ends.
    pub(super) fn skip_blanks(&mut self, newlines: bool) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\n') if newlines => self.at += 1,
                Some(b'\\') if self.takes("\\\n") => self.joined(),
                Some(b'#') => {
                    let comment = self.rest().iter().position(|byte| *byte == b'\n');
                    let end = self.at + comment.unwrap_or(self.rest().len());
                    self.comments.push(self.at..end);
                    self.at = end;
                }
                _ => return,
            }
        }
    }

    /// Takes the brackets behind a function's name.
    pub(super) fn takes_brackets(&mut self) -> bool {
        let before = self.at;
        let blanks = |lexer: &mut Self| {
            while matches!(lexer.peek(), Some(b' ' | b'\t')) {
                lexer.at += 1;
            }
        };
        blanks(self);
        if self.takes("(") {
            blanks(self);
            if self.takes(")") {
                return true;
            }
        }
        self.at = before;
        false
    }

    pub(super) fn next(&mut self) -> Result<Option<ShellToken>, UnclosedError> {
        self.skip_blanks(false);
        match self.peek() {
            None => return Ok(None),
            Some(b'\n') => {
                self.at += 1;
                return Ok(Some(ShellToken::Newline));
            }
            Some(_) => {}
        }
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if matches!(self.rest().get(digits), Some(b'<' | b'>')) {
            self.at += digits;
        }
        // `<(...)` is a file's name, and so a word.
        if !self.rest().starts_with(b"<(") && !self.rest().starts_with(b">(") {
            if let Some(redirect) = REDIRECTS.iter().find(|redirect| self.takes(redirect)) {
                return Ok(Some(ShellToken::Redirect(redirect)));
            }
            if let Some(operator) = OPERATORS.iter().find(|operator| self.takes(operator)) {
                return Ok(Some(ShellToken::Operator(operator)));
            }
        }
        self.word().map(|word| Some(ShellToken::Word(word)))
    }

    fn word(&mut self) -> Result<ShellWord, UnclosedError> {
        let mut word = ShellWord::default();
        let first = self.at;
        let mut braces = None;
        while let Some(byte) = self.peek() {
            if word.assigns.is_none() && !word.quoted && word.unknown.is_none() && self.assigns(&mut word)? {
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' | b'(' if self.at > first => break,
                b'<' | b'>' => {
                    self.at += 2;
                    self.output(&mut word, first, false)?;
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'\n') => {
                            self.at += 1;
                            self.joined();
                        }
                        Some(escaped) => {
                            word.quoted = true;
                            word.push(escaped, true);
                            self.at += 1;
                        }
                        None => word.push(b'\\', false),
                    }
                }
                b'\'' => self.single_quoted(&mut word)?,
                b'"' => {
                    self.at += 1;
                    word.quoted = true;
                    self.double_quoted(&mut word, Some(b'"'))?;
                }
                b'$' if self.takes("$'") => {
                    let (bytes, length) = ansi_c(self.rest()).ok_or(UnclosedError::Quote)?;
                    word.extend(&bytes, true);
                    word.quoted = true;
                    self.at += length;
                }
                b'$' if self.takes("$\"") => {
                    word.quoted = true;
                    self.double_quoted(&mut word, Some(b'"'))?;
                }
                b'$' | b'`' => self.dollar(&mut word, false)?,
                byte => {
                    // An assignment is no pattern: bash looks for no files there.
                    let found = match byte {
                        b'*' | b'?' if word.assigns.is_none() => Some(ExpansionKind::Files),
                        b'[' if word.assigns.is_none() && self.closes(b']') => Some(ExpansionKind::Files),
                        b'~' if self.at == first => Some(ExpansionKind::Home),
                        _ => None,
                    };
                    word.unknown = word.unknown.or(found);
                    match byte {
                        b'{' => braces = Some(word.bytes.len()),
                        b'}' if word.assigns.is_none() => {
                            let inside = braces.take().and_then(|from| word.bytes.get(from..));
                            let several = inside.is_some_and(|inside| {
                                inside.contains(&b',') || inside.windows(2).any(|two| two == b"..")
                            });
                            if several {
                                word.unknown = word.unknown.or(Some(ExpansionKind::Braces));
                            }
                        }
                        _ => {}
                    }
                    word.push(byte, false);
                    self.at += 1;
                }
            }
        }
        Ok(word)
    }

    /// Takes `=`, `+=`, `[...]=` or `=(...)` behind a name.
    fn assigns(&mut self, word: &mut ShellWord) -> Result<bool, UnclosedError> {
        if !is_name(&word.bytes) {
            return Ok(false);
        }
        let name = word.bytes.len();
        let rest = self.rest();
        let index = if rest.first() == Some(&b'[') {
            let end = rest.iter().position(|byte| b"] \t\n".contains(byte));
            end.filter(|end| rest.get(*end) == Some(&b']')).map_or(0, |end| end + 1)
        } else {
            0
        };
        let behind = rest.get(index..).unwrap_or_default();
        let sign = match behind {
            [b'+', b'=', ..] => 2,
            [b'=', ..] => 1,
            _ => return Ok(false),
        };
        let written = rest.get(..index + sign).unwrap_or_default();
        if index > 0 {
            // Expansions in the brackets are a part of the word as well.
            let mut place = ShellWord::default();
            let inside = written.get(1..index - 1).unwrap_or_default();
            Self::new(inside, self.depth + 1).double_quoted(&mut place, None)?;
            word.parts.extend(place.parts.into_iter().filter(|part| !matches!(part, WordPart::Text { .. })));
        }
        for byte in written {
            word.bytes.push(*byte);
        }
        word.parts.push(WordPart::Text { bytes: written.into(), quoted: false });
        word.assigns = Some(name);
        word.is_piece = index > 0 || sign == 2;
        self.at += index + sign;
        if self.peek() == Some(b'(') {
            let opened = self.at;
            self.at += 1;
            self.deeper()?;
            loop {
                self.skip_blanks(true);
                match self.next()? {
                    Some(ShellToken::Word(element)) => word.elements.push(element),
                    Some(ShellToken::Operator(")")) => break,
                    _ => return Err(UnclosedError::Bracket),
                }
            }
            self.depth -= 1;
            word.bytes.extend_from_slice(self.text.get(opened..self.at).unwrap_or_default());
            word.unknown = Some(ExpansionKind::Variable);
            word.is_piece = true;
        }
        Ok(true)
    }

    pub(super) fn deeper(&mut self) -> Result<(), UnclosedError> {
        if self.depth >= DEEPEST {
            return Err(TOO_DEEP);
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn single_quoted(&mut self, word: &mut ShellWord) -> Result<(), UnclosedError> {
        self.at += 1;
        let inside = self.rest();
        let length = inside.iter().position(|byte| *byte == b'\'');
        let length = length.ok_or(UnclosedError::Quote)?;
        word.extend(inside.get(..length).unwrap_or_default(), true);
        word.quoted = true;
        self.at += length + 1;
        Ok(())
    }

    /// Tells whether this byte comes before the word ends.
    fn closes(&self, close: u8) -> bool {
        let word = self.rest().iter().take_while(|byte| !b" \t\n;&|<>()".contains(byte));
        word.skip(2).any(|byte| *byte == close)
    }

    /// Reads to the closing quote; a here-document has none, and ends with its text.
    pub(super) fn double_quoted(
        &mut self,
        word: &mut ShellWord,
        close: Option<u8>,
    ) -> Result<(), UnclosedError> {
        loop {
            let Some(byte) = self.peek() else {
                return if close.is_none() { Ok(()) } else { Err(UnclosedError::DoubleQuote) };
            };
            match byte {
                byte if Some(byte) == close => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => match self.rest().get(1) {
                    Some(b'\n') => self.at += 2,
                    Some(escaped @ (b'$' | b'`' | b'"' | b'\\')) if close.is_some() || *escaped != b'"' => {
                        word.push(*escaped, true);
                        self.at += 2;
                    }
                    _ => {
                        word.push(b'\\', true);
                        self.at += 1;
                    }
                },
                b'$' | b'`' => self.dollar(word, true)?,
                byte => {
                    word.push(byte, true);
                    self.at += 1;
                }
            }
        }
    }
}
