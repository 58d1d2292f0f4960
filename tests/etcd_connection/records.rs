//! Records that are read and written, and conflicts that stop a write.
use crate::{
    session::{VALUE, carried_out, connected, key, now, planned, reader, scope},
    support::etcd,
};
use coredeck::{
    failure::Failure,
    keys::{KeyValue, LeaseId, Revision},
    ops::count_everybody,
    plan::{Intent, Outcome},
    store::{
        NeighbourKeys, Reader, WriteAccess,
        etcd::{EtcdSettings, open_counts},
    },
};
use etcd_client::{Client, PutOptions};
use std::time::Duration;

#[tokio::test]
async fn what_is_in_the_scope_is_read_at_one_revision_and_what_is_beside_it_only_counted() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for key in
            ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a", "/registry/pods/a", "/coredns"]
        {
            private.put(key, VALUE);
        }
        let (reader, status) = connected(&EtcdSettings::new([private.endpoint()])).await;
        assert_eq!(status.revision, Revision(6));
        assert_eq!(status.access, WriteAccess::Write);
        assert_eq!(status.user, None);
        assert!(status.version.unwrap().starts_with("3."));
        let listing = reader.list(&scope().range(), 0, None).await.unwrap();
        assert_eq!((listing.records.len(), listing.total, listing.revision), (3, 3, Revision(6)));
        assert_eq!(listing.cluster, status.cluster);
        let first = reader.list(&scope().range(), 1, Some(Revision(2))).await.unwrap();
        assert_eq!((first.records.len(), first.total, first.revision), (1, 1, Revision(2)));
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 3);
        let key = scope().key(b"/coredns/net/a").unwrap();
        let below = scope().below(b"/coredns/io/gcr").unwrap();
        let read = reader.read(std::slice::from_ref(&key), Some(&below)).await.unwrap();
        let spelled: Vec<String> = read.records.iter().map(|record| record.key.spelled()).collect();
        assert_eq!(spelled, ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a"]);
        let neighbours = count_everybody(&open_counts(&reader), &scope()).await.unwrap().neighbours;
        let kubernetes = neighbours.iter().find(|neighbour| neighbour.tenant.prefix == "/registry").unwrap();
        assert_eq!(kubernetes.keys, NeighbourKeys::Counted(1));
    }
}

#[tokio::test]
async fn an_edit_keeps_the_lease_and_a_gone_lease_is_none() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let client = Client::connect([private.unrecorded_endpoint()], None).await.unwrap();
        let granted = client.lease_client().grant(600, None).await.unwrap();
        let leased = PutOptions::new().with_lease(granted.id());
        client.kv_client().put("/coredns/x", "old", Some(leased)).await.unwrap();
        let reader = reader(vec![private.endpoint()]).await;
        let base = now(&reader, "/coredns/x").await.unwrap();
        let lease = LeaseId::new(granted.id()).unwrap();
        assert_eq!(base.lease, Some(lease));
        let plan = planned(&reader, Intent::Edit { base, value: (*b"new").into() }).await;
        assert!(matches!(carried_out(&reader, plan).await, Outcome::Done { .. }));
        let edited = now(&reader, "/coredns/x").await.unwrap();
        assert_eq!((&*edited.value, edited.lease, edited.version), (&b"new"[..], Some(lease), 2));
        let left = reader.lease(lease).await.unwrap().unwrap();
        assert!(left > Duration::from_secs(500) && left <= Duration::from_secs(600), "{left:?}");
        client.lease_client().revoke(granted.id()).await.unwrap();
        assert_eq!(reader.lease(lease).await.unwrap(), None);
        assert_eq!(now(&reader, "/coredns/x").await, None);
        // A new record cannot get it any more.
        let (key, value) = (key("/coredns/io/gcr/x1"), (*b"{}").into());
        let wishes = vec![coredeck::plan::KeyEdit::Create { key, value, lease: Some(lease) }];
        let intent = Intent::Several { wishes };
        let outcome = carried_out(&reader, planned(&reader, intent).await).await;
        assert_eq!(outcome, Outcome::NothingChanged { why: Failure::LeaseGone(lease) });
    }
}

#[tokio::test]
async fn a_key_that_changed_or_appeared_since_it_was_shown_stops_the_write() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.put("/coredns/io/gcr/x1", "{}");
        let reader = reader(vec![private.endpoint()]).await;
        let at = key("/coredns/io/gcr/x1");
        let intents = [
            |base: KeyValue| Intent::Edit { base, value: (*b"mine").into() },
            |base: KeyValue| Intent::Delete { key: base.key },
            |_| Intent::DeleteSubtree { name: key("/coredns/io/gcr") },
        ];
        for intent in intents {
            let base = reader.read(std::slice::from_ref(&at), None).await.unwrap().records.pop().unwrap();
            let plan = planned(&reader, intent(base)).await;
            private.put("/coredns/io/gcr/x1", "theirs");
            let outcome = carried_out(&reader, plan).await;
            assert!(
                matches!(&outcome, Outcome::NothingChanged { why: Failure::Conflict { key, .. } }
                    if key == "/coredns/io/gcr/x1"),
                "{outcome}"
            );
        }
        let plan = planned(&reader, Intent::DeleteSubtree { name: key("/coredns/io/gcr") }).await;
        private.put("/coredns/io/gcr/x2", "an intruder");
        let outcome = carried_out(&reader, plan).await;
        assert!(matches!(&outcome, Outcome::NothingChanged { why: Failure::Conflict { .. } }), "{outcome}");
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 2);
    }
}
