use super::{
    Exit,
    arguments::{ExchangeFormat, ExportFlags},
    command_error::CommandError,
    known, left_out,
    output::{Screen, print_lines, say_safely},
    place::ScopePart,
    records_file::tops,
    target::TargetArgument,
};
use crate::{
    config::Settings,
    dns::{KeyContent, LeaseLeft, Name, ReadPart, Serving, ZONES_ARE_GUESSED},
    exchange::{
        FileLines, FileRecord, KnownAnswers, NotCarried, Origin, csv_text, hosts_lines, jsonl_lines,
        zone_files,
    },
    keys::{KeyValue, LeaseId, Scope},
    ops::{LeaseTimes, lease_times},
    quantity::counted,
    session::{Session, Store},
    store::Listing,
    whole_file::WholeFile,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Report of a written file.
#[derive(Serialize)]
struct ExportLine {
    file: String,
    /// The number of keys in JSON lines, rows in CSV, records in a zone file, or addresses in a hosts file.
    records: usize,
    revision: i64,
    cluster_id: String,
    /// The number of records that the file has otherwise than etcd.
    not_carried: usize,
}

/// Text of one file.
struct Text {
    /// The name of the file in the directory, if there are several.
    name: String,
    lines: Vec<String>,
    /// The number of its parts that a person would count: keys, rows, names or records.
    holds: usize,
    not_carried: Vec<NotCarried>,
}

/// Writes the records of the scope, or of a part of it, to stdout or to new files.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ExportFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let place = ScopePart::of(scope, flags.name.as_deref())?;
    let (reader, status) = session.for_looking().await?;
    // The answers of a record depend on other records, at any place.
    let all = ScopePart { own: None, below: scope.range() };
    let is_judged = matches!(flags.format, ExchangeFormat::Zone | ExchangeFormat::Hosts);
    let mut found = if is_judged { &all } else { &place }.read(&reader, scope, None).await?;
    let leases = lease_times(&reader, found.records.iter().filter_map(|record| record.lease).collect()).await;
    let texts = match flags.format {
        ExchangeFormat::Jsonl => {
            let lines = jsonl_lines(found.records.iter().map(|record| with_lease(record, &leases)));
            let holds = found.records.len();
            vec![Text { name: String::new(), lines, holds, not_carried: vec![] }]
        }
        ExchangeFormat::Csv => {
            let (text, not_carried) =
                csv_text((scope, &session.settings.named_zones()), &found.records, &seconds(&leases));
            let lines = text.trim_end_matches('\n').split('\n').map(str::to_owned).collect();
            let no_row = |left: &&NotCarried| matches!(left, NotCarried::NoRow { .. });
            let holds = found.records.len() - not_carried.iter().filter(no_row).count();
            vec![Text { name: String::new(), lines, holds, not_carried }]
        }
        ExchangeFormat::Zone | ExchangeFormat::Hosts => {
            let known = known(&found, &leases);
            let serving = serving(&session.settings, &found, flags.name.as_deref())?;
            found.records.retain(|record| place.holds(&record.key));
            if flags.format == ExchangeFormat::Hosts {
                let (lines, not_carried) =
                    hosts_lines(&mut KnownAnswers::new(&known, &serving), &found.records);
                let holds = lines.iter().filter(|line| !line.starts_with('#')).count();
                vec![Text { name: String::new(), lines, holds, not_carried }]
            } else {
                tell_of_the_zone(&serving, flags.name.as_deref(), scope)?;
                zones(&known, &serving, &found, &leases)
            }
        }
    };
    if found.records.is_empty() {
        known::hint(session, &reader, status.cluster).await;
    }
    write(screen, flags.to.as_deref(), flags.format, &found, texts)?;
    Ok(Exit::Done)
}

/// Returns the options for answers, with each top-level name as a zone if none is named: then an exported name counts
/// as a zone.
pub(super) fn serving(
    settings: &Settings,
    found: &Listing,
    zone: Option<&str>,
) -> Result<Serving, CommandError> {
    let tops = tops(&settings.scope.value, found.records.iter().map(|record| record.key.as_bytes()));
    let mut serving = settings.serving(&tops);
    if settings.has_no_zones() {
        say_safely(format!("coredeck: {ZONES_ARE_GUESSED}"));
    }
    if settings.has_no_zones()
        && let Some(text) = zone
        && let TargetArgument::Name { name, .. } = TargetArgument::parse(&settings.scope.value, text)?
    {
        serving.zones.push(name);
    }
    Ok(serving)
}

/// Reports the zone of the file, if it is not the given name: the file has only a part of that zone, and a zone of the
/// given name would have other answers.
fn tell_of_the_zone(serving: &Serving, name: Option<&str>, scope: &Scope) -> Result<(), CommandError> {
    let Some(text) = name else { return Ok(()) };
    let name = match TargetArgument::parse(scope, text)? {
        TargetArgument::Name { name, .. } => name,
        TargetArgument::Key(key) => Name::of_key(scope, &key),
        TargetArgument::Root => return Ok(()),
    };
    let above = serving.zones.iter().filter(|zone| name.is_within(zone) && **zone != name);
    let Some(above) = above.max_by_key(|zone| zone.labels().len()) else { return Ok(()) };
    say_safely(if serving.zones.contains(&name) {
        format!(
            "coredeck: {name} is written as a zone of its own; where CoreDNS serves {above} alone, its answers are those of that \
             zone."
        )
    } else {
        format!(
            "coredeck: {name} is no zone: this is a file of {above} with what lies at and below {name} alone, and coredeck plan \
             --prune with it would delete the rest of {above}."
        )
    });
    Ok(())
}

/// Returns everything that was read, for rules that need more than the part.
pub(super) fn known(found: &Listing, leases: &LeaseTimes) -> ReadPart {
    let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: record.lease };
    let records = found.records.iter().map(|record| (record.key.as_bytes().into(), content(record)));
    let mut known = ReadPart::everything(records);
    for lease in found.records.iter().filter_map(|record| record.lease) {
        known.learn_lease(lease, leases.get(&lease).copied().unwrap_or(LeaseLeft::Unknown));
    }
    known
}

/// Returns the remaining seconds of each lease, if they are known.
fn seconds(leases: &LeaseTimes) -> BTreeMap<LeaseId, u64> {
    leases.iter().filter_map(|(lease, left)| Some((*lease, left_of(*left)?))).collect()
}

/// Returns at least 1: a lease that is not gone yet has a little left.
fn left_of(left: LeaseLeft) -> Option<u64> {
    match left {
        LeaseLeft::Seconds(left) => u64::try_from(left).ok().map(|left| left.max(1)),
        LeaseLeft::Gone | LeaseLeft::Unknown => None,
    }
}

fn zones(known: &ReadPart, serving: &Serving, found: &Listing, leases: &LeaseTimes) -> Vec<Text> {
    let leases = seconds(leases);
    let origin = Origin { cluster: found.cluster, revision: found.revision, leases: &leases };
    let (files, nowhere) = zone_files(known, serving, &found.records, origin);
    left_out::tell(&nowhere, &FileLines::default(), "These records are in no zone, and in no file:");
    let text = |file: crate::exchange::ZoneFile| Text {
        name: file_name(&file.zone),
        holds: file.records.len(),
        lines: file.text.lines().map(str::to_owned).collect(),
        not_carried: file.not_carried,
    };
    files.into_iter().map(text).collect()
}

/// Returns a name such as `example.org.zone`; a sign that no file's name should have becomes an underscore.
fn file_name(zone: &Name) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String =
        if zone.is_root() { "root".to_owned() } else { zone.to_string().chars().map(plain).collect() };
    format!("{name}.zone")
}

/// Returns a record with the remaining time of its lease. If that is not known, a message says so, and the record is
/// written without it.
fn with_lease(record: &KeyValue, leases: &LeaseTimes) -> FileRecord {
    let left = record.lease.and_then(|lease| left_of(*leases.get(&lease)?));
    if record.lease.is_some() && left.is_none() {
        say_safely(format!(
            "coredeck: warning: {}: the time of its lease is not known, and is not written",
            record.key
        ));
    }
    FileRecord::of(record, left)
}

fn write(
    screen: &Screen,
    to: Option<&Path>,
    format: ExchangeFormat,
    found: &Listing,
    texts: Vec<Text>,
) -> Result<(), CommandError> {
    let several = format == ExchangeFormat::Zone;
    let tell = |text: &Text, place: &str| {
        let heading = format!("Not in {place} as it is in etcd:");
        if several {
            left_out::tell_some(&text.not_carried, &heading, "; the comments of the file say all of it");
        } else {
            left_out::tell(&text.not_carried, &FileLines::default(), &heading);
        }
    };
    let Some(path) = to else {
        if texts.len() > 1 {
            let names: Vec<String> =
                texts.iter().map(|text| text.name.trim_end_matches(".zone").to_owned()).collect();
            return Err(CommandError::usage(
                format!(
                    "there are {} zones, and each has a file of its own: {}",
                    names.len(),
                    names.join(", ")
                ),
                "Give a directory with --to, or one of the zones.",
            ));
        }
        for text in texts {
            tell(&text, "this");
            print_lines(text.lines)?;
        }
        return Ok(());
    };
    if several {
        std::fs::create_dir(path)
            .or_else(|error| if path.is_dir() { Ok(()) } else { Err(error) })
            .map_err(|error| not_written(path, &error))?;
    }
    for text in texts {
        let path: PathBuf = if several { path.join(&text.name) } else { path.to_owned() };
        put(&path, &text.lines).map_err(|error| not_written(&path, &error))?;
        tell(&text, &path.display().to_string());
        let holds = held(format, text.holds);
        say_safely(format!("coredeck: {holds} of revision {} in {}", found.revision, path.display()));
        if screen.is_json() {
            let line = ExportLine {
                file: path.display().to_string(),
                records: text.holds,
                revision: found.revision.0,
                cluster_id: found.cluster.to_string(),
                not_carried: left_out::count(&text.not_carried),
            };
            // Strings and numbers always serialise.
            print_lines([serde_json::to_string(&line).unwrap_or_default()])?;
        }
    }
    Ok(())
}

/// Returns the contents of a file, in the format's own words.
fn held(format: ExchangeFormat, number: usize) -> String {
    let of = match format {
        ExchangeFormat::Jsonl => return counted(number, "key"),
        ExchangeFormat::Csv => "row",
        ExchangeFormat::Hosts => "address",
        ExchangeFormat::Zone => "record",
    };
    match (number, of) {
        (1, of) => format!("1 {of}"),
        (_, "address") => format!("{number} addresses"),
        (_, of) => format!("{number} {of}s"),
    }
}

fn put(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.finish()
}

fn not_written(path: &Path, error: &io::Error) -> CommandError {
    CommandError::new(
        Exit::Failed,
        format!("{} cannot be written: {error}", path.display()),
        "Give a name that is not there yet, on a disk with room.",
    )
}
