//! Newest events of a history that a store reads from its beginning.
use super::{Event, PastChanges};
use crate::keys::Revision;
use std::collections::VecDeque;

/// The newest events, and the number of older ones that were dropped.
#[derive(Debug)]
pub(super) struct Newest {
    most: usize,
    events: VecDeque<Event>,
    left_out: u64,
}

impl Newest {
    pub(super) fn new(most: usize) -> Self {
        Self { most, events: VecDeque::new(), left_out: 0 }
    }

    pub(super) fn extend(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.events.push_back(event);
            if self.events.len() > self.most {
                self.events.pop_front();
                self.left_out += 1;
            }
        }
    }

    pub(super) fn past(self, oldest: Revision, until: Revision) -> PastChanges {
        PastChanges { oldest, until, events: self.events.into(), left_out: self.left_out, vouched: true }
    }
}
