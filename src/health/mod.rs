//! How a cluster is: what its members said when they were asked, what that means, and what has to be said of it before
//! something is written. Pure.

mod alarm;
mod finding;
mod lag;
mod member;
mod preflight;
mod release;
mod row;
mod sentence;
mod size;
#[cfg(test)]
mod tests;
mod votes;

use crate::{failure::Failure, keys::ClusterId};
use jiff::Timestamp;
use std::time::Duration;

pub use alarm::{Alarm, AlarmKind};
pub use finding::{Finding, Level};
pub use member::{Member, State, Usage, Vitals};
pub use preflight::Preflight;
pub use release::{Fault, Release};
pub use row::Row;
pub use size::size;
pub use votes::{Leader, Votes};

/// A cluster as it was found at one moment. What could not be found out is left open, and never said to be well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// When it was found so.
    pub at: Timestamp,
    /// `None` when nobody answered.
    pub cluster: Option<ClusterId>,
    /// Those that the cluster itself has listed; without a list, what answered or did not at each endpoint.
    pub members: Vec<Member>,
    /// Whether the cluster has listed its members. Without that, nobody knows how many there are.
    pub listed: bool,
    /// `None` where they could not be asked for.
    pub alarms: Option<Vec<Alarm>>,
    /// Where no member tells who leads: whether one answered what takes a leader to answer.
    pub has_leader: Option<bool>,
    /// What each endpoint that was named said, in their order.
    pub endpoints: Vec<Asked>,
    /// The last moment at which the client certificate is valid, where one is shown.
    pub credential_ends: Option<Timestamp>,
}

/// One endpoint that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub endpoint: String,
    pub answer: Result<Answer, Failure>,
}

/// What an endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub cluster: ClusterId,
    /// The id of the member behind it.
    pub member: u64,
    /// `None` where this credential is not told.
    pub version: Option<String>,
    /// From the question to the answer; the first one makes the connection as well.
    pub took: Duration,
    /// Whether a proxy stands there and passes the member's answer on (`etcd grpc-proxy`), and so tells of no member.
    pub is_proxy: bool,
}

/// The cluster in one word, for the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// `3/3 up`
    Well(String),
    /// `2/3 up`
    Careful(String),
    /// `NO QUORUM`
    Wrong(String),
    /// `health ?`
    Unknown,
}

impl Health {
    /// In one word. Alarms have words of their own.
    #[must_use]
    pub fn word(&self) -> Word {
        let votes = self.votes();
        match self.leader() {
            Leader::None if votes.up + votes.unknown < votes.needed() => Word::Wrong("NO QUORUM".to_owned()),
            Leader::None => Word::Wrong("NO LEADER".to_owned()),
            _ if !self.listed => Word::Unknown,
            _ if votes.unknown > 0 => Word::Careful(format!("{}/{} seen", votes.up, votes.all)),
            _ if votes.up < votes.all => Word::Careful(format!("{}/{} up", votes.up, votes.all)),
            Leader::Is(_) | Leader::Somebody => Word::Well(format!("{}/{} up", votes.up, votes.all)),
            Leader::Unknown => Word::Careful(format!("{}/{} up", votes.up, votes.all)),
        }
    }

    /// Whether an alarm of a kind is raised, as far as that is known.
    #[must_use]
    pub fn is_raised(&self, kind: &AlarmKind) -> bool {
        self.alarms.iter().flatten().any(|alarm| alarm.kind == *kind)
    }

    /// The member with an id.
    #[must_use]
    pub fn member(&self, id: u64) -> Option<&Member> {
        self.members.iter().find(|member| member.id == Some(id))
    }
}
