//! Entries of a zone file: lines, or several that parentheses hold together, without comments.

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ZoneEntry {
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// True if it begins with a blank, so that it is about the owner of the entry before.
    pub(super) goes_on: bool,
    pub(super) words: Vec<ZoneField>,
    /// Reason why it cannot be read: a quote or a parenthesis without its other half.
    pub(super) fault: Option<String>,
}

/// One field, with its escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ZoneField {
    pub(super) raw: Vec<u8>,
    pub(super) quoted: bool,
}

impl ZoneField {
    /// Returns it as text, where it can only be ASCII.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.raw).ok().filter(|text| text.is_ascii() && !self.quoted)
    }

    /// Returns the bytes that it stands for (RFC 1035, section 5.1); `None` for half an escape.
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

/// Cuts a file into entries. One that cannot be read ends with its line, and the next line is read as if it were
/// the first.
pub(super) fn entries(text: &[u8]) -> Vec<ZoneEntry> {
    let mut rest = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut cutter = Cutter { line: 1, open: None, entry: None, word: None, entries: vec![] };
    loop {
        cutter.cut(rest);
        // A parenthesis that is never closed would take the rest of the file with it.
        let Some(OpenParenthesis { line, behind }) = cutter.open.take() else { break };
        cutter.fail(format!("a ( of line {line} without its )"));
        cutter.end_entry();
        cutter.line = line + 1;
        rest = rest.get(behind..).unwrap_or_default();
    }
    cutter.entries
}

/// A parenthesis that is open.
#[derive(Clone, Copy)]
struct OpenParenthesis {
    line: usize,
    /// Offset of the line behind it, in the text that is being cut.
    behind: usize,
}

struct Cutter {
    line: usize,
    open: Option<OpenParenthesis>,
    entry: Option<ZoneEntry>,
    word: Option<Vec<u8>>,
    entries: Vec<ZoneEntry>,
}

impl Cutter {
    fn cut(&mut self, text: &[u8]) {
        let mut bytes = text.iter().copied().enumerate().peekable();
        let mut is_start = true;
        while let Some((at, byte)) = bytes.next() {
            let starts = std::mem::take(&mut is_start);
            match byte {
                b'\n' => is_start = self.end_line(),
                b';' => {
                    self.end_word();
                    while bytes.next_if(|(_, next)| *next != b'\n').is_some() {}
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => {
                    self.end_word();
                    if starts {
                        self.entry().goes_on = true;
                    }
                }
                b'(' => {
                    self.end_word();
                    self.entry();
                    if let Some(OpenParenthesis { line, .. }) = self.open {
                        self.fail(format!("a second ( after the one of line {line}"));
                    } else {
                        let rest = text.get(at..).unwrap_or_default();
                        let end = rest.iter().position(|byte| *byte == b'\n');
                        let behind = end.map_or(text.len(), |end| at + end + 1);
                        self.open = Some(OpenParenthesis { line: self.line, behind });
                    }
                }
                b')' => {
                    self.end_word();
                    if self.open.take().is_none() {
                        self.fail("a ) without its (".to_owned());
                    }
                }
                b'"' => {
                    self.end_word();
                    let mut raw = vec![];
                    loop {
                        match bytes.next_if(|(_, next)| *next != b'\n') {
                            None => {
                                self.fail(format!("a quote of line {} is not closed on it", self.line));
                                break;
                            }
                            Some((_, b'"')) => break,
                            Some((_, b'\\')) => {
                                raw.push(b'\\');
                                raw.extend(bytes.next_if(|(_, next)| *next != b'\n').map(|(_, next)| next));
                            }
                            Some((_, other)) => raw.push(other),
                        }
                    }
                    self.entry().words.push(ZoneField { raw, quoted: true });
                }
                b'\\' => {
                    let next = bytes.next_if(|(_, next)| *next != b'\n');
                    self.word().push(byte);
                    self.word().extend(next.map(|(_, next)| next));
                }
                other => self.word().push(other),
            }
        }
        self.end_word();
        if self.open.is_none() {
            self.end_entry();
        }
    }

    /// Ends a line, and tells whether another entry begins behind it.
    fn end_line(&mut self) -> bool {
        self.end_word();
        if self.open.is_none() {
            self.end_entry();
        }
        self.line += 1;
        self.open.is_none()
    }

    fn fail(&mut self, why: String) {
        self.entry().fault.get_or_insert(why);
    }

    fn entry(&mut self) -> &mut ZoneEntry {
        let line = self.line;
        self.entry.get_or_insert_with(|| ZoneEntry { line, goes_on: false, words: vec![], fault: None })
    }

    fn word(&mut self) -> &mut Vec<u8> {
        self.entry();
        self.word.get_or_insert_with(Vec::new)
    }

    fn end_word(&mut self) {
        if let Some(raw) = self.word.take() {
            self.entry().words.push(ZoneField { raw, quoted: false });
        }
    }

    fn end_entry(&mut self) {
        self.entries
            .extend(self.entry.take().filter(|entry| !entry.words.is_empty() || entry.fault.is_some()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(usize, bool, Vec<String>)> {
        let word = |word: &ZoneField| String::from_utf8(word.raw.clone()).unwrap();
        entries(text.as_bytes())
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
    fn what_has_no_other_half_is_said_with_its_line_and_the_lines_behind_it_are_read() {
        for (text, line, behind) in [
            ("a\nb (\nc", 2, 1),
            ("a\nb ) c\nd", 2, 1),
            ("a (\nb ( c ) )\nd", 1, 1),
            ("\na \"b\nc\"\nd", 2, 2),
            ("\"", 1, 0),
            ("a (\n b\n c (\n\td\ne", 1, 4),
        ] {
            let all = entries(text.as_bytes());
            let (broken, rest): (Vec<_>, Vec<_>) = all.iter().partition(|entry| entry.fault.is_some());
            assert_eq!(broken.first().map(|entry| entry.line), Some(line), "{text}: {all:#?}");
            let read = rest.iter().chain(broken.iter().skip(1)).filter(|entry| entry.line > line).count();
            assert_eq!(read, behind, "{text}: {all:#?}");
        }
    }

    #[test]
    fn an_escape_is_three_decimal_digits_or_one_character() {
        let bytes = |raw: &str| ZoneField { raw: raw.as_bytes().to_vec(), quoted: true }.bytes();
        assert_eq!(bytes(r"a\065\.\\\255").unwrap(), b"aA.\\\xff");
        for wrong in [r"\", r"\1", r"\12", r"\256", r"\1a2"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
