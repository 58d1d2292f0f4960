use crate::rig::Rig;
use coredeck::{
    failure::Failure,
    keys::{ForeignRange, Revision},
    ops::{History, history, state_at},
    store::{Event, ForeignDeletions as _},
};
use std::time::Duration;

/// More than any rule makes.
const ALL: usize = 10_000;

async fn of_key(rig: &impl Rig, tail: &str) -> History {
    history(rig.reader(), rig.scope(), Some(&rig.key(tail)), None, ALL).await.unwrap()
}

/// Returns the versions, as `+key=value` and `-key`, with their revisions.
fn told(rig: &impl Rig, history: &History) -> Vec<(String, Revision)> {
    let skip = rig.scope().as_str().len();
    let said = |event: &Event| match event {
        Event::Put(record) => {
            format!("+{}={}", &record.key.spelled()[skip..], String::from_utf8_lossy(&record.value))
        }
        Event::Delete { key, .. } => format!("-{}", &key.spelled()[skip..]),
    };
    history.versions.iter().map(|event| (said(event), event.revision())).collect()
}

fn expected<const N: usize>(events: [(&str, Revision); N]) -> Vec<(String, Revision)> {
    events.map(|(event, revision)| (event.to_owned(), revision)).to_vec()
}

pub async fn a_history_has_every_version_and_every_deletion(rig: &impl Rig) {
    let first = rig.put("a", "1").await;
    let second = rig.put("a", "2").await;
    rig.put("b", "beside").await;
    let gone = rig.delete("a").await;
    let again = rig.put("a", "3").await;
    let until = rig.put("ab", "beside").await;
    let history = of_key(rig, "a").await;
    let wanted = [("+a=1", first), ("+a=2", second), ("-a", gone), ("+a=3", again)];
    assert_eq!(told(rig, &history), expected(wanted));
    assert_eq!((history.until, history.left_out), (until, 0));
    let lives: Vec<_> = history
        .versions
        .iter()
        .filter_map(|event| match event {
            Event::Put(record) => Some((record.create_revision, record.version)),
            Event::Delete { .. } => None,
        })
        .collect();
    assert_eq!(lives, [(first, 1), (first, 2), (again, 1)], "what comes back is a new key");
}

pub async fn a_history_of_what_is_gone_is_there_until_it_is_compacted(rig: &impl Rig) {
    let put = rig.put("a", "1").await;
    let gone = rig.delete("a").await;
    assert_eq!(told(rig, &of_key(rig, "a").await), expected([("+a=1", put), ("-a", gone)]));
    let later = rig.put("b", "2").await;
    rig.compact(later).await;
    let history = of_key(rig, "a").await;
    assert_eq!((told(rig, &history), history.oldest), (vec![], later));
}

pub async fn a_history_begins_with_what_stood_when_it_was_compacted(rig: &impl Rig) {
    rig.put("a", "1").await;
    let stood = rig.put("a", "2").await;
    let other = rig.put("b", "beside").await;
    rig.compact(other).await;
    let history = of_key(rig, "a").await;
    assert_eq!((told(rig, &history), history.oldest), (expected([("+a=2", stood)]), other));
    let Some(Event::Put(record)) = history.versions.first() else { panic!("{history:?}") };
    assert_eq!(record.version, 2, "there was one before it, and it is gone");
    let gone = rig.delete("a").await;
    let again = rig.put("a", "3").await;
    let history = of_key(rig, "a").await;
    assert_eq!(told(rig, &history), expected([("+a=2", stood), ("-a", gone), ("+a=3", again)]));
    // The deletion itself is the oldest revision now: nothing was there then.
    rig.compact(gone).await;
    let history = of_key(rig, "a").await;
    assert_eq!((told(rig, &history), history.oldest), (expected([("+a=3", again)]), gone));
}

pub async fn a_history_of_a_name_is_of_its_own_key_and_all_below(rig: &impl Rig) {
    let below = rig.put("io/gcr/x1", "1").await;
    for tail in ["io", "io/gcr-old/x1", "io/gcr0", "io/gcr.x"] {
        rig.put(tail, "beside").await;
    }
    let own = rig.put("io/gcr", "2").await;
    let gone = rig.delete("io/gcr/x1").await;
    let (key, range) = (rig.key("io/gcr"), rig.below("io/gcr"));
    let history = history(rig.reader(), rig.scope(), Some(&key), Some(&range), ALL).await.unwrap();
    let wanted = [("+io/gcr/x1=1", below), ("+io/gcr=2", own), ("-io/gcr/x1", gone)];
    assert_eq!(told(rig, &history), expected(wanted));
}

pub async fn a_history_knows_the_leases_and_their_ends(rig: &impl Rig) {
    let lease = rig.grant(Duration::from_secs(600)).await;
    let put = rig.put_leased("a", "1", lease).await;
    rig.revoke(lease).await;
    let history = of_key(rig, "a").await;
    let [Event::Put(record), Event::Delete { revision, .. }] = &history.versions[..] else {
        panic!("{history:?}")
    };
    assert_eq!((record.lease, record.mod_revision), (Some(lease), put));
    assert!(*revision > put);
}

pub async fn a_history_of_what_never_was_is_empty(rig: &impl Rig) {
    let until = rig.put("b", "1").await;
    let history = of_key(rig, "a").await;
    assert_eq!((history.versions, history.until), (vec![], until));
}

pub async fn the_newest_versions_are_kept_and_the_others_counted(rig: &impl Rig) {
    for value in ["1", "2", "3"] {
        rig.put("a", value).await;
    }
    rig.delete("a").await;
    let stood = rig.put("b", "old").await;
    rig.compact(stood).await;
    let fourth = rig.put("a", "4").await;
    let fifth = rig.put("a", "5").await;
    let range = rig.scope().range();
    let of = async |most| history(rig.reader(), rig.scope(), None, Some(&range), most).await.unwrap();
    let newest = of(2).await;
    assert_eq!(told(rig, &newest), expected([("+a=4", fourth), ("+a=5", fifth)]));
    assert_eq!(newest.left_out, 1, "what stood at the beginning counts");
    assert_eq!((told(rig, &of(1).await), of(1).await.left_out), (expected([("+a=5", fifth)]), 2));
    assert_eq!(of(3).await.left_out, 0);
}

/// etcd tells at most 1,000 revisions at a time, and the last of them says that the key is gone.
pub async fn a_long_history_of_a_key_that_is_gone_is_whole(rig: &impl Rig) {
    for number in 0..2_100 {
        rig.put("a", &number.to_string()).await;
    }
    let gone = rig.delete("a").await;
    let history = of_key(rig, "a").await;
    assert_eq!(history.versions.len(), 2_101);
    assert_eq!(history.versions.last().map(Event::revision), Some(gone));
}

pub async fn a_state_of_the_past_is_read_until_it_is_compacted(rig: &impl Rig) {
    rig.put("a", "1").await;
    let then = rig.put("a/x1", "2").await;
    rig.put("ab", "beside").await;
    rig.delete("a").await;
    let now = rig.put("a/x1", "3").await;
    let (key, below) = (rig.key("a"), rig.below("a"));
    let state = async |at| {
        let state = state_at(rig.reader(), rig.scope(), Some(&key), Some(&below), at).await;
        state.map(|records| {
            records
                .iter()
                .map(|record| String::from_utf8_lossy(&record.value).into_owned())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(state(then).await, Ok(vec!["1".to_owned(), "2".to_owned()]));
    let future = Revision(now.0 + 1_000);
    assert_eq!(state(future).await, Err(Failure::NotYet { asked: future }));
    rig.compact(now).await;
    assert_eq!(state(then).await, Err(Failure::Compacted { asked: then }));
    assert_eq!(state(now).await, Ok(vec!["3".to_owned()]));
    assert_eq!(state(Revision(0)).await, Err(Failure::Compacted { asked: Revision(0) }), "0 is not now");
}

pub async fn deletions_are_told_in_their_order_behind_the_oldest_revision(rig: &impl Rig) {
    if !rig.may_count_neighbours() {
        return;
    }
    let begun = rig.revision().await;
    let told = async || {
        let mut told = vec![];
        let each = |revision: Revision, key: &[u8]| told.push((revision, key.to_vec()));
        let heard = rig.foreign().deletions(&ForeignRange::all(), each).await.unwrap();
        told.retain(|(revision, _)| *revision > begun);
        (heard, told)
    };
    assert_eq!(told().await.1, []);
    rig.put_raw(b"/registry/x", "theirs", None).await;
    rig.put("a", "1").await;
    let first = rig.delete_raw(b"/registry/x").await;
    rig.put("b", "2").await;
    let second = rig.delete("a").await;
    let until = rig.put("c", "3").await;
    let (heard, all) = told().await;
    assert_eq!(all, [(first, b"/registry/x".to_vec()), (second, rig.bytes("a"))]);
    assert!(heard.oldest <= begun && heard.until == until, "{heard:?}");
    rig.compact(first).await;
    let (heard, left) = told().await;
    assert_eq!((heard.oldest, left), (first, vec![(second, rig.bytes("a"))]));
}
