//! Plan as a person reads it before agreeing.
use super::{
    arguments::Consent,
    confirm::{can_ask, how_to},
    impact_text::{self, PtrPart},
    output::wrapped,
    style::Style,
};
use crate::{
    foreign_text::ForeignText,
    health::Preflight,
    keys::{KeyValue, LeaseId, Scope},
    ops::PlanConsequences,
    plan::{Change, ChangeTally, LeaseGrant, Plan},
    quantity::counted,
};
use std::collections::BTreeMap;

/// The most changes that are shown one by one: nobody reads more before agreeing, and the numbers are clearer then.
const MOST_SHOWN: usize = 60;
const MOST_LEASES_SHOWN: usize = 10;

/// Facts beside the plan that a person has to know to agree to it.
#[derive(Debug)]
pub(super) struct PlanNotes<'a> {
    pub(super) scope: &'a Scope,
    /// The profile's name for this cluster, or its endpoint.
    pub(super) label: &'a str,
    pub(super) journal: &'a str,
    pub(super) preflight: &'a Preflight,
    pub(super) foresight: &'a PlanConsequences,
    pub(super) ptr: &'a PtrPart,
}

/// Returns the lines of a plan.
pub(super) fn lines(plan: &Plan, around: &PlanNotes<'_>, style: Style) -> Vec<String> {
    let PlanNotes { scope, label, journal, preflight, foresight, ptr } = around;
    let known = foresight.consequences.as_ref().ok();
    let mut lines = known.map(|known| impact_text::findings(&known.findings, style)).unwrap_or_default();
    lines.extend([
        style.bold(format!("Plan: {} in {scope}", summary(plan))),
        format!(
            "Cluster {} ({}), read at revision {}",
            plan.cluster(),
            ForeignText::from(*label),
            plan.read_at()
        ),
    ]);
    for caution in &preflight.cautions {
        lines.extend(wrapped("Careful: ", caution).into_iter().map(|line| style.bold(line)));
    }
    lines.push(String::new());
    let (shown, left) = shown(plan);
    for change in shown {
        describe(change, style, &mut lines);
        let lost = known.and_then(|known| known.losses.iter().find(|(key, _)| key == change.key()));
        for line in lost.iter().flat_map(|(_, loss)| wrapped("      ", &loss.to_string())) {
            lines.push(style.removed(line));
        }
    }
    lines.extend(left);
    lines.extend(granted(plan));
    lines.push(String::new());
    lines.extend(impact_text::answers(foresight, style));
    lines.push(String::new());
    for part in [
        impact_text::ptr(ptr, style),
        known.map(|known| impact_text::managed(&known.managed, style)).unwrap_or_default(),
    ] {
        if !part.is_empty() {
            lines.extend(part);
            lines.push(String::new());
        }
    }
    if let Some(threshold) = plan.threshold() {
        lines.push(style.bold(format!("Careful: {}", ForeignText::from(threshold.to_string().as_str()))));
    }
    lines.push(match plan.transactions() {
        1 => "All of it in one transaction, or nothing.".to_owned(),
        steps => format!("In {steps} transactions, each guarded; it stops at the first that is refused."),
    });
    lines.push(format!("Journal: {}", ForeignText::from(*journal)));
    lines
}

/// Returns how to agree to it, if nobody can be asked: the last line, behind everything that has to be known before.
pub(super) fn how_to_confirm(plan: &Plan, consent: &Consent) -> Option<String> {
    (consent.confirm.is_none() && !can_ask()).then(|| format!("To confirm: {}", how_to(plan)))
}

/// Returns a text such as `add 1 key, move 1 key` or `delete 16 keys`.
fn summary(plan: &Plan) -> String {
    let parts = parts(plan.tally());
    parts
        .iter()
        .map(|(verb, number)| format!("{verb} {}", counted(*number, "key")))
        .collect::<Vec<_>>()
        .join(", ")
}

fn parts(tally: ChangeTally) -> Vec<(&'static str, usize)> {
    let ChangeTally { creates, updates, moves, deletes } = tally;
    let parts = [("add", creates), ("change", updates), ("move", moves), ("delete", deletes)];
    parts.into_iter().filter(|(_, number)| *number > 0).collect()
}

/// Returns the changes that are shown, and a note on the others. Of very many, only the first are shown, and those that
/// remove or replace something come first.
fn shown(plan: &Plan) -> (Vec<&Change>, Option<String>) {
    let changes = plan.changes();
    if changes.len() <= MOST_SHOWN {
        return (changes.iter().collect(), None);
    }
    let (takes, only_adds): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.replaces());
    let mut shown = [takes, only_adds].concat();
    let rest = shown.split_off(MOST_SHOWN);
    let parts = parts(ChangeTally::of(rest.iter().copied()));
    let parts: Vec<String> = parts.iter().map(|(verb, number)| format!("{verb} {number}")).collect();
    let left = format!(
        "  ... and {} more, not shown: {} (-o json gives every key)",
        counted(rest.len(), "key"),
        parts.join(", ")
    );
    (shown, Some(left))
}

/// Returns the leases that are made for it, with the number of keys under each.
fn granted(plan: &Plan) -> Vec<String> {
    let mut under: BTreeMap<LeaseId, usize> = BTreeMap::new();
    for change in plan.changes() {
        if let Change::Create { lease: Some(lease), .. } = change {
            *under.entry(*lease).or_default() += 1;
        }
    }
    let line = |grant: &LeaseGrant| {
        let number = under.get(&grant.lease).copied().unwrap_or_default();
        format!(
            "  lease   {}, a new one of {} s for {}",
            grant.lease,
            grant.ttl.as_secs(),
            counted(number, "key")
        )
    };
    let mut lines: Vec<String> = plan.grants().iter().take(MOST_LEASES_SHOWN).map(line).collect();
    if let Some(more @ 1..) = plan.grants().len().checked_sub(MOST_LEASES_SHOWN) {
        lines.push(format!("  ... and {more} more new leases"));
    }
    lines
}

/// Adds the lines of one change.
pub(super) fn describe(change: &Change, style: Style, lines: &mut Vec<String>) {
    let value =
        |bytes: &[u8]| if bytes.is_empty() { "(empty)".to_owned() } else { ForeignText(bytes).to_string() };
    let gone = |bytes: &[u8]| style.removed(format!("    - {}", value(bytes)));
    let comes = |bytes: &[u8]| style.added(format!("    + {}", value(bytes)));
    match change {
        Change::Create { key, value, lease } => {
            lines.push(format!("  new     {key}"));
            lines.push(comes(value));
            lines.extend(lease.map(|lease| format!("      lease {lease}")));
        }
        Change::Update { before, value } => {
            lines.push(format!("  change  {}", before.key));
            lines.push(gone(&before.value));
            lines.push(comes(value));
            lines.extend(kept(before.lease));
        }
        Change::Delete { before } => {
            lines.push(format!("  delete  {}", before.key));
            lines.push(gone(&before.value));
            lines.extend(ended(before));
        }
        Change::Move { before, to } => {
            lines.push(format!("  move    {}", before.key));
            lines.push(format!("       to {to}"));
            lines.push(format!("      {}", value(&before.value)));
            lines.extend(kept(before.lease));
        }
    }
}

fn kept(lease: Option<LeaseId>) -> Option<String> {
    lease.map(|lease| format!("      lease {lease}, kept"))
}

fn ended(before: &KeyValue) -> Option<String> {
    before.lease.map(|lease| format!("      lease {lease}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{ClusterId, Revision},
        plan::{Challenge, Surroundings},
    };
    use std::time::Duration;

    fn plan(changes: Vec<Change>, grants: Vec<LeaseGrant>) -> Plan {
        let scope = Scope::parse("/coredns").unwrap();
        let around = Surroundings { scope_keys: 1_000, zones: vec![] };
        let (cluster, at) = (ClusterId(1), Revision(9));
        Plan::for_many(Challenge::scope(&scope), changes, grants, &around, cluster, at).unwrap()
    }

    fn record(number: usize) -> KeyValue {
        KeyValue {
            key: Scope::parse("/coredns").unwrap().key(format!("/coredns/a{number}").as_bytes()).unwrap(),
            value: (*b"{}").into(),
            create_revision: Revision(2),
            mod_revision: Revision(3),
            version: 2,
            lease: None,
        }
    }

    fn creation(number: usize, lease: Option<LeaseId>) -> Change {
        Change::Create { key: record(number).key, value: (*b"{}").into(), lease }
    }

    #[test]
    fn a_long_plan_is_shortened_and_shows_first_what_is_lost() {
        let creations = (0..200).map(|number| creation(number, None));
        let deletions = (200..210).map(|number| Change::Delete { before: record(number) });
        let long = plan(creations.chain(deletions).collect(), vec![]);
        let (shown, left) = shown(&long);
        assert_eq!(shown.len(), MOST_SHOWN);
        assert_eq!(shown.iter().filter(|change| change.destroys()).count(), 10);
        assert_eq!(left.unwrap(), "  ... and 150 keys more, not shown: add 150 (-o json gives every key)");
        assert_eq!(summary(&long), "add 200 keys, delete 10 keys");
    }

    #[test]
    fn a_new_lease_is_said_with_its_time_and_the_number_of_its_keys() {
        let grant = LeaseGrant { lease: LeaseId::new(7).unwrap(), ttl: Duration::from_secs(40) };
        let changes = vec![creation(0, Some(grant.lease)), creation(1, Some(grant.lease)), creation(2, None)];
        let lines = granted(&plan(changes, vec![grant]));
        assert_eq!(lines, ["  lease   0000000000000007, a new one of 40 s for 2 keys"]);
    }
}
