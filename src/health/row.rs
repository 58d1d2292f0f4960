//! Row of a member in a table, for the deck's page and for the command line.
use super::{Health, Leader, Member, MemberState, Usage, size};
use crate::quantity::grouped;

/// Words of one row. May hold text of others: show it escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthRow {
    pub name: String,
    pub endpoint: String,
    /// `leader`, `follower`, `learner`, `up`, `DOWN`, `unstarted` or `?`.
    pub is: &'static str,
    pub version: String,
    /// `20 MiB, 5 MiB free`
    pub file: String,
    /// `12 % of 2 GiB`, or `quota unknown`: a share of an unknown quota is not shown.
    pub quota: String,
    /// `term 7, index 1,000`
    pub log: String,
}

impl Health {
    /// Returns a row for each member, in the order of their names.
    #[must_use]
    pub fn rows(&self) -> Vec<HealthRow> {
        self.by_name().into_iter().map(|member| self.row(member)).collect()
    }

    /// Returns the members in the order of their names. etcd lists them by their ids, which mean nothing to a person.
    #[must_use]
    pub fn by_name(&self) -> Vec<&Member> {
        let mut members: Vec<&Member> = self.members.iter().collect();
        members.sort_by(|one, other| one.name.cmp(&other.name));
        members
    }

    fn row(&self, member: &Member) -> HealthRow {
        let mut row = HealthRow {
            name: member.name.clone(),
            endpoint: member.endpoint.clone().unwrap_or_default(),
            is: self.is(member),
            ..HealthRow::default()
        };
        let Some(vitals) = member.vitals() else { return row };
        row.version.clone_from(&vitals.version);
        let file = vitals.db_size.map_or_else(|| "size unknown".to_owned(), size);
        row.file = match vitals.free() {
            Some(free @ 1..) => format!("{file}, {} free", size(free)),
            _ => file,
        };
        row.quota = match vitals.usage() {
            Some(Usage { percent, quota, assumed: false }) => format!("{percent} % of {}", size(quota)),
            Some(Usage { assumed: true, .. }) | None => "quota unknown".to_owned(),
        };
        let behind = match self.behind(vitals) {
            0 => String::new(),
            behind => format!(", {} behind", grouped(behind)),
        };
        row.log = format!("term {}, index {}{behind}", vitals.raft_term, grouped(vitals.raft_index));
        row
    }

    fn is(&self, member: &Member) -> &'static str {
        match (&member.state, self.leader()) {
            (MemberState::Down(_), _) => "DOWN",
            (MemberState::NotStarted(_), _) => "unstarted",
            (MemberState::Unknown(_), Leader::Is(id)) if member.id == Some(id) => "leader",
            (MemberState::Unknown(_), _) => "?",
            (MemberState::Up(_), _) if member.learner => "learner",
            (MemberState::Up(_), Leader::Is(id)) if member.id == Some(id) => "leader",
            (MemberState::Up(Some(_)), Leader::Is(_)) => "follower",
            (MemberState::Up(_), _) => "up",
        }
    }
}
