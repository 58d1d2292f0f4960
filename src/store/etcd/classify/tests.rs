use super::*;
use crate::{
    failure::{Retry, WriteEffect},
    keys::{LeaseId, Revision},
    store::etcd::{
        call::{EtcdCall, Identity},
        endpoint::Endpoint,
    },
};
use std::time::Duration;

fn told(error: &Error) -> Failure {
    let asked =
        EtcdCall { revision: Revision(5), lease: LeaseId::new(7), ..EtcdCall::new("write", &"/coredns/x") };
    let identity = Identity { common_name: Some("dns".to_owned()), ..Identity::default() };
    let at = CallCircumstances {
        endpoint: &Endpoint::parse("10.0.0.1", false).unwrap(),
        identity: &identity,
        asked: &asked,
        dial: Duration::from_secs(2),
        after: Duration::from_secs(7),
    };
    classify(error, at)
}

// Texts of api/v3rpc/rpctypes/error.go that no test can make a server say at will.
#[test]
fn what_etcd_replies_is_told_by_its_own_words() {
    let endpoint = || "http://10.0.0.1:2379".to_owned();
    let after = Duration::from_secs(7);
    for (code, said, failure) in [
        (Code::Unavailable, "no leader", Failure::NoLeader { endpoint: endpoint() }),
        (Code::Unavailable, "leader changed", Failure::LeaderChanged { endpoint: endpoint() }),
        (
            Code::Unavailable,
            "request timed out, possibly due to previous leader failure",
            Failure::LeaderChanged { endpoint: endpoint() },
        ),
        (
            Code::Unavailable,
            "request timed out, possibly due to connection lost",
            Failure::TimedOut { endpoint: endpoint(), after },
        ),
        (Code::Unavailable, "request timed out", Failure::TimedOut { endpoint: endpoint(), after }),
        (
            Code::Unavailable,
            "server stopped",
            Failure::ConnectionLost { endpoint: endpoint(), detail: "server stopped".to_owned() },
        ),
        (Code::NotFound, "requested lease not found", Failure::LeaseGone(LeaseId::new(7).unwrap())),
        (Code::ResourceExhausted, "mvcc: database space exceeded", Failure::NoSpace),
        (
            Code::OutOfRange,
            "mvcc: required revision has been compacted",
            Failure::Compacted { asked: Revision(5) },
        ),
        (
            Code::PermissionDenied,
            "permission denied",
            Failure::PermissionDenied {
                who: "the certificate's user dns".to_owned(),
                action: "write",
                what: "/coredns/x".to_owned(),
            },
        ),
        (Code::InvalidArgument, "user name is empty", Failure::AuthRequired),
        (
            Code::InvalidArgument,
            "duplicate key given in txn request",
            Failure::Other { detail: "duplicate key given in txn request".to_owned() },
        ),
        (
            Code::ResourceExhausted,
            "too many requests",
            Failure::Other { detail: "too many requests".to_owned() },
        ),
    ] {
        assert_eq!(told(&Error::GRpcStatus(Status::new(code, format!("etcdserver: {said}")))), failure);
    }
}

#[test]
fn a_connection_that_broke_leaves_a_write_unknown_and_one_that_never_was_leaves_nothing() {
    let broke = Status::from_error(Box::new(io::Error::other("connection reset by peer")));
    let broke = told(&Error::GRpcStatus(broke));
    assert!(matches!(broke, Failure::ConnectionLost { .. }));
    assert_eq!((broke.effect(), broke.retry()), (WriteEffect::Unknown, Retry::ReadsOnly));
    let late = told(&Error::GRpcStatus(Status::from_error(Box::new(TimeoutExpired(())))));
    assert_eq!((late.effect(), late.retry()), (WriteEffect::Unknown, Retry::ReadsOnly));
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    let refused = Status::from_error(Box::new(ConnectError(Box::new(refused))));
    let refused = told(&Error::GRpcStatus(refused));
    assert!(matches!(refused, Failure::NothingListening { .. }));
    assert_eq!((refused.effect(), refused.retry()), (WriteEffect::Nothing, Retry::AnyCall));
}

#[test]
fn only_an_alert_about_the_certificate_says_that_nothing_was_done() {
    let ended = |alert: &str| {
        let alert = io::Error::other(format!("received fatal alert: {alert}"));
        told(&Error::GRpcStatus(Status::from_error(Box::new(alert))))
    };
    assert!(matches!(ended("UnknownCA"), Failure::ClientCertificateRefused { said: true, .. }));
    for alert in ["BadRecordMac", "InternalError", "DecodeError", "Unknown(255)"] {
        let broke = ended(alert);
        assert!(matches!(broke, Failure::ConnectionLost { .. }), "{broke:?}");
        assert_eq!((broke.effect(), broke.retry()), (WriteEffect::Unknown, Retry::ReadsOnly));
        assert!(!broke.to_string().contains(alert), "{broke}");
    }
}

#[test]
fn a_servers_words_cannot_reach_the_terminal_as_they_are() {
    let hostile = Status::new(Code::Unknown, "\u{1b}]0;owned\u{7}");
    assert!(!told(&Error::GRpcStatus(hostile)).to_string().chars().any(char::is_control));
}

#[test]
fn a_login_is_old_only_where_etcd_has_refused_it_before_doing_anything() {
    let old = |code, said: &str| login_is_stale(&Error::GRpcStatus(Status::new(code, said)));
    assert!(old(Code::InvalidArgument, "etcdserver: revision of auth store is old"));
    assert!(old(Code::Unauthenticated, "etcdserver: invalid auth token"));
    assert!(!old(Code::InvalidArgument, "etcdserver: user name is empty"));
    assert!(!old(Code::PermissionDenied, "etcdserver: permission denied"));
    assert!(!old(Code::Unavailable, "etcdserver: no leader"));
}

#[test]
fn others_words_are_as_long_as_they_are_useful() {
    let endless = Status::new(Code::Unknown, "x".repeat(100_000));
    let said = told(&Error::GRpcStatus(endless)).to_string();
    assert!(said.len() < 400 && said.ends_with("x…"), "{said}");
    assert_eq!(safe("ü"), "ü");
}

#[test]
fn a_stream_that_broke_is_told_without_the_library_s_own_words() {
    let broke = |error| super::broke(&Error::GRpcStatus(error));
    let inner = Status::from_error(Box::new(io::Error::other("connection reset by peer")));
    assert_eq!(broke(inner), "connection reset by peer");
    assert_eq!(broke(Status::new(Code::Unavailable, "server stopped")), "server stopped");
}
