use super::{Effect, Model, RequestId, WorkerTask, keymap::Command, marks, text};
use crate::index::SearchResult;
use crossterm::event::KeyEvent;
use tui_input::Input;

/// A search, with its matches.
#[derive(Debug)]
pub struct Search {
    pub input: Input,
    /// The text is being typed, and the matches stand in the place of the tree.
    pub open: bool,
    /// The path of the name that was selected when the search began; Esc goes back to it.
    from: Vec<u8>,
    /// Enter was pressed before anything was found: go to the first match when it comes.
    go_on: bool,
    pub matches: Matches,
    pub cursor: usize,
    /// The first match on the screen.
    pub top: usize,
}

/// Result of a search. An unknown is not an empty result.
#[derive(Debug)]
pub enum Matches {
    /// Nothing was searched for yet.
    None,
    Looking(RequestId),
    Found(SearchResult),
}

impl Search {
    /// A search that is about to be typed.
    pub(super) fn new(from: Vec<u8>) -> Self {
        Self {
            input: Input::default(),
            open: true,
            from,
            go_on: false,
            matches: Matches::None,
            cursor: 0,
            top: 0,
        }
    }

    /// The key of the match under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&crate::index::Match> {
        match &self.matches {
            Matches::Found(found) => found.matches.get(self.cursor),
            Matches::None | Matches::Looking(_) => None,
        }
    }

    /// Number of matches that can be stepped through.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.matches {
            Matches::Found(found) => found.matches.len(),
            Matches::None | Matches::Looking(_) => 0,
        }
    }

    /// Tells whether there is nothing to step through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Goes so many matches on or back, not past the ends.
    fn leap(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.len().saturating_sub(1));
    }

    /// Goes one match on or back, round the ends.
    pub(super) fn step(&mut self, forward: bool) {
        let len = self.len();
        if len > 0 {
            self.cursor = if forward { (self.cursor + 1) % len } else { (self.cursor + len - 1) % len };
        }
    }

    pub(super) fn settle(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.len().saturating_sub(1));
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(height.max(1)), self.cursor);
    }
}

pub(super) fn on_key(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.tree.selected = model.index.tree().nearest(&search.from);
            model.search = None;
            return vec![];
        }
        Some(Command::Accept) => {
            search.open = false;
            search.go_on = matches!(search.matches, Matches::Looking(_));
            return go_to_match(model);
        }
        Some(Command::MarkMatches) => {
            marks::mark_matches(model);
            return vec![];
        }
        Some(Command::Down | Command::Up) => search.step(command == Some(Command::Down)),
        Some(Command::HalfPageDown) => search.leap(10),
        Some(Command::HalfPageUp) => search.leap(-10),
        _ => {
            text::type_into(&mut search.input, event);
            return look(model);
        }
    }
    show_match(model);
    vec![]
}

/// Takes the matches, if they are still waited for.
pub(super) fn on_found(model: &mut Model, request: RequestId, found: SearchResult) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return vec![] };
    if !matches!(search.matches, Matches::Looking(waiting) if waiting == request) {
        return vec![];
    }
    search.matches = Matches::Found(found);
    if std::mem::take(&mut search.go_on) {
        return go_to_match(model);
    }
    show_match(model);
    vec![]
}

/// Shows the match under the cursor in the other panes, without leaving the list.
fn show_match(model: &mut Model) {
    let Some(search) = model.search.as_ref().filter(|search| search.open) else { return };
    let Some(key) = search.selected().map(|found| found.key.clone()) else { return };
    let node = model.index.nearest(key.as_bytes());
    model.tree.reveal(&model.index, node);
    model.records.show(&model.index, node, Some(key.as_bytes()));
}

/// Starts the search for the text as it stands.
pub(super) fn look(model: &mut Model) -> Vec<Effect> {
    if let Some(search) = &mut model.search {
        search.cursor = 0;
    }
    look_again(model)
}

/// Searches the present keys for the same text.
pub(super) fn look_again(model: &mut Model) -> Vec<Effect> {
    let request = model.request();
    let Some(search) = &mut model.search else { return vec![] };
    let text = search.input.value().to_owned();
    if text.is_empty() {
        search.matches = Matches::None;
        return vec![];
    }
    search.matches = Matches::Looking(request);
    vec![Effect::Worker(WorkerTask::Find(request, model.index.records().clone(), text))]
}

pub(super) fn step_match(model: &mut Model, forward: bool) -> Vec<Effect> {
    match &mut model.search {
        Some(search) if !search.is_empty() => {
            search.step(forward);
            go_to_match(model)
        }
        _ => {
            model.complain("nothing was looked for yet: press /");
            vec![]
        }
    }
}

fn go_to_match(model: &mut Model) -> Vec<Effect> {
    let Some(found) = model.search.as_ref().and_then(Search::selected) else { return vec![] };
    let Ok(key) = model.session.scope.key(found.key.as_bytes()) else { return vec![] };
    let effects = model.go_to(key);
    if let Some(search) = &model.search {
        let text = format!("match {} of {}", search.cursor + 1, search.len());
        model.say(text);
    }
    effects
}
