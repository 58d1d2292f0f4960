//! Header, the first line: the scope, the cluster, the state of the picture, and whether anything can be changed.
use super::{canvas::Canvas, text, theme::Role};
use crate::{
    app::{Backup, DeckSession, Evidence, Liveness, Model},
    failure::Failure,
    health::HealthWord,
    quantity::grouped,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns from which the cluster's id is shown whole.
const WIDE: u16 = 120;
/// Number of columns below which a label is not worth showing.
const LEAST: usize = 8;
/// Number of digits of the short id.
const SHORT: usize = 8;
/// Length of a time of day with hours and minutes.
const MINUTES: usize = 5;
/// Number of columns between two parts.
const GAP: usize = 2;

/// The parts, by their order on the screen: the state stands behind its subject.
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
    } else if session.writable() && model.obstacle().is_none() {
        canvas.span(Role::Writes, "WRITE")
    } else {
        canvas.span(Role::ReadOnly, " READ-ONLY ")
    };
    let mut room = usize::from(row.width).saturating_sub(mode.width() + 1);
    let scope = canvas.foreign(Role::Strong, session.scope.as_str());
    room = room.saturating_sub(scope.width());

    let cluster = session.status.cluster.to_string();
    let cluster = if row.width >= WIDE { cluster.as_str() } else { cluster.get(..SHORT).unwrap_or_default() };
    let (revision, [state, to_the_second, in_words], why) = state(canvas, model);
    let labelled =
        |label: &str, text: &str| vec![canvas.span(Role::Quiet, label), canvas.span(Role::Plain, text)];
    let [label, whose, briefly, in_full] = labels(canvas, session);
    // Parts without room are given up, the last first. The state is cut rather than left out, and on the smallest
    // screens the cluster's id has to do without its word.
    let wanted = [
        (STATE, vec![state]),
        (ALARM, alarms(canvas, model)),
        (CLUSTER, labelled("", cluster)),
        (HEALTH, health(canvas, model, false).into_iter().collect()),
        (LABEL, label),
        (HEALTH, health(canvas, model, true).into_iter().collect()),
        (BACKUP, backup(canvas, model)),
        (LABEL, whose),
        (STATE, vec![to_the_second]),
        (LABEL, briefly),
        (REVISION, revision.map_or_else(Vec::new, |revision| labelled("rev ", &revision))),
        (STATE, vec![in_words]),
        (CLUSTER, labelled("cluster ", cluster)),
        (LABEL, in_full),
    ];
    let mut left: Vec<(u8, Vec<Span<'_>>)> = Vec::new();
    for (place, mut spans) in wanted {
        // A longer form of the same part takes the place of the shorter one.
        let before = left.iter().find(|(is, _)| *is == place).map(|(_, spans)| wide_of(spans));
        let there = room + before.unwrap_or_default();
        let is_cut = place == LABEL && before.is_none() && wide_of(&spans) > there && there >= GAP + LEAST;
        if is_cut {
            spans = text::fit_line(Line::from(spans), there - GAP, canvas.look).spans;
        }
        let wide = wide_of(&spans);
        if place == STATE && before.is_none() || (wide > GAP && wide <= there) {
            room = there.saturating_sub(wide);
            left.retain(|(is, _)| *is != place);
            left.push((place, spans));
        }
    }
    if let Some(why) = why
        && room > 12
        && let Some((_, state)) = left.iter_mut().find(|(place, _)| *place == STATE)
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

/// Width of a part with its gap.
fn wide_of(spans: &[Span<'_>]) -> usize {
    GAP + spans.iter().map(Span::width).sum::<usize>()
}

/// The cluster in one word, if that is good news, or if it is not; nothing until its members have been asked.
fn health<'t>(canvas: &Canvas<'_>, model: &Model, good: bool) -> Option<Span<'t>> {
    let (role, word) = match model.health.as_ref()?.word() {
        HealthWord::Well(word) => (Role::Plain, word),
        HealthWord::Careful(word) => (Role::Warning, word),
        HealthWord::Wrong(word) => (Role::Trouble, word),
        HealthWord::Unknown => (Role::Quiet, "health ?".to_owned()),
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

/// The label with the credential of this machine that is used for it, from the shortest form to the longest: `prod`,
/// `prod by kubeadm`, `prod by kubeadm healthcheck`, `prod by kubeadm's healthcheck-client`. Without a name of its own
/// the cluster is called by the credential.
fn labels<'t>(canvas: &Canvas<'_>, session: &DeckSession) -> [Vec<Span<'t>>; 4] {
    let label = canvas.foreign(Role::Label, &session.label);
    let Some(found) = session.found.as_deref() else { return [vec![label], vec![], vec![], vec![]] };
    let (whose, name) = match (found.split_once("'s "), found.rsplit_once("'s ")) {
        (Some((whose, _)), Some((_, name))) => (whose, name),
        _ => (found, ""),
    };
    let name = name.trim_end_matches("client").trim_end_matches(['-', ' ']);
    let briefly = format!("{whose} {name}");
    let forms = [whose, briefly.trim_end(), found];
    if found == session.label {
        let [whose, briefly, in_full] = forms.map(|form| vec![canvas.foreign(Role::Label, form)]);
        return [whose, vec![], briefly, in_full];
    }
    let by =
        |form: &str| vec![label.clone(), canvas.span(Role::Quiet, " by "), canvas.foreign(Role::Plain, form)];
    let [whose, briefly, in_full] = forms.map(by);
    [vec![label.clone()], whose, briefly, in_full]
}

/// Age of the newest verified backup.
fn backup<'t>(canvas: &Canvas<'_>, model: &Model) -> Vec<Span<'t>> {
    if model.backup == Backup::None {
        return vec![canvas.span(Role::Warning, "no backup")];
    }
    // An empty backup is of no help, however young it is.
    if matches!(model.backup, Backup::Found { keys: 0, .. }) {
        return vec![canvas.span(Role::Warning, "backup empty")];
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

/// The revision that is shown, the state from its shortest form to its longest, and the fault.
fn state<'t>(canvas: &Canvas<'_>, model: &Model) -> (Option<String>, [Span<'t>; 3], Option<String>) {
    let look = canvas.look;
    let always = |role, text: String| [(); 3].map(|()| canvas.span(role, &text));
    match &model.feed {
        Liveness::Loading { read, total } => {
            let text = match total {
                Some(total) => format!("loading {} of {}", grouped(*read), grouped(*total)),
                None => "loading".to_owned(),
            };
            (Some(model.session.status.revision.to_string()), always(Role::Warning, text), None)
        }
        // The shown picture is an old one; the present one is kept true below it.
        Liveness::Live { revision, .. } if model.then.is_some() => {
            (None, always(Role::Plain, format!("now is at {revision}")), None)
        }
        Liveness::Live { revision, at, by } => {
            let time = look.time(*at);
            let minutes = time.get(..MINUTES).unwrap_or(&time);
            let forms = match by {
                Evidence::Watch => {
                    [format!("live {minutes}"), format!("live {time}"), format!("live, as of {time}")]
                }
                // As far as is known, no watch would tell of a change.
                Evidence::Reading => {
                    [format!("read {minutes}"), format!("read {time}"), format!("read again, as of {time}")]
                }
            };
            let forms = forms.map(|form| canvas.span(Role::Plain, form));
            (Some(revision.to_string()), forms, None)
        }
        Liveness::Stale { revision, failure: Failure::NoLeader { .. }, .. } => {
            // The line below says more.
            let revision = revision.map(|revision| revision.to_string());
            (revision, always(Role::Trouble, "NO LEADER".to_owned()), None)
        }
        Liveness::Stale { revision, at, failure, .. } => {
            let text = at.map_or_else(|| "STALE".to_owned(), |at| format!("STALE as of {}", look.time(at)));
            let revision = revision.map(|revision| revision.to_string());
            (revision, always(Role::Trouble, text), Some(failure.to_string()))
        }
    }
}
