use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// A value as an ordered list of JSON fields, each kept as it was written.
///
/// Nothing is lost between reading and writing: unknown fields, their order, duplicates, and the spelling of
/// numbers stay. Names are matched without regard to case and the last of several wins, as Go's `encoding/json`
/// does it for `CoreDNS`.
#[derive(Clone, Debug, Default)]
pub struct Value(Vec<(String, Box<RawValue>)>);

/// Why a value is not what `CoreDNS` can use. `CoreDNS` answers SERVFAIL for every name that reads such a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("the value is empty")]
    Empty,
    #[error("the value is not a JSON object: {0}")]
    NotAnObject(String),
    #[error("{field} is {found}, and must be {wanted}")]
    WrongType { field: &'static str, found: String, wanted: &'static str },
}

impl Value {
    /// Parses a stored value. `null` is an empty record, as for `CoreDNS`.
    ///
    /// # Errors
    /// [`ValueError::Empty`] and [`ValueError::NotAnObject`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ValueError> {
        if bytes.is_empty() {
            return Err(ValueError::Empty);
        }
        let not_an_object = |error: serde_json::Error| ValueError::NotAnObject(error.to_string());
        Ok(serde_json::from_slice::<Option<Self>>(bytes).map_err(not_an_object)?.unwrap_or_default())
    }

    /// The JSON text, without blanks between fields.
    #[must_use]
    pub fn to_json(&self) -> String {
        use fmt::Write as _;
        let mut out = String::from("{");
        for (index, (name, raw)) in self.0.iter().enumerate() {
            let separator = if index > 0 { "," } else { "" };
            // A string always serialises, and a String takes every write.
            let name = serde_json::to_string(name).unwrap_or_default();
            let _ = write!(out, "{separator}{name}:{}", raw.get());
        }
        out + "}"
    }

    /// The JSON text of a field, as stored.
    #[must_use]
    pub fn raw(&self, field: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| folds_to(name, field)).map(|(_, raw)| raw.get())
    }

    /// The names of all fields, in their order and spelling.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is no field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a field, where it stands or at the end.
    pub fn set(&mut self, field: &str, json: &serde_json::Value) {
        // Every serde_json::Value serialises.
        let Ok(raw) = serde_json::value::to_raw_value(json) else { return };
        match self.0.iter_mut().rev().find(|(name, _)| folds_to(name, field)) {
            Some((_, old)) => *old = raw,
            None => self.0.push((field.to_owned(), raw)),
        }
    }

    /// Removes a field in all its spellings.
    pub fn remove(&mut self, field: &str) {
        self.0.retain(|(name, _)| !folds_to(name, field));
    }

    pub(super) fn text(&self, field: &'static str) -> Result<String, ValueError> {
        self.typed(field, "a string")
    }

    /// A 64-bit integer; 0 when absent, as for `CoreDNS`.
    pub(super) fn integer(&self, field: &'static str) -> Result<i64, ValueError> {
        self.typed(field, "a whole number")
    }

    pub(super) fn ttl(&self) -> Result<u32, ValueError> {
        self.typed("ttl", "a whole number from 0 to 4294967295")
    }

    pub(super) fn boolean(&self, field: &'static str) -> Result<bool, ValueError> {
        self.typed(field, "true or false")
    }

    fn typed<T: for<'de> Deserialize<'de> + Default>(
        &self,
        field: &'static str,
        wanted: &'static str,
    ) -> Result<T, ValueError> {
        let Some(raw) = self.raw(field) else { return Ok(T::default()) };
        serde_json::from_str::<Option<T>>(raw)
            .map(Option::unwrap_or_default)
            .map_err(|_| ValueError::WrongType { field, found: raw.to_owned(), wanted })
    }
}

/// Go's simple folding, as far as it meets ASCII names: two letters outside ASCII fold to `s` and `k`.
fn folds_to(name: &str, field: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(field.chars())
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Value(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
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
    fn what_go_refuses_is_refused() {
        for bytes in [
            "",
            " ",
            "[]",
            "5",
            "\"a\"",
            "1.2.3.4",
            "{'a':1}",
            "{\"a\":1,}",
            "{} x",
            "\u{feff}{}",
            "{\"a\":\"\n\"}",
        ] {
            assert!(Value::parse(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
        assert!(Value::parse(b"null").unwrap().is_empty());
        assert!(Value::parse(b" {} \n").unwrap().is_empty());
    }

    #[test]
    fn the_last_spelling_of_a_field_wins() {
        let value = Value::parse(r#"{"host":"a","HOST":"b","hoſt":"c"}"#.as_bytes()).unwrap();
        assert_eq!(value.text("host").unwrap(), "c");
    }

    #[test]
    fn numbers_as_strings_and_floats_are_errors() {
        for wrong in [
            r#"{"port":"80"}"#,
            r#"{"port":80.0}"#,
            r#"{"port":8e1}"#,
            r#"{"ttl":-1}"#,
            r#"{"ttl":4294967296}"#,
        ] {
            let value = Value::parse(wrong.as_bytes()).unwrap();
            assert!(value.integer("port").is_err() || value.ttl().is_err(), "{wrong}");
        }
    }
}
