//! Characters that look like those of a command line, and are none. A shell and etcdctl take them for letters.

/// The character of a command line that this one looks like. A zero-width one looks like nothing.
fn meant(c: char) -> Option<(&'static str, Option<char>)> {
    Some(match c {
        '\u{ff01}'..='\u{ff5e}' => ("full-width", char::from_u32(u32::from(c) - 0xfee0)),
        '\u{a0}' | '\u{202f}' | '\u{2007}' => ("a non-breaking space", Some(' ')),
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => ("a wide space", Some(' ')),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{ad}' => ("an invisible character", None),
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' => ("a typographic quote", Some('\'')),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => ("a typographic quote", Some('"')),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => ("a dash", Some('-')),
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => ("another slash", Some('/')),
        '\r' => ("a carriage return", None),
        _ => return None,
    })
}

/// The text with what was probably meant. A long dash was two hyphens before a program joined them.
#[must_use]
pub(super) fn as_meant(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match meant(c) {
            Some((_, Some('-'))) if at == 0 && matches!(c, '\u{2013}'..='\u{2015}') => out.push_str("--"),
            Some((_, Some(meant))) => out.push(meant),
            Some((_, None)) => {}
            None => out.push(c),
        }
    }
    out
}

/// What is in a word that looks like something else: the kind, and the character's number.
#[must_use]
pub(super) fn found(word: &[u8]) -> Option<(&'static str, char)> {
    let text = std::str::from_utf8(word).ok()?;
    text.chars().find_map(|c| meant(c).map(|(kind, _)| (kind, c)))
}
