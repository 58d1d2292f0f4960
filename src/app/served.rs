//! Answers of live servers after a change, if the profile has them asked. One quiet line below the message.
use super::{Effect, Model, RequestId, WorkerTask, overlay::ChangeDialog};
use crate::quantity::counted;
use std::net::SocketAddr;

/// The answers of the servers that are asked after a change, as far as they are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReplies {
    request: RequestId,
    /// The number of servers that are asked.
    servers: usize,
    /// The servers that give every new answer.
    there: Vec<SocketAddr>,
    /// `None` while they are being asked.
    behind: Option<Vec<OutdatedServer>>,
}

/// A server that does not give a new answer, with the answer that it gives. May hold text of others: show it escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutdatedServer {
    pub server: SocketAddr,
    pub what: String,
}

/// News of the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServedNews {
    /// This server gives every new answer.
    There(SocketAddr),
    /// No server is asked any more.
    Over(Vec<OutdatedServer>),
}

impl ServerReplies {
    /// Tells whether somebody has to look at it.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        self.behind.as_ref().is_some_and(|behind| !behind.is_empty())
    }

    /// The line.
    #[must_use]
    pub fn told(&self) -> String {
        let servers = counted(self.servers, "server");
        match self.behind.as_deref() {
            None => match self.there.len() {
                0 => format!("asking {servers} for the new answers"),
                there => format!("asking {servers} for the new answers: {there} of them there"),
            },
            Some([]) => {
                format!("{servers} {} the new answers", if self.servers == 1 { "gives" } else { "give" })
            }
            Some([first, more @ ..]) => {
                let OutdatedServer { server, what } = first;
                let more = match more.len() {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                format!("{server} stays behind: {what}{more}; V asks again")
            }
        }
    }
}

/// Has the servers asked for the answers that the made change of this dialog makes different.
pub(super) fn begin(model: &mut Model, dialog: &ChangeDialog) -> Vec<Effect> {
    model.served = None;
    let servers = model.session.servers.clone();
    if !model.session.verify_after || servers.is_empty() {
        return vec![];
    }
    let Some(impact) = dialog.foresight.shown().map(|foreseen| foreseen.impact.clone()) else {
        return vec![];
    };
    if impact.shifts.is_empty() {
        return vec![];
    }
    let request = model.request();
    model.served = Some(ServerReplies { request, servers: servers.len(), there: vec![], behind: None });
    vec![Effect::Worker(WorkerTask::AskAfter(request, Box::new(impact), servers))]
}

pub(super) fn on_served(model: &mut Model, request: RequestId, news: ServedNews) {
    let Some(shown) = model.served.as_mut().filter(|shown| shown.request == request) else { return };
    match news {
        ServedNews::There(server) => shown.there.push(server),
        ServedNews::Over(behind) => shown.behind = Some(behind),
    }
}

/// Takes in a key press: a good result goes, and a bad one stays until Esc or the next change.
pub(super) fn read(model: &mut Model, is_back: bool) {
    let is_over = |served: &ServerReplies| served.behind.is_some() && (is_back || !served.is_trouble());
    if model.served.as_ref().is_some_and(is_over) {
        model.served = None;
    }
}
