//! `--records FILE`: records from a file instead of etcd, so that a change can be judged before there is a cluster.
use super::{Exit, output::say_safely, trouble::Trouble};
use crate::{
    dns::{Content, Known, LeaseLeft, Name},
    keys::{LeaseId, Scope, spelling::unspell},
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read as _},
    path::Path,
};

const FORM: &str = "\
The file holds an array of records, each as one of
  {\"key\": \"/coredns/io/gcr/x1\", \"value\": {\"host\": \"10.0.0.1\"}}
  {\"key\": \"/coredns/io/gcr/x2\", \"raw\": \"any text\", \"lease_ttl\": 60}
or the lines of coredeck get --recursive -o json.";

/// One record of the file. The names that only a line of `get -o json` has are known and passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: String,
    /// Stored as the text that it is here, a `null` as well.
    #[serde(default, deserialize_with = "present")]
    value: Option<Box<RawValue>>,
    /// The exact bytes of the value; spelled where the entry is a line of `get -o json`.
    raw: Option<String>,
    /// In seconds.
    lease_ttl: Option<u64>,
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
    #[serde(rename = "lease")]
    _lease: Option<serde::de::IgnoredAny>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(value).map(Some)
}

/// The records of a file.
#[derive(Debug)]
pub(super) struct RecordsFile {
    /// All that there is.
    pub(super) known: Known,
    /// The top-level names.
    pub(super) tops: Vec<Name>,
}

impl RecordsFile {
    /// Reads a file, or stdin for `-`.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub(super) fn read(scope: &Scope, path: &Path) -> Result<Self, Trouble> {
        let (name, read) = if path == Path::new("-") {
            let mut bytes = Vec::new();
            ("stdin".to_owned(), io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes))
        } else {
            (path.display().to_string(), std::fs::read(path))
        };
        let bytes = read.map_err(|error| {
            Trouble::new(Exit::Failed, format!("{name} cannot be read: {error}"), "Give a file with records.")
        })?;
        let (file, outside) = Self::parse(scope, &bytes).map_err(|Wrong { line, what }| {
            Trouble::new(Exit::Failed, format!("{name}, line {line}: {what}"), "Correct that line.")
                .hint(FORM)
        })?;
        if outside > 0 {
            let records = if outside == 1 { "1 record lies" } else { "records lie" };
            let number = if outside == 1 { String::new() } else { format!("{outside} ") };
            say_safely(format!(
                "coredeck: warning: {number}{records} outside {scope}, where CoreDNS never reads; --prefix names another"
            ));
        }
        Ok(file)
    }

    /// The records, and how many of them lie outside the scope.
    fn parse(scope: &Scope, bytes: &[u8]) -> Result<(Self, usize), Wrong> {
        let text = std::str::from_utf8(bytes).map_err(|error| Wrong {
            line: line_of(bytes, error.valid_up_to()),
            what: "it is not UTF-8".to_owned(),
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut records: BTreeMap<Box<[u8]>, (usize, Content)> = BTreeMap::new();
        let mut leases = Vec::new();
        let mut outside = 0;
        // Lines are counted once, from entry to entry: a file may hold a million.
        let (mut line, mut counted) = (1, 0);
        for (index, raw) in entries(text)?.into_iter().enumerate() {
            let number = index + 1;
            // An entry is a part of the text.
            let at = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            line += newlines(text.as_bytes().get(counted..at).unwrap_or_default());
            counted = at;
            let wrong = |what: String| Wrong { line, what: format!("record {number}: {what}") };
            let entry: Entry = serde_json::from_str(raw.get()).map_err(|error| Wrong {
                line: line + error.line().saturating_sub(1),
                what: format!("record {number}: {}", without_place(&error)),
            })?;
            let spelled = entry.mod_revision.is_some();
            let bytes = |text: &str| {
                if spelled {
                    unspell(text).map_err(|error| wrong(error.to_string()))
                } else {
                    Ok(text.as_bytes().to_vec())
                }
            };
            let key = bytes(&entry.key)?.into_boxed_slice();
            let value = match (&entry.value, &entry.raw) {
                (Some(value), None) => value.get().as_bytes().to_vec(),
                (None, Some(raw)) => bytes(raw)?,
                (Some(_), Some(_)) => return Err(wrong("it has a value and a raw value".to_owned())),
                (None, None) => return Err(wrong("it has no value and no raw value".to_owned())),
            };
            if scope.key(&key).is_err() {
                outside += 1;
                continue;
            }
            let lease = entry.lease_ttl.and_then(|left| {
                let lease = LeaseId::new(i64::try_from(number).ok()?)?;
                leases.push((lease, LeaseLeft::Seconds(i64::try_from(left).unwrap_or(i64::MAX))));
                Some(lease)
            });
            let content = Content { value: value.into(), lease };
            if let Some((first, _)) = records.insert(key, (number, content)) {
                return Err(wrong(format!("it has the key of record {first}")));
            }
        }
        let tops = tops(scope, records.keys().map(AsRef::as_ref));
        let mut known = Known::everything(records.into_iter().map(|(key, (_, content))| (key, content)));
        for (lease, left) in leases {
            known.learn_lease(lease, left);
        }
        Ok((Self { known, tops }, outside))
    }
}

/// The top-level names of keys.
fn tops<'k>(scope: &Scope, keys: impl IntoIterator<Item = &'k [u8]>) -> Vec<Name> {
    let behind = keys.into_iter().filter_map(|key| key.strip_prefix(scope.as_str().as_bytes()));
    let segments: BTreeSet<&[u8]> = behind.filter_map(|key| key.split(|byte| *byte == b'/').next()).collect();
    segments.into_iter().filter_map(Name::of_segment).collect()
}

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    line: usize,
    what: String,
}

/// The records of an array, or of a row of objects.
fn entries(text: &str) -> Result<Vec<&RawValue>, Wrong> {
    let wrong = |error: serde_json::Error| Wrong { line: error.line().max(1), what: without_place(&error) };
    if text.trim_start().starts_with('{') {
        return serde_json::Deserializer::from_str(text)
            .into_iter()
            .map(|entry| entry.map_err(wrong))
            .collect();
    }
    serde_json::from_str(text).map_err(wrong)
}

/// The message without serde's own line and column.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.clone(), |at| text.get(..at).unwrap_or_default().to_owned())
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
    use crate::dns::Source as _;
    use std::ops::ControlFlow;

    fn parse(text: &str) -> Result<(RecordsFile, usize), Wrong> {
        RecordsFile::parse(&Scope::parse("/coredns").unwrap(), text.as_bytes())
    }

    fn value(file: &RecordsFile, key: &str) -> Option<(Vec<u8>, Option<LeaseLeft>)> {
        let mut found = None;
        file.known.at(key.as_bytes(), &mut |record| {
            found = Some((record.value.to_vec(), record.lease.map(|lease| file.known.lease_left(lease))));
            ControlFlow::Break(())
        });
        found
    }

    #[test]
    fn a_value_is_stored_as_the_text_that_it_is_and_a_raw_one_as_its_bytes() {
        let text = r#"[
            {"key": "/coredns/a", "value": {"host" :"10.0.0.1", "ttl": 1e2, "ttl":60}},
            {"key": "/coredns/b\\@c", "raw": "{\"text\":\"a\\\\b\"} \u0000", "lease_ttl": 60},
            {"key": "/coredns/c", "value": "a text", "lease_ttl": null},
            {"key": "/coredns/d", "value": null},
            {"key": "/other/d", "value": 1}
        ]"#;
        let (file, outside) = parse(text).unwrap();
        assert_eq!(outside, 1);
        assert_eq!(value(&file, "/coredns/a").unwrap().0, br#"{"host" :"10.0.0.1", "ttl": 1e2, "ttl":60}"#);
        let leased = Some(LeaseLeft::Seconds(60));
        assert_eq!(value(&file, r"/coredns/b\@c"), Some((b"{\"text\":\"a\\\\b\"} \0".to_vec(), leased)));
        assert_eq!(value(&file, "/coredns/c"), Some((b"\"a text\"".to_vec(), None)));
        assert_eq!(value(&file, "/coredns/d").unwrap().0, b"null");
        assert_eq!(value(&file, "/other/d"), None);
        assert_eq!(file.tops.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", r"b\@c", "c", "d"]);
    }

    #[test]
    fn the_lines_that_get_prints_are_records_too_with_keys_and_bytes_as_it_spells_them() {
        let lines = concat!(
            r#"{"key":"/coredns/io/a\\\\.b","name":"a\\.b.io","type":"A","value":{"host":"10.0.0.1"},"create_revision":1,"mod_revision":2,"version":1,"lease":null,"lease_ttl":null}"#,
            "\n",
            r#"{"key":"/coredns/io/x","name":"x.io","type":"?","raw":"\\xff\\n","create_revision":1,"mod_revision":2,"version":1,"lease":"0a","lease_ttl":7}"#,
            "\n"
        );
        let (file, _) = parse(lines).unwrap();
        assert!(value(&file, r"/coredns/io/a\.b").is_some());
        assert_eq!(value(&file, "/coredns/io/x").unwrap(), (b"\xff\n".to_vec(), Some(LeaseLeft::Seconds(7))));
    }

    #[test]
    fn a_long_file_costs_no_more_than_its_length() {
        let entry = |n: usize| format!("{{\"key\": \"/coredns/io/x{n}\", \"value\": {{}}}}");
        let mut entries: Vec<String> = (0..50_000).map(entry).collect();
        let text = format!("[{}]", entries.join(",\n"));
        let started = std::time::Instant::now();
        assert_eq!(parse(&text).unwrap().0.known.records().count(), 50_000);
        // Counting the lines anew for each entry took minutes.
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        entries.push(entry(7));
        let wrong = parse(&format!("[{}]", entries.join(",\n"))).map(|_| ()).unwrap_err();
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
            ("[{\"key\": \"/coredns/a\", \"value\": 1, \"lease_ttl\": -1}]", 1, "lease_ttl"),
            ("[{\"key\": \"/coredns/a\", \"value\": 1, \"lease_ttl\": 1.5}]", 1, "record 1"),
            (&*format!("[{good}\n{good}]"), 2, "expected `,`"),
            (&*format!("[{good}]\nmore"), 2, "trailing"),
        ] {
            let wrong = parse(text).map(|_| ()).unwrap_err();
            assert_eq!(wrong.line, line, "{text}: {wrong:?}");
            // Only serde's field names are not ours.
            assert!(wrong.what.contains(wanted) || wanted == "lease_ttl", "{text}: {wrong:?}");
        }
        let scope = Scope::parse("/coredns").unwrap();
        assert_eq!(RecordsFile::parse(&scope, b"[\n\xff").unwrap_err().line, 2);
    }
}
