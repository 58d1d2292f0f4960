use super::json::{self, SyntaxError, Top};
use std::fmt;

/// A value as an ordered list of JSON fields, each kept as it was written.
///
/// Reading and writing keep everything: unknown fields, their order, duplicates, the spelling of names and numbers, and
/// bytes that are not UTF-8. Names are matched without regard to case. The last of several fields counts unless it is
/// `null`, as Go's `encoding/json` does it for `CoreDNS`.
#[derive(Clone, Debug, Default)]
pub struct Value(Vec<ValueMember>);

#[derive(Clone, Debug)]
struct ValueMember {
    name: Box<str>,
    text: Box<str>,
    /// Name, colon and value as they were written, if `name` and `text` do not say the same.
    exact: Option<Exact>,
}

#[derive(Clone, Debug)]
struct Exact {
    name: Box<[u8]>,
    value: Box<[u8]>,
}

/// Reason why `CoreDNS` cannot use a value. `CoreDNS` answers SERVFAIL for every name that reads such a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("the value is empty")]
    Empty,
    /// Lines and columns are counted from 1, a column in characters.
    #[error("the value is not JSON: {what} at line {line}, column {column}")]
    NotJson { line: usize, column: usize, what: &'static str },
    #[error("the value is {0}, and must be a JSON object")]
    NotAnObject(&'static str),
    #[error("{field} is {found}, and must be {wanted}")]
    WrongType { field: &'static str, found: String, wanted: &'static str },
}

impl ValueError {
    fn at(error: SyntaxError, text: &[u8]) -> Self {
        let before = text.get(..error.at).unwrap_or(text);
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = json::lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
        Self::NotJson { line, column, what: error.what }
    }
}

/// Reads the members of a stored value; `null` has none, as for `CoreDNS`.
pub(super) fn members<'t>(
    bytes: &'t [u8],
    visit: impl FnMut(json::JsonMember<'t>),
) -> Result<(), ValueError> {
    if bytes.is_empty() {
        return Err(ValueError::Empty);
    }
    match json::read(bytes, visit).map_err(|error| ValueError::at(error, bytes))? {
        Top::Object | Top::Null => Ok(()),
        Top::Other(what) => Err(ValueError::NotAnObject(what)),
    }
}

impl Value {
    /// Parses a stored value. `null` is an empty record, as for `CoreDNS`.
    ///
    /// # Errors
    /// [`ValueError`], except for fields of a wrong type: see [`Service::decode`](super::Service::decode).
    pub fn parse(bytes: &[u8]) -> Result<Self, ValueError> {
        let mut fields = Vec::new();
        members(bytes, |member| fields.push(ValueMember::read(member)))?;
        Ok(Self(fields))
    }

    /// Returns the bytes to store: the JSON text, without blanks between fields.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![b'{'];
        for (index, member) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if let Some(exact) = &member.exact {
                out.extend([&exact.name[..], b":", &exact.value].concat());
            } else {
                // A string always serialises.
                out.extend(serde_json::to_vec(&member.name).unwrap_or_default());
                out.push(b':');
                out.extend(member.text.bytes());
            }
        }
        out.push(b'}');
        out
    }

    /// Returns the JSON text for display: [`to_bytes`](Self::to_bytes), with U+FFFD for bytes that are not UTF-8.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::lossy(&self.to_bytes())
    }

    /// Returns the JSON text of the field that counts, as stored, with U+FFFD for bytes that are not UTF-8.
    #[must_use]
    pub fn raw(&self, field: &str) -> Option<&str> {
        Some(&self.0.get(self.position(field)?)?.text)
    }

    /// Returns the names of all fields, in their order and spelling.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| &*member.name)
    }

    /// Tells whether there is no field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a field at its place, or at the end if it is new.
    pub fn set(&mut self, field: &str, json: &serde_json::Value) {
        let text: Box<str> = json.to_string().into();
        match self.position(field).and_then(|at| self.0.get_mut(at)) {
            Some(member) => {
                if let Some(exact) = &mut member.exact {
                    exact.value = str::as_bytes(&text).into();
                }
                member.text = text;
            }
            None => self.0.push(ValueMember { name: field.into(), text, exact: None }),
        }
    }

    /// Removes a field in all its spellings.
    pub fn remove(&mut self, field: &str) {
        self.0.retain(|member| !folds_to(&member.name, field));
    }

    /// Gives a field, named as it is written, another name at its place.
    pub fn rename(&mut self, written: &str, name: &str) {
        if let Some(member) = self.0.iter_mut().find(|member| *member.name == *written) {
            member.name = name.into();
            if let Some(exact) = &mut member.exact {
                exact.name = format!("\"{name}\"").into_bytes().into();
            }
        }
    }

    /// Removes the fields of a name that do not count.
    pub fn keep_what_counts(&mut self, field: &str) {
        let counts = self.position(field);
        let mut place = 0;
        self.0.retain(|member| {
            place += 1;
            Some(place - 1) == counts || !folds_to(&member.name, field)
        });
    }

    /// Returns the position of the field that counts: the last of its name that is not `null`, or the last.
    fn position(&self, field: &str) -> Option<usize> {
        let of_name = |member: &ValueMember| folds_to(&member.name, field);
        let counts = |member: &ValueMember| of_name(member) && &*member.text != "null";
        self.0.iter().rposition(counts).or_else(|| self.0.iter().rposition(of_name))
    }
}

impl ValueMember {
    fn read(member: json::JsonMember<'_>) -> Self {
        let name: Box<str> = json::unquote(member.name).into();
        let text: Box<str> = json::lossy(member.value).into();
        let as_written = member.value == text.as_bytes()
            && serde_json::to_vec(&name).is_ok_and(|written| written == member.name);
        let exact = (!as_written).then(|| Exact { name: member.name.into(), value: member.value.into() });
        Self { name, text, exact }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Go's simple folding, as far as it meets ASCII names: two letters outside ASCII fold to `s` and `k`.
pub(super) fn folds_to(name: &str, field: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(field.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_keeps_what_it_does_not_understand() {
        let stored = br#"{"owner":"a","HOST":"10.0.0.1","n":1e400,"ttl":60,"x":{"b":1,"a":2}}"#;
        let mut value = Value::parse(stored).unwrap();
        value.set("host", &"10.0.0.2".into());
        value.remove("ttl");
        assert_eq!(value.to_json(), r#"{"owner":"a","HOST":"10.0.0.2","n":1e400,"x":{"b":1,"a":2}}"#);
    }

    #[test]
    fn an_edit_keeps_bytes_that_are_no_text_and_names_as_they_are_written() {
        let stored = b"{\"a\":\"\xff\xfe\", \"\\u0068ost\" : \"10.0.0.1\",\"b\xff\":[\"\\ud800\", 1]}";
        let mut value = Value::parse(stored).unwrap();
        value.set("host", &"10.0.0.2".into());
        let edited = b"{\"a\":\"\xff\xfe\",\"\\u0068ost\":\"10.0.0.2\",\"b\xff\":[\"\\ud800\", 1]}";
        assert_eq!(value.to_bytes(), edited);
        assert_eq!(value.raw("a"), Some("\"\u{fffd}\u{fffd}\""), "each byte is shown as one character");
    }

    #[test]
    fn the_field_that_counts_is_the_one_that_is_edited() {
        let mut value = Value::parse(br#"{"host":"a","HOST":null}"#).unwrap();
        assert_eq!(value.raw("host"), Some("\"a\""), "null changes nothing");
        value.set("host", &"b".into());
        assert_eq!(value.to_json(), r#"{"host":"b","HOST":null}"#);
        assert_eq!(Value::parse(br#"{"host":null}"#).unwrap().raw("host"), Some("null"));
        assert_eq!(Value::parse(br#"{"host":"a","Host":"b"}"#).unwrap().raw("host"), Some("\"b\""));
    }

    #[test]
    fn what_go_refuses_is_refused_with_the_place_and_the_reason() {
        for (text, reason) in [
            (" ", "the text ends too early at line 1, column 2"),
            ("tru", "no such word in JSON at line 1, column 1"),
            ("1.2.3.4", "nothing more was expected at line 1, column 4"),
            ("{'a':1}", "a field's name in double quotes was expected at line 1, column 2"),
            ("{\n \"ü\":1,}", "a field's name in double quotes was expected at line 2, column 8"),
            ("{} x", "nothing more was expected at line 1, column 4"),
            ("{\"a\"", "the text ends too early at line 1, column 5"),
            ("{\"a\";1}", "a colon was expected at line 1, column 5"),
            ("{\"a\":1 \"b\":2}", "a comma or a closing brace was expected at line 1, column 8"),
            ("{\"a\":[1 2]}", "a comma or a closing bracket was expected at line 1, column 9"),
            ("{\"a\":{\"b\":1]}", "a comma or a closing brace was expected at line 1, column 12"),
            ("{\"a\":}", "a value was expected at line 1, column 6"),
            ("{\"a\":01}", "a comma or a closing brace was expected at line 1, column 7"),
            ("{\"a\":5.}", "a digit was expected at line 1, column 8"),
            ("{\"a\":-}", "a digit was expected at line 1, column 7"),
            ("{\"a\":1e+}", "a digit was expected at line 1, column 9"),
            ("{\"a\":\"\\'\"}", "no such escape in JSON at line 1, column 7"),
            ("{\"a\":\"\\u12g4\"}", "four hexadecimal digits were expected behind \\u at line 1, column 7"),
            ("\u{feff}{}", "a value was expected at line 1, column 1"),
            ("// x\n{}", "a value was expected at line 1, column 1"),
            ("{\"a\":\"\n\"}", "a control character must be escaped at line 1, column 7"),
        ] {
            let error = Value::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("the value is not JSON: {reason}"), "{text:?}");
        }
        for (text, reason) in [
            ("", "the value is empty"),
            ("[]", "the value is an array, and must be a JSON object"),
            ("5", "the value is a number, and must be a JSON object"),
            ("\"a\"", "the value is a string, and must be a JSON object"),
            ("true", "the value is true or false, and must be a JSON object"),
        ] {
            assert_eq!(Value::parse(text.as_bytes()).unwrap_err().to_string(), reason, "{text:?}");
        }
        assert!(Value::parse(b"null").unwrap().is_empty());
        assert!(Value::parse(b" {} \r\n\t").unwrap().is_empty());
        assert!(Value::parse(b"{\"a\":\"\x7f\\/\"}").is_ok());
    }

    #[test]
    fn depth_ends_where_go_ends_it_and_costs_no_stack() {
        let nested =
            |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(Value::parse(nested(10_000).as_bytes()).is_ok());
        let error = Value::parse(nested(10_001).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("nested more than 10000 levels deep"), "{error}");
        assert!(Value::parse("{\"x\":".repeat(1_000_000).as_bytes()).is_err());
    }
}
