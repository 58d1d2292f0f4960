use crate::{
    app::{
        Effect, Feed, Model, browse,
        keymap::{self, Command, May, Place},
        overlay::{Help, Overlay, contact, profiles},
        saving, text, then,
    },
    dns::Name,
    index::Index,
    keys::{Revision, Scope, ScopedKey},
    plan::Intent,
};
use crossterm::event::KeyEvent;
use tui_input::Input;

/// The line in which a command is typed.
#[derive(Debug, Default)]
pub struct Palette {
    pub input: Input,
    /// The chosen suggestion, from 0.
    pub cursor: usize,
}

/// What a typed line can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub text: &'static str,
    pub help: &'static str,
    pub does: Does,
}

/// What a suggestion does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Waits for a name or a key.
    Argument,
    Run(Command),
}

/// How many keys a typed `rm` matches now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Not known: the list is not complete, or not true any more.
    Counting,
    Keys(usize),
    /// The text is no key and no name of the scope.
    Wrong(String),
}

/// What Enter does with the typed line.
#[derive(Debug)]
pub(in crate::app) enum Parsed {
    Nothing,
    Go(ScopedKey),
    Answer(Name),
    /// The whole tree as of a revision; none for now.
    At(Option<Revision>),
    Remove(Intent),
    Run(Command),
    Wrong(String),
}

const GO: Suggestion = Suggestion { text: "go", help: "go NAME or KEY", does: Does::Argument };
const ANSWER: Suggestion = Suggestion {
    text: "answer",
    help: "answer NAME: what CoreDNS answers for it now, and why",
    does: Does::Argument,
};
const BACKUP: Suggestion = Suggestion {
    text: "backup",
    help: "save the scope to a file, read back and verified",
    does: Does::Run(Command::Backup),
};
const PROFILE: Suggestion = Suggestion {
    text: "profile",
    help: "open the deck of another profile",
    does: Does::Run(Command::Profiles),
};
const CLUSTER: Suggestion = Suggestion {
    text: "cluster",
    help: "say that this is the cluster that is meant",
    does: Does::Run(Command::Cluster),
};
const AT: Suggestion = Suggestion {
    text: "at",
    help: "at REV: the whole tree as it was at that revision; at now goes back",
    does: Does::Argument,
};
const RM: Suggestion =
    Suggestion { text: "rm", help: "rm KEY: delete a record, after its key was typed", does: Does::Argument };
const RM_ALL: Suggestion = Suggestion {
    text: "rm -r",
    help: "rm -r NAME: delete a name and all below it, after its key was typed",
    does: Does::Argument,
};

impl Palette {
    /// What fits what has been typed.
    #[must_use]
    pub fn suggestions(&self, may: May) -> Vec<Suggestion> {
        let typed = self.input.value().trim_start().to_lowercase();
        let mut all = vec![GO, ANSWER, AT, BACKUP, PROFILE, CLUSTER];
        if may == May::Change {
            all.extend([RM, RM_ALL]);
        }
        let mut seen = Vec::new();
        for binding in [Place::Tree, Place::Records].into_iter().flat_map(|place| keymap::active(place, may))
        {
            let moves = matches!(binding.command, Command::Palette | Command::Back)
                || binding.help.split(' ').count() < 2;
            if !moves && !seen.contains(&binding.command) {
                seen.push(binding.command);
                let does = Does::Run(binding.command);
                all.push(Suggestion { text: binding.help, help: "", does });
            }
        }
        all.retain(|suggestion| {
            let with_argument =
                suggestion.does == Does::Argument && typed.starts_with(&format!("{} ", suggestion.text));
            with_argument && (*suggestion != RM || !typed.starts_with("rm -r "))
                || suggestion.text.contains(typed.trim_end())
        });
        all
    }

    /// How many keys a typed `rm` matches now; `None` for any other text.
    #[must_use]
    pub fn counted(&self, scope: &Scope, index: &Index, feed: &Feed) -> Option<Counted> {
        let intent = match parse_remove(self.input.value(), scope)? {
            Ok(intent) => intent,
            Err(wrong) => return Some(Counted::Wrong(wrong)),
        };
        if !matches!(feed, Feed::Live { .. }) {
            return Some(Counted::Counting);
        }
        Some(Counted::Keys(match intent {
            Intent::Delete { key } => usize::from(index.get(key.as_bytes()).is_some()),
            Intent::DeleteSubtree { name } => {
                usize::from(index.get(name.as_bytes()).is_some())
                    + index.records().count(&scope.below_key(&name))
            }
            Intent::Add { .. }
            | Intent::Create { .. }
            | Intent::Edit { .. }
            | Intent::Several { .. }
            | Intent::Bulk { .. }
            | Intent::With { .. } => 0,
        }))
    }

    pub(in crate::app) fn run(&mut self, command: Option<Command>, event: KeyEvent, may: May) {
        let suggestions = self.suggestions(may);
        match command {
            Some(Command::Down) => self.cursor = (self.cursor + 1).min(suggestions.len().saturating_sub(1)),
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::NextField) => self.complete(&suggestions),
            _ => {
                text::type_into(&mut self.input, event);
                self.cursor = 0;
            }
        }
    }

    fn complete(&mut self, suggestions: &[Suggestion]) {
        if let Some(suggestion) = suggestions.get(self.cursor) {
            let space = if suggestion.does == Does::Argument { " " } else { "" };
            if !self.input.value().starts_with(&format!("{} ", suggestion.text)) {
                self.input = Input::new(format!("{}{space}", suggestion.text));
            }
        }
    }

    pub(in crate::app) fn parse(&self, scope: &Scope, may: May) -> Parsed {
        let line = self.input.value().trim();
        if line.split_whitespace().any(|word| word.ends_with("etcdctl")) {
            return Parsed::Wrong("an etcdctl line is never run here; rm KEY deletes one record".to_owned());
        }
        if let Some(remove) = parse_remove(line, scope) {
            return match remove {
                Ok(_) if may == May::Look => Parsed::Wrong("this session is read-only".to_owned()),
                Ok(_) if may == May::PutBack => Parsed::Wrong(
                    "this is an old revision: at now goes back to where it can be changed".to_owned(),
                ),
                Ok(intent) => Parsed::Remove(intent),
                Err(wrong) => Parsed::Wrong(wrong),
            };
        }
        if let Some(target) = line.strip_prefix("go ") {
            return target_key(target.trim(), scope).map_or_else(Parsed::Wrong, Parsed::Go);
        }
        if let Some(name) = line.strip_prefix("answer ") {
            return Name::parse(name.trim())
                .map_or_else(|error| Parsed::Wrong(error.to_string()), Parsed::Answer);
        }
        if let Some(at) = line.strip_prefix("at ") {
            return parse_at(at.trim());
        }
        match self.suggestions(may).get(self.cursor) {
            Some(Suggestion { does: Does::Run(command), .. }) => Parsed::Run(*command),
            Some(Suggestion { text, .. }) if !line.is_empty() => Parsed::Wrong(format!("{text} what?")),
            Some(_) if line.is_empty() => Parsed::Nothing,
            _ => Parsed::Wrong(format!("no command matches {line:?}")),
        }
    }
}

fn parse_remove(line: &str, scope: &Scope) -> Option<Result<Intent, String>> {
    let rest = line.trim_start().strip_prefix("rm ")?.trim();
    let (recursive, target) = match rest.strip_prefix("-r").or_else(|| rest.strip_prefix("--recursive")) {
        Some(target) if target.is_empty() || target.starts_with(' ') => (true, target.trim()),
        _ => (false, rest),
    };
    // With -r a key may be given as the subtree's key, with its closing slash.
    let target = if recursive { target.strip_suffix('/').unwrap_or(target) } else { target };
    Some(
        target_key(target, scope)
            .map(|key| if recursive { Intent::DeleteSubtree { name: key } } else { Intent::Delete { key } }),
    )
}

fn parse_at(at: &str) -> Parsed {
    match at.replace(',', "").parse() {
        Ok(revision @ 1..) => Parsed::At(Some(Revision(revision))),
        _ if at == "now" => Parsed::At(None),
        _ => Parsed::Wrong(format!("{at:?} is no revision: at 8841, or at now")),
    }
}

/// A key that starts with a slash, or a name's own key.
fn target_key(target: &str, scope: &Scope) -> Result<ScopedKey, String> {
    if target.starts_with('/') {
        scope.spelled_key(target).map_err(|error| error.to_string())
    } else {
        let name = Name::parse(target).map_err(|error| error.to_string())?;
        name.key(scope).map_err(|error| error.to_string())
    }
}

pub(in crate::app) fn on_key(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let (scope, may) = (model.session.scope.clone(), model.may());
    let Some(Overlay::Palette(palette)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Accept) => {
            let parsed = palette.parse(&scope, may);
            if let Parsed::Wrong(why) = parsed {
                model.complain(why);
                return vec![];
            }
            model.overlays.pop();
            match parsed {
                Parsed::Go(key) => model.go_to(key),
                Parsed::Answer(name) => {
                    model.ask_about(name);
                    vec![]
                }
                Parsed::At(Some(revision)) => then::ask(model, revision),
                Parsed::At(None) => {
                    then::leave(model);
                    vec![]
                }
                Parsed::Remove(intent) => browse::open_confirm(model, intent),
                Parsed::Run(command) => run_anywhere(model, command),
                Parsed::Nothing | Parsed::Wrong(_) => vec![],
            }
        }
        command => {
            palette.run(command, event, may);
            vec![]
        }
    }
}

/// Runs a command of the palette in the pane in which it means something.
fn run_anywhere(model: &mut Model, command: Command) -> Vec<Effect> {
    if command == Command::Help {
        model.overlays.push(Overlay::Help(Help::default()));
        return vec![];
    }
    // These have no keys of their own.
    match command {
        Command::Backup => return saving::begin(model),
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
    let means_something = |place: Place| keymap::active(place, may).any(|binding| binding.command == command);
    let place = if means_something(here) { here } else { Place::Records };
    let mut bindings = keymap::BINDINGS.iter().filter(|binding| binding.command == command).peekable();
    debug_assert!(bindings.peek().is_none() || bindings.any(|binding| binding.access.offered(may)));
    match command {
        Command::Suspend => vec![Effect::Suspend],
        Command::Redraw => vec![Effect::Redraw],
        command => browse::run(model, place, command),
    }
}
