//! Record as one line of JSON. The field names are stable.
use crate::{
    dns::{LeaseLeft, Name, Record, Value},
    foreign_text::ForeignText,
    keys::{KeyValue, Scope, spelling::spell},
    ops::LeaseTimes,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt::Write as _;

#[derive(Serialize)]
struct RecordLine {
    key: String,
    name: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    create_revision: i64,
    mod_revision: i64,
    version: i64,
    lease: Option<String>,
    lease_ttl: Option<i64>,
}

/// Returns the line of a record.
pub(super) fn line((scope, zones): (&Scope, &[Name]), record: &KeyValue, leases: &LeaseTimes) -> String {
    let value = object(&record.value);
    let raw = value.is_none().then(|| spell(&record.value));
    let lease_ttl = record.lease.and_then(|lease| match leases.get(&lease)? {
        LeaseLeft::Seconds(left) => Some(*left),
        LeaseLeft::Gone | LeaseLeft::Unknown => None,
    });
    let line = RecordLine {
        key: record.key.spelled(),
        name: Name::of_key(scope, &record.key).to_string(),
        r#type: Record::read(zones, scope, &record.key, &record.value).kind.mnemonic(),
        value,
        raw,
        create_revision: record.create_revision.0,
        mod_revision: record.mod_revision.0,
        version: record.version,
        lease: record.lease.map(|lease| lease.to_string()),
        lease_ttl,
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

/// Returns the value as it is stored, if it is a JSON object: fields, order and spelling of numbers stay. Only blanks
/// between tokens go, and invisible signs in strings are escaped.
pub(super) fn object(bytes: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !text.trim_start().starts_with('{') || Value::parse(bytes).is_err() || is_too_deep(text) {
        return None;
    }
    RawValue::from_string(one_harmless_line(text)).ok()
}

/// Tells whether it is nested more deeply than JSON readers take (128 levels in `serde_json`): one such value would
/// break every reader of these lines.
fn is_too_deep(json: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(json).is_err()
}

/// Returns the same JSON on one line, without signs that a terminal would obey or hide.
fn one_harmless_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if !in_string && c.is_ascii_whitespace() {
            continue;
        }
        match c {
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        if ForeignText::from(c.encode_utf8(&mut [0; 4]) as &str).to_string().starts_with(c) {
            line.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a string cannot fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{LeaseId, Revision};

    fn of(value: &[u8]) -> serde_json::Value {
        let scope = Scope::parse("/coredns").unwrap();
        let record = KeyValue {
            key: scope.key(b"/coredns/io/gcr/x1").unwrap(),
            value: value.into(),
            create_revision: Revision(3),
            mod_revision: Revision(7),
            version: 2,
            lease: LeaseId::new(255),
        };
        let leases = LeaseTimes::from([(LeaseId::new(255).unwrap(), LeaseLeft::Seconds(60))]);
        let line = line((&scope, &[]), &record, &leases);
        assert!(!line.chars().any(char::is_control), "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn a_record_has_the_promised_fields() {
        let line = of(br#"{"host":"172.25.52.217","ttl":60}"#);
        let wanted = serde_json::json!({
            "key": "/coredns/io/gcr/x1", "name": "x1.gcr.io", "type": "A",
            "value": {"host": "172.25.52.217", "ttl": 60},
            "create_revision": 3, "mod_revision": 7, "version": 2, "lease": "00000000000000ff", "lease_ttl": 60,
        });
        assert_eq!(line, wanted);
    }

    #[test]
    fn what_is_nested_too_deeply_for_most_readers_is_raw() {
        let deep = format!(r#"{{"host":"10.0.0.1","x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert!(of(deep.as_bytes()).get("raw").is_some());
    }

    #[test]
    fn what_is_no_object_is_raw_and_spelled() {
        for (value, raw) in
            [(&b"1.2.3.4"[..], "1.2.3.4"), (b"", ""), (b"\xff\x1b[2J\n", r"\xff\x1b[2J\n"), (b"null", "null")]
        {
            let line = of(value);
            assert_eq!(line["raw"], raw);
            assert!(line.get("value").is_none());
        }
    }

    #[test]
    fn a_value_of_many_lines_becomes_one_and_means_the_same() {
        let stored = "{\n  \"host\" : \"a \\\" b\\\\\",\r\n\t\"text\": \"\u{202e}x\u{9b}\u{e0001}\u{7f}\" }";
        assert_eq!(
            of(stored.as_bytes())["value"],
            serde_json::from_str::<serde_json::Value>(stored).unwrap()
        );
    }
}
