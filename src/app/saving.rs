//! Backups from the deck, and the age of the newest one for its header.
use super::{Effect, FeedMsg, Leaving, Liveness, Model, RequestId, WorkerTask};
use jiff::{SignedDuration, Timestamp};

/// The newest verified backup of this scope and cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backup {
    /// Nobody has looked yet, or there is no place for backups.
    #[default]
    NotLooked,
    None,
    /// Made at that time, with so many keys; `known` is the time of the last look.
    Found {
        made: Timestamp,
        keys: u64,
        known: Timestamp,
    },
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub file: String,
    pub keys: u64,
    /// The time that its keys are of.
    pub made: Timestamp,
    /// The time at which it was done.
    pub done: Timestamp,
    /// Sentence about the loss of keys since the backup before it.
    pub lost: Option<String>,
}

/// Leaves the deck; while something is being saved only with a second press, because its file would be lost.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let running = model.alarm.is_saving().or(model.backing_up.then_some("the backup"));
    match running {
        Some(what) if !std::mem::replace(&mut model.warned_of_leaving, true) => {
            model.complain(format!("{what} is not done yet; q again gives it up"));
            vec![]
        }
        _ => vec![Effect::Leave(Leaving::Quit)],
    }
}

impl Model {
    /// The time at which the deck last heard anything, `known` or later: no clock is asked, so that nothing has to be
    /// drawn only because time passes.
    pub(super) fn heard(&self, known: Timestamp) -> Timestamp {
        match self.feed {
            Liveness::Live { at, .. } => at.max(known),
            Liveness::Loading { .. } | Liveness::Stale { .. } => known,
        }
    }

    /// Age of the newest verified backup when the deck last heard anything. A backup from a clock that is ahead has the
    /// age zero.
    #[must_use]
    pub fn backup_age(&self) -> Option<SignedDuration> {
        let Backup::Found { made, known, .. } = self.backup else { return None };
        Some(self.heard(known).duration_since(made).max(SignedDuration::ZERO))
    }
}

/// Has the scope saved, one backup at a time.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if std::mem::replace(&mut model.backing_up, true) {
        model.say("a backup is being made already".to_owned());
        return vec![];
    }
    model.say("saving the scope to a file".to_owned());
    vec![Effect::Worker(WorkerTask::Backup)]
}

/// Has the newest backup looked for when everything was read, and whenever it is read again, because others make
/// backups too. A deck that reaches no server looks once.
pub(super) fn look(model: &mut Model, feed: &FeedMsg) -> Option<Effect> {
    let due = match feed {
        FeedMsg::Listed { .. } | FeedMsg::Relisted { .. } => true,
        FeedMsg::Lost { .. } => model.backup == Backup::NotLooked && model.looking_for_backup.is_none(),
        FeedMsg::Page { .. }
        | FeedMsg::Changes { .. }
        | FeedMsg::Confirmed { .. }
        | FeedMsg::Relisting
        | FeedMsg::NotReadAgain { .. }
        | FeedMsg::PossiblyStale { .. } => false,
    };
    due.then(|| {
        let request = model.request();
        model.looking_for_backup = Some(request);
        Effect::Worker(WorkerTask::LookForBackup(request))
    })
}

pub(super) fn looked(
    model: &mut Model,
    request: RequestId,
    newest: Option<(Timestamp, u64)>,
    known: Timestamp,
) {
    if model.looking_for_backup.take_if(|asked| *asked == request).is_some() {
        model.backup = newest.map_or(Backup::None, |(made, keys)| Backup::Found { made, keys, known });
    }
}

pub(super) fn done(model: &mut Model, made: Result<BackedUp, String>) {
    model.backing_up = false;
    match made {
        Ok(BackedUp { file, keys, made, done, lost }) => {
            // A look that began before may have missed it.
            model.looking_for_backup = None;
            model.backup = Backup::Found { made, keys, known: done };
            match lost {
                None => model.say(format!("{keys} keys saved and verified: {file}")),
                Some(lost) => model.complain(lost),
            }
        }
        Err(why) => model.complain(format!("no backup was made: {why}")),
    }
}
