//! JSON in printable ASCII, so that a terminal can show a file with any values.
use serde::Serialize;
use serde_json::ser::Formatter;
use std::io;

/// Writes one value and a newline.
///
/// # Errors
/// The file's failure.
pub(super) fn write_line(out: &mut impl io::Write, line: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Ascii);
    line.serialize(&mut serializer).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

struct Ascii;

impl Formatter for Ascii {
    /// Escapes also the characters that JSON itself does not escape: DEL, and everything that is not ASCII.
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| !(' '..='~').contains(&c)) {
            let (plain, odd) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut behind = odd.chars();
            if let Some(c) = behind.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = behind.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_printable_and_comes_back(text in any::<String>()) {
            let mut line = Vec::new();
            write_line(&mut line, &text).unwrap();
            let (newline, line) = line.split_last().unwrap();
            prop_assert_eq!(*newline, b'\n');
            prop_assert!(line.iter().all(|byte| (b' '..=b'~').contains(byte)));
            prop_assert_eq!(serde_json::from_slice::<String>(line).unwrap(), text);
        }
    }
}
