//! Way from the wish to have something back to its plan: the obstacles, and the choices that a person has to make.
mod gone_leases;
mod view;

pub use gone_leases::GoneLeases;

use super::{KeyHandler, Notice, Overlay, OverlayState, change};
use crate::{
    app::{
        Effect, Model, RequestId, WorkerTask, as_of,
        keymap::{Command, KeyContext},
        msg::LookedAt,
    },
    bulk::{BulkEdit, ReturningLeases},
    index::Records,
    keys::{KeyValue, LeaseId, Revision},
    plan::{
        EntryId, Intent, KeySelection, LeaseChoice, PutBack, PutBackChoices, PutBackError, Restore,
        RestoreError, Undo, UndoChoices, UndoError, UndoStatus,
    },
    quantity::counted,
    remedy::Remedy,
    signpost::SavedIn,
};
use crossterm::event::KeyEvent;
use std::collections::{BTreeMap, BTreeSet};

/// An undo, a return to an old revision, or the way back from a mass deletion, before it is planned.
#[derive(Debug)]
pub struct TakeBack {
    pub what: TakeBackSource,
    request: RequestId,
    /// `None` while its keys are read.
    pub seen: Option<TakeBackPlan>,
    pub leases: GoneLeases,
    /// Keys that were not there then are deleted.
    pub prune: bool,
    pub scroll: u16,
    /// Reason why it does not go on.
    pub note: Option<String>,
}

/// Keys that are to be taken back, with the source of their values.
#[derive(Clone, Debug)]
pub enum TakeBackSource {
    Entry(EntryId),
    Reach(KeySelection, Revision),
    /// Keys that a mass deletion took, as they were.
    Away(Records),
    /// Keys of a part of the scope, as they are saved there.
    Saved(SavedIn, KeySelection),
}

/// Result of looking at it.
#[derive(Debug)]
pub enum TakeBackPlan {
    Undo(Box<Undo>),
    PutBack(Box<PutBack>),
    Away(Away),
    Saved(Box<Restore>),
}

/// The leases of records that are away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Away {
    /// Number of records for each lease.
    pub leases: BTreeMap<LeaseId, usize>,
    pub living: BTreeSet<LeaseId>,
}

impl Away {
    /// Number of records for each lease that is gone.
    fn gone(&self) -> impl Iterator<Item = (LeaseId, usize)> {
        let living = |lease: &LeaseId| self.living.contains(lease);
        self.leases.iter().filter(move |(lease, _)| !living(lease)).map(|(lease, keys)| (*lease, *keys))
    }
}

/// Records as they were.
#[derive(Clone, Debug)]
pub enum FormerRecords {
    Known(Vec<KeyValue>),
    /// They are in this picture of an old revision.
    Shown(Records),
    ToBeRead,
}

impl TakeBack {
    fn new(what: TakeBackSource, request: RequestId) -> Self {
        Self { what, request, seen: None, leases: GoneLeases::default(), prune: false, scroll: 0, note: None }
    }

    /// The part of the scope that it is about, if it is about one.
    fn reach(&self) -> Option<KeySelection> {
        match &self.what {
            TakeBackSource::Reach(reach, _) | TakeBackSource::Saved(_, reach) => Some(reach.clone()),
            TakeBackSource::Entry(_) | TakeBackSource::Away(_) => None,
        }
    }

    /// The leases that are gone, with how many keys would come back with each.
    #[must_use]
    pub fn gone(&self) -> Vec<(LeaseId, usize)> {
        match &self.seen {
            Some(TakeBackPlan::Undo(undo)) => {
                undo.gone().into_iter().map(|gone| (gone.lease, gone.keys)).collect()
            }
            Some(TakeBackPlan::PutBack(put_back)) => put_back.gone().into_iter().collect(),
            Some(TakeBackPlan::Away(away)) => away.gone().collect(),
            Some(TakeBackPlan::Saved(restore)) => restore.gone().into_iter().collect(),
            None => vec![],
        }
    }

    /// Tells whether the journal has the time that remained of each lease that is gone. etcd does not keep it.
    #[must_use]
    pub fn knows_what_remained(&self) -> bool {
        matches!(&self.seen, Some(TakeBackPlan::Undo(undo)) if undo.gone().iter().all(|gone| gone.remained.is_some()))
    }

    /// Tells whether there are keys to delete, because they were not there then.
    #[must_use]
    pub fn may_prune(&self) -> bool {
        match &self.seen {
            Some(TakeBackPlan::PutBack(seen)) => !seen.extra().is_empty(),
            Some(TakeBackPlan::Saved(restore)) => !restore.differing().is_empty(),
            Some(TakeBackPlan::Undo(_) | TakeBackPlan::Away(_)) | None => false,
        }
    }

    /// Words for the key that takes in, or leaves, what was not there then.
    fn words_for_the_rest(&self) -> &'static str {
        match (&self.what, self.prune) {
            (TakeBackSource::Saved(..), true) => "leave what differs",
            (TakeBackSource::Saved(..), false) => "take what differs too",
            (_, true) => "leave the rest",
            (_, false) => "delete the rest",
        }
    }

    /// Tells whether a person has to look at something before it is planned.
    fn is_undecided(&self) -> bool {
        let in_the_way = match &self.seen {
            Some(TakeBackPlan::Undo(undo)) => undo.conflicts().next().is_some(),
            Some(TakeBackPlan::PutBack(_) | TakeBackPlan::Saved(_)) => self.may_prune(),
            Some(TakeBackPlan::Away(_)) => false,
            None => true,
        };
        in_the_way || !self.gone().is_empty()
    }

    fn way(&self) -> Result<TakeBackStep, Refusal> {
        let lease = self.leases.choice;
        // The time that remained of a lease goes before seconds that were typed for another choice.
        let ttl = self.leases.ttl().filter(|_| !self.knows_what_remained());
        if lease == Some(LeaseChoice::New)
            && ttl.is_none()
            && !self.gone().is_empty()
            && !self.knows_what_remained()
        {
            return Err(Refusal::Note("type how many seconds the new lease lives".to_owned()));
        }
        match (&self.seen, &self.what) {
            (Some(TakeBackPlan::Undo(undo)), _) => {
                let choices = UndoChoices { leave_conflicts: true, lease, ttl };
                undo.intent(choices).map(TakeBackStep::Plan).map_err(|why| Refusal::of_undo(&why))
            }
            (Some(TakeBackPlan::PutBack(put_back)), TakeBackSource::Reach(reach, _)) => {
                let choices = PutBackChoices { prune: self.prune, lease, ttl };
                let intent = put_back.intent(reach.challenge.clone(), choices);
                intent.map(TakeBackStep::Plan).map_err(|why| Refusal::of_put_back(&why))
            }
            (Some(TakeBackPlan::Away(away)), TakeBackSource::Away(what)) => {
                let gone = away.gone().map(|(lease, _)| lease);
                let leases = ReturningLeases::decided(away.living.clone(), gone, lease, ttl);
                let leases = leases.ok_or_else(|| Refusal::Note(CHOOSE.to_owned()))?;
                Ok(TakeBackStep::Order(BulkEdit::BringBack { what: what.clone(), leases }))
            }
            (Some(TakeBackPlan::Saved(restore)), TakeBackSource::Saved(_, reach)) => {
                match (**restore).clone().intent(reach.challenge.clone(), lease, self.prune) {
                    Ok(Some(intent)) => Ok(TakeBackStep::Plan(intent)),
                    Ok(None) => Err(Refusal::of_restore(restore)),
                    Err(RestoreError::LeaseGone { .. }) => Err(Refusal::Note(CHOOSE.to_owned())),
                    Err(why @ RestoreError::RemainderUnknown(_)) => {
                        Err(Refusal::Note(format!("{why}: l takes another choice")))
                    }
                }
            }
            (Some(TakeBackPlan::PutBack(_) | TakeBackPlan::Away(_) | TakeBackPlan::Saved(_)) | None, _) => {
                Err(Refusal::Note("its keys are still being read".to_owned()))
            }
        }
    }
}

const CHOOSE: &str = "choose what keys get whose lease is gone: l";
const NONE_COMES_BACK: &str =
    "no key would come back so: each had a lease that is gone; l takes another choice";

/// Next act: a plan, or an order that is worked out first.
enum TakeBackStep {
    Plan(Intent),
    Order(BulkEdit),
}

/// Reason why no plan is made yet.
enum Refusal {
    /// A person has to choose first.
    Note(String),
    /// No plan can be made of it: the reason, and the next act.
    Notice(String, String),
}

impl Refusal {
    fn of_undo(why: &UndoError) -> Self {
        match why {
            UndoError::LeaseGone(_) => Self::Note(CHOOSE.to_owned()),
            UndoError::AllWritten { .. } => {
                Self::Note("nothing of it can be taken back: each of its keys was written since".to_owned())
            }
            UndoError::AllLeftOut { .. } => Self::Note(NONE_COMES_BACK.to_owned()),
            UndoError::UndoneAlready { .. }
            | UndoError::NothingLeft(_)
            | UndoError::NeverMade(_)
            | UndoError::Conflicts(_)
            | UndoError::RemainderUnknown(_) => Self::Notice(why.to_string(), why.remedy()),
        }
    }

    /// Reason why a saved file or the journal changes nothing.
    fn of_restore(restore: &Restore) -> Self {
        if restore.saved() == 0 {
            let what = "nothing of it is saved there, so it brings nothing back".to_owned();
            return Self::Notice(what, "Take another one of the list.".to_owned());
        }
        match (restore.missing().len(), restore.differing().len()) {
            (0, 0) => {
                let what = format!(
                    "all {} that are saved there are as they are now",
                    counted(restore.same(), "key")
                );
                Self::Notice(what, "Take an older one if something is missing.".to_owned())
            }
            (0, _) => {
                Self::Note("nothing is away: d also gives the others the value that is saved".to_owned())
            }
            _ => Self::Note(NONE_COMES_BACK.to_owned()),
        }
    }

    fn of_put_back(why: &PutBackError) -> Self {
        match why {
            PutBackError::LeaseGone(_) | PutBackError::NoTtl => Self::Note(CHOOSE.to_owned()),
            PutBackError::OnlyMore(_) => {
                Self::Note("what was there then is there now: d also deletes what was not".to_owned())
            }
            PutBackError::AllLeftOut => Self::Note(NONE_COMES_BACK.to_owned()),
            PutBackError::AsItWas | PutBackError::NothingThen => Self::Notice(why.to_string(), why.remedy()),
        }
    }
}

/// Looks at the undo of an entry of the journal.
pub(in crate::app) fn undo(model: &mut Model, entry: EntryId) -> Vec<Effect> {
    let request = model.request();
    let open = TakeBack::new(TakeBackSource::Entry(entry.clone()), request);
    model.overlays.push(Overlay::TakeBack(Box::new(open)));
    vec![Effect::Worker(WorkerTask::LookBack(request, entry))]
}

/// Looks at putting keys back to a revision.
pub(in crate::app) fn put_back(
    model: &mut Model,
    reach: KeySelection,
    at: Revision,
    was: FormerRecords,
) -> Vec<Effect> {
    let request = model.request();
    let open = TakeBack::new(TakeBackSource::Reach(reach.clone(), at), request);
    model.overlays.push(Overlay::TakeBack(Box::new(open)));
    vec![Effect::Worker(WorkerTask::PutBack(request, reach, at, was))]
}

/// Looks at putting back the records that are saved at a place.
pub(in crate::app) fn restore(model: &mut Model, place: SavedIn, reach: KeySelection) -> Vec<Effect> {
    let request = model.request();
    let what = TakeBackSource::Saved(place.clone(), reach.clone());
    model.overlays.push(Overlay::TakeBack(Box::new(TakeBack::new(what, request))));
    vec![Effect::Worker(WorkerTask::Restore(request, place, reach))]
}

/// Looks at putting back the selection in a picture of an old revision. Its records are known, even if etcd has
/// forgotten them since. The plan is made of the present, so the present is shown again.
pub(in crate::app) fn of_then(model: &mut Model) -> Vec<Effect> {
    let Some(at) = model.then.as_ref().map(|then| then.revision) else { return vec![] };
    let Some(reach) = super::history::selected(model) else { return vec![] };
    let was = FormerRecords::Shown(model.index.records().clone());
    as_of::leave(model);
    put_back(model, reach, at, was)
}

/// Looks at bringing back the records that a mass deletion took: etcd is asked which of their leases still live.
pub(in crate::app) fn bring_back(model: &mut Model, what: Records) -> Vec<Effect> {
    let mut leases: BTreeMap<LeaseId, usize> = BTreeMap::new();
    for lease in what.range(&what.scope().range()).filter_map(|record| record.lease) {
        *leases.entry(lease).or_default() += 1;
    }
    let request = model.request();
    model.overlays.push(Overlay::TakeBack(Box::new(TakeBack::new(TakeBackSource::Away(what), request))));
    if leases.is_empty() {
        return on_seen(model, request, Ok(TakeBackPlan::Away(Away::default())));
    }
    vec![Effect::Worker(WorkerTask::Leases(request, leases))]
}

pub(in crate::app) fn on_seen(model: &mut Model, request: RequestId, seen: LookedAt) -> Vec<Effect> {
    let waiting = |overlay: &Overlay| matches!(overlay, Overlay::TakeBack(open) if open.request == request);
    let Some(at) = model.overlays.iter().position(waiting) else { return vec![] };
    let Some(Overlay::TakeBack(open)) = model.overlays.get_mut(at) else { return vec![] };
    match seen {
        Err(told) => {
            if let Some(overlay) = model.overlays.get_mut(at) {
                let reach = match overlay {
                    Overlay::TakeBack(open) if told.compacted.is_some() => open.reach(),
                    _ => None,
                };
                *overlay =
                    Overlay::Notice(Notice { part: reach, ..Notice::of_told(&told.what, told.remedy) });
            }
            return vec![];
        }
        Ok(seen) => open.seen = Some(seen),
    }
    let goes_on = !open.is_undecided() && at + 1 == model.overlays.len();
    if goes_on { go_on(model) } else { vec![] }
}

/// Plans it, if every choice is made.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::TakeBack(open)) = model.overlays.last_mut() else { return vec![] };
    match open.way() {
        Ok(TakeBackStep::Plan(intent)) => {
            // The lists that led here show the past.
            model.overlays.clear();
            change::open(model, intent)
        }
        Ok(TakeBackStep::Order(order)) => {
            model.overlays.pop();
            change::open_order(model, order)
        }
        Err(Refusal::Note(note)) => {
            open.note = Some(note);
            vec![]
        }
        Err(Refusal::Notice(what, remedy)) => {
            model.overlays.pop();
            model.overlays.push(Overlay::Notice(Notice::of_told(&what, remedy)));
            vec![]
        }
    }
}

fn on_key(model: &mut Model, command: Option<Command>, event: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::TakeBack(open)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            model.say("nothing was changed");
        }
        Some(Command::Accept) => return go_on(model),
        Some(Command::NextChoice) => {
            if !open.gone().is_empty() {
                open.leases.next();
            }
            open.note = None;
        }
        Some(Command::Prune) => {
            open.prune = !open.prune && open.may_prune();
            open.note = None;
        }
        None => {
            open.leases.type_seconds(event);
            open.note = None;
        }
        command => super::scroll(&mut open.scroll, command),
    }
    vec![]
}

/// Number of changes of an entry that can be taken back.
#[must_use]
pub fn open_changes(undo: &Undo) -> usize {
    undo.items().iter().filter(|item| matches!(item.fate, UndoStatus::Open(_))).count()
}

impl OverlayState for TakeBack {
    fn place(&self) -> KeyContext {
        KeyContext::TakeBack
    }

    fn handler(&self) -> KeyHandler {
        |model, command, key| on_key(model, command, key.event)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Accept => self.seen.is_some(),
            Command::NextChoice => !self.gone().is_empty(),
            Command::Prune => self.may_prune(),
            _ => true,
        }
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("leave it"),
            Command::Prune => Some(self.words_for_the_rest()),
            _ => None,
        }
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
