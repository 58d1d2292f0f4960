//! Recovery: what is saved of a scope on this machine, what of it could be put back, and what is known of a loss. It reads
//! files, the journal and etcd, and changes nothing: putting back is a plan like any other.

mod aftermath;
mod file;
mod offers;
mod room;
mod written;

pub use aftermath::{accept_loss, aftermath};
pub use file::{FromFile, NotTaken, read};
pub use offers::{Offers, offers, offers_now};
pub use written::Written;

use crate::{archive, journal::Ledger, keys::ScopedKey, plan::Reach};
use std::path::{Path, PathBuf};

/// Where this machine keeps what it knows of clusters.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Directories with backups and rescued files.
    pub directories: Vec<PathBuf>,
    pub ledger: Ledger,
    /// `None` where nothing is kept, as in a demo.
    pub state: Option<PathBuf>,
}

impl Places {
    /// Those of a state directory, and of the systemd units.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        let backups = [Some(archive::backups(state)), archive::other_backups(state)].into_iter().flatten();
        let beside = |backups: &PathBuf| backups.parent().map(archive::rescued);
        let directories = backups.flat_map(|backups| [beside(&backups), Some(backups)]).flatten().collect();
        Self { directories, ledger: Ledger::in_directory(state), state: Some(state.to_owned()) }
    }
}

/// Whether a key is part of what somebody asks about.
#[must_use]
pub fn reaches(reach: Option<&Reach>, key: &ScopedKey) -> bool {
    reach.is_none_or(|reach| {
        reach.own.as_ref() == Some(key)
            || reach.below.as_ref().is_some_and(|below| below.contains(key.as_bytes()))
    })
}
