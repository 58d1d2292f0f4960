//! Backups from the deck, and what its header knows of them.
use super::{Effect, Feed, FeedMsg, Model, RequestId};
use jiff::{SignedDuration, Timestamp};

/// The newest verified backup of this scope and cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backup {
    /// Nobody has looked yet, or there is no place for any.
    #[default]
    NotLooked,
    None,
    /// Made then, with so many keys, and known of since.
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
    /// Of when its keys are.
    pub made: Timestamp,
    /// When it was done.
    pub done: Timestamp,
    /// What it has lost since the one before it, as a sentence.
    pub lost: Option<String>,
}

/// Leaves the deck; while something is being saved only with a second press, because the file would be lost.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let running = model.alarm.is_saving().or(model.backing_up.then_some("the backup"));
    match running {
        Some(what) if !std::mem::replace(&mut model.warned_of_leaving, true) => {
            model.complain(format!("{what} is not done yet; q again gives it up"));
            vec![]
        }
        _ => vec![Effect::Quit],
    }
}

impl Model {
    /// How old the newest verified backup was when the deck last heard anything: no clock is asked, so that nothing has
    /// to be drawn only because time passes. One from a clock that is ahead is of now.
    #[must_use]
    pub fn backup_age(&self) -> Option<SignedDuration> {
        let Backup::Found { made, known, .. } = self.backup else { return None };
        let heard = match self.feed {
            Feed::Live { at, .. } => at.max(known),
            Feed::Loading { .. } | Feed::Stale { .. } => known,
        };
        Some(heard.duration_since(made).max(SignedDuration::ZERO))
    }
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

/// Has the newest backup looked for when everything was read, and again whenever it is read again: others make some too.
/// A deck that reaches no server looks once.
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
        Effect::LookForBackup(request)
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
