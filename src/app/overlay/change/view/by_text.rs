//! Picture of a change that is agreed to by typing: the number of keys, the keys, and the text to type.
//!
//! The parts that a decision needs come first and are never cut: the number, the exact keys, the text to type. If there
//! is no room, other parts are left out, the least important first.
use super::{
    count, fact, fields, impact,
    list::{Item, PlannedKeyList},
    ordered, preflight,
};
use crate::{
    app::{
        Model,
        overlay::{ChangeDialog, Preview, TypedConsent},
    },
    plan::{LeaseGrant, Plan, Threshold},
    quantity::grouped,
    view::{
        canvas::Canvas,
        overlay::{centred, complaint, dialog_width, inside, progress, short},
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of rows that the list of keys gets at least, if the screen has them.
const LIST: usize = 4;
/// Number of rows with changed answers that are always in sight.
const ANSWERS: usize = 5;

/// A row of the dialog. The lower its rank, the longer it stays if there is no room.
struct DialogRow<'t> {
    rank: u8,
    what: DialogRowKind<'t>,
}

enum DialogRowKind<'t> {
    Line(Line<'t>),
    Typed,
    Number,
    Digits,
    List,
}

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    body: Rect,
    model: &Model,
    dialog: &ChangeDialog,
    consent: &TypedConsent,
) {
    let width = dialog_width(body, 100);
    let columns = inside(width);
    let plan = dialog.preview.shown();

    let mut rows = Vec::new();
    let mut add =
        |rank: u8, line: Line<'static>| rows.push(DialogRow { rank, what: DialogRowKind::Line(line) });
    for line in count::lines(canvas, dialog, columns) {
        add(0, line);
    }
    if let Some(plan) = dialog.preview.plan() {
        for line in preflight::refusal(canvas, model, plan, columns) {
            add(2, line);
        }
        for line in preflight::cautions(canvas, model, plan, columns) {
            add(3, line);
        }
    }
    if let Some(line) = impact::loss(canvas, &dialog.foresight) {
        add(3, line);
    }
    for line in impact::managed(canvas, &dialog.foresight, columns) {
        add(3, line);
    }
    let (head, worst, others) = impact::answers(canvas, &dialog.foresight, columns).split(ANSWERS);
    if let Some(head) = head {
        add(4, head);
    }
    for (number, line) in worst.into_iter().enumerate() {
        add(if number == 0 { 3 } else { 5 }, line);
    }
    if !others.is_empty() {
        let more = format!("and {} more lines, below the keys", grouped(others.len()));
        add(5, Line::from(canvas.span(Role::Quiet, more)));
    }
    for line in impact::companions(canvas, &dialog.offer, model.with_ptr, "Ctrl-t", columns) {
        add(4, line);
    }
    let left_out = ordered::left_out(canvas, dialog, columns);
    for line in ordered::lines(canvas, dialog, columns) {
        add(3, line);
    }
    if let Some(plan) = plan {
        add(4, fact(canvas, "cluster", &format!("{}, at revision {}", plan.cluster(), plan.read_at())));
    } else {
        add(4, fact(canvas, "cluster", &model.session.status.cluster.to_string()));
    }
    if let Some(line) = leases(canvas, plan) {
        add(6, line);
    }
    add(8, fact(canvas, "backup", &model.session.journal));
    let mut items: Vec<Item<'_>> = plan.iter().flat_map(|plan| plan.changes()).map(Item::Change).collect();
    let keys_in_list = items.len();
    items.extend(left_out.into_iter().chain(others).map(Item::Line));
    if keys_in_list > 0 {
        add(10, Line::default());
    }
    rows.push(DialogRow { rank: 1, what: DialogRowKind::List });
    let mut add =
        |rank: u8, line: Line<'static>| rows.push(DialogRow { rank, what: DialogRowKind::Line(line) });
    if keys_in_list > 0 {
        add(9, Line::default());
    }
    if let Some(working) = &dialog.working {
        add(0, progress(canvas, working));
    } else {
        rows.extend(asked(canvas, dialog, consent, columns));
        if let Some(note) = &consent.note {
            for line in complaint(canvas, note, columns) {
                rows.push(DialogRow { rank: 2, what: DialogRowKind::Line(line) });
            }
        }
    }

    let list = PlannedKeyList::of(canvas, &items, columns);
    let room = usize::from(body.height.saturating_sub(2));
    let (rows, list_height) = fitted(rows, list.height(canvas, room), room);
    let frame = centred(body, width, short(rows.len() - 1 + list_height + 2));
    let inner = canvas.frame(frame, count::role(dialog), &count::title(model, dialog));
    draw_rows(canvas, inner, &rows, list_height, &list, (dialog, consent));
}

fn right_aligned(canvas: &mut Canvas<'_>, row: Rect, words: &str) {
    if !words.is_empty() {
        let wide = short(words.len() + 1).min(row.width);
        let place = Rect { x: row.x + row.width - wide, width: wide, ..row };
        canvas.line(place, canvas.span(Role::Strong, format!(" {words}")));
    }
}

/// The text to type, and the fields.
fn asked<'t>(
    canvas: &Canvas<'_>,
    dialog: &ChangeDialog,
    consent: &TypedConsent,
    columns: u16,
) -> Vec<DialogRow<'t>> {
    let Preview::Known(plan) = &dialog.preview else { return vec![] };
    let line = |rank, line| DialogRow { rank, what: DialogRowKind::Line(line) };
    let words = format!("To {}, type exactly this:", plan.tally().verb());
    let mut rows = vec![line(3, Line::from(canvas.span(Role::Plain, words)))];
    let text = canvas.exact(plan.challenge(), columns.saturating_sub(2), Role::Strong);
    rows.extend(text.into_iter().map(|text| line(0, indented(text))));
    rows.push(DialogRow { rank: 0, what: DialogRowKind::Typed });
    if let Some(threshold) = plan.threshold() {
        rows.push(line(3, number_asked(canvas, threshold)));
        rows.push(DialogRow { rank: 0, what: DialogRowKind::Number });
    }
    if consent.by_hand.asked().is_some() {
        rows.push(DialogRow { rank: 0, what: DialogRowKind::Digits });
    }
    rows
}

/// Leaves out rows until all fit, and gives the rest of the room to the list.
fn fitted(mut rows: Vec<DialogRow<'_>>, wanted: usize, room: usize) -> (Vec<DialogRow<'_>>, usize) {
    let least = wanted.min(LIST);
    // Besides the list's own row.
    while rows.len() - 1 + least > room
        && let Some(rank) = rows.iter().map(|row| row.rank).max().filter(|rank| *rank > 2)
        && let Some(at) = rows.iter().rposition(|row| row.rank == rank)
    {
        rows.remove(at);
    }
    let height = wanted.min((room + 1).saturating_sub(rows.len())).max(usize::from(wanted > 0));
    // On the smallest screens the text to type and its field stay, and the first rows go.
    while rows.len() - 1 + height > room
        && let Some(at) = rows.iter().rposition(|row| row.rank == 2)
    {
        rows.remove(at);
    }
    (rows, height)
}

fn draw_rows(
    canvas: &mut Canvas<'_>,
    inner: Rect,
    rows: &[DialogRow<'_>],
    list_height: usize,
    list: &PlannedKeyList<'_>,
    (dialog, consent): (&ChangeDialog, &TypedConsent),
) {
    let mut y = inner.y;
    // The text to type, its field and the number of keys are never left out: they may have no row.
    if rows.len() - 1 + list_height > usize::from(inner.height) {
        canvas.note_hidden();
    }
    for (at, row) in rows.iter().enumerate() {
        let place = Rect { y, height: 1, ..inner }.intersection(inner);
        match &row.what {
            DialogRowKind::Line(line) => canvas.line(place, line.clone()),
            DialogRowKind::Typed => fields::typed(canvas, place, &dialog.preview, consent),
            DialogRowKind::Number => fields::number(canvas, place, &dialog.preview, consent),
            DialogRowKind::Digits => fields::digits(canvas, place, consent),
            DialogRowKind::List => {
                let place = Rect { y, height: short(list_height), ..inner }.intersection(inner);
                let words = list.draw(canvas, place, dialog.scroll);
                // The text to type must never be covered: the frame takes the words if no line is empty.
                let empty_below = match rows.get(at + 1) {
                    Some(DialogRow { what: DialogRowKind::Line(line), .. }) => line.width() == 0,
                    _ => false,
                };
                let below = if empty_below { place.bottom() } else { inner.bottom() };
                right_aligned(canvas, Rect { y: below, height: 1, ..inner }, &words);
                y += short(list_height);
                continue;
            }
        }
        y += 1;
    }
}

/// The leases that the plan grants.
fn leases<'t>(canvas: &Canvas<'_>, plan: Option<&Plan>) -> Option<Line<'t>> {
    let grants = plan?.grants();
    let seconds = |grant: &LeaseGrant| format!("{} s", grouped(grant.ttl.as_secs()));
    match grants {
        [] => None,
        [only] => Some(fact(canvas, "lease", &format!("a new one of {}", seconds(only)))),
        [first, ..] if grants.iter().all(|grant| grant.ttl == first.ttl) => {
            Some(fact(canvas, "leases", &format!("{} new ones of {}", grants.len(), seconds(first))))
        }
        several => {
            let each = several.iter().map(seconds).collect::<Vec<_>>().join(", ");
            Some(fact(canvas, "leases", &format!("{} new ones: {each}", several.len())))
        }
    }
}

fn number_asked<'t>(canvas: &Canvas<'_>, threshold: &Threshold) -> Line<'t> {
    Line::from(vec![
        canvas.span(Role::Plain, "and the number of keys, because "),
        canvas.foreign(Role::Warning, threshold.to_string()),
    ])
}

fn indented(mut line: Line<'_>) -> Line<'_> {
    line.spans.insert(0, Span::raw("  "));
    line
}
