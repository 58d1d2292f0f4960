use crate::app::Model;
use ratatui::{buffer::Buffer, layout::Position};
#[derive(Debug)]
pub struct Look {}
pub fn draw(_model: &Model, _buffer: &mut Buffer, _look: &Look) -> Option<Position> {
    None
}
