//! Signposts after a loss: the number of keys that a scope had, the witnesses of it, and the places that have them.
//! Pure: facts from the kept counts, the journal, the saved files and etcd's own history come in as numbers.

mod deletions;
mod offer;
mod timeline;
mod words;

pub use deletions::{MassDeletion, OwnDeletion, OwnDeletions, mass_deletion};
pub use offer::{Brings, RecoveryOffer, SavedIn};
pub use timeline::{Point, Witness, before_a_loss};
pub use words::ago;

use crate::{
    counts::{Held, Loss},
    keys::Revision,
    unread_place::UnreadPlace,
};
use jiff::Timestamp;

/// Signpost of a scope that had more keys than now, if nobody has accepted that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signpost {
    /// `/coredns/`.
    pub scope: String,
    /// The earlier number of keys.
    pub then: Point,
    pub now: Held,
    pub in_etcd: InEtcd,
    /// The newest backup, the newest rescue, and the journal, as far as each has some of the missing keys.
    pub offers: Vec<RecoveryOffer>,
    /// The places that could not be read.
    pub unread: Vec<UnreadPlace>,
}

/// Ability of etcd itself to tell the earlier keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InEtcd {
    /// This many keys are at the revision before the deletion.
    Readable { before: Revision, keys: u64 },
    /// Its history begins behind the deletion.
    Compacted,
    /// Not known, with the reason.
    Unknown(String),
}

/// Known facts about one etcd that has lost something, or gone back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// The number of keys of the scope.
    pub now: Option<u64>,
    pub signpost: Option<Signpost>,
    /// The losses of others since their keys were counted last.
    pub others: Vec<Loss>,
    pub went_back: Option<WentBack>,
    /// The witnesses that could know of a loss and were asked, in words.
    pub asked: Vec<String>,
    /// The witnesses that could know of one and could not be read.
    pub unread: Vec<UnreadPlace>,
}

/// Store whose revision is below one that it had already: it was restored, or has lost its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WentBack {
    pub from: Revision,
    pub seen: Timestamp,
    pub to: Revision,
}

impl WentBack {
    /// Compares the count at the highest revision with the revision of now; `None` if the store did not go back.
    #[must_use]
    pub fn of(newest: Option<Held>, now: Revision) -> Option<Self> {
        let seen = newest.filter(|seen| now < seen.revision)?;
        Some(Self { from: seen.revision, seen: seen.at, to: now })
    }
}

impl Aftermath {
    /// Tells whether there is nothing to report.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.signpost.is_none() && self.others.is_empty() && self.went_back.is_none()
    }

    /// Returns the sentence for no loss, with the witnesses that say so.
    #[must_use]
    pub fn quiet(&self) -> String {
        let told = match &self.asked[..] {
            [] => "no loss is known, and nothing here knows of an earlier time".to_owned(),
            [only] => format!("{only} tells of no loss"),
            [first @ .., last] => format!("neither {} nor {last} tells of a loss", first.join(", ")),
        };
        let unread = self.unread.iter().map(|unread| format!("; {unread}"));
        [told].into_iter().chain(unread).collect()
    }
}
