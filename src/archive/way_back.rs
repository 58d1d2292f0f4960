//! Script beside a file that puts back the keys of others in it, and the steps round it.
use super::{
    error::ArchiveError,
    format::ArchiveHeading,
    read::{ArchiveReader, LineContent},
    write::hex,
};
use crate::{
    way_back::{Batches, Guide, Holdings, PutBackScript, WayBackContext, put_line, steps},
    whole_file::WholeFile,
};
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

const PROGRAM: &str = concat!("coredeck ", env!("CARGO_PKG_VERSION"));
/// Most scripts beside one file.
const MOST: u32 = 100;

/// Script and steps that belong to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// `None` where the file has no keys of others that could be put back.
    pub script: Option<PathBuf>,
    pub holdings: Holdings,
    /// Lines for a person; those that begin with five spaces are commands.
    pub steps: Vec<String>,
}

/// Reason why there is no script. The file that was saved is not touched.
#[derive(Debug, thiserror::Error)]
pub enum WayBackError {
    #[error("{} cannot be read back: it {wrong}", .file.display())]
    File { file: PathBuf, wrong: ArchiveError },
    #[error("the script beside {} cannot be written: {error}", .file.display())]
    Script { file: PathBuf, error: io::Error },
}

/// Writes the script beside a file, `NAME.put-back.sh` (0700) beside `NAME.jsonl.gz`, and returns the way back. Reads
/// the file twice, line by line, and blocks meanwhile.
///
/// # Errors
/// [`WayBackError`]; no part of a script is left then.
pub fn way_back(file: &Path, context: &WayBackContext) -> Result<WayBack, WayBackError> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let (holdings, sha256) =
        look_through(&file).map_err(|wrong| WayBackError::File { file: file.clone(), wrong })?;
    let shown = file.display().to_string();
    if holdings.largest().is_none() {
        let guide = Guide { file: &shown, script: None, holdings: &holdings, context };
        let steps = steps(&guide);
        return Ok(WayBack { script: None, holdings, steps });
    }
    let failed = |error| WayBackError::Script { file: file.clone(), error };
    for path in places(&file) {
        let to = path.display().to_string();
        let steps = steps(&Guide { file: &shown, script: Some(&to), holdings: &holdings, context });
        let script = PutBackScript {
            holdings: &holdings,
            context,
            file: &shown,
            path: &to,
            steps: &steps,
            sha256: &sha256,
            writer: PROGRAM,
        };
        match write(&file, &path, &script) {
            Ok(()) => return Ok(WayBack { script: Some(path), holdings, steps }),
            // The place is taken, by somebody's own file or by that of another session.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many beside it")))
}

/// Returns the places for a script: `all.put-back.sh` beside `all.jsonl.gz`, then `all.put-back-2.sh`.
fn places(file: &Path) -> impl Iterator<Item = PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = name.strip_suffix(".jsonl.gz").unwrap_or(&name).to_owned();
    let file = file.to_owned();
    (1..=MOST).map(move |number| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        file.with_file_name(format!("{name}.put-back{number}.sh"))
    })
}

/// Counts the keys of the file, and hashes the lines that the script will have.
fn look_through(file: &Path) -> Result<(Holdings, String), ArchiveError> {
    let mut reader = ArchiveReader::open(file)?;
    let ArchiveHeading { cluster, revision, scope, .. } = reader.heading();
    let mut holdings = Holdings::new(*cluster, *revision, scope);
    let mut hash = Sha256::new();
    while let Some(content) = reader.next()? {
        let LineContent::Record(record) = content else { continue };
        holdings.add(&record);
        if record.lease.is_none() {
            hash.update(put_line(&record));
        }
    }
    Ok((holdings, hex(hash)))
}

fn write(file: &Path, to: &Path, script: &PutBackScript<'_>) -> io::Result<()> {
    let changed = |wrong: ArchiveError| io::Error::other(format!("{} {wrong}", file.display()));
    let mut out = WholeFile::create(to)?.for_running()?;
    script.begin(&mut out)?;
    let mut reader = ArchiveReader::open(file).map_err(changed)?;
    let mut batches = Batches::default();
    let mut hash = Sha256::new();
    while let Some(content) = reader.next().map_err(changed)? {
        if let LineContent::Record(record) = content
            && record.lease.is_none()
        {
            hash.update(put_line(&record));
            batches.add(&script.holdings.name_of(&record.key), &record, &mut out)?;
        }
    }
    batches.flush(&mut out)?;
    if hex(hash) != script.sha256 {
        return Err(io::Error::other("the file was changed while it was read"));
    }
    script.end(&mut out)?;
    out.flush()?;
    out.finish()
}
