//! Line in which a command is typed.

mod counted;
mod parsed;
mod suggestion;
mod view;

pub use counted::MatchCount;
pub use suggestion::{Does, Suggestion};

use super::{Help, KeyHandler, Overlay, OverlayState, change, contact, explained, profiles};
use crate::{
    app::{
        Effect, Key, Model, TerminalTask, alarming, as_of, browse,
        keymap::{self, Command, KeyContext, May},
        saving, text,
    },
    index::Index,
};
use crossterm::event::KeyEvent;
use parsed::PaletteLine;
pub(in crate::app) use parsed::target_key;
use tui_input::Input;

/// The line in which a command is typed.
#[derive(Debug, Default)]
pub struct Palette {
    pub input: Input,
    /// The chosen suggestion, from 0.
    pub cursor: usize,
    /// The keys that came in one piece contain an etcdctl line: the next ones belong to it.
    is_line: bool,
}

impl Palette {
    pub(in crate::app) fn run(&mut self, command: Option<Command>, event: KeyEvent, may: May) {
        match command {
            Some(Command::Down) => {
                self.cursor = (self.cursor + 1).min(self.suggestions(may).len().saturating_sub(1));
            }
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::NextField) => self.complete(&self.suggestions(may)),
            // The suggestions are looked up when the line is drawn, and not at each key.
            _ => {
                text::type_into(&mut self.input, event);
                self.cursor = 0;
            }
        }
    }

    /// Tells whether keys that come in one piece belong to an etcdctl line, as an unmarked paste sends them. A text
    /// that is such a line at the end of a row stays one with more rows behind it, so this is asked once, and not at
    /// each row.
    fn goes_on(&mut self) -> bool {
        self.is_line = self.is_line || self.pasted().is_some();
        self.is_line || self.input.value().ends_with('\\')
    }

    fn insert(&mut self, blank: &str) {
        text::insert(&mut self.input, blank.chars());
    }

    fn complete(&mut self, suggestions: &[Suggestion]) {
        if self.pasted().is_some() {
            return;
        }
        if let Some(suggestion) = suggestions.get(self.cursor) {
            let space = if suggestion.does == Does::Argument { " " } else { "" };
            if !self.input.value().starts_with(&format!("{} ", suggestion.text)) {
                self.input = Input::new(format!("{}{space}", suggestion.text));
            }
        }
    }
}

fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let (scope, may) = (model.session.scope.clone(), model.may());
    let Some(Overlay::Palette(palette)) = model.overlays.last_mut() else { return vec![] };
    palette.is_line &= key.in_burst;
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Accept) if key.in_burst && palette.goes_on() => {
            palette.insert("\n");
            vec![]
        }
        Some(Command::NextField) if key.in_burst && palette.goes_on() => {
            palette.insert("\t");
            vec![]
        }
        Some(Command::Accept) => {
            let parsed = palette.parse(&scope, may);
            if let PaletteLine::Wrong(why) = parsed {
                model.complain(why);
                return vec![];
            }
            model.overlays.pop();
            match parsed {
                PaletteLine::Go(key) => model.go_to(key),
                PaletteLine::Answer(name) => {
                    model.ask_about(name);
                    vec![]
                }
                PaletteLine::At(Some(revision)) => as_of::ask(model, revision),
                PaletteLine::At(None) => {
                    as_of::leave(model);
                    vec![]
                }
                PaletteLine::Explain { lines, is_asked: true } => explained::open(model, lines),
                PaletteLine::Explain { lines, is_asked: false } => explained::open_pasted(model, lines),
                PaletteLine::Remove(intent) => change::open(model, intent),
                PaletteLine::Run(command) => run_anywhere(model, command),
                PaletteLine::Nothing | PaletteLine::Wrong(_) => vec![],
            }
        }
        command => {
            palette.run(command, key.event, may);
            vec![]
        }
    }
}

/// Runs a command of the palette in the pane in which it has a meaning.
fn run_anywhere(model: &mut Model, command: Command) -> Vec<Effect> {
    if command == Command::Help {
        model.overlays.push(Overlay::Help(Help::default()));
        return vec![];
    }
    // These commands have no keys of their own.
    match command {
        Command::Backup => return saving::begin(model),
        Command::RescueAll => return alarming::rescue_all(model),
        Command::Profiles => {
            profiles::open(model);
            return vec![];
        }
        Command::Cluster => {
            contact::open(model);
            return vec![];
        }
        _ => {}
    }
    let here = model.place();
    let may = model.may();
    let means_something =
        |place: KeyContext| keymap::active(place, may).any(|binding| binding.command == command);
    let place = if means_something(here) { here } else { KeyContext::Records };
    let mut bindings = keymap::BINDINGS.iter().filter(|binding| binding.command == command).peekable();
    debug_assert!(bindings.peek().is_none() || bindings.any(|binding| binding.access.offered(may)));
    match command {
        Command::Suspend => vec![Effect::Terminal(TerminalTask::Suspend)],
        Command::Redraw => vec![Effect::Terminal(TerminalTask::Redraw)],
        command => browse::run(model, place, command),
    }
}

impl OverlayState for Palette {
    fn place(&self) -> KeyContext {
        KeyContext::Palette
    }

    fn handler(&self) -> KeyHandler {
        on_key
    }

    fn has_use_for(&self, command: Command) -> bool {
        // The words "Enter do it" beside a line that deletes would frighten.
        !matches!(command, Command::Accept | Command::NextField) || self.pasted().is_none()
    }

    fn type_text(&mut self, _: &Index, text: &str) {
        text::insert(&mut self.input, text.chars());
        self.cursor = 0;
    }

    /// Takes all lines of an etcdctl line, whose line ends have a meaning; of any other text the first line.
    fn paste(&mut self, _: &Index, pasted: &str) {
        let mut whole = Self { input: self.input.clone(), ..Self::default() };
        text::paste_lines_into(&mut whole.input, pasted);
        if whole.pasted().is_none() {
            whole.input = self.input.clone();
            text::paste_into(&mut whole.input, pasted);
        }
        *self = whole;
    }
}
