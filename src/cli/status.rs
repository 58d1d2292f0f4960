//! Command `coredeck status`: the state of the cluster, for a person and for monitoring.
use super::{
    Exit,
    arguments::StatusFlags,
    command_error::CommandError,
    cut::print_text,
    known::{self, KnownLine},
    output::{Screen, print_lines, safe, say_safely, terminal_size, wrapped},
    style::Style,
    table::TextTable,
};
use crate::{
    failure::Failure,
    health::{Alarm, Health, HealthFinding, HealthLevel, HealthRow, Leader, Member},
    remedy::Remedy,
    session::{Session, Store, wrong_cluster},
    signpost::Aftermath,
};
use serde::Serialize;
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;

/// The least time for the named endpoints and the other members together.
const WITHIN: Duration = Duration::from_secs(5);

/// Status as `-o json` prints it. The names of the fields are stable.
#[derive(Serialize)]
struct StatusLine {
    members: Vec<MemberLine>,
    /// The cluster id; `null` if nobody answered.
    cluster_id: Option<String>,
    /// True if enough members are there to write; `null` if that is not known.
    quorum: Option<bool>,
    /// The number of members that may still fail before nothing can be written.
    spare: Option<usize>,
    alarms: Option<Vec<AlarmLine>>,
    summary: String,
    findings: Vec<HealthFindingLine>,
    /// The loss; `null` if none is known.
    known: Option<KnownLine>,
}

#[derive(Serialize)]
struct MemberLine {
    name: String,
    id: Option<String>,
    endpoint: Option<String>,
    /// True if the member answers; `null` if it cannot be asked from here.
    up: Option<bool>,
    /// True if it is the leader; `null` if nobody knows the leader.
    leader: Option<bool>,
    learner: bool,
    version: Option<String>,
    /// The size of the file in bytes.
    db_size: Option<u64>,
    db_in_use: Option<u64>,
    /// The quota, since etcd 3.6.
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
struct HealthFindingLine {
    level: &'static str,
    what: String,
    remedy: String,
}

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &StatusFlags,
) -> Result<Exit, CommandError> {
    if flags.accept_loss {
        return known::accept(session, flags.confirm.as_deref()).await;
    }
    let timeout =
        session.settings.command_timeout.as_ref().map_or(WITHIN, |timeout| timeout.value.max(WITHIN));
    let health = session.store.examine(session.scope(), timeout).await?;
    // The health of another cluster does not count for the one that is meant.
    let another = health.cluster.and_then(|cluster| wrong_cluster(&session.settings, cluster));
    let another = another.map(|another| HealthFinding {
        level: HealthLevel::Wrong,
        what: another.to_string(),
        remedy: another.remedy(),
    });
    let findings: Vec<HealthFinding> = another.into_iter().chain(health.findings()).collect();
    let program = session.settings.program();
    let lost = if nobody(&health).is_none() { lost(session).await } else { Ok(Aftermath::default()) };
    if screen.is_json() {
        // Strings and numbers always serialise.
        let line = StatusLine::of(&health, &findings, (lost.as_ref().ok(), &program));
        print_lines([serde_json::to_string(&line).unwrap_or_default()])?;
    } else {
        print_text(lines(&health, &findings, screen), screen.ascii)?;
        print_lines(lost.iter().flat_map(|lost| told(lost, &program)))?;
    }
    if let Err(failure) = &lost {
        say_safely(format!("coredeck: warning: {}.", known::not_found_out(failure)));
    }
    if let Some(failure) = nobody(&health) {
        return Err(failure.into());
    }
    let is_lost = lost.is_ok_and(|lost| !lost.is_quiet());
    let is_wrong = is_lost || findings.iter().any(|finding| finding.level == HealthLevel::Wrong);
    Ok(if is_wrong { Exit::Findings } else { Exit::Done })
}

/// Returns the losses of the scope and of others.
async fn lost<S: Store>(session: &Session<S>) -> Result<Aftermath, Failure> {
    let (reader, status, _) = session.whoever_answers().await?;
    known::look(session, &reader, status.cluster).await
}

/// Returns a loss in the form of findings. A command to type stands on one line, so that it can be copied.
fn told(lost: &Aftermath, program: &str) -> Vec<String> {
    let mut lines = vec![];
    for (what, ways) in lost.told(program) {
        lines.push(String::new());
        lines.extend(wrapped("! ", &format!("{what}.")));
        lines.extend(ways.lines().map(|way| format!("  {}", safe(way))));
    }
    lines
}

/// Returns the reason why nobody answers, if that is so.
fn nobody(health: &Health) -> Option<Failure> {
    let failures = health.endpoints.iter().map(|asked| asked.answer.as_ref().err().cloned());
    let each: Vec<Failure> = failures.collect::<Option<_>>()?;
    match &each[..] {
        [] => None,
        [one] => Some(one.clone()),
        [first, ..] => Some(Failure::NoneAnswers { why: Box::new(first.clone()), each }),
    }
}

fn lines(health: &Health, findings: &[HealthFinding], screen: &Screen) -> Vec<String> {
    let cluster = health.cluster.map_or_else(String::new, |cluster| format!("Cluster {cluster}: "));
    let mut lines = vec![screen.style.bold(format!("{cluster}{}", safe(&health.sentence())))];
    // The command ends with the reason, and with its endpoints.
    if nobody(health).is_some() {
        return lines;
    }
    lines.push(String::new());
    lines.extend(members(health, screen.style, terminal_size().map(|(columns, _)| columns)));
    if !findings.is_empty() {
        lines.push(String::new());
    }
    for finding in findings {
        let sign = if finding.level == HealthLevel::Wrong { "! " } else { "- " };
        lines.extend(wrapped(sign, &finding.what));
        lines.extend(wrapped("  ", &finding.remedy));
    }
    lines
}

/// Returns a line for each member, or two if a terminal is too narrow: its edge would break an endpoint in two.
fn members(health: &Health, style: Style, columns: Option<usize>) -> Vec<String> {
    let mut whole = TextTable::new(["MEMBER", "IS", "VERSION", "FILE", "QUOTA", "LOG", "ENDPOINT"]);
    let mut narrow = TextTable::new(["MEMBER", "IS", "VERSION", "ENDPOINT"]);
    let mut facts = vec![String::new()];
    for HealthRow { name, endpoint, is, version, file, quota, log } in health.rows() {
        let [name, version, endpoint] = [&name, &version, &endpoint].map(|text| safe(text));
        let told: Vec<&str> = [&*file, &*quota, &*log].into_iter().filter(|fact| !fact.is_empty()).collect();
        facts.push(told.join("; "));
        narrow.push([name.clone(), is.to_owned(), version.clone(), endpoint.clone()]);
        whole.push([name, is.to_owned(), version, file, quota, log, endpoint]);
    }
    let fits = |columns| whole.lines(Style::default()).all(|line| line.width() <= columns);
    if columns.is_none_or(fits) {
        return whole.lines(style).collect();
    }
    let lines = narrow.lines(style).zip(facts);
    lines
        .flat_map(|(line, facts)| [line, format!("    {facts}")])
        .filter(|line| !line.trim().is_empty())
        .collect()
}

impl StatusLine {
    fn of(health: &Health, findings: &[HealthFinding], (lost, program): (Option<&Aftermath>, &str)) -> Self {
        let leader = health.leader();
        let alarm = |alarm: &Alarm| AlarmLine {
            member: format!("{:016x}", alarm.member),
            alarm: safe(&alarm.kind.to_string()),
        };
        Self {
            members: health.by_name().into_iter().map(|member| MemberLine::of(member, leader)).collect(),
            cluster_id: health.cluster.map(|cluster| cluster.to_string()),
            quorum: health.quorum(),
            spare: health.spare(),
            alarms: health.alarms.as_ref().map(|alarms| alarms.iter().map(alarm).collect()),
            summary: safe(&health.sentence()),
            findings: findings
                .iter()
                .map(HealthFindingLine::of)
                .chain(lost.iter().flat_map(|lost| lost.told(program)).map(|(what, remedy)| {
                    HealthFindingLine {
                        level: "error",
                        what: safe(&what),
                        remedy: remedy.lines().map(safe).collect::<Vec<_>>().join("\n"),
                    }
                }))
                .collect(),
            known: lost.and_then(|lost| KnownLine::of(lost, program)),
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
            db_size: vitals.and_then(|vitals| vitals.db_size),
            db_in_use: vitals.and_then(|vitals| vitals.db_in_use),
            db_quota: vitals.and_then(|vitals| vitals.quota),
            raft_term: vitals.map(|vitals| vitals.raft_term),
            raft_index: vitals.map(|vitals| vitals.raft_index),
            errors,
        }
    }
}

impl HealthFindingLine {
    fn of(finding: &HealthFinding) -> Self {
        Self {
            level: match finding.level {
                HealthLevel::Wrong => "error",
                HealthLevel::Careful => "warning",
            },
            what: safe(&finding.what),
            remedy: safe(&finding.remedy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{MemberState, Vitals};
    use jiff::Timestamp;

    fn health() -> Health {
        let vitals = Vitals {
            version: "3.5.30".to_owned(),
            db_size: Some(20 << 20),
            db_in_use: Some(12 << 20),
            quota: Some(2 << 30),
            leader: Some(1),
            raft_term: 7,
            raft_index: 1_000,
            raft_applied: 1_000,
            revision: crate::keys::Revision(1_000),
            errors: vec![],
        };
        let member = Member {
            id: Some(1),
            name: "control-plane-1".to_owned(),
            endpoint: Some("https://10.0.0.11:2379".to_owned()),
            learner: false,
            state: MemberState::Up(Some(vitals)),
        };
        Health {
            at: Timestamp::UNIX_EPOCH,
            cluster: None,
            listed: true,
            endpoints: vec![],
            members: vec![member],
            alarms: None,
            has_leader: None,
            credential_ends: None,
        }
    }

    #[test]
    fn a_member_is_on_one_line_where_that_fits_and_its_endpoint_is_never_broken() {
        for (columns, lines) in [(None, 2), (Some(140), 2), (Some(80), 3)] {
            let told = members(&health(), Style::default(), columns);
            assert_eq!(told.len(), lines, "{columns:?}: {told:?}");
            assert!(told.iter().all(|line| line.width() <= columns.unwrap_or(usize::MAX)), "{told:?}");
            assert!(told.iter().any(|line| line.ends_with("https://10.0.0.11:2379")), "{told:?}");
            assert!(told.iter().any(|line| line.contains("8 MiB free")), "{told:?}");
        }
    }
}
