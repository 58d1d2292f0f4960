//! What stands on top of the panes: each overlay in a file of its own, with its state and what keys do to it.

mod conflict;
mod delete;
mod form;
mod help;
mod json;
mod notice;
mod palette;
mod preview;
mod review;

pub use conflict::ConflictView;
pub use delete::Delete;
pub use form::{Form, FormField, Purpose};
pub use help::Help;
pub use json::JsonEditor;
pub use notice::Notice;
pub(in crate::app) use palette::Parsed;
pub use palette::{Counted, Does, Palette, Suggestion};
pub use preview::Preview;
pub use review::Review;

use super::keymap::Place;

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
            Self::Review(review) if review.working.is_some() => Place::Working,
            Self::Delete(delete) if delete.working.is_some() => Place::Working,
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

/// A change that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    pub request: super::RequestId,
    /// Keys that are done.
    pub done: usize,
    pub total: usize,
}
