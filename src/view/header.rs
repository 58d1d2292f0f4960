//! The first line: which keys, which cluster, how true the picture is, and whether anything can be changed.
use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{Backup, Feed, Model, Session},
    failure::Failure,
    health::Word,
    quantity::grouped,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// From so many columns on, the cluster's id is shown whole.
const WIDE: u16 = 120;
/// Below so many columns words are saved, so that there is room for the backup's age.
const ROOMY: u16 = 100;
/// Digits of the short id.
const SHORT: usize = 8;
/// Columns between two parts.
const GAP: usize = 2;

/// The parts, by their order on the screen: the state stands behind what it is the state of.
const LABEL: u8 = 0;
const CLUSTER: u8 = 1;
const REVISION: u8 = 2;
const STATE: u8 = 3;
const HEALTH: u8 = 4;
const ALARM: u8 = 5;
const BACKUP: u8 = 6;

pub(super) fn draw(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    let session = &model.session;
    let mode = if let Some(then) = &model.then {
        canvas.span(Role::ReadOnly, format!(" AS OF {} ", then.revision))
    } else if session.writable() && !model.is_leaderless() {
        canvas.span(Role::Writes, "WRITE")
    } else {
        canvas.span(Role::ReadOnly, " READ-ONLY ")
    };
    let mut room = usize::from(row.width).saturating_sub(mode.width() + 1);
    let scope = canvas.foreign(Role::Strong, session.scope.as_str());
    room = room.saturating_sub(scope.width());

    let cluster = session.status.cluster.to_string();
    let cluster = if row.width >= WIDE { cluster.as_str() } else { cluster.get(..SHORT).unwrap_or_default() };
    let (revision, state, why) = state(canvas, model, row.width);
    let labelled =
        |label: &str, text: &str| vec![canvas.span(Role::Quiet, label), canvas.span(Role::Plain, text)];
    // What there is no room for is given up, the last first. The state is cut rather than left out, and on the
    // smallest screens the cluster's id has to do without its word.
    let wanted = [
        (STATE, vec![state]),
        (ALARM, alarms(canvas, model)),
        (HEALTH, health(canvas, model, false).into_iter().collect()),
        (LABEL, vec![canvas.foreign(Role::Label, &session.label)]),
        (CLUSTER, labelled("", cluster)),
        (LABEL, by(canvas, session, true)),
        (BACKUP, backup(canvas, model)),
        (HEALTH, health(canvas, model, true).into_iter().collect()),
        (REVISION, revision.map_or_else(Vec::new, |revision| labelled("rev ", &revision))),
        (CLUSTER, labelled("cluster ", cluster)),
        (LABEL, by(canvas, session, false)),
    ];
    let mut left: Vec<(u8, Vec<Span<'_>>)> = Vec::new();
    for (place, spans) in wanted {
        let wide = wide_of(&spans);
        // A longer form of the same part takes the place of the shorter one.
        let freed = left.iter().find(|(is, _)| *is == place).map_or(0, |(_, spans)| wide_of(spans));
        if place == STATE || (wide > GAP && wide <= room + freed) {
            room = (room + freed).saturating_sub(wide);
            left.retain(|(is, _)| *is != place);
            left.push((place, spans));
        }
    }
    if let Some(why) = why
        && room > 12
        && let Some((_, state)) = left.first_mut()
    {
        state.push(canvas.foreign(Role::Trouble, format!(": {why}")));
    }
    left.sort_by_key(|(place, _)| *place);
    let mut line = vec![scope];
    for (_, spans) in left {
        line.push(Span::raw(" ".repeat(GAP)));
        line.extend(spans);
    }
    canvas.both(row, Line::from(line), mode);
}

/// Columns of a part with its gap.
fn wide_of(spans: &[Span<'_>]) -> usize {
    GAP + spans.iter().map(Span::width).sum::<usize>()
}

/// The cluster in one word, where that is good news, or where it is not; nothing until its members have been asked.
fn health<'t>(canvas: &Canvas<'_>, model: &Model, good: bool) -> Option<Span<'t>> {
    let (role, word) = match model.health.as_ref()?.word() {
        Word::Well(word) => (Role::Plain, word),
        Word::Careful(word) => (Role::Warning, word),
        Word::Wrong(word) => (Role::Trouble, word),
        Word::Unknown => (Role::Quiet, "health ?".to_owned()),
    };
    (good == (role == Role::Plain)).then(|| canvas.span(role, word))
}

/// The alarms that are raised.
fn alarms<'t>(canvas: &Canvas<'_>, model: &Model) -> Vec<Span<'t>> {
    let mut kinds: Vec<String> = Vec::new();
    for alarm in model.health.iter().flat_map(|health| health.alarms.iter().flatten()) {
        let kind = alarm.kind.to_string();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() { vec![] } else { vec![canvas.foreign(Role::Trouble, kinds.join(" "))] }
}

/// The label with what of this machine is used for it; briefly, only whose that is.
fn by<'t>(canvas: &Canvas<'_>, session: &Session, briefly: bool) -> Vec<Span<'t>> {
    let Some(found) = session.found.as_ref().filter(|found| **found != session.label) else { return vec![] };
    let found =
        found.split_once("'s ").map_or(found.as_str(), |(whose, _)| if briefly { whose } else { found });
    let label = canvas.foreign(Role::Label, &session.label);
    vec![label, canvas.span(Role::Quiet, " by "), canvas.foreign(Role::Plain, found)]
}

/// How old the newest verified backup is.
fn backup<'t>(canvas: &Canvas<'_>, model: &Model) -> Vec<Span<'t>> {
    if model.backup == Backup::None {
        return vec![canvas.span(Role::Warning, "no backup")];
    }
    let Some(age) = model.backup_age() else { return vec![] };
    let (minutes, hours) = (age.as_mins(), age.as_hours());
    let age = match hours {
        0 => format!("{minutes} min"),
        1..48 => format!("{hours} h"),
        _ => format!("{} d", hours / 24),
    };
    vec![canvas.span(Role::Quiet, "backup "), canvas.span(Role::Plain, age)]
}

/// The revision that is shown, the state in few words, and what is wrong.
fn state<'t>(canvas: &Canvas<'_>, model: &Model, columns: u16) -> (Option<String>, Span<'t>, Option<String>) {
    let look = canvas.look;
    let live = if columns < ROOMY { "live" } else { "live, as of" };
    match &model.feed {
        Feed::Loading { read, total } => {
            let text = match total {
                Some(total) => format!("loading {} of {}", grouped(*read), grouped(*total)),
                None => "loading".to_owned(),
            };
            (Some(model.session.status.revision.to_string()), canvas.span(Role::Warning, text), None)
        }
        // The picture is none of the present, which is kept true below it.
        Feed::Live { revision, .. } if model.then.is_some() => {
            (None, canvas.span(Role::Plain, format!("now is at {revision}")), None)
        }
        Feed::Live { revision, at } => {
            (Some(revision.to_string()), canvas.span(Role::Plain, format!("{live} {}", look.time(*at))), None)
        }
        Feed::Stale { revision, failure: Failure::NoLeader { .. }, .. } => {
            // The line below says more.
            let revision = revision.map(|revision| revision.to_string());
            (revision, canvas.span(Role::Trouble, "NO LEADER"), None)
        }
        Feed::Stale { revision, at, failure, .. } => {
            let text = at.map_or_else(|| "STALE".to_owned(), |at| format!("STALE as of {}", look.time(at)));
            let revision = revision.map(|revision| revision.to_string());
            (revision, canvas.span(Role::Trouble, text), Some(failure.to_string()))
        }
    }
}
