//! Answers of CoreDNS for a name: a line for each type that answers something, one line for all types that do not, and
//! below them every record with its key.
use super::{
    canvas::Canvas,
    text::{pad, shown, start},
    theme::Role,
};
use crate::{
    app::{Liveness, Model, rules::Answered},
    dns::{Answer, AnswerOutcome, QueryType, ZONES_ARE_GUESSED},
    keys::spelling,
};
use ratatui::text::{Line, Span};

/// Number of columns for the types.
const KIND: usize = 6;
/// Number of records that are shown one by one.
const MOST: usize = 200;

/// The title, and all lines.
pub(super) fn lines(canvas: &Canvas<'_>, model: &Model, columns: u16) -> (String, Vec<Line<'static>>) {
    let Some(name) = &model.answers.name else {
        let (title, why) = match model.feed {
            Liveness::Loading { .. } => ("CoreDNS", "the list is still being read: nothing can be told yet"),
            Liveness::Live { .. } | Liveness::Stale { .. } => {
                ("CoreDNS", "select a name to see what it answers")
            }
        };
        return (title.to_owned(), canvas.wrapped(why, columns, Role::Quiet));
    };
    let title = format!("CoreDNS answers {}", shown(name.to_string(), canvas.look));
    let lines = match &model.answers.known {
        None => vec![Line::from(canvas.span(Role::Quiet, format!("asking{}", canvas.look.ellipsis())))],
        Some(answered) => told(canvas, answered, columns),
    };
    (title, lines)
}

fn told(canvas: &Canvas<'_>, answered: &Answered, columns: u16) -> Vec<Line<'static>> {
    let (made_up, of_records): (Vec<&Answer>, Vec<&Answer>) =
        answered.answers.iter().partition(|answer| answer.question.kind == QueryType::SOA);
    let (silent, speaking): (Vec<&Answer>, Vec<&Answer>) =
        of_records.into_iter().partition(|answer| folds(answer));
    let (sound, broken): (Vec<&Answer>, Vec<&Answer>) =
        speaking.into_iter().partition(|answer| answer.outcome == AnswerOutcome::NoError);
    let mut lines = Vec::new();
    for group in gathered(&broken, |answer| (answer.outcome, answer.why.to_string())) {
        lines.extend(reason(canvas, &group, columns, Role::Trouble));
    }
    lines.extend(sound.iter().map(|answer| summary(canvas, answer, usize::from(columns))));
    let mut groups = gathered(&silent, |answer| (answer.outcome, answer.why.to_string()));
    if lines.is_empty() && !groups.is_empty() {
        // No type answers anything: the reason is the thing to know.
        lines.extend(reason(canvas, &groups.remove(0), columns, Role::Plain));
    }
    for group in gathered(&groups.concat(), |answer| answer.outcome) {
        lines.push(folded(canvas, &group));
    }
    if let Some(soa) = made_up.first().filter(|soa| soa.zone.is_some()) {
        let zone = soa.zone.as_ref().map(ToString::to_string).unwrap_or_default();
        let words = format!("made up by CoreDNS for the zone {}", shown(zone, canvas.look));
        lines.push(labelled(canvas, "SOA", Role::Quiet, canvas.span(Role::Quiet, words)));
    }
    if answered.zones_are_guessed {
        lines.push(labelled(canvas, "?", Role::Warning, canvas.span(Role::Quiet, ZONES_ARE_GUESSED)));
    }
    for (name, kinds) in asked_elsewhere(&answered.answers) {
        let words = format!("not known, asked elsewhere: {} {kinds}", shown(name, canvas.look));
        lines.push(labelled(canvas, "?", Role::Warning, canvas.span(Role::Quiet, words)));
    }
    for answer in sound {
        lines.push(Line::default());
        lines.extend(details(canvas, answer, columns));
    }
    for group in groups {
        lines.push(Line::default());
        lines.extend(reason(canvas, &group, columns, Role::Quiet));
    }
    lines
}

/// The names that `CoreDNS` asks elsewhere, each with the types.
fn asked_elsewhere(answers: &[Answer]) -> Vec<(&str, String)> {
    let mut names: Vec<(&str, Vec<QueryType>)> = Vec::new();
    for ask in answers.iter().flat_map(|answer| &answer.asks) {
        match names.iter_mut().find(|(name, _)| *name == &*ask.name) {
            Some((_, kinds)) if kinds.contains(&ask.kind) => {}
            Some((_, kinds)) => kinds.push(ask.kind),
            None => names.push((&ask.name, vec![ask.kind])),
        }
    }
    let joined = |kinds: Vec<QueryType>| kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    names.into_iter().map(|(name, kinds)| (name, joined(kinds))).collect()
}

/// Answers that have something in common, each in the place of the first of its group.
fn gathered<'a, T: PartialEq>(answers: &[&'a Answer], by: impl Fn(&Answer) -> T) -> Vec<Vec<&'a Answer>> {
    let mut groups: Vec<(T, Vec<&'a Answer>)> = Vec::new();
    for answer in answers {
        let what = by(answer);
        match groups.iter_mut().find(|(is, _)| *is == what) {
            Some((_, group)) => group.push(answer),
            None => groups.push((what, vec![answer])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn kinds(group: &[&Answer]) -> String {
    group.iter().map(|answer| answer.question.kind.to_string()).collect::<Vec<_>>().join(" ")
}

/// Tells whether an answer stands with others in one line: it is empty, and nothing is broken.
fn folds(answer: &Answer) -> bool {
    match answer.outcome {
        AnswerOutcome::NoError => answer.answer.is_empty(),
        AnswerOutcome::NxDomain | AnswerOutcome::Elsewhere => true,
        AnswerOutcome::ServFail
        | AnswerOutcome::Refused
        | AnswerOutcome::Silence
        | AnswerOutcome::Endless => false,
    }
}

fn labelled<'t>(canvas: &Canvas<'_>, label: &str, role: Role, words: Span<'t>) -> Line<'t> {
    Line::from(vec![canvas.span(role, pad(label, KIND)), Span::raw(" "), words])
}

/// `A      10.0.0.1, 10.0.0.2`, with the number first if not all are in sight.
fn summary(canvas: &Canvas<'_>, answer: &Answer, columns: usize) -> Line<'static> {
    let label = answer.question.kind.to_string();
    let own: Vec<&str> = answer.of_kind().map(|rr| start(&rr.data)).collect();
    let text = match own.as_slice() {
        [] => answer.brief(usize::MAX),
        [only] => {
            let ttl = answer.of_kind().next().map_or(0, |rr| rr.ttl);
            format!("{only}  ttl {ttl}")
        }
        several => {
            let all = several.join(", ");
            if all.len() + KIND < columns { all } else { format!("{}: {all}", several.len()) }
        }
    };
    labelled(canvas, &label, Role::Strong, canvas.span(Role::Plain, shown(text, canvas.look)))
}

/// Types without an answer, in one line. The reasons stand further below.
fn folded(canvas: &Canvas<'_>, group: &[&Answer]) -> Line<'static> {
    let outcome = group.first().map_or(AnswerOutcome::NoError, |answer| answer.outcome);
    let words = format!("{}: {}", outcome.brief(), kinds(group));
    labelled(canvas, "-", Role::Quiet, canvas.span(Role::Quiet, words))
}

/// Outcome of some types, its reason, and the keys that cause it.
fn reason(canvas: &Canvas<'_>, group: &[&Answer], columns: u16, role: Role) -> Vec<Line<'static>> {
    let Some(first) = group.first() else { return vec![] };
    let sign = if role == Role::Trouble { "! " } else { "" };
    let text = format!("{sign}{} {}: {}", kinds(group), first.outcome.brief(), first.why);
    let mut lines = canvas.wrapped(&text, columns, role);
    if role == Role::Trouble {
        for key in first.keys.iter().take(MOST) {
            lines.extend(from(canvas, key, columns));
        }
    }
    lines
}

/// Every record of an answer with the key that it comes from.
fn details(canvas: &Canvas<'_>, answer: &Answer, columns: u16) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let sections = [("", &answer.answer), ("also sent: ", &answer.additional)];
    for (label, rr) in
        sections.iter().flat_map(|(label, section)| section.iter().map(move |rr| (label, rr))).take(MOST)
    {
        let text = format!("{label}{} {} {} {}", rr.owner, rr.ttl, rr.kind, start(&rr.data));
        lines.extend(canvas.exact(&shown(text, canvas.look), columns, Role::Plain));
        if let Some(key) = &rr.key {
            lines.extend(from(canvas, key, columns));
        }
    }
    lines
}

fn from(canvas: &Canvas<'_>, key: &[u8], columns: u16) -> Vec<Line<'static>> {
    let mut lines = canvas.exact(&spelling::spell(key), columns.saturating_sub(7), Role::Quiet);
    for (number, line) in lines.iter_mut().enumerate() {
        line.spans.insert(0, canvas.span(Role::Quiet, if number == 0 { "  from " } else { "       " }));
    }
    lines
}
