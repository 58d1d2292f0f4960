//! Dialog before something is taken back: the obstacles, and the choices that a person has to make.
use crate::{
    app::{
        Model,
        overlay::{Away, GoneLeases, TakeBack, TakeBackPlan, TakeBackSource, open_changes},
    },
    keys::KeyValue,
    plan::{LeaseChoice, PutBack, Restore, Undo, UndoConflict, UndoStatus},
    quantity::counted,
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, noted, scrolled, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

/// Number of lines of one kind before the rest is only counted.
const MOST: usize = 200;

impl Picture for TakeBack {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let mut lines = match &self.seen {
            None => canvas.wrapped(&format!("reading{}", canvas.look.ellipsis()), columns, Role::Warning),
            Some(TakeBackPlan::Undo(undo)) => of_undo(canvas, undo, columns),
            Some(TakeBackPlan::PutBack(put_back)) => of_put_back(canvas, put_back, self.prune, columns),
            Some(TakeBackPlan::Away(away)) => of_away(canvas, away, columns),
            Some(TakeBackPlan::Saved(restore)) => of_saved(canvas, restore, self.prune, columns),
        };
        lines.extend(leases(canvas, self, columns));
        let last = noted(canvas, self.note.as_deref(), columns);
        let frame = centred(body, width, short(lines.len() + last.len() + 2));
        let inner = canvas.frame(frame, Role::Accent, &shown(title(&self.what), canvas.look));
        let room = inner.height.saturating_sub(short(last.len()));
        scrolled(canvas, Rect { height: room, ..inner }, lines, self.scroll);
        canvas.lines(Rect { y: inner.y + room, height: inner.height - room, ..inner }, last);
    }
}

fn title(what: &TakeBackSource) -> String {
    match what {
        TakeBackSource::Entry(entry) => format!("Undo {}", entry.0),
        TakeBackSource::Reach(reach, at) => format!("Put {} back to revision {at}", reach.challenge),
        TakeBackSource::Saved(place, _) => format!("Put back from the {}", place.word()),
        TakeBackSource::Away(what) => format!("Bring {} back", counted(what.len(), "key")),
    }
}

fn of_undo<'t>(canvas: &Canvas<'_>, undo: &Undo, columns: u16) -> Vec<Line<'t>> {
    let (open, all) = (open_changes(undo), undo.items().len());
    let mut lines = canvas.wrapped(
        &format!("{open} of {} can be taken back.", counted(all, "change")),
        columns,
        Role::Strong,
    );
    let clashes: Vec<&UndoConflict> = undo.conflicts().collect();
    if !clashes.is_empty() {
        lines.push(Line::default());
        let head = format!(
            "{} cannot: somebody has written there since, and what they wrote stays:",
            counted(clashes.len(), "change")
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
            UndoStatus::Open(_) => ("> ", Role::Plain),
            UndoStatus::Back | UndoStatus::NeverMade => ("  ", Role::Quiet),
            UndoStatus::Conflict(_) => continue,
        };
        lines.extend(listed(canvas, sign, &item.to_string(), role, columns));
    }
    lines.extend(more(canvas, undo.items().len()));
    lines
}

fn of_clash<'t>(canvas: &Canvas<'_>, clash: &UndoConflict, columns: u16) -> Vec<Line<'t>> {
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
        let it = if extra.len() == 1 { "it" } else { "them" };
        let fate = if prune {
            format!("and would be DELETED (d leaves {it})")
        } else {
            format!("and would stay (d deletes {it} as well)")
        };
        let head = format!("{} {then}, {fate}:", counted(extra.len(), "key"));
        lines.extend(canvas.wrapped(&head, columns, Role::Warning));
        lines.extend(keys_of(extra, if prune { "- " } else { "  " }, Role::Plain));
    }
    lines.push(Line::default());
    lines.extend(keys_of(put_back.missing(), "+ ", Role::Plain));
    let changed: Vec<KeyValue> = put_back.changed().iter().map(|(_, is)| is.clone()).collect();
    lines.extend(keys_of(&changed, "~ ", Role::Plain));
    lines
}

fn of_saved<'t>(
    canvas: &Canvas<'_>,
    restore: &Restore,
    takes_differing: bool,
    columns: u16,
) -> Vec<Line<'t>> {
    let head = format!(
        "{} away and would come back, {} as saved, {} not saved there and would stay.",
        are(restore.missing().len(), "is", "are"),
        are(restore.same(), "is", "are"),
        are(restore.beside().len(), "was", "were"),
    );
    let mut lines = canvas.wrapped(&head, columns, Role::Strong);
    if !restore.differing().is_empty() {
        lines.push(Line::default());
        let fate = if takes_differing {
            "and would get the saved one (d leaves them)"
        } else {
            "and would keep it (d takes the saved one)"
        };
        let text = format!("{} another value now, {fate}:", are(restore.differing().len(), "has", "have"));
        lines.extend(canvas.wrapped(&text, columns, Role::Warning));
        let sign = if takes_differing { "~ " } else { "  " };
        for (is, _) in restore.differing().iter().take(MOST) {
            lines.extend(listed(canvas, sign, &is.key.spelled(), Role::Plain, columns));
        }
        lines.extend(more(canvas, restore.differing().len()));
    }
    lines.push(Line::default());
    for saved in restore.missing().iter().take(MOST) {
        lines.extend(listed(canvas, "+ ", &saved.key.spelled(), Role::Plain, columns));
    }
    lines.extend(more(canvas, restore.missing().len()));
    lines
}

fn of_away<'t>(canvas: &Canvas<'_>, away: &Away, columns: u16) -> Vec<Line<'t>> {
    let of = |leases: Vec<&usize>| leases.into_iter().sum::<usize>();
    let leased = of(away.leases.values().collect());
    let living = of(away.living.iter().filter_map(|lease| away.leases.get(lease)).collect());
    let text = match living {
        0 => format!("{} a lease.", are(leased, "had", "had")),
        living => format!(
            "{} a lease; {} it again, because it still lives.",
            are(leased, "had", "had"),
            are(living, "gets", "get")
        ),
    };
    canvas.wrapped(&text, columns, Role::Strong)
}

/// Question about leases that are gone, the same wherever keys come back.
fn leases<'t>(canvas: &Canvas<'_>, open: &TakeBack, columns: u16) -> Vec<Line<'t>> {
    let gone = open.gone();
    if gone.is_empty() {
        return vec![];
    }
    let mut lines = vec![Line::default()];
    for (lease, number) in gone.iter().take(MOST) {
        let text = format!("{} to end with lease {lease}, which is gone.", are(*number, "was", "were"));
        lines.extend(canvas.wrapped(&text, columns, Role::Warning));
    }
    lines.extend(more(canvas, gone.len()));
    let remained = open.knows_what_remained();
    let seconds = &open.leases.seconds;
    for choice in GoneLeases::CHOICES {
        let chosen = open.leases.choice == Some(choice);
        let sign = if chosen { "(*) " } else { "( ) " };
        let does = match choice {
            LeaseChoice::New if remained => {
                "they come back with a new lease, for what remained of the old one".to_owned()
            }
            LeaseChoice::New if chosen && seconds.is_empty() => {
                "they come back with a new lease of ___ seconds: type how many".to_owned()
            }
            LeaseChoice::New if chosen => {
                format!("they come back with a new lease of {seconds} seconds (type to change)")
            }
            LeaseChoice::New => "they come back with a new lease of some seconds".to_owned(),
            LeaseChoice::Permanent => "they come back without a lease, and stay".to_owned(),
            LeaseChoice::LeaveOut => "they do not come back".to_owned(),
        };
        let role = if chosen { Role::Accent } else { Role::Plain };
        lines.extend(listed(canvas, sign, &does, role, columns));
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

/// `1 key is`, `2 keys are`.
fn are(number: usize, one: &str, several: &str) -> String {
    format!("{} {}", counted(number, "key"), if number == 1 { one } else { several })
}
