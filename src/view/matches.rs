//! Matches of a search, in the place of the tree.
use super::{canvas::Canvas, text, theme::Role};
use crate::{
    app::{Matches, Model, Search},
    dns::Name,
    index::MatchedPart,
    quantity::grouped,
};
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let Some(search) = &model.search else { return };
    let focused = model.overlays.is_empty();
    let mut places = area.rows();
    if let Some(title) = places.next() {
        canvas.title(title, focused, "Found", &count(search));
    }
    let hint = match &search.matches {
        Matches::None => Some("names, keys and values; an address"),
        Matches::Looking(_) => Some("searching"),
        Matches::Found(found) if found.matches.is_empty() => Some("no match in any record"),
        Matches::Found(_) => None,
    };
    if let Some(hint) = hint {
        if let Some(place) = places.next() {
            let place = Rect { x: place.x + 1, width: place.width.saturating_sub(1), ..place };
            canvas.line(place, canvas.span(Role::Quiet, hint));
        }
        return;
    }
    let Matches::Found(found) = &search.matches else { return };
    let scope = &model.session.scope;
    for (place, (number, found)) in places.zip(found.matches.iter().enumerate().skip(search.top)) {
        let selected = number == search.cursor;
        let role = if selected && focused { Role::Selected } else { Role::Plain };
        if selected {
            canvas.sign(place.x, place.y, canvas.look.marker(), role);
        }
        let name = text::shown(Name::of_key(scope, &found.key).to_string(), canvas.look);
        // A match in the name speaks for itself.
        let at = match found.place {
            MatchedPart::Name => "",
            MatchedPart::Key => "key",
            MatchedPart::Value => "value",
        };
        let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
        canvas.both(place, canvas.span(role, name), canvas.span(Role::Quiet, at));
    }
}

/// Place of the match, and the number of all.
pub(super) fn count(search: &Search) -> String {
    match &search.matches {
        Matches::None | Matches::Looking(_) => String::new(),
        Matches::Found(found) if found.total == 0 => "0".to_owned(),
        Matches::Found(found) => {
            format!("{} of {}", grouped(search.cursor as u64 + 1), grouped(found.total))
        }
    }
}
