//! Command `coredeck lint --fix`: the fixes of findings as one plan.
use super::{
    Exit,
    arguments::{ChangeFlags, LintFlags},
    change::{self, Worked},
    command_error::CommandError,
    lint::LintPart,
    not_as_wanted::NotAsWanted,
    output::{Screen, say},
};
use crate::{
    bulk::{LeftOut, common},
    dns::{
        ChangedSource, Leased, ZoneGuess,
        lint::{Finding, Findings, Fixes, Trap, lint_in},
    },
    keys::{OutsideScopeError, Scope, spelling::spell},
    ops::{index_of, lease_times, leases_of, wishes},
    plan::{Challenge, Intent, PlanPurpose},
    quantity::counted,
    session::{Handles, Session, Store},
};
use std::collections::BTreeSet;

/// The most findings that a plan would make and that are listed.
const MOST_NEW: usize = 5;

/// Plans the fixes of findings, and makes them if somebody agrees. All findings of named traps are fixed; without named
/// traps, those that are as bad as `--severity` says.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &LintFlags,
    traps: &[Trap],
) -> Result<Exit, CommandError> {
    let (scope, settings) = (session.scope(), &session.settings);
    let about = LintPart::of(scope, flags)?;
    let doors = session.for_changes().await?;
    let index = index_of(&doors.reader, scope).await?;
    let records = index.records();
    let leases = lease_times(&doors.reader, leases_of(records)).await;
    let source = Leased { records, leases: &leases };
    let serving = flags.from.serving(settings.serving(ZoneGuess::of(records, scope)));
    let circumstances = settings.circumstances();
    let found = lint_in(&source, &serving, &circumstances);
    let is_bad_enough = |finding: &Finding| match traps {
        [] => finding.severity >= flags.severity.into(),
        traps => traps.contains(&finding.trap),
    };
    let meant = found.list.iter().filter(|finding| about.concerns(finding) && is_bad_enough(finding));
    let mut meant: Vec<&Finding> = meant.collect();
    meant.sort_by_key(|finding| finding.gravity());
    let fixes = Fixes::of(meant.iter().copied());
    let without = (fixes.without > 0).then(|| {
        let without = counted(fixes.without, "finding");
        format!("{without} without a fix: the messages of coredeck lint say what to do.")
    });
    if fixes.steps.is_empty() {
        without.iter().for_each(say);
        return nothing(screen, &doors, scope, meant.len());
    }
    let after =
        lint_in(&ChangedSource::new(&source, fixes.contents_after(&source)), &serving, &circumstances);
    let wishes = wishes(scope, &fixes.steps)?;
    let challenge = common(scope, &wishes);
    let worked = Worked {
        intent: Intent::Bulk { purpose: PlanPurpose::Fix, challenge, wishes, grants: vec![], listed: None },
        left_out: left_out(scope, &fixes)?,
        notes: foretold(&found, &after).into_iter().chain(without).collect(),
        not_as_wanted: NotAsWanted::default(),
    };
    let flags = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    change::make_worked(session, doors, screen, worked, &flags).await
}

fn nothing<S: Store>(
    screen: &Screen,
    doors: &Handles<S>,
    scope: &Scope,
    findings: usize,
) -> Result<Exit, CommandError> {
    if findings == 0 {
        return change::nothing_to_do(screen, &Challenge::scope(scope), &doors.status);
    }
    let found = counted(findings, "finding");
    Err(CommandError::new(
        Exit::Findings,
        format!("{found}, and none with a fix that a plan could be made of"),
        "Do what their messages say: coredeck lint shows them.",
    ))
}

fn left_out(scope: &Scope, fixes: &Fixes) -> Result<Vec<LeftOut>, OutsideScopeError> {
    let why = "another fix of this plan touches a key of this one: run it again afterwards";
    fixes.later.iter().map(|key| Ok(LeftOut { key: scope.key(key)?, why: why.to_owned() })).collect()
}

/// Returns the numbers of findings before and after it, and the findings that are new then.
fn foretold(before: &Findings, after: &Findings) -> Vec<String> {
    let (was, is) = (before.tally(), after.tally());
    let mut lines = vec![format!(
        "Findings of the whole scope: errors {} -> {}, warnings {} -> {}, notes {} -> {}.",
        was.errors, is.errors, was.warnings, is.warnings, was.infos, is.infos
    )];
    let known: BTreeSet<_> = before.list.iter().map(|finding| (finding.trap, &finding.key)).collect();
    let new: Vec<&Finding> =
        after.list.iter().filter(|finding| !known.contains(&(finding.trap, &finding.key))).collect();
    lines.extend(new.iter().take(MOST_NEW).map(|finding| {
        let Finding { trap, key, message, .. } = finding;
        format!("It makes a finding: {trap} at {}: {message}", spell(key))
    }));
    if let Some(more @ 1..) = new.len().checked_sub(MOST_NEW) {
        lines.push(format!("And it makes {} more.", counted(more, "finding")));
    }
    lines
}
