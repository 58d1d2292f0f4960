//! Text of a plan's consequences, which stands between the plan and the question.
use super::{output::wrapped, style::Style};
use crate::{
    dns::{
        Companions, Impact, ImpactWords, Weight,
        external_dns::ExternalDnsClaim,
        lint::{Finding, FixStep, Severity},
    },
    failure::Failure,
    keys::ScopedKey,
    ops::PlanConsequences,
    quantity::counted,
};

/// The most changed answers that are listed.
const ANSWERS: usize = 12;
/// The most keys, and the most PTR records, that are listed.
const LISTED: usize = 4;

/// PTR records that belong to a change, and their place in the plan.
#[derive(Debug)]
pub(super) enum PtrPart {
    /// They are in the plan.
    Taken(Companions),
    /// They are not in the plan, though they could be.
    Left(Companions),
    Unknown(Failure),
}

/// Returns the changed answers, the worst first.
pub(super) fn answers(foresight: &PlanConsequences, style: Style) -> Vec<String> {
    let mut lines = vec![style.bold("What CoreDNS will answer:")];
    match &foresight.consequences {
        Ok(found) => compared(&found.impact, style, &mut lines),
        Err(failure) => lines.extend(unknown(failure, style)),
    }
    for note in &foresight.unsure {
        lines.extend(wrapped("  ? ", note));
    }
    lines
}

/// Returns the faults that the change would make, which stand before everything else.
pub(super) fn findings(found: &[Finding], style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in found.iter().take(LISTED) {
        let sign = if finding.severity == Severity::Error { "! " } else { "~ " };
        let text = wrapped(sign, &format!("{} ({})", finding.message, finding.trap));
        lines.extend(text.into_iter().map(|line| style.bold(line)));
        lines.extend(finding.advice.iter().map(|line| format!("      {line}")));
    }
    if let Some(more @ 1..) = found.len().checked_sub(LISTED) {
        lines.push(format!("  and {more} more findings"));
    }
    lines
}

fn compared(impact: &Impact, style: Style, lines: &mut Vec<String>) {
    let (by_products, real): (Vec<_>, Vec<_>) = impact.lines().into_iter().partition(|line| line.by_product);
    // Answers that only follow from others are shown only if there are no others.
    let (shown, folded) = if real.is_empty() { (by_products, 0) } else { (real, by_products.len()) };
    for line in shown.iter().take(ANSWERS) {
        lines.extend(answer(line, style));
    }
    let more = shown.len().saturating_sub(ANSWERS);
    if more > 0 {
        lines.push(format!("    and {} more", counted(more, "name")));
    }
    lines.extend(wrapped("  ", &format!("{}.", impact.summary())));
    if folded > 0 {
        lines.push(style.dim(format!("  Besides, what follows from these at {}.", counted(folded, "name"))));
    }
    for note in impact.notes() {
        lines.extend(wrapped("  ? ", &note));
    }
}

/// Returns a line such as `  ! gcr.io A: 2 addresses -> SERVFAIL`.
fn answer(line: &ImpactWords, style: Style) -> Vec<String> {
    let paint: fn(Style, String) -> String = match line.weight {
        Weight::Broken | Weight::Gone => |style, text| style.removed(text),
        Weight::Fewer | Weight::Other => |_, text| text,
        Weight::Mended => |style, text| style.added(text),
    };
    let text = wrapped(&format!("  {} ", line.weight.sign()), &line.to_string());
    text.into_iter().map(|text| paint(style, text)).collect()
}

/// Returns the note that the consequences are not known, and that the plan holds without them.
fn unknown(failure: &Failure, style: Style) -> Vec<String> {
    let text = format!("not known: {failure}. The plan holds without it.");
    wrapped("  ? ", &text).into_iter().map(|line| style.removed(line)).collect()
}

/// Returns the PTR records that belong to the change, and the option that adds them to the plan.
pub(super) fn ptr(ptr: &PtrPart, style: Style) -> Vec<String> {
    let (found, taken) = match ptr {
        PtrPart::Taken(found) => (found, true),
        PtrPart::Left(found) => (found, false),
        PtrPart::Unknown(failure) => {
            let mut lines = vec![style.bold("PTR records:")];
            lines.extend(unknown(failure, style));
            return lines;
        }
    };
    if found.list.is_empty() && found.left_out == 0 {
        let none = "None goes with this change: its addresses have no reverse zone here, or their PTR \
                    records are as they should be.";
        let head = || vec![style.bold("PTR records:")];
        return if taken { [head(), wrapped("  ", none)].concat() } else { vec![] };
    }
    let (proposed, notes): (Vec<_>, Vec<_>) =
        found.list.iter().partition(|companion| !companion.steps.is_empty());
    let head = match (proposed.is_empty(), taken) {
        (true, _) => "PTR records:",
        (false, true) => "PTR records, in this plan:",
        (false, false) => "PTR records, not in this plan (--ptr takes them in):",
    };
    let mut lines = vec![style.bold(head)];
    for companion in proposed.iter().chain(&notes).take(LISTED) {
        let deletes = |step: &FixStep| matches!(step, FixStep::Delete { .. });
        let sign = match companion.steps.as_slice() {
            [] => "  ~ ",
            steps if steps.iter().all(deletes) => "  - ",
            _ => "  + ",
        };
        lines.extend(wrapped(sign, &companion.what));
    }
    let more = found.list.len().saturating_sub(LISTED);
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    if found.left_out > 0 {
        lines.push(format!("  ? {} addresses more were not looked at", found.left_out));
    }
    lines
}

/// Returns a warning for the changes that external-dns will undo, one for each owner.
pub(super) fn managed(found: &[(ScopedKey, ExternalDnsClaim)], style: Style) -> Vec<String> {
    let mut kinds: Vec<(&ExternalDnsClaim, Vec<&ScopedKey>)> = Vec::new();
    for (key, managed) in found {
        match kinds.iter_mut().find(|(kind, _)| *kind == managed) {
            Some((_, keys)) => keys.push(key),
            None => kinds.push((managed, vec![key])),
        }
    }
    let mut lines = Vec::new();
    for (managed, keys) in kinds.iter().take(LISTED) {
        let warning = wrapped("", &format!("Careful: {managed}:"));
        lines.extend(warning.into_iter().map(|line| style.bold(line)));
        lines.extend(keys.iter().take(LISTED).map(|key| format!("  {key}")));
        if keys.len() > LISTED {
            lines.push(format!("  and {} more", keys.len() - LISTED));
        }
    }
    if kinds.len() > LISTED {
        lines.push(format!("Careful: external-dns manages {} groups of keys more", kinds.len() - LISTED));
    }
    lines
}
