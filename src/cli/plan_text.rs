//! A plan as a person reads it before agreeing.
use super::{
    arguments::Consent,
    confirm::{can_ask, how_to},
    foresee::Foresight,
    foresight_text::{self, Ptr},
    output::{keys, wrapped},
    style::Style,
};
use crate::{
    foreign_text::ForeignText,
    keys::{KeyValue, LeaseId, Scope},
    plan::{Change, Plan},
};

/// Beside the plan, what a person has to know to agree to it.
#[derive(Debug)]
pub(super) struct Around<'a> {
    pub(super) scope: &'a Scope,
    /// What the profile or the endpoint calls this cluster.
    pub(super) label: &'a str,
    pub(super) journal: &'a str,
    pub(super) consent: &'a Consent,
    pub(super) foresight: &'a Foresight,
    pub(super) ptr: &'a Ptr,
}

/// The lines of a plan.
pub(super) fn lines(plan: &Plan, around: &Around<'_>, style: Style) -> Vec<String> {
    let Around { scope, label, journal, consent, foresight, ptr } = around;
    let known = foresight.consequences.as_ref().ok();
    let mut lines = vec![
        style.bold(format!("Plan: {} in {scope}", summary(plan))),
        format!(
            "Cluster {} ({}), read at revision {}",
            plan.cluster(),
            ForeignText::from(*label),
            plan.read_at()
        ),
        String::new(),
    ];
    for change in plan.changes() {
        describe(change, style, &mut lines);
        let lost = known.and_then(|known| known.losses.iter().find(|(key, _)| key == change.key()));
        for line in lost.iter().flat_map(|(_, loss)| wrapped("      ", &loss.to_string())) {
            lines.push(style.removed(line));
        }
    }
    lines.push(String::new());
    lines.extend(foresight_text::answers(foresight, style));
    lines.push(String::new());
    for part in [
        foresight_text::ptr(ptr, style),
        known.map(|known| foresight_text::managed(&known.managed, style)).unwrap_or_default(),
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
    if consent.confirm.is_none() && !can_ask() {
        lines.push(format!("To confirm: {}", how_to(plan)));
    }
    lines
}

/// `add 1 key, move 1 key`, `delete 16 keys`.
fn summary(plan: &Plan) -> String {
    let count = |what: fn(&Change) -> bool| plan.changes().iter().filter(|change| what(change)).count();
    [
        ("add", count(|change| matches!(change, Change::Create { .. }))),
        ("change", count(|change| matches!(change, Change::Update { .. }))),
        ("move", count(|change| matches!(change, Change::Move { .. }))),
        ("delete", count(Change::destroys)),
    ]
    .into_iter()
    .filter(|(_, number)| *number > 0)
    .map(|(verb, number)| format!("{verb} {}", keys(number)))
    .collect::<Vec<_>>()
    .join(", ")
}

/// One change, in lines.
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
