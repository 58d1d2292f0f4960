//! Logins by users, certificates, roles and tokens.
use crate::{
    session::{VALUE, as_user, carried_out, connected, events, key, planned, scope, set, until},
    support::{certificates::Authority, etcd},
};
use coredeck::{
    failure::Failure,
    keys::Revision,
    ops::count_everybody,
    plan::{Intent, Outcome},
    power::Authentication,
    store::{
        ClusterStatus, Event, NeighbourKeys, Reader, WriteAccess,
        etcd::{EtcdSettings, open_counts},
    },
};
use etcd_client::Client;
use std::process::Command;

/// Does everything that a session does, under this login.
async fn everything_works(settings: &EtcdSettings) -> ClusterStatus {
    let (reader, status) = connected(settings).await;
    let neighbours = count_everybody(&open_counts(&reader), &scope()).await.unwrap().neighbours;
    assert!(neighbours.iter().all(|neighbour| neighbour.keys == NeighbourKeys::Denied), "{neighbours:?}");
    let mut watch = reader.watch(&scope().range(), status.revision).await.unwrap();
    assert!(matches!(set(&reader, "/coredns/io/gcr/x1", VALUE).await, Outcome::Done { .. }));
    let [Event::Put(record)] = &events(&mut watch).await[..] else { panic!("one key was put") };
    assert_eq!(*record.value, *VALUE.as_bytes());
    assert_eq!(reader.list(&scope().range(), 0, None).await.unwrap().records, std::slice::from_ref(record));
    let plan = planned(&reader, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).await;
    assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { changed: 1, .. }));
    let [Event::Delete { key: deleted, .. }] = &events(&mut watch).await[..] else {
        panic!("it was deleted")
    };
    assert_eq!(*deleted, record.key);
    status
}

#[tokio::test]
async fn a_user_of_the_scope_alone_can_do_everything() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let status = everything_works(&as_user(&private.endpoint(), "dns")).await;
        assert_eq!((status.access, status.user.as_deref()), (WriteAccess::Write, Some("dns")));
    }
}

#[tokio::test]
async fn a_certificate_whose_name_is_a_user_of_the_scope_alone_can_do_everything() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours", dir.path());
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        private.enable_authentication();
        let (cert, key) = authority.client("dns");
        let files = EtcdSettings {
            cacert: Some(authority.certificate()),
            cert: Some(cert),
            key: Some(key),
            ..EtcdSettings::new([private.endpoint()])
        };
        let status = everything_works(&files).await;
        assert_eq!((status.access, status.user.as_deref()), (WriteAccess::Write, Some("dns")));
    }
}

#[tokio::test]
async fn whether_a_login_may_write_is_found_without_writing() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for line in [
            "role add sees",
            "role grant-permission sees --prefix=true read /coredns/",
            "user add sees:sees",
            "user grant-role sees sees",
            "role add part",
            "role grant-permission part --prefix=true read /coredns/",
            "role grant-permission part --prefix=true readwrite /coredns/local/",
            "user add part:part",
            "user grant-role part part",
        ] {
            private.etcdctl(&line.split(' ').collect::<Vec<_>>());
        }
        private.enable_authentication();
        for (user, writes) in [("sees", false), ("part", true), ("dns", true), ("root", true)] {
            let (reader, status) = connected(&as_user(&private.endpoint(), user)).await;
            match &status.access {
                WriteAccess::Write => assert!(writes, "{user}"),
                WriteAccess::NoLeader => panic!("{user}: there is a leader"),
                WriteAccess::ReadOnly(why) => {
                    assert!(!writes, "{user}");
                    assert_eq!(why, "the user sees may not write to /coredns/");
                }
            }
            assert_eq!(reader.count(&scope().range()).await.unwrap().revision, Revision(1));
        }
        // etcd itself decides in the end.
        let (reader, _) = connected(&as_user(&private.endpoint(), "sees")).await;
        let outcome = set(&reader, "/coredns/x", "{}").await;
        let Outcome::NothingChanged { why } = &outcome else { panic!("{outcome}") };
        assert_eq!(why.to_string(), "etcd does not allow the user sees to write /coredns/x");
    }
}

/// Sets up signed tokens, which carry the revision of the users and roles that they were made under.
fn with_signed_tokens(dir: &std::path::Path, ttl: &str) -> etcd::Setup {
    let (private, public) = (dir.join("jwt.key"), dir.join("jwt.pub"));
    for arguments in [
        &["genrsa", "-out", private.to_str().unwrap(), "2048"][..],
        &["rsa", "-in", private.to_str().unwrap(), "-pubout", "-out", public.to_str().unwrap()],
    ] {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success());
    }
    etcd::Setup::default().argument(&format!(
        "--auth-token=jwt,pub-key={},priv-key={},sign-method=RS256,ttl={ttl}",
        public.display(),
        private.display()
    ))
}

#[tokio::test]
async fn an_expired_token_is_renewed_for_reads_and_writes() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let private = with_signed_tokens(dir.path(), "2s").binary(&binary).start();
        private.enable_authentication();
        let settings = as_user(&private.endpoint(), "dns");
        let (reader, _) = connected(&settings).await;
        // This login is younger and never renewed: when it has expired, the other has as well.
        let younger = etcd_client::ConnectOptions::new().with_user("dns", "dns");
        let younger = Client::connect([private.unrecorded_endpoint()], Some(younger)).await.unwrap();
        let expired = || async { younger.kv_client().get("/coredns/x", None).await.is_err() };
        until("the token has expired", expired).await;
        assert!(matches!(set(&reader, "/coredns/x", VALUE).await, Outcome::Done { .. }));
        let younger = etcd_client::ConnectOptions::new().with_user("dns", "dns");
        let younger = Client::connect([private.unrecorded_endpoint()], Some(younger)).await.unwrap();
        let expired = || async { younger.kv_client().get("/coredns/x", None).await.is_err() };
        let plan = planned(&reader, Intent::Delete { key: key("/coredns/x") }).await;
        until("the token has expired", expired).await;
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }));
    }
}

#[tokio::test]
async fn a_token_from_before_a_change_of_roles_is_renewed() {
    for binary in etcd::etcd_versions() {
        let dir = tempfile::tempdir().unwrap();
        let private = with_signed_tokens(dir.path(), "10m").binary(&binary).start();
        private.enable_authentication();
        let (reader, _) = connected(&as_user(&private.endpoint(), "dns")).await;
        let plan =
            planned(&reader, Intent::Create { key: key("/coredns/x"), value: (*b"{}").into(), lease: None })
                .await;
        private.etcdctl(&["--user=root:root", "role", "add", "another"]);
        let outcome = carried_out(&reader, plan).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{}: {outcome}", binary.display());
        private.etcdctl(&["--user=root:root", "role", "delete", "another"]);
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 1);
        private.etcdctl(&["--user=root:root", "role", "add", "another"]);
        let _watch = reader.watch(&scope().range(), Revision(1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_login_that_is_taken_away_while_it_is_used_is_named() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let (reader, _) = connected(&as_user(&private.endpoint(), "dns")).await;
        let as_root = |line: &str| {
            let line = format!("--user=root:root {line}");
            private.etcdctl(&line.split(' ').collect::<Vec<_>>())
        };
        as_root("role revoke-permission dns --prefix=true /coredns/");
        let failure = reader.count(&scope().range()).await.unwrap_err();
        assert!(matches!(failure, Failure::PermissionDenied { .. }), "{failure:?}");
        as_root("role grant-permission dns --prefix=true readwrite /coredns/");
        reader.count(&scope().range()).await.unwrap();
        as_root("user delete dns");
        let failure = reader.count(&scope().range()).await.unwrap_err();
        assert_eq!(failure, Failure::WrongPassword { user: "dns".to_owned() });
        as_root("user add dns:dns");
        as_root("user grant-role dns dns");
        reader.count(&scope().range()).await.unwrap();
        as_root("auth disable");
        reader.count(&scope().range()).await.unwrap();
    }
}

#[tokio::test]
async fn a_login_is_left_away_while_authentication_is_off_and_used_when_it_comes() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (reader, status) = connected(&as_user(&private.endpoint(), "dns")).await;
        assert_eq!((&status.access, &status.user), (&WriteAccess::Write, &None), "{binary:?}");
        assert_eq!(reader.power().await.authentication, Authentication::Off);
        assert!(matches!(set(&reader, "/coredns/x", VALUE).await, Outcome::Done { .. }), "{binary:?}");
        let plan = planned(&reader, Intent::Delete { key: key("/coredns/x") }).await;
        private.enable_authentication();
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }), "{binary:?}");
        let power = reader.power().await;
        assert_eq!(power.authentication, Authentication::On, "{binary:?}");
        assert_eq!(power.may_write_in(&scope().range()), Some(true), "{binary:?}");
        private.etcdctl(&["--user=root:root", "auth", "disable"]);
        assert!(matches!(set(&reader, "/coredns/x", VALUE).await, Outcome::Done { .. }), "{binary:?}");
        assert_eq!(reader.power().await.authentication, Authentication::Off, "{binary:?}");
    }
}
