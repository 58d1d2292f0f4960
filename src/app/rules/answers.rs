use super::{Reads, Snapshot, Traced};
use crate::{
    app::RequestId,
    dns::{Answer, Name, answers},
};
use std::sync::atomic::AtomicBool;

/// Answers of `CoreDNS` for a name now, type by type.
#[derive(Debug, Default)]
pub struct AnswerPane {
    /// The name that is shown or asked about; `None` while nothing is.
    pub name: Option<Name>,
    /// The last known answers, perhaps from before the last change.
    pub known: Option<Box<Answered>>,
    /// A name that was typed to ask about it, and the selection at that time: it is shown until the cursor moves.
    typed: Option<(Name, Option<Name>)>,
    waiting: Option<RequestId>,
    /// The known answers do not hold any more.
    outdated: bool,
}

/// The answers of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// One answer for each of [`QueryType::ANSWERED`](crate::dns::QueryType::ANSWERED).
    pub answers: Vec<Answer>,
    /// Nobody has named the zones that they depend on.
    pub zones_are_guessed: bool,
    /// The records that they were worked out from.
    pub reads: Reads,
}

impl Answered {
    /// Works out the answers for a name. `None` if it was stopped.
    #[must_use]
    pub fn of(snapshot: &Snapshot, name: &Name, stop: &AtomicBool) -> Option<Self> {
        let (source, serving) = (snapshot.source(), snapshot.served());
        let traced = Traced::new(&source, stop);
        let answers = answers(&traced, &serving, name);
        traced.finish().map(|reads| Self { answers, zones_are_guessed: serving.guessed.is_some(), reads })
    }
}

impl AnswerPane {
    /// Tells whether newer answers than the shown ones are on their way.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.waiting.is_some()
    }

    /// Takes a typed name, with the selection at that time.
    pub(in crate::app) fn ask_about(&mut self, name: Name, selected: Option<Name>) {
        self.typed = Some((name, selected));
    }

    /// The name to ask about: the typed one until another is selected.
    pub(in crate::app) fn wanted(&mut self, selected: Option<Name>) -> Option<Name> {
        match &self.typed {
            Some((name, at)) if *at == selected => Some(name.clone()),
            _ => {
                self.typed = None;
                selected
            }
        }
    }

    /// Turns to a name. Returns true if it has to be asked about with this request.
    pub(in crate::app) fn turn_to(&mut self, name: Option<Name>, request: RequestId) -> bool {
        if name != self.name {
            *self = Self { name, typed: self.typed.take(), ..Self::default() };
        } else if self.waiting.is_some() || (self.known.is_some() && !self.outdated) {
            return false;
        }
        if self.name.is_some() {
            self.waiting = Some(request);
            self.outdated = false;
        }
        self.name.is_some()
    }

    /// Takes the answers that were asked for, unless others are waited for.
    pub(in crate::app) fn take(&mut self, request: RequestId, answered: Box<Answered>) -> bool {
        let waited_for = self.waiting == Some(request);
        if waited_for {
            self.waiting = None;
            self.known = Some(answered);
        }
        waited_for
    }

    /// Notes that keys have changed which the shown answers may depend on.
    pub(in crate::app) fn outdate(&mut self, concerns: impl FnOnce(&Reads) -> bool) {
        // Answers that are on their way may have been worked out before the change.
        self.outdated |=
            self.waiting.is_some() || self.known.as_ref().is_some_and(|known| concerns(&known.reads));
    }
}
