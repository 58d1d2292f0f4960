//! Expansions in a word: variables, arithmetic, and scripts that the shell runs before it has the word.
use super::{
    ExpansionKind, Script, ShellWord, UnclosedError, Variable, WordPart,
    lexer::Lexer,
    script::{at_depth, nested},
};

impl Lexer<'_> {
    /// Reads an expansion that begins with a dollar sign or a backquote, or the sign itself.
    pub(super) fn dollar(&mut self, word: &mut ShellWord, quoted: bool) -> Result<(), UnclosedError> {
        let opened = self.at;
        if self.takes("`") {
            let script = self.backquoted(quoted)?;
            let written = self.text.get(opened..self.at).unwrap_or_default();
            word.push_unknown(
                WordPart::Output { script, quoted, is_fed: false },
                written,
                ExpansionKind::Output,
            );
            return Ok(());
        }
        self.at += 1;
        let name = |text: &[u8]| {
            text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
        };
        let variable = |name: &[u8]| Variable { name: name.into(), is_plain: true, quoted, inside: vec![] };
        let found = match self.peek() {
            Some(b'(') => {
                if self.rest().starts_with(b"((")
                    && let Some(inside) = self.arithmetic(b"((", b"))")
                {
                    (WordPart::Arithmetic(inside), ExpansionKind::Variable)
                } else {
                    self.at += 1;
                    return self.output(word, opened, quoted);
                }
            }
            Some(b'[') => {
                let inside = self.arithmetic(b"[", b"]").ok_or(UnclosedError::Bracket)?;
                (WordPart::Arithmetic(inside), ExpansionKind::Variable)
            }
            Some(b'{') => {
                self.at += 1;
                (WordPart::Variable(self.braced(quoted)?), ExpansionKind::Variable)
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let length = name(self.rest());
                let variable = variable(self.rest().get(..length).unwrap_or_default());
                self.at += length;
                (WordPart::Variable(variable), ExpansionKind::Variable)
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.at += 1;
                (WordPart::Variable(variable(&[byte])), ExpansionKind::Variable)
            }
            // The name behind a joined line is not read.
            Some(b'\\') if self.rest().starts_with(b"\\\n") => {
                let part =
                    WordPart::Variable(Variable { name: vec![], is_plain: false, quoted, inside: vec![] });
                (part, ExpansionKind::Variable)
            }
            _ => {
                word.push(b'$', quoted);
                return Ok(());
            }
        };
        let (part, unknown) = found;
        word.push_unknown(part, self.text.get(opened..self.at).unwrap_or_default(), unknown);
        Ok(())
    }

    /// Reads a script behind its opening bracket, to the closing one.
    pub(super) fn output(
        &mut self,
        word: &mut ShellWord,
        opened: usize,
        quoted: bool,
    ) -> Result<(), UnclosedError> {
        self.deeper()?;
        let read = nested(self.rest(), self.depth, self.is_hopeless);
        self.is_hopeless |= read.is_err();
        let (script, length) = read?;
        self.depth -= 1;
        self.at += length;
        let written = self.text.get(opened..self.at).unwrap_or_default();
        let is_fed = written.first() == Some(&b'>');
        word.push_unknown(WordPart::Output { script, quoted, is_fed }, written, ExpansionKind::Output);
        Ok(())
    }

    /// Reads a script to its closing backquote. A backslash in it escapes `$`, a backquote or a backslash.
    fn backquoted(&mut self, quoted: bool) -> Result<Script, UnclosedError> {
        let mut inside = Vec::new();
        loop {
            let byte = self.peek().ok_or(UnclosedError::Backquote)?;
            self.at += 1;
            match byte {
                b'`' => break,
                b'\\' => match self.peek() {
                    Some(escaped @ (b'$' | b'`' | b'\\')) => {
                        inside.push(escaped);
                        self.at += 1;
                    }
                    Some(b'"') if quoted => {
                        inside.push(b'"');
                        self.at += 1;
                    }
                    _ => inside.push(b'\\'),
                },
                byte => inside.push(byte),
            }
        }
        self.deeper()?;
        let script = at_depth(&inside, self.depth);
        self.depth -= 1;
        Ok(script)
    }

    /// Reads arithmetic between two brackets; returns none if it is no arithmetic, and then takes nothing.
    pub(super) fn arithmetic(&mut self, open: &[u8], close: &[u8]) -> Option<Vec<WordPart>> {
        if self.is_hopeless || self.deeper().is_err() {
            return None;
        }
        let before = self.at;
        self.at += open.len();
        let found = self.parts_to(open, close);
        self.depth -= 1;
        if found.is_none() {
            self.is_hopeless |= self.rest().is_empty();
            self.at = before;
        }
        found
    }

    fn parts_to(&mut self, open: &[u8], close: &[u8]) -> Option<Vec<WordPart>> {
        let (open, last) = (*open.first()?, *close.first()?);
        let mut word = ShellWord::default();
        let mut depth = 0_u32;
        loop {
            let byte = self.peek()?;
            if depth == 0 && byte == last {
                self.at += close.len();
                let ended = self.text.get(self.at - close.len()..self.at) == Some(close);
                return ended.then_some(word.parts);
            }
            match byte {
                b'$' | b'`' => {
                    let read = self.dollar(&mut word, true);
                    self.is_hopeless |= read.is_err();
                    read.ok()?;
                }
                byte => {
                    if byte == open {
                        depth += 1;
                    } else if byte == last {
                        depth -= 1;
                    }
                    word.push(byte, true);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads a variable behind its opening brace.
    fn braced(&mut self, quoted: bool) -> Result<Variable, UnclosedError> {
        self.deeper()?;
        let mut inside = ShellWord::default();
        let signs = self.rest().iter().take_while(|byte| matches!(byte, b'!' | b'#')).count();
        let behind = self.rest().get(signs..).unwrap_or_default();
        let length = match behind.first() {
            Some(byte) if byte.is_ascii_digit() => {
                behind.iter().take_while(|byte| byte.is_ascii_digit()).count()
            }
            Some(b'@' | b'*' | b'?' | b'-' | b'$') if behind.get(1) == Some(&b'}') => 1,
            _ => behind.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count(),
        };
        let name = behind.get(..length).unwrap_or_default().to_vec();
        self.at += signs + length;
        let is_plain = signs == 0 && length > 0 && self.peek() == Some(b'}');
        // In double quotes a quote is a letter, unless the operator takes a pattern away.
        let operator = self.rest().first().copied();
        let quotes_count = !quoted || matches!(operator, Some(b'#' | b'%' | b'/'));
        loop {
            match self.peek().ok_or(UnclosedError::Bracket)? {
                b'}' => break,
                b'\\' => {
                    self.at = (self.at + 2).min(self.text.len());
                }
                b'\'' if quotes_count => self.single_quoted(&mut inside)?,
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut inside, Some(b'"'))?;
                }
                b'$' | b'`' => self.dollar(&mut inside, true)?,
                byte => {
                    inside.push(byte, true);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Variable { name, is_plain, quoted, inside: inside.parts })
    }
}
