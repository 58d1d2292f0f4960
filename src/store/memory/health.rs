use super::MemoryState;
use crate::health::{Alarm, AlarmKind, AskedEndpoint, EndpointAnswer, Health, Member, MemberState, Vitals};
use jiff::Timestamp;
use std::time::Duration;

/// The id of the only member.
const MEMBER: u64 = 1;
const ENDPOINT: &str = "in memory";

impl MemoryState {
    /// Returns the health of a cluster of one: it has no file that could be full.
    pub(super) fn health(&self) -> Health {
        if let Some(health) = &self.faults.health {
            return health.clone();
        }
        let raft_index = u64::try_from(self.keyspace.revision().0).unwrap_or_default();
        let (state, answer) = if let Some(failure) = &self.faults.outage {
            (MemberState::Down(failure.clone()), Err(failure.clone()))
        } else {
            let vitals = Vitals {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                revision: self.keyspace.revision(),
                leader: Some(MEMBER),
                raft_term: 1,
                raft_index,
                raft_applied: raft_index,
                ..Vitals::default()
            };
            let version = Some(vitals.version.clone());
            let answer = EndpointAnswer {
                cluster: self.cluster,
                member: MEMBER,
                version,
                took: Duration::ZERO,
                is_proxy: false,
            };
            (MemberState::Up(Some(vitals)), Ok(answer))
        };
        let is_up = answer.is_ok();
        let raised = Alarm { member: MEMBER, kind: AlarmKind::NoSpace };
        Health {
            at: Timestamp::now(),
            cluster: is_up.then_some(self.cluster),
            members: vec![Member {
                id: is_up.then_some(MEMBER),
                name: "memory".to_owned(),
                endpoint: Some(ENDPOINT.to_owned()),
                learner: false,
                state,
            }],
            listed: is_up,
            alarms: is_up.then(|| if self.faults.no_space { vec![raised] } else { vec![] }),
            has_leader: None,
            endpoints: vec![AskedEndpoint { endpoint: ENDPOINT.to_owned(), answer }],
            credential_ends: None,
        }
    }
}
