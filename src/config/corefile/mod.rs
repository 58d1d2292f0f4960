//! Corefile, read for the etcd plugin: the keys that it reads, the etcd that has them, and the names that it answers.
//!
//! The file is read as `CoreDNS` 1.15 reads it, with imports, snippets and variables, but only to look at it: a part
//! that cannot be read, or that `CoreDNS` would refuse, becomes a [`Note`].

mod config_map;
mod dispenser;
mod duration;
mod etcd_block;
mod files;
mod import;
mod parse;
mod places;
mod served;
mod server;
mod token;
mod zones;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

pub use etcd_block::{CorefileTls, EtcdBlock};
pub use files::{Disk, Files, from_stdin};
pub use places::PLACES;
pub use served::SamePathBlocks;
pub use server::{Plugin, ServerBlock};
pub(super) use zones::zone_or_network;

#[cfg(test)]
pub(super) use files::table::Table;

/// Corefile, as far as the etcd plugin is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corefile {
    pub path: PathBuf,
    pub servers: Vec<ServerBlock>,
    /// The `etcd` blocks that `CoreDNS` does not use.
    pub ignored: Vec<Ignored>,
    /// The notes for an operator, in the order in which they were made.
    pub notes: Vec<Note>,
    /// True if a part of the Corefile could not be read: there may be more than is known here.
    pub incomplete: bool,
}

/// An `etcd` block that is not the first of its server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub at: CorefilePlace,
    /// The zones that the block names, as they are written.
    pub zones: Vec<String>,
}

/// Line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorefilePlace {
    pub file: PathBuf,
    /// The number of the line, from 1.
    pub line: usize,
}

impl fmt::Display for CorefilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {}", self.line, self.file.display())
    }
}

/// Note on a line. It repeats no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: CorefilePlace,
    pub kind: NoteKind,
    pub text: String,
}

/// Meaning of a note for `CoreDNS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// `CoreDNS` does not start with this line.
    Refused,
    /// `CoreDNS` takes no notice of this line.
    Ignored,
    /// The meaning of the line cannot be known here.
    Unknown,
}

impl Note {
    fn refused(at: CorefilePlace, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Refused, text: text.to_string() }
    }

    fn ignored(at: CorefilePlace, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Ignored, text: text.to_string() }
    }

    fn unknown(at: CorefilePlace, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Unknown, text: text.to_string() }
    }

    /// Replaces a variable's value by its name, because the value may be a password in a wrong place. A shorter value
    /// than this limit is no password, and can stand in any text.
    fn conceal(&mut self, variables: &BTreeMap<String, String>) {
        const SHORTEST: usize = 4;
        for (name, value) in variables.iter().filter(|(_, value)| value.len() >= SHORTEST) {
            for spelled in [value.clone(), format!("{value:?}").trim_matches('"').to_owned()] {
                self.text = self.text.replace(&spelled, &format!("{{${name}}}"));
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.text)?;
        if self.kind == NoteKind::Refused {
            f.write_str("; CoreDNS does not start with this")
        } else {
            Ok(())
        }
    }
}

impl Corefile {
    /// Reads a Corefile and what it imports. `variable` gives the environment for `{$NAME}`.
    ///
    /// # Errors
    /// The file itself cannot be read, or is an object of Kubernetes without a Corefile.
    pub fn read(
        path: &Path,
        files: &impl Files,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> io::Result<Self> {
        Self::of(path, files.read(path)?, files, variable)
    }

    /// Reads this text as a Corefile, or as a `ConfigMap` with one.
    ///
    /// # Errors
    /// The text is an object of Kubernetes without a Corefile.
    pub fn of(
        path: &Path,
        text: String,
        files: &impl Files,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> io::Result<Self> {
        let text = config_map::corefile(&text).map_err(io::Error::other)?.unwrap_or(text);
        let used = RefCell::new(BTreeMap::new());
        let variable = |name: &str| {
            let value = variable(name)?;
            used.borrow_mut().insert(name.to_owned(), value.clone());
            Some(value)
        };
        let parsed = parse::parse(path, &text, files, &variable);
        if !parsed.is_one {
            let at = CorefilePlace { file: path.to_owned(), line: 1 };
            let what = "no plugin of CoreDNS stands in it, so it is taken for no Corefile, and nothing of it is shown";
            return Ok(Self {
                path: path.to_owned(),
                servers: vec![],
                ignored: vec![],
                notes: vec![Note::unknown(at, what)],
                incomplete: true,
            });
        }
        let mut notes = parsed.notes;
        let servers: Vec<_> =
            parsed.blocks.iter().map(|block| server::read(block, path, &mut notes)).collect();
        server::check_overlaps(&servers, &mut notes);
        for note in &mut notes {
            note.conceal(&used.borrow());
        }
        let ignored = parsed.blocks.iter().flat_map(server::ignored).collect();
        Ok(Self { path: path.to_owned(), servers, ignored, notes, incomplete: parsed.incomplete })
    }

    /// Returns the `etcd` blocks that `CoreDNS` reads, with their server blocks.
    pub fn etcd_blocks(&self) -> impl Iterator<Item = (&ServerBlock, &EtcdBlock)> {
        self.servers.iter().filter_map(|server| Some((server, server.etcd.as_ref()?)))
    }
}

#[cfg(test)]
mod tests;
