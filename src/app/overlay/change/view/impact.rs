//! Consequences of a plan, in the words of the dialogs: the answers that change, the worst first.
use crate::{
    app::rules::{CompanionOffer, KnownImpact, PlanImpact},
    dns::{self, AnswerLoss, ZONES_ARE_GUESSED, external_dns::Certainty},
    quantity::grouped,
    view::{canvas::Canvas, findings, overlay::short, text, theme::Role, words},
};
use ratatui::text::{Line, Span};

/// Number of PTR records that are told one by one.
const COMPANIONS: usize = 2;
/// Number of findings that are told.
const FINDINGS: usize = 3;
/// Number of changed answers that are listed.
const MOST: usize = 500;

/// Answers that CoreDNS will give: the heading, and the changes below it.
pub(super) struct ImpactSection<'t> {
    pub(super) head: Option<Line<'t>>,
    /// Each in as many lines as it needs.
    changes: Vec<Vec<Line<'t>>>,
}

pub(super) fn answers<'t>(canvas: &Canvas<'_>, foresight: &PlanImpact, columns: u16) -> ImpactSection<'t> {
    if matches!(foresight, PlanImpact::NoPlan) {
        return ImpactSection { head: None, changes: vec![] };
    }
    let mut head = vec![canvas.span(Role::Strong, "WHAT COREDNS WILL ANSWER")];
    if foresight.is_open() {
        head.push(canvas.span(Role::Warning, format!("  comparing{}", canvas.look.ellipsis())));
    }
    let changes = match (foresight, foresight.shown()) {
        (PlanImpact::Unknown(why), _) => {
            vec![canvas.wrapped(&format!("not known: {why}"), columns, Role::Warning)]
        }
        (_, Some(foreseen)) => changes(canvas, foreseen, columns, foresight.is_open()),
        (_, None) => vec![],
    };
    ImpactSection { head: Some(Line::from(head)), changes }
}

impl<'t> ImpactSection<'t> {
    /// Splits the changes into the worst, which are always in sight, and the rest.
    pub(super) fn split(mut self, most: usize) -> (Option<Line<'t>>, Vec<Line<'t>>, Vec<Line<'t>>) {
        let lines = |changes: &[Vec<Line<'_>>]| changes.iter().map(Vec::len).sum::<usize>();
        let mut kept = self.changes.len();
        // One line is kept for the number of the rest. The worst is shown in any case.
        while kept > 1
            && lines(self.changes.get(..kept).unwrap_or_default()) + usize::from(kept < self.changes.len())
                > most
        {
            kept -= 1;
        }
        let rest = self.changes.split_off(kept);
        (self.head, self.changes.concat(), rest.concat())
    }
}

fn changes<'t>(canvas: &Canvas<'_>, foreseen: &KnownImpact, columns: u16, open: bool) -> Vec<Vec<Line<'t>>> {
    let (answers, impact) = (&foreseen.answers, &foreseen.impact);
    let mut lines: Vec<Vec<Line<'_>>> =
        answers.iter().take(MOST).map(|answer| line(canvas, answer, usize::from(columns))).collect();
    if let Some(more @ 1..) = answers.len().checked_sub(MOST) {
        lines.push(vec![Line::from(canvas.span(Role::Warning, format!("and {} more", grouped(more))))]);
    }
    let guessed = foreseen.zones_are_guessed.then(|| ZONES_ARE_GUESSED.to_owned());
    for note in impact.notes().into_iter().chain(guessed) {
        lines.push(canvas.wrapped(&format!("? {note}"), columns, Role::Warning));
    }
    if answers.is_empty() && !open {
        lines.insert(0, vec![Line::from(canvas.span(Role::Plain, impact.summary()))]);
    }
    lines
}

/// `! gcr.io A: 2 addresses -> SERVFAIL`, in two lines if one is too short.
fn line<'t>(canvas: &Canvas<'_>, answer: &dns::ImpactWords, columns: usize) -> Vec<Line<'t>> {
    let (sign, role) = (answer.weight.sign(), words::weight(answer.weight));
    // A consequence of another change is quiet: it is not the first thing to look at.
    let role = if answer.by_product { Role::Quiet } else { role };
    let kinds = answer.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let subject = text::shown(format!("{} {kinds}: ", answer.name), canvas.look);
    let change = text::shown(text::start(&answer.change), canvas.look);
    let sign = canvas.span(role, format!("{sign} "));
    let wide = 2 + text::width(&subject) + text::width(&change);
    let subject = canvas.span(if answer.by_product { Role::Quiet } else { Role::Strong }, subject);
    if wide <= columns {
        vec![Line::from(vec![sign, subject, canvas.span(role, change)])]
    } else {
        let mut lines = vec![Line::from(vec![sign, subject])];
        for mut line in canvas.wrapped(&change, short(columns).saturating_sub(4), role) {
            line.spans.insert(0, Span::raw("    "));
            lines.push(line);
        }
        lines
    }
}

/// The PTR records that go with a change, and whether they are in the plan.
pub(super) fn companions<'t>(
    canvas: &Canvas<'_>,
    offer: &CompanionOffer,
    with: bool,
    key: &str,
    columns: u16,
) -> Vec<Line<'t>> {
    let Some(found) = &offer.found else { return vec![] };
    let mut lines = Vec::new();
    for companion in found.list.iter().take(COMPANIONS) {
        let (sign, rest) = match (companion.steps.is_empty(), with) {
            (true, _) => ("PTR ", String::new()),
            (false, true) => ("PTR [x] ", format!(": with this change ({key} leaves it out)")),
            (false, false) => ("PTR [ ] ", format!(" ({key} takes it into this change)")),
        };
        let what = text::shown(format!("{}{rest}", companion.what), canvas.look);
        let mut words = canvas.wrapped(&what, columns.saturating_sub(8), Role::Plain);
        for (number, line) in words.iter_mut().enumerate() {
            let label = if number == 0 { sign } else { "" };
            line.spans.insert(0, canvas.span(Role::Accent, text::pad(label, sign.len())));
        }
        lines.extend(words);
    }
    let more = found.list.len().saturating_sub(COMPANIONS) + found.left_out;
    if more > 0 {
        lines.push(Line::from(canvas.span(Role::Quiet, format!("and {} more addresses", grouped(more)))));
    }
    lines
}

/// Findings about the change, with lines for a Corefile or the like if no record can do what is wanted.
pub(super) fn findings<'t>(canvas: &Canvas<'_>, foresight: &PlanImpact, columns: u16) -> Vec<Line<'t>> {
    let found = foresight.shown().map(|foreseen| &*foreseen.findings).unwrap_or_default();
    let mut lines =
        findings::while_typing(canvas, found.get(..FINDINGS).unwrap_or(found), columns, usize::MAX);
    for advice in found.iter().take(FINDINGS).flat_map(|finding| &finding.advice) {
        lines.push(Line::from(canvas.span(Role::Quiet, format!("    {advice}"))));
    }
    lines
}

/// A warning that external-dns will undo it.
pub(super) fn managed<'t>(canvas: &Canvas<'_>, foresight: &PlanImpact, columns: u16) -> Vec<Line<'t>> {
    let Some(by) = foresight.shown().and_then(|foreseen| foreseen.managed.as_ref()) else { return vec![] };
    let owners = by.owners.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    let owner = if owners.is_empty() { String::new() } else { format!(" (owner {owners})") };
    let words = match (by.marks_alone, by.certainty) {
        (true, _) => {
            format!(
                "~ says what external-dns{owner} manages: it loses track of the record, or writes this again"
            )
        }
        (false, Certainty::Likely) => {
            "~ looks like external-dns's: may be reverted at its next sync".to_owned()
        }
        (false, Certainty::Derived | Certainty::Certain) => {
            format!("~ managed by external-dns{owner}: will be reverted at the next sync")
        }
    };
    canvas.wrapped(&words, columns, Role::Warning)
}

/// Answers or names that a deletion takes away, in a line of its own.
pub(super) fn loss<'t>(canvas: &Canvas<'_>, foresight: &PlanImpact) -> Option<Line<'t>> {
    let loss = foresight.shown()?.loss.as_ref()?;
    let (role, text) = match loss {
        AnswerLoss::OneOf { answers, kind, name } => {
            let which = if *answers > 1 {
                format!("1 of {answers} {kind} answers")
            } else {
                format!("the only {kind} answer")
            };
            (Role::Warning, format!("{which} of {name}"))
        }
        AnswerLoss::Name(name) => (Role::Trouble, format!("{name} will be gone")),
    };
    Some(Line::from(canvas.foreign(role, text)))
}
