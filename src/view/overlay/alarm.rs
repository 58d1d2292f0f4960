//! A mass deletion: what is away, where it was saved, and the ways on.
use super::{LOW, centred, dialog_width, inside, keys, scrolled, short};
use crate::{
    app::{Model, SavedFrom, Saving, overlay::AlarmView},
    quantity::grouped,
    view::{banner, canvas::Canvas, theme::Role},
};
use ratatui::{layout::Rect, text::Line};

/// Keys that are listed.
const MOST: usize = 500;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, view: AlarmView) {
    let width = dialog_width(body, 76);
    let columns = inside(width);
    let mut lines = Vec::new();
    for (number, (role, paragraph)) in paragraphs(model).into_iter().enumerate() {
        if number > 0 {
            lines.push(Line::default());
        }
        lines.extend(canvas.wrapped(&paragraph, columns, role));
    }
    if model.alarm.keys() > 0 {
        lines.push(Line::default());
        lines.push(Line::from(canvas.span(Role::Strong, "WHAT IS AWAY")));
        let gone = model.alarm.gone();
        for record in gone.range(&gone.scope().range()).take(MOST) {
            lines.extend(canvas.exact(&record.key.spelled(), columns, Role::Plain));
        }
        if let Some(more @ 1..) = model.alarm.keys().checked_sub(MOST) {
            lines.push(Line::from(canvas.span(Role::Quiet, format!("and {} more", grouped(more)))));
        }
    }
    // A small screen has the footer's keys alone.
    let mut last = vec![];
    if body.height >= LOW {
        let mut pairs = vec![];
        if model.session.writable() && model.alarm.keys() > 0 {
            pairs.push(("Enter", "bring back"));
        }
        pairs.extend([("x", "end alarm"), ("Esc", "back")]);
        last = vec![Line::default(), keys(canvas, &pairs)];
    }
    let frame = centred(body, width, short(lines.len() + last.len() + 2));
    let inner = canvas.frame(frame, Role::Trouble, "! Mass deletion");
    let room = inner.height.saturating_sub(short(last.len()));
    scrolled(canvas, Rect { height: room, ..inner }, lines, view.scroll);
    canvas.lines(Rect { y: inner.y + room, height: inner.height - room, ..inner }, last);
}

fn paragraphs(model: &Model) -> Vec<(Role, String)> {
    let (alarm, mut said) = (&model.alarm, Vec::new());
    let Some(raised) = &alarm.raised else {
        return vec![(Role::Plain, "Nothing is away any more.".to_owned())];
    };
    said.push((Role::Trouble, format!("{}, not from this deck.", banner::what(model, raised))));
    said.push(match &raised.saving {
        Saving::Asked(_) => (Role::Warning, "What was there is being saved.".to_owned()),
        Saving::Saved { file, keys, from: SavedFrom::Etcd(revision) } => (
            Role::Plain,
            format!("All {} keys as they were at revision {revision} are in {file}", grouped(*keys)),
        ),
        Saving::Saved { file, keys, from: SavedFrom::Deck(why) } => (
            Role::Warning,
            format!(
                "All {} keys as this deck had seen them are in {file} (etcd could not tell: {why})",
                grouped(*keys)
            ),
        ),
        Saving::Failed(why) => (
            Role::Trouble,
            format!(
                "NOT SAVED: {why}. What is away is in this deck's memory only: bring it back before you quit."
            ),
        ),
    });
    if alarm.leased() > 0 {
        let all = if alarm.leased() == alarm.keys() { "All" } else { "Some" };
        said.push((
            Role::Warning,
            format!(
                "{all} of them had a lease ({}), which may just have ended: Enter says for which it has, and asks what \
                 they get instead.",
                grouped(alarm.leased())
            ),
        ));
    }
    if model.session.writable() {
        said.push((
            Role::Plain,
            "Enter plans to create again what is still away; nothing is overwritten.".to_owned(),
        ));
    } else {
        said.push((
            Role::Plain,
            "This session is read-only: bring it back with coredeck restore FILE.".to_owned(),
        ));
    }
    said
}
