mod view;

use super::{KeyHandler, OverlayState};
use crate::app::keymap::KeyContext;

/// The page of all keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Help {
    pub scroll: u16,
}

impl OverlayState for Help {
    fn place(&self) -> KeyContext {
        KeyContext::Help
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| super::read(model, command)
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
