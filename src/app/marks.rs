//! Marks for one change of many records. They are of keys, and so survive scrolling, folding and reading again.
use super::{Model, Pane, RecordsPane, TreePane, keymap::Command, overlay::Overlay};
use crate::{
    bulk::Selection,
    index::{Index, NodeId},
    keys::ScopedKey,
    quantity::{counted, grouped},
};
use std::ops::RangeInclusive;

/// Marked records and names, and the beginning of a range that is being marked.
#[derive(Debug, Default)]
pub struct Marks {
    pub chosen: Selection,
    from: Option<From>,
}

/// Beginning of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Name(NodeId),
    Record(ScopedKey),
}

/// Mark of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowMark {
    /// Itself.
    Marked,
    /// It lies below a marked name, or in the range that is being marked.
    Within,
}

/// Number of names that a range may hold at most.
const MOST: usize = 10_000;

impl Marks {
    /// Tells whether nothing is marked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// `2 names, 14 records marked`; an empty text without marks.
    #[must_use]
    pub fn told(&self) -> String {
        match self.chosen.len() {
            (0, 0) => String::new(),
            (0, records) => format!("{} marked", counted(records, "record")),
            (names, 0) => format!("{} marked", counted(names, "name")),
            (names, records) => format!("{}, {} marked", counted(names, "name"), counted(records, "record")),
        }
    }

    /// `16 marked`, names and records together; an empty text without marks.
    #[must_use]
    pub fn told_briefly(&self) -> String {
        match self.chosen.len() {
            (0, 0) => String::new(),
            (names, records) => format!("{} marked", grouped(names + records)),
        }
    }

    /// Removes the marks, and the beginning of a range.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Gives up a range that was begun; returns false if there was none.
    pub(super) fn drop_range(&mut self) -> bool {
        self.from.take().is_some()
    }

    /// The rows of the table that the begun range holds now.
    fn records_ranged(&self, pane: &RecordsPane) -> Option<RangeInclusive<usize>> {
        let Some(From::Record(from)) = &self.from else { return None };
        let from = pane.rows.iter().position(|row| row.record.key == *from)?;
        Some(from.min(pane.cursor)..=from.max(pane.cursor))
    }

    /// The rows of the tree that the begun range holds now.
    fn names_ranged(&self, index: &Index, pane: &TreePane) -> Option<RangeInclusive<usize>> {
        let Some(From::Name(from)) = self.from else { return None };
        let rows = pane.unfolded.rows(index.tree());
        index.tree().node(from)?;
        let (from, to) = (rows.nearest(from), rows.nearest(pane.selected));
        Some(from.min(to)..=from.max(to))
    }
}

impl Model {
    /// Mark of a row of the table; `at` counts from the first row.
    #[must_use]
    pub fn mark_of_record(&self, at: usize, key: &ScopedKey) -> Option<RowMark> {
        if self.marks.chosen.has_record(key) {
            return Some(RowMark::Marked);
        }
        let within = self.marks.records_ranged(&self.records).is_some_and(|rows| rows.contains(&at))
            || self.marks.chosen.covers(&self.session.scope, key);
        within.then_some(RowMark::Within)
    }

    /// Mark of a row of the tree.
    #[must_use]
    pub fn mark_of_name(&self, row: &crate::index::TreeRow) -> Option<RowMark> {
        if self.marks.chosen.is_empty() && self.marks.from.is_none() {
            return None;
        }
        let name = self.index.key_of(row.node).and_then(|key| self.session.scope.key(&key).ok())?;
        if self.marks.chosen.has_name(&name) {
            return Some(RowMark::Marked);
        }
        let within =
            self.marks.names_ranged(&self.index, &self.tree).is_some_and(|rows| rows.contains(&row.position))
                || self.marks.chosen.covers(&self.session.scope, &name);
        within.then_some(RowMark::Within)
    }
}

/// Runs a command about marks.
pub(super) fn run(model: &mut Model, command: Command) {
    match command {
        Command::Mark | Command::MarkRange if model.marks.from.is_some() => end_range(model),
        Command::Mark => toggle(model),
        Command::MarkRange => begin_range(model),
        Command::MarkMatches => mark_matches(model),
        Command::UnmarkAll => {
            let told = model.marks.told();
            model.marks.clear();
            model.say(if told.is_empty() {
                "nothing is marked".to_owned()
            } else {
                format!("no longer: {told}")
            });
        }
        _ => {}
    }
}

/// Marks the row under the cursor, or removes its mark, and goes on to the next.
fn toggle(model: &mut Model) {
    match model.focus {
        Pane::Tree => {
            let Some(name) = model.selected_name() else { return refuse_root(model) };
            if !model.marks.chosen.remove_name(&name) {
                model.marks.chosen.add_name(name);
            }
            model.tree.run(&model.index, Command::Down);
        }
        Pane::Records | Pane::Record => {
            let Some(key) = model.selected().map(|record| record.key.clone()) else { return };
            let within = model.marks.chosen.covers(&model.session.scope, &key);
            if !model.marks.chosen.remove_record(&key) {
                model.marks.chosen.add_record(key);
                if within {
                    model.say("its name is marked with all of its records: this one counts once");
                }
            }
            if model.focus == Pane::Records {
                model.records.run(&model.index, Command::Down);
            }
        }
    }
}

fn refuse_root(model: &mut Model) {
    model.complain("the whole scope cannot be marked: b offers it where it makes sense");
}

fn begin_range(model: &mut Model) {
    let from = match model.focus {
        Pane::Tree => model.selected_name().map(|_| From::Name(model.tree.selected)),
        Pane::Records | Pane::Record => model.selected().map(|record| From::Record(record.key.clone())),
    };
    match from {
        Some(from) => {
            model.marks.from = Some(from);
            model.say("a range begins here: go to its other end, then v marks it, Esc does not");
        }
        None => refuse_root(model),
    }
}

fn end_range(model: &mut Model) {
    let marked = match model.marks.from.take() {
        Some(from @ From::Record(_)) if model.focus != Pane::Tree => {
            model.marks.from = Some(from);
            let rows = model.marks.records_ranged(&model.records);
            model.marks.from = None;
            rows.map(|rows| {
                let (first, number) = (*rows.start(), rows.end() - rows.start() + 1);
                let rows = model.records.rows.iter().skip(first).take(number);
                rows.filter(|row| model.marks.chosen.add_record(row.record.key.clone())).count()
            })
        }
        Some(from @ From::Name(_)) if model.focus == Pane::Tree => {
            model.marks.from = Some(from);
            let rows = model.marks.names_ranged(&model.index, &model.tree);
            model.marks.from = None;
            rows.map(|rows| mark_names(model, rows))
        }
        _ => None,
    };
    let told = model.marks.told();
    match marked {
        Some(_) => model.say(told),
        None => model.complain("where the range began is not here any more: nothing was marked"),
    }
}

fn mark_names(model: &mut Model, rows: RangeInclusive<usize>) -> usize {
    let end = (rows.end() + 1).min(rows.start() + MOST);
    let tree = model.tree.unfolded.rows(model.index.tree());
    let names: Vec<ScopedKey> = tree
        .window(*rows.start()..end)
        .filter_map(|row| model.session.scope.key(&model.index.key_of(row.node)?).ok())
        .collect();
    names.into_iter().filter(|name| model.marks.chosen.add_name(name.clone())).count()
}

/// Marks every record that the search has found.
pub(super) fn mark_matches(model: &mut Model) {
    let found = match model.search.as_ref().map(|search| &search.matches) {
        Some(super::Matches::Found(found)) => found,
        Some(super::Matches::Looking(_)) => {
            model.say("still searching: mark its matches when they are there");
            return;
        }
        Some(super::Matches::None) | None => {
            model.complain("nothing was looked for yet: press /");
            return;
        }
    };
    let (shown, total) = (found.matches.len(), found.total);
    let fresh = found.matches.iter().filter(|found| model.marks.chosen.add_record(found.key.clone())).count();
    let told = model.marks.told();
    if shown < total {
        let (shown, total) = (grouped(shown), grouped(total));
        model.complain(format!("only the first {shown} of {total} matches are marked: mark their name"));
    } else if fresh == 0 {
        model.say(format!("no other match to mark; {told}"));
    } else {
        model.say(told);
    }
}

/// Removes the marks of deleted keys, and says so.
pub(super) fn forget(model: &mut Model, gone: usize) {
    let mut dialogs = model.overlays.iter().filter_map(Overlay::change);
    if gone == 0 || dialogs.any(|open| open.working.is_some()) {
        return;
    }
    let what = if gone == 1 {
        "1 of what was marked is".to_owned()
    } else {
        format!("{gone} of what was marked are")
    };
    let left = model.marks.told();
    let left = if left.is_empty() { "nothing is marked any more".to_owned() } else { left };
    model.complain(format!("{what} gone: {left}"));
}
