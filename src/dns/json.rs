//! JSON as Go's `encoding/json` takes it, since `CoreDNS` reads values with that: an object's members in their order,
//! each as it is written. Checked against Go 1.26; nothing here uses the machine's stack for depth.

use std::borrow::Cow;

/// Greatest depth of nested arrays and objects, with the outermost counted (encoding/json/scanner.go).
const DEPTH: usize = 10_000;

/// A text that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Place of the error, in bytes from the start, from 0.
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// One member of an object, as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonMember<'t> {
    /// With its quotes.
    pub(super) name: &'t [u8],
    pub(super) value: &'t [u8],
}

/// Kind of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Top {
    Object,
    Null,
    /// Any other kind, in words.
    Other(&'static str),
}

/// Reads a whole text and visits the members of its object in their order.
///
/// # Errors
/// [`SyntaxError`]; the members visited before it then have no meaning.
pub(super) fn read<'t>(text: &'t [u8], mut visit: impl FnMut(JsonMember<'t>)) -> Result<Top, SyntaxError> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.blanks();
    let top = match scanner.peek() {
        Some(b'{') => Top::Object,
        Some(b'n') => Top::Null,
        other => Top::Other(kind(other)),
    };
    if top == Top::Object {
        scanner.object(&mut visit)?;
    } else {
        scanner.value(0)?;
    }
    scanner.blanks();
    match scanner.peek() {
        None => Ok(top),
        Some(_) => Err(scanner.error("nothing more was expected")),
    }
}

/// Returns the kind of a value in words, by its first byte.
pub(super) fn kind(first: Option<u8>) -> &'static str {
    match first {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Returns the text of a string literal. Bytes that are not UTF-8 become U+FFFD one by one, as do halves of surrogate
/// pairs.
pub(super) fn unquote(literal: &[u8]) -> Cow<'_, str> {
    let inner = literal.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(literal);
    if !inner.contains(&b'\\')
        && let Ok(text) = std::str::from_utf8(inner)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (plain, escape) = rest.split_at(at);
        push_lossy(&mut text, plain);
        let (c, behind) = unescape(escape);
        text.push(c);
        rest = behind;
    }
    push_lossy(&mut text, rest);
    Cow::Owned(text)
}

/// Returns bytes as text; each byte that is not UTF-8 becomes a U+FFFD of its own.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    push_lossy(&mut text, bytes);
    text
}

fn push_lossy(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// Returns the character of the escape at the start of `text`, and the rest. The scanner has already checked the
/// escape.
fn unescape(text: &[u8]) -> (char, &[u8]) {
    let Some(unit) = unit(text) else {
        let c = match text.get(1) {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(c) => char::from(*c),
            None => char::REPLACEMENT_CHARACTER,
        };
        return (c, text.get(2..).unwrap_or_default());
    };
    let behind = text.get(6..).unwrap_or_default();
    let units = [Some(unit), self::unit(behind)];
    match char::decode_utf16(units.into_iter().flatten()).next() {
        Some(Ok(c)) if c.len_utf16() == 2 => (c, behind.get(6..).unwrap_or_default()),
        Some(Ok(c)) => (c, behind),
        _ => (char::REPLACEMENT_CHARACTER, behind),
    }
}

/// Returns the number of a `\uXXXX` at the start of `text`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    fn object(&mut self, visit: &mut impl FnMut(JsonMember<'t>)) -> Result<(), SyntaxError> {
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            self.blanks();
            let start = self.at;
            self.value(1)?;
            visit(JsonMember { name, value: self.text.get(start..self.at).unwrap_or_default() });
            self.blanks();
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.error("a comma or a closing brace was expected"));
            }
        }
    }

    /// Skips a member's name and the colon behind it.
    fn name(&mut self) -> Result<&'t [u8], SyntaxError> {
        self.blanks();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error("a field's name in double quotes was expected"));
        }
        self.string()?;
        let name = self.text.get(start..self.at).unwrap_or_default();
        self.blanks();
        if self.take(b':') { Ok(name) } else { Err(self.error("a colon was expected")) }
    }

    /// Skips one value of any kind that lies in `outside` others.
    fn value(&mut self, outside: usize) -> Result<(), SyntaxError> {
        // Closing byte of each array and object that is open here.
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(start @ (b'{' | b'[')) => {
                    if open.len() + outside >= DEPTH {
                        return Err(self.error("nested more than 10000 levels deep"));
                    }
                    self.at += 1;
                    self.blanks();
                    let end = if start == b'{' { b'}' } else { b']' };
                    if !self.take(end) {
                        open.push(end);
                        if start == b'{' {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(self.error("a value was expected")),
            }
            loop {
                let Some(&end) = open.last() else { return Ok(()) };
                self.blanks();
                if self.take(end) {
                    open.pop();
                } else if self.take(b',') {
                    if end == b'}' {
                        self.name()?;
                    }
                    break;
                } else if end == b'}' {
                    return Err(self.error("a comma or a closing brace was expected"));
                } else {
                    return Err(self.error("a comma or a closing bracket was expected"));
                }
            }
        }
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.error("a closing quote was expected")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => {
                    return Err(self.error("a control character must be escaped"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.error("four hexadecimal digits were expected behind \\u"));
                }
                self.at += 6;
            }
            _ => return Err(self.error("no such escape in JSON")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    /// Skips one digit or more.
    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.error("a digit was expected")) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), SyntaxError> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.error("no such word in JSON"))
        }
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn error(&self, what: &'static str) -> SyntaxError {
        let what = if self.at < self.text.len() { what } else { "the text ends too early" };
        SyntaxError { at: self.at, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn text_is_json_exactly_where_another_reader_says_so(
            parts in proptest::collection::vec(
                prop_oneof![
                    "[\\[\\]{},:\" \\\\0-9eE+.-]",
                    Just("\"a\":".to_owned()),
                    Just("null".to_owned()),
                    Just("true".to_owned()),
                    Just("-0.5e+9".to_owned()),
                    Just("\"\\u00e4\\n\"".to_owned()),
                    Just("{\"x\":[1,{}]}".to_owned()),
                ],
                0..8,
            ),
        ) {
            let text = parts.concat();
            let other = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert_eq!(read(text.as_bytes(), |_| ()).is_ok(), other.is_ok(), "{}", text);
        }

        #[test]
        fn a_string_is_what_another_reader_reads(text in any::<String>()) {
            let quoted = serde_json::to_vec(&text).unwrap();
            prop_assert_eq!(unquote(&quoted), text);
        }
    }

    #[test]
    fn members_are_given_as_they_are_written() {
        let mut members = vec![];
        let top = read(b" { \"a\" : [1, 2] ,\"\\u0061\":\"}\" } ", |member| members.push(member)).unwrap();
        assert_eq!(top, Top::Object);
        let shown: Vec<_> = members.iter().map(|member| (lossy(member.name), lossy(member.value))).collect();
        assert_eq!(
            shown,
            [(r#""a""#.to_owned(), "[1, 2]".to_owned()), (r#""\u0061""#.to_owned(), r#""}""#.to_owned())]
        );
    }
}
