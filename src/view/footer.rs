//! Footer: the keys that do something here and now. A dialog has none of its own.
use super::{canvas::Canvas, theme::Role};
use crate::app::KeyOffer;
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Blanks between two keys.
const GAP: &str = "  ";

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, offers: impl Iterator<Item = KeyOffer>) {
    let (kept, others): (Vec<KeyOffer>, Vec<KeyOffer>) = offers.partition(KeyOffer::stays);
    let kept: Vec<Vec<Span<'_>>> = kept.iter().map(|offer| words(canvas, offer)).collect();
    let wide = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>() + GAP.len();
    let mut room = (usize::from(row.width) + GAP.len())
        .saturating_sub(kept.iter().map(|spans| wide(spans)).sum::<usize>());
    let mut parts = Vec::new();
    for spans in others.iter().map(|offer| words(canvas, offer)) {
        if wide(&spans) > room {
            break;
        }
        room -= wide(&spans);
        parts.push(spans);
    }
    parts.extend(kept);
    canvas.line(row, Line::from(parts.join(&Span::raw(GAP))));
}

fn words<'t>(canvas: &Canvas<'_>, offer: &KeyOffer) -> Vec<Span<'t>> {
    key(canvas, &offer.binding.keys.first().map(ToString::to_string).unwrap_or_default(), offer.words)
}

/// A key with its effect.
pub(super) fn key<'t>(canvas: &Canvas<'_>, key: &str, does: &str) -> Vec<Span<'t>> {
    vec![canvas.span(Role::Accent, key), canvas.span(Role::Quiet, format!(" {does}"))]
}
