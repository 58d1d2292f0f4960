//! Result of an order besides its changes: the records that are left out, those that are right already, and remarks.
use crate::{
    app::overlay::ChangeDialog,
    quantity::{counted, grouped},
    view::{canvas::Canvas, theme::Role},
};
use ratatui::text::{Line, Span};

/// Number of left out records that are told one by one.
const MOST: usize = 500;

/// Lines that have to be in sight.
pub(super) fn lines<'t>(canvas: &Canvas<'_>, dialog: &ChangeDialog, columns: u16) -> Vec<Line<'t>> {
    let Some(ordered) = &dialog.ordered else { return vec![] };
    let mut lines = Vec::new();
    if !ordered.left_out.is_empty() {
        let left_out = format!(
            "! {} left out, with the reasons below the keys",
            counted(ordered.left_out.len(), "record")
        );
        lines.extend(canvas.wrapped(&left_out, columns, Role::Warning));
    }
    for note in &ordered.notes {
        lines.extend(canvas.wrapped(&format!("~ {note}"), columns, Role::Warning));
    }
    if ordered.same > 0 {
        let same = if ordered.same == 1 { "is so already" } else { "are so already" };
        lines.extend(canvas.wrapped(
            &format!("{} {same}", counted(ordered.same, "record")),
            columns,
            Role::Quiet,
        ));
    }
    lines
}

/// The records that are left out, each with its reason, for the end of the list.
pub(super) fn left_out<'t>(canvas: &Canvas<'_>, dialog: &ChangeDialog, columns: u16) -> Vec<Line<'t>> {
    let Some(ordered) = dialog.ordered.as_ref().filter(|ordered| !ordered.left_out.is_empty()) else {
        return vec![];
    };
    let mut lines = vec![Line::from(canvas.span(Role::Strong, "LEFT OUT"))];
    for left in ordered.left_out.iter().take(MOST) {
        for (number, mut line) in
            canvas.exact(&left.key.spelled(), columns.saturating_sub(2), Role::Plain).into_iter().enumerate()
        {
            let sign = if number == 0 { "! " } else { "  " };
            line.spans.insert(0, canvas.span(Role::Warning, sign));
            lines.push(line);
        }
        for mut line in canvas.wrapped(&left.why, columns.saturating_sub(4), Role::Quiet) {
            line.spans.insert(0, Span::raw("    "));
            lines.push(line);
        }
    }
    if let Some(more @ 1..) = ordered.left_out.len().checked_sub(MOST) {
        lines.push(Line::from(canvas.span(Role::Warning, format!("and {} more", grouped(more)))));
    }
    lines
}
