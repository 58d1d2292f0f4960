//! Faults of the network that prevent a connection.
use crate::{
    support::{etcd, journal::MemoryJournal},
    told::{authority, refused, scope, told, try_connect, with_files},
};
use coredeck::{
    failure::{Failure, WriteEffect},
    ops::{carry_out, prepare},
    plan::{Intent, Outcome},
    store::{
        Reader,
        etcd::{EtcdSettings, open_writer},
    },
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Opens a port that speaks in a way of its own: it reads a little, answers, and ends the connection.
fn speaking(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(answer);
            // If the stream closed with unread data, the connection would be reset, and the answer could be lost with
            // it.
            thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    address
}

/// Returns an address behind which one server replaces another: each connection goes to the present target.
fn leading_to(target: &Arc<Mutex<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let target = Arc::clone(target);
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Both);
        });
    };
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let server = target.lock().unwrap().clone();
            let Ok(server) = TcpStream::connect(server) else { continue };
            copy(stream.try_clone().unwrap(), server.try_clone().unwrap());
            copy(server, stream);
        }
    });
    address
}

/// Opens a port that accepts connections and never sends anything.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn nothing_listening() {
    let address = silent().1;
    let endpoint = format!("http://{address}");
    let failure = refused(&EtcdSettings::new([address])).await;
    assert_eq!(failure, Failure::NothingListening { endpoint: endpoint.clone() });
    assert_eq!(failure.effect(), WriteEffect::Nothing);
    told(&failure, &endpoint, "systemctl status etcd");
}

#[tokio::test]
async fn nothing_listening_at_an_ip6_address_with_tls() {
    let failure = refused(&EtcdSettings::new(["https://[::1]:1"])).await;
    assert_eq!(failure, Failure::NothingListening { endpoint: "https://[::1]:1".to_owned() });
}

#[tokio::test]
async fn host_not_resolvable() {
    let failure = refused(&EtcdSettings::new(["no-such-host.invalid:2379"])).await;
    assert_eq!(failure, Failure::HostNotResolved { endpoint: "http://no-such-host.invalid:2379".to_owned() });
    told(&failure, "cannot be resolved", "127.0.0.1:2379");
}

#[tokio::test]
async fn timed_out() {
    let (_listener, address) = silent();
    let started = Instant::now();
    let failure = refused(&EtcdSettings::new([address.as_str()])).await;
    assert!(matches!(failure, Failure::TimedOut { .. }), "{failure:?}");
    assert_eq!(failure.effect(), WriteEffect::Unknown);
    told(&failure, "did not answer within", "Try again; coredeck doctor");
    assert!(started.elapsed() < Duration::from_secs(60), "it hung");
}

#[tokio::test]
async fn timed_out_in_the_tls_handshake() {
    let (_listener, address) = silent();
    let (_dir, authority) = authority();
    let failure = refused(&with_files(&address, Some(authority.certificate()), None)).await;
    assert!(matches!(failure, Failure::ConnectTimedOut { .. }), "{failure:?}");
    assert_eq!(failure.effect(), WriteEffect::Nothing);
    told(&failure, "did not accept a connection", "--dial-timeout");
}

#[tokio::test]
async fn tls_against_a_plain_port() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (_dir, authority) = authority();
        let endpoint = private.endpoint().replace("http", "https");
        let failure = refused(&with_files(&endpoint, Some(authority.certificate()), None)).await;
        assert_eq!(failure, Failure::TlsAgainstPlain { endpoint });
        told(&failure, "speaks no TLS", &private.endpoint());
    }
}

#[tokio::test]
async fn plain_against_tls() {
    for binary in etcd::etcd_versions() {
        let (_dir, authority) = authority();
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        let endpoint = private.endpoint().replace("https", "http");
        let failure = refused(&EtcdSettings::new([endpoint.as_str()])).await;
        assert_eq!(failure, Failure::PlainAgainstTls { endpoint });
        told(&failure, "speaks TLS", &private.endpoint());
    }
}

/// Returns a TLS record with a fatal alert, as servers send it before anything is agreed on.
const fn alert(description: u8) -> [u8; 7] {
    [0x15, 3, 1, 0, 2, 2, description]
}

#[tokio::test]
async fn no_tls_in_common() {
    const OLD: [u8; 7] = alert(70);
    const NO_SUITE: [u8; 7] = alert(40);
    // A server that goes on with TLS 1.1: a ServerHello without extensions.
    const HELLO: [u8; 49] = {
        let mut hello = [0; 49];
        let begin = [0x16, 3, 2, 0, 44, 2, 0, 0, 40, 3, 2];
        let mut at = 0;
        while at < begin.len() {
            hello[at] = begin[at];
            at += 1;
        }
        // No session, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression, no extensions.
        hello[44] = 0xc0;
        hello[45] = 0x13;
        hello
    };
    let (_dir, authority) = authority();
    for (answer, said) in [
        (&OLD[..], "it speaks neither TLS 1.2 nor 1.3"),
        (&NO_SUITE[..], "it takes none of the versions, suites, curves and signatures"),
        (&HELLO[..], "it speaks neither TLS 1.2 nor 1.3"),
    ] {
        let endpoint = format!("https://{}", speaking(answer));
        let failure = refused(&with_files(&endpoint, Some(authority.certificate()), None)).await;
        assert!(matches!(failure, Failure::NoCommonTls { .. }), "{said}: {failure:?}");
        assert_eq!(failure.effect(), WriteEffect::Nothing);
        told(&failure, said, "--cipher-suites");
    }
}

#[tokio::test]
async fn whatever_ends_a_handshake_is_said_in_words_for_people() {
    let (_dir, authority) = authority();
    let mut every: Vec<Vec<u8>> = (0..=255).map(|description| alert(description).to_vec()).collect();
    // Records that are not valid, and messages that are not.
    every.extend([
        vec![0x16, 3, 3, 0, 4, 2, 0, 0, 0],
        vec![0x16, 3, 3, 255, 255, 0],
        vec![0x17, 3, 3, 0, 1, 0],
    ]);
    for answer in every {
        let shown = format!("{answer:02x?}");
        let endpoint = format!("https://{}", speaking(answer.leak()));
        let failure = refused(&with_files(&endpoint, Some(authority.certificate()), None)).await;
        let said = failure.to_string();
        assert!(said.len() < 160, "{shown}: {said}");
        // A name of a type, as the library shows it.
        let is_name =
            |word: &str| word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
        let is_known = |word: &str| word.contains("127.0.0.1") || word == "TLS";
        let name = said.split(' ').find(|word| is_name(word) && !is_known(word));
        assert_eq!(name, None, "{shown}: {said}");
    }
}

#[tokio::test]
async fn another_service_at_the_port() {
    for answer in [&b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"[..], b"HTTP/1.1 404 Not Found\r\n\r\n"] {
        let failure = refused(&EtcdSettings::new([speaking(answer)])).await;
        assert!(matches!(failure, Failure::NotEtcd { .. }), "{failure:?}");
        told(&failure, "is not an etcd server", "2379");
    }
}

#[tokio::test]
async fn another_cluster_at_the_second_endpoint_is_never_taken_for_the_same() {
    let mut first = etcd::start();
    let second = etcd::start();
    let endpoints = vec![first.endpoint(), second.endpoint()];
    let (reader, status) = try_connect(&EtcdSettings::new(endpoints)).await.unwrap();
    first.kill(0);
    let failure = reader.count(&scope().range()).await.unwrap_err();
    let Failure::WrongCluster { pinned, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(*pinned, status.cluster.to_string());
    told(&failure, pinned, "--endpoints");
    assert_eq!(failure.effect(), WriteEffect::Nothing);
}

/// A restored backup, or a cluster that was made in the same way, has the same keys at the same revisions.
#[tokio::test]
async fn a_plan_for_one_cluster_is_never_carried_out_on_another_that_took_its_place() {
    let mut first = etcd::start();
    let second = etcd::start();
    for private in [&first, &second] {
        private.put("/coredns/io/gcr/x1", "{}");
        private.put("/coredns/io/gcr/x2", "{}");
    }
    let address = |private: &etcd::PrivateEtcd| private.endpoint().replace("http://", "");
    let target = Arc::new(Mutex::new(address(&first)));
    let (reader, _) = try_connect(&EtcdSettings::new([leading_to(&target)])).await.unwrap();
    let key = scope().spelled_key("/coredns/io/gcr/x1").unwrap();
    let plan = prepare(&reader, &scope(), &[], Intent::Delete { key }).await.unwrap();
    *target.lock().unwrap() = address(&second);
    first.kill(0);
    let confirmed = plan.confirm("/coredns/io/gcr/x1", Some(1)).unwrap();
    let writer = open_writer(&reader);
    let report = carry_out(confirmed, &mut MemoryJournal::default(), &writer, &reader, |_| {}).await;
    assert!(
        matches!(&report.outcome, Outcome::NothingChanged { why: Failure::WrongCluster { .. } }),
        "{:?}",
        report.outcome
    );
    assert_eq!(second.etcdctl(&["get", "/coredns/io/gcr/x1", "--print-value-only"]).trim(), "{}");
}
