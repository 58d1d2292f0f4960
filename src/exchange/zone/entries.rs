//! A zone file cut into entries: lines, or what parentheses hold together, without comments.
use crate::exchange::Fault;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// It begins with a blank, so that it is about the owner of the entry before.
    pub(super) goes_on: bool,
    pub(super) words: Vec<Word>,
}

/// One field, with its escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) raw: Vec<u8>,
    pub(super) quoted: bool,
}

impl Word {
    /// As text, for what can only be ASCII.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.raw).ok().filter(|text| text.is_ascii() && !self.quoted)
    }

    /// The bytes that it stands for (RFC 1035, section 5.1); `None` for half an escape.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.raw.len());
        let mut rest = self.raw.iter().copied();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'\\' => match rest.next()? {
                    digit @ b'0'..=b'9' => {
                        let digits = [digit, rest.next()?, rest.next()?];
                        std::str::from_utf8(&digits).ok()?.parse().ok()?
                    }
                    other => other,
                },
                other => other,
            });
        }
        Some(bytes)
    }
}

const QUOTE: &str = "Close the quote on its line; a quote inside is written \\\".";

/// Cuts a file.
///
/// # Errors
/// A quote or a parenthesis without its other half.
pub(super) fn entries(text: &[u8]) -> Result<Vec<Entry>, Fault> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut cutter = Cutter { line: 1, open: None, entry: None, word: None, entries: vec![] };
    let mut bytes = text.iter().copied().peekable();
    let mut is_start = true;
    while let Some(byte) = bytes.next() {
        let starts = std::mem::take(&mut is_start);
        match byte {
            b'\n' => {
                cutter.end_word();
                if cutter.open.is_none() {
                    cutter.end_entry();
                    is_start = true;
                }
                cutter.line += 1;
            }
            b';' => {
                cutter.end_word();
                while bytes.next_if(|next| *next != b'\n').is_some() {}
            }
            b' ' | b'\t' | b'\r' | 0x0b | 0x0c => {
                cutter.end_word();
                if starts {
                    cutter.entry().goes_on = true;
                }
            }
            b'(' => {
                cutter.end_word();
                if let Some(line) = cutter.open.replace(cutter.line) {
                    return Err(fault(
                        cutter.line,
                        format!("a second ( after the one of line {line}"),
                        PAREN,
                    ));
                }
                cutter.entry();
            }
            b')' => {
                cutter.end_word();
                if cutter.open.take().is_none() {
                    return Err(fault(cutter.line, "a ) without its (".to_owned(), PAREN));
                }
            }
            b'"' => {
                cutter.end_word();
                let mut raw = vec![];
                loop {
                    match bytes.next() {
                        None | Some(b'\n') => {
                            return Err(fault(cutter.line, "a quote is not closed".to_owned(), QUOTE));
                        }
                        Some(b'"') => break,
                        Some(b'\\') => {
                            raw.push(b'\\');
                            raw.extend(bytes.next_if(|next| *next != b'\n'));
                        }
                        Some(other) => raw.push(other),
                    }
                }
                cutter.entry().words.push(Word { raw, quoted: true });
            }
            b'\\' => {
                let next = bytes.next_if(|next| *next != b'\n');
                cutter.word().push(byte);
                cutter.word().extend(next);
            }
            other => cutter.word().push(other),
        }
    }
    cutter.end_word();
    if let Some(line) = cutter.open {
        return Err(fault(line, "a ( without its )".to_owned(), PAREN));
    }
    cutter.end_entry();
    Ok(cutter.entries)
}

const PAREN: &str = "Give each parenthesis its other half; they do not nest (RFC 1035, section 5.1).";

fn fault(line: usize, what: String, remedy: &'static str) -> Fault {
    Fault { line, what, remedy }
}

struct Cutter {
    line: usize,
    /// The line of the parenthesis that is open.
    open: Option<usize>,
    entry: Option<Entry>,
    word: Option<Vec<u8>>,
    entries: Vec<Entry>,
}

impl Cutter {
    fn entry(&mut self) -> &mut Entry {
        let line = self.line;
        self.entry.get_or_insert_with(|| Entry { line, goes_on: false, words: vec![] })
    }

    fn word(&mut self) -> &mut Vec<u8> {
        self.entry();
        self.word.get_or_insert_with(Vec::new)
    }

    fn end_word(&mut self) {
        if let Some(raw) = self.word.take() {
            self.entry().words.push(Word { raw, quoted: false });
        }
    }

    fn end_entry(&mut self) {
        self.entries.extend(self.entry.take().filter(|entry| !entry.words.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(usize, bool, Vec<String>)> {
        let word = |word: &Word| String::from_utf8(word.raw.clone()).unwrap();
        entries(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(|entry| (entry.line, entry.goes_on, entry.words.iter().map(word).collect()))
            .collect()
    }

    #[test]
    fn an_entry_is_a_line_or_what_parentheses_hold_together() {
        let text =
            "\u{feff}a A 1 ; x (\r\n\r\n\tTXT \"a;b\\\"\" c\\;d;e\r\nb SOA ( 1 ; one (\n 2\n) 3\n ; only\n";
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            cut(text),
            [
                (1, false, words(&["a", "A", "1"])),
                (3, true, words(&["TXT", "a;b\\\"", "c\\;d"])),
                (4, false, words(&["b", "SOA", "1", "2", "3"])),
            ]
        );
        assert_eq!(cut("a TXT \"\""), [(1, false, words(&["a", "TXT", ""]))]);
    }

    #[test]
    fn what_has_no_other_half_is_said_with_its_line() {
        for (text, line) in
            [("a\nb (\nc", 2), ("a\nb ) c", 2), ("a (\nb ( c ) )", 2), ("\na \"b\nc\"", 2), ("\"", 1)]
        {
            assert_eq!(entries(text.as_bytes()).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn an_escape_is_three_decimal_digits_or_one_character() {
        let bytes = |raw: &str| Word { raw: raw.as_bytes().to_vec(), quoted: true }.bytes();
        assert_eq!(bytes(r"a\065\.\\\255").unwrap(), b"aA.\\\xff");
        for wrong in [r"\", r"\1", r"\12", r"\256", r"\1a2"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
