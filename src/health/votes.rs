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
    /// counts; and a leader that is down, or has no quorum left, leads nobody. What a learner says of it counts for
    /// nothing: it takes no part in elections, and goes on naming a leader that is long gone.
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
            // Where there is a leader there is a quorum behind it, though not all of it may be seen from here.
            Some(true) if self.listed => {
                let most = votes.up + votes.unknown;
                let least = (votes.up + self.unseen_leader()).max(votes.needed());
                (least >= most).then(|| most.saturating_sub(votes.needed()))
            }
            Some(true) | None => None,
        }
    }

    /// 1 where the leader is one of those that could not be asked from here: it is up, because it leads.
    fn unseen_leader(&self) -> usize {
        let Leader::Is(id) = self.leader() else { return 0 };
        let is_unseen = |member: &Member| !member.learner && matches!(member.state, State::Unknown(_));
        usize::from(self.member(id).is_some_and(is_unseen))
    }

    /// Whether somebody answers, and nobody of them has a vote.
    pub(super) fn only_learners_answer(&self) -> bool {
        let mut answering = self.members.iter().filter(|member| member.is_up() == Some(true)).peekable();
        answering.peek().is_some() && answering.all(|member| member.learner)
    }

    /// The members that say how they are.
    pub(super) fn telling(&self) -> impl Iterator<Item = (&Member, &Vitals)> {
        self.members.iter().filter_map(|member| Some((member, member.vitals()?)))
    }
}
