use super::{
    Exit,
    arguments::{ApplyFlags, ChangeFlags},
    change,
    command_error::CommandError,
    input_file::{InputFile, refuse_to_ask_on_stdin},
    output::{Screen, say, say_safely},
    place::ScopePart,
};
use crate::quantity::counted;
use crate::{
    desired::{PlanFile, PlannedKey, PlannedRecord, Stale},
    failure::Failure,
    keys::Scope,
    ops::LeaseGrants,
    plan::{Intent, KeyEdit, PlanPurpose},
    session::{Session, Store},
    store::{Listing, Reader},
};
use std::collections::BTreeSet;

const ANEW: &str = "Make the plan anew with coredeck plan, and look at it again.";

/// Makes a saved plan, if everything that it was made from still holds.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ApplyFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    refuse_to_ask_on_stdin(&flags.file, flags.consent.confirm.as_deref())?;
    let file = InputFile::read(&flags.file)?;
    let plan = PlanFile::read(&file.bytes).map_err(|edited| {
        CommandError::new(
            Exit::Refused,
            format!("{}: {edited}", file.name),
            "Give a plan as coredeck plan -o json printed it.",
        )
    })?;
    let place = place(scope, &plan)?;
    let (wishes, grants) = wishes(scope, &place, &plan)?;
    let doors = session.for_changes().await?;
    if plan.cluster_id != doors.status.cluster.to_string() {
        let pinned = format!("{} (the plan)", plan.cluster_id);
        return Err(Failure::WrongCluster { found: doors.status.cluster.to_string(), pinned }.into());
    }
    let now = place.read(&doors.reader, scope, None).await?;
    if now.revision < plan.revision {
        return Err(CommandError::new(
            Exit::Conflict,
            format!(
                "this etcd is at revision {}, and the plan was made at {}: it was restored or made anew since",
                now.revision, plan.revision
            ),
            ANEW,
        ));
    }
    let stale = stale(&doors.reader, scope, &place, &plan, &now).await?;
    if !stale.is_empty() {
        return Err(told(&plan, &stale));
    }
    if !plan.not_carried.is_empty() {
        say("Not as the file has it that the plan was made from:");
        for left in &plan.not_carried {
            say_safely(format!("  {left}"));
        }
    }
    if wishes.is_empty() {
        return change::nothing_to_do(screen, &place.challenge(scope), &doors.status);
    }
    let intent = Intent::Bulk {
        listed: None,
        purpose: PlanPurpose::Apply,
        challenge: place.challenge(scope),
        wishes,
        grants: grants.into_grants(),
    };
    let flags = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    change::make(session, doors, screen, intent, &flags).await
}

/// Returns the part that a plan is about: the scope, or a name with everything below it.
fn place(scope: &Scope, plan: &PlanFile) -> Result<ScopePart, CommandError> {
    if plan.target == scope.to_string() {
        return ScopePart::of(scope, None);
    }
    if plan.keys.is_none() || !plan.target.ends_with('/') {
        return Err(CommandError::new(
            Exit::Refused,
            "this is the plan of another command, which is made by running that command",
            "Give a plan of coredeck plan -o json.",
        ));
    }
    ScopePart::of(scope, Some(&plan.target))
}

/// Returns the changes of a plan.
fn wishes(
    scope: &Scope,
    place: &ScopePart,
    plan: &PlanFile,
) -> Result<(Vec<KeyEdit>, LeaseGrants), CommandError> {
    let not_ours = |what: &str| CommandError::new(Exit::Refused, format!("it is no plan: {what}"), ANEW);
    let mut grants = LeaseGrants::default();
    let key = |planned: &PlannedKey| {
        let key = scope.spelled_key(&planned.key)?;
        if place.holds(&key) { Ok(key) } else { Err(not_ours("it holds a key that is not of its target")) }
    };
    let value = |record: &Option<PlannedRecord>| {
        let record = record.as_ref().ok_or_else(|| not_ours("a value is missing"))?;
        record.bytes().map_err(|error| not_ours(&error.to_string()))
    };
    let mut wishes = Vec::new();
    let mut left_behind = BTreeSet::new();
    for planned in &plan.creates {
        if let Some(from) = &planned.moved {
            let leaves = plan.deletes.iter().find(|leaves| leaves.key == *from);
            let leaves = leaves.ok_or_else(|| not_ours("it moves a key that it does not delete"))?;
            left_behind.insert(&leaves.key);
            let before = value(&leaves.before)?;
            let (from, to, after) = (key(leaves)?, key(planned)?, value(&planned.after)?);
            if before == after {
                wishes.push(KeyEdit::Move { from, to });
            } else {
                let lease = planned.after.as_ref().and_then(PlannedRecord::lease);
                wishes.push(KeyEdit::Create { key: to, value: after, lease });
                wishes.push(KeyEdit::Delete { key: from, before });
            }
            continue;
        }
        let term = planned.after.as_ref().and_then(PlannedRecord::term);
        let lease = term.map(|term| grants.lease(term));
        wishes.push(KeyEdit::Create { key: key(planned)?, value: value(&planned.after)?, lease });
    }
    for planned in &plan.updates {
        let before = value(&planned.before)?;
        wishes.push(KeyEdit::Update { key: key(planned)?, before, value: value(&planned.after)? });
    }
    for planned in plan.deletes.iter().filter(|planned| !left_behind.contains(&planned.key)) {
        wishes.push(KeyEdit::Delete { key: key(planned)?, before: value(&planned.before)? });
    }
    Ok((wishes, grants))
}

/// Returns the differences since the plan was made. The state that it was made from is read again if etcd still has it.
async fn stale(
    reader: &impl Reader,
    scope: &Scope,
    place: &ScopePart,
    plan: &PlanFile,
    now: &Listing,
) -> Result<Stale, CommandError> {
    let stale = Stale::of(plan, &now.records, None);
    if stale.is_empty() {
        return Ok(stale);
    }
    match place.read(reader, scope, Some(plan.revision)).await {
        Ok(then) => Ok(Stale::of(plan, &now.records, Some(&then.records))),
        // The revision is compacted, or this cluster has not come to it yet.
        Err(failure) => {
            tracing::debug!(%failure, "what the plan was made from is gone");
            Ok(stale)
        }
    }
}

/// Says which keys have changed since.
fn told(plan: &PlanFile, stale: &Stale) -> CommandError {
    say(format_args!("Since revision {}, at which this plan was made:", plan.revision));
    for moved in &stale.moved {
        say_safely(format!("  {moved}"));
    }
    if stale.gone > 0 {
        say(format_args!("  deleted: {} at least, and etcd has compacted which", counted(stale.gone, "key")));
    }
    CommandError::new(
        Exit::Conflict,
        format!("{} is not any more what this plan was made from", plan.target),
        ANEW,
    )
}
