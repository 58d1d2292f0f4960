//! List of all findings, with the words of the one under the cursor below it.
use crate::{
    app::{Model, overlay::FindingList},
    dns::lint::{Finding, Severity, TRAPS},
    keys::spelling,
    quantity::counted,
    view::{
        canvas::Canvas,
        findings,
        overlay::{
            LOW, Picture, dialog_width, inside,
            list::{self, List},
        },
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of rows for the words below the list, at most.
const WORDS: usize = 8;

impl Picture for FindingList {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 120);
        let columns = inside(width);
        let words = match self.selected() {
            Some(finding) if body.height >= LOW => words(canvas, finding, columns),
            Some(_) => vec![],
            None => canvas.wrapped(&nothing(model, self), columns, Role::Plain),
        };
        let words: Vec<Line<'_>> = words.into_iter().take(WORDS).collect();
        let (title, len, cursor) = (title(self), self.len(), self.cursor);
        let rows = list::draw(canvas, body, width, List { title: &title, len, cursor, below: words });
        let shown = || self.from(rows.shown.start).take(rows.shown.len());
        let keys = shown().map(|finding| spelling::spell(&finding.key).len()).max().unwrap_or(0);
        rows.each(canvas, shown(), |canvas, place, finding, chosen| {
            draw_row(canvas, place, finding, keys, chosen);
        });
    }
}

fn title(list: &FindingList) -> String {
    let tally = list.tally();
    let filter = match list.least {
        Severity::Info => "",
        Severity::Warning => ", shown from warnings on",
        Severity::Error => ", errors alone are shown",
    };
    let counts = [(tally.errors, "error"), (tally.warnings, "warning"), (tally.infos, "note")];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    format!("Findings: {counts}{filter}")
}

/// Words for an empty list, with the number of records that were looked at.
fn nothing(model: &Model, list: &FindingList) -> String {
    if model.index.is_empty() {
        return "There is no record to look at.".to_owned();
    }
    let looked_at = counted(model.index.len(), "record");
    match list.least {
        Severity::Info => format!("None of {} traps was found in {looked_at}.", TRAPS.len()),
        Severity::Warning | Severity::Error => {
            format!("Nothing this bad was found in {looked_at}; s shows the rest.")
        }
    }
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, finding: &Finding, keys: usize, chosen: bool) {
    let (sign, role) = findings::sign(finding.severity);
    let room = keys.min(usize::from(place.width) / 2);
    let key = text::fit_end(&spelling::spell(&finding.key), room, canvas.look);
    let key_role = if chosen { Role::Accent } else { Role::Plain };
    let line = vec![
        canvas.span(role, format!("{sign} ")),
        canvas.span(Role::Accent, if finding.fix.is_some() { "x " } else { "  " }),
        canvas.span(key_role, text::pad(&key, room)),
        Span::raw("  "),
        canvas.span(Role::Quiet, finding.trap.title()),
    ];
    canvas.line(place, Line::from(line));
}

fn words<'t>(canvas: &Canvas<'_>, finding: &Finding, columns: u16) -> Vec<Line<'t>> {
    let (_, role) = findings::sign(finding.severity);
    let mut head = vec![
        canvas.span(role, findings::word(finding.severity)),
        canvas.span(Role::Quiet, format!(" {} at ", finding.trap)),
    ];
    let mut lines = canvas.exact(&spelling::spell(&finding.key), columns.saturating_sub(18), Role::Strong);
    if let Some(first) = lines.first_mut() {
        head.append(&mut first.spans);
        first.spans = head;
    }
    lines.extend(findings::paragraph(canvas, finding, columns));
    lines
}
