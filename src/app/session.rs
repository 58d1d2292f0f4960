use super::overlay::ProfileRow;
use crate::{
    dns::{Name, Serving, lint::Circumstances},
    etcdctl::Connection,
    failure::Failure,
    keys::{ClusterId, Scope},
    power::{Keys, Power, Reach},
    quantity::counted,
    store::{Census, Neighbour, NeighbourKeys, Status},
};
use jiff::Timestamp;
use std::net::SocketAddr;
use unicode_width::UnicodeWidthStr as _;

/// What does not change while the deck is open, or changes only with the connection.
#[derive(Clone, Debug)]
pub struct Session {
    pub scope: Scope,
    /// The profile's label, or the endpoint.
    pub label: String,
    /// What of this machine is used: `kubeadm's healthcheck-client`.
    pub found: Option<String>,
    /// Why it is used only for want of something better.
    pub found_warning: Option<String>,
    /// Which cluster this is has not been said yet.
    pub meeting: Option<Meeting>,
    /// The same for the day on which another cluster answers; `None` where this one is not known by its name.
    pub if_another: Option<Meeting>,
    /// The profile that is open.
    pub profile: Option<String>,
    /// All that can be opened instead.
    pub profiles: Vec<ProfileRow>,
    pub status: Status,
    /// Why nothing can be changed; `None` for a session that has a writer.
    pub read_only: Option<String>,
    /// Where the old values go before a change.
    pub journal: String,
    /// Others' keys in the same etcd, once they have been counted.
    pub neighbours: Option<Vec<Neighbour>>,
    /// All keys of this etcd, as they were counted last.
    pub keys: Option<Keys>,
    /// What this credential could do to all of etcd, once it has been found out.
    pub power: Option<Power>,
    /// A mass deletion has all of etcd saved as it was, without a key press.
    pub rescue_all: bool,
    /// The zones that were named; every top-level name is one when there are none.
    pub zones: Vec<Name>,
    /// How `CoreDNS` serves the scope.
    pub serving: Serving,
    /// Nobody has named a zone: every top-level name is one.
    pub every_top: bool,
    /// What else a Corefile says that is worth a finding.
    pub circumstances: Circumstances,
    /// How etcdctl reaches the cluster; none where there is no etcd.
    pub etcdctl: Option<Connection>,
    /// What a line for this program has to say to reach the same keys: `--profile=lab`.
    pub given: Vec<String>,
    /// The live servers that can be asked; nothing is asked before somebody asks for it.
    pub servers: Vec<SocketAddr>,
    /// The profile has them asked after each change.
    pub verify_after: bool,
}

/// A cluster whose being the right one nobody has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// What it was reached by.
    pub name: String,
    /// What its profile calls it.
    pub label: Option<String>,
    /// The cluster that was known by that name: another one.
    pub before: Option<Before>,
}

/// A cluster that was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub cluster: ClusterId,
    pub label: String,
    pub since: Timestamp,
}

impl Session {
    /// Whether commands that write are offered.
    #[must_use]
    pub fn writable(&self) -> bool {
        self.read_only.is_none()
    }

    /// Who else lives in this etcd, and how many keys there are. What could not be counted this time makes nobody forget
    /// what is known.
    pub(super) fn count(&mut self, census: &Census) {
        let neighbours = &census.neighbours;
        let is_silent = neighbours.iter().all(|neighbour| matches!(neighbour.keys, NeighbourKeys::Failed(_)));
        if !is_silent || self.neighbours.is_none() {
            self.neighbours = Some(neighbours.clone());
        }
        if let Some(all) = census.all {
            self.keys = Some(Keys { all, in_scope: census.in_scope });
        }
    }

    /// What the credential could do to them. What could not be found out this time makes nobody forget what is known.
    pub(super) fn learn(&mut self, power: Power) {
        if !matches!(power.reach, Reach::Unknown(_)) || self.power.is_none() {
            self.power = Some(power);
        }
    }

    /// Who else has keys in this etcd, and how many they are together.
    fn others(&self) -> (Vec<&'static str>, u64) {
        let counted = self.neighbours.iter().flatten().filter_map(|neighbour| match neighbour.keys {
            NeighbourKeys::Counted(keys @ 1..) => Some((neighbour.tenant.owner, keys)),
            NeighbourKeys::Counted(0) | NeighbourKeys::Denied | NeighbourKeys::Failed(_) => None,
        });
        counted.fold((vec![], 0), |(mut owners, sum), (owner, keys)| {
            owners.push(owner);
            (owners, sum + keys)
        })
    }

    /// What the credential could destroy, in this many columns, where that is frightening.
    #[must_use]
    pub fn power_alarm(&self, columns: usize) -> Option<String> {
        let power = self.power.as_ref()?;
        let power = Power { keys: self.keys.or(power.keys), ..power.clone() };
        let mut alarm = power.alarm(&self.scope, &self.others().0);
        let shortest = alarm.pop()?;
        Some(alarm.into_iter().find(|said| said.width() <= columns).unwrap_or(shortest))
    }

    /// What stands below the header for as long as it is true, in this many columns: what the credential could destroy,
    /// or that others live in this etcd.
    #[must_use]
    pub fn banner(&self, columns: usize) -> Option<String> {
        let neighbours = self.neighbours.as_ref()?;
        if let Some(alarm) = self.power_alarm(columns) {
            return Some(alarm);
        }
        let (with, keys) = self.others();
        if !with.is_empty() {
            let with = with.join(", ");
            let uncounted: Vec<&str> = neighbours
                .iter()
                .filter(|neighbour| matches!(neighbour.keys, NeighbourKeys::Failed(_)))
                .map(|neighbour| neighbour.tenant.owner)
                .collect();
            let but = if uncounted.is_empty() {
                String::new()
            } else {
                format!("; not counted: {}", uncounted.join(", "))
            };
            return Some(format!(
                "shared with {with}: {} that this tool cannot touch{but}",
                counted(keys, "key")
            ));
        }
        if let Some(failure) = neighbours.iter().find_map(|neighbour| match &neighbour.keys {
            NeighbourKeys::Failed(failure) => Some(failure),
            NeighbourKeys::Counted(_) | NeighbourKeys::Denied => None,
        }) {
            return Some(format!("others' keys could not be counted: {}", short(failure)));
        }
        neighbours
            .iter()
            .any(|neighbour| neighbour.keys == NeighbourKeys::Denied)
            .then(|| "this credential may not even look at others' keys: good".to_owned())
    }
}

fn short(failure: &Failure) -> String {
    failure.to_string()
}
