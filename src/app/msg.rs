use super::{
    CountCheck, FormerCluster, Saving, ServedNews, WholeRescue,
    overlay::{AskedQuestion, Headings, TakeBackPlan},
    rules::{Answered, KnownImpact},
    saving::BackedUp,
};
use crate::{
    bulk::{BulkError, BulkPlan},
    dns::lint::{Finding, Findings},
    etcdctl::Hits,
    failure::Failure,
    health::Health,
    index::{Batch, Differences, Index, Records, SearchResult},
    journal,
    keys::{LeaseId, Revision},
    ops::{History, PrepareError},
    plan::{Outcome, Plan, Resume},
    power::Power,
    remedy::Remedy,
    signpost::{Aftermath, RecoveryOffer},
    store::{ClusterStatus, Event},
    unread_place::UnreadPlace,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Name of one request, so that a reply can be dropped if nobody waits for it any more.
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
    /// Power of this credential over everybody's keys.
    Power(Power),
    /// Everybody's keys were counted.
    Looked(Box<CountCheck>),
    /// The cluster answered again, perhaps another one.
    Status(Result<ClusterStatus, Failure>),
    /// Health of the cluster.
    Health(Box<Health>),
    Found(RequestId, SearchResult),
    /// Result of working out a change of many records.
    Worked(RequestId, Result<BulkPlan, BulkError>),
    /// Result of saving the records as they were before a mass deletion.
    Rescued(RequestId, Saving),
    /// Progress of the rescue of all of etcd: so many keys of so many are read.
    Rescuing(RequestId, u64, u64),
    /// Result of saving all of etcd as it was.
    RescuedAll(RequestId, WholeRescue),
    Planned(RequestId, Result<Plan, PrepareError>),
    /// Progress of a plan: so many keys are done.
    Progress(RequestId, usize),
    Applied(RequestId, Applied),
    Lease(RequestId, LeaseId, Result<Option<Duration>, Failure>, Timestamp),
    Answered(RequestId, Box<Answered>),
    Foreseen(RequestId, Arc<KnownImpact>),
    Linted(RequestId, Arc<Findings>),
    LintedTyped(RequestId, Vec<Finding>),
    /// Comparison of one server's answers, type by type.
    Verified(RequestId, SocketAddr, Vec<AskedQuestion>),
    /// News of the servers that are asked after a change.
    Served(RequestId, ServedNews),
    /// Time of the newest verified backup and its number of keys, if there is one, and the time of the look.
    Backup(RequestId, Option<(Timestamp, u64)>, Timestamp),
    /// Result of the look for losses.
    Aftermath(RequestId, Box<Result<Aftermath, Failure>>),
    /// Saved records, and the places that could not be looked at.
    Offers(RequestId, Vec<RecoveryOffer>, Vec<UnreadPlace>),
    /// Result of a backup.
    BackedUp(Result<BackedUp, String>),
    Journal(RequestId, Result<Headings, Failure>),
    /// An entry of the journal, or why there is none.
    Entry(RequestId, Result<Box<journal::JournalEntry>, String>),
    /// Changes of earlier sessions that were broken off, with the state of their keys.
    BrokenOff(Vec<(journal::EntryHeading, Resume)>),
    /// Result of looking at an undo, or at a put back.
    LookedAt(RequestId, LookedAt),
    History(RequestId, Result<Box<History>, Failure>),
    /// The whole scope as of a revision.
    AsOf(RequestId, Result<Box<Index>, Failure>),
    /// Result of writing the cluster down under this label.
    Remembered(Result<FormerCluster, String>),
    /// `$EDITOR` has ended: the text, or why there is none.
    Edited(Result<String, String>),
    /// Keys that one of the explained lines hits, by its number in the text.
    Counted(RequestId, usize, Hits),
    /// Result of sending a copy to the terminal.
    Copied(Result<String, String>),
    /// The terminal was given back and taken again: nothing on it can be relied on.
    Resumed,
}

/// Result of looking at something that is to be taken back, or the reason why it failed.
pub type LookedAt = Result<TakeBackPlan, DeckError>;

/// Event, with the next act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeckError {
    pub what: String,
    /// The next act, as one imperative sentence.
    pub remedy: String,
    /// The revision that etcd was asked for and has compacted; a saved file or the journal may have its records.
    pub compacted: Option<Revision>,
}

impl DeckError {
    /// Explains why a part of the past cannot be read.
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
pub struct PresentPicture {
    pub records: Records,
    /// The revision up to which the watch has brought everything; `None` while nothing is followed.
    pub followed_to: Option<Revision>,
}

/// News that the index is fed with.
#[derive(Debug)]
pub enum FeedMsg {
    /// A page of the first list.
    Page {
        batch: Batch,
        /// Number of keys in the scope; `None` as long as it is not known.
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
    /// The whole scope was read again: send the shown picture, to be compared with it.
    Relisting,
    /// The operator has asked for the scope to be read again, and the read has failed. Other messages tell whether the
    /// watch still keeps the picture true.
    NotReadAgain {
        failure: Failure,
    },
    /// The whole scope was read again; `index` replaces the shown picture, which differed too much.
    Relisted {
        index: Box<Index>,
        revision: Revision,
        at: Timestamp,
        asked: bool,
        differences: Differences,
        /// The revision up to which everything was seen before; the differences happened after it, up to `revision`.
        seen: Option<Revision>,
        back: Option<RevisionWentBack>,
    },
    /// State of one member while the cluster has no leader: it has more than is shown.
    PossiblyStale {
        index: Box<Index>,
        revision: Revision,
        endpoint: String,
        at: Timestamp,
    },
    /// The picture is not kept true at the moment. The feed tries again.
    Lost {
        failure: Failure,
        /// The time at which it was last known to be true, or now if nothing was read yet.
        at: Timestamp,
    },
}

/// Reason why the picture is known to be the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It was read, or nothing has happened in etcd since. It is not known whether a watch would tell of a change.
    Reading,
    /// A watch is open, and has answered that it has brought everything.
    Watch,
}

/// etcd does not have what it had: it was restored from a snapshot, or its data directory from a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionWentBack {
    /// The revision that was seen.
    pub from: Revision,
    /// The revision at which it was found; `None` when it has come beyond `from` again, in another way.
    pub to: Option<Revision>,
    /// The time at which that was noticed.
    pub at: Timestamp,
}

/// Result of making a confirmed plan.
#[derive(Clone, Debug)]
pub struct Applied {
    pub outcome: Outcome,
    pub entry: Option<String>,
    pub journal_trouble: Option<Failure>,
}
