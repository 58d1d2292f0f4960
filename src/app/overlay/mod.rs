//! Overlays on top of the panes. Each has a folder: its state and the effects of its keys in `mod.rs`, its picture in
//! `view.rs`, which belongs to the layer [`view`](crate::view) and is named by no state.

mod alarm;
pub(super) mod broken_off;
pub(super) mod bulk;
pub(super) mod change;
mod conflict;
pub(super) mod contact;
pub(super) mod explained;
pub(super) mod findings;
mod form;
mod health;
mod help;
pub(super) mod history;
pub(super) mod journal;
mod json;
mod notice;
pub(super) mod palette;
mod profiles;
pub(super) mod saved;
pub(super) mod take_back;
pub(super) mod verify;

pub use alarm::AlarmView;
pub use broken_off::BrokenOff;
pub use bulk::{BulkAction, BulkField, BulkForm};
pub use change::{
    ByHand, ChangeDialog, ConsentBy, ConsentLine, Digits, Ordered, Preview, TypedConsent, Working,
};
pub use conflict::ConflictView;
pub use contact::FirstContact;
pub use explained::{Explained, ExplainedLine};
pub use findings::FindingList;
pub use form::{Form, FormField, FormPurpose};
pub use health::HealthPage;
pub use help::Help;
pub use history::{HistoryList, HistoryMoment, HistoryRow};
pub use journal::{EntryView, Headings, JournalList};
pub use json::JsonEditor;
pub use notice::Notice;
pub use palette::{Does, MatchCount, Palette, Suggestion};
pub use profiles::{Chooser, ProfileChoice, ProfileRow};
pub use saved::SavedList;
pub use take_back::{Away, FormerRecords, GoneLeases, TakeBack, TakeBackPlan, TakeBackSource, open_changes};
pub use verify::{AskedQuestion, AskedServer, ServerVerdict, Verify};

use super::{
    Effect, Key, Model,
    keymap::{Command, KeyContext},
};
use crate::index::Index;

/// One overlay.
#[derive(Debug)]
pub enum Overlay {
    Findings(FindingList),
    Alarm(AlarmView),
    Form(Box<Form>),
    Bulk(Box<BulkForm>),
    Json(Box<JsonEditor>),
    Change(Box<ChangeDialog>),
    Conflict(ConflictView),
    Palette(Palette),
    Help(Help),
    Notice(Notice),
    Verify(Verify),
    Health(HealthPage),
    Journal(Box<JournalList>),
    Entry(Box<EntryView>),
    History(Box<HistoryList>),
    TakeBack(Box<TakeBack>),
    BrokenOff(Box<BrokenOff>),
    Saved(Box<SavedList>),
    Contact(Box<FirstContact>),
    Profiles(Chooser),
    Explained(Explained),
}

/// Does the same with the state of whichever overlay it is.
macro_rules! whichever {
    ($overlay:expr, $state:ident => $does:expr) => {
        match $overlay {
            $crate::app::overlay::Overlay::Findings($state) => $does,
            $crate::app::overlay::Overlay::Alarm($state) => $does,
            $crate::app::overlay::Overlay::Form($state) => $does,
            $crate::app::overlay::Overlay::Bulk($state) => $does,
            $crate::app::overlay::Overlay::Json($state) => $does,
            $crate::app::overlay::Overlay::Change($state) => $does,
            $crate::app::overlay::Overlay::Conflict($state) => $does,
            $crate::app::overlay::Overlay::Palette($state) => $does,
            $crate::app::overlay::Overlay::Help($state) => $does,
            $crate::app::overlay::Overlay::Notice($state) => $does,
            $crate::app::overlay::Overlay::Verify($state) => $does,
            $crate::app::overlay::Overlay::Health($state) => $does,
            $crate::app::overlay::Overlay::Journal($state) => $does,
            $crate::app::overlay::Overlay::Entry($state) => $does,
            $crate::app::overlay::Overlay::History($state) => $does,
            $crate::app::overlay::Overlay::TakeBack($state) => $does,
            $crate::app::overlay::Overlay::BrokenOff($state) => $does,
            $crate::app::overlay::Overlay::Saved($state) => $does,
            $crate::app::overlay::Overlay::Contact($state) => $does,
            $crate::app::overlay::Overlay::Profiles($state) => $does,
            $crate::app::overlay::Overlay::Explained($state) => $does,
        }
    };
}
pub(crate) use whichever;

/// Handler of the keys of the topmost overlay.
pub(in crate::app) type KeyHandler = fn(&mut Model, Option<Command>, Key) -> Vec<Effect>;

/// State of an overlay, as the deck sees it. Most overlays need no more than a place and a handler.
pub(in crate::app) trait OverlayState {
    /// Place that keys go to while it is on top.
    fn place(&self) -> KeyContext;

    /// Handler of its keys.
    fn handler(&self) -> KeyHandler;

    /// Tells whether a command of its place does anything now. The footer tells no others.
    fn has_use_for(&self, _: Command) -> bool {
        true
    }

    /// Words for a command, where those of the table are not true enough.
    fn words(&self, _: Command) -> Option<&'static str> {
        None
    }

    /// Tells whether its cursor is in a field, if it is in a place where characters are text.
    fn is_in_field(&self) -> bool {
        true
    }

    /// Puts characters that came in one piece where the cursor is.
    fn type_text(&mut self, _: &Index, _: &str) {}

    /// Puts a paste where the cursor is.
    fn paste(&mut self, _: &Index, _: &str) {}

    /// The first line in sight, of a text that scrolls by lines.
    fn scroll_mut(&mut self) -> Option<&mut u16> {
        None
    }

    /// Takes the first line that the picture has in sight.
    fn scrolled_to(&mut self, line: u16) {
        if let Some(first) = self.scroll_mut() {
            *first = line;
        }
    }

    fn as_state(&self) -> &dyn OverlayState
    where
        Self: Sized,
    {
        self
    }

    fn as_state_mut(&mut self) -> &mut dyn OverlayState
    where
        Self: Sized,
    {
        self
    }
}

impl Overlay {
    pub(in crate::app) fn state(&self) -> &dyn OverlayState {
        whichever!(self, open => open.as_state())
    }

    pub(in crate::app) fn state_mut(&mut self) -> &mut dyn OverlayState {
        whichever!(self, open => open.as_state_mut())
    }

    /// The dialog of a change, if it is one.
    pub(in crate::app) fn change(&self) -> Option<&ChangeDialog> {
        if let Self::Change(dialog) = self { Some(dialog) } else { None }
    }

    pub(in crate::app) fn change_mut(&mut self) -> Option<&mut ChangeDialog> {
        if let Self::Change(dialog) = self { Some(dialog) } else { None }
    }
}

/// Reads on in a page, or closes it.
fn read(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    if command == Some(Command::Back) {
        model.overlays.pop();
    } else if let Some(first) = model.overlays.last_mut().and_then(|open| open.state_mut().scroll_mut()) {
        scroll(first, command);
    }
    vec![]
}

/// Moves the cursor of a list of `len` items.
fn step(cursor: &mut usize, len: usize, command: Option<Command>) {
    let last = len.saturating_sub(1);
    *cursor = match command {
        Some(Command::Down) => *cursor + 1,
        Some(Command::Up) => cursor.saturating_sub(1),
        Some(Command::HalfPageDown) => *cursor + 10,
        Some(Command::HalfPageUp) => cursor.saturating_sub(10),
        Some(Command::First) => 0,
        Some(Command::Last) => last,
        _ => *cursor,
    }
    .min(last);
}

/// Scrolls by lines; the picture stops at the last.
pub(in crate::app) fn scroll(lines: &mut u16, command: Option<Command>) {
    match command {
        Some(Command::ScrollDown) => *lines = lines.saturating_add(1),
        Some(Command::ScrollUp) => *lines = lines.saturating_sub(1),
        Some(Command::HalfPageDown) => *lines = lines.saturating_add(10),
        Some(Command::HalfPageUp) => *lines = lines.saturating_sub(10),
        Some(Command::First) => *lines = 0,
        Some(Command::Last) => *lines = u16::MAX,
        _ => {}
    }
}
