//! Question to live servers about the answers that a change makes different, if the profile asks for it.
use crate::{
    app::{Msg, OutdatedServer, RequestId, ServedNews},
    dns::Impact,
    verify::{AwaitedAnswer, Last, until_there},
};
use std::{net::SocketAddr, time::Duration};
use tokio::sync::mpsc;

/// The longest time to ask them.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks until all answers are there, a cache has run out, or the time is over. Each server is reported as soon as it
/// has the answers.
pub(super) async fn ask(
    request: RequestId,
    impact: Box<Impact>,
    servers: Vec<SocketAddr>,
    msgs: mpsc::Sender<Msg>,
) {
    let wanted = AwaitedAnswer::of(&impact);
    let there = |server, _| {
        // If a report finds the queue full, the report at the end has it.
        let _ = msgs.try_send(Msg::Served(request, ServedNews::There(server)));
    };
    let last = until_there(&servers, &wanted, LIMIT, there).await;
    // Nobody waits any more when the deck is closed.
    let _ = msgs.send(Msg::Served(request, ServedNews::Over(behind(&servers, &last)))).await;
}

/// Returns the worst of each server that is behind: the first answer that it does not give.
fn behind(servers: &[SocketAddr], last: &[Last]) -> Vec<OutdatedServer> {
    let of_server = |server: &SocketAddr| {
        let first = last.iter().find(|last| last.verdict.server == *server && !last.is_there)?;
        let question = &first.verdict.answer.question;
        let cached =
            first.cached_for.map_or_else(String::new, |left| format!(", cached for {} s", left.as_secs()));
        let what = format!("{} {}: {}{cached}", question.name, question.kind, first.verdict.in_words());
        Some(OutdatedServer { server: *server, what })
    };
    servers.iter().filter_map(of_server).collect()
}
