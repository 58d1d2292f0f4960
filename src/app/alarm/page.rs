//! Page of an alarm: of the one that is on, or of the last one that is over.
use super::{AlarmExtent, DeletionAlarm, Noticed, Raised, RevisionCheck, WholeRescue, losses::before};
use crate::{app::keymap::Command, index::Records, keys::Revision};
use jiff::{SignedDuration, Timestamp};

/// Time for which the last alarm can be looked at.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// An alarm that is over.
#[derive(Clone, Debug)]
pub(super) struct Over {
    raised: Option<Raised>,
    gone: Records,
    leased: usize,
    losses: Vec<Noticed>,
    standing: Option<RevisionCheck>,
    pub(super) whole: WholeRescue,
    at: Timestamp,
    /// All that it was about, if that is back.
    back: Option<AlarmExtent>,
}

impl Over {
    pub(super) fn before(&self) -> Option<Revision> {
        before(self.raised.as_ref(), &self.losses)
    }
}

/// All facts about one alarm.
#[derive(Clone, Copy, Debug)]
pub struct AlarmPage<'a> {
    pub raised: Option<&'a Raised>,
    /// The records that are away, as they were.
    pub gone: &'a Records,
    /// Number of them that had a lease, which may have ended.
    pub leased: usize,
    pub losses: &'a [Noticed],
    pub standing: Option<RevisionCheck>,
    pub whole: &'a WholeRescue,
    /// The time at which it was over; `None` while it is on.
    pub over: Option<Timestamp>,
    /// All that it was about, if that is back: the losses and the deletion are those before then.
    pub back: Option<&'a AlarmExtent>,
    /// The time of the deck's last news.
    pub heard: Timestamp,
}

impl AlarmPage<'_> {
    /// The last revision that has everything that is lost.
    #[must_use]
    pub fn revision_before(&self) -> Option<Revision> {
        before(self.raised, self.losses)
    }

    /// Tells whether etcd has forgotten the records as they were.
    #[must_use]
    pub fn is_compacted(&self) -> bool {
        let before = self.revision_before();
        self.standing.is_some_and(|standing| Some(standing.revision) == before && !standing.is_there)
    }

    /// Tells whether a command of the page does anything now. Its footer tells no others.
    #[must_use]
    pub fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::BringBack => !self.gone.is_empty(),
            Command::RescueAll => {
                !self.is_compacted() && matches!(self.whole, WholeRescue::NotAsked | WholeRescue::Failed(_))
            }
            Command::Dismiss => self.over.is_none(),
            _ => true,
        }
    }
}

impl DeletionAlarm {
    /// Returns the alarm that is on, or else the last one of the day.
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
                back: None,
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
            back: over.back.as_ref(),
            heard: self.heard,
        })
    }

    /// Returns the facts about the alarm that is on, for the time after it.
    pub(super) fn put_away(&mut self, is_back: bool) -> Over {
        Over {
            raised: self.raised.clone(),
            gone: self.gone().clone(),
            leased: self.leased,
            losses: self.losses.clone(),
            standing: self.standing,
            whole: std::mem::take(&mut self.whole),
            at: self.heard,
            back: is_back.then(|| std::mem::take(&mut self.extent)),
        }
    }
}
