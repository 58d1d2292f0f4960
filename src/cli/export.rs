use super::{
    Exit,
    arguments::{ExchangeFormat, ExportFlags},
    lease_times::{LeaseTimes, lease_times},
    output::{Screen, keys, print_lines, say_safely},
    place::Place,
    session::{Session, Store},
    trouble::Trouble,
};
use crate::{
    dns::LeaseLeft,
    exchange::{FileRecord, jsonl_line},
    keys::KeyValue,
    store::Listing,
    whole_file::WholeFile,
};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::Path,
};

/// What was written.
#[derive(Serialize)]
struct ExportLine<'a> {
    file: String,
    format: &'a str,
    keys: usize,
    revision: i64,
    cluster_id: String,
}

/// Writes the records of the scope, or of a part of it, to stdout or to a new file.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ExportFlags,
) -> Result<Exit, Trouble> {
    let scope = session.scope();
    let place = Place::of(scope, flags.name.as_deref())?;
    let reader = session.reader().await?;
    let found = place.read(&reader, scope, None).await?;
    let leases = lease_times(&reader, found.records.iter().filter_map(|record| record.lease).collect()).await;
    match flags.format {
        ExchangeFormat::Jsonl => {
            let lines = found.records.iter().map(|record| jsonl_line(&with_lease(record, &leases)));
            write(screen, flags.to.as_deref(), "jsonl", &found, lines)?;
        }
        ExchangeFormat::Zone | ExchangeFormat::Hosts | ExchangeFormat::Csv => {
            return Err(Trouble::usage("this format is not built yet", "Take jsonl."));
        }
    }
    Ok(Exit::Done)
}

/// A record with what its lease has left. One whose time is not known is said, and written without it.
fn with_lease(record: &KeyValue, leases: &LeaseTimes) -> FileRecord {
    let left = match record.lease.and_then(|lease| leases.get(&lease)) {
        Some(LeaseLeft::Seconds(left)) => u64::try_from(*left).ok(),
        Some(LeaseLeft::Gone | LeaseLeft::Unknown) | None => None,
    };
    if record.lease.is_some() && left.is_none() {
        say_safely(format!(
            "coredeck: warning: {}: the time of its lease is not known, and is not written",
            record.key
        ));
    }
    FileRecord::of(record, left.map(|left| left.max(1)))
}

fn write(
    screen: &Screen,
    to: Option<&Path>,
    format: &str,
    found: &Listing,
    lines: impl Iterator<Item = String>,
) -> Result<(), Trouble> {
    let Some(path) = to else { return print_lines(lines) };
    let written = || -> io::Result<()> {
        let mut file = WholeFile::create(path)?;
        for line in lines {
            writeln!(file, "{line}")?;
        }
        file.finish()
    };
    written().map_err(|error| {
        Trouble::new(
            Exit::Failed,
            format!("{} cannot be written: {error}", path.display()),
            "Give the name of a file that is not there yet, on a disk with room.",
        )
    })?;
    let number = found.records.len();
    say_safely(format!("coredeck: {} of revision {} in {}", keys(number), found.revision, path.display()));
    if screen.is_json() {
        let line = ExportLine {
            file: path.display().to_string(),
            format,
            keys: number,
            revision: found.revision.0,
            cluster_id: found.cluster.to_string(),
        };
        // Strings and numbers always serialise.
        print_lines([serde_json::to_string(&line).unwrap_or_default()])?;
    }
    Ok(())
}
