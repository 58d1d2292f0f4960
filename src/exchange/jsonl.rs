//! JSON records: one object a record, as lines or in an array. A record that is written here is read back byte for
//! byte.
use super::{FileRecord, LeaseTerm, ParseError, json_error};
use crate::{
    foreign_text::ForeignText,
    keys::{
        LeaseId,
        spelling::{spell, unspell},
    },
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Form of such a file, for a person who wrote it wrongly.
const FORM: &str = "\
Correct that line. The file holds records, one a line or in an array, each as one of
  {\"key\": \"/coredns/io/gcr/x1\", \"value\": {\"host\": \"10.0.0.1\"}}
  {\"key\": \"/coredns/io/gcr/x2\", \"raw\": \"any text\", \"lease_ttl\": 60}
or the lines of coredeck get --recursive -o json.";

/// The fields that somebody writes.
const FIELDS: [&str; 6] = ["key", "value", "raw", "spelled", "lease_ttl", "lease"];

/// One record of the file. The names that only a line of `get -o json` has are known and passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRecord {
    key: String,
    /// Stored as the text that it is here, a `null` as well.
    #[serde(default, deserialize_with = "present")]
    value: Option<Box<RawValue>>,
    /// The exact bytes of the value; spelled where the entry says so, or is a line of `get -o json`.
    raw: Option<String>,
    /// True if `key` and `raw` are spelled.
    spelled: Option<bool>,
    /// In seconds.
    lease_ttl: Option<u64>,
    /// Hexadecimal.
    lease: Option<String>,
    /// Tells a line of `get -o json`.
    mod_revision: Option<serde::de::IgnoredAny>,
    #[serde(rename = "name")]
    _name: Option<serde::de::IgnoredAny>,
    #[serde(rename = "type")]
    _type: Option<serde::de::IgnoredAny>,
    #[serde(rename = "create_revision")]
    _create_revision: Option<serde::de::IgnoredAny>,
    #[serde(rename = "version")]
    _version: Option<serde::de::IgnoredAny>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(value).map(Some)
}

#[derive(Serialize)]
struct JsonLine<'r> {
    key: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'r RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spelled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_ttl: Option<u64>,
}

/// Writes a record as one line, without the newline: `key`, `value` (its JSON as it is stored) or `raw`, and for a
/// record with a lease `lease` and `lease_ttl`. With `spelled`, `key` and `raw` are spelled; it is there where that
/// differs from the text.
#[must_use]
pub fn jsonl_line(record: &FileRecord) -> String {
    let key = spell(&record.key);
    let value = value_as_written(&record.value);
    let raw = value.is_none().then(|| spell(&record.value));
    let is_itself = |spelled: &str, bytes: &[u8]| spelled.as_bytes() == bytes;
    let spelled =
        !is_itself(&key, &record.key) || raw.as_deref().is_some_and(|raw| !is_itself(raw, &record.value));
    let line = JsonLine {
        key: &key,
        value: value.as_deref(),
        raw: raw.as_deref(),
        spelled: spelled.then_some(true),
        lease: record.lease.and_then(|lease| lease.of).map(|lease| lease.to_string()),
        lease_ttl: record.lease.map(|lease| lease.seconds),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

/// Writes the lines of a file: those of its records, or one that says that there are none. A file without a line may
/// have been cut off, and is never read as one of no records.
pub fn jsonl_lines(records: impl IntoIterator<Item = FileRecord>) -> Vec<String> {
    let lines: Vec<String> = records.into_iter().map(|record| jsonl_line(&record)).collect();
    if lines.is_empty() { vec!["[]".to_owned()] } else { lines }
}

/// Returns a value that can stand in a line as JSON: it comes back with every byte, and a terminal shows it.
#[must_use]
pub fn value_as_written(value: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(value).ok()?;
    let harmless = ForeignText::from(text).to_string() == text;
    // Deep nesting is refused by most readers, and blanks round a value are lost.
    let is_plain = harmless && text.trim() == text && serde_json::from_str::<serde_json::Value>(text).is_ok();
    is_plain.then(|| RawValue::from_string(text.to_owned()).ok()).flatten()
}

/// Tells whether two values are the same to everybody who reads them as JSON fields in their order: byte for byte,
/// except for blanks between tokens.
#[must_use]
pub fn same_value(one: &[u8], other: &[u8]) -> bool {
    let dense = |bytes: &[u8]| {
        serde_json::from_slice::<&RawValue>(bytes).ok().map(|_| {
            let (mut in_string, mut escaped) = (false, false);
            let mut dense = bytes.to_vec();
            dense.retain(|byte| {
                if *byte == b'"' && !escaped {
                    in_string = !in_string;
                }
                escaped = in_string && *byte == b'\\' && !escaped;
                in_string || !byte.is_ascii_whitespace()
            });
            dense
        })
    };
    one == other || dense(one).is_some_and(|one| dense(other).is_some_and(|other| one == other))
}

/// Reads the records of a file, in its order.
///
/// # Errors
/// [`ParseError`] for an entry that is not JSON, is no record, or has the key of another record.
pub fn read_jsonl(bytes: &[u8]) -> Result<Vec<FileRecord>, ParseError> {
    let fault = |line, what: String| ParseError { line, what, remedy: FORM };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault(line_of(bytes, error.valid_up_to()), "it is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records: Vec<FileRecord> = Vec::new();
    let mut numbers: HashMap<Box<[u8]>, usize> = HashMap::new();
    // Lines are counted once, from entry to entry: a file may hold a million.
    let (mut line, mut counted) = (1, 0);
    for (index, raw) in entries(text)?.into_iter().enumerate() {
        let number = index + 1;
        // An entry is a part of the text.
        let at = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += newlines(text.as_bytes().get(counted..at).unwrap_or_default());
        counted = at;
        let wrong = |what: String| fault(line, format!("record {number}: {what}"));
        let entry: JsonRecord = serde_json::from_str(raw.get()).map_err(|error| {
            let line = line + error.line().saturating_sub(1);
            fault(line, format!("record {number}: {}", json_error(&error, &FIELDS)))
        })?;
        let record = entry.record(line).map_err(wrong)?;
        if let Some(first) = numbers.insert(record.key.clone(), number) {
            return Err(wrong(format!("it has the key of record {first}")));
        }
        records.push(record);
    }
    Ok(records)
}

impl JsonRecord {
    fn record(self, line: usize) -> Result<FileRecord, String> {
        let spelled = self.spelled.unwrap_or(self.mod_revision.is_some());
        let bytes = |text: String| -> Result<Box<[u8]>, String> {
            if spelled {
                Ok(unspell(&text).map_err(|error| error.to_string())?.into())
            } else {
                Ok(text.into_bytes().into())
            }
        };
        let value = match (self.value, self.raw) {
            (Some(value), None) => value.get().as_bytes().into(),
            (None, Some(raw)) => bytes(raw)?,
            (Some(_), Some(_)) => return Err("it has a value and a raw value".to_owned()),
            (None, None) => return Err("it has no value and no raw value".to_owned()),
        };
        let of = match self.lease {
            None => None,
            Some(text) => match i64::from_str_radix(&text, 16).ok().and_then(LeaseId::new) {
                Some(lease) => Some(lease),
                None => return Err(format!("{text:?} is not a lease's id")),
            },
        };
        let lease = self.lease_ttl.map(|seconds| LeaseTerm { of, seconds });
        Ok(FileRecord { key: bytes(self.key)?, value, lease, line })
    }
}

/// Splits the text into the records of an array, or of a row of objects.
fn entries(text: &str) -> Result<Vec<&RawValue>, ParseError> {
    let wrong = |error: serde_json::Error| ParseError {
        line: error.line().max(1),
        what: json_error(&error, &FIELDS),
        remedy: FORM,
    };
    if text.trim_start().starts_with('{') {
        return serde_json::Deserializer::from_str(text)
            .into_iter()
            .map(|entry| entry.map_err(wrong))
            .collect();
    }
    serde_json::from_str(text).map_err(wrong)
}

fn line_of(text: &[u8], offset: usize) -> usize {
    1 + newlines(text.get(..offset).unwrap_or(text))
}

fn newlines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> FileRecord {
        read_jsonl(text.as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn no_records_at_all_come_back_as_none_and_an_empty_file_is_not_that() {
        let lines = jsonl_lines(read_jsonl(b"[]").unwrap());
        assert_eq!(read_jsonl(lines.join("\n").as_bytes()), Ok(vec![]));
        assert!(read_jsonl(b"").is_err() && read_jsonl(b"\n").is_err());
    }

    #[test]
    fn a_value_is_the_text_that_it_is_and_a_raw_one_its_bytes() {
        let text = r#"[
            {"key": "/coredns/a", "value": {"host" :"10.0.0.1", "ttl": 1e2, "ttl":60}},
            {"key": "/coredns/b\\@c", "raw": "{\"text\":\"a\\\\b\"} \u0000", "lease_ttl": 60},
            {"key": "/coredns/c", "value": "a text", "lease_ttl": null},
            {"key": "/coredns/d", "value": null},
            {"key": "/other/d", "value": 1}
        ]"#;
        let records = read_jsonl(text.as_bytes()).unwrap();
        let values: Vec<&[u8]> = records.iter().map(|record| &*record.value).collect();
        let wanted: [&[u8]; 5] = [
            br#"{"host" :"10.0.0.1", "ttl": 1e2, "ttl":60}"#,
            b"{\"text\":\"a\\\\b\"} \0",
            b"\"a text\"",
            b"null",
            b"1",
        ];
        assert_eq!(values, wanted);
        assert_eq!(&*records[1].key, br"/coredns/b\@c");
        assert_eq!(records[1].lease, Some(LeaseTerm { of: None, seconds: 60 }));
        assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn the_lines_that_get_prints_are_records_too_with_keys_and_bytes_as_it_spells_them() {
        let lines = concat!(
            r#"{"key":"/coredns/io/a\\\\.b","name":"a\\.b.io","type":"A","value":{"host":"10.0.0.1"},"create_revision":1,"mod_revision":2,"version":1,"lease":null,"lease_ttl":null}"#,
            "\n",
            r#"{"key":"/coredns/io/x","name":"x.io","type":"?","raw":"\\xff\\n","create_revision":1,"mod_revision":2,"version":1,"lease":"0a","lease_ttl":7}"#,
            "\n"
        );
        let records = read_jsonl(lines.as_bytes()).unwrap();
        assert_eq!(&*records[0].key, br"/coredns/io/a\.b");
        assert_eq!(&*records[1].value, b"\xff\n");
        assert_eq!(records[1].lease, Some(LeaseTerm { of: LeaseId::new(10), seconds: 7 }));
    }

    #[test]
    fn a_byte_order_mark_and_lines_of_another_system_do_no_harm() {
        let text = "\u{feff}{\"key\": \"/coredns/a\", \"value\": {}}\r\n{\"key\": \"/coredns/b\", \"value\": {}}\r\n";
        assert_eq!(read_jsonl(text.as_bytes()).unwrap()[1].line, 2);
    }

    #[test]
    fn what_is_plain_is_written_plainly() {
        let record = |key: &str, value: &str| FileRecord {
            key: key.as_bytes().into(),
            value: value.as_bytes().into(),
            lease: None,
            line: 0,
        };
        for (written, line) in [
            (record("/c/a", r#"{"host": "10.0.0.1"}"#), r#"{"key":"/c/a","value":{"host": "10.0.0.1"}}"#),
            (record("/c/a", "1.2.3.4"), r#"{"key":"/c/a","raw":"1.2.3.4"}"#),
            (record("/c/a", " {} "), r#"{"key":"/c/a","raw":" {} "}"#),
            (record("/c/a", "{\n}"), r#"{"key":"/c/a","raw":"{\\n}","spelled":true}"#),
            (record("/c/a", ""), r#"{"key":"/c/a","raw":""}"#),
            (record(r"/c/a\.b", "{}"), r#"{"key":"/c/a\\\\.b","value":{},"spelled":true}"#),
            (
                record("/c/a", "{\"text\":\"\u{202e}\"}"),
                r#"{"key":"/c/a","raw":"{\"text\":\"\\xe2\\x80\\xae\"}","spelled":true}"#,
            ),
        ] {
            assert_eq!(jsonl_line(&written), line);
        }
    }

    #[test]
    fn a_long_file_costs_no_more_than_its_length() {
        let entry = |n: usize| format!("{{\"key\": \"/coredns/io/x{n}\", \"value\": {{}}}}");
        let mut entries: Vec<String> = (0..50_000).map(entry).collect();
        let text = format!("[{}]", entries.join(",\n"));
        let started = std::time::Instant::now();
        assert_eq!(read_jsonl(text.as_bytes()).unwrap().len(), 50_000);
        // Counting the lines anew for each entry took minutes.
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        entries.push(entry(7));
        let wrong = read_jsonl(format!("[{}]", entries.join(",\n")).as_bytes()).unwrap_err();
        assert_eq!((wrong.line, &*wrong.what), (50_001, "record 50001: it has the key of record 8"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_its_record() {
        let good = r#"{"key": "/coredns/a", "value": 1}"#;
        for (text, line, wanted) in [
            ("", 1, "EOF"),
            ("[", 1, "EOF"),
            ("5", 1, "expected a sequence"),
            (
                &*format!("[{good},\n{{\"key\": \"/coredns/b\"}}]"),
                2,
                "record 2: it has no value and no raw value",
            ),
            (
                &*format!("[{good},\n{{\"key\": \"/coredns/b\",\n\"vlaue\": 1}}]"),
                3,
                "record 2: unknown field `vlaue`",
            ),
            (&*format!("[{good},\n\n{good}]"), 3, "record 2: it has the key of record 1"),
            ("[{\"value\": 1}]", 1, "record 1: missing field `key`"),
            ("[\n\n{\"key\": \"/coredns/a\", \"value\": 1, \"raw\": \"1\"}]", 3, "a value and a raw value"),
            ("[{\"key\": \"/coredns/a\", \"value\": 1, \"lease\": \"x\"}]", 1, "\"x\" is not a lease's id"),
            ("[{\"key\": \"/coredns/a\\\\q\", \"value\": 1, \"spelled\": true}]", 1, "not a spelled key"),
            ("[{\"key\": \"/coredns/a\", \"value\": 1, \"lease_ttl\": -1}]", 1, "lease_ttl"),
            ("[{\"key\": \"/coredns/a\", \"value\": 1, \"lease_ttl\": 1.5}]", 1, "record 1"),
            (&*format!("[{good}\n{good}]"), 2, "expected `,`"),
            (&*format!("[{good}]\nmore"), 2, "trailing"),
        ] {
            let wrong = read_jsonl(text.as_bytes()).unwrap_err();
            assert_eq!(wrong.line, line, "{text}: {wrong:?}");
            // Only serde's field names are not ours.
            assert!(wrong.what.contains(wanted) || wanted == "lease_ttl", "{text}: {wrong:?}");
        }
        assert_eq!(read_jsonl(b"[\n\xff").unwrap_err().line, 2);
    }

    #[test]
    fn only_blanks_between_tokens_do_not_matter() {
        for (one, other, same) in [
            (r#"{"a":1,"b":"x y"}"#, "{ \"a\" : 1,\n\"b\":\"x y\" }", true),
            (r#"{"a":"x y"}"#, r#"{"a":"xy"}"#, false),
            (r#"{"a":"\" b"}"#, r#"{"a":"\"b"}"#, false),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, false),
            (r#"{"a":1}"#, r#"{"a":1.0}"#, false),
            ("a b", "ab", false),
            ("a b", "a b", true),
            ("1 2", "12", false),
        ] {
            assert_eq!(same_value(one.as_bytes(), other.as_bytes()), same, "{one} {other}");
        }
    }

    fn any_value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[ {}\\[\\]\"a0:,\\\\u\u{202e}\n]{0,24}".prop_map(String::into_bytes),
            "\\{\"host\" ?: ?\"[a-z\\\\\"]{0,6}\",\"ttl\":[0-9.e]{1,4}\\}".prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #[test]
        fn every_record_comes_back_from_its_line_byte_for_byte(
            key in prop_oneof![prop::collection::vec(any::<u8>(), 0..30), "/[a-z\\\\./]{0,9}".prop_map(String::into_bytes)],
            value in any_value(),
            lease in prop::option::of((prop::option::of(1..i64::MAX), any::<u64>())),
        ) {
            let lease = lease.map(|(of, seconds)| LeaseTerm { of: of.and_then(LeaseId::new), seconds });
            let record = FileRecord { key: key.into(), value: value.into(), lease, line: 1 };
            let line = jsonl_line(&record);
            prop_assert!(!line.chars().any(char::is_control), "{}", line);
            prop_assert_eq!(one(&line), record);
        }
    }
}
