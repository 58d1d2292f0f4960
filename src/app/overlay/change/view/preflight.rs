//! Health of the cluster in a dialog, as far as it matters for the plan.
use crate::{
    app::Model,
    plan::Plan,
    remedy::Remedy,
    view::{canvas::Canvas, overlay::complaint, text::shown, theme::Role},
};
use ratatui::text::{Line, Span};

/// Reason why the plan cannot succeed; nothing if nothing is known to be in its way.
pub(super) fn refusal<'t>(canvas: &Canvas<'_>, model: &Model, plan: &Plan, columns: u16) -> Vec<Line<'t>> {
    let Some(why) = model.preflight(plan).refusal else { return vec![] };
    let mut lines = complaint(canvas, &shown(format!("cannot be done now: {why}"), canvas.look), columns);
    lines.extend(canvas.wrapped(&why.remedy(), columns, Role::Plain));
    lines
}

/// Cautions about the cluster, for the person who agrees.
pub(super) fn cautions<'t>(canvas: &Canvas<'_>, model: &Model, plan: &Plan, columns: u16) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    for caution in model.preflight(plan).cautions {
        let wrapped = canvas.wrapped(&shown(caution, canvas.look), columns.saturating_sub(2), Role::Warning);
        for (number, mut line) in wrapped.into_iter().enumerate() {
            line.spans
                .insert(0, if number == 0 { canvas.span(Role::Warning, "! ") } else { Span::raw("  ") });
            lines.push(line);
        }
    }
    lines
}
