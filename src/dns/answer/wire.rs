//! Wire form of names and texts: how a client sees them once `CoreDNS` has encoded them, and the client has decoded
//! them and shows them in presentation form (miekg/dns 1.1.73, msg.go and `msg_helpers.go`).

use super::domain::{byte_at, is_closed};
use std::fmt;

/// Reason why a name cannot be in a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    EmptyLabel,
    /// Over 63 bytes.
    LongLabel,
    /// It ends in the middle of an escape.
    Unfinished,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyLabel => "has an empty label",
            Self::LongLabel => "has a label of more than 63 bytes",
            Self::Unfinished => "ends in the middle of an escape",
        })
    }
}

/// Flaw that makes a name useless to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dns) enum Flaw {
    /// A reply with it is not sent.
    NotEncodable(EncodeError),
    /// A reply with it is sent, and no client can read it.
    TooLong,
}

/// The length of the longest name in bytes (RFC 1035, section 2.3.4).
const LONGEST: usize = 255;

/// A name as a client shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WireName {
    pub(super) text: Box<str>,
    /// It has more than 255 bytes. `CoreDNS` sends it all the same, and no client can read the reply.
    pub(super) too_long: bool,
}

/// Returns a name as it comes from the wire, in dig's spelling.
///
/// # Errors
/// [`EncodeError`]
pub(super) fn name(name: &[u8]) -> Result<WireName, EncodeError> {
    let mut shown = String::with_capacity(name.len());
    let mut end = 0;
    let length = encode(name, |part| match part {
        NamePart::Byte(byte) => push(byte, &mut shown, br#".;()"\@$"#),
        NamePart::End => {
            shown.push('.');
            end = shown.len();
        }
    })?;
    // A label whose dot is escaped is lost; see `is_closed` for how that can be.
    shown.truncate(end);
    let text = if shown.is_empty() { ".".into() } else { shown.into() };
    Ok(WireName { text, too_long: length > LONGEST })
}

/// Returns the reason why no client can read a reply with this name, if there is one.
pub(in crate::dns) fn flaw(name: &[u8]) -> Option<Flaw> {
    match encode(name, |_| {}) {
        Ok(length) => (length > LONGEST).then_some(Flaw::TooLong),
        Err(reason) => Some(Flaw::NotEncodable(reason)),
    }
}

/// The part of a name that is encoded next.
enum NamePart {
    /// A byte of a label.
    Byte(u8),
    /// The end of a label.
    End,
}

/// Encodes a name, and returns its length in bytes.
fn encode(name: &[u8], mut part: impl FnMut(NamePart)) -> Result<usize, EncodeError> {
    if name == b"." {
        return Ok(1);
    }
    if !is_closed(name) {
        return Err(EncodeError::Unfinished);
    }
    let (mut label, mut total) = (0, 1);
    let mut rest = name;
    while let Some(&first) = rest.first() {
        let (byte, length) = byte_at(rest).ok_or(EncodeError::Unfinished)?;
        rest = rest.get(length..).unwrap_or_default();
        if first == b'.' {
            match label {
                0 => return Err(EncodeError::EmptyLabel),
                1..=63 => total += label + 1,
                _ => return Err(EncodeError::LongLabel),
            }
            label = 0;
            part(NamePart::End);
        } else {
            label += 1;
            part(NamePart::Byte(byte));
        }
    }
    Ok(total)
}

/// Returns any name in a form for messages: printable, and no longer than names are.
pub(super) fn shown(name: &[u8]) -> Box<str> {
    let text = self::name(name).map_or_else(|_| name.escape_ascii().to_string().into(), |shown| shown.text);
    match text.get(..LONGEST) {
        Some(start) if text.len() > LONGEST => format!("{start}…").into(),
        _ => text,
    }
}

/// Writes a byte in presentation form; a byte that is not printable becomes `\DDD`.
fn push(byte: u8, shown: &mut String, special: &[u8]) {
    use fmt::Write as _;
    match byte {
        byte if special.contains(&byte) => shown.extend(['\\', char::from(byte)]),
        b'!'..=b'~' => shown.push(char::from(byte)),
        // A String takes every write.
        _ => drop(write!(shown, "\\{byte:03}")),
    }
}

/// Returns a text as a client shows it: in strings of up to 255 bytes. Where its length is a multiple of 255 an empty
/// one follows (plugin/etcd/msg/service.go); a backslash in it is an escape.
pub(super) fn text(text: &[u8]) -> String {
    const STRING: usize = 255;
    let mut shown = text.chunks(STRING).map(string).collect::<Vec<_>>();
    if text.len().is_multiple_of(STRING) {
        shown.push(string(b""));
    }
    shown.join(" ")
}

fn string(text: &[u8]) -> String {
    let mut shown = String::from('"');
    let mut rest = text;
    // CoreDNS drops half an escape at the end.
    while let Some((byte, length)) = byte_at(rest) {
        rest = rest.get(length..).unwrap_or_default();
        match byte {
            b' ' => shown.push(' '),
            byte => push(byte, &mut shown, br#""\"#),
        }
    }
    shown + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_comes_from_the_wire() {
        let label = "a".repeat(63);
        let long = format!("{label}.{label}.{label}.{}.", "a".repeat(61));
        for (text, shown) in [
            (".", Ok(".")),
            ("WWW.gcr.io.", Ok("WWW.gcr.io.")),
            ("10.0.0.1 .", Ok(r"10.0.0.1\032.")),
            ("a'b@c.io.", Ok(r"a'b\@c.io.")),
            (r"\065\.b.io.", Ok(r"A\.b.io.")),
            ("ü.io.", Ok(r"\195\188.io.")),
            ("a..b.", Err(EncodeError::EmptyLabel)),
            (".a.", Err(EncodeError::EmptyLabel)),
            ("..", Err(EncodeError::EmptyLabel)),
            (r"a\..", Ok(r"a\..")),
            (r"a\.", Err(EncodeError::Unfinished)),
            (r"a.ü\.", Ok("a.")),
            (r"ü\.", Ok(".")),
            (&format!("{label}."), Ok(&*format!("{label}."))),
            (&format!("a{label}."), Err(EncodeError::LongLabel)),
            (&long, Ok(&*long)),
        ] {
            let found = name(text.as_bytes());
            assert_eq!(found.as_ref().map(|name| &*name.text), shown.as_ref().map(|text| &**text), "{text}");
            assert!(!found.is_ok_and(|name| name.too_long), "{text}");
        }
        assert!(name(format!("{label}.{label}.{label}.{}.", "a".repeat(62)).as_bytes()).unwrap().too_long);
    }

    #[test]
    fn a_text_is_cut_and_its_backslashes_escape() {
        for (plain, shown) in [
            ("", r#""""#),
            ("v=spf1 -all", r#""v=spf1 -all""#),
            (r"C:\temp", r#""C:temp""#),
            (r"\065\\", r#""A\\""#),
            (r"end\", r#""end""#),
            ("a\"\u{1}ü", r#""a\"\001\195\188""#),
        ] {
            assert_eq!(text(plain.as_bytes()), shown, "{plain}");
        }
        let a = |count: usize| format!("\"{}\"", "a".repeat(count));
        for (count, shown) in [
            (254, a(254)),
            (255, format!("{} {}", a(255), a(0))),
            (256, format!("{} {}", a(255), a(1))),
            (510, format!("{} {} {}", a(255), a(255), a(0))),
        ] {
            assert_eq!(text("a".repeat(count).as_bytes()), shown, "{count}");
        }
    }
}
