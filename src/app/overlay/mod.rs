//! What stands on top of the panes: each overlay in a file of its own, with its state and what keys do to it.

pub(super) mod conflict;
pub(super) mod delete;
mod form;
mod help;
mod json;
mod notice;
pub(super) mod palette;
mod preview;
pub(super) mod review;

pub use conflict::ConflictView;
pub use delete::Delete;
pub use form::{Form, FormField, Purpose};
pub use help::Help;
pub use json::JsonEditor;
pub use notice::Notice;
pub use palette::{Counted, Does, Palette, Suggestion};
pub use preview::Preview;
pub use review::Review;

use super::{
    Effect, Model,
    keymap::{Command, Place},
};
use crate::plan::Intent;

/// One overlay.
#[derive(Debug)]
pub enum Overlay {
    Form(Box<Form>),
    Json(Box<JsonEditor>),
    Review(Review),
    Delete(Box<Delete>),
    Conflict(ConflictView),
    Palette(Palette),
    Help(Help),
    Notice(Notice),
}

impl Overlay {
    /// Where keys go while this overlay is on top.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Review(_) | Self::Delete(_) if self.working().is_some() => Place::Working,
            Self::Form(_) => Place::Form,
            Self::Json(_) => Place::Json,
            Self::Review(_) => Place::Review,
            Self::Delete(_) => Place::Delete,
            Self::Conflict(_) => Place::Conflict,
            Self::Palette(_) => Place::Palette,
            Self::Help(_) => Place::Help,
            Self::Notice(_) => Place::Notice,
        }
    }
}

impl Overlay {
    /// What it shows of a plan, where it shows one.
    pub(in crate::app) fn preview(&self) -> Option<&Preview> {
        match self {
            Self::Review(review) => Some(&review.preview),
            Self::Delete(delete) => Some(&delete.preview),
            Self::Form(_)
            | Self::Json(_)
            | Self::Conflict(_)
            | Self::Palette(_)
            | Self::Help(_)
            | Self::Notice(_) => None,
        }
    }

    /// What it plans, and what it shows of the plan, to plan it again.
    pub(in crate::app) fn planned_mut(&mut self) -> Option<(&Intent, &mut Preview)> {
        match self {
            Self::Review(review) => Some((&review.intent, &mut review.preview)),
            Self::Delete(delete) => Some((&delete.intent, &mut delete.preview)),
            _ => None,
        }
    }

    /// The change that it waits for.
    pub(in crate::app) fn working(&self) -> Option<Working> {
        match self {
            Self::Review(review) => review.working,
            Self::Delete(delete) => delete.working,
            _ => None,
        }
    }

    pub(in crate::app) fn working_mut(&mut self) -> Option<&mut Option<Working>> {
        match self {
            Self::Review(review) => Some(&mut review.working),
            Self::Delete(delete) => Some(&mut delete.working),
            _ => None,
        }
    }
}

/// A change that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    pub request: super::RequestId,
    /// Keys that are done.
    pub done: usize,
    pub total: usize,
}

pub(in crate::app) fn read(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    if command == Some(Command::Back) {
        model.overlays.pop();
        return vec![];
    }
    match model.overlays.last_mut() {
        Some(Overlay::Help(help)) => scroll(&mut help.scroll, command),
        Some(Overlay::Notice(notice)) => scroll(&mut notice.scroll, command),
        _ => {}
    }
    vec![]
}

/// Scrolls by lines; the picture stops at the last.
fn scroll(lines: &mut u16, command: Option<Command>) {
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
