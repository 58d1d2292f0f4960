//! Health of a cluster: the answers of its members, their meaning, and the warnings before a write. Pure.

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
pub use finding::{HealthFinding, HealthLevel};
pub use member::{Member, MemberState, Usage, Vitals};
pub use preflight::Preflight;
pub use release::{Release, ReleaseBug};
pub use row::HealthRow;
pub use size::size;
pub use votes::{Leader, Votes};

/// Cluster as it was found at one moment. A fact that is not known stays open, and never counts as good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The time at which it was found.
    pub at: Timestamp,
    /// `None` if nobody answered.
    pub cluster: Option<ClusterId>,
    /// The members that the cluster itself has listed; without a list, the answer or the silence of each endpoint.
    pub members: Vec<Member>,
    /// True if the cluster has listed its members. Without a list nobody knows their number.
    pub listed: bool,
    /// `None` if nobody could be asked for them.
    pub alarms: Option<Vec<Alarm>>,
    /// True if a member answered a request that needs a leader, asked only if no member names the leader.
    pub has_leader: Option<bool>,
    /// The answer of each named endpoint, in their order.
    pub endpoints: Vec<AskedEndpoint>,
    /// The last moment at which the client certificate is valid, if one is shown.
    pub credential_ends: Option<Timestamp>,
}

/// Endpoint that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedEndpoint {
    pub endpoint: String,
    pub answer: Result<EndpointAnswer, Failure>,
}

/// Answer of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointAnswer {
    pub cluster: ClusterId,
    /// The id of the member behind it.
    pub member: u64,
    /// `None` if this credential may not know it.
    pub version: Option<String>,
    /// The time from the question to the answer; the first one makes the connection as well.
    pub took: Duration,
    /// True if a proxy passes the member's answer on (`etcd grpc-proxy`), and so tells of no member.
    pub is_proxy: bool,
}

/// Cluster in one word, for the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthWord {
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
    /// Returns the health in one word. Alarms have words of their own.
    #[must_use]
    pub fn word(&self) -> HealthWord {
        let votes = self.votes();
        match self.leader() {
            Leader::None if votes.up + votes.unknown < votes.needed() => {
                HealthWord::Wrong("NO QUORUM".to_owned())
            }
            Leader::None => HealthWord::Wrong("NO LEADER".to_owned()),
            _ if !self.listed => HealthWord::Unknown,
            _ if votes.unknown > 0 => HealthWord::Careful(format!("{}/{} seen", votes.up, votes.all)),
            _ if votes.up < votes.all => HealthWord::Careful(format!("{}/{} up", votes.up, votes.all)),
            Leader::Is(_) | Leader::Somebody => HealthWord::Well(format!("{}/{} up", votes.up, votes.all)),
            Leader::Unknown => HealthWord::Careful(format!("{}/{} up", votes.up, votes.all)),
        }
    }

    /// Tells whether an alarm of a kind is raised, as far as that is known.
    #[must_use]
    pub fn is_raised(&self, kind: &AlarmKind) -> bool {
        self.alarms.iter().flatten().any(|alarm| alarm.kind == *kind)
    }

    /// Returns the member with an id.
    #[must_use]
    pub fn member(&self, id: u64) -> Option<&Member> {
        self.members.iter().find(|member| member.id == Some(id))
    }
}
