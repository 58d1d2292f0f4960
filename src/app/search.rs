use super::{
    Effect, Model, RequestId, browse,
    keymap::{Command, Place},
    text,
};
use crate::index::Found;
use crossterm::event::KeyEvent;
use tui_input::Input;

/// What was looked for, and what was found.
#[derive(Debug)]
pub struct Search {
    pub input: Input,
    /// The text is being typed.
    pub typing: bool,
    /// The matches stand in the place of the tree.
    pub open: bool,
    pub matches: Matches,
    pub cursor: usize,
    /// The first match on the screen.
    pub top: usize,
}

/// An unknown is not an empty result.
#[derive(Debug)]
pub enum Matches {
    /// Nothing is looked for yet.
    None,
    Looking(RequestId),
    Found(Found),
}

impl Default for Search {
    fn default() -> Self {
        Self { input: Input::default(), typing: true, open: true, matches: Matches::None, cursor: 0, top: 0 }
    }
}

impl Search {
    /// The key of the match under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&crate::index::Match> {
        match &self.matches {
            Matches::Found(found) => found.matches.get(self.cursor),
            Matches::None | Matches::Looking(_) => None,
        }
    }

    /// How many matches can be stepped through.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.matches {
            Matches::Found(found) => found.matches.len(),
            Matches::None | Matches::Looking(_) => 0,
        }
    }

    /// Whether there is nothing to step through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One match on or back, round the ends.
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
            model.search = None;
            vec![]
        }
        Some(Command::Accept) => {
            search.typing = false;
            search.open = false;
            go_to_match(model)
        }
        Some(Command::Down | Command::Up) => {
            search.step(command == Some(Command::Down));
            vec![]
        }
        _ if search.typing => {
            text::type_into(&mut search.input, event);
            look(model)
        }
        Some(command) => browse::run(model, Place::Matches, command),
        None => vec![],
    }
}

/// Starts the search for the text as it stands.
pub(super) fn look(model: &mut Model) -> Vec<Effect> {
    let request = model.request();
    let Some(search) = &mut model.search else { return vec![] };
    search.cursor = 0;
    let text = search.input.value().to_owned();
    if text.is_empty() {
        search.matches = Matches::None;
        return vec![];
    }
    search.matches = Matches::Looking(request);
    vec![Effect::Find(request, model.index.records().clone(), text)]
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
