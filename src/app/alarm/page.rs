//! What the page of an alarm shows: of the one that is on, or of the last one that is over.
use super::{Alarm, Noticed, Raised, Standing, WholeRescue, losses::before};
use crate::{app::keymap::Command, index::Records, keys::Revision};
use jiff::{SignedDuration, Timestamp};

/// The last alarm is told for so long.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// An alarm that is over.
#[derive(Clone, Debug)]
pub(super) struct Over {
    raised: Option<Raised>,
    gone: Records,
    leased: usize,
    losses: Vec<Noticed>,
    standing: Option<Standing>,
    pub(super) whole: WholeRescue,
    at: Timestamp,
}

impl Over {
    pub(super) fn before(&self) -> Option<Revision> {
        before(self.raised.as_ref(), &self.losses)
    }
}

/// All that is known of one alarm.
#[derive(Clone, Copy, Debug)]
pub struct AlarmPage<'a> {
    pub raised: Option<&'a Raised>,
    /// The records that are away, as they were.
    pub gone: &'a Records,
    /// How many of them had a lease, which may have ended.
    pub leased: usize,
    pub losses: &'a [Noticed],
    pub standing: Option<Standing>,
    pub whole: &'a WholeRescue,
    /// When it was over; `None` while it is on.
    pub over: Option<Timestamp>,
    /// When the deck last heard of anything.
    pub heard: Timestamp,
}

impl AlarmPage<'_> {
    /// The last revision that has everything that is lost.
    #[must_use]
    pub fn revision_before(&self) -> Option<Revision> {
        before(self.raised, self.losses)
    }

    /// Whether a command of the page does anything now. Its footer tells no others.
    #[must_use]
    pub fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::BringBack => self.gone.len() > 0,
            Command::RescueAll => matches!(self.whole, WholeRescue::NotAsked | WholeRescue::Failed(_)),
            Command::Dismiss => self.over.is_none(),
            _ => true,
        }
    }
}

impl Alarm {
    /// The alarm that is on, or else the last one of the day.
    #[must_use]
    pub fn page(&self) -> Option<AlarmPage<'_>> {
        if self.is_on() {
            return Some(AlarmPage {
                raised: self.raised.as_ref(),
                gone: self.gone(),
                leased: self.leased,
                losses: &self.losses,
                standing: self.standing,
                whole: &self.whole,
                over: None,
                heard: self.heard,
            });
        }
        let over = self.over.as_ref()?;
        let is_of_the_day = over.at.saturating_add(A_DAY).is_ok_and(|end| self.heard <= end);
        is_of_the_day.then(|| AlarmPage {
            raised: over.raised.as_ref(),
            gone: &over.gone,
            leased: over.leased,
            losses: &over.losses,
            standing: over.standing,
            whole: &over.whole,
            over: Some(over.at),
            heard: self.heard,
        })
    }

    /// All that is known of the alarm that is on, as it is over.
    pub(super) fn put_away(&mut self) -> Over {
        Over {
            raised: self.raised.clone(),
            gone: self.gone().clone(),
            leased: self.leased,
            losses: self.losses.clone(),
            standing: self.standing,
            whole: std::mem::take(&mut self.whole),
            at: self.heard,
        }
    }
}
