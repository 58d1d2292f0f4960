//! Tree of the names that have something below them.
use super::{
    canvas::Canvas,
    findings::{self, Badge},
    text,
    theme::Role,
};
use crate::{
    app::{Model, Pane, RowMark, keymap::KeyContext},
    dns::Name,
    index::{NodeId, TreeRow},
    quantity::grouped,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns below which a level is indented by one.
const NARROW: u16 = 44;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let focused =
        model.place() == KeyContext::Tree || (model.focus == Pane::Tree && !model.overlays.is_empty());
    let rows = model.tree.visible(&model.index);
    let mut places = area.rows();
    if let Some(title) = places.next() {
        // The title has no position: it would be sent with every step.
        let told = model.marks.told();
        // A title keeps six columns to itself and its line.
        let fits = text::width(&told) + 16 <= usize::from(title.width);
        let told = if fits { told } else { model.marks.told_briefly() };
        canvas.title(title, focused, "Names", &told);
    }
    for (place, row) in places.zip(&rows) {
        draw_row(canvas, place, model, row, focused);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, row: &TreeRow, focused: bool) {
    let look = canvas.look;
    let selected = row.node == model.tree.selected;
    let role = if selected && focused { Role::Selected } else { Role::Plain };
    if selected {
        canvas.sign(place.x, place.y, look.marker(), role);
    }
    let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    let per_level = if place.width < NARROW - 16 { 1 } else { 2 };
    // A name so deep that its indentation would leave no room for it is indented less.
    let indent = (row.depth * per_level).min(usize::from(place.width) / 2);
    let fold = match (row.expandable, row.expanded) {
        (true, true) => look.unfolded(),
        (true, false) => look.folded(),
        (false, _) => " ",
    };
    let keys = model.index.tree().node(row.node).map_or(0, |node| node.below + usize::from(node.own));
    let label = text::shown(label(model, row), look);
    let right = |badge: Badge| {
        let mut right = found(canvas, model, row, badge);
        right.push(canvas.span(Role::Quiet, grouped(keys)));
        Line::from(right)
    };
    let room = |right: &Line<'_>| usize::from(place.width).saturating_sub(indent + 3 + right.width());
    // The name counts for more than the number of its findings.
    let most = if place.width >= NARROW - 16 { Badge::Both } else { Badge::Worst };
    let right = [most, Badge::Worst]
        .into_iter()
        .map(right)
        .find(|right| Line::raw(label.as_str()).width() <= room(right))
        .unwrap_or_else(|| right(Badge::Sign));
    let label = text::fit(&label, room(&right), look);
    let left = vec![
        Span::raw(" ".repeat(indent)),
        canvas.span(Role::Quiet, fold),
        mark(canvas, model.mark_of_name(row)),
        canvas.span(role, label),
    ];
    canvas.both(place, Line::from(left), right);
}

/// The sign of a mark, in a column of its own.
pub(super) fn mark<'t>(canvas: &Canvas<'_>, mark: Option<RowMark>) -> Span<'t> {
    match mark {
        None => Span::raw(" "),
        Some(RowMark::Marked) => canvas.span(Role::Accent, canvas.look.marked()),
        Some(RowMark::Within) => canvas.span(Role::Quiet, canvas.look.marked_above()),
    }
}

/// Findings at or below the names of the row, so that they add up to the parents.
fn found<'t>(canvas: &Canvas<'_>, model: &Model, row: &TreeRow, badge: Badge) -> Vec<Span<'t>> {
    let Some(findings) = &model.findings.known else { return vec![] };
    let Some(mut key) = model.index.key_of(row.first) else { return vec![] };
    key.push(b'/');
    findings::badge(canvas, findings.within(&key), badge)
}

/// The names of the row's chain, the lowest first, as a part of a name; for the root the scope.
fn label(model: &Model, row: &TreeRow) -> String {
    let (tree, scope) = (model.index.tree(), &model.session.scope);
    if row.node == NodeId::ROOT {
        return scope.to_string();
    }
    let mut key = scope.as_str().as_bytes().to_vec();
    for (number, node) in tree.chain(row.node).enumerate() {
        if number > 0 {
            key.push(b'/');
        }
        key.extend_from_slice(tree.node(node).map_or(b"", |node| node.segment));
    }
    match scope.key(&key) {
        Ok(key) => Name::of_key(scope, &key).to_string(),
        // One empty segment: nothing stands between two slashes.
        Err(_) => "(empty)".to_owned(),
    }
}
