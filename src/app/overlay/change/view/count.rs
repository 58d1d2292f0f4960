//! Count of the keys that a plan changes, by the kind of change.
use crate::{
    app::{
        Model,
        overlay::{ChangeDialog, Preview},
    },
    plan::{Intent, Plan},
    quantity::{counted, grouped},
    remedy::Remedy,
    view::{canvas::Canvas, text, text::shown, theme::Role},
};
use ratatui::text::Line;

/// Title: the act, the scope, and the cluster's label.
pub(super) fn title(model: &Model, dialog: &ChangeDialog) -> String {
    let verb = match (dialog.preview.shown(), dialog.intent.main()) {
        (Some(plan), _) => plan.tally().verb(),
        (None, Intent::Delete { .. } | Intent::DeleteSubtree { .. }) => "delete",
        (None, _) => "change",
    };
    let verb = match verb {
        "delete" => "Delete",
        "move" => "Move",
        "create" => "Create",
        _ => "Change",
    };
    format!("{verb} in {} ({})", model.session.scope, model.session.label)
}

/// Style of the title: that of trouble for a deletion, and as long as the plan is not known.
pub(super) fn role(dialog: &ChangeDialog) -> Role {
    match dialog.preview.shown() {
        Some(plan) if !plan.destroys() => Role::Warning,
        _ => Role::Trouble,
    }
}

/// Number of keys, by the kind of change, and whether all of them change or none.
pub(super) fn lines<'t>(canvas: &Canvas<'_>, dialog: &ChangeDialog, columns: u16) -> Vec<Line<'t>> {
    match &dialog.preview {
        Preview::Counting { last, .. } => {
            let was = last
                .as_ref()
                .map_or_else(String::new, |last| format!(" again; it was {}", grouped(last.changes().len())));
            vec![Line::from(canvas.span(Role::Warning, format!("counting{was}{}", canvas.look.ellipsis())))]
        }
        Preview::Failed(refused) => {
            let why = shown(refused.to_string(), canvas.look);
            let mut lines = canvas.wrapped(&format!("number of keys unknown: {why}"), columns, Role::Trouble);
            lines.extend(canvas.wrapped(&refused.remedy(), columns, Role::Plain));
            lines
        }
        Preview::Known(plan) => known(canvas, plan, columns),
    }
}

fn known<'t>(canvas: &Canvas<'_>, plan: &Plan, columns: u16) -> Vec<Line<'t>> {
    let tally = plan.tally();
    let wide = columns >= 60;
    let how = match (tally.total(), plan.transactions()) {
        (1, _) => String::new(),
        (_, 0 | 1) if wide => ", all of them or none".to_owned(),
        (_, 0 | 1) => ", atomically".to_owned(),
        (_, steps) => {
            let stop = if wide { ", stopping at the first refusal" } else { "" };
            format!(", in {} steps{stop}", grouped(steps))
        }
    };
    let role = if plan.destroys() { Role::Trouble } else { Role::Warning };
    let will = if tally.parts().is_empty() {
        format!(" will be {}", tally.participle())
    } else {
        " will change".to_owned()
    };
    let mut first = vec![canvas.span(role, counted(tally.total(), "key")), canvas.span(Role::Plain, will)];
    let parts: Vec<String> =
        tally.parts().iter().map(|(how, number)| format!("{} {how}", grouped(*number))).collect();
    let parts = parts.join(", ");
    let room = usize::from(columns).saturating_sub(first.iter().map(ratatui::text::Span::width).sum());
    if parts.is_empty() {
        first.push(canvas.span(Role::Plain, how));
        return vec![Line::from(first)];
    }
    if text::width(&parts) + 2 + how.len() <= room {
        first.extend([canvas.span(role, format!(": {parts}")), canvas.span(Role::Plain, how)]);
        return vec![Line::from(first)];
    }
    first.push(canvas.span(Role::Plain, how));
    let mut lines = vec![Line::from(first)];
    lines.extend(canvas.wrapped(&parts, columns, role));
    lines
}
