//! Questions to servers, many at once, each compared with the foreseen answer.
use super::{PATIENCE, ReplyError, ask};
use crate::dns::{Agreement, Answer, Askable, Reply, ReplyStatus, agreement, foreseen};
use futures_util::{StreamExt as _, future::join_all, stream};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// The most questions under way at once at one server: as many as a page of a browser asks.
const AT_ONCE: usize = 8;
/// After this many questions in a row without a reply, a server is asked nothing more.
const GIVEN_UP: u32 = 4;

/// Reply of one server to one question, with the foreseen answer.
#[derive(Clone, Debug)]
pub struct AskedReply {
    pub server: SocketAddr,
    /// The foreseen answer.
    pub answer: Arc<Answer>,
    /// `None` if the question could bring a server down, and was not asked.
    pub heard: Option<(Result<Reply, ReplyError>, Agreement)>,
}

impl AskedReply {
    /// Returns the agreement of the reply with the foreseen answer.
    #[must_use]
    pub fn agreement(&self) -> Option<&Agreement> {
        self.heard.as_ref().map(|(_, agreement)| agreement)
    }

    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        self.heard.as_ref()?.0.as_ref().ok()
    }

    #[must_use]
    pub fn failure(&self) -> Option<&ReplyError> {
        self.heard.as_ref()?.0.as_ref().err()
    }

    /// Returns the records that came instead of the foreseen ones, on one line. May hold text of others: show it
    /// escaped.
    #[must_use]
    pub fn in_words(&self) -> String {
        if let Some(why) = self.failure() {
            return why.to_string();
        }
        let Some(reply) = self.reply() else {
            return "not asked, because it can bring CoreDNS down".to_owned();
        };
        let heard: Vec<&str> = reply.answer.iter().map(|heard| &*heard.data).collect();
        let foreseen: Vec<String> = self.answer.answer.iter().map(|rr| rr.data.to_string()).collect();
        let heard = if heard.is_empty() { reply.rcode.to_string() } else { heard.join(", ") };
        let status = self.answer.outcome.rcode();
        let foreseen = match status {
            _ if !foreseen.is_empty() => foreseen.join(", "),
            Some(rcode) => rcode.to_string(),
            None => "something else".to_owned(),
        };
        format!("{heard} instead of {foreseen}")
    }

    /// Tells whether nobody has to look at it.
    #[must_use]
    pub fn agrees(&self) -> bool {
        match self.agreement() {
            Some(Agreement::Same | Agreement::OtherTtl | Agreement::NotForeseen) => true,
            Some(Agreement::NoReply { foreseen }) => *foreseen,
            Some(Agreement::Different(_)) | None => false,
        }
    }
}

/// Asks each server for each of these answers. A server that does not reply to several in a row is asked no more.
pub async fn ask_all(servers: &[SocketAddr], answers: &[Arc<Answer>]) -> Vec<AskedReply> {
    let all = servers.iter().map(|server| ask_one(*server, answers.iter().cloned().enumerate().collect()));
    join_all(all).await.into_iter().flatten().map(|(_, verdict)| verdict).collect()
}

/// Asks one server, and returns each verdict with the number of its question.
pub(super) async fn ask_one(
    server: SocketAddr,
    answers: Vec<(usize, Arc<Answer>)>,
) -> Vec<(usize, AskedReply)> {
    let silent = AtomicU32::new(0);
    let silent = &silent;
    stream::iter(answers)
        .map(|(number, answer)| async move {
            if silent.load(Ordering::Relaxed) >= GIVEN_UP {
                return None;
            }
            let Some(question) = Askable::of(&answer) else {
                return Some((number, AskedReply { server, answer, heard: None }));
            };
            let reply = ask(server, question, PATIENCE).await;
            // A server that was foreseen to be silent has not failed.
            let failed = reply.is_err() && foreseen(answer.outcome) != Some(ReplyStatus::Silence);
            if failed {
                silent.fetch_add(1, Ordering::Relaxed);
            } else if reply.is_ok() {
                silent.store(0, Ordering::Relaxed);
            }
            let agreement = agreement(&answer, reply.as_ref().ok());
            Some((number, AskedReply { server, answer, heard: Some((reply, agreement)) }))
        })
        .buffered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await
}
