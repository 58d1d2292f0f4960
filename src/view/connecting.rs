//! First contact that takes its time, while no deck is open yet.
use super::{
    Look,
    canvas::Canvas,
    footer,
    overlay::{LOW, centred, complaint, dialog_width, inside, short},
    theme::Role,
};
use crate::store::{Attempt, AttemptProgress};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use std::time::Duration;

/// Draws the result of each endpoint so far.
pub fn draw_connecting(attempts: &[Attempt], waited: Duration, buf: &mut Buffer, look: &Look) {
    let screen = buf.area;
    let mut canvas = Canvas::new(buf, look);
    let width = dialog_width(screen, 76);
    let columns = inside(width);
    let mut lines: Vec<Line<'_>> =
        attempts.iter().flat_map(|attempt| lines(&canvas, attempt, columns)).collect();
    let last = Line::from(footer::key(&canvas, "Ctrl-C", "stop"));
    if screen.height >= LOW {
        lines.push(Line::default());
    }
    let height = short(lines.len() + 3);
    let title = format!("Connecting to etcd, for {} s", waited.as_secs());
    let inner = canvas.frame(centred(screen, width, height), Role::Accent, &title);
    let above = Rect { height: inner.height.saturating_sub(1), ..inner };
    // The last lines are shown if not all fit: the first failures are told again at the end.
    let hidden = lines.len().saturating_sub(usize::from(above.height));
    canvas.lines(above, lines.into_iter().skip(hidden));
    if let Some(row) = inner.rows().next_back() {
        canvas.line(row, last);
    }
}

fn lines<'t>(canvas: &Canvas<'_>, attempt: &Attempt, columns: u16) -> Vec<Line<'t>> {
    let endpoint = &attempt.endpoint;
    let (role, words) = match &attempt.progress {
        AttemptProgress::Failed(failure) => return complaint(canvas, &failure.to_string(), columns),
        AttemptProgress::Asked => (Role::Accent, format!("{endpoint}: waiting for an answer")),
        AttemptProgress::NotAsked => (Role::Quiet, format!("{endpoint}: not asked yet")),
    };
    let mut lines = canvas.wrapped(&words, columns.saturating_sub(2), role);
    for (number, line) in lines.iter_mut().enumerate() {
        let is_asked = number == 0 && attempt.progress == AttemptProgress::Asked;
        let before = if is_asked { canvas.span(Role::Accent, canvas.look.marker()) } else { Span::raw(" ") };
        line.spans.splice(0..0, [before, Span::raw(" ")]);
    }
    lines
}
