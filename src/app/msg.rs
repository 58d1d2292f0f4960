use super::{
    Before, Looked, Saving, ServedNews, WholeRescue,
    overlay::{Compared, Headings, Seen},
    rules::{Answered, Foreseen},
    saving::BackedUp,
};
use crate::{
    bulk::{Stuck, Work},
    dns::lint::{Finding, Findings},
    etcdctl::Hits,
    failure::Failure,
    health::Health,
    index::{Batch, Differences, Found, Index, Records},
    journal,
    keys::{LeaseId, Revision},
    plan::{Outcome, Plan, Resume},
    power::Power,
    signpost::{Aftermath, Offer},
    store::{Event, History, Refused, Status},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Names one request, so that a reply that nobody waits for any more can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// Everything that can happen to the deck.
#[derive(Debug)]
pub enum Msg {
    Key(Key),
    /// Plain characters that came in one piece, as a paste does in a terminal that does not mark pastes.
    Typed(String),
    Paste(String),
    Resize {
        width: u16,
        height: u16,
    },
    Feed(FeedMsg),
    /// What this credential could do to everybody's keys.
    Power(Power),
    /// Everybody's keys were counted.
    Looked(Box<Looked>),
    /// The cluster answered again, perhaps another one.
    Status(Result<Status, Failure>),
    /// How the cluster is.
    Health(Box<Health>),
    Found(RequestId, Found),
    /// What a change of many records comes to.
    Worked(RequestId, Result<Work, Stuck>),
    /// What was there before a mass deletion is on disk, or is not.
    Rescued(RequestId, Saving),
    /// So many keys of so many of all of etcd are read, to be saved.
    Rescuing(RequestId, u64, u64),
    /// All of etcd as it was is on disk, or is not.
    RescuedAll(RequestId, WholeRescue),
    Planned(RequestId, Result<Plan, Refused>),
    /// So many keys of the plan are done.
    Progress(RequestId, usize),
    Applied(RequestId, Applied),
    Lease(RequestId, LeaseId, Result<Option<Duration>, Failure>, Timestamp),
    Answered(RequestId, Box<Answered>),
    Foreseen(RequestId, Arc<Foreseen>),
    Linted(RequestId, Arc<Findings>),
    LintedTyped(RequestId, Vec<Finding>),
    /// What one server said to each type.
    Verified(RequestId, SocketAddr, Vec<Compared>),
    /// News of the servers that are asked after a change.
    Served(RequestId, ServedNews),
    /// Of when the newest verified backup is and how many keys it has, if there is one, and when that was looked for.
    Backup(RequestId, Option<(Timestamp, u64)>, Timestamp),
    /// What is known of a loss.
    Aftermath(RequestId, Box<Result<Aftermath, Failure>>),
    /// What is saved, and what could not be looked at.
    Offers(RequestId, Vec<Offer>, Vec<(String, String)>),
    /// A backup was made, or not.
    BackedUp(Result<BackedUp, String>),
    Journal(RequestId, Result<Headings, Failure>),
    /// An entry of the journal, or why there is none.
    Entry(RequestId, Result<Box<journal::Entry>, String>),
    /// Changes of earlier sessions that were broken off, with what became of their keys.
    BrokenOff(Vec<(journal::Heading, Resume)>),
    /// What an undo, or putting something back, comes to.
    LookedAt(RequestId, LookedAt),
    History(RequestId, Result<Box<History>, Failure>),
    /// The whole scope as of a revision.
    AsOf(RequestId, Result<Box<Index>, Failure>),
    /// The cluster is written down under this label, or is not.
    Remembered(Result<Before, String>),
    /// `$EDITOR` has ended: the text, or why there is none.
    Edited(Result<String, String>),
    /// What one of the explained lines hits, by its number in the text.
    Counted(RequestId, usize, Hits),
    /// A copy was sent to the terminal, or not.
    Copied(Result<String, String>),
    /// The terminal was given back and taken again: nothing on it can be relied on.
    Resumed,
}

/// What taking something back comes to, or why that cannot be said.
pub type LookedAt = Result<Seen, Told>;

/// What happened, and what to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub what: String,
    /// One imperative sentence.
    pub remedy: String,
    /// The revision that etcd was asked for and has compacted; something else may have what was there.
    pub compacted: Option<Revision>,
}

impl Told {
    /// A past that cannot be read.
    #[must_use]
    pub fn of_past(failure: &Failure) -> Self {
        let remedy = match failure {
            Failure::Compacted { .. } => {
                "Press H for what etcd still has, and B for what the journal, the backups and the rescued files of this \
                 machine have of it: each can be put back from there."
                    .to_owned()
            }
            failure => failure.remedy(),
        };
        Self { what: failure.to_string(), remedy, compacted: failure.compacted() }
    }
}

/// A key press.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub event: KeyEvent,
    /// It arrived in one piece with other keys, as a paste does in a terminal that does not mark pastes.
    pub in_burst: bool,
}

impl Key {
    /// A plain character that came in one piece with others.
    #[must_use]
    pub fn in_burst(character: char) -> Self {
        Self { event: KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE), in_burst: true }
    }
}

impl Msg {
    /// The key presses that it stands for.
    #[must_use]
    pub fn into_keys(self) -> Vec<Key> {
        match self {
            Self::Key(key) => vec![key],
            Self::Typed(text) => text.chars().map(Key::in_burst).collect(),
            _ => vec![],
        }
    }
}

/// The picture of the present, to be compared with a list.
#[derive(Clone, Debug)]
pub struct Shown {
    pub records: Records,
    /// The revision up to which the watch has brought everything; `None` while nothing is followed.
    pub followed_to: Option<Revision>,
}

/// What the index is fed with.
#[derive(Debug)]
pub enum FeedMsg {
    /// A page of the first list.
    Page {
        batch: Batch,
        /// How many keys the scope holds; `None` as long as that is not known.
        total: Option<u64>,
    },
    /// The list is complete and is the truth of this revision.
    Listed {
        revision: Revision,
        at: Timestamp,
    },
    Changes {
        revision: Revision,
        events: Vec<Event>,
        at: Timestamp,
    },
    /// The picture is the truth of this revision and was, at `at`, the present one.
    Confirmed {
        revision: Revision,
        at: Timestamp,
        by: Evidence,
    },
    /// The whole scope was read again: what is shown is wanted, to be compared with it.
    Relisting,
    /// The operator has asked for the scope to be read again, and it could not be. Whether the watch still keeps the picture
    /// true is told by others.
    NotReadAgain {
        failure: Failure,
    },
    /// The whole scope was read again; `index` replaces what is shown, which was found to differ so much.
    Relisted {
        index: Box<Index>,
        revision: Revision,
        at: Timestamp,
        asked: bool,
        differences: Differences,
        /// Up to here everything was seen before it; what differs happened behind it, up to `revision`.
        seen: Option<Revision>,
        back: Option<WentBack>,
    },
    /// What one member has while the cluster has no leader, and more than is shown.
    PossiblyStale {
        index: Box<Index>,
        revision: Revision,
        endpoint: String,
        at: Timestamp,
    },
    /// The picture is not kept true at the moment. It is being tried again.
    Lost {
        failure: Failure,
        /// When it was last known to be true, or now where nothing was read yet.
        at: Timestamp,
    },
}

/// Why the picture is known to be the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It was read, or nothing has happened in etcd since it was. Whether a watch would tell of a change is not known.
    Reading,
    /// A watch is open, and has answered that it has told everything.
    Watch,
}

/// etcd does not have what it had: it was restored from a snapshot, or its data directory from a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WentBack {
    /// The revision that was seen.
    pub from: Revision,
    /// The revision at which it was found; `None` when it has come beyond `from` again, in another way.
    pub to: Option<Revision>,
    /// When that was noticed.
    pub at: Timestamp,
}

/// What became of a confirmed plan.
#[derive(Clone, Debug)]
pub struct Applied {
    pub outcome: Outcome,
    pub entry: Option<String>,
    pub journal_trouble: Option<Failure>,
}
