//! Command `coredeck lint [NAME]`.
use super::{
    Exit,
    arguments::{Consent, LeastSeverity, LintFlags},
    command_error::CommandError,
    cut::print_text,
    known, mend,
    output::{Screen, print_lines, say},
    records_file::RecordsFile,
    style::Style,
    target::TargetArgument,
};
use crate::{
    config::Settings,
    counts::Holder,
    dns::{
        Leased, Name, RecordSource, ZONES_ARE_GUESSED, ZoneGuess,
        lint::{Finding, Findings, FixStep, Severity, lint_in},
    },
    foreign_text::ForeignText,
    keys::{Revision, Scope, spelling::spell},
    ops::{count_holder, index_of, lease_times, leases_of},
    quantity::counted,
    session::{Session, Store},
};
use serde::Serialize;
use std::ops::ControlFlow;

/// Finding as `-o json` prints it. The names of the fields are stable.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FindingLine {
    severity: &'static str,
    trap: String,
    key: String,
    names: Vec<String>,
    message: String,
    fix: Option<String>,
    steps: Vec<StepLine>,
    /// The lines for another place, such as a Corefile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: Vec<String>,
}

/// Step of a fix.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum StepLine {
    Create { key: String, value: String },
    Update { key: String, before: String, value: String },
    Move { key: String, to: String },
    Delete { key: String, before: String },
}

/// Judges the records in etcd.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &LintFlags,
) -> Result<Exit, CommandError> {
    if let Some(traps) = &flags.fix {
        return mend::run(session, screen, flags, traps).await;
    }
    flags.changes_nothing()?;
    let (scope, settings) = (session.scope(), &session.settings);
    // A name that is none is reported before anything is read.
    let about = LintPart::of(scope, flags)?;
    let (reader, status) = session.for_looking().await?;
    let index = index_of(&reader, scope).await?;
    let records = index.records();
    let leases = lease_times(&reader, leases_of(records)).await;
    let source = Leased { records, leases: &leases };
    let exit =
        judge((&source, &ZoneGuess::of(records, scope), records.len()), settings, screen, flags, &about)?;
    if records.is_empty() {
        tell_of_other_paths(session, &reader, status.revision).await;
    }
    // Lost records have no findings.
    let is_lost = known::look_and_tell(session, &reader, status.cluster).await;
    Ok(if is_lost { exit.max(Exit::Findings) } else { exit })
}

/// The paths at which CoreDNS and its guides keep records.
const PATHS: [&str; 2] = ["/skydns/", "/coredns/"];

/// Reports records at the usual paths, if this scope has none. Only their number is asked for.
async fn tell_of_other_paths<S: Store>(session: &Session<S>, reader: &S::Reader, at: Revision) {
    let (scope, counts) = (session.scope(), session.store.counts(reader));
    for path in PATHS.into_iter().filter(|path| *path != scope.as_str()) {
        // A user who may not count there learns nothing of it.
        if let Ok(keys @ 1..) = count_holder(&counts, scope, &Holder::Scope(path.to_owned()), at).await {
            let keys = counted(usize::try_from(keys).unwrap_or(usize::MAX), "key");
            let prefix = path.trim_end_matches('/');
            say(format_args!(
                "coredeck: {scope} is empty, and etcd has {keys} below {path}, where CoreDNS keeps records as well: \
                 coredeck lint --prefix {prefix} looks there."
            ));
        }
    }
}

/// Judges the records of a file. Nothing is connected, and no credential is needed.
pub(super) fn offline(settings: &Settings, screen: &Screen, flags: &LintFlags) -> Result<Exit, CommandError> {
    let scope = &settings.scope.value;
    let about = LintPart::of(scope, flags)?;
    let Some(path) = &flags.from.records else { return Ok(Exit::Done) };
    let file = RecordsFile::read(scope, path)?;
    judge((&file.known, &file.tops, file.records), settings, screen, flags, &about)
}

fn judge(
    (source, tops, records): (&dyn RecordSource, &ZoneGuess, usize),
    settings: &Settings,
    screen: &Screen,
    flags: &LintFlags,
    about: &LintPart,
) -> Result<Exit, CommandError> {
    let serving = flags.from.serving(settings.serving(tops));
    let findings = lint_in(source, &serving, &settings.circumstances());
    let concerned = findings.list.iter().filter(|finding| about.concerns(finding));
    let (mut shown, milder): (Vec<&Finding>, Vec<&Finding>) =
        concerned.partition(|finding| finding.severity >= flags.severity.into());
    // Within a trap they stay in the order of their keys.
    shown.sort_by_key(|finding| finding.gravity());
    if screen.is_json() {
        // Strings always serialise.
        print_lines(
            shown.iter().map(|finding| serde_json::to_string(&FindingLine::of(finding)).unwrap_or_default()),
        )?;
    } else {
        print_text(shown.iter().flat_map(|finding| text(finding, screen.style)), screen.ascii)?;
    }
    let unlisted = about.unlisted(&findings, flags.severity.into());
    if let LintPart::Only { name, .. } = about
        && !about.is_there(source)
    {
        // Without this line a typing error in a name would look like a name without findings.
        say(format!("There is no record at or below {name}."));
    }
    if records == 0 {
        say(format_args!("There is no record at all in {}, so nothing was looked at.", settings.scope.value));
    } else {
        say(summary(&shown, (milder.len(), unlisted), &about.looked_at(source, records)));
        if serving.guessed.is_some() {
            say(format!(
                "coredeck: {ZONES_ARE_GUESSED}: nothing is said of a zone as a whole unless its records prove it"
            ));
        }
    }
    Ok(if shown.is_empty() && unlisted == 0 { Exit::Done } else { Exit::Findings })
}

/// Part of the scope that the findings are about.
#[derive(Debug)]
pub(super) enum LintPart {
    Everything,
    /// At this key, below it, or with harm to this name.
    Only {
        key: Vec<u8>,
        name: Name,
    },
}

impl LintPart {
    pub(super) fn of(scope: &Scope, flags: &LintFlags) -> Result<Self, CommandError> {
        let Some((key, _)) =
            flags.name.as_deref().map(|text| TargetArgument::readable(scope, Some(text))).transpose()?
        else {
            return Ok(Self::Everything);
        };
        // The scope itself and the root are everything.
        Ok(key.map_or(Self::Everything, |key| Self::Only {
            name: Name::of_key(scope, &key),
            key: key.as_bytes().to_vec(),
        }))
    }

    /// Returns the part that was looked at, in words.
    fn looked_at(&self, source: &dyn RecordSource, records: usize) -> String {
        match self {
            Self::Everything => format!("in {}", counted(records, "record")),
            Self::Only { key, name } => {
                let mut records = usize::from(source.has(key));
                source.below(&[key, &b"/"[..]].concat(), &mut |_| {
                    records += 1;
                    ControlFlow::Continue(())
                });
                format!("at or below {name}, in {}", counted(records, "record"))
            }
        }
    }

    /// Tells whether there is any record in this part.
    fn is_there(&self, source: &dyn RecordSource) -> bool {
        let Self::Only { key, .. } = self else { return true };
        let mut found = source.has(key);
        source.below(&[key, &b"/"[..]].concat(), &mut |_| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }

    /// Returns the number of findings in this part that are counted and not listed: of each trap, only some thousands
    /// are listed.
    fn unlisted(&self, findings: &Findings, least: Severity) -> usize {
        let tally = match self {
            Self::Everything => findings.tally(),
            Self::Only { key, .. } => findings.within(&[key, &b"/"[..]].concat()),
        };
        let listed = findings.list.iter().filter(|finding| self.holds(&finding.key));
        let counted = match least {
            Severity::Info => tally.errors + tally.warnings + tally.infos,
            Severity::Warning => tally.errors + tally.warnings,
            Severity::Error => tally.errors,
        };
        counted.saturating_sub(listed.filter(|finding| finding.severity >= least).count())
    }

    pub(super) fn concerns(&self, finding: &Finding) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { name, .. } => self.holds(&finding.key) || finding.names.contains(name),
        }
    }

    /// Tells whether a key is in this part.
    fn holds(&self, key: &[u8]) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { key: name, .. } => {
                let below = key.strip_prefix(name.as_slice());
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
            }
        }
    }
}

impl LintFlags {
    /// Refuses an agreement without `--fix`: it only makes sense for a change.
    fn changes_nothing(&self) -> Result<(), CommandError> {
        let Consent { confirm, expect, reason, wait } = &self.consent;
        if confirm.is_none() && expect.is_none() && reason.is_none() && wait.is_none() {
            return Ok(());
        }
        Err(CommandError::usage(
            "nothing is changed without --fix",
            "Give --fix, or leave the other options away.",
        ))
    }
}

impl From<LeastSeverity> for Severity {
    fn from(least: LeastSeverity) -> Self {
        match least {
            LeastSeverity::Error => Self::Error,
            LeastSeverity::Warning => Self::Warning,
            LeastSeverity::Info => Self::Info,
        }
    }
}

impl FindingLine {
    pub(super) fn of(finding: &Finding) -> Self {
        let step = |step: &FixStep| match step {
            FixStep::Create { key, content } => {
                StepLine::Create { key: spell(key), value: spell(&content.value) }
            }
            FixStep::Update { key, before, value } => {
                StepLine::Update { key: spell(key), before: spell(before), value: spell(value) }
            }
            FixStep::Move { from, to } => StepLine::Move { key: spell(from), to: spell(to) },
            FixStep::Delete { key, before } => StepLine::Delete { key: spell(key), before: spell(before) },
        };
        Self {
            severity: finding.severity.word(),
            trap: finding.trap.to_string(),
            key: spell(&finding.key),
            names: finding.names.iter().map(ToString::to_string).collect(),
            message: ForeignText::from(finding.message.as_str()).to_string(),
            fix: finding.fix.as_ref().map(|fix| ForeignText::from(fix.what.as_str()).to_string()),
            steps: finding.fix.iter().flat_map(|fix| &fix.steps).map(step).collect(),
            advice: finding.advice.clone(),
        }
    }
}

/// The most names that a table names.
const NAMES: usize = 4;

/// Returns a finding for people: its subject in one line, and the rest below.
fn text(finding: &Finding, style: Style) -> Vec<String> {
    let word = format!("{:<7}", finding.severity.word());
    let word = if finding.severity == Severity::Error { style.removed(word) } else { style.bold(word) };
    let mut lines = vec![format!("{word} {:<4} {}", finding.trap.to_string(), spell(&finding.key))];
    let indent = " ".repeat(13);
    lines.push(format!("{indent}{}", ForeignText::from(finding.message.as_str())));
    if !finding.names.is_empty() {
        let more = finding.names.len().saturating_sub(NAMES);
        let mut names: Vec<String> = finding.names.iter().take(NAMES).map(ToString::to_string).collect();
        names.extend((more > 0).then(|| format!("{more} more")));
        lines.push(format!("{indent}{}", style.dim(format_args!("hurts: {}", names.join(", ")))));
    }
    if let Some(fix) = &finding.fix {
        lines.push(format!("{indent}fix: {}", ForeignText::from(fix.what.as_str())));
    }
    lines.extend(finding.advice.iter().map(|line| format!("{indent}    {line}")));
    lines
}

/// Returns the summary. `looked_at` is a text such as `in 4 records`, which is named if nothing is found.
fn summary(shown: &[&Finding], (milder, unlisted): (usize, usize), looked_at: &str) -> String {
    let count = |severity| shown.iter().filter(|finding| finding.severity == severity).count();
    let part = |number: usize, one: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {one}s")),
    };
    let parts: Vec<String> = [
        part(count(Severity::Error), "error"),
        part(count(Severity::Warning), "warning"),
        part(count(Severity::Info), "note"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let found = match parts.join(", ") {
        found if !found.is_empty() => format!("Found {found}"),
        _ if unlisted > 0 => "None is listed".to_owned(),
        _ => format!("No finding {looked_at}"),
    };
    let more = (unlisted > 0).then(|| format!("; {unlisted} more are counted, and not listed"));
    let milder = (milder > 0).then(|| format!("; {milder} milder not shown (--severity)"));
    format!("{found}{}{}.", more.unwrap_or_default(), milder.unwrap_or_default())
}
