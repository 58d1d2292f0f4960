use crate::rig::Rig;
use coredeck::{
    counts::Holder,
    failure::Failure,
    keys::Revision,
    ops::{count_everybody, count_holder},
    store::{CountAt, NeighbourKeys, Reader},
};

pub async fn a_list_is_in_key_order_and_knows_each_keys_history(rig: &impl Rig) {
    let first = rig.put("b", "1").await;
    rig.put("a/x1", "2").await;
    let last = rig.put("b", "3").await;
    let listing = rig.reader().list(&rig.scope().range(), 0, None).await.unwrap();
    assert_eq!((listing.revision, listing.total), (last, 2));
    let [a, b] = &listing.records[..] else { panic!("{listing:?}") };
    assert_eq!((&a.key, &*a.value, a.version), (&rig.key("a/x1"), &b"2"[..], 1));
    assert_eq!((&b.key, &*b.value, b.version), (&rig.key("b"), &b"3"[..], 2));
    assert_eq!((b.create_revision, b.mod_revision, b.lease), (first, last, None));
}

pub async fn a_limit_shortens_the_list_and_not_the_total(rig: &impl Rig) {
    for tail in ["c", "a", "b"] {
        rig.put(tail, "{}").await;
    }
    let listing = rig.reader().list(&rig.scope().range(), 2, None).await.unwrap();
    let keys: Vec<_> = listing.records.iter().map(|record| record.key.clone()).collect();
    assert_eq!((keys, listing.total), (vec![rig.key("a"), rig.key("b")], 3));
}

pub async fn a_list_of_the_past_is_of_its_revision(rig: &impl Rig) {
    rig.put("a", "old").await;
    let then = rig.put("b", "{}").await;
    rig.put("a", "new").await;
    rig.delete("b").await;
    rig.put("c", "{}").await;
    let past = rig.reader().list(&rig.scope().range(), 0, Some(then)).await.unwrap();
    let values: Vec<_> = past.records.iter().map(|record| record.value.to_vec()).collect();
    assert_eq!(values, [b"old".to_vec(), b"{}".to_vec()]);
    assert_eq!((past.revision, past.total), (then, 2), "the revision that the list is the truth of");
}

pub async fn a_range_holds_what_is_below_and_nothing_beside(rig: &impl Rig) {
    for tail in ["io", "io/gcr", "io/gcr/", "io/gcr//x", "io/gcr/x1", "io/gcr-old/x1", "io/gcr.x", "io/gcr0"]
    {
        rig.put(tail, "{}").await;
    }
    let below = rig.below("io/gcr");
    let listing = rig.reader().list(&below, 0, None).await.unwrap();
    let keys: Vec<_> = listing.records.into_iter().map(|record| record.key).collect();
    assert_eq!(keys, ["io/gcr/", "io/gcr//x", "io/gcr/x1"].map(|tail| rig.key(tail)));
    let revision = listing.revision;
    assert_eq!(rig.reader().count(&below).await.unwrap(), CountAt { keys: 3, revision });
    let nothing = below.between(b"", b"");
    assert_eq!(rig.reader().count(&nothing).await.unwrap().keys, 0);
    assert_eq!(rig.reader().list(&nothing, 0, None).await.unwrap().records, []);
}

pub async fn keys_and_a_range_are_read_at_one_revision(rig: &impl Rig) {
    for tail in ["a", "b", "b/1", "b/2"] {
        rig.put(tail, tail).await;
    }
    let keys = [rig.key("b"), rig.key("not/there"), rig.key("a")];
    let listing = rig.reader().read(&keys, Some(&rig.below("b"))).await.unwrap();
    let found: Vec<_> = listing.records.iter().map(|record| record.key.clone()).collect();
    assert_eq!(found, ["a", "b", "b/1", "b/2"].map(|tail| rig.key(tail)), "in key order");
    assert_eq!(listing.revision, rig.revision().await);
}

pub async fn keys_are_bytes(rig: &impl Rig) {
    let odd: [&[u8]; 4] = [b"\x1b[2J", b"\xff\xfe", b"line\nbreak", b"//"];
    for tail in odd {
        rig.put_raw(&[rig.scope().as_str().as_bytes(), tail].concat(), "{}", None).await;
    }
    assert_eq!(rig.tails().await, [r"\x1b[2J", "//", r"line\nbreak", r"\xff\xfe"]);
}

pub async fn a_revision_that_is_still_to_come_cannot_be_read(rig: &impl Rig) {
    let future = Revision(rig.revision().await.0 + 1_000_000);
    assert!(rig.reader().list(&rig.scope().range(), 0, Some(future)).await.is_err());
}

pub async fn neighbours_are_counted_and_nothing_else(rig: &impl Rig) {
    let kubernetes = async || {
        let census = count_everybody(&rig.counts(), rig.scope()).await.unwrap();
        census
            .neighbours
            .into_iter()
            .find(|neighbour| neighbour.tenant.prefix == "/registry")
            .map_or(NeighbourKeys::Counted(0), |neighbour| neighbour.keys)
    };
    if !rig.may_count_neighbours() {
        assert_eq!(kubernetes().await, NeighbourKeys::Denied);
        return;
    }
    let NeighbourKeys::Counted(before) = kubernetes().await else { panic!("it may be counted") };
    for key in ["/registry/pods/a", "/registry/pods/b", "/registry0", "/registr"] {
        rig.put_raw(format!("{key}{}", rig.scope().segments()).as_bytes(), "{}", None).await;
    }
    assert_eq!(kubernetes().await, NeighbourKeys::Counted(before + 2));
    assert_eq!(rig.all().await, [], "no neighbour is listed");
}

pub async fn an_answer_names_the_cluster(rig: &impl Rig) {
    let status = rig.reader().status().await.unwrap();
    let listing = rig.reader().list(&rig.scope().range(), 1, None).await.unwrap();
    let read = rig.reader().read(&[rig.key("a")], None).await.unwrap();
    assert_ne!(status.cluster.0, 0);
    assert_eq!((listing.cluster, read.cluster), (status.cluster, status.cluster));
}

pub async fn reading_changes_nothing(rig: &impl Rig) {
    let revision = rig.put("a", "{}").await;
    rig.reader().status().await.unwrap();
    count_everybody(&rig.counts(), rig.scope()).await.unwrap();
    rig.reader().read(&[rig.key("a")], Some(&rig.below("a"))).await.unwrap();
    rig.reader().count(&rig.scope().range()).await.unwrap();
    drop(rig.reader().watch(&rig.scope().range(), revision).await.unwrap());
    assert_eq!(rig.get("a").await.unwrap().mod_revision, revision);
}

pub async fn everybody_is_counted_at_one_revision_and_at_old_ones_until_they_are_compacted(rig: &impl Rig) {
    let kubernetes = Holder::Tenant("/registry/".to_owned());
    let scope = Holder::scope(rig.scope());
    rig.put("a", "{}").await;
    if !rig.may_count_neighbours() {
        let census = count_everybody(&rig.counts(), rig.scope()).await.unwrap();
        assert_eq!(census.counts.keys, [(scope, 1)].into(), "what may not be counted is not known");
        return;
    }
    let count = async || count_everybody(&rig.counts(), rig.scope()).await.unwrap();
    let before = count().await;
    let here = rig.scope().segments();
    for key in ["/registry/nodes/a", "/registry/events/a", "/registry/leases/a", "/registry/masterleases/a"] {
        rig.put_raw(format!("{key}{here}").as_bytes(), "{}", None).await;
    }
    rig.put_raw(format!("/nobodys/{here}").as_bytes(), "{}", None).await;
    rig.put("b", "{}").await;
    let after = count().await;
    let more = |holder: &Holder| after.counts.keys[holder] - before.counts.keys[holder];
    assert_eq!((more(&scope), more(&kubernetes)), (1, 1));
    assert_eq!((more(&Holder::Fleeting), more(&Holder::unnamed(rig.scope()))), (3, 1));
    assert_eq!(after.all.unwrap() - before.all.unwrap(), 6);
    for (census, holder) in [(&before, &scope), (&before, &kubernetes), (&after, &kubernetes)] {
        let then = count_holder(&rig.counts(), rig.scope(), holder, census.counts.revision).await;
        assert_eq!(then, Ok(census.counts.keys[holder]), "{holder:?}");
    }
    rig.compact(after.counts.revision).await;
    let gone = count_holder(&rig.counts(), rig.scope(), &scope, before.counts.revision).await;
    assert!(matches!(gone, Err(Failure::Compacted { .. })), "{gone:?}");
}
