//! Questions to a live `CoreDNS`. Nothing is asked unless the operator asks.
//!
//! They go over UDP with room for 1232 bytes, and again over TCP if the reply was cut.
//! [`agreement`](crate::dns::agreement) judges the reply.

mod asking;
mod presentation;
mod until;

pub use asking::{AskedReply, ask_all};
pub use until::{AwaitedAnswer, Last, until_there};

use crate::{
    dns::{Askable, Question, Reply},
    remedy::Remedy,
};
use futures_util::StreamExt as _;
use hickory_net::{
    DnsHandle, NetError,
    client::Client,
    proto::{
        ProtoError,
        op::{DnsRequestOptions, DnsResponse, Query},
        rr::{Name, RecordType},
    },
    runtime::TokioRuntimeProvider,
    tcp::TcpClientStream,
    udp::UdpClientStream,
};
use std::{net::SocketAddr, time::Duration};

/// Time limit for one reply: a server's own limit for one read of etcd is 5 s, and an answer for the name of a zone
/// takes two (plugin/etcd/etcd.go:28). An answer that takes so long is no answer to a client.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Reason why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    #[error("{server} did not answer within {} ms", .after.as_millis())]
    TimedOut { server: SocketAddr, after: Duration },
    #[error("{server} cannot be asked: {reason}")]
    NotAsked { server: SocketAddr, reason: String },
    #[error("{server} sent what is no reply: {reason}")]
    Unreadable { server: SocketAddr, reason: String },
}

impl Remedy for ReplyError {
    fn remedy(&self) -> String {
        match self {
            Self::TimedOut { server, .. } => {
                format!(
                    "Look whether CoreDNS runs there and listens on port {} of that address.",
                    server.port()
                )
            }
            Self::NotAsked { .. } => {
                "Look at the way there: routes, firewalls, the address itself.".to_owned()
            }
            Self::Unreadable { .. } => "Look whether that is a DNS server at all.".to_owned(),
        }
    }
}

/// Asks one server one question.
///
/// # Errors
/// [`ReplyError`]; an error status is a reply.
pub async fn ask(server: SocketAddr, question: Askable<'_>, patience: Duration) -> Result<Reply, ReplyError> {
    let query = query(question.question()).map_err(|error| no_reply(server, patience, &error.into()))?;
    let exchange = async {
        let response = over_udp(server, &query, patience).await?;
        if response.truncation { over_tcp(server, &query, patience).await } else { Ok(response) }
    };
    // The library has its own limits; this one holds for all of it.
    match tokio::time::timeout(patience * 2, exchange).await {
        Ok(Ok(response)) => Ok(presentation::reply(&response)),
        Ok(Err(error)) => Err(no_reply(server, patience, &error)),
        Err(_) => Err(ReplyError::TimedOut { server, after: patience * 2 }),
    }
}

async fn over_udp(server: SocketAddr, query: &Query, patience: Duration) -> Result<DnsResponse, NetError> {
    let stream = UdpClientStream::builder(server, TokioRuntimeProvider::default())
        .with_timeout(Some(patience))
        .build();
    let (client, background) = Client::<TokioRuntimeProvider>::from_sender(stream);
    exchange(client, background, query).await
}

async fn over_tcp(server: SocketAddr, query: &Query, patience: Duration) -> Result<DnsResponse, NetError> {
    let (connecting, sender) =
        TcpClientStream::new(server, None, Some(patience), TokioRuntimeProvider::default());
    let (client, background) =
        Client::<TokioRuntimeProvider>::with_timeout(connecting.await?, sender, patience);
    exchange(client, background, query).await
}

/// Sends a question and waits for its reply. The connection runs beside it, and ends with it.
async fn exchange(
    client: Client<TokioRuntimeProvider>,
    background: impl Future<Output = ()>,
    query: &Query,
) -> Result<DnsResponse, NetError> {
    let mut replies = client.lookup(query.clone(), DnsRequestOptions::default());
    let reply = async { replies.next().await.unwrap_or(Err(NetError::Timeout)) };
    // A connection that has ended brings nothing more than its earlier replies.
    let background = async {
        background.await;
        std::future::pending().await
    };
    tokio::select! {
        reply = reply => reply,
        never = background => never,
    }
}

fn query(question: &Question) -> Result<Query, ProtoError> {
    let labels = presentation::labels(&question.spelled);
    let name = Name::from_labels(labels.iter().map(Vec::as_slice))?;
    Ok(Query::query(name, RecordType::from(question.kind.0)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others mean that nothing was asked")]
fn no_reply(server: SocketAddr, patience: Duration, error: &NetError) -> ReplyError {
    let reason = error.to_string();
    match error {
        NetError::Timeout => ReplyError::TimedOut { server, after: patience },
        NetError::Proto(_) => ReplyError::Unreadable { server, reason },
        _ => ReplyError::NotAsked { server, reason },
    }
}

#[cfg(test)]
mod tests;
