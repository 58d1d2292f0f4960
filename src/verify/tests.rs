use super::*;
use crate::{
    dns::{QueryType, Rcode, ReadPart, Serving, answer},
    keys::Scope,
};
use hickory_net::proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{RData, Record, rdata::A},
};
use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    sync::Arc,
    thread,
};

const SOON: Duration = Duration::from_millis(300);

fn question() -> Question {
    Question::new("WWW.gcr.io", QueryType::A).unwrap()
}

/// Asks a server the question, and returns its reply.
async fn heard(server: SocketAddr, patience: Duration) -> Result<Reply, ReplyError> {
    let serving = Serving::new(Scope::parse("/coredns").unwrap(), vec![]);
    let foreseen = answer(&ReadPart::everything([]), &serving, &question());
    ask(server, Askable::of(&foreseen).unwrap(), patience).await
}

fn reply_to(bytes: &[u8], truncated: bool, addresses: u8) -> Vec<u8> {
    let asked = Message::from_vec(bytes).unwrap();
    let mut reply = Message::response(asked.id, asked.op_code);
    reply.metadata.message_type = MessageType::Response;
    reply.metadata.response_code = ResponseCode::NoError;
    reply.metadata.truncation = truncated;
    reply.queries.clone_from(&asked.queries);
    for last in 0..addresses {
        let data = RData::A(A(Ipv4Addr::new(10, 0, 0, last)));
        reply.answers.push(Record::from_rdata(asked.queries[0].name().clone(), 60, data));
    }
    reply.to_vec().unwrap()
}

/// Returns one port: a port that is free for UDP may be taken for TCP.
fn one_port_of_both() -> (UdpSocket, TcpListener) {
    loop {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        match TcpListener::bind(socket.local_addr().unwrap()) {
            Ok(listener) => return (socket, listener),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse, "{error}"),
        }
    }
}

#[tokio::test]
async fn a_reply_over_udp_is_heard_as_it_came() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = socket.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, client) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&reply_to(&buffer[..length], false, 2), client).unwrap();
    });
    let reply = heard(server, PATIENCE).await.unwrap();
    let records: Vec<String> = reply.answer.iter().map(ToString::to_string).collect();
    assert_eq!(records, ["WWW.gcr.io. 60 IN A 10.0.0.0", "WWW.gcr.io. 60 IN A 10.0.0.1"]);
    assert_eq!(reply.rcode, Rcode::NOERROR);
    answering.join().unwrap();
}

#[tokio::test]
async fn a_reply_that_was_cut_is_asked_for_again_over_tcp() {
    let (socket, listener) = one_port_of_both();
    let server = socket.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, client) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&reply_to(&buffer[..length], true, 0), client).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).unwrap();
        let reply = reply_to(&question, false, 100);
        stream.write_all(&u16::try_from(reply.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(&reply).unwrap();
    });
    assert_eq!(heard(server, PATIENCE).await.unwrap().answer.len(), 100);
    answering.join().unwrap();
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_after_its_time() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = socket.local_addr().unwrap();
    assert_eq!(heard(server, SOON).await, Err(ReplyError::TimedOut { server, after: SOON }));
}

#[tokio::test]
async fn what_is_no_reply_is_no_reply() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = socket.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, client) = socket.recv_from(&mut buffer).unwrap();
        // The right id, and then nothing that is DNS.
        let mut reply = buffer[..length].to_vec();
        reply.truncate(7);
        socket.send_to(&reply, client).unwrap();
    });
    let failed = heard(server, SOON).await.unwrap_err();
    assert!(matches!(failed, ReplyError::Unreadable { .. } | ReplyError::TimedOut { .. }), "{failed}");
    answering.join().unwrap();
}

/// Starts a server that gives this reply to every question for an address.
fn serving(say: impl Fn() -> (ResponseCode, Vec<(u8, u32)>) + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1232];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let asked = Message::from_vec(&buffer[..length]).unwrap();
            let mut reply = Message::response(asked.id, asked.op_code);
            let (rcode, addresses) = say();
            reply.metadata.response_code = rcode;
            reply.queries.clone_from(&asked.queries);
            for (last, ttl) in addresses {
                let data = RData::A(A(Ipv4Addr::new(10, 0, 0, last)));
                reply.answers.push(Record::from_rdata(asked.queries[0].name().clone(), ttl, data));
            }
            socket.send_to(&reply.to_vec().unwrap(), client).unwrap();
        }
    });
    server
}

/// Returns the answer for `gcr.io A` with this record.
fn foreseen(value: Option<&str>) -> Arc<crate::dns::Answer> {
    let scope = Scope::parse("/coredns").unwrap();
    let content = |value: &str| crate::dns::KeyContent { value: value.as_bytes().into(), lease: None };
    let records = value.map(|value| (Box::from(&b"/coredns/io/gcr/x1"[..]), content(value)));
    let serving = Serving::new(scope, vec![crate::dns::Name::parse("io").unwrap()]);
    let question = Question::new("gcr.io", QueryType::A).unwrap();
    Arc::new(answer(&ReadPart::everything(records), &serving, &question))
}

const OLD: &str = r#"{"host":"10.0.0.1","ttl":60}"#;
const NEW: &str = r#"{"host":"10.0.0.2","ttl":60}"#;

fn changed() -> AwaitedAnswer {
    AwaitedAnswer { before: Some(foreseen(Some(OLD))), after: foreseen(Some(NEW)) }
}

async fn waited(server: SocketAddr, wanted: &AwaitedAnswer, limit: Duration) -> (Last, bool) {
    let there = std::sync::atomic::AtomicBool::new(false);
    let told = |_, _| there.store(true, std::sync::atomic::Ordering::Relaxed);
    let last = until_there(&[server], std::slice::from_ref(wanted), limit, told).await.remove(0);
    (last, there.into_inner())
}

#[tokio::test]
async fn a_server_is_asked_until_it_gives_the_new_answer() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let server = serving(move || {
        let before = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 3;
        (ResponseCode::NoError, vec![(if before { 1 } else { 2 }, 30)])
    });
    let (last, there) = waited(server, &changed(), PATIENCE * 4).await;
    assert!(last.is_there && there && last.cached_for.is_none(), "{last:?}");
}

#[tokio::test]
async fn a_cache_that_has_run_out_is_waited_for_no_longer() {
    let server = serving(|| (ResponseCode::NoError, vec![(1, 1)]));
    let began = std::time::Instant::now();
    let (last, there) = waited(server, &changed(), Duration::from_secs(60)).await;
    assert!(!last.is_there && !there && last.cached_for.is_none(), "{last:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn when_the_time_is_over_it_is_known_how_long_the_cache_still_holds() {
    let server = serving(|| (ResponseCode::NoError, vec![(1, 50)]));
    let (last, there) = waited(server, &changed(), Duration::from_millis(500)).await;
    let left = last.cached_for.unwrap().as_secs();
    assert!(!last.is_there && !there && (45..=52).contains(&left), "{last:?}");
}

#[tokio::test]
async fn what_was_deleted_is_there_as_long_as_the_old_answer_comes() {
    let gone = AwaitedAnswer { before: Some(foreseen(Some(OLD))), after: foreseen(None) };
    let old = serving(|| (ResponseCode::NoError, vec![(1, 50)]));
    assert!(!waited(old, &gone, SOON).await.0.is_there);
    let new = serving(|| (ResponseCode::NXDomain, vec![]));
    assert!(waited(new, &gone, SOON).await.0.is_there);
}

/// Another server answers from then on, and each of its answers is new.
#[tokio::test]
async fn where_something_else_answers_afterwards_only_the_old_answer_is_behind() {
    let mut after = (*foreseen(None)).clone();
    after.outcome = crate::dns::AnswerOutcome::Elsewhere;
    let wanted = AwaitedAnswer { before: Some(foreseen(Some(OLD))), after: Arc::new(after) };
    let old = serving(|| (ResponseCode::NoError, vec![(1, 50)]));
    assert!(!waited(old, &wanted, SOON).await.0.is_there);
    let new = serving(|| (ResponseCode::NoError, vec![(7, 50)]));
    assert!(waited(new, &wanted, SOON).await.0.is_there);
}

#[tokio::test]
async fn a_ttl_that_is_longer_than_the_new_one_is_the_old_answer() {
    let lower = r#"{"host":"10.0.0.1","ttl":20}"#;
    let wanted = AwaitedAnswer { before: Some(foreseen(Some(OLD))), after: foreseen(Some(lower)) };
    for (ttl, is_there) in [(60, false), (21, false), (20, true), (3, true)] {
        let server = serving(move || (ResponseCode::NoError, vec![(1, ttl)]));
        assert_eq!(waited(server, &wanted, SOON).await.0.is_there, is_there, "{ttl}");
    }
}

#[tokio::test]
async fn who_is_silent_is_not_there_and_has_no_cache_to_wait_for() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (last, there) = waited(socket.local_addr().unwrap(), &changed(), SOON).await;
    assert!(!last.is_there && !there && last.cached_for.is_none(), "{last:?}");
    assert!(last.verdict.failure().is_some());
}
