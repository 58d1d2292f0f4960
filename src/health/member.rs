use crate::{failure::Failure, keys::Revision};

/// etcd's quota if none was set, in bytes (server/storage/quota.go, 3.4 to 3.7).
const DEFAULT_QUOTA: u64 = 2 << 30;
/// Beyond this percentage of the quota it is time to make room.
const NEARLY_FULL: u64 = 90;

/// Member of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `None` for an endpoint whose member nobody knows.
    pub id: Option<u64>,
    /// Its own name, or its endpoint. Text of others: show it escaped.
    pub name: String,
    /// The address at which it was asked, or at which it says that it listens.
    pub endpoint: Option<String>,
    /// It receives everything and has no vote.
    pub learner: bool,
    pub state: MemberState,
}

/// State of a member, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// It answers; `None` if it does not report its vitals to this credential (3.5.30 tells only root).
    Up(Option<Vitals>),
    /// It was asked at an address that was named, or nobody listens at the address that it gives.
    Down(Failure),
    /// It was added as a member, at this address for the others, and has never started: etcd knows no name of it.
    NotStarted(String),
    /// It was not asked, or cannot be reached from here, which says nothing of its state.
    Unknown(String),
}

/// Vitals that a member reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Text of others: show it escaped.
    pub version: String,
    /// The bytes of its file; `None` if it does not say.
    pub db_size: Option<u64>,
    /// The bytes of the file that are in use; since etcd 3.4.
    pub db_in_use: Option<u64>,
    /// The most bytes that its file may have; since etcd 3.6.
    pub quota: Option<u64>,
    /// The revision that it has stored; 0 if it does not say.
    pub revision: Revision,
    /// The member that it takes for the leader.
    pub leader: Option<u64>,
    pub raft_term: u64,
    pub raft_index: u64,
    /// The index up to which it has applied the log; since etcd 3.4.
    pub raft_applied: u64,
    /// Its errors, other than alarms and a missing leader. Text of others: show it escaped.
    pub errors: Vec<String>,
}

/// Fill of a member's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The share of the quota.
    pub percent: u64,
    /// The quota in bytes.
    pub quota: u64,
    /// True if it does not report its quota, so that etcd's default stands for it.
    pub assumed: bool,
}

impl Usage {
    /// Tells whether puts may soon be refused.
    #[must_use]
    pub fn is_nearly_full(self) -> bool {
        self.percent > NEARLY_FULL
    }
}

impl Member {
    /// Returns the vitals that the member reports.
    #[must_use]
    pub fn vitals(&self) -> Option<&Vitals> {
        match &self.state {
            MemberState::Up(vitals) => vitals.as_ref(),
            MemberState::Down(_) | MemberState::NotStarted(_) | MemberState::Unknown(_) => None,
        }
    }

    /// Returns the reason why it did not answer.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        match &self.state {
            MemberState::Up(_) => None,
            MemberState::Down(failure) => Some(failure.to_string()),
            MemberState::NotStarted(address) => {
                Some(format!("it was added as {address} and has never started"))
            }
            MemberState::Unknown(why) => Some(why.clone()),
        }
    }

    /// Tells whether it answers; `None` if that is not known.
    #[must_use]
    pub fn is_up(&self) -> Option<bool> {
        match self.state {
            MemberState::Up(_) => Some(true),
            MemberState::Down(_) | MemberState::NotStarted(_) => Some(false),
            MemberState::Unknown(_) => None,
        }
    }
}

impl Vitals {
    /// Returns the fill of the file. Before 3.6 etcd does not tell its quota: its default is taken as long as the
    /// file fits into it.
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

    /// Returns the bytes of the file that a defragmentation would give back.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        Some(self.db_size?.saturating_sub(self.db_in_use?))
    }
}
