//! Form for one change of many records.
mod view;

use super::{KeyHandler, Overlay, OverlayState, change, palette::target_key};
use crate::{
    app::{
        Effect, Liveness, Model, Pane,
        keymap::{Command, KeyContext},
        text,
    },
    bulk::{Among, BulkEdit, Relocation, Selection},
    dns::{Name, Service},
    index::Index,
    keys::{Scope, ScopedKey},
};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

/// Kind of a change of many records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAction {
    SetTtl,
    ReplaceHost,
    Move,
    Copy,
    Delete,
}

/// A line of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkField {
    Deed,
    Of,
    Ttl,
    Old,
    New,
    To,
    WithHosts,
}

/// Records that can be changed, in words, with their number now.
#[derive(Clone, Debug)]
pub struct BulkChoice {
    pub words: String,
    pub among: Among,
    pub records: usize,
}

/// The form.
#[derive(Debug)]
pub struct BulkForm {
    pub deed: BulkAction,
    /// Never empty: the marked records, those under the cursor, the whole scope.
    pub choices: Vec<BulkChoice>,
    of: usize,
    pub ttl: Input,
    pub old: Input,
    pub new: Input,
    pub to: Input,
    /// Records elsewhere that point to a name that moves are changed with it.
    pub with_hosts: bool,
    /// The name that would move or be copied.
    pub from: Option<ScopedKey>,
    focus: usize,
    pub complaint: Option<String>,
}

impl BulkAction {
    pub const ALL: [Self; 5] = [Self::SetTtl, Self::ReplaceHost, Self::Move, Self::Copy, Self::Delete];

    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SetTtl => "set TTL",
            Self::ReplaceHost => "replace host",
            Self::Move => "move",
            Self::Copy => "copy",
            Self::Delete => "delete",
        }
    }
}

impl BulkForm {
    fn new(model: &Model) -> Self {
        let records = model.index.records();
        let scope = &model.session.scope;
        let mut choices = Vec::new();
        let mut add = |words: String, among: Among| {
            let records = among.count(records);
            choices.push(BulkChoice { words, among, records });
        };
        let marks = &model.marks;
        if !marks.is_empty() {
            add(marks.told(), Among::These(marks.chosen.clone()));
        }
        let here = match model.focus {
            Pane::Tree => model.selected_name().map(Selection::name),
            Pane::Records | Pane::Record => {
                model.selected().map(|record| Selection::record(record.key.clone()))
            }
        };
        let key = match model.focus {
            Pane::Tree => model.selected_name(),
            Pane::Records | Pane::Record => model.selected().map(|record| record.key.clone()),
        };
        if let (Some(here), Some(key)) = (here, &key) {
            add(Name::of_key(scope, key).to_string(), Among::These(here));
        }
        add(format!("all of {scope}"), Among::Scope);
        let from = if marks.is_empty() { key } else { marks.chosen.only_name().cloned() };
        let old = model
            .selected()
            .filter(|_| model.focus != Pane::Tree)
            .and_then(|record| Service::decode(&record.value).ok())
            .map_or_else(String::new, |service| service.host);
        let to = from.as_ref().map_or_else(String::new, |key| Name::of_key(scope, key).to_string());
        Self {
            deed: BulkAction::SetTtl,
            choices,
            of: 0,
            ttl: Input::default(),
            old: Input::new(old),
            new: Input::default(),
            to: Input::new(to),
            with_hosts: true,
            from,
            focus: 0,
            complaint: None,
        }
    }

    /// The lines of the form, from the top.
    #[must_use]
    pub fn fields(&self) -> &'static [BulkField] {
        use BulkField::{Deed as What, New, Of, Old, To, Ttl, WithHosts};
        match self.deed {
            BulkAction::SetTtl => &[What, Of, Ttl],
            BulkAction::ReplaceHost => &[What, Of, Old, New],
            BulkAction::Move => &[What, To, WithHosts],
            BulkAction::Copy => &[What, To],
            BulkAction::Delete => &[What, Of],
        }
    }

    /// The line that the cursor is on.
    #[must_use]
    pub fn focused(&self) -> BulkField {
        self.fields().get(self.focus).copied().unwrap_or(BulkField::Deed)
    }

    /// The records that were chosen.
    #[must_use]
    pub fn chosen(&self) -> Option<&BulkChoice> {
        self.choices.get(self.of)
    }

    /// The input of a line, where it has one.
    #[must_use]
    pub fn input(&self, field: BulkField) -> Option<&Input> {
        match field {
            BulkField::Ttl => Some(&self.ttl),
            BulkField::Old => Some(&self.old),
            BulkField::New => Some(&self.new),
            BulkField::To => Some(&self.to),
            BulkField::Deed | BulkField::Of | BulkField::WithHosts => None,
        }
    }

    fn input_mut(&mut self, field: BulkField) -> Option<&mut Input> {
        match field {
            BulkField::Ttl => Some(&mut self.ttl),
            BulkField::Old => Some(&mut self.old),
            BulkField::New => Some(&mut self.new),
            BulkField::To => Some(&mut self.to),
            BulkField::Deed | BulkField::Of | BulkField::WithHosts => None,
        }
    }

    fn run(&mut self, command: Option<Command>, event: KeyEvent) {
        self.complaint = None;
        let focused = self.focused();
        let turn = |at: usize, of: usize| match command {
            Some(Command::NextChoice) => (at + 1) % of.max(1),
            Some(Command::PreviousChoice) => (at + of.max(1) - 1) % of.max(1),
            _ => at,
        };
        match (command, focused) {
            (Some(Command::NextField), _) => self.focus = (self.focus + 1).min(self.fields().len() - 1),
            (Some(Command::PreviousField), _) => self.focus = self.focus.saturating_sub(1),
            (Some(Command::NextChoice | Command::PreviousChoice), BulkField::Deed) => {
                let at = BulkAction::ALL.iter().position(|deed| *deed == self.deed).unwrap_or(0);
                self.deed =
                    BulkAction::ALL.get(turn(at, BulkAction::ALL.len())).copied().unwrap_or(self.deed);
            }
            (Some(Command::NextChoice | Command::PreviousChoice), BulkField::Of) => {
                self.of = turn(self.of, self.choices.len());
            }
            (Some(Command::NextChoice | Command::PreviousChoice), BulkField::WithHosts) => {
                self.with_hosts = !self.with_hosts;
            }
            (_, BulkField::Deed) => self.deed_by_letter(event),
            (_, BulkField::WithHosts) => self.with_hosts ^= event.code == KeyCode::Char(' '),
            (_, field) => {
                if let Some(input) = self.input_mut(field) {
                    text::type_into(input, event);
                }
            }
        }
    }

    fn deed_by_letter(&mut self, event: KeyEvent) {
        let KeyCode::Char(letter) = event.code else { return };
        let found =
            BulkAction::ALL.into_iter().find(|deed| deed.words().starts_with(letter.to_ascii_lowercase()));
        self.deed = found.unwrap_or(self.deed);
    }

    /// Order that the form stands for, or the reason why there is none.
    fn order(&self, scope: &Scope) -> Result<BulkEdit, String> {
        let of = || self.chosen().map(|choice| choice.among.clone()).ok_or("nothing is meant");
        match self.deed {
            BulkAction::SetTtl => BulkEdit::set_ttl(of()?, self.ttl.value()),
            BulkAction::ReplaceHost => BulkEdit::replace_host(of()?, self.old.value(), self.new.value()),
            BulkAction::Delete => BulkEdit::delete(of()?),
            BulkAction::Move | BulkAction::Copy => {
                let from = self.from.clone().ok_or("one name at a time: mark just that name, or nothing")?;
                let to = target_key(self.to.value().trim(), scope)?;
                let how = if self.deed == BulkAction::Move {
                    Relocation::Move { with_hosts: self.with_hosts }
                } else {
                    Relocation::Copy
                };
                Ok(BulkEdit::Relocate { how, from, to, overwrite: false })
            }
        }
    }
}

/// Opens the form for the marked records, or for those under the cursor.
pub(in crate::app) fn open(model: &mut Model) {
    let form = BulkForm::new(model);
    model.overlays.push(Overlay::Bulk(Box::new(form)));
}

fn on_key(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let live = matches!(model.feed, Liveness::Live { .. });
    let Some(Overlay::Bulk(form)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Review) if !live => {
            form.complaint =
                Some("what is shown is not known to be true now: wait until it is live".to_owned());
            vec![]
        }
        Some(Command::Review) => match form.order(&model.session.scope) {
            Ok(order) => change::open_order(model, order),
            Err(complaint) => {
                form.complaint = Some(complaint);
                vec![]
            }
        },
        command => {
            form.run(command, event);
            vec![]
        }
    }
}

impl OverlayState for BulkForm {
    fn place(&self) -> KeyContext {
        KeyContext::Bulk
    }

    fn handler(&self) -> KeyHandler {
        |model, command, key| on_key(model, command, key.event)
    }

    fn is_in_field(&self) -> bool {
        self.input(self.focused()).is_some()
    }

    fn type_text(&mut self, _: &Index, text: &str) {
        self.complaint = None;
        let focused = self.focused();
        if let Some(input) = self.input_mut(focused) {
            text::insert(input, text.chars());
        }
    }

    fn paste(&mut self, _: &Index, pasted: &str) {
        let focused = self.focused();
        let Some(input) = self.input_mut(focused) else { return };
        let whole = text::paste_into(input, pasted);
        self.complaint = (!whole).then(|| "only the first line of the paste was taken".to_owned());
    }
}
