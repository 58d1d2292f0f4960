//! Reading, writing and watching a real etcd: what holds when members, connections, logins and history go away.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;

use coredeck::{
    failure::Failure,
    keys::{Revision, Scope},
    plan::{Confirmed, EntryId, Intent, Journal, Outcome, Plan},
    store::{
        Access, Event, NeighbourKeys, Reader, Watched, carry_out,
        etcd::{EtcdReader, Settings, connect, open_writer},
        prepare,
    },
};
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

const VALUE: &str = r#"{"host":"172.25.52.217","ttl":60}"#;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

async fn reader(endpoints: Vec<String>) -> EtcdReader {
    connect(&Settings::new(endpoints), &scope()).await.unwrap().0
}

/// Keeps nothing: these tests are of what reaches etcd.
struct Forgetful;

impl Journal for Forgetful {
    fn intend(&mut self, _: &Plan) -> Result<EntryId, Failure> {
        Ok(EntryId("1".to_owned()))
    }

    fn conclude(&mut self, _: &EntryId, _: &Outcome) -> Result<(), Failure> {
        Ok(())
    }

    fn place(&self) -> String {
        "nowhere".to_owned()
    }
}

#[tokio::test]
async fn what_is_in_the_scope_is_read_at_one_revision_and_what_is_beside_it_only_counted() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for key in
            ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a", "/registry/pods/a", "/coredns"]
        {
            private.put(key, VALUE);
        }
        let (reader, status) = connect(&Settings::new([private.endpoint()]), &scope()).await.unwrap();
        assert_eq!(status.revision, Revision(6));
        assert_eq!(status.access, Access::Write);
        assert_eq!((status.user, status.no_space), (None, false));
        assert!(status.version.unwrap().starts_with("3."));
        let listing = reader.list(&scope().range(), 0, None).await.unwrap();
        assert_eq!((listing.records.len(), listing.total, listing.revision), (3, 3, Revision(6)));
        assert_eq!(listing.cluster, status.cluster);
        let first = reader.list(&scope().range(), 1, Some(Revision(2))).await.unwrap();
        assert_eq!((first.records.len(), first.total, first.revision), (1, 1, Revision(2)));
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 3);
        let key = scope().key(b"/coredns/net/a").unwrap();
        let below = scope().below(b"/coredns/io/gcr").unwrap();
        let read = reader.read(&[key.clone()], Some(&below)).await.unwrap();
        let spelled: Vec<String> = read.records.iter().map(|record| record.key.spelled()).collect();
        assert_eq!(spelled, ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/coredns/net/a"]);
        let neighbours = reader.neighbours().await;
        let kubernetes = neighbours.iter().find(|neighbour| neighbour.tenant.prefix == "/registry").unwrap();
        assert_eq!(kubernetes.keys, NeighbourKeys::Counted(1));
    }
}
