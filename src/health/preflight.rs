//! Preflight before a write: the warnings about a cluster's health, and the refusals.
use super::{AlarmKind, Health, Leader, MemberState};
use crate::{failure::Failure, plan::Plan};

/// Meaning of a cluster's health for a plan. The deck and the command line both ask this, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preflight {
    /// The facts that a person has to know before agreeing. May hold text of others: show it escaped.
    pub cautions: Vec<String>,
    /// The reason why the plan cannot succeed: then it is not journalled and nothing is sent.
    pub refusal: Option<Failure>,
}

impl Preflight {
    /// Judges a plan. If there is no picture of the cluster, that is the warning.
    #[must_use]
    pub fn of(plan: &Plan, health: Option<&Health>) -> Self {
        let tally = plan.tally();
        Self::of_change(tally.total() > tally.deletes, health)
    }

    /// Judges a change that `puts` something, or only deletes.
    pub(super) fn of_change(puts: bool, health: Option<&Health>) -> Self {
        let Some(health) = health else {
            return Self { cautions: vec!["how the cluster is, is not known".to_owned()], refusal: None };
        };
        let refusal = if health.leader() == Leader::None {
            Some(Failure::NoLeader { endpoint: health.first_up() })
        } else if health.is_raised(&AlarmKind::Corrupt) {
            Some(Failure::Corrupt)
        } else if puts && health.is_raised(&AlarmKind::NoSpace) {
            Some(Failure::NoSpace)
        } else {
            None
        };
        let mut cautions = Vec::new();
        if refusal.is_none() && health.is_raised(&AlarmKind::NoSpace) {
            cautions.push("NOSPACE alarm: this deletion cannot be undone before it is disarmed".to_owned());
            cautions.extend(health.refusing_all().map(|release| {
                format!("etcd {release} refuses deletions too for as long as it is over its quota")
            }));
        }
        if refusal.is_none() && health.quorum().is_none() {
            cautions.push("whether the cluster has a leader is not known".to_owned());
        }
        // A cluster of one member never has a reserve.
        if health.quorum() == Some(true) && health.spare() == Some(0) && health.votes().all > 1 {
            cautions.push(health.sentence());
        }
        cautions.extend(health.credential().map(|finding| finding.what));
        cautions.extend(health.nearly_full());
        if health.alarms.is_none() {
            cautions.push("whether an alarm is raised is not known".to_owned());
        }
        Self { cautions, refusal }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cautions.is_empty() && self.refusal.is_none()
    }
}

impl Health {
    /// Returns the endpoint of a member that answers.
    fn first_up(&self) -> String {
        let up = self.members.iter().find(|member| matches!(member.state, MemberState::Up(_)));
        up.and_then(|member| member.endpoint.clone()).unwrap_or_else(|| "every endpoint".to_owned())
    }
}
