//! Shrinkage: a backup that has far fewer keys than the ones before it.
use super::{
    catalogue::{Archived, Catalogue},
    format::ArchiveKind,
};
use crate::{etcdctl::quoted, quantity::counted, retention::is_a_third_less};
use std::fmt;

/// Loss in a new backup, compared with one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrinkage {
    /// Number of keys in the new one.
    pub keys: u64,
    /// The backup that it is compared with.
    pub before: Archived,
    /// The newest backup that is whole and has at least as many keys as that.
    pub copy: Option<Archived>,
}

impl Shrinkage {
    /// Compares a new backup with those that were there before it. One without any record is compared with the newest
    /// that has some, so that the loss is told until somebody has looked; any other with the newest one.
    #[must_use]
    pub fn of(keys: u64, before: &Catalogue) -> Option<Self> {
        let backups = || {
            let ahead =
                before.archives().iter().filter(|it| it.is_ahead && it.heading.kind == ArchiveKind::Backup);
            // Where the clock was set back, backups from before that have a time to come.
            before.backups().chain(ahead)
        };
        let compared = match keys {
            0 => backups().find(|backup| backup.keys() > 0),
            keys => backups().next().filter(|backup| is_a_third_less(keys, backup.keys())),
        }?;
        let copy = backups().find(|it| it.keys() >= compared.keys() && it.verify().is_ok()).cloned();
        Some(Self { keys, before: compared.clone(), copy })
    }

    /// One imperative sentence. `program` begins a line that reaches the same etcd.
    #[must_use]
    pub fn remedy(&self, program: &str) -> String {
        match &self.copy {
            Some(copy) => {
                let path = quoted(&copy.path.display().to_string());
                format!("If nobody removed them on purpose, see what is missing: {program} restore {path}")
            }
            None => {
                format!(
                    "If nobody removed them on purpose, look into {program} log and history: no backup that is whole has \
                     them."
                )
            }
        }
    }
}

impl fmt::Display for Shrinkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, before, .. } = self;
        let which = if *keys == 0 { "the newest one with any" } else { "the one before it" };
        let (has, had) = (counted(*keys, "key"), counted(before.keys(), "key"));
        write!(f, "this backup has {has}, and {which}, of {}, has {had}", before.time())
    }
}
