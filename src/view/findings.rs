//! Findings in lines: their sign, their words, the names that they hurt, and their fix. Errors have `!`, warnings `~`,
//! and mere information `i`: nothing is said by colour alone.
use super::{
    canvas::Canvas,
    text::{shown, start},
    theme::Role,
};
use crate::{
    app::{Model, Pane, keymap::May},
    dns::lint::{Finding, Severity, SeverityTally, TRAPS},
    quantity::grouped,
};
use ratatui::text::{Line, Span};

/// Number of names that are told one by one.
const NAMES: usize = 4;

pub(crate) fn sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Error => ("!", Role::Trouble),
        Severity::Warning => ("~", Role::Standing),
        Severity::Info => ("i", Role::Quiet),
    }
}

pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "worth knowing",
    }
}

/// Length of a badge, from the longest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Badge {
    /// `!2 ~1`: the numbers of errors and warnings.
    Both,
    /// `!2`: the number of the worst.
    Worst,
    /// `!`
    Sign,
}

/// Badge for the number of findings; empty for none.
pub(super) fn badge<'t>(canvas: &Canvas<'_>, tally: SeverityTally, badge: Badge) -> Vec<Span<'t>> {
    let counts = [(Severity::Error, tally.errors), (Severity::Warning, tally.warnings)];
    let mut spans = Vec::new();
    let most = if badge == Badge::Both { 2 } else { 1 };
    for (severity, count) in counts.into_iter().filter(|(_, count)| *count > 0).take(most) {
        let (sign, role) = sign(severity);
        let count = if badge == Badge::Sign { String::new() } else { grouped(count) };
        spans.push(canvas.span(role, format!("{sign}{count}")));
        spans.push(Span::raw(" "));
    }
    spans
}

/// A finding as a paragraph.
pub(crate) fn paragraph(canvas: &Canvas<'_>, finding: &Finding, columns: u16) -> Vec<Line<'static>> {
    let (sign, role) = sign(finding.severity);
    let mut lines = canvas.wrapped(start(&finding.message), columns.saturating_sub(2), Role::Plain);
    for (number, line) in lines.iter_mut().enumerate() {
        let before = if number == 0 { canvas.span(role, format!("{sign} ")) } else { Span::raw("  ") };
        line.spans.insert(0, before);
    }
    lines.extend(labelled(canvas, "hurts", &hurt(finding), columns));
    if let Some(fix) = &finding.fix {
        lines.extend(labelled(canvas, "fix", start(&fix.what), columns));
    }
    lines
}

/// The names that a finding hurts.
fn hurt(finding: &Finding) -> String {
    let names: Vec<String> = finding.names.iter().take(NAMES).map(ToString::to_string).collect();
    match finding.names.len().saturating_sub(NAMES) {
        0 => names.join(", "),
        more => format!("{} and {} more", names.join(", "), grouped(more)),
    }
}

fn labelled(canvas: &Canvas<'_>, label: &str, text: &str, columns: u16) -> Vec<Line<'static>> {
    if text.is_empty() {
        return vec![];
    }
    let mut lines = canvas.wrapped(&shown(text, canvas.look), columns.saturating_sub(8), Role::Quiet);
    for (number, line) in lines.iter_mut().enumerate() {
        let label = if number == 0 { label } else { "" };
        line.spans.insert(0, canvas.span(Role::Accent, format!("  {label:<6}")));
    }
    lines
}

/// Findings about the selected record, or about the name while the tree has the cursor.
pub(super) fn of_selected(canvas: &Canvas<'_>, model: &Model, columns: u16) -> Vec<Line<'static>> {
    let Some(findings) = &model.findings.known else {
        return canvas.wrapped("the records are still being looked at", columns, Role::Quiet);
    };
    let in_tree = model.focus == Pane::Tree;
    let key = if in_tree {
        model.index.key_of(model.selected_node())
    } else {
        model.selected().map(|record| record.key.as_bytes().to_vec())
    };
    let Some(key) = key else {
        return canvas.wrapped("no record is selected; f lists all findings", columns, Role::Quiet);
    };
    let mut of_key: Vec<&Finding> = findings.of(&key).collect();
    of_key.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut lines = Vec::new();
    for finding in &of_key {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(paragraph(canvas, finding, columns));
    }
    if of_key.is_empty() {
        let what = if in_tree { "name itself" } else { "record" };
        let words = format!("none of {} traps was found at this {what}", TRAPS.len());
        lines.extend(canvas.wrapped(&words, columns, Role::Plain));
    }
    let below = findings.within(&[&key[..], b"/"].concat()).total() - findings.within(&key).total();
    if in_tree && below > 0 {
        let words = format!("{} below it: f lists them", grouped(below));
        lines.extend(canvas.wrapped(&words, columns, Role::Quiet));
    } else if !in_tree && model.may() == May::Change && of_key.iter().any(|finding| finding.fix.is_some()) {
        lines.extend(canvas.wrapped("x plans the fix and shows it first", columns, Role::Quiet));
    }
    lines
}

/// Findings about a typed value, in at most so many lines.
pub(crate) fn while_typing(
    canvas: &Canvas<'_>,
    findings: &[Finding],
    columns: u16,
    most: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for finding in findings {
        let (sign, role) = sign(finding.severity);
        let mut words = canvas.wrapped(start(&finding.message), columns.saturating_sub(2), role);
        for (number, line) in words.iter_mut().enumerate() {
            line.spans
                .insert(0, canvas.span(role, if number == 0 { format!("{sign} ") } else { "  ".to_owned() }));
        }
        lines.extend(words);
    }
    let hidden = lines.len() > most;
    lines.truncate(most);
    if hidden && let Some(last) = lines.last_mut() {
        last.spans.push(canvas.span(Role::Quiet, format!(" {}", canvas.look.ellipsis())));
    }
    lines
}
