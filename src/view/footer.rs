//! Footer: the keys that do something here and now.
use super::{canvas::Canvas, theme::Role};
use crate::app::{
    Model,
    keymap::{self, Binding, Command},
    overlay::Overlay,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    let top = model.overlays.last();
    let (kept, others): (Vec<&Binding>, Vec<&Binding>) = keymap::active(model.place(), model.may())
        .filter(|binding| !binding.hint.is_empty())
        .filter(|binding| match top {
            Some(Overlay::Alarm(_)) => {
                model.alarm.page().is_some_and(|page| page.has_use_for(binding.command))
            }
            Some(overlay) => overlay.has_use_for(binding.command),
            None => true,
        })
        .partition(|binding| matches!(binding.command, Command::Help | Command::Quit | Command::Back));
    let kept: Vec<Vec<Span<'_>>> = kept.iter().map(|binding| words(canvas, binding)).collect();
    let wide = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>() + 2;
    let mut room = usize::from(row.width).saturating_sub(
        kept.iter().map(|spans| wide(spans)).sum::<usize>() - usize::from(!kept.is_empty()) * 2,
    );
    let mut line: Vec<Span<'_>> = Vec::new();
    for binding in others {
        let spans = words(canvas, binding);
        if wide(&spans) > room {
            break;
        }
        room -= wide(&spans);
        line.extend(spans);
        line.push(Span::raw("  "));
    }
    for (number, spans) in kept.into_iter().enumerate() {
        if number > 0 {
            line.push(Span::raw("  "));
        }
        line.extend(spans);
    }
    canvas.line(row, Line::from(line));
}

/// A key with its effect.
fn words<'t>(canvas: &Canvas<'_>, binding: &Binding) -> Vec<Span<'t>> {
    let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
    vec![canvas.span(Role::Accent, key), canvas.span(Role::Quiet, format!(" {}", binding.hint))]
}
