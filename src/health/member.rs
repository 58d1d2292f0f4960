use crate::{failure::Failure, keys::Revision};

/// etcd's quota where none was set, in bytes (server/storage/quota.go, 3.4 to 3.7).
const DEFAULT_QUOTA: u64 = 2 << 30;
/// Beyond so many percent of the quota it is time to make room.
const NEARLY_FULL: u64 = 90;

/// One member of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `None` for an endpoint behind which nobody knows who is.
    pub id: Option<u64>,
    /// Its own name, or its endpoint. Text of others: show it escaped.
    pub name: String,
    /// Where it was asked, or says that it listens.
    pub endpoint: Option<String>,
    /// It receives everything and has no vote.
    pub learner: bool,
    pub state: State,
}

/// What is known of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It answers; `None` where it does not tell this credential how it is (3.5.30 tells only root).
    Up(Option<Vitals>),
    /// It was asked at an address that was named, or nobody listens where it says that it does.
    Down(Failure),
    /// It was added as a member, at this address for the others, and has never started: etcd knows no name of it.
    NotStarted(String),
    /// It was not asked, or cannot be reached from here, which says nothing of how it is.
    Unknown(String),
}

/// How a member says that it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Text of others: show it escaped.
    pub version: String,
    /// Bytes of its file; `None` where it does not say.
    pub db_size: Option<u64>,
    /// Bytes of it that are in use; since etcd 3.4.
    pub db_in_use: Option<u64>,
    /// The most bytes that its file may have; since etcd 3.6.
    pub quota: Option<u64>,
    /// The revision of what it has stored; 0 where it does not say.
    pub revision: Revision,
    /// Whom it takes for the leader.
    pub leader: Option<u64>,
    pub raft_term: u64,
    pub raft_index: u64,
    /// Up to here it has applied the log; since etcd 3.4.
    pub raft_applied: u64,
    /// What it complains of, besides alarms and a missing leader. Text of others: show it escaped.
    pub errors: Vec<String>,
}

/// How full a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Of the quota.
    pub percent: u64,
    /// Bytes.
    pub quota: u64,
    /// It does not say its quota, so etcd's default is taken for it.
    pub assumed: bool,
}

impl Usage {
    /// Whether puts may soon be refused.
    #[must_use]
    pub fn is_nearly_full(self) -> bool {
        self.percent > NEARLY_FULL
    }
}

impl Member {
    /// What it says of itself.
    #[must_use]
    pub fn vitals(&self) -> Option<&Vitals> {
        match &self.state {
            State::Up(vitals) => vitals.as_ref(),
            State::Down(_) | State::NotStarted(_) | State::Unknown(_) => None,
        }
    }

    /// Why it was not heard.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        match &self.state {
            State::Up(_) => None,
            State::Down(failure) => Some(failure.to_string()),
            State::NotStarted(address) => Some(format!("it was added as {address} and has never started")),
            State::Unknown(why) => Some(why.clone()),
        }
    }

    /// Whether it answers; `None` where that is not known.
    #[must_use]
    pub fn is_up(&self) -> Option<bool> {
        match self.state {
            State::Up(_) => Some(true),
            State::Down(_) | State::NotStarted(_) => Some(false),
            State::Unknown(_) => None,
        }
    }
}

impl Vitals {
    /// How full it is. Before 3.6 etcd does not tell its quota: its default is taken as long as the file fits into it.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let db_size = self.db_size?;
        let (quota, assumed) = match self.quota {
            Some(quota) => (quota, false),
            None if db_size <= DEFAULT_QUOTA => (DEFAULT_QUOTA, true),
            None => return None,
        };
        let percent = db_size.saturating_mul(100).checked_div(quota)?;
        Some(Usage { percent, quota, assumed })
    }

    /// Bytes of the file that a defragmentation would give back.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        Some(self.db_size?.saturating_sub(self.db_in_use?))
    }
}
