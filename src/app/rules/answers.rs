use super::{Reads, Snapshot, Traced};
use crate::{
    app::RequestId,
    dns::{Answer, Name, answers},
};
use std::sync::atomic::AtomicBool;

/// What `CoreDNS` answers for a name now, type by type.
#[derive(Debug, Default)]
pub struct AnswerPane {
    /// The name that is shown or asked about; `None` while nothing is.
    pub name: Option<Name>,
    /// What is known of it, perhaps from before the last change.
    pub known: Option<Box<Answered>>,
    /// A name that was asked about by typing it, and what was selected then: it is shown until the cursor moves.
    typed: Option<(Name, Option<Name>)>,
    waiting: Option<RequestId>,
    /// What is known does not hold any more.
    outdated: bool,
}

/// The answers of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// One for each of [`QueryType::ANSWERED`](crate::dns::QueryType::ANSWERED).
    pub answers: Vec<Answer>,
    /// Nobody has named the zones that they hang on.
    pub zones_are_guessed: bool,
    /// What they were worked out from.
    pub reads: Reads,
}

impl Answered {
    /// Asks about a name. `None` when it was stopped.
    #[must_use]
    pub fn of(snapshot: &Snapshot, name: &Name, stop: &AtomicBool) -> Option<Self> {
        let (source, serving) = (snapshot.source(), snapshot.served());
        let traced = Traced::new(&source, stop);
        let answers = answers(&traced, &serving, name);
        traced.finish().map(|reads| Self { answers, zones_are_guessed: serving.guessed.is_some(), reads })
    }
}

impl AnswerPane {
    /// Whether something newer than what is shown is on its way.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.waiting.is_some()
    }

    /// This name was typed, while that one was selected.
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

    /// Turns to a name. True when it has to be asked about with this request.
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

    /// Takes what was asked for, unless something else is waited for.
    pub(in crate::app) fn take(&mut self, request: RequestId, answered: Box<Answered>) -> bool {
        let waited_for = self.waiting == Some(request);
        if waited_for {
            self.waiting = None;
            self.known = Some(answered);
        }
        waited_for
    }

    /// Something has changed that may concern what is shown.
    pub(in crate::app) fn outdate(&mut self, concerns: impl FnOnce(&Reads) -> bool) {
        // What is on its way may have been worked out before the change.
        self.outdated |=
            self.waiting.is_some() || self.known.as_ref().is_some_and(|known| concerns(&known.reads));
    }
}
