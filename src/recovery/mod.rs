//! Recovery of a scope: the files that this machine has saved of it, the keys that could be put back, and the known
//! losses. It reads files, the journal and etcd, and changes nothing: a plan like any other puts keys back.

mod aftermath;
mod file;
mod journal_source;
mod offers;
mod room;

pub use aftermath::{accept_loss, aftermath, went_back};
pub use file::{FromFile, RecoveryFileError, read};
pub use journal_source::JournalKnowledge;
pub use offers::{Offers, offers, offers_now};

use crate::{archive, journal::Ledger, keys::ScopedKey, plan::KeySelection};
use std::path::{Path, PathBuf};

/// Places where this machine keeps its knowledge of clusters.
#[derive(Clone, Debug, Default)]
pub struct KnowledgePlaces {
    /// Directories with backups and rescued files.
    pub directories: Vec<PathBuf>,
    pub ledger: Ledger,
    /// `None` if nothing is kept, as in a demo.
    pub state: Option<PathBuf>,
}

impl KnowledgePlaces {
    /// Returns the places of a state directory, and of the systemd units.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        let backups = [Some(archive::backups(state)), archive::other_backups(state)].into_iter().flatten();
        let beside = |backups: &PathBuf| backups.parent().map(archive::rescued);
        let directories = backups.flat_map(|backups| [beside(&backups), Some(backups)]).flatten().collect();
        Self { directories, ledger: Ledger::in_directory(state), state: Some(state.to_owned()) }
    }
}

/// Tells whether a key is part of the key or name that somebody asks about.
#[must_use]
pub fn reaches(reach: Option<&KeySelection>, key: &ScopedKey) -> bool {
    reach.is_none_or(|reach| {
        reach.own.as_ref() == Some(key)
            || reach.below.as_ref().is_some_and(|below| below.contains(key.as_bytes()))
    })
}
