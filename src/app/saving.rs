//! Backups from the deck, and what its header knows of them.
use super::{Effect, Model};
use jiff::Timestamp;

/// The newest verified backup of this scope and cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backup {
    /// Nobody has looked yet, or there is no place for any.
    #[default]
    NotLooked,
    None,
    /// Made at this time.
    At(Timestamp),
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub file: String,
    pub keys: u64,
    pub at: Timestamp,
}

/// Has the scope saved, one backup at a time.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if std::mem::replace(&mut model.backing_up, true) {
        model.say("a backup is being made already".to_owned());
        return vec![];
    }
    model.say("saving the scope to a file".to_owned());
    vec![Effect::Backup]
}

pub(super) fn looked(model: &mut Model, newest: Option<Timestamp>) {
    // One that was made meanwhile is newer than what was found.
    if model.backup == Backup::NotLooked {
        model.backup = newest.map_or(Backup::None, Backup::At);
    }
}

pub(super) fn done(model: &mut Model, made: Result<BackedUp, String>) {
    model.backing_up = false;
    match made {
        Ok(BackedUp { file, keys, at }) => {
            model.backup = Backup::At(at);
            model.say(format!("{keys} keys saved and verified: {file}"));
        }
        Err(why) => model.complain(format!("no backup was made: {why}")),
    }
}
