//! Spelling of a key's bytes: the one printable form.
//!
//! Printable ASCII stands for itself, except the backslash, which is doubled. Every other byte is `\n`, `\r`,
//! `\t` or `\xNN`. So a spelling never holds a control, an escape sequence or a look-alike letter, two
//! different keys never share one, and any text that is shown can be typed back.

use crate::remedy::Remedy;
use std::fmt;

/// A spelling that stands for no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a spelled key: {reason}")]
pub struct SpellingError {
    text: String,
    reason: &'static str,
}

impl Remedy for SpellingError {
    fn remedy(&self) -> String {
        r"Copy the key as it is shown: \\ for a backslash, \xNN for a byte that cannot be printed.".to_owned()
    }
}

/// Shows bytes in their spelling.
#[derive(Clone, Copy, Debug)]
pub struct Spelled<'a>(pub &'a [u8]);

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for &byte in self.0 {
            match byte {
                b'\\' => f.write_str(r"\\")?,
                b'\n' => f.write_str(r"\n")?,
                b'\r' => f.write_str(r"\r")?,
                b'\t' => f.write_str(r"\t")?,
                0x20..=0x7e => f.write_char(char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

/// Returns the spelling of `bytes`.
#[must_use]
pub fn spell(bytes: &[u8]) -> String {
    Spelled(bytes).to_string()
}

/// Returns the bytes that `text` spells. Printable text outside ASCII is taken as its UTF-8 bytes, so that a
/// key can also be pasted as another program printed it.
///
/// # Errors
/// An unfinished or unknown escape, or a control character that is not escaped.
pub fn unspell(text: &str) -> Result<Vec<u8>, SpellingError> {
    let wrong = |reason| SpellingError { text: text.to_owned(), reason };
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c.is_control() {
            return Err(wrong("it holds a control character"));
        }
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next() {
            Some('\\') => bytes.push(b'\\'),
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                let byte = (digits.len() == 2 && digits.bytes().all(|d| d.is_ascii_hexdigit()))
                    .then(|| u8::from_str_radix(&digits, 16).ok())
                    .flatten();
                bytes.push(byte.ok_or_else(|| wrong(r"\x needs two hexadecimal digits"))?);
            }
            Some(_) => return Err(wrong("a backslash stands before something that needs none")),
            None => return Err(wrong("it ends in a single backslash")),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unfinished_escape_is_refused() {
        for text in ["\\", "\\x", "\\x4", "\\xg0", "\\q", "a\u{1b}b", "\\x+1"] {
            assert!(unspell(text).is_err(), "{text:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn every_key_comes_back_from_its_spelling(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(unspell(&spell(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn a_spelling_is_printable_ascii(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(spell(&bytes).bytes().all(|b| (0x20..0x7f).contains(&b)));
        }
    }
}
