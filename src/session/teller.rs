//! Teller: the way from a session to whoever has opened it, a person at a terminal or a log.
use crate::store::Attempt;
use std::fmt;

/// Hears of the endpoints that are waited for, each time that something changes there.
pub type Waiting = Box<dyn FnMut(&[Attempt]) + Send>;

/// Tells what comes up while a session is opened and used. The texts may hold what others wrote.
pub trait Teller: fmt::Debug + Send + Sync {
    /// Tells a fact.
    fn tell(&self, line: &str);

    /// Tells a warning, and its remedy unless that is empty.
    fn warn(&self, what: &str, remedy: &str);

    /// Begins to tell which endpoints are waited for. Each call of the result tells the attempts as they are; when it
    /// is dropped, nobody waits any more.
    fn waiting(&self) -> Waiting;
}
