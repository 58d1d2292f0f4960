//! File that a command reads, or stdin for `-`.
use super::{Exit, command_error::CommandError, output::say_safely};
use crate::{exchange::ParseError, plain_file};
use std::{
    fs::{self, File},
    io::{self, IsTerminal as _},
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
};

/// The most bytes of a file: twice the size of a million records.
const MOST_BYTES: u64 = 512 * plain_file::MIB;

/// Contents of a file, with its name in messages.
#[derive(Debug)]
pub(super) struct InputFile {
    /// The name may hold any text: show it escaped.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl InputFile {
    /// # Errors
    /// The file cannot be read, or is none of those that this program reads as text.
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let (name, read) = if path == Path::new("-") {
            ("stdin".to_owned(), plain_file::bounded(io::stdin().lock(), MOST_BYTES))
        } else {
            (path.display().to_string(), open(path).and_then(|file| plain_file::bounded(file, MOST_BYTES)))
        };
        let bytes = read.map_err(|error| {
            CommandError::new(
                Exit::Failed,
                format!("{name} cannot be read: {error}"),
                "Give a file with records.",
            )
        })?;
        match no_text(&bytes) {
            None => Ok(Self { name, bytes }),
            Some((what, remedy)) => Err(CommandError::new(Exit::Failed, format!("{name} {what}"), remedy)),
        }
    }

    /// Returns the error of a fault in this file.
    pub(super) fn trouble(&self, fault: &ParseError) -> CommandError {
        let (remedy, hint) = fault.remedy.split_once('\n').unwrap_or((fault.remedy, ""));
        CommandError::new(Exit::Failed, format!("{}, {fault}", self.name), remedy).hint(hint)
    }
}

/// Returns the reason why these bytes are no text of records, with the remedy.
fn no_text(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    /// The first bytes of gzip (RFC 1952, section 2.3.1).
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    /// The place and the bytes of `bbolt`'s magic, behind the header of its first page.
    const BOLT: (usize, [u8; 4]) = (16, 0xed0c_daed_u32.to_le_bytes());
    if bytes.trim_ascii().is_empty() {
        return Some(("is empty", "Give a file with records; no records at all are [] in it."));
    }
    if bytes.starts_with(&GZIP) {
        return Some((
            "is compressed, as a backup is",
            "Bring a backup back with coredeck restore FILE; unpack anything else with gunzip first.",
        ));
    }
    if bytes.get(BOLT.0..).is_some_and(|behind| behind.starts_with(&BOLT.1)) {
        return Some((
            "is a snapshot of etcd",
            "Look into it with coredeck snapshot status FILE; only etcdctl snapshot restore restores one, a whole etcd at once.",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some(("is UTF-16", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE."));
    }
    None
}

/// Returns the file, or the zone files of a directory, in the order of their names.
///
/// # Errors
/// The directory cannot be read, or has no zone file.
pub(super) fn files_of(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error: io::Error| {
        let what = format!("{} cannot be read: {error}", path.display());
        CommandError::new(Exit::Failed, what, "Give a directory of zone files.")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == "zone" || extension == "db") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(CommandError::usage(
            format!("{} is a directory without zone files (NAME.zone, NAME.db)", path.display()),
            "Give files, or a directory as coredeck export --format zone --to DIRECTORY writes it.",
        ));
    }
    Ok(files)
}

/// Opens a file. A device is refused, because it has no end, or none of use.
fn open(path: &Path) -> io::Result<File> {
    if is_pipe_with_a_name(path) {
        say_safely(format!("coredeck: {} is a pipe: waiting for what is written to it", path.display()));
    }
    match plain_file::pipe(path)? {
        Some(pipe) => Ok(pipe),
        None => plain_file::open_below(path, MOST_BYTES),
    }
}

/// Tells whether it is a pipe with a name. A pipe that the shell has made (`<(...)`) is none: it has a writer.
fn is_pipe_with_a_name(path: &Path) -> bool {
    let made_by_the_shell = ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|of| path.starts_with(of));
    !made_by_the_shell && fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// Refuses a change whose records come from stdin, because the question would need stdin as well.
///
/// # Errors
/// There is no agreement in advance; nothing was read yet.
pub(super) fn refuse_to_ask_on_stdin(path: &Path, confirm: Option<&str>) -> Result<(), CommandError> {
    if path == Path::new("-") && confirm.is_none() && io::stdin().is_terminal() {
        return Err(CommandError::usage(
            "stdin is a terminal, and the records cannot come from there as well as the answer",
            "Give a file, or pipe the records in and confirm with --confirm.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read_to_its_end() {
        let refused = InputFile::read(Path::new("/dev/zero")).unwrap_err();
        assert!(refused.what().contains("it is a device"), "{refused:?}");
    }
}
