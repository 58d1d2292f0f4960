//! Wanted records of files, as keys of the scope.
use super::{
    Exit,
    arguments::ExchangeFormat,
    command_error::CommandError,
    input_file::{self, InputFile},
    left_out,
    zone_wish::ZoneWish,
};
use crate::{
    dns::{Name, Service},
    exchange::{
        FileLines, FileRecord, ParseError, Speech, ZoneText, read_csv, read_hosts, read_jsonl, read_zone,
        same_value,
    },
    failure::Failure,
    keys::{KeyValue, Scope, ScopedKey},
    plan::MAX_OPERATIONS,
    remedy::Remedy,
    store::Reader,
};
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The number of keys from which the whole scope is read in ranges instead, which takes fewer calls.
const MANY: usize = 20 * MAX_OPERATIONS;

/// Wishes of files.
#[derive(Debug)]
pub(super) enum WantedFiles {
    /// Records at keys.
    Keys(WantedKeys),
    /// Answers of names, at any keys.
    Names(ZoneWish),
}

/// Records at keys, in the order of the files.
#[derive(Debug)]
pub(super) struct WantedKeys {
    pub(super) records: Vec<(ScopedKey, FileRecord)>,
    pub(super) lines: FileLines,
    /// True if the values were made from fields, so that only their meaning counts.
    is_by_fields: bool,
}

impl WantedFiles {
    /// Reads files, zone files of directories, or stdin for `-`, and joins them.
    ///
    /// # Errors
    /// The fault, with its line: also a key outside the scope, or two files that contradict each other.
    pub(super) fn read(
        scope: &Scope,
        paths: &[PathBuf],
        format: Option<ExchangeFormat>,
    ) -> Result<Self, CommandError> {
        let mut all: Option<Self> = None;
        for path in paths {
            for path in input_file::files_of(path)? {
                let one = Self::of_file(scope, &path, format)?;
                all = Some(match all {
                    None => one,
                    Some(before) => before.with(one, &path)?,
                });
            }
        }
        all.ok_or_else(|| CommandError::usage("no file was given", "Give a file with records."))
    }

    /// Joins both.
    fn with(self, other: Self, path: &Path) -> Result<Self, CommandError> {
        let path = path.display();
        match (self, other) {
            (Self::Keys(mut keys), Self::Keys(more)) if keys.is_by_fields == more.is_by_fields => {
                let known: BTreeSet<&ScopedKey> = keys.records.iter().map(|(key, _)| key).collect();
                if let Some((twice, record)) = more.records.iter().find(|(key, _)| known.contains(key)) {
                    return Err(CommandError::new(
                        Exit::Failed,
                        format!("{path}, line {}: {twice} is in another of the files as well", record.line),
                        "Leave it in one of them.",
                    ));
                }
                let by = keys.lines.append(more.lines);
                let further = |(key, record): (ScopedKey, FileRecord)| {
                    let line = record.line + by;
                    (key, FileRecord { line, ..record })
                };
                keys.records.extend(more.records.into_iter().map(further));
                Ok(Self::Keys(keys))
            }
            (Self::Names(mut wish), Self::Names(more)) if wish.zones.is_empty() == more.zones.is_empty() => {
                if let Some(zone) = more.zones.iter().find(|zone| wish.zones.contains(zone)) {
                    return Err(CommandError::new(
                        Exit::Failed,
                        format!("{path} is of the zone {zone}, and so is another of the files"),
                        "Give one file for each zone.",
                    ));
                }
                wish.append(more);
                Ok(Self::Names(wish))
            }
            _ => Err(CommandError::usage(
                format!("{path} has another format than the files before it"),
                "Give files of one format at a time.",
            )),
        }
    }

    fn of_file(scope: &Scope, path: &Path, format: Option<ExchangeFormat>) -> Result<Self, CommandError> {
        let format = format_of(path, format)?;
        let file = InputFile::read(path)?;
        let wrong = |fault: ParseError| file.trouble(&fault);
        let lines = FileLines::of(&file.name, &file.bytes);
        Ok(match format {
            ExchangeFormat::Jsonl => {
                Self::Keys(WantedKeys::of(scope, &file, read_jsonl(&file.bytes).map_err(wrong)?, false)?)
            }
            ExchangeFormat::Csv => {
                Self::Keys(WantedKeys::of(scope, &file, read_csv(scope, &file.bytes).map_err(wrong)?, true)?)
            }
            ExchangeFormat::Zone => {
                let read = read_zone(&file.bytes, zone_of(path).as_ref());
                let ZoneText { zone, records, not_carried } = read.map_err(|unread| {
                    left_out::tell_broken(&unread.others, &FileLines::default());
                    wrong(unread.fault)
                })?;
                Self::Names(ZoneWish { zones: vec![zone], records, not_carried, speech: Speech::Zone, lines })
            }
            ExchangeFormat::Hosts => {
                let (records, not_carried) = read_hosts(&file.bytes);
                Self::Names(ZoneWish {
                    zones: vec![],
                    records,
                    not_carried,
                    speech: Speech::Addresses,
                    lines,
                })
            }
        })
    }
}

/// Returns the zone in a file's name: `example.org.zone`, `db.example.org`.
fn zone_of(path: &Path) -> Option<Name> {
    let name = path.file_name()?.to_str()?;
    let zone = name.strip_suffix(".zone").or(name.strip_suffix(".db")).or(name.strip_prefix("db."))?;
    Name::parse(zone).ok().filter(|zone| zone.labels().len() > 0)
}

impl WantedKeys {
    fn of(
        scope: &Scope,
        file: &InputFile,
        records: Vec<FileRecord>,
        is_by_fields: bool,
    ) -> Result<Self, CommandError> {
        let scoped = |record: FileRecord| {
            let line = record.line;
            if record.lease.is_some_and(|lease| lease.seconds == 0) {
                let what = "lease_ttl is 0, and no lease lives shorter than 1 second";
                return Err(file.trouble(&ParseError {
                    line,
                    what: what.to_owned(),
                    remedy: "Correct that line.",
                }));
            }
            match scope.key(&record.key) {
                Ok(key) => Ok((key, record)),
                Err(outside) => Err(CommandError::new(
                    Exit::Refused,
                    format!("{}, line {line}: {outside}", file.name),
                    outside.remedy(),
                )),
            }
        };
        Ok(Self {
            records: records.into_iter().map(scoped).collect::<Result<_, _>>()?,
            lines: FileLines::of(&file.name, &file.bytes),
            is_by_fields,
        })
    }

    /// Tells whether a stored value is the wanted one.
    pub(super) fn is_same(&self, wanted: &[u8], stored: &[u8]) -> bool {
        let meant = |value: &[u8]| Service::decode(value).ok();
        same_value(wanted, stored)
            || (self.is_by_fields && meant(wanted).is_some_and(|wanted| meant(stored) == Some(wanted)))
    }

    /// Returns the records at these keys, in their order.
    ///
    /// # Errors
    /// The store's failure of a read.
    pub(super) async fn existing(
        &self,
        reader: &impl Reader,
        scope: &Scope,
    ) -> Result<Vec<KeyValue>, Failure> {
        let mut keys: Vec<ScopedKey> = self.records.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        let mut existing = Vec::new();
        if keys.len() > MANY {
            let all = super::place::ScopePart { own: None, below: scope.range() };
            existing = all.read(reader, scope, None).await?.records;
            existing.retain(|record| keys.binary_search(&record.key).is_ok());
        } else {
            for some in keys.chunks(MAX_OPERATIONS) {
                existing.extend(reader.read(some, None).await?.records);
            }
        }
        Ok(existing)
    }
}

/// Returns the named format, or the one that the file's name shows.
fn format_of(path: &Path, named: Option<ExchangeFormat>) -> Result<ExchangeFormat, CommandError> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let told = match extension {
        "jsonl" | "json" | "ndjson" => Some(ExchangeFormat::Jsonl),
        "zone" | "db" => Some(ExchangeFormat::Zone),
        "csv" => Some(ExchangeFormat::Csv),
        _ if path.file_name() == Some(OsStr::new("hosts")) => Some(ExchangeFormat::Hosts),
        "hosts" => Some(ExchangeFormat::Hosts),
        _ => None,
    };
    named.or(told).ok_or_else(|| {
        CommandError::usage(
            format!("the name of {} does not tell its format", path.display()),
            "Give it with --format: jsonl, zone, hosts or csv.",
        )
    })
}
