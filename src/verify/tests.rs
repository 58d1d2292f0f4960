use super::*;
use crate::{
    dns::{Known, QueryType, Rcode, Serving, answer},
    keys::Scope,
};
use hickory_net::proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{RData, Record, rdata::A},
};
use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    thread,
};

const SOON: Duration = Duration::from_millis(300);

fn question() -> Question {
    Question::new("WWW.gcr.io", QueryType::A).unwrap()
}

/// A reply to the question in `bytes`.
/// What a server says to the question, which it may be asked.
async fn heard(server: SocketAddr, patience: Duration) -> Result<Reply, NoReply> {
    let serving = Serving::new(Scope::parse("/coredns").unwrap(), vec![]);
    let foreseen = answer(&Known::everything([]), &serving, &question());
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

/// A port that is free for UDP may be taken for TCP.
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
    assert_eq!(heard(server, SOON).await, Err(NoReply::TimedOut { server, after: SOON }));
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
    assert!(matches!(failed, NoReply::Unreadable { .. } | NoReply::TimedOut { .. }), "{failed}");
    answering.join().unwrap();
}
