//! Asks live servers for what a change makes different, because the profile says so.
use crate::{
    app::{Behind, Msg, RequestId, ServedNews},
    dns::Impact,
    verify::{Last, Wanted, until_there},
};
use std::{net::SocketAddr, time::Duration};
use tokio::sync::mpsc;

/// For how long they are asked at most.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks until all is there, a cache has run out, or the time is over. Each server is told of as soon as it is there.
pub(super) async fn ask(
    request: RequestId,
    impact: Box<Impact>,
    servers: Vec<SocketAddr>,
    msgs: mpsc::Sender<Msg>,
) {
    let wanted = Wanted::of(&impact);
    let there = |server, _| {
        // What finds the queue full is told with the end.
        let _ = msgs.try_send(Msg::Served(request, ServedNews::There(server)));
    };
    let last = until_there(&servers, &wanted, LIMIT, there).await;
    // Nobody waits any more when the deck is closed.
    let _ = msgs.send(Msg::Served(request, ServedNews::Over(behind(&servers, &last)))).await;
}

/// The worst of each server that is not there: the first answer that it does not give.
fn behind(servers: &[SocketAddr], last: &[Last]) -> Vec<Behind> {
    let of_server = |server: &SocketAddr| {
        let first = last.iter().find(|last| last.verdict.server == *server && !last.is_there)?;
        let question = &first.verdict.answer.question;
        let cached =
            first.cached_for.map_or_else(String::new, |left| format!(", cached for {} s", left.as_secs()));
        let what = format!("{} {}: {}{cached}", question.name, question.kind, first.verdict.in_words());
        Some(Behind { server: *server, what })
    };
    servers.iter().filter_map(of_server).collect()
}
