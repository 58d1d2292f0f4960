//! What stands between the wish to have something back and its plan: what is in the way, and what has to be decided.
use super::{Notice, Overlay};
use crate::{
    app::{Effect, Model, RequestId, browse, keymap::Command, msg::LookedAt, then},
    index::Records,
    keys::{KeyValue, Revision},
    plan::{
        EntryId, Fate, Intent, LeaseChoice, NotPutBack, PutBack, PutBackChoices, Reach, Undecided, Undo,
        UndoChoices,
    },
};

/// An undo, or a return to an old revision, that is being looked at.
#[derive(Debug)]
pub struct TakeBack {
    pub what: What,
    request: RequestId,
    /// `None` while its keys are read.
    pub seen: Option<Seen>,
    /// What keys get whose lease is gone.
    pub lease: Option<LeaseChoice>,
    /// What was not there then is deleted.
    pub prune: bool,
    pub scroll: u16,
    /// Why it does not go on.
    pub note: Option<String>,
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Entry(EntryId),
    Reach(Reach, Revision),
}

/// What taking it back comes to.
#[derive(Debug)]
pub enum Seen {
    Undo(Box<Undo>),
    PutBack(Box<PutBack>),
}

/// What stood there.
#[derive(Clone, Debug)]
pub enum Was {
    Known(Vec<KeyValue>),
    /// In this picture of an old revision.
    Shown(Records),
    ToBeRead,
}

impl TakeBack {
    fn new(what: What, request: RequestId) -> Self {
        Self { what, request, seen: None, lease: None, prune: false, scroll: 0, note: None }
    }

    /// The choices that there are for keys whose lease is gone; none when no lease is gone.
    #[must_use]
    pub fn choices(&self) -> &'static [LeaseChoice] {
        match &self.seen {
            Some(Seen::Undo(undo)) => {
                let gone = undo.gone();
                if gone.is_empty() {
                    &[]
                } else if gone.iter().all(|gone| gone.remained.is_some()) {
                    &[LeaseChoice::New, LeaseChoice::Permanent, LeaseChoice::LeaveOut]
                } else {
                    &[LeaseChoice::Permanent, LeaseChoice::LeaveOut]
                }
            }
            // etcd does not keep how long an ended lease had still to live.
            Some(Seen::PutBack(put_back)) if !put_back.gone().is_empty() => {
                &[LeaseChoice::Permanent, LeaseChoice::LeaveOut]
            }
            Some(Seen::PutBack(_)) | None => &[],
        }
    }

    /// Whether a person has to look at something before it is planned.
    fn is_undecided(&self) -> bool {
        let in_the_way = match &self.seen {
            Some(Seen::Undo(undo)) => undo.conflicts().next().is_some(),
            Some(Seen::PutBack(put_back)) => !put_back.extra().is_empty(),
            None => true,
        };
        in_the_way || !self.choices().is_empty()
    }

    fn intent(&self) -> Result<Intent, Refusal> {
        match (&self.seen, &self.what) {
            (Some(Seen::Undo(undo)), _) => {
                let choices = UndoChoices { leave_conflicts: true, lease: self.lease, ttl: None };
                undo.intent(choices).map_err(|why| Refusal::of_undo(&why, undo))
            }
            (Some(Seen::PutBack(put_back)), What::Reach(reach, _)) => {
                let choices = PutBackChoices { prune: self.prune, lease: self.lease, ttl: None };
                put_back.intent(reach.challenge.clone(), choices).map_err(|why| Refusal::of_put_back(&why))
            }
            (Some(Seen::PutBack(_)), What::Entry(_)) | (None, _) => {
                Err(Refusal::Note("its keys are still being read".to_owned()))
            }
        }
    }
}

/// Why no plan is made yet.
enum Refusal {
    /// Something is to be decided here.
    Note(String),
    /// Nothing is left to do.
    Notice(String, String),
}

impl Refusal {
    fn of_undo(why: &Undecided, undo: &Undo) -> Self {
        match why {
            Undecided::LeaseGone(_) => Self::Note("choose what keys get whose lease is gone: l".to_owned()),
            Undecided::NothingLeft(_) if undo.conflicts().next().is_some() => {
                Self::Note("nothing of it can be taken back: each of its keys was written since".to_owned())
            }
            Undecided::UndoneAlready { .. }
            | Undecided::NothingLeft(_)
            | Undecided::Conflicts(_)
            | Undecided::RemainderUnknown(_) => Self::Notice(why.to_string(), why.remedy().to_owned()),
        }
    }

    fn of_put_back(why: &NotPutBack) -> Self {
        match why {
            NotPutBack::LeaseGone(_) | NotPutBack::NoTtl => {
                Self::Note("choose what keys get whose lease is gone: l".to_owned())
            }
            NotPutBack::OnlyMore(_) => {
                Self::Note("what was there then is there now: d also deletes what was not".to_owned())
            }
            NotPutBack::AsItWas | NotPutBack::AllLeftOut => {
                Self::Notice(why.to_string(), why.remedy().to_owned())
            }
        }
    }
}

/// Looks at what taking an entry of the journal back comes to.
pub(in crate::app) fn undo(model: &mut Model, entry: EntryId) -> Vec<Effect> {
    let request = model.request();
    let open = TakeBack::new(What::Entry(entry.clone()), request);
    model.overlays.push(Overlay::TakeBack(Box::new(open)));
    vec![Effect::LookBack(request, entry)]
}

/// Looks at what putting keys back to a revision comes to.
pub(in crate::app) fn put_back(model: &mut Model, reach: Reach, at: Revision, was: Was) -> Vec<Effect> {
    let request = model.request();
    let open = TakeBack::new(What::Reach(reach.clone(), at), request);
    model.overlays.push(Overlay::TakeBack(Box::new(open)));
    vec![Effect::PutBack(request, reach, at, was)]
}

/// The same of what is selected in a picture of an old revision. What it shows is known, even when etcd has
/// forgotten it since. The plan is made of the present, so that is shown again.
pub(in crate::app) fn of_then(model: &mut Model) -> Vec<Effect> {
    let Some(at) = model.then.as_ref().map(|then| then.revision) else { return vec![] };
    let Some(reach) = super::history::selected(model) else { return vec![] };
    let was = Was::Shown(model.index.records().clone());
    then::leave(model);
    put_back(model, reach, at, was)
}

pub(in crate::app) fn on_seen(model: &mut Model, request: RequestId, seen: LookedAt) -> Vec<Effect> {
    let waiting = |overlay: &Overlay| matches!(overlay, Overlay::TakeBack(open) if open.request == request);
    let Some(at) = model.overlays.iter().position(waiting) else { return vec![] };
    let Some(Overlay::TakeBack(open)) = model.overlays.get_mut(at) else { return vec![] };
    match seen {
        Err(told) => {
            if let Some(overlay) = model.overlays.get_mut(at) {
                *overlay = Overlay::Notice(Notice::of_told(&told.what, told.remedy));
            }
            return vec![];
        }
        Ok(seen) => open.seen = Some(seen),
    }
    let goes_on = !open.is_undecided() && at + 1 == model.overlays.len();
    if goes_on { go_on(model) } else { vec![] }
}

/// Plans it, if everything is decided.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::TakeBack(open)) = model.overlays.last_mut() else { return vec![] };
    match open.intent() {
        Ok(intent) => {
            // The lists that led here show what was.
            model.overlays.clear();
            browse::open_confirm(model, intent)
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

pub(in crate::app) fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::TakeBack(open)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            model.say("nothing was changed");
        }
        Some(Command::Accept) => return go_on(model),
        Some(Command::NextChoice) => {
            let choices = open.choices();
            let next = open
                .lease
                .and_then(|lease| choices.iter().position(|choice| *choice == lease))
                .map_or(0, |at| at + 1);
            open.lease = choices.get(next % choices.len().max(1)).copied();
            open.note = None;
        }
        Some(Command::Prune) => {
            open.prune =
                !open.prune && matches!(&open.seen, Some(Seen::PutBack(seen)) if !seen.extra().is_empty());
            open.note = None;
        }
        command => super::scroll(&mut open.scroll, command),
    }
    vec![]
}

/// How many changes of an entry can be taken back.
#[must_use]
pub fn open_changes(undo: &Undo) -> usize {
    undo.items().iter().filter(|item| matches!(item.fate, Fate::Open(_))).count()
}
