//! A file that a command reads, or stdin for `-`.
use super::{Exit, trouble::Trouble};
use crate::exchange::Fault;
use std::{
    fs::File,
    io::{self, IsTerminal as _, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
};

/// Far more than a million records need.
const MOST_BYTES: u64 = 2 << 30;

/// What was read, and how it is called in messages.
#[derive(Debug)]
pub(super) struct InputFile {
    /// May hold anything: show it escaped.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl InputFile {
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(path: &Path) -> Result<Self, Trouble> {
        let (name, read) = if path == Path::new("-") {
            ("stdin".to_owned(), bounded(io::stdin().lock()))
        } else {
            (path.display().to_string(), open(path).and_then(bounded))
        };
        let bytes = read.map_err(|error| {
            Trouble::new(Exit::Failed, format!("{name} cannot be read: {error}"), "Give a file with records.")
        })?;
        Ok(Self { name, bytes })
    }

    /// What is wrong with it.
    pub(super) fn trouble(&self, fault: &Fault) -> Trouble {
        let (remedy, hint) = fault.remedy.split_once('\n').unwrap_or((fault.remedy, ""));
        Trouble::new(Exit::Failed, format!("{}, {fault}", self.name), remedy).hint(hint)
    }
}

/// A device has no end, or none that anybody wants.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a device, and no file"));
    }
    Ok(file)
}

fn bounded(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 2 GiB"));
    }
    Ok(bytes)
}

/// Refuses a change whose records come from stdin, where the question would have to be asked as well.
///
/// # Errors
/// Without an agreement in advance; nothing was read yet.
pub(super) fn refuse_to_ask_on_stdin(path: &Path, confirm: Option<&str>) -> Result<(), Trouble> {
    if path == Path::new("-") && confirm.is_none() && io::stdin().is_terminal() {
        return Err(Trouble::usage(
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
