//! From bytes to words and operators, by the rules of bash's manual, section "Shell Operation".
use super::{Unknown, Word, ansi_c::ansi_c, name_before_equals};

/// What comes next in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// What ends a command: `;`, `&&`, `|`, a parenthesis.
    Operator(&'static str),
    Newline,
    /// `<`, `>>`, `<<<` and the like, with the descriptor where one was written.
    Redirect(&'static str),
}

/// What bash would wait for at the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed(pub(super) &'static str);

#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    pub(super) at: usize,
    /// How many expansions stand in one another here.
    depth: usize,
    /// The text ends where a backslash has joined the next line to it.
    pub(super) goes_on: bool,
}

/// As many as no person writes: each takes a bit of the stack.
const DEEPEST: usize = 64;

/// The longest first.
const REDIRECTS: &[&str] = &["<<<", "<<-", "&>>", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">"];
const OPERATORS: &[&str] = &["&&", "||", ";;", "|&", ";", "&", "|", "(", ")"];

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, depth: 0, goes_on: false }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn takes(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what.as_bytes());
        if found {
            self.at += what.len();
        }
        found
    }

    fn joined(&mut self) {
        self.goes_on |= self.rest().is_empty();
    }

    /// The next line whole, without its newline; `None` at the end of the text.
    pub(super) fn line(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.at += length.map_or(rest.len(), |length| length + 1);
        rest.get(..length.unwrap_or(rest.len()))
    }

    pub(super) fn next(&mut self) -> Result<Option<Token>, Unclosed> {
        loop {
            match self.peek() {
                None => return Ok(None),
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.takes("\\\n") => self.joined(),
                Some(b'#') => {
                    let comment = self.rest().iter().position(|byte| *byte == b'\n');
                    self.at += comment.unwrap_or(self.rest().len());
                }
                Some(b'\n') => {
                    self.at += 1;
                    return Ok(Some(Token::Newline));
                }
                Some(_) => break,
            }
        }
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if matches!(self.rest().get(digits), Some(b'<' | b'>')) {
            self.at += digits;
        }
        // `<(...)` is a file's name, and so a word.
        if !self.rest().starts_with(b"<(") && !self.rest().starts_with(b">(") {
            if let Some(redirect) = REDIRECTS.iter().find(|redirect| self.takes(redirect)) {
                return Ok(Some(Token::Redirect(redirect)));
            }
            if let Some(operator) = OPERATORS.iter().find(|operator| self.takes(operator)) {
                return Ok(Some(Token::Operator(operator)));
            }
        }
        self.word().map(|word| Some(Token::Word(word)))
    }

    fn word(&mut self) -> Result<Word, Unclosed> {
        let mut word = Word::default();
        let first = self.at;
        let mut braces = None;
        while let Some(byte) = self.peek() {
            if word.assigns.is_none() && !word.quoted && word.unknown.is_none() && byte == b'=' {
                word.bytes.push(b'=');
                word.assigns = name_before_equals(&word.bytes);
                self.at += 1;
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' | b'(' if self.at > first => break,
                b'<' | b'>' => {
                    let opened = self.at;
                    self.at += 2;
                    self.skip_to(b'(', b')')?;
                    self.keep_unknown(&mut word, opened, Unknown::Output);
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
                            word.bytes.push(escaped);
                            self.at += 1;
                        }
                        None => word.bytes.push(b'\\'),
                    }
                }
                b'\'' => {
                    self.at += 1;
                    let inside = self.rest();
                    let length = inside.iter().position(|byte| *byte == b'\'');
                    let length = length.ok_or(Unclosed("the closing '"))?;
                    word.bytes.extend_from_slice(inside.get(..length).unwrap_or_default());
                    word.quoted = true;
                    self.at += length + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut word)?;
                }
                b'$' if self.takes("$'") => {
                    let (bytes, length) = ansi_c(self.rest()).ok_or(Unclosed("the closing '"))?;
                    word.bytes.extend(bytes);
                    word.quoted = true;
                    self.at += length;
                }
                b'$' if self.takes("$\"") => self.double_quoted(&mut word)?,
                b'$' | b'`' => self.dollar(&mut word)?,
                byte => {
                    // An assignment is no pattern: bash looks for no files there.
                    let found = match byte {
                        b'*' | b'?' if word.assigns.is_none() => Some(Unknown::Files),
                        b'[' if word.assigns.is_none() && self.closes(b']') => Some(Unknown::Files),
                        b'~' if self.at == first => Some(Unknown::Home),
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
                                word.unknown = word.unknown.or(Some(Unknown::Braces));
                            }
                        }
                        _ => {}
                    }
                    word.bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(word)
    }

    /// Whether this byte comes before the word ends.
    fn closes(&self, close: u8) -> bool {
        let word = self.rest().iter().take_while(|byte| !b" \t\n;&|<>()".contains(byte));
        word.skip(2).any(|byte| *byte == close)
    }

    fn double_quoted(&mut self, word: &mut Word) -> Result<(), Unclosed> {
        word.quoted = true;
        loop {
            match self.peek().ok_or(Unclosed("the closing \""))? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => match self.rest().get(1) {
                    Some(b'\n') => self.at += 2,
                    Some(escaped @ (b'$' | b'`' | b'"' | b'\\')) => {
                        word.bytes.push(*escaped);
                        self.at += 2;
                    }
                    _ => {
                        word.bytes.push(b'\\');
                        self.at += 1;
                    }
                },
                b'$' | b'`' => self.dollar(word)?,
                byte => {
                    word.bytes.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// What begins with a dollar sign or a backquote: an expansion, or the sign itself.
    fn dollar(&mut self, word: &mut Word) -> Result<(), Unclosed> {
        let opened = self.at;
        if self.takes("`") {
            loop {
                match self.peek().ok_or(Unclosed("the closing `"))? {
                    b'`' => break,
                    b'\\' => self.at += 2,
                    _ => self.at += 1,
                }
            }
            self.at += 1;
            self.keep_unknown(word, opened, Unknown::Output);
            return Ok(());
        }
        self.at += 1;
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                self.skip_to(b'(', b')')?;
                self.keep_unknown(word, opened, Unknown::Output);
            }
            Some(b'{') => {
                self.at += 1;
                self.skip_to(b'{', b'}')?;
                self.keep_unknown(word, opened, Unknown::Variable);
            }
            Some(b'[') => {
                self.at += 1;
                self.skip_to(b'[', b']')?;
                self.keep_unknown(word, opened, Unknown::Variable);
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name =
                    self.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                self.at += name.count();
                self.keep_unknown(word, opened, Unknown::Variable);
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.at += 1;
                self.keep_unknown(word, opened, Unknown::Variable);
            }
            _ => word.bytes.push(b'$'),
        }
        Ok(())
    }

    fn keep_unknown(&self, word: &mut Word, from: usize, unknown: Unknown) {
        word.bytes.extend_from_slice(self.text.get(from..self.at).unwrap_or_default());
        word.unknown = Some(unknown);
    }

    /// Goes behind the bracket that closes the one before.
    fn skip_to(&mut self, open: u8, close: u8) -> Result<(), Unclosed> {
        let missing = Unclosed("a closing bracket");
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(missing);
        }
        let mut depth = 1_u32;
        while depth > 0 {
            let byte = self.peek().ok_or(missing)?;
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\'' => {
                    let length = self.rest().iter().position(|byte| *byte == b'\'').ok_or(missing)?;
                    self.at += length + 1;
                }
                b'"' => self.double_quoted(&mut Word::default())?,
                byte if byte == open => depth += 1,
                byte if byte == close => depth -= 1,
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(())
    }
}
