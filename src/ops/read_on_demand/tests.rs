use super::*;
use crate::{
    dns::RecordSource as _,
    store::{ClusterStatus, CountAt, Watch, memory::Memory},
};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Prefixes that were listed, each with its revision.
type Asked = Vec<(String, Option<Revision>)>;

/// A reader that writes down what it is asked, and lets somebody else in between.
#[derive(Clone)]
struct Spied<F> {
    reader: crate::store::memory::MemoryReader,
    asked: Arc<Mutex<Asked>>,
    between: F,
}

impl<F: Fn(usize) + Clone + Send + Sync + 'static> Reader for Spied<F> {
    async fn read(&self, _: &[crate::keys::ScopedKey], _: Option<&KeyRange>) -> Result<Listing, Failure> {
        panic!("a read without a revision")
    }

    async fn list(&self, range: &KeyRange, limit: u32, at: Option<Revision>) -> Result<Listing, Failure> {
        let reply = self.reader.list(range, limit, at).await;
        let mut asked = self.asked.lock().unwrap();
        asked.push((range.to_string(), at));
        (self.between)(asked.len());
        reply
    }

    async fn count(&self, _: &KeyRange) -> Result<CountAt, Failure> {
        panic!("nothing is to be counted")
    }

    async fn watch(&self, _: &KeyRange, _: Revision) -> Result<Watch, Failure> {
        panic!("nothing is to be watched")
    }

    async fn past(&self, _: &KeyRange, _: usize) -> Result<crate::store::PastChanges, Failure> {
        panic!("no past is to be read")
    }

    async fn lease(&self, lease: LeaseId) -> Result<Option<Duration>, Failure> {
        self.reader.lease(lease).await
    }

    async fn status(&self) -> Result<ClusterStatus, Failure> {
        self.reader.status().await
    }

    async fn health(&self, within: Duration) -> crate::health::Health {
        self.reader.health(within).await
    }

    fn possibly_stale(&self) -> Self {
        self.clone()
    }

    async fn power(&self) -> crate::power::Power {
        panic!("nothing is to be found out about the credential")
    }
}

fn scope() -> Scope {
    Scope::parse("/dns").unwrap()
}

fn store(keys: &[(&str, &str)]) -> Memory {
    let store = Memory::new(&scope());
    for (key, value) in keys {
        store.seed().put(key, value);
    }
    store
}

fn spy<F: Fn(usize) + Clone + Send + Sync + 'static>(store: &Memory, between: F) -> Spied<F> {
    Spied { reader: store.reader(), asked: Arc::default(), between }
}

fn below(known: &ReadPart, prefix: &str) -> Vec<String> {
    let mut values = Vec::new();
    known.below(prefix.as_bytes(), &mut |record| {
        values.push(String::from_utf8_lossy(record.value).into_owned());
        ControlFlow::Continue(())
    });
    values
}

fn at(known: &ReadPart, key: &str) -> Option<String> {
    let mut value = None;
    known.at(key.as_bytes(), &mut |record| {
        value = Some(String::from_utf8_lossy(record.value).into_owned());
        ControlFlow::Break(())
    });
    value
}

#[tokio::test]
async fn a_question_reads_what_it_needs_at_one_revision_and_nothing_else() {
    let store = store(&[("/dns/a/x1", "/dns/b"), ("/dns/b", "then"), ("/dns/c/x1", "other")]);
    let then = store.reader().status().await.unwrap().revision;
    let other = store.clone();
    // Somebody changes the name that the first read leads to.
    let reader = spy(&store, move |reads| {
        if reads == 1 {
            other.seed().put("/dns/b", "now");
        }
    });
    let follow = |known: &ReadPart| below(known, "/dns/a/").first().and_then(|key| at(known, key));
    let settled = settle(&reader, &scope(), follow).await.unwrap();
    assert_eq!((settled.value.as_deref(), settled.revision), (Some("then"), Some(then)));
    let asked = reader.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [("[/dns/a/, /dns/a0)".to_owned(), None), ("[/dns/b, /dns/b\\x00)".to_owned(), Some(then)),]
    );
}

#[tokio::test]
async fn what_is_below_a_name_is_read_at_the_revision_of_the_first_read() {
    let store = store(&[("/dns/a", "/dns/b/"), ("/dns/b/x1", "then")]);
    let other = store.clone();
    let reader = spy(&store, move |reads| {
        if reads == 1 {
            other.seed().put("/dns/b/x1", "now");
        }
    });
    let follow = |known: &ReadPart| at(known, "/dns/a").map(|prefix| below(known, &prefix));
    assert_eq!(settle(&reader, &scope(), follow).await.unwrap().value.unwrap(), ["then"]);
}

#[tokio::test]
async fn what_is_not_there_is_read_once() {
    let reader = spy(&store(&[]), |_| ());
    let settled =
        settle(&reader, &scope(), |known| (below(known, "/dns/a/"), at(known, "/dns/a"))).await.unwrap();
    assert_eq!(settled.value, (vec![], None));
    assert_eq!(reader.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_question_that_needs_nothing_reads_nothing() {
    let reader = spy(&store(&[]), |_| ());
    let settled = settle(&reader, &scope(), |_| 7).await.unwrap();
    assert_eq!((settled.value, settled.revision), (7, None));
    assert!(reader.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_prefix_below_another_is_not_read_twice() {
    let reader = spy(&store(&[("/dns/a/b/x1", "1")]), |_| ());
    let both = |known: &ReadPart| (below(known, "/dns/a/").len(), below(known, "/dns/a/b/").len());
    assert_eq!(settle(&reader, &scope(), both).await.unwrap().value, (1, 1));
    assert_eq!(reader.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_large_prefix_is_read_whole_and_at_one_revision() {
    let store = Memory::new(&scope());
    for number in 0..45_000 {
        store.seed().put(format!("/dns/org/n{number:05}"), "{}");
    }
    let other = store.clone();
    let reader = spy(&store, move |_| {
        other.seed().put("/dns/org/late", "{}");
    });
    let settled = settle(&reader, &scope(), |known| below(known, "/dns/org/").len()).await.unwrap();
    assert_eq!(settled.value, 45_000);
    let asked = reader.asked.lock().unwrap().clone();
    assert!(asked.len() > 1, "in pieces");
    assert!(asked.iter().skip(1).all(|(_, at)| *at == settled.revision));
}

#[tokio::test]
async fn a_revision_that_is_compacted_meanwhile_is_left_for_a_new_one() {
    let store = store(&[("/dns/a/x1", "/dns/b"), ("/dns/b", "then")]);
    let other = store.clone();
    let reader = spy(&store, move |reads| {
        if reads == 1 {
            let now = other.seed().put("/dns/b", "now");
            other.seed().compact(now);
        }
    });
    let follow = |known: &ReadPart| below(known, "/dns/a/").first().and_then(|key| at(known, key));
    assert_eq!(settle(&reader, &scope(), follow).await.unwrap().value.as_deref(), Some("now"));
}

#[tokio::test(start_paused = true)]
async fn leases_tell_how_long_they_have() {
    let store = store(&[]);
    let (lease, gone) = (LeaseId::new(7).unwrap(), LeaseId::new(8).unwrap());
    store.seed().grant(lease, Duration::from_secs(60));
    let ask = |known: &ReadPart| (known.lease_left(lease), known.lease_left(gone));
    let settled = settle(&store.reader(), &scope(), ask).await.unwrap();
    assert_eq!(settled.value, (LeaseLeft::Seconds(60), LeaseLeft::Gone));
}

#[tokio::test]
async fn a_lease_that_may_not_be_asked_for_is_unknown_and_no_end() {
    let store = store(&[]);
    let lease = LeaseId::new(7).unwrap();
    let ask = |known: &ReadPart| known.lease_left(lease);
    let [who, what] = ["dns", "lease 7"].map(str::to_owned);
    store.fail_next_read(Failure::PermissionDenied { who, action: "read", what });
    let settled = settle(&store.reader(), &scope(), ask).await.unwrap();
    assert_eq!((settled.value, settled.unknown_leases), (LeaseLeft::Unknown, BTreeSet::from([lease])));
}

#[tokio::test]
async fn a_plans_revision_is_read_and_nothing_that_is_known() {
    let store = store(&[("/dns/a/x1", "then"), ("/dns/b", "then")]);
    let then = store.reader().status().await.unwrap().revision;
    store.seed().put("/dns/b", "now");
    let reader = spy(&store, |_| ());
    let mut known = ReadPart::default();
    known.learn_key(b"/dns/a/x1", Some(KeyContent { value: b"known"[..].into(), lease: None }));
    let ask = |known: &ReadPart| (at(known, "/dns/a/x1"), at(known, "/dns/b"));
    let settled = settle_at(&reader, &scope(), then, known, ask).await.unwrap();
    assert_eq!(settled.value, (Some("known".to_owned()), Some("then".to_owned())));
    let asked = reader.asked.lock().unwrap().clone();
    assert_eq!(asked, [("[/dns/b, /dns/b\\x00)".to_owned(), Some(then))]);
}

#[tokio::test]
async fn nothing_outside_the_scope_can_be_asked() {
    let reader = spy(&store(&[("/registry/pods/x", "secret")]), |_| ());
    for outside in ["/registry/", "/", "/dnsother/"] {
        assert!(settle(&reader, &scope(), |known| below(known, outside).len()).await.is_err(), "{outside}");
    }
    for outside in ["/registry/pods/x", "/dns", "/dns/", ""] {
        assert!(settle(&reader, &scope(), |known| at(known, outside)).await.is_err(), "{outside}");
    }
    assert!(reader.asked.lock().unwrap().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_top_level_name_is_there_when_anything_is_at_or_below_it() {
    let store = store(&[("/dns/org/example/x1", "{}"), ("/dns/lonely", "{}")]);
    for (label, wanted) in [("org", true), ("lonely", true), ("or", false), ("com", false)] {
        assert_eq!(has_top(&store.reader(), &scope(), label.as_bytes()).await, Ok(wanted), "{label}");
    }
}

/// A plan of many names, as a restore's, asks below each of them.
#[tokio::test]
async fn very_many_small_reads_become_one_of_everything_unless_everything_is_far_more() {
    let names: Vec<String> = (0..600).map(|number| format!("/dns/n{number:03}/")).collect();
    let store = Memory::new(&scope());
    for name in &names {
        store.seed().put(format!("{name}x1"), "{}");
    }
    let reads = async |names: &[String]| {
        let reader = spy(&store, |_| {});
        let ask = |known: &ReadPart| names.iter().map(|name| below(known, name).len()).sum::<usize>();
        let settled = settle(&reader, &scope(), ask).await.unwrap();
        assert_eq!(settled.value, names.len());
        reader.asked.lock().unwrap().len()
    };
    assert!(reads(&names).await <= 3, "one look, and the list");
    assert_eq!(reads(&names[..400]).await, 400, "few names are read one by one");
    for number in 0..150_000 {
        store.seed().put(format!("/dns/other/h{number}"), "{}");
    }
    assert!(reads(&names).await >= 600, "everything is far more than what is asked for");
}
