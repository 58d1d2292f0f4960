mod view;

use super::{KeyHandler, Overlay, OverlayState};
use crate::app::{
    Effect, Leaving, Model, Saving,
    keymap::{Command, KeyContext},
};

/// One profile to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileRow {
    /// `None` for the connection without a profile.
    pub name: Option<String>,
    pub label: Option<String>,
    /// The label's colour, in a word.
    pub colour: Option<String>,
    pub endpoints: String,
    pub read_only: bool,
}

/// Choice of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chooser {
    pub rows: Vec<ProfileRow>,
    pub cursor: usize,
    /// Result of the choice before, or what this choice would lose.
    pub note: Option<String>,
    /// The person was told what would be lost.
    warned: bool,
}

/// Result of a key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileChoice {
    Nothing,
    /// The row under the cursor.
    This,
    Back,
}

impl Chooser {
    #[must_use]
    pub fn new(rows: Vec<ProfileRow>, note: Option<String>) -> Self {
        Self { rows, cursor: 0, note, warned: false }
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&ProfileRow> {
        self.rows.get(self.cursor)
    }

    /// Takes a key press.
    pub fn press(&mut self, command: Option<Command>) -> ProfileChoice {
        let last = self.rows.len().saturating_sub(1);
        match command {
            Some(Command::Back) => return ProfileChoice::Back,
            Some(Command::Open) if !self.rows.is_empty() => return ProfileChoice::This,
            Some(Command::Down) => self.cursor = (self.cursor + 1).min(last),
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::First) => self.cursor = 0,
            Some(Command::Last) => self.cursor = last,
            _ => {}
        }
        ProfileChoice::Nothing
    }
}

pub(in crate::app) fn open(model: &mut Model) {
    if model.session.profiles.is_empty() {
        model.say("there are no profiles: [profile.NAME] in config.toml makes one");
        return;
    }
    let mut chooser = Chooser::new(model.session.profiles.clone(), None);
    let here = chooser.rows.iter().position(|row| row.name == model.session.profile);
    chooser.cursor = here.unwrap_or(0);
    model.overlays.push(Overlay::Profiles(chooser));
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let lost = would_lose(model);
    let Some(Overlay::Profiles(chooser)) = model.overlays.last_mut() else { return vec![] };
    match chooser.press(command) {
        ProfileChoice::Nothing => {}
        ProfileChoice::Back => drop(model.overlays.pop()),
        ProfileChoice::This => match (lost, chooser.selected()) {
            (Some(lost), _) if !chooser.warned => {
                chooser.warned = true;
                chooser.note = Some(format!("{lost} would be lost: Enter again goes on, Esc stays"));
            }
            (_, Some(row)) => return vec![Effect::Leave(Leaving::Profile(row.name.clone()))],
            (_, None) => {}
        },
    }
    vec![]
}

/// Names what would be lost with this deck, because it is nowhere else.
fn would_lose(model: &Model) -> Option<String> {
    let unsaved = |overlay: &Overlay| {
        matches!(overlay, Overlay::Form(_) | Overlay::Bulk(_) | Overlay::Json(_) | Overlay::Conflict(_))
    };
    let raised = model.alarm.raised.as_ref();
    if raised.is_some_and(|raised| !matches!(raised.saving, Saving::Saved { .. })) {
        Some("what a mass deletion took, which is in this deck's memory only,".to_owned())
    } else if model.overlays.iter().any(unsaved) {
        Some("what was typed".to_owned())
    } else if model.backing_up {
        Some("the backup that is being made".to_owned())
    } else {
        (!model.marks.is_empty()).then(|| format!("what is marked ({})", model.marks.told()))
    }
}

impl OverlayState for Chooser {
    fn place(&self) -> KeyContext {
        KeyContext::Profiles
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }
}
