mod view;

use super::{KeyHandler, OverlayState};
use crate::app::{alarming, keymap::KeyContext};

/// Page about a mass deletion, with the ways on from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmView {
    pub scroll: u16,
    /// The question whether to end the alarm is open.
    pub ending: bool,
}

impl OverlayState for AlarmView {
    fn place(&self) -> KeyContext {
        KeyContext::Alarm
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| alarming::on_key(model, command)
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
