//! Text that this program did not write, made safe to show (promise P8). A leaf: every module may name it.

use std::fmt;

/// Bytes from etcd, a file or a server's message, shown so that they cannot move the cursor, change colours, or
/// pose as other text. Printable text of any script stays; everything else becomes visible: `\n`, `\t`, `\u{…}`
/// for control, format, bidirectional and zero-width characters and for every blank but the usual one, `\xNN` for
/// bytes that are not UTF-8.
///
/// For keys there is a stricter spelling that can be typed back: [`keys::spelling`](crate::keys::spelling).
#[derive(Clone, Copy, Debug)]
pub struct ForeignText<'a>(pub &'a [u8]);

impl<'a> From<&'a str> for ForeignText<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl fmt::Display for ForeignText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    c if hides(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    c => f.write_char(c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Tells whether a character shows nothing of its own, or changes the look of others.
fn hides(c: char) -> bool {
    c.is_control()
        || c.is_whitespace() && c != ' '
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_moves_the_cursor_or_hides_is_made_visible() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("\u{202e}moc", "\\u{202e}moc"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("e\u{301}", "e\\u{301}"),
            ("Grüße, 日本", "Grüße, 日本"),
            ("no\u{a0}break", "no\\u{a0}break"),
            ("wide\u{3000}blank", "wide\\u{3000}blank"),
            ("a\nb\tc", "a\\nb\\tc"),
        ] {
            assert_eq!(ForeignText::from(text).to_string(), shown);
        }
        assert_eq!(ForeignText(b"a\xff\xfeb").to_string(), "a\\xff\\xfeb");
    }

    proptest! {
        #[test]
        fn no_control_character_ever_comes_through(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(!ForeignText(&bytes).to_string().chars().any(char::is_control));
        }
    }
}
