use super::{
    Exit,
    arguments::PlanFlags,
    command_error::CommandError,
    cut::print_text,
    left_out,
    not_as_wanted::NotAsWanted,
    output::{Screen, print_lines, say, say_safely, wrapped},
    place::ScopePart,
    side_by_side,
    style::Style,
    wanted_records::{WantedFiles, WantedKeys},
    zone_wish::{self, ZoneWish},
};
use crate::{
    config::Flags,
    desired::{Comparison, LeftAlone, PlanFile, Relocated, Treatment, by_key},
    dns::{KeyContent, ReadPart},
    exchange::FileRecord,
    foreign_text::ForeignText,
    keys::{KeyValue, Scope, ScopedKey, spelling::spell},
    ops::settle_at,
    quantity::counted,
    session::{Session, Store},
    store::Listing,
};

/// Comparison with its records.
struct PlannedComparison {
    comparison: Comparison,
    place: ScopePart,
    /// All records of the compared part.
    found: Listing,
    not_carried: NotAsWanted,
}

/// Compares the wishes of a file with the present records, and prints what would change.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &PlanFlags,
    common: &Flags,
) -> Result<Exit, CommandError> {
    if flags.from_profile.is_some() || flags.from_endpoints.is_some() {
        return side_by_side::run(session, screen, flags, common).await;
    }
    let scope = session.scope();
    let wanted = WantedFiles::read(scope, &flags.files, flags.format)?;
    let PlannedComparison { comparison, place, found, not_carried } = match wanted {
        WantedFiles::Keys(wanted) => of_keys(session, flags, &wanted).await?,
        WantedFiles::Names(wish) => of_zone(session, flags, &wish).await?,
    };
    let target = place.challenge(scope);
    let plan = PlanFile::of_comparison(
        &comparison,
        target.as_str(),
        found.cluster,
        found.revision,
        found.records.len(),
    )
    .with_not_carried(not_carried.not_carried, not_carried.answers);
    print(screen, &comparison, &plan)?;
    Ok(if comparison.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Prints the changes of the plan.
pub(super) fn print(screen: &Screen, comparison: &Comparison, plan: &PlanFile) -> Result<(), CommandError> {
    if !screen.is_json() {
        return print_text(lines(comparison, plan, screen.style), screen.ascii);
    }
    // The plan was read from records, or consists of strings and numbers, and so always serialises.
    print_lines([serde_json::to_string(plan).unwrap_or_default()])?;
    say(summary(comparison));
    Ok(())
}

/// Compares records at keys, in the scope or in a part of it.
async fn of_keys<S: Store>(
    session: &Session<S>,
    flags: &PlanFlags,
    wanted: &WantedKeys,
) -> Result<PlannedComparison, CommandError> {
    let scope = session.scope();
    let place = ScopePart::of(scope, flags.only.as_deref())?;
    let reader = session.reader().await?;
    let found = place.read(&reader, scope, None).await?;
    let all = wanted.records.len();
    let inside: Vec<(ScopedKey, &FileRecord)> = wanted
        .records
        .iter()
        .filter(|(key, _)| place.holds(key))
        .map(|(key, record)| (key.clone(), record))
        .collect();
    if inside.len() < all {
        let out = counted(all - inside.len(), "key");
        say_safely(format!(
            "coredeck: {out} of the file lie elsewhere than --only says, and are passed over"
        ));
    }
    let known = known(scope, &place, &found);
    let compare = |around: &ReadPart| {
        by_key(around, scope, &inside, &found.records, flags.prune, &|a, b| wanted.is_same(a, b))
    };
    let comparison = settle_at(&reader, scope, found.revision, known, compare).await?.value;
    Ok(PlannedComparison { comparison, place, found, not_carried: NotAsWanted::default() })
}

/// Compares the answers of zones.
async fn of_zone<S: Store>(
    session: &Session<S>,
    flags: &PlanFlags,
    wish: &ZoneWish,
) -> Result<PlannedComparison, CommandError> {
    let scope = session.scope();
    if wish.zones.is_empty() {
        return Err(CommandError::usage(
            "a hosts file does not say of which zone it is, so nothing can be missing from it",
            "Import it, or give JSON lines or a zone file.",
        ));
    }
    if flags.only.is_some() {
        return Err(CommandError::usage(
            "a zone file speaks of its zone, and --only would speak of something else",
            "Leave --only away, or give JSON lines.",
        ));
    }
    let broken = wish.broken();
    if flags.prune && broken > 0 {
        left_out::tell_broken(&wish.not_carried, &wish.lines);
        let lines = if broken == 1 { "1 line".to_owned() } else { format!("{broken} lines") };
        return Err(CommandError::new(
            Exit::Failed,
            format!("{lines} cannot be read, and what they stand for would be deleted"),
            "Correct them, or plan without --prune.",
        ));
    }
    let reader = session.reader().await?;
    let judged = zone_wish::judge(session, &reader, wish, Treatment::Change { prune: flags.prune }).await?;
    left_out::tell(&judged.not_carried, &wish.lines, "Not as the file has it:");
    let not_carried = NotAsWanted::of(&judged.not_carried, &wish.lines);
    // Several zones have only the scope in common.
    let own = if let [zone] = &wish.zones[..] { zone.key(scope).ok() } else { None };
    let place = match own {
        Some(own) => ScopePart { below: scope.below_key(&own), own: Some(own) },
        None => ScopePart::of(scope, None)?,
    };
    let (mut comparison, mut found) = (judged.comparison, judged.found);
    comparison.untouched.retain(|untouched| place.holds(&untouched.record.key));
    found.records.retain(|record| place.holds(&record.key));
    Ok(PlannedComparison { comparison, place, found, not_carried })
}

/// Returns everything that was read, for rules that need more than the part.
fn known(scope: &Scope, place: &ScopePart, found: &Listing) -> ReadPart {
    let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: record.lease };
    let records = found.records.iter().map(|record| (record.key.as_bytes().into(), content(record)));
    let Some(own) = &place.own else { return ReadPart::everything(records) };
    let mut known = ReadPart::default();
    let at_own = found.records.iter().find(|record| record.key == *own).map(content);
    known.learn_key(own.as_bytes(), at_own);
    known.learn_below(
        scope.below_key(own).start(),
        records.filter(|(key, _): &(Box<[u8]>, KeyContent)| **key != *own.as_bytes()),
    );
    known
}

fn summary(comparison: &Comparison) -> String {
    let Comparison { creates, updates, moves, deletes, untouched, same } = comparison;
    let moved = if moves.is_empty() { String::new() } else { format!("{} to move, ", moves.len()) };
    format!(
        "{} to create, {} to update, {moved}{} to delete, {} left untouched, {same} as wanted",
        creates.len(),
        updates.len(),
        deletes.len(),
        untouched.len()
    )
}

fn lines(comparison: &Comparison, plan: &PlanFile, style: Style) -> Vec<String> {
    let value =
        |bytes: &[u8]| if bytes.is_empty() { "(empty)".to_owned() } else { ForeignText(bytes).to_string() };
    let gone = |bytes: &[u8]| style.removed(format!("    - {}", value(bytes)));
    let comes = |bytes: &[u8]| style.added(format!("    + {}", value(bytes)));
    let mut lines = vec![
        style.bold(format!("{}: {}", plan.target, summary(comparison))),
        format!("Cluster {}, read at revision {}", plan.cluster_id, plan.revision),
    ];
    for create in &comparison.creates {
        lines.extend([format!("  new     {}", spell(&create.key)), comes(&create.value)]);
        lines.extend(create.lease.map(|lease| format!("      lease of {} s", lease.seconds)));
    }
    for update in &comparison.updates {
        lines.extend([
            format!("  change  {}", update.before.key),
            gone(&update.before.value),
            comes(&update.value),
        ]);
        lines.extend(update.before.lease.map(|lease| format!("      lease {lease}, kept")));
    }
    for relocated in &comparison.moves {
        let Relocated { before, to, value: after } = relocated;
        lines.extend([format!("  move    {}", before.key), format!("      to  {to}")]);
        if !relocated.is_unchanged() {
            lines.extend([gone(&before.value), comes(after)]);
        }
        lines.extend(before.lease.map(|lease| format!("      lease {lease}, kept")));
    }
    for record in &comparison.deletes {
        lines.extend([format!("  delete  {}", record.key), gone(&record.value)]);
        lines.extend(record.lease.map(|lease| format!("      lease {lease}")));
    }
    // Records elsewhere, of which the file says nothing, are only counted.
    for untouched in comparison.untouched.iter().filter(|untouched| untouched.why != LeftAlone::Elsewhere) {
        lines.push(format!("  leave   {}", untouched.record.key));
        lines.extend(wrapped("      ", &untouched.why.to_string()));
    }
    lines
}
