mod view;

use super::{KeyHandler, Notice, Overlay, OverlayState};
use crate::{
    app::{
        Effect, Model, RequestId, WorkerTask,
        keymap::{Command, KeyContext},
    },
    dns::{Agreement, Name, QueryType},
};
use std::net::SocketAddr;

/// Answers of live servers for a name, beside those that are worked out here. They are asked only on request.
#[derive(Debug)]
pub struct Verify {
    pub name: Name,
    /// In the order in which they were named.
    pub servers: Vec<AskedServer>,
    request: RequestId,
    pub scroll: u16,
}

/// One server that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedServer {
    pub server: SocketAddr,
    /// Its answer to each type; `None` before it has answered.
    pub compared: Option<Vec<AskedQuestion>>,
}

/// One question that was asked of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedQuestion {
    pub kind: QueryType,
    /// `None` if the question was not [one to ask](crate::dns::Askable).
    pub agreement: Option<Agreement>,
    /// Reason why no reply came, if none did. May hold text of a system: show it escaped.
    pub silence: Option<String>,
}

/// Verdict on a server in one word, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerVerdict {
    Same,
    /// The same records; a cache has had them for a while.
    OlderTtl,
    NoAnswer,
    Different,
    /// It was not asked for every type, because a question can bring it down.
    NotAsked,
}

impl AskedServer {
    /// Verdict on all its answers; `None` before it has answered.
    #[must_use]
    pub fn verdict(&self) -> Option<ServerVerdict> {
        let of = |compared: &AskedQuestion| match compared.agreement {
            Some(Agreement::Same | Agreement::NotForeseen | Agreement::NoReply { foreseen: true }) => {
                ServerVerdict::Same
            }
            Some(Agreement::OtherTtl) => ServerVerdict::OlderTtl,
            Some(Agreement::NoReply { foreseen: false }) => ServerVerdict::NoAnswer,
            Some(Agreement::Different(_)) => ServerVerdict::Different,
            None => ServerVerdict::NotAsked,
        };
        Some(self.compared.as_ref()?.iter().map(of).max().unwrap_or(ServerVerdict::Same))
    }
}

/// Asks the servers about the selection.
pub(in crate::app) fn begin(model: &mut Model) -> Vec<Effect> {
    let Some(name) = model.asked_name() else {
        model.complain("select a name to ask the servers for");
        return vec![];
    };
    let servers = model.session.servers.clone();
    if servers.is_empty() {
        model.overlays.push(Overlay::Notice(Notice::no_servers()));
        return vec![];
    }
    let request = model.request();
    let asked = servers.iter().map(|server| AskedServer { server: *server, compared: None }).collect();
    model.overlays.push(Overlay::Verify(Verify { name: name.clone(), servers: asked, request, scroll: 0 }));
    vec![Effect::Worker(WorkerTask::Verify(request, model.snapshot(), name, servers))]
}

/// Takes the answers of one server, if they are still waited for.
pub(in crate::app) fn on_verified(
    model: &mut Model,
    request: RequestId,
    server: SocketAddr,
    compared: Vec<AskedQuestion>,
) {
    let open = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Verify(verify) if verify.request == request => Some(verify),
        _ => None,
    });
    let asked = open.and_then(|verify| verify.servers.iter_mut().find(|asked| asked.server == server));
    if let Some(asked) = asked {
        asked.compared = Some(compared);
    }
}

impl OverlayState for Verify {
    fn place(&self) -> KeyContext {
        KeyContext::Notice
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| super::read(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        command != Command::Saved
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("close"),
            _ => None,
        }
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
