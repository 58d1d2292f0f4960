//! View of the model. Pure: `&Model` in, cells out; no clock, no I/O, no state.
//!
//! One file per part of the screen. All of them draw through `canvas::Canvas`, which cuts every line to its place
//! and lets nothing through that was read and not made safe to show (promise P8).

mod answers;
pub(crate) mod banner;
pub(crate) mod canvas;
mod connecting;
pub(crate) mod findings;
mod footer;
mod header;
pub(crate) mod history;
pub(crate) mod json;
mod matches;
mod message;
pub(crate) mod overlay;
mod record;
mod records;
mod served;
pub(crate) mod text;
pub(crate) mod theme;
mod tree;
pub(crate) mod words;

#[cfg(test)]
mod tests;

use crate::app::{
    KeyOffer, Model, Pane,
    keymap::{Command, KeyContext, May},
    overlay::Chooser,
};
use canvas::Canvas;
pub use connecting::draw_connecting;
use jiff::{Timestamp, tz::TimeZone};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Color,
};
use theme::Role;

/// Abilities of the terminal, the time zone of its reader, and the label's colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Nothing but ASCII: the locale is not UTF-8, or `--ascii` was given.
    pub ascii: bool,
    /// The 16 colours; without them, bold, dim, underlined and reversed must do.
    pub colour: bool,
    /// The time zone in which times are told.
    pub zone: TimeZone,
    /// The colour of the label in the header.
    pub label: Option<Color>,
}

impl Look {
    /// A time of day: `12:03:11`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// A time that may be of another day: `2026-03-01 12:03`.
    pub(crate) fn day_and_time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// A stored value as lines, one for each field if it is JSON; safe to show, and nothing of it spelled in another way.
#[must_use]
pub fn value_lines(value: &[u8], ascii: bool) -> Vec<String> {
    json::lines(value, &Look { ascii, colour: false, zone: TimeZone::UTC, label: None })
}

/// Result of a drawing besides the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Place of the terminal's cursor; hidden for `None`.
    pub cursor: Option<Position>,
    /// The first line in sight of a scrolled text: never further than there is text. Give it to [`Model::drawn`].
    pub scrolled: Option<u16>,
    /// A part of the question does not fit on the screen, so that nobody can agree to it. Give it to [`Model::drawn`].
    pub hides: bool,
}

/// Draws the deck.
pub fn draw(model: &Model, buf: &mut Buffer, look: &Look) -> Drawn {
    let screen = buf.area;
    let mut canvas = Canvas::new(buf, look);
    let Some(layout) = model.layout() else {
        let news = banner::draw_little(&mut canvas, screen, model);
        let small = format!("too small: {}x{}", model.size.0, model.size.1);
        let below = screen.rows().nth(usize::from(news));
        if let Some(row) = below.filter(|row| usize::from(row.width) >= small.len()) {
            canvas.line(row, small);
        }
        return Drawn { hides: true, ..Drawn::default() };
    };
    header::draw(&mut canvas, layout.header, model);
    banner::draw(&mut canvas, layout.banner, model);
    let panes = [(Pane::Tree, layout.tree), (Pane::Records, layout.records), (Pane::Record, layout.record)];
    // The matches take the place of the tree, or of the one pane that is shown.
    let found_at = model
        .search
        .as_ref()
        .filter(|search| search.open)
        .and_then(|_| panes.iter().find(|(_, area)| !area.is_empty()))
        .map(|(pane, _)| *pane);
    for (pane, area) in panes.into_iter().filter(|(_, area)| !area.is_empty()) {
        match pane {
            _ if found_at == Some(pane) => matches::draw(&mut canvas, area, model),
            Pane::Tree => tree::draw(&mut canvas, area, model),
            Pane::Records => records::draw(&mut canvas, area, model),
            Pane::Record => record::draw(&mut canvas, area, model),
        }
    }
    divider(&mut canvas, layout.divider, layout.record.y);
    message::draw(&mut canvas, layout.message, model);
    served::draw(&mut canvas, layout.served, model);
    // The header, the message and the footer stay in sight below every overlay, and so does an alarm.
    let alarm = if model.alarm.is_on() { layout.banner.height } else { 0 };
    let body =
        Rect::new(0, 1 + alarm, screen.width, screen.height.saturating_sub(3 + alarm + layout.served.height));
    if !model.overlays.is_empty() {
        canvas.forget_cursor();
        canvas.quieten(body);
        overlay::draw(&mut canvas, body, model);
    }
    let overflows = canvas.overflows();
    let offers = model.key_line().filter(|offer| overflows || offer.binding.command != Command::ScrollDown);
    footer::draw(&mut canvas, layout.footer, offers);
    Drawn { cursor: canvas.cursor(), scrolled: canvas.scrolled(), hides: canvas.hides() }
}

/// Draws the choice of a profile, where no deck is open yet.
pub fn draw_chooser(chooser: &Chooser, buf: &mut Buffer, look: &Look) {
    let screen = buf.area;
    let mut canvas = Canvas::new(buf, look);
    let below = 1.min(screen.height);
    let body = Rect { height: screen.height - below, ..screen };
    chooser.draw_alone(&mut canvas, body);
    let row = Rect { y: body.bottom(), height: below, ..screen };
    footer::draw(&mut canvas, row, KeyOffer::of_place(KeyContext::Profiles, May::Look));
}

/// The line between the tree and the panes at its right, joined to their titles.
fn divider(canvas: &mut Canvas<'_>, area: Rect, crossing: u16) {
    for y in area.top()..area.bottom() {
        let sign = match y {
            y if y == area.y => canvas.look.tee_down(),
            y if y == crossing => canvas.look.tee_right(),
            _ => canvas.look.vertical(),
        };
        canvas.sign(area.x, y, sign, Role::Quiet);
    }
}
