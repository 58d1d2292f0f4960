//! Health of the cluster: the most important sentence, the members, and their faults.
use crate::{
    app::{Model, overlay::HealthPage},
    health::{Health, HealthFinding, HealthLevel, HealthRow},
    view::{
        canvas::Canvas,
        overlay::{LOW, Picture, centred, dialog_width, inside, scrolled, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

impl Picture for HealthPage {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let lines = match &model.health {
            None => vec![Line::from(canvas.span(Role::Warning, format!("asking{}", canvas.look.ellipsis())))],
            Some(health) => content(canvas, health, columns),
        };
        let low = body.height < LOW;
        let frame = centred(body, width, short(lines.len() + if low { 2 } else { 4 }));
        let cluster = model.session.status.cluster;
        let inner = canvas.frame(frame, Role::Accent, &format!("Cluster {cluster}"));
        let gap = if low { 0 } else { 2 };
        scrolled(canvas, Rect { height: inner.height.saturating_sub(gap), ..inner }, lines, self.scroll);
        if gap > 0
            && let Some(last) = inner.rows().next_back()
        {
            let of = model.health.as_ref().map(|health| canvas.look.time(health.at));
            let of = of.map(|of| canvas.span(Role::Quiet, format!("as of {of}")));
            canvas.both(last, Line::default(), Line::from_iter(of));
        }
    }
}

fn content<'t>(canvas: &Canvas<'_>, health: &Health, columns: u16) -> Vec<Line<'t>> {
    let role = if health.is_wrong() { Role::Trouble } else { Role::Strong };
    let mut lines = canvas.wrapped(&shown(health.sentence(), canvas.look), columns, role);
    lines.push(Line::default());
    for row in health.rows() {
        lines.extend(member(canvas, row, columns));
    }
    let findings = health.findings();
    if !findings.is_empty() {
        lines.push(Line::default());
    }
    for finding in findings {
        lines.extend(told(canvas, &finding, columns));
    }
    lines
}

/// A member on two lines, or on one if it says nothing.
fn member<'t>(canvas: &Canvas<'_>, row: HealthRow, columns: u16) -> Vec<Line<'t>> {
    let (sign, role) = match row.is {
        "DOWN" | "unstarted" => ("! ", Role::Trouble),
        "?" => ("? ", Role::Warning),
        "leader" => ("* ", Role::Strong),
        _ => ("  ", Role::Plain),
    };
    let HealthRow { name, endpoint, is, version, file, quota, log } = row;
    let mut lines = vec![Line::from(vec![
        canvas.span(role, sign),
        canvas.foreign(Role::Strong, format!("{name:<12} ")),
        canvas.span(role, format!("{is:<9} ")),
        canvas.foreign(Role::Plain, format!("{version:<8} ")),
        canvas.foreign(Role::Quiet, endpoint),
    ])];
    let facts: Vec<String> = [file, quota, log].into_iter().filter(|fact| !fact.is_empty()).collect();
    if !facts.is_empty() {
        for mut line in canvas.wrapped(&facts.join("; "), columns.saturating_sub(4), Role::Quiet) {
            line.spans.insert(0, Span::raw("    "));
            lines.push(line);
        }
    }
    lines
}

/// A fault, with the next act.
fn told<'t>(canvas: &Canvas<'_>, finding: &HealthFinding, columns: u16) -> Vec<Line<'t>> {
    let (sign, role) = match finding.level {
        HealthLevel::Wrong => ("! ", Role::Trouble),
        HealthLevel::Careful => ("- ", Role::Warning),
    };
    let room = columns.saturating_sub(2);
    let mut lines = canvas.wrapped(&shown(&finding.what, canvas.look), room, role);
    let remedy = canvas.wrapped(&shown(&finding.remedy, canvas.look), room, Role::Plain);
    lines.extend(remedy);
    for (number, line) in lines.iter_mut().enumerate() {
        line.spans.insert(0, if number == 0 { canvas.span(role, sign) } else { Span::raw("  ") });
    }
    lines
}
