//! Draws the model.
use crate::app::Model;
use jiff::tz::TimeZone;
use ratatui::{buffer::Buffer, layout::Position};

/// What the terminal can show, and where it stands.
#[derive(Clone, Debug)]
pub struct Look {
    pub ascii: bool,
    pub colour: bool,
    pub zone: TimeZone,
}

/// Draws the deck.
pub fn draw(_model: &Model, _buffer: &mut Buffer, _look: &Look) -> Option<Position> {
    None
}
