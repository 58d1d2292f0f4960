//! A file that a command reads, or stdin for `-`.
use super::{Exit, trouble::Trouble};
use crate::exchange::Fault;
use std::{
    io::{self, IsTerminal as _, Read as _},
    path::Path,
};

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
            let mut bytes = Vec::new();
            ("stdin".to_owned(), io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes))
        } else {
            (path.display().to_string(), std::fs::read(path))
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
