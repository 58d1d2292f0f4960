//! Overlays on top of the panes: each in a file of its own, with its state and the effects of its keys.

mod alarm;
pub(super) mod broken_off;
pub(super) mod bulk;
pub(super) mod change;
pub(super) mod conflict;
pub(super) mod contact;
pub(super) mod explained;
pub(super) mod findings;
mod form;
mod gone_leases;
mod health;
mod help;
pub(super) mod history;
pub(super) mod journal;
mod json;
mod notice;
pub(super) mod palette;
pub(super) mod profiles;
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
pub use gone_leases::GoneLeases;
pub use health::HealthPage;
pub use help::Help;
pub use history::{HistoryList, HistoryMoment, HistoryRow};
pub use journal::{EntryView, Headings, JournalList};
pub use json::JsonEditor;
pub use notice::Notice;
pub use palette::{Does, MatchCount, Palette, Suggestion};
pub use profiles::{Chooser, ProfileChoice, ProfileRow};
pub use saved::SavedList;
pub use take_back::{Away, FormerRecords, TakeBack, TakeBackPlan, TakeBackSource, open_changes};
pub use verify::{AskedQuestion, AskedServer, ServerVerdict, Verify};

use super::{
    Effect, Model,
    keymap::{Command, KeyContext},
};
use crate::etcdctl::Equivalent;

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

impl Overlay {
    /// Place that keys go to while this overlay is on top.
    #[must_use]
    pub fn place(&self) -> KeyContext {
        match self {
            Self::Findings(_) => KeyContext::Findings,
            Self::Alarm(_) => KeyContext::Alarm,
            Self::Form(_) => KeyContext::Form,
            Self::Bulk(_) => KeyContext::Bulk,
            Self::Json(_) => KeyContext::Json,
            Self::Change(dialog) => dialog.place(),
            Self::Conflict(_) => KeyContext::Conflict,
            Self::Palette(_) => KeyContext::Palette,
            Self::Help(_) => KeyContext::Help,
            Self::Notice(_) | Self::Verify(_) | Self::Health(_) => KeyContext::Notice,
            Self::Journal(_) => KeyContext::Journal,
            Self::Entry(_) => KeyContext::Entry,
            Self::History(_) => KeyContext::History,
            Self::TakeBack(_) => KeyContext::TakeBack,
            Self::BrokenOff(_) => KeyContext::BrokenOff,
            Self::Saved(_) => KeyContext::Saved,
            Self::Contact(_) => KeyContext::Contact,
            Self::Profiles(_) => KeyContext::Profiles,
            Self::Explained(_) => KeyContext::Explained,
        }
    }
}

impl Overlay {
    /// Tells whether a command of its place does anything now. The footer tells no others.
    #[must_use]
    pub fn has_use_for(&self, command: Command) -> bool {
        match (self, command) {
            (Self::Journal(list), Command::Open | Command::Undo) => !list.is_empty(),
            (Self::History(list), Command::PutBack | Command::CopyKey) => list.selected().is_some(),
            (Self::History(list), Command::PutNameBack | Command::AsOf) => !list.is_empty(),
            (Self::History(list), Command::Right) => list.row().is_some_and(|row| row.is_folded()),
            (Self::History(list), Command::Left) => {
                list.row().is_some_and(|row| row.is_unfolded() || row.is_part())
            }
            (Self::Saved(list), Command::Accept) => !list.is_empty(),
            (Self::Findings(list), Command::Accept | Command::Fix) => list.selected().is_some(),
            (Self::Findings(list), Command::FilterSeverity) => list.tally().worst().is_some(),
            (Self::Notice(notice), Command::Saved) => notice.part.is_some(),
            (Self::Verify(_) | Self::Health(_), Command::Saved) => false,
            (Self::TakeBack(open), Command::Accept) => open.seen.is_some(),
            (Self::TakeBack(open), Command::NextChoice) => !open.gone().is_empty(),
            (Self::TakeBack(open), Command::Prune) => open.may_prune(),
            (Self::BrokenOff(open), Command::Finish) => open.can_be_finished(),
            (Self::BrokenOff(open), Command::NextMatch) => open.entries.len() > 1,
            // The words "Enter do it" beside a line that deletes would frighten.
            (Self::Palette(palette), Command::Accept | Command::NextField) => palette.pasted().is_none(),
            (Self::Explained(page), Command::CopyMeant) => {
                page.meant().is_some_and(|meant| meant.line().is_some())
            }
            (Self::Explained(page), Command::Accept) => page.meant().is_some(),
            (Self::Explained(page), Command::DeleteRecord) => {
                matches!(page.equivalent(), Some(Equivalent::Delete { .. }))
            }
            (Self::Explained(page), Command::EditForm) => {
                matches!(page.equivalent(), Some(Equivalent::Put { .. }))
            }
            (Self::Explained(page), Command::NextMatch) => page.lines.len() > 1,
            (Self::Change(dialog), command) => dialog.has_use_for(command),
            _ => true,
        }
    }

    /// Words for a command, where those of the table are not true enough.
    #[must_use]
    pub fn words(&self, command: Command) -> Option<&'static str> {
        Some(match (self, command) {
            (Self::Change(dialog), command) => return dialog.words(command),
            (Self::Contact(_), Command::Back) => "not now",
            (Self::Contact(contact), Command::Accept) if contact.meeting.before.is_some() => "accept",
            (Self::TakeBack(_), Command::Back) => "leave it",
            (Self::TakeBack(open), Command::Prune) => open.words_for_the_rest(),
            (Self::BrokenOff(_), Command::Back) => "later",
            (Self::Notice(_) | Self::Verify(_) | Self::Health(_), Command::Back) => "close",
            (Self::Findings(list), Command::Fix) if list.selected().is_some_and(|one| one.fix.is_none()) => {
                "edit its text"
            }
            _ => return None,
        })
    }

    /// The dialog of a change, if it is one.
    pub(in crate::app) fn change(&self) -> Option<&ChangeDialog> {
        if let Self::Change(dialog) = self { Some(dialog) } else { None }
    }

    pub(in crate::app) fn change_mut(&mut self) -> Option<&mut ChangeDialog> {
        if let Self::Change(dialog) = self { Some(dialog) } else { None }
    }
}

pub(in crate::app) fn read(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    if command == Some(Command::Back) {
        model.overlays.pop();
        return vec![];
    }
    if command == Some(Command::Saved)
        && let Some(Overlay::Notice(Notice { part: Some(part), .. })) = model.overlays.last()
    {
        let part = part.clone();
        model.overlays.pop();
        return saved::open(model, Some(part));
    }
    match model.overlays.last_mut() {
        Some(Overlay::Help(help)) => scroll(&mut help.scroll, command),
        Some(Overlay::Notice(notice)) => scroll(&mut notice.scroll, command),
        Some(Overlay::Verify(verify)) => scroll(&mut verify.scroll, command),
        Some(Overlay::Health(page)) => scroll(&mut page.scroll, command),
        _ => {}
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
