//! What a Corefile says of the etcd plugin: which keys it reads, from where, and for which names.
//!
//! Read as `CoreDNS` 1.15 reads it, imports, snippets and variables included, but to look and not to judge: what
//! cannot be read, and what `CoreDNS` would refuse, becomes a [`Note`].

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

pub use etcd_block::{EtcdBlock, Tls};
pub use files::{Disk, Files, from_stdin};
pub use places::PLACES;
pub use served::Served;
pub use server::{Plugin, ServerBlock};
pub(super) use zones::zone_or_network;

#[cfg(test)]
pub(super) use files::table::Table;

/// A Corefile, as far as the etcd plugin is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corefile {
    pub path: PathBuf,
    pub servers: Vec<ServerBlock>,
    /// The `etcd` blocks that `CoreDNS` reads past.
    pub ignored: Vec<Ignored>,
    /// What an operator should know of it, in the order in which it was found.
    pub notes: Vec<Note>,
    /// Something that belongs to it could not be read: there may be more than is known here.
    pub incomplete: bool,
}

/// An `etcd` block that is not the first of its server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub at: Place,
    /// The zones that it names, as they are written.
    pub zones: Vec<String>,
}

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {}", self.line, self.file.display())
    }
}

/// Something worth knowing of a line. It repeats no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: Place,
    pub kind: NoteKind,
    pub text: String,
}

/// What a note means for `CoreDNS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// `CoreDNS` does not start with this.
    Refused,
    /// `CoreDNS` takes no notice of this.
    Ignored,
    /// It cannot be known here.
    Unknown,
}

impl Note {
    fn refused(at: Place, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Refused, text: text.to_string() }
    }

    fn ignored(at: Place, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Ignored, text: text.to_string() }
    }

    fn unknown(at: Place, text: impl fmt::Display) -> Self {
        Self { at, kind: NoteKind::Unknown, text: text.to_string() }
    }

    /// Puts a variable's name where its value stands, which may be a password in a wrong place. What is shorter
    /// than this is none, and stands everywhere.
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

    /// Takes this text for a Corefile, or for a `ConfigMap` with one.
    ///
    /// # Errors
    /// It is an object of Kubernetes without a Corefile.
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
            let at = Place { file: path.to_owned(), line: 1 };
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

    /// The `etcd` blocks that `CoreDNS` reads, with their server blocks.
    pub fn etcd_blocks(&self) -> impl Iterator<Item = (&ServerBlock, &EtcdBlock)> {
        self.servers.iter().filter_map(|server| Some((server, server.etcd.as_ref()?)))
    }
}

#[cfg(test)]
mod tests;
