//! Lenient reading of a value that is nearly JSON: takes the fields that its author meant, if they can be read in only
//! one way.

use super::texts::doubled;
use crate::dns::{Value, service::FIELDS};
use std::{iter::Peekable, str::Chars};

/// Reads the value of a text that a shell, an editor or haste has damaged: quotes that are missing, single or curly,
/// braces that are missing or too many, backslashes that JSON does not know.
pub(super) fn value_of(text: &str) -> Option<Value> {
    let plain = straight(text);
    let mut reader = LenientReader { chars: plain.chars().peekable(), literal: has_unknown_escape(&plain) };
    let mut value = Value::default();
    reader.skip(|c| c.is_whitespace() || c == '{');
    while reader.chars.peek().is_some() {
        let name = reader.name()?.to_ascii_lowercase();
        let content = reader.content()?;
        if !FIELDS.contains(&&*name) || value.raw(&name).is_some() {
            return None;
        }
        let typed = match &*name {
            // CoreDNS takes a backslash in a text for an escape of its own.
            "text" if reader.literal => doubled(&content).into(),
            "host" | "text" | "group" => content.into(),
            "mail" => content.parse::<bool>().ok()?.into(),
            _ => content.parse::<i64>().ok()?.into(),
        };
        value.set(&name, &typed);
        match reader.skip(|c| c.is_whitespace() || c == ',') {
            Some('}') if reader.skip(|c| c.is_whitespace() || matches!(c, '}' | ',' | ';')).is_none() => {
                break;
            }
            Some('}') => return None,
            _ => {}
        }
    }
    (!value.is_empty()).then_some(value)
}

/// Returns the text with straight double quotes for curly and single ones. An apostrophe within a text stays.
fn straight(text: &str) -> String {
    let double: String = text
        .chars()
        .map(|c| match c {
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => '\'',
            c => c,
        })
        .collect();
    if double.contains('"') { double } else { double.replace('\'', "\"") }
}

/// Tells whether a backslash stands before a letter that makes no escape. Then each backslash stands for itself.
fn has_unknown_escape(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !chars.next().is_some_and(|next| r#""\/bfnrtu"#.contains(next)) {
            return true;
        }
    }
    false
}

struct LenientReader<'t> {
    chars: Peekable<Chars<'t>>,
    /// A backslash stands for itself.
    literal: bool,
}

impl LenientReader<'_> {
    /// Skips these characters, and returns the next one.
    fn skip(&mut self, passed: impl Fn(char) -> bool) -> Option<char> {
        while self.chars.next_if(|c| passed(*c)).is_some() {}
        self.chars.peek().copied()
    }

    /// Reads a field's name with its colon.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        self.skip(|c| c == '"');
        while let Some(c) = self.chars.next_if(char::is_ascii_alphabetic) {
            name.push(c);
        }
        self.skip(|c| c == '"' || c.is_whitespace());
        self.chars.next_if(|c| matches!(c, ':' | '='))?;
        self.skip(char::is_whitespace);
        Some(name)
    }

    /// Reads the content of a field.
    fn content(&mut self) -> Option<String> {
        if self.chars.next_if_eq(&'"').is_some() { Some(self.quoted()) } else { self.bare() }
    }

    /// Reads up to the closing quote. Without one, reads up to the end, and leaves out closing braces.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.chars.next() {
            match c {
                '"' => return text,
                '\\' if self.chars.peek() == Some(&'"') => text.extend(self.chars.next()),
                '\\' if !self.literal => match self.chars.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(other) => text.push(other),
                    None => {}
                },
                c => text.push(c),
            }
        }
        text.trim_end().trim_end_matches('}').trim_end().to_owned()
    }

    /// Reads up to a comma or a brace. No field holds a list or an object.
    fn bare(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(c) = self.chars.next_if(|c| !matches!(c, ',' | '}')) {
            text.push(c);
        }
        let text = text.trim();
        let is_plain = !text.is_empty() && !text.contains(['"', '{', '[', ']', '\\']);
        is_plain.then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_json_is_read_as_it_was_meant() {
        for (text, meant) in [
            (r#"{"host":1.1.1.1}"#, r#"{"host":"1.1.1.1"}"#),
            (r#"{"host":"10.0.0.1","ttl":60"#, r#"{"host":"10.0.0.1","ttl":60}"#),
            (r#"{"host":"10.0.0.1}"#, r#"{"host":"10.0.0.1"}"#),
            (r#"{"host":"10.0.0.1"}}"#, r#"{"host":"10.0.0.1"}"#),
            (r#"{{"host":"10.0.0.1"}"#, r#"{"host":"10.0.0.1"}"#),
            (
                "{\u{201c}host\u{201d}:\u{201c}10.0.0.1\u{201d}, \u{201c}ttl\u{201d}: 60}",
                r#"{"host":"10.0.0.1","ttl":60}"#,
            ),
            ("{'host':'10.0.0.1','ttl':60}", r#"{"host":"10.0.0.1","ttl":60}"#),
            ("host:172.25.52.241", r#"{"host":"172.25.52.241"}"#),
            ("host=172.25.52.241, ttl=60", r#"{"host":"172.25.52.241","ttl":60}"#),
            ("{host:2001:db8::1,mail:true}", r#"{"host":"2001:db8::1","mail":true}"#),
            (r#"{"host":"10.0.0.1" "ttl":60}"#, r#"{"host":"10.0.0.1","ttl":60}"#),
            (r#"{"host":"10.0.0.1",}"#, r#"{"host":"10.0.0.1"}"#),
            (r#"{"text":"C:\dir\temp"}"#, r#"{"text":"C:\\\\dir\\\\temp"}"#),
            (r#"{"text":"say \"hi\"}"#, r#"{"text":"say \"hi\""}"#),
            (r#"{"Host":"10.0.0.1";}"#, ""),
            (r#"{"host":"10.0.0.1","port":eighty}"#, ""),
            (r#"{"host":["10.0.0.1"}"#, ""),
            (r#"{"host":"a"} {"host":"b"}"#, ""),
            (r#"{"host":"a","host":"b""#, ""),
            ("10.0.0.1", ""),
            ("hosts: [a]", ""),
            ("", ""),
            ("{", ""),
        ] {
            let found = value_of(text).map(|value| value.to_json()).unwrap_or_default();
            assert_eq!(found, meant, "{text}");
        }
    }
}
