//! Who leads, and how many failures the cluster can still take.
use super::{Health, Member, State, Vitals};

/// Who leads a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// The member with this id.
    Is(u64),
    /// There is one, and nobody tells who.
    Somebody,
    /// There is none: nothing can be written.
    None,
    Unknown,
}

/// The members that have a vote. Learners have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    pub all: usize,
    pub up: usize,
    /// Those that could not be asked from here.
    pub unknown: usize,
}

impl Votes {
    /// How many make a quorum.
    #[must_use]
    pub fn needed(self) -> usize {
        self.all / 2 + 1
    }
}

impl Health {
    #[must_use]
    pub fn votes(&self) -> Votes {
        let mut votes = Votes::default();
        for member in self.members.iter().filter(|member| !member.learner) {
            votes.all += 1;
            match member.state {
                State::Up(_) => votes.up += 1,
                State::Unknown(_) => votes.unknown += 1,
                State::Down(_) | State::NotStarted(_) => {}
            }
        }
        votes
    }

    /// Who leads. A member that was cut off names none, or the leader that it had, so who names one in the latest term
    /// counts; and a leader that is down, or has no quorum left, leads nobody.
    #[must_use]
    pub fn leader(&self) -> Leader {
        let votes = self.votes();
        if self.listed && votes.up + votes.unknown < votes.needed() {
            return Leader::None;
        }
        let named = self.telling().filter_map(|(_, vitals)| Some((vitals.raft_term, vitals.leader?)));
        match named.max().map(|(_, leader)| leader) {
            Some(gone) if self.member(gone).and_then(Member::is_up) == Some(false) => Leader::None,
            Some(leader) => Leader::Is(leader),
            None if self.telling().next().is_some() => Leader::None,
            None => match self.has_leader {
                Some(true) => Leader::Somebody,
                Some(false) => Leader::None,
                None => Leader::Unknown,
            },
        }
    }

    /// Whether enough members are there to write; `None` where that is not known.
    #[must_use]
    pub fn quorum(&self) -> Option<bool> {
        match self.leader() {
            Leader::Is(_) | Leader::Somebody => Some(true),
            Leader::None => Some(false),
            Leader::Unknown => None,
        }
    }

    /// How many more members may fail before nothing can be written; `None` where that is not known.
    #[must_use]
    pub fn spare(&self) -> Option<usize> {
        let votes = self.votes();
        match self.quorum() {
            Some(false) => Some(0),
            Some(true) if self.listed && votes.unknown == 0 => Some(votes.up.saturating_sub(votes.needed())),
            Some(true) | None => None,
        }
    }

    /// The members that say how they are.
    pub(super) fn telling(&self) -> impl Iterator<Item = (&Member, &Vitals)> {
        self.members.iter().filter_map(|member| Some((member, member.vitals()?)))
    }
}
