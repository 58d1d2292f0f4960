//! Quota that etcd is over: the reads that it still takes, and the end of a deletion.
use crate::{
    session::{carried_out, key, planned, reader, scope},
    support::etcd,
};
use coredeck::{
    failure::Failure,
    health::Release,
    keys::ScopedKey,
    plan::{Intent, Outcome},
    store::Reader as _,
};

const QUOTA: &str = "--quota-backend-bytes=16777216";

#[tokio::test]
async fn over_its_quota_every_release_is_read_and_a_deletion_is_made_or_said_to_be_refused() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).argument(QUOTA).start();
        for name in ["a", "b", "c"] {
            private.put(&format!("/coredns/io/{name}"), "{}");
        }
        // Others fill the store.
        let value = "x".repeat(100_000);
        let is_taken = |number: usize| {
            private.try_etcdctl(&["put", &format!("/others/{number}"), &value]).status.success()
        };
        assert!((0..400).any(|number| !is_taken(number)), "it never filled up");
        let reader = reader(vec![private.endpoint()]).await;
        let keys: Vec<ScopedKey> = ["/coredns/io/a", "/coredns/io/b", "/coredns/io/none"].map(key).into();
        let below = scope().below_key(&key("/coredns/io"));
        for (keys, range, found) in [
            (&keys[..1], None, 1),
            (&keys[..], None, 2),
            (&keys[..0], Some(&below), 3),
            (&keys[..], Some(&below), 3),
        ] {
            let listing = reader.read(keys, range).await.unwrap();
            assert_eq!((listing.records.len(), listing.total), (found, found as u64), "{binary:?}");
            assert!(listing.revision.0 > 3, "{listing:?}");
        }
        let beside = key("/coredns/io/none");
        let both = reader.read(&[beside, key("/coredns/org")], Some(&below)).await.unwrap();
        assert_eq!(both.records.len(), 3, "{binary:?}");
        let plan = planned(&reader, Intent::Delete { key: key("/coredns/io/a") }).await;
        let outcome = carried_out(&reader, plan).await;
        let version = reader.status().await.unwrap().version.unwrap();
        if Release::parse(&version).unwrap().refuses_all_over_its_quota() {
            assert!(
                matches!(outcome, Outcome::NothingChanged { why: Failure::NoSpace }),
                "{version}: {outcome}"
            );
        } else {
            assert!(matches!(outcome, Outcome::Done { .. }), "{version}: {outcome}");
        }
    }
}
