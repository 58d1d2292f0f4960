//! Review of a change, before it is saved.
use super::{centred, changes, dialog_width, impact, inside, keys, preflight, progress, scrolled, short};
use crate::{
    app::{
        Model,
        overlay::{Preview, Review},
    },
    plan::Plan,
    quantity::grouped,
    remedy::Remedy,
    view::{canvas::Canvas, text::shown, theme::Role},
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of rows with changed answers that come before the values.
const ANSWERS: usize = 6;

/// Number of rows that a change needs: its key, the old value and the new one.
const LEAST: u16 = 3;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, review: &Review) {
    let width = dialog_width(body, 100);
    let columns = inside(width);
    let mut lines = Vec::new();
    match &review.preview {
        Preview::Counting { .. } => {
            lines.push(Line::from(canvas.span(Role::Warning, format!("reading{}", canvas.look.ellipsis()))));
        }
        Preview::Failed(refused) => {
            lines.extend(super::complaint(canvas, &refused.to_string(), columns));
            lines.extend(canvas.wrapped(&refused.remedy(), columns, Role::Plain));
        }
        Preview::Known(plan) => {
            lines.extend(impact::findings(canvas, &review.foresight, columns));
            lines.push(what(canvas, plan));
            lines.extend(preflight::refusal(canvas, model, plan, columns));
            lines.extend(preflight::cautions(canvas, model, plan, columns));
            lines.extend(impact::managed(canvas, &review.foresight, columns));
            let (head, worst, others) = impact::answers(canvas, &review.foresight, columns).split(ANSWERS);
            lines.extend(head);
            lines.extend(worst);
            if !others.is_empty() {
                let more = format!("and {} more lines, below the values", others.len());
                lines.push(Line::from(canvas.span(Role::Quiet, more)));
            }
            lines.extend(impact::companions(canvas, &review.offer, model.with_ptr, "p", columns));
            lines.push(Line::default());
            for change in plan.changes() {
                lines.extend(changes::lines(canvas, change, columns));
                lines.push(Line::default());
            }
            if !others.is_empty() {
                lines.push(Line::from(canvas.span(Role::Strong, "MORE ANSWERS THAT CHANGE")));
                lines.extend(others);
                lines.push(Line::default());
            }
            let fact = |label: &str, text: &str| {
                Line::from(vec![
                    canvas.span(Role::Quiet, format!("{label:<9}")),
                    canvas.span(Role::Plain, shown(text, canvas.look)),
                ])
            };
            lines.push(fact("cluster", &format!("{}, at revision {}", plan.cluster(), plan.read_at())));
            lines.push(fact("backup", &model.session.journal));
        }
    }
    let foot = match &review.working {
        Some(working) => progress(canvas, working),
        None if review.preview.plan().is_some() => {
            keys(canvas, &[("y", "save"), ("Esc", "back"), ("Up/Down", "scroll")])
        }
        None => keys(canvas, &[("Esc", "back")]),
    };
    let frame = centred(body, width, short(lines.len() + 4));
    let inner = canvas.frame(frame, Role::Accent, "Save this?");
    let gap = if inner.height > 6 { 2 } else { 1 };
    let list = Rect { height: inner.height.saturating_sub(gap), ..inner };
    if list.height < LEAST {
        canvas.note_hidden();
    }
    scrolled(canvas, list, lines, review.scroll);
    if let Some(last) = inner.rows().next_back() {
        canvas.line(last, Span::raw(" ".repeat(usize::from(last.width))));
        canvas.line(last, foot);
    }
}

/// Number of keys that change, and the key itself if it is one.
fn what<'t>(canvas: &Canvas<'_>, plan: &Plan) -> Line<'t> {
    match plan.changes() {
        [change] => Line::from(vec![
            canvas.span(Role::Strong, "1 key changes: "),
            canvas.span(Role::Plain, change.key().spelled()),
        ]),
        changes => Line::from(canvas.span(Role::Strong, format!("{} keys change", grouped(changes.len())))),
    }
}
