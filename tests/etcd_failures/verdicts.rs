//! Verdicts of etcd itself.
use crate::{
    support::{etcd, journal::MemoryJournal},
    told::{as_user, refused, scope, told, try_connect},
};
use coredeck::{
    failure::Failure,
    health::{AlarmKind, Release},
    keys::{Revision, Scope},
    ops::{carry_out, prepare},
    plan::{Intent, Outcome},
    store::{
        Attempts, Reader, WriteAccess,
        etcd::{EtcdReader, EtcdSettings, connect, open_writer},
    },
};
use etcd_client::AlarmType;
use std::time::{Duration, Instant};

const LONG_ENOUGH: Duration = Duration::from_secs(60);

#[tokio::test]
async fn logins_that_etcd_refuses() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let endpoint = private.endpoint();
        private.enable_authentication();
        for (user, password) in [("dns", "wrong"), ("nobody", "dns")] {
            let failure = refused(&as_user(&endpoint, user, password)).await;
            assert_eq!(failure, Failure::WrongPassword { user: user.to_owned() });
            told(&failure, user, "ETCDCTL_PASSWORD");
        }
        let failure = refused(&EtcdSettings::new([endpoint])).await;
        assert_eq!(failure, Failure::AuthRequired);
        told(&failure, "asks for a user", "--user");
    }
}

#[tokio::test]
async fn permission_denied_names_who_and_the_range() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let endpoint = private.unrecorded_endpoint();
        let scope = Scope::parse("/elsewhere").unwrap();
        let failure =
            connect(&as_user(&endpoint, "dns", "dns"), &scope, &Attempts::default()).await.unwrap_err();
        told(&failure, "does not allow the user dns to read [/elsewhere/, /elsewhere0)", "grant-permission");
        // A range that is not wholly granted is denied as a whole.
        let (reader, _) = try_connect(&as_user(&endpoint, "dns", "dns")).await.unwrap();
        for failure in [
            reader.list(&scope.range(), 0, None).await.unwrap_err(),
            reader.count(&scope.range()).await.unwrap_err(),
            reader.read(&[], Some(&scope.range())).await.unwrap_err(),
            reader.watch(&scope.range(), Revision(1)).await.unwrap_err(),
        ] {
            assert!(
                matches!(&failure, Failure::PermissionDenied { what, .. } if what == "[/elsewhere/, /elsewhere0)"),
                "{failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn no_leader() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        let (reader, _) = try_connect(&EtcdSettings::new(cluster.endpoints())).await.unwrap();
        cluster.kill(1);
        cluster.kill(2);
        // The last member notices after an election timeout that it is alone.
        let deadline = Instant::now() + Duration::from_secs(120);
        let failure = loop {
            match reader.count(&scope().range()).await {
                Err(failure @ Failure::NoLeader { .. }) => break failure,
                other => assert!(Instant::now() < deadline, "{other:?}"),
            }
        };
        told(&failure, "has no leader", "quorum");
        // The data of the last member can be read, and nothing more.
        let (_, status) = try_connect(&EtcdSettings::new(cluster.endpoints())).await.unwrap();
        assert_eq!(status.access, WriteAccess::NoLeader);
        let Err(failure) = reader.watch(&scope().range(), Revision(1)).await else { panic!("watches") };
        assert!(matches!(failure, Failure::NoLeader { .. }), "{failure:?}");
    }
}

async fn set(reader: &EtcdReader, key: &str, size: usize) -> Outcome {
    let key = scope().key(key.as_bytes()).unwrap();
    let intent = Intent::Create { key, value: vec![b'x'; size].into(), lease: None };
    let plan = prepare(reader, &scope(), &[], intent).await.unwrap();
    let writer = open_writer(reader);
    carry_out(plan.agree().unwrap(), &mut MemoryJournal::default(), &writer, reader, |_| {}).await.outcome
}

#[tokio::test]
async fn out_of_space() {
    for binary in etcd::etcd_versions() {
        let setup = etcd::Setup::default().binary(&binary).argument("--quota-backend-bytes=2000000");
        let private = setup.start();
        let (reader, _) = try_connect(&EtcdSettings::new([private.endpoint()])).await.unwrap();
        assert_eq!(reader.health(LONG_ENOUGH).await.alarms, Some(vec![]));
        let mut stored = 0;
        let why = loop {
            match set(&reader, &format!("/coredns/filler{stored}"), 500_000).await {
                Outcome::Done { .. } => stored += 1,
                Outcome::NothingChanged { why } => break why,
                other @ (Outcome::Partly { .. } | Outcome::Unknown { .. }) => panic!("{other}"),
            }
        };
        assert_eq!(why, Failure::NoSpace);
        told(&why, "NOSPACE", "disarm the alarm");
        let (reader, _) = try_connect(&EtcdSettings::new([private.endpoint()])).await.unwrap();
        let health = reader.health(LONG_ENOUGH).await;
        assert!(health.is_raised(&AlarmKind::NoSpace) && health.is_wrong(), "{health:?}");
        // A deletion, which frees space, is still taken, except by releases that take no transaction then; those are
        // named.
        let version = health.members[0].vitals().unwrap().version.clone();
        let refuses_all = Release::parse(&version).unwrap().refuses_all_over_its_quota();
        let said = health.findings().iter().any(|finding| finding.what.contains("deletions too"));
        assert_eq!(said, refuses_all, "{version}: {health:?}");
        let key = scope().key(b"/coredns/filler0").unwrap();
        let plan = prepare(&reader, &scope(), &[], Intent::Delete { key }).await.unwrap();
        let challenge = plan.challenge().to_owned();
        let number = plan.deletes() as u64;
        let confirmed = plan.confirm(&challenge, Some(number)).unwrap();
        let done =
            carry_out(confirmed, &mut MemoryJournal::default(), &open_writer(&reader), &reader, |_| {}).await;
        if refuses_all {
            assert_eq!(done.outcome, Outcome::NothingChanged { why: Failure::NoSpace }, "{version}");
        } else {
            assert!(matches!(done.outcome, Outcome::Done { changed: 1, .. }), "{version}: {}", done.outcome);
        }
    }
}

#[tokio::test]
async fn members_that_differ() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (reader, _) = try_connect(&EtcdSettings::new([private.endpoint()])).await.unwrap();
        private.put("/coredns/before", "{}");
        private.raise(AlarmType::Corrupt);
        let outcome = set(&reader, "/coredns/after", 10).await;
        assert_eq!(outcome, Outcome::NothingChanged { why: Failure::Corrupt });
        told(&Failure::Corrupt, "CORRUPT", "hashkv");
        // It can still be read.
        assert_eq!(reader.list(&scope().range(), 0, None).await.unwrap().records.len(), 1);
        private.etcdctl(&["alarm", "disarm"]);
        assert!(matches!(set(&reader, "/coredns/after", 10).await, Outcome::Done { .. }));
    }
}

#[tokio::test]
async fn request_too_large() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (reader, _) = try_connect(&EtcdSettings::new([private.endpoint()])).await.unwrap();
        // The sizes are beyond etcd's own limit, and beyond the limit of its gRPC.
        for size in [1_600_000, 3_000_000] {
            let outcome = set(&reader, "/coredns/large", size).await;
            let Outcome::NothingChanged { why } = outcome else { panic!("{outcome}") };
            assert!(matches!(why, Failure::TooLarge { .. }), "{why:?}");
            told(&why, "larger than etcd accepts", "smaller pieces");
        }
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 0);
    }
}

#[tokio::test]
async fn compacted() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for _ in 0..3 {
            private.put("/coredns/x", "{}");
        }
        private.etcdctl(&["compact", "4"]);
        let (reader, _) = try_connect(&EtcdSettings::new([private.endpoint()])).await.unwrap();
        let gone = Failure::Compacted { asked: Revision(2) };
        let range = scope().range();
        assert_eq!(reader.list(&range, 0, Some(Revision(2))).await.unwrap_err(), gone);
        // etcd confirms a watch before it checks whether it can watch.
        assert_eq!(reader.watch(&range, Revision(2)).await.unwrap_err(), gone);
        told(&gone, "revision 2 is gone", "Read again");
        assert_eq!(reader.list(&range, 0, Some(Revision(4))).await.unwrap().records.len(), 1);
    }
}
