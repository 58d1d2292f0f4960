//! Backups, rescued files and the journal as a list, with the records that each would bring back.
use crate::{
    app::{Model, overlay::SavedList},
    quantity::{counted, grouped},
    signpost::{Brings, RecoveryOffer},
    view::{
        canvas::Canvas,
        overlay::{
            LOW, Picture, dialog_width, inside,
            list::{self, List},
        },
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

impl Picture for SavedList {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 110);
        let columns = inside(width);
        let below = below(canvas, self, columns, body.height);
        let title = text::shown(format!("Saved of {}", self.reach.challenge), canvas.look);
        let rows = list::draw(
            canvas,
            body,
            width,
            List { title: &title, len: self.len(), cursor: self.cursor, below },
        );
        let offers = self.offers.iter().flatten().skip(rows.shown.start);
        rows.each(canvas, offers, draw_row);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, offer: &RecoveryOffer, chosen: bool) {
    let role = if chosen { Role::Accent } else { Role::Plain };
    let keys = offer.keys.map_or_else(|| "? keys".to_owned(), |keys| counted(keys, "key"));
    let brings = match &offer.brings {
        _ if !offer.has_some() => "nothing to put back".to_owned(),
        Brings::Compared { away: 0, differing: 0 } => "all as it is now".to_owned(),
        Brings::Compared { away, differing } => {
            format!("{} away, {} with another value", grouped(*away), grouped(*differing))
        }
        Brings::Unknown(why) => format!("not compared: {why}"),
    };
    let when = canvas.look.day_and_time(offer.time);
    let line = vec![
        canvas.span(role, format!("{when}  {:<7}", offer.place.word())),
        canvas.span(role, format!("{keys:>12}")),
        Span::raw("  "),
        canvas.foreign(Role::Quiet, brings),
    ];
    canvas.line(place, Line::from(line));
}

/// Lines about the place under the cursor.
fn below<'t>(canvas: &Canvas<'_>, list: &SavedList, columns: u16, height: u16) -> Vec<Line<'t>> {
    if list.offers.is_none() {
        return canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning);
    }
    let mut lines = Vec::new();
    match list.selected() {
        None => {
            let text = if list.unread.is_empty() {
                "No backup, no rescued file and no change in the journal of this machine has anything of it."
            } else {
                "Nothing of it was found in what could be read."
            };
            lines.extend(canvas.wrapped(text, columns, Role::Plain));
        }
        Some(_) if height < LOW => {}
        Some(offer) => {
            lines.extend(canvas.exact(&offer.place.name(), columns, Role::Strong));
            let text = format!(
                "of revision {}. Enter plans to put back what is away; nothing is deleted.",
                offer.revision
            );
            lines.extend(canvas.wrapped(&text, columns, Role::Quiet));
        }
    }
    for unread in &list.unread {
        lines.extend(canvas.wrapped(&format!("{unread}."), columns, Role::Warning));
    }
    lines
}
