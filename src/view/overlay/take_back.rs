//! What taking something back comes to, before it is planned: what is in the way, and what has to be decided.
use super::{LOW, centred, complaint, dialog_width, inside, keys, scrolled, short};
use crate::{
    app::overlay::{Seen, TakeBack, What, open_changes},
    keys::KeyValue,
    plan::{Clash, Fate, LeaseChoice, PutBack, Undo},
    view::{canvas::Canvas, text::shown, theme::Role},
};
use ratatui::{layout::Rect, text::Line};

/// Lines of one kind before the rest is counted.
const MOST: usize = 200;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, open: &TakeBack) {
    let width = dialog_width(body, 100);
    let columns = inside(width);
    let mut lines = match &open.seen {
        None => canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning),
        Some(Seen::Undo(undo)) => of_undo(canvas, undo, columns),
        Some(Seen::PutBack(put_back)) => of_put_back(canvas, put_back, open.prune, columns),
    };
    lines.extend(leases(canvas, open, columns));
    let note = open.note.as_ref().map(|note| complaint(canvas, note, columns)).unwrap_or_default();
    let mut last = note;
    if body.height >= LOW {
        last.insert(0, Line::default());
        last.push(keys(canvas, &offered(open)));
    }
    let frame = centred(body, width, short(lines.len() + last.len() + 2));
    let inner = canvas.frame(frame, Role::Accent, &shown(title(&open.what), canvas.look));
    let room = inner.height.saturating_sub(short(last.len()));
    scrolled(canvas, Rect { height: room, ..inner }, lines, open.scroll);
    canvas.lines(Rect { y: inner.y + room, height: inner.height - room, ..inner }, last);
}

fn title(what: &What) -> String {
    match what {
        What::Entry(entry) => format!("Undo {}", entry.0),
        What::Reach(reach, at) => format!("Put {} back to revision {at}", reach.challenge),
    }
}

fn offered(open: &TakeBack) -> Vec<(&'static str, &'static str)> {
    let mut keys = vec![("Enter", "show the plan")];
    if !open.choices().is_empty() {
        keys.push(("l", "lease"));
    }
    if matches!(&open.seen, Some(Seen::PutBack(seen)) if !seen.extra().is_empty()) {
        keys.push(("d", "delete the rest"));
    }
    keys.push(("Esc", "leave it"));
    keys
}

fn of_undo<'t>(canvas: &Canvas<'_>, undo: &Undo, columns: u16) -> Vec<Line<'t>> {
    let (open, all) = (open_changes(undo), undo.items().len());
    let mut lines =
        canvas.wrapped(&format!("{open} of {} can be taken back.", changes(all)), columns, Role::Strong);
    let clashes: Vec<&Clash> = undo.conflicts().collect();
    if !clashes.is_empty() {
        lines.push(Line::default());
        let head = format!(
            "{} cannot: somebody has written there since, and what they wrote stays:",
            changes(clashes.len())
        );
        lines.extend(canvas.wrapped(&head, columns, Role::Warning));
        for clash in clashes.iter().take(MOST) {
            lines.extend(of_clash(canvas, clash, columns));
        }
        lines.extend(more(canvas, clashes.len()));
    }
    lines.push(Line::default());
    for item in undo.items().iter().take(MOST) {
        let (sign, role) = match item.fate {
            Fate::Open(_) => ("> ", Role::Plain),
            Fate::Back | Fate::NeverMade => ("  ", Role::Quiet),
            Fate::Conflict(_) => continue,
        };
        lines.extend(listed(canvas, sign, &item.to_string(), role, columns));
    }
    lines.extend(more(canvas, undo.items().len()));
    lines
}

fn of_clash<'t>(canvas: &Canvas<'_>, clash: &Clash, columns: u16) -> Vec<Line<'t>> {
    let mut lines = listed(canvas, "! ", &clash.to_string(), Role::Plain, columns);
    let value = |bytes: &[u8]| shown(bytes, canvas.look);
    if let Some(is) = &clash.is {
        lines.extend(listed(canvas, "    now      ", &value(&is.value), Role::Quiet, columns));
    }
    if let Some(would) = &clash.would_put {
        lines.extend(listed(canvas, "    was      ", &value(would), Role::Quiet, columns));
    }
    lines
}

fn of_put_back<'t>(canvas: &Canvas<'_>, put_back: &PutBack, prune: bool, columns: u16) -> Vec<Line<'t>> {
    let extra = put_back.extra();
    let mut lines = canvas.wrapped(
        &format!(
            "{} gone and would come back, {} another value and would get the old one, {} as then.",
            are(put_back.missing().len(), "is", "are"),
            are(put_back.changed().len(), "has", "have"),
            are(put_back.same(), "is", "are"),
        ),
        columns,
        Role::Strong,
    );
    let keys_of = |records: &[KeyValue], sign: &str, role| -> Vec<Line<'t>> {
        let mut lines: Vec<Line<'t>> = records
            .iter()
            .take(MOST)
            .flat_map(|record| listed(canvas, sign, &record.key.spelled(), role, columns))
            .collect();
        lines.extend(more(canvas, records.len()));
        lines
    };
    if !extra.is_empty() {
        lines.push(Line::default());
        let then = if extra.len() == 1 { "was not there then" } else { "were not there then" };
        let fate = if prune {
            "and would be DELETED (d leaves it)"
        } else {
            "and would stay (d deletes it as well)"
        };
        let head = format!("{} {then}, {fate}:", keys_in_words(extra.len()));
        lines.extend(canvas.wrapped(&head, columns, Role::Warning));
        lines.extend(keys_of(extra, if prune { "- " } else { "  " }, Role::Plain));
    }
    lines.push(Line::default());
    lines.extend(keys_of(put_back.missing(), "+ ", Role::Plain));
    let changed: Vec<KeyValue> = put_back.changed().iter().map(|(_, is)| is.clone()).collect();
    lines.extend(keys_of(&changed, "~ ", Role::Plain));
    lines
}

/// What is asked about leases that are gone.
fn leases<'t>(canvas: &Canvas<'_>, open: &TakeBack, columns: u16) -> Vec<Line<'t>> {
    let gone: Vec<(String, usize)> = match &open.seen {
        Some(Seen::Undo(undo)) => {
            undo.gone().iter().map(|gone| (gone.lease.to_string(), gone.keys)).collect()
        }
        Some(Seen::PutBack(put_back)) => {
            put_back.gone().iter().map(|(lease, keys)| (lease.to_string(), *keys)).collect()
        }
        None => vec![],
    };
    if gone.is_empty() {
        return vec![];
    }
    let mut lines = vec![Line::default()];
    for (lease, number) in gone.iter().take(MOST) {
        let text = format!("{} to end with lease {lease}, which is gone.", are(*number, "was", "were"));
        lines.extend(canvas.wrapped(&text, columns, Role::Warning));
    }
    for choice in open.choices() {
        let chosen = open.lease == Some(*choice);
        let sign = if chosen { "(*) " } else { "( ) " };
        let does = match choice {
            LeaseChoice::New => "they come back with a new lease, for what remained of the old one",
            LeaseChoice::Permanent => "they come back without a lease, and stay",
            LeaseChoice::LeaveOut => "they do not come back",
        };
        let role = if chosen { Role::Accent } else { Role::Plain };
        lines.extend(listed(canvas, sign, does, role, columns));
    }
    if !open.choices().contains(&LeaseChoice::New) {
        let how = match &open.what {
            What::Entry(_) => {
                "How long the old lease had still to live was not recorded, so there is no new one."
            }
            What::Reach(..) => {
                "A new lease needs its seconds: coredeck put-back with --lease new --lease-ttl SECONDS."
            }
        };
        lines.extend(canvas.wrapped(how, columns, Role::Quiet));
    }
    lines
}

fn listed<'t>(canvas: &Canvas<'_>, sign: &str, text: &str, role: Role, columns: u16) -> Vec<Line<'t>> {
    let wide = short(sign.len());
    let mut lines = canvas.exact(text, columns.saturating_sub(wide).max(8), role);
    for (number, line) in lines.iter_mut().enumerate() {
        let before = if number == 0 { sign.to_owned() } else { " ".repeat(sign.len()) };
        line.spans.insert(0, canvas.span(role, before));
    }
    lines
}

fn more<'t>(canvas: &Canvas<'_>, all: usize) -> Option<Line<'t>> {
    let more = all.checked_sub(MOST).filter(|more| *more > 0)?;
    Some(Line::from(canvas.span(Role::Quiet, format!("  and {more} more"))))
}

fn changes(number: usize) -> String {
    if number == 1 { "1 change".to_owned() } else { format!("{number} changes") }
}

fn keys_in_words(number: usize) -> String {
    if number == 1 { "1 key".to_owned() } else { format!("{number} keys") }
}

/// `1 key is`, `2 keys are`.
fn are(number: usize, one: &str, several: &str) -> String {
    format!("{} {}", keys_in_words(number), if number == 1 { one } else { several })
}
