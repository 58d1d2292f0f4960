//! Journal as a list, with the entry under the cursor below it.
use crate::{
    app::{
        Model,
        overlay::{EntryView, JournalList},
    },
    journal::{EntryHeading, RecordedOutcome},
    plan::EntryId,
    quantity::{counted, grouped},
    view::{
        Look,
        canvas::Canvas,
        overlay::{
            LOW, Picture, centred, changes, complaint, dialog_width, inside,
            list::{self, List},
            scrolled, short,
        },
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Numbers of columns for the author and for the purpose.
const WHO: usize = 9;
const KIND: usize = 15;
/// Number of columns for the outcome.
const OUTCOME: usize = 11;

impl Picture for JournalList {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 120);
        let columns = inside(width);
        let below = below(canvas, model, self, columns, body.height);
        let (title, len, cursor) = (title(self), self.len(), self.cursor);
        let rows = list::draw(canvas, body, width, List { title: &title, len, cursor, below });
        let headings = self.known.iter().flat_map(|known| &known.newest).skip(rows.shown.start);
        rows.each(canvas, headings, |canvas, place, heading, chosen| {
            let undone = self.known.as_ref().is_some_and(|known| known.undone_by(&heading.id).is_some());
            draw_row(canvas, place, heading, undone, chosen);
        });
    }
}

fn title(list: &JournalList) -> String {
    let Some(known) = &list.known else { return "Journal".to_owned() };
    match known.newest.len() + known.older {
        1 => "Journal: 1 change".to_owned(),
        changes => format!("Journal: {} changes", grouped(changes)),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, heading: &EntryHeading, undone: bool, chosen: bool) {
    let look = canvas.look;
    let role = if chosen { Role::Accent } else { Role::Plain };
    let time = day_and_time(look, heading.time);
    let (outcome, outcome_role) = outcome(heading, undone);
    let cell = |text: &str, room: usize| text::pad(&text::fit(text, room, look), room);
    let kind = if heading.kind.is_empty() { "change" } else { &heading.kind };
    let used = time.len() + 2 + WHO + KIND + OUTCOME + 2;
    let room = usize::from(place.width).saturating_sub(used);
    let mut line = vec![canvas.span(Role::Quiet, format!("{time}  "))];
    if room >= 8 {
        let what = text::fit_end(&text::shown(&heading.challenge, look), room, look);
        line.push(canvas.span(role, cell(&text::shown(who(heading), look), WHO - 1)));
        line.push(Span::raw(" "));
        line.push(canvas.span(role, cell(&text::shown(kind, look), KIND - 1)));
        line.push(Span::raw(" "));
        line.push(canvas.span(role, text::pad(&what, room)));
    } else {
        // A narrow list leaves out who and what for: the changed key or name is the most important part.
        let room = usize::from(place.width).saturating_sub(time.len() + 2 + OUTCOME + 2);
        let what = text::fit_end(&text::shown(&heading.challenge, look), room, look);
        line.push(canvas.span(role, text::pad(&what, room)));
    }
    line.push(Span::raw("  "));
    line.push(canvas.span(outcome_role, outcome));
    canvas.line(place, Line::from(line));
}

fn day_and_time(look: &Look, at: jiff::Timestamp) -> String {
    at.to_zoned(look.zone.clone()).strftime("%m-%d %H:%M").to_string()
}

/// Person at the keyboard, as far as the journal tells.
fn who(heading: &EntryHeading) -> String {
    let author = &heading.author;
    let by_number = || author.uid.map_or_else(|| "?".to_owned(), |uid| format!("uid {uid}"));
    author.sudo_user.clone().or_else(|| author.user.clone()).unwrap_or_else(by_number)
}

fn outcome(heading: &EntryHeading, undone: bool) -> (&'static str, Role) {
    match &heading.outcome {
        _ if undone => ("undone", Role::Quiet),
        Some(RecordedOutcome::Done { .. }) => ("done", Role::Plain),
        Some(RecordedOutcome::NothingChanged { .. }) => ("nothing", Role::Quiet),
        Some(RecordedOutcome::Partly { .. }) => ("! half-way", Role::Warning),
        Some(RecordedOutcome::Unknown { .. }) => ("! unknown", Role::Warning),
        None => ("! no end", Role::Warning),
    }
}

/// The outcome as a sentence.
fn became(heading: &EntryHeading) -> String {
    match &heading.outcome {
        Some(RecordedOutcome::Done { changed, revision }) => {
            format!("{} changed at revision {revision}", counted(*changed, "key"))
        }
        Some(RecordedOutcome::NothingChanged { why }) => format!("nothing was changed: {why}"),
        Some(RecordedOutcome::Partly { done, total, why }) => {
            format!("stopped after {} of {}: {why}", done.len(), counted(*total, "key"))
        }
        Some(RecordedOutcome::Unknown { done, unsure, total, why }) => format!(
            "unknown: {} of {} are changed for certain, {} may be: {why}",
            done.len(),
            counted(*total, "key"),
            unsure.len()
        ),
        None => "the journal does not say what became of it: it is under way, or was broken off".to_owned(),
    }
}

/// Facts about an entry beside its changes.
pub(in crate::app::overlay) fn facts<'t>(
    canvas: &Canvas<'_>,
    model: &Model,
    heading: &EntryHeading,
    undone_by: Option<&EntryId>,
    columns: u16,
) -> Vec<Line<'t>> {
    let author = &heading.author;
    let mut lines = Vec::new();
    let mut fact = |label: &str, text: &str, role: Role| {
        for (number, mut line) in
            canvas.wrapped(text, columns.saturating_sub(9), role).into_iter().enumerate()
        {
            let label = if number == 0 { label } else { "" };
            line.spans.insert(0, canvas.span(Role::Quiet, format!("{label:<9}")));
            lines.push(line);
        }
    };
    let time = heading.time.to_zoned(canvas.look.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
    let mut by = who(heading);
    if let (Some(_), Some(user)) = (&author.sudo_user, &author.user) {
        by = format!("{by} as {user}");
    }
    if let Some(host) = &author.host {
        by = format!("{by} on {host}");
    }
    if let Some(client) = author.ssh.as_deref().and_then(|ssh| ssh.split(' ').next()) {
        by = format!("{by}, logged in from {client}");
    }
    fact("entry", &heading.id.0, Role::Plain);
    fact("when", &time, Role::Plain);
    fact("who", &by, Role::Plain);
    let kind = if heading.kind.is_empty() { "change" } else { &heading.kind };
    let about = heading.about.as_ref().map_or_else(String::new, |about| format!(" of {}", about.0));
    fact(
        "what",
        &format!("{kind}{about}: {} at {}", counted(heading.changes, "key"), heading.challenge),
        Role::Plain,
    );
    if let Some(reason) = &heading.reason {
        fact("because", reason, Role::Plain);
    }
    let role = if heading.outcome.is_none() { Role::Warning } else { Role::Plain };
    fact("outcome", &became(heading), role);
    if let Some(EntryId(by)) = undone_by {
        fact("undone", &format!("by entry {by}"), Role::Plain);
    }
    if heading.cluster != model.session.status.cluster {
        fact("cluster", &format!("! {}, which is another one than this", heading.cluster), Role::Warning);
    } else if heading.scope != model.session.scope.as_str() {
        fact("scope", &format!("! {}, which is another one than this", heading.scope), Role::Warning);
    }
    lines
}

fn below<'t>(
    canvas: &Canvas<'_>,
    model: &Model,
    list: &JournalList,
    columns: u16,
    height: u16,
) -> Vec<Line<'t>> {
    let Some(known) = &list.known else {
        return canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning);
    };
    let mut lines = Vec::new();
    match list.selected() {
        None => lines.extend(canvas.wrapped(
            "Nothing was changed with this program yet: there is nothing to undo.",
            columns,
            Role::Plain,
        )),
        Some(heading) if height >= LOW => {
            lines.extend(facts(canvas, model, heading, known.undone_by(&heading.id), columns));
        }
        Some(_) => {}
    }
    if height < LOW && list.selected().is_some() {
        return lines;
    }
    let mut note = |text: String, role| lines.extend(canvas.wrapped(&text, columns, role));
    if known.unreadable > 0 {
        note(unreadable(known.unreadable), Role::Warning);
    }
    if known.older > 0 {
        note(format!("{} older ones are not listed here: coredeck log", grouped(known.older)), Role::Quiet);
    }
    lines
}

/// Draws one entry, with the values of its keys before and after.
impl Picture for EntryView {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 110);
        let columns = inside(width);
        let mut lines = facts(canvas, model, &self.heading, self.undone_by.as_ref(), columns);
        lines.push(Line::default());
        match &self.changes {
            None => {
                lines.extend(canvas.wrapped(
                    &format!("reading{}", canvas.look.ellipsis()),
                    columns,
                    Role::Warning,
                ));
            }
            Some(Err(why)) => lines.extend(complaint(canvas, why, columns)),
            Some(Ok(changes)) => {
                for change in changes {
                    lines.extend(changes::lines(canvas, change, columns));
                    lines.push(Line::default());
                }
            }
        }
        let frame = centred(body, width, short(lines.len() + 2));
        let inner = canvas.frame(frame, Role::Accent, "Journal entry");
        scrolled(canvas, inner, lines, self.scroll);
    }
}

fn unreadable(lines: usize) -> String {
    let lines = counted(lines, "line");
    format!("! {lines} of the journal cannot be read: coredeck log says which")
}
