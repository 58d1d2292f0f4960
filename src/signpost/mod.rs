//! Signposts after a loss: how many keys a scope had, who knows of it, and where they can be had from. Pure: what was read of
//! the kept counts, the journal, the saved files and etcd's own history comes in as numbers.

mod deletions;
mod offer;
mod timeline;
mod words;

pub use deletions::{MassDeletion, OwnDeletion, OwnDeletions, mass_deletion};
pub use offer::{Brings, Offer, SavedIn};
pub use timeline::{Point, Witness, before_a_loss};
pub use words::ago;

use crate::{
    counts::{Held, Loss},
    keys::Revision,
};
use jiff::Timestamp;

/// A scope that had more keys than it has, and nobody has accepted that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signpost {
    /// `/coredns/`.
    pub scope: String,
    /// How many keys there were.
    pub then: Point,
    pub now: Held,
    pub in_etcd: InEtcd,
    /// The newest backup, the newest rescue, and the journal, as far as each has some of what is away.
    pub offers: Vec<Offer>,
}

/// Whether etcd itself can still tell what was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InEtcd {
    /// So many keys stand at the revision before the deletion.
    Readable { before: Revision, keys: u64 },
    /// Its history begins behind the deletion.
    Compacted,
    /// It was not found out, and why.
    Unknown(String),
}

/// What is known of one etcd that has lost something, or gone back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// How many keys the scope has.
    pub now: Option<u64>,
    pub signpost: Option<Signpost>,
    /// What others have lost since their keys were counted last.
    pub others: Vec<Loss>,
    pub went_back: Option<WentBack>,
    /// Who could know of a loss and was asked, in words.
    pub asked: Vec<String>,
}

/// A store whose revision is below one that it had already: it was restored, or has lost its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WentBack {
    pub from: Revision,
    pub seen: Timestamp,
    pub to: Revision,
}

impl Aftermath {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.signpost.is_none() && self.others.is_empty() && self.went_back.is_none()
    }

    /// What is said where nothing is lost: by whose word.
    #[must_use]
    pub fn quiet(&self) -> String {
        match &self.asked[..] {
            [] => "no loss is known, and nothing here knows of an earlier time".to_owned(),
            [only] => format!("{only} tells of no loss"),
            [first @ .., last] => format!("neither {} nor {last} tells of a loss", first.join(", ")),
        }
    }
}
