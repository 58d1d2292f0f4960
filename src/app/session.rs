use super::overlay::ProfileRow;
use crate::{
    dns::{Name, Serving, lint::Circumstances},
    etcdctl::Connection,
    failure::Failure,
    keys::{ClusterId, Scope},
    ops::Census,
    power::{Extent, Keys, Power},
    quantity::counted,
    store::{ClusterStatus, Neighbour, NeighbourKeys},
};
use jiff::Timestamp;
use std::net::SocketAddr;
use unicode_width::UnicodeWidthStr as _;

/// Facts that do not change while the deck is open, or change only with the connection.
#[derive(Clone, Debug)]
pub struct DeckSession {
    pub scope: Scope,
    /// The profile's label, or the endpoint.
    pub label: String,
    /// Credential of this machine that is used: `kubeadm's healthcheck-client`.
    pub found: Option<String>,
    /// Reason why it is used only for want of something better.
    pub found_warning: Option<String>,
    /// The question which cluster this is, while nobody has answered it.
    pub meeting: Option<UnpinnedCluster>,
    /// The same question for the day on which another cluster answers; `None` if this one is not known by its name.
    pub if_another: Option<UnpinnedCluster>,
    /// The profile that is open.
    pub profile: Option<String>,
    /// All profiles that can be opened instead.
    pub profiles: Vec<ProfileRow>,
    pub status: ClusterStatus,
    /// Reason why nothing can be changed; `None` for a session that has a writer.
    pub read_only: Option<String>,
    /// Place of the old values before a change.
    pub journal: String,
    /// Others' keys in the same etcd, once they have been counted.
    pub neighbours: Option<Vec<Neighbour>>,
    /// All keys of this etcd, as they were counted last.
    pub keys: Option<Keys>,
    /// Power of this credential over all of etcd, once it has been found out.
    pub power: Option<Power>,
    /// A mass deletion has all of etcd saved as it was, without a key press.
    pub rescue_all: bool,
    /// The zones that were named; every top-level name is one when there are none.
    pub zones: Vec<Name>,
    /// Serving of the scope by `CoreDNS`.
    pub serving: Serving,
    /// Nobody has named a zone: every top-level name is one.
    pub every_top: bool,
    /// Other facts that can be worth a finding, as those of a Corefile.
    pub circumstances: Circumstances,
    /// Connection of etcdctl to the cluster; none without an etcd.
    pub etcdctl: Option<Connection>,
    /// Options that a line for this program needs to reach the same keys: `--profile=lab`.
    pub given: Vec<String>,
    /// The live servers that can be asked; nothing is asked before somebody asks for it.
    pub servers: Vec<SocketAddr>,
    /// The profile has them asked after each change.
    pub verify_after: bool,
}

/// A cluster that nobody has said to be the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpinnedCluster {
    /// The name that it was reached by.
    pub name: String,
    /// The label that its profile gives it.
    pub label: Option<String>,
    /// The cluster that was known by that name: another one.
    pub before: Option<FormerCluster>,
}

/// A cluster that was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerCluster {
    pub cluster: ClusterId,
    pub label: String,
    pub since: Timestamp,
}

impl DeckSession {
    /// Tells whether commands that write are offered.
    #[must_use]
    pub fn writable(&self) -> bool {
        self.read_only.is_none()
    }

    /// Takes a count of all keys, with the neighbours. A failed count does not replace an earlier one.
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

    /// Takes the power of the credential over all of etcd. A failed look does not replace an earlier result.
    pub(super) fn learn(&mut self, power: Power) {
        if !matches!(power.reach, Extent::Unknown(_)) || self.power.is_none() {
            self.power = Some(power);
        }
    }

    /// The neighbours that have keys, and the number of their keys together.
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

    /// Warning about the power of the credential, in this many columns, if it is frightening.
    #[must_use]
    pub fn power_alarm(&self, columns: usize) -> Option<String> {
        let power = self.power.as_ref()?;
        let power = Power { keys: self.keys.or(power.keys), ..power.clone() };
        let mut alarm = power.alarm(&self.scope, &self.others().0);
        let shortest = alarm.pop()?;
        Some(alarm.into_iter().find(|said| said.width() <= columns).unwrap_or(shortest))
    }

    /// Text below the header for as long as it is true, in this many columns: the keys that the credential could
    /// destroy, or that others have keys in this etcd.
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
