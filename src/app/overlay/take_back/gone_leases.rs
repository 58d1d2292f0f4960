use crate::plan::LeaseChoice;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

/// Choice about keys whose lease is gone, as far as it is made: the same question wherever keys come back.
#[derive(Debug, Default)]
pub struct GoneLeases {
    pub choice: Option<LeaseChoice>,
    /// The seconds that a new lease lives, as typed.
    pub seconds: String,
}

/// Number of digits of the seconds: 31 years.
const DIGITS: usize = 9;

impl GoneLeases {
    pub const CHOICES: [LeaseChoice; 3] = [LeaseChoice::New, LeaseChoice::Permanent, LeaseChoice::LeaveOut];

    pub(super) fn next(&mut self) {
        let at = Self::CHOICES.iter().position(|choice| Some(*choice) == self.choice);
        self.choice = Self::CHOICES.get(at.map_or(0, |at| at + 1) % Self::CHOICES.len()).copied();
    }

    /// Takes a digit of the seconds, or removes the last one.
    pub(super) fn type_seconds(&mut self, event: KeyEvent) {
        if self.choice != Some(LeaseChoice::New) || event.modifiers != KeyModifiers::NONE {
            return;
        }
        match event.code {
            KeyCode::Char(digit) if digit.is_ascii_digit() && self.seconds.len() < DIGITS => {
                self.seconds.push(digit);
            }
            KeyCode::Backspace => {
                self.seconds.pop();
            }
            _ => {}
        }
    }

    /// Time to live of a new lease, if it was typed.
    pub(super) fn ttl(&self) -> Option<Duration> {
        self.seconds.parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
    }
}
