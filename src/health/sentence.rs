//! Sentence that matters most: how many failures the cluster can take.
use super::{Health, Leader, Votes};
use crate::quantity::counted;

impl Health {
    /// Returns the number of failures that the cluster can take, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let votes @ Votes { all, up, unknown } = self.votes();
        let leader = self.leader();
        if !self.listed {
            return match (up, leader) {
                (0, _) if self.only_learners_answer() => {
                    "only a learner answers: how the members are that have a vote is not known".to_owned()
                }
                (0, _) => "no endpoint answers: how the cluster is, is not known".to_owned(),
                (_, Leader::None) => {
                    "no leader, nothing can be written; who the members are is not told".to_owned()
                }
                _ => format!("{up} of {all} endpoints answer; who the members are is not told"),
            };
        }
        let learners = self.members.iter().filter(|member| member.learner).count();
        let members = format!("{}{}", counted(all, "member"), with_learners(learners));
        if leader == Leader::None {
            let why = if up + unknown < votes.needed() {
                "no leader, nothing can be written"
            } else {
                "no leader, nothing can be written until one is elected"
            };
            return format!("{members}, {}: {why}", up_of(votes));
        }
        if all == 1 && up == 1 {
            return format!("{members}: its failure stops everything");
        }
        let beginning = format!("{members}, {}", up_of(votes));
        if leader == Leader::Unknown {
            return format!("{beginning}: whether there is a leader is not known");
        }
        let Some(spare) = self.spare() else {
            let least = up.max(votes.needed());
            return format!(
                "{beginning}: there is a leader, so at least {least} are up; how many more may fail is not known"
            );
        };
        let consequence = match spare {
            0 => "one more failure stops all writes".to_owned(),
            1 => "one may fail, the next failure stops all writes".to_owned(),
            spare => format!("{spare} may fail, the next failure stops all writes"),
        };
        let even = if all.is_multiple_of(2) && up == all {
            format!("; {all} are no safer than {}", all - 1)
        } else {
            String::new()
        };
        format!("{beginning}: {consequence}{even}")
    }
}

fn with_learners(learners: usize) -> String {
    match learners {
        0 => String::new(),
        1 => " and 1 learner without a vote".to_owned(),
        more => format!(" and {more} learners without a vote"),
    }
}

fn up_of(votes: Votes) -> String {
    match votes.unknown {
        0 => format!("{} up", votes.up),
        unknown => format!("{} up and {unknown} not reached from here", votes.up),
    }
}
