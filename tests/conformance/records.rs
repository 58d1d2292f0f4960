//! Records as a file has them: an array of `{"key","value"|"raw","lease_ttl"}`.

use coredeck::{
    dns::{KeyContent, LeaseLeft, ReadPart},
    keys::LeaseId,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    /// The seconds that were granted.
    pub lease_ttl: Option<i64>,
}

/// Record in a file. `value` is JSON; a value that is no JSON, or has a spelling that matters, is `raw`; one that is
/// no text is `hex`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_ttl: Option<i64>,
}

impl Record {
    pub fn new(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self { key: key.into(), value: value.into(), lease_ttl: None }
    }
}

impl From<&Written> for Record {
    fn from(written: &Written) -> Self {
        let key = match (&written.key, &written.key_hex) {
            (Some(key), None) => key.as_bytes().to_vec(),
            (None, Some(hex)) => from_hex(hex),
            _ => panic!("either key or key_hex: {written:?}"),
        };
        let value = match (&written.value, &written.raw, &written.hex) {
            (Some(value), None, None) => value.to_string().into_bytes(),
            (None, Some(raw), None) => raw.as_bytes().to_vec(),
            (None, None, Some(hex)) => from_hex(hex),
            _ => panic!("one of value, raw and hex: {written:?}"),
        };
        Self { key, value, lease_ttl: written.lease_ttl }
    }
}

impl From<&Record> for Written {
    fn from(record: &Record) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let (key, value) = (text(&record.key), text(&record.value));
        // A value is written as JSON only if it comes out as it went in.
        let parsed: Option<serde_json::Value> = value
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .filter(|parsed: &serde_json::Value| parsed.to_string().as_bytes() == record.value);
        Self {
            key_hex: key.is_none().then(|| to_hex(&record.key)),
            key,
            hex: value.is_none().then(|| to_hex(&record.value)),
            raw: value.filter(|_| parsed.is_none()),
            value: parsed,
            lease_ttl: record.lease_ttl,
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&Written::from(self)).expect("it is made of text"))
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Content of a store.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub records: Vec<(Box<[u8]>, KeyContent)>,
    pub leases: HashMap<LeaseId, LeaseLeft>,
    /// The seconds for which they were granted.
    pub granted: Vec<u32>,
}

impl Held {
    /// Returns these records as a store would hold them, each lease with all its time left.
    pub fn of(records: &[Record]) -> Self {
        let mut held = Self::default();
        for (number, record) in records.iter().enumerate() {
            let lease = record.lease_ttl.map(|seconds| {
                let id = LeaseId::new(i64::try_from(number).unwrap() + 1).unwrap();
                held.leases.insert(id, LeaseLeft::Seconds(seconds));
                held.granted.push(u32::try_from(seconds).unwrap());
                id
            });
            held.records
                .push((record.key.clone().into(), KeyContent { value: record.value.clone().into(), lease }));
        }
        held
    }

    /// Returns everything as the engine reads it.
    pub fn known(&self) -> ReadPart {
        let mut known = ReadPart::everything(self.records.iter().cloned());
        for (lease, left) in &self.leases {
            known.learn_lease(*lease, *left);
        }
        known
    }

    /// Tells whether the record at this key has a lease, and so goes away by itself.
    pub fn is_leased(&self, key: &[u8]) -> bool {
        self.records.iter().any(|(other, content)| **other == *key && content.lease.is_some())
    }
}
