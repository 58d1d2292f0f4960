//! Question to live servers about their answers for a name, because somebody has asked for it.
use crate::{
    app::{
        Msg, RequestId,
        overlay::AskedQuestion,
        rules::{Answered, Snapshot},
    },
    dns::{Answer, Askable, Name, agreement},
    remedy::Remedy,
    verify::{self, PATIENCE},
};
use futures_util::future::join_all;
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
};
use tokio::sync::mpsc;

/// Works out the answers that the records lead to, and asks all servers at once. Each is reported as soon as it has
/// answered.
pub(super) async fn ask(
    request: RequestId,
    snapshot: Box<Snapshot>,
    name: Name,
    servers: Vec<SocketAddr>,
    msgs: mpsc::Sender<Msg>,
) {
    let foreseen =
        tokio::task::spawn_blocking(move || Answered::of(&snapshot, &name, &AtomicBool::new(false)));
    let Ok(Some(answered)) = foreseen.await else { return };
    let answers: Arc<[Answer]> = answered.answers.into();
    let of_server = |server: SocketAddr| {
        let (answers, msgs) = (Arc::clone(&answers), msgs.clone());
        async move {
            let compared = join_all(answers.iter().map(|answer| compared(server, answer))).await;
            // Nobody waits any more when the deck is closed.
            let _ = msgs.send(Msg::Verified(request, server, compared)).await;
        }
    };
    join_all(servers.into_iter().map(of_server)).await;
}

async fn compared(server: SocketAddr, answer: &Answer) -> AskedQuestion {
    let kind = answer.question.kind;
    let Some(question) = Askable::of(answer) else {
        return AskedQuestion { kind, agreement: None, silence: None };
    };
    let reply = verify::ask(server, question, PATIENCE).await;
    AskedQuestion {
        kind,
        agreement: Some(agreement(answer, reply.as_ref().ok())),
        silence: reply.err().map(|why| format!("{why}. {}", why.remedy())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{
            Agreement, AnswerOutcome, KeyContent, QueryType, Question, ReadPart, Serving, answer,
            lint::Circumstances,
        },
        index::Index,
        keys::Scope,
    };
    use std::collections::HashMap;
    use tokio::net::UdpSocket;

    /// Starts a server that knows no name: it sends each query back as a reply with NXDOMAIN.
    async fn knows_nothing() -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 1_232];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                buffer[2] |= 0x80;
                buffer[3] = 3;
                socket.send_to(&buffer[..length], from).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn every_type_is_asked_of_a_server_and_compared_with_what_the_records_lead_to() {
        let server = knows_nothing().await;
        let scope = Scope::parse("/coredns").unwrap();
        let records = Index::new(scope.clone()).records().clone();
        let serving = Serving::new(scope, vec![Name::parse("io").unwrap()]);
        let circumstances = Circumstances::default();
        let snapshot = Snapshot { records, serving, every_top: false, circumstances, leases: HashMap::new() };
        let (msgs, mut replies) = mpsc::channel(8);
        let name = Name::parse("gcr.io").unwrap();
        ask(RequestId(7), Box::new(snapshot), name, vec![server], msgs).await;
        let Some(Msg::Verified(RequestId(7), from, compared)) = replies.recv().await else { panic!() };
        assert_eq!((from, compared.len()), (server, QueryType::ANSWERED.len()));
        for told in compared {
            // Any name of a zone has the SOA, but this server does not know the zone.
            let agrees = told.agreement == Some(Agreement::Same);
            assert_eq!(agrees, told.kind != QueryType::SOA, "{told:?}");
        }
    }

    #[tokio::test]
    async fn what_can_bring_a_server_down_is_not_asked() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = socket.local_addr().unwrap();
        let question = Question::new("a.io", QueryType::A).unwrap();
        let scope = Scope::parse("/coredns").unwrap();
        let zones = ["io", "org"].map(|zone| Name::parse(zone).unwrap()).to_vec();
        let alias = |host: &str| KeyContent { value: host.as_bytes().into(), lease: None };
        let known = ReadPart::everything([
            (b"/coredns/io/a"[..].into(), alias(r#"{"host":"a.org"}"#)),
            (b"/coredns/org/a"[..].into(), alias(r#"{"host":"a.io"}"#)),
        ]);
        let endless = answer(&known, &Serving::new(scope, zones), &question);
        assert_eq!(endless.outcome, AnswerOutcome::Endless);
        let told = compared(server, &endless).await;
        assert_eq!((told.agreement, told.silence), (None, None));
        let nothing = socket.try_recv(&mut [0; 512]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    }
}
