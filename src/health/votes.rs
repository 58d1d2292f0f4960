//! Votes of a cluster: its leader, and the number of failures that it can still take.
use super::{Health, Member, MemberState, Vitals};

/// Leader of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// The member with this id.
    Is(u64),
    /// There is one, and nobody names it.
    Somebody,
    /// There is none: nothing can be written.
    None,
    Unknown,
}

/// Members that have a vote. Learners have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    pub all: usize,
    pub up: usize,
    /// The members that could not be asked from here.
    pub unknown: usize,
}

impl Votes {
    /// Returns the number that makes a quorum.
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
                MemberState::Up(_) => votes.up += 1,
                MemberState::Unknown(_) => votes.unknown += 1,
                MemberState::Down(_) | MemberState::NotStarted(_) => {}
            }
        }
        votes
    }

    /// Returns the leader. A member that was cut off names none, or its old leader, so the one that is named in the
    /// latest term counts; a leader that is down, or has no quorum left, leads nobody. The word of a learner counts
    /// for nothing: it takes no part in elections, and goes on naming a leader that is long gone.
    #[must_use]
    pub fn leader(&self) -> Leader {
        let votes = self.votes();
        if self.listed && votes.up + votes.unknown < votes.needed() {
            return Leader::None;
        }
        let mut voting = self.telling().filter(|(member, _)| !member.learner).peekable();
        let is_told = voting.peek().is_some();
        let named = voting.filter_map(|(_, vitals)| Some((vitals.raft_term, vitals.leader?)));
        match named.max().map(|(_, leader)| leader) {
            Some(gone) if self.member(gone).and_then(Member::is_up) == Some(false) => Leader::None,
            Some(leader) => Leader::Is(leader),
            None if is_told => Leader::None,
            None => match self.has_leader {
                Some(true) => Leader::Somebody,
                Some(false) => Leader::None,
                None => Leader::Unknown,
            },
        }
    }

    /// Tells whether enough members are there to write; `None` if that is not known.
    #[must_use]
    pub fn quorum(&self) -> Option<bool> {
        match self.leader() {
            Leader::Is(_) | Leader::Somebody => Some(true),
            Leader::None => Some(false),
            Leader::Unknown => None,
        }
    }

    /// Returns the number of members that may still fail before nothing can be written; `None` if it is not known.
    #[must_use]
    pub fn spare(&self) -> Option<usize> {
        let votes = self.votes();
        match self.quorum() {
            Some(false) => Some(0),
            // A leader has a quorum behind it, though not all of it may be seen from here.
            Some(true) if self.listed => {
                let most = votes.up + votes.unknown;
                let least = (votes.up + self.unseen_leader()).max(votes.needed());
                (least >= most).then(|| most.saturating_sub(votes.needed()))
            }
            Some(true) | None => None,
        }
    }

    /// Returns 1 if the leader could not be asked from here: it is up, because it leads.
    fn unseen_leader(&self) -> usize {
        let Leader::Is(id) = self.leader() else { return 0 };
        let is_unseen = |member: &Member| !member.learner && matches!(member.state, MemberState::Unknown(_));
        usize::from(self.member(id).is_some_and(is_unseen))
    }

    /// Tells whether members answer, and none of them has a vote.
    pub(super) fn only_learners_answer(&self) -> bool {
        let mut answering = self.members.iter().filter(|member| member.is_up() == Some(true)).peekable();
        answering.peek().is_some() && answering.all(|member| member.learner)
    }

    /// Returns the members that report their vitals.
    pub(super) fn telling(&self) -> impl Iterator<Item = (&Member, &Vitals)> {
        self.members.iter().filter_map(|member| Some((member, member.vitals()?)))
    }
}
