mod view;

use super::{KeyHandler, OverlayState};
use crate::app::keymap::{Command, KeyContext};

/// The page of the cluster's health. Its text is in the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthPage {
    pub scroll: u16,
}

impl OverlayState for HealthPage {
    fn place(&self) -> KeyContext {
        KeyContext::Notice
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| super::read(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        command != Command::Saved
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("close"),
            _ => None,
        }
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
