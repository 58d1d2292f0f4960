//! Findings about a cluster's health, each with its remedy.
use super::{AlarmKind, Health, Leader, Member, MemberState, Release, Usage, Vitals, size};
use crate::{failure::Failure, quantity::grouped, remedy::Remedy};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A member that lags this many entries of the log behind refuses requests by itself (etcd's
/// `maxGapBetweenApplyAndCommitIndex`, 3.4 to 3.7).
const LAGGING: u64 = 5_000;
const DAY: i64 = 24 * 60 * 60;

/// Fact that an operator has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthFinding {
    pub level: HealthLevel,
    /// May hold text of others: show it escaped.
    pub what: String,
    /// One imperative sentence.
    pub remedy: String,
}

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthLevel {
    /// Something is broken, or soon will be.
    Wrong,
    /// Nothing is broken, or nobody knows.
    Careful,
}

impl Health {
    /// Returns the findings, the worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<HealthFinding> {
        let mut findings: Vec<HealthFinding> = self.leaderless().into_iter().collect();
        findings.extend(self.without_a_vote());
        findings.extend(self.raised());
        findings.extend(self.members.iter().filter_map(missing));
        findings.extend(self.credential());
        findings.extend(self.strangers());
        findings.extend(self.proxies());
        for (member, vitals) in self.telling() {
            findings.extend(full(member, vitals));
            findings.extend(self.lag(member, vitals));
            findings.extend(vitals.errors.iter().map(|error| {
                HealthFinding::wrong(
                    format!("{} says: {error}", member.name),
                    "Look into its log for the cause.",
                )
            }));
        }
        findings.extend(self.not_told());
        findings.extend(self.versions());
        findings.sort_by_key(|finding| finding.level);
        findings
    }

    /// Tells whether something is wrong, for a program that watches over the cluster.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.findings().iter().any(|finding| finding.level == HealthLevel::Wrong)
    }

    fn leaderless(&self) -> Option<HealthFinding> {
        let nowhere = Failure::NoLeader { endpoint: String::new() };
        (self.leader() == Leader::None)
            .then(|| HealthFinding::wrong("there is no leader: nothing can be written", &nowhere.remedy()))
    }

    /// Finds that the client certificate ends within a day, or has ended.
    #[must_use]
    pub fn credential(&self) -> Option<HealthFinding> {
        let ends = self.credential_ends?;
        let left = ends.as_second() - self.at.as_second();
        let what = match left {
            ..0 => format!("the client certificate has expired at {}", minute(ends)),
            0..DAY => format!("the client certificate expires within a day, at {}", minute(ends)),
            _ => return None,
        };
        Some(HealthFinding::wrong(
            what,
            "Renew it (kubeadm: kubeadm certs check-expiration, kubeadm certs renew).",
        ))
    }

    fn raised(&self) -> Vec<HealthFinding> {
        let Some(alarms) = &self.alarms else {
            // No member answers.
            if self.votes().up == 0 {
                return vec![];
            }
            let what = "whether an alarm is raised is not known";
            return vec![HealthFinding::careful(what, "Ask with etcdctl alarm list.")];
        };
        let remedy = |kind: &AlarmKind| match kind {
            AlarmKind::NoSpace => self.make_room(),
            AlarmKind::Corrupt => Failure::Corrupt.remedy(),
            AlarmKind::Other(_) => "Look for this alarm in the manual of this version of etcd.".to_owned(),
        };
        let of = |id: u64| match self.member(id) {
            Some(member) => member.name.clone(),
            // With this id etcd says that members differ, and that it cannot tell which is wrong (3.5 to 3.7).
            None if id == 0 => "a member that etcd cannot tell".to_owned(),
            None => format!("member {id:016x}"),
        };
        let told = alarms.iter().map(|alarm| {
            let consequence = self.consequence(&alarm.kind);
            let what = format!("{} alarm of {}: {consequence}", alarm.kind, of(alarm.member));
            HealthFinding::wrong(what, &remedy(&alarm.kind))
        });
        told.collect()
    }

    /// Returns the commands in the order in which they help: a deletion frees nothing before it is compacted away,
    /// compacted pages stay in the file before it is defragmented, and an alarm that is disarmed in a full store is
    /// raised again.
    fn make_room(&self) -> String {
        let revision = self.telling().map(|(_, vitals)| vitals.revision).max().filter(|latest| latest.0 > 0);
        let revision = revision.map_or_else(|| "REVISION".to_owned(), |latest| latest.to_string());
        format!(
            "Make room, in this order: etcdctl compact {revision} (revisions before it are gone then); etcdctl \
             defrag --cluster (each member in turn stands still meanwhile); etcdctl alarm disarm."
        )
    }

    fn consequence(&self, kind: &AlarmKind) -> String {
        match (kind, self.refusing_all()) {
            (AlarmKind::NoSpace, None) => "puts are refused, deletions are not".to_owned(),
            (AlarmKind::NoSpace, Some(release)) => {
                format!("puts are refused, and by etcd {release} deletions too while it is over its quota")
            }
            (AlarmKind::Corrupt, _) => "members differ, and every write is refused".to_owned(),
            (AlarmKind::Other(_), _) => "this program does not know it".to_owned(),
        }
    }

    /// Returns the release of a member that takes no transaction while it is over its quota.
    pub(super) fn refusing_all(&self) -> Option<Release> {
        let mut releases = self.telling().filter_map(|(_, vitals)| Release::parse(&vitals.version));
        releases.find(|release| release.refuses_all_over_its_quota())
    }

    /// Finds that no member with a vote is seen. A learner goes on naming the leader that it has heard of last, and
    /// does not list the members.
    fn without_a_vote(&self) -> Option<HealthFinding> {
        let is_it = self.only_learners_answer() && self.leader() == Leader::Unknown;
        is_it.then(|| {
            HealthFinding::wrong(
                "only a learner answers, which has no vote: whether there is a leader is not known",
                "Name endpoints of the members that have a vote in --endpoints (etcdctl member list, asked of one of \
                 them, has all), or have the learner promoted.",
            )
        })
    }

    /// Finds endpoints that pass on the answers of a member, and tell nothing of the cluster themselves.
    fn proxies(&self) -> Vec<HealthFinding> {
        let proxies = self.endpoints.iter().filter(|asked| asked.answer.as_ref().is_ok_and(|it| it.is_proxy));
        let told = proxies.map(|asked| {
            let what = format!("{} is a proxy, which tells of no member", asked.endpoint);
            HealthFinding::careful(what, "Name the members themselves in --endpoints to see how they are.")
        });
        told.collect()
    }

    fn strangers(&self) -> Vec<HealthFinding> {
        let Some(own) = self.cluster else { return vec![] };
        let other = self.endpoints.iter().filter_map(|asked| {
            let found = asked.answer.as_ref().ok()?.cluster;
            let what = format!("at {} another cluster answers, {found} and not {own}", asked.endpoint);
            (found != own)
                .then(|| HealthFinding::wrong(what, "Correct --endpoints: they have to be of one cluster."))
        });
        other.collect()
    }

    fn lag(&self, member: &Member, vitals: &Vitals) -> Option<HealthFinding> {
        let behind = self.behind(vitals);
        if behind < LAGGING {
            return None;
        }
        let what = format!("{} is {} entries behind", member.name, grouped(behind));
        // A learner has yet to catch up.
        Some(if member.learner {
            HealthFinding::careful(what, "Promote it when it has caught up.")
        } else {
            HealthFinding::wrong(
                what,
                "Look at its disk and its network; until it has caught up it answers late, or not at all.",
            )
        })
    }

    /// Returns the members that are nearly full.
    pub(super) fn nearly_full(&self) -> impl Iterator<Item = String> {
        self.telling().filter_map(|(member, vitals)| Some(full(member, vitals)?.what))
    }

    fn not_told(&self) -> Option<HealthFinding> {
        let silent = self.members.iter().any(|member| member.state == MemberState::Up(None));
        silent.then(|| {
            HealthFinding::careful(
                "how full the members are, who leads and which versions run is not told to this user",
                "Ask as etcd's root: etcdctl --user root endpoint status --cluster.",
            )
        })
    }

    fn versions(&self) -> Option<HealthFinding> {
        let versions: BTreeSet<&str> = self.telling().map(|(_, vitals)| vitals.version.as_str()).collect();
        (versions.len() > 1).then(|| {
            let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
            HealthFinding::careful(
                format!("the versions differ: {versions}"),
                "Finish the upgrade; the oldest decides.",
            )
        })
    }
}

fn missing(member: &Member) -> Option<HealthFinding> {
    match &member.state {
        MemberState::Up(_) => None,
        MemberState::Down(failure) => {
            let said = failure.to_string();
            // If nobody lists the members, they have the names of their endpoints.
            let what =
                if said.contains(&member.name) { said } else { format!("{} is down: {said}", member.name) };
            // Silence of a member says nothing of the connection.
            let is_silent = matches!(failure, Failure::TimedOut { .. } | Failure::ConnectionLost { .. });
            let look = || "Look at that machine: its load, its disk, and etcd's log.".to_owned();
            let remedy = if is_silent { look() } else { failure.remedy() };
            Some(HealthFinding::wrong(what, &remedy))
        }
        MemberState::NotStarted(address) => {
            let what = format!("{} was added as {address} and has never started", member.name);
            // A member that has a vote and never came is missing at every decision.
            Some(if member.learner {
                HealthFinding::careful(
                    what,
                    "Start etcd there, or take it out again with etcdctl member remove.",
                )
            } else {
                HealthFinding::wrong(
                    what,
                    "Start etcd there, or take it out again with etcdctl member remove, before another one fails.",
                )
            })
        }
        MemberState::Unknown(why) => Some(HealthFinding::careful(
            format!("{} was not reached: {why}", member.name),
            "Name an endpoint of it in --endpoints to see how it is.",
        )),
    }
}

fn full(member: &Member, vitals: &Vitals) -> Option<HealthFinding> {
    let usage = vitals.usage().filter(|usage| usage.is_nearly_full())?;
    let is = if usage.assumed { "may be" } else { "is" };
    Some(HealthFinding::wrong(
        format!("{} {is} nearly full: {}", member.name, in_words(usage, vitals)),
        "Compact and defragment it, or give it a larger --quota-backend-bytes, before puts are refused.",
    ))
}

/// `93 % of its quota of 2 GiB, 1.1 GiB of it free inside`.
fn in_words(usage: Usage, vitals: &Vitals) -> String {
    let Usage { percent, quota, assumed } = usage;
    let whose = if assumed { "etcd's default quota" } else { "its quota" };
    let untold = if assumed { "; it does not tell whether it has another" } else { "" };
    let free = match vitals.free() {
        Some(free @ 1..) => format!(", {} of it free after a defragmentation", size(free)),
        _ => String::new(),
    };
    format!("{percent} % of {whose} of {}{free}{untold}", size(quota))
}

/// Returns the time to the minute, in UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl HealthFinding {
    fn wrong(what: impl Into<String>, remedy: &str) -> Self {
        Self { level: HealthLevel::Wrong, what: what.into(), remedy: remedy.to_owned() }
    }

    fn careful(what: impl Into<String>, remedy: &str) -> Self {
        Self { level: HealthLevel::Careful, what: what.into(), remedy: remedy.to_owned() }
    }
}
