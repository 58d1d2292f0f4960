//! `coredeck status`: how the cluster is, for a person and for monitoring.
use super::{
    Exit,
    output::{Screen, print_lines, wrapped},
    session::{Session, Store, wrong_cluster},
    table::Table,
    trouble::Trouble,
};
use crate::{
    failure::Failure,
    foreign_text::ForeignText,
    health::{Alarm, Finding, Health, Leader, Level, Member, Row},
};
use serde::Serialize;
use std::time::Duration;

/// For the named endpoints and the other members together, at least.
const WITHIN: Duration = Duration::from_secs(5);

/// The names of the fields are stable.
#[derive(Serialize)]
struct StatusLine {
    members: Vec<MemberLine>,
    /// `null` when nobody answered.
    cluster_id: Option<String>,
    /// Whether enough members are there to write; `null` where that is not known.
    quorum: Option<bool>,
    /// How many more members may fail before nothing can be written.
    spare: Option<usize>,
    alarms: Option<Vec<AlarmLine>>,
    summary: String,
    findings: Vec<FindingLine>,
}

#[derive(Serialize)]
struct MemberLine {
    name: String,
    id: Option<String>,
    endpoint: Option<String>,
    /// `null` for a member that cannot be asked from here.
    up: Option<bool>,
    /// `null` where nobody tells who leads.
    leader: Option<bool>,
    learner: bool,
    version: Option<String>,
    /// Bytes.
    db_size: Option<u64>,
    db_in_use: Option<u64>,
    /// Since etcd 3.6.
    db_quota: Option<u64>,
    raft_term: Option<u64>,
    raft_index: Option<u64>,
    errors: Vec<String>,
}

#[derive(Serialize)]
struct AlarmLine {
    member: String,
    alarm: String,
}

#[derive(Serialize)]
struct FindingLine {
    level: &'static str,
    what: String,
    remedy: String,
}

pub(super) async fn run<S: Store>(session: &Session<S>, screen: &Screen) -> Result<Exit, Trouble> {
    let timeout =
        session.settings.command_timeout.as_ref().map_or(WITHIN, |timeout| timeout.value.max(WITHIN));
    let health = session.store.examine(session.scope(), timeout).await?;
    // How another cluster is says nothing of the one that is meant.
    let another = health.cluster.and_then(|cluster| wrong_cluster(&session.settings, cluster));
    let another = another.map(|another| Finding {
        level: Level::Wrong,
        what: another.to_string(),
        remedy: another.remedy(),
    });
    let findings: Vec<Finding> = another.into_iter().chain(health.findings()).collect();
    if screen.is_json() {
        // Strings and numbers always serialise.
        print_lines([serde_json::to_string(&StatusLine::of(&health, &findings)).unwrap_or_default()])?;
    } else {
        print_lines(lines(&health, &findings, screen))?;
    }
    if let Some(failure) = nobody(&health) {
        return Err(failure.into());
    }
    let is_wrong = findings.iter().any(|finding| finding.level == Level::Wrong);
    Ok(if is_wrong { Exit::Findings } else { Exit::Done })
}

/// Why nobody answers, if so.
fn nobody(health: &Health) -> Option<Failure> {
    let failures = health.endpoints.iter().map(|asked| asked.answer.as_ref().err().cloned());
    let each: Vec<Failure> = failures.collect::<Option<_>>()?;
    match &each[..] {
        [] => None,
        [one] => Some(one.clone()),
        [first, ..] => Some(Failure::NoneAnswers { why: Box::new(first.clone()), each }),
    }
}

fn lines(health: &Health, findings: &[Finding], screen: &Screen) -> Vec<String> {
    let cluster = health.cluster.map_or_else(String::new, |cluster| format!("Cluster {cluster}: "));
    let mut lines = vec![screen.style.bold(format!("{cluster}{}", safe(&health.sentence())))];
    // Why, and at which endpoints, is what the command ends with.
    if nobody(health).is_some() {
        return lines;
    }
    lines.push(String::new());
    let mut table = Table::new(["MEMBER", "IS", "VERSION", "FILE", "QUOTA", "LOG", "ENDPOINT"]);
    for row in health.rows() {
        let Row { name, endpoint, is, version, file, quota, log } = row;
        table.push([safe(&name), is.to_owned(), safe(&version), file, quota, log, safe(&endpoint)]);
    }
    lines.extend(table.lines(screen.style));
    if !findings.is_empty() {
        lines.push(String::new());
    }
    for finding in findings {
        let sign = if finding.level == Level::Wrong { "! " } else { "- " };
        lines.extend(wrapped(sign, &finding.what));
        lines.extend(wrapped("  ", &finding.remedy));
    }
    lines
}

fn safe(text: &str) -> String {
    ForeignText::from(text).to_string()
}

impl StatusLine {
    fn of(health: &Health, findings: &[Finding]) -> Self {
        let leader = health.leader();
        let alarm = |alarm: &Alarm| AlarmLine {
            member: format!("{:016x}", alarm.member),
            alarm: safe(&alarm.kind.to_string()),
        };
        Self {
            members: health.members.iter().map(|member| MemberLine::of(member, leader)).collect(),
            cluster_id: health.cluster.map(|cluster| cluster.to_string()),
            quorum: health.quorum(),
            spare: health.spare(),
            alarms: health.alarms.as_ref().map(|alarms| alarms.iter().map(alarm).collect()),
            summary: safe(&health.sentence()),
            findings: findings.iter().map(FindingLine::of).collect(),
        }
    }
}

impl MemberLine {
    fn of(member: &Member, leader: Leader) -> Self {
        let vitals = member.vitals();
        let mut errors: Vec<String> =
            vitals.map(|vitals| vitals.errors.iter().map(|error| safe(error)).collect()).unwrap_or_default();
        errors.extend(member.why_not().map(|why| safe(&why)));
        Self {
            name: safe(&member.name),
            id: member.id.map(|id| format!("{id:016x}")),
            endpoint: member.endpoint.as_deref().map(safe),
            up: member.is_up(),
            leader: match leader {
                Leader::Is(id) => Some(member.id == Some(id)),
                Leader::None => Some(false),
                Leader::Somebody | Leader::Unknown => None,
            },
            learner: member.learner,
            version: vitals.map(|vitals| safe(&vitals.version)),
            db_size: vitals.map(|vitals| vitals.db_size),
            db_in_use: vitals.and_then(|vitals| vitals.db_in_use),
            db_quota: vitals.and_then(|vitals| vitals.quota),
            raft_term: vitals.map(|vitals| vitals.raft_term),
            raft_index: vitals.map(|vitals| vitals.raft_index),
            errors,
        }
    }
}

impl FindingLine {
    fn of(finding: &Finding) -> Self {
        Self {
            level: match finding.level {
                Level::Wrong => "error",
                Level::Careful => "warning",
            },
            what: safe(&finding.what),
            remedy: safe(&finding.remedy),
        }
    }
}
