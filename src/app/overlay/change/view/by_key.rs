//! Picture of a change that a key agrees to: the values before and after.
use super::{fact, impact, preflight};
use crate::{
    app::{
        Model,
        overlay::{ChangeDialog, Preview},
    },
    plan::Plan,
    quantity::grouped,
    remedy::Remedy,
    view::{
        canvas::Canvas,
        overlay::{centred, changes, complaint, dialog_width, inside, progress, scrolled, short},
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

/// Number of rows with changed answers that come before the values.
const ANSWERS: usize = 6;

/// Number of rows that a change needs: its key, the old value and the new one.
const LEAST: u16 = 3;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, dialog: &ChangeDialog) {
    let width = dialog_width(body, 100);
    let columns = inside(width);
    let mut lines = Vec::new();
    match &dialog.preview {
        Preview::Counting { .. } => {
            lines.push(Line::from(canvas.span(Role::Warning, format!("reading{}", canvas.look.ellipsis()))));
        }
        Preview::Failed(refused) => {
            lines.extend(complaint(canvas, &refused.to_string(), columns));
            lines.extend(canvas.wrapped(&refused.remedy(), columns, Role::Plain));
        }
        Preview::Known(plan) => {
            lines.extend(impact::findings(canvas, &dialog.foresight, columns));
            lines.push(what(canvas, plan));
            lines.extend(preflight::refusal(canvas, model, plan, columns));
            lines.extend(preflight::cautions(canvas, model, plan, columns));
            lines.extend(impact::managed(canvas, &dialog.foresight, columns));
            let (head, worst, others) = impact::answers(canvas, &dialog.foresight, columns).split(ANSWERS);
            lines.extend(head);
            lines.extend(worst);
            if !others.is_empty() {
                let more = format!("and {} more lines, below the values", others.len());
                lines.push(Line::from(canvas.span(Role::Quiet, more)));
            }
            lines.extend(impact::companions(canvas, &dialog.offer, model.with_ptr, "p", columns));
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
            lines.push(fact(
                canvas,
                "cluster",
                &format!("{}, at revision {}", plan.cluster(), plan.read_at()),
            ));
            lines.push(fact(canvas, "backup", &model.session.journal));
        }
    }
    let foot: Vec<Line<'_>> = dialog.working.iter().map(|working| progress(canvas, working)).collect();
    let frame = centred(body, width, short(lines.len() + foot.len() + 2));
    let inner = canvas.frame(frame, Role::Accent, "Save this?");
    let list = Rect { height: inner.height.saturating_sub(short(foot.len())), ..inner };
    if list.height < LEAST {
        canvas.note_hidden();
    }
    scrolled(canvas, list, lines, short(dialog.scroll));
    canvas.lines(Rect { y: list.y + list.height, height: inner.height - list.height, ..inner }, foot);
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
