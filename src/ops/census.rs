//! Census of an etcd: each holder's number of keys, all at one revision. It only sends requests that count, so no
//! key and no value of others is ever read.
use crate::{
    counts::{Counts, Holder},
    failure::Failure,
    keys::{FLEETING, ForeignRange, Revision, Scope, TENANTS},
    store::{CountAt, ForeignCounts, Neighbour, NeighbourKeys},
};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, timeout};

/// Requests at a time. A member counts by walking over its keys.
const AT_ONCE: usize = 4;
/// Longest time for one count.
const WITHIN: Duration = Duration::from_secs(2);
/// Most times that the counting is begun when etcd compacts the revision that is being counted.
const TRIES: u32 = 3;

/// Counts of all holders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// Keys of each holder, as far as that is known.
    pub counts: Counts,
    /// All keys of etcd, where they may be counted.
    pub all: Option<u64>,
    /// Keys of the scope.
    pub in_scope: u64,
    /// The programs that are known by name, and the keys that come and go by themselves.
    pub neighbours: Vec<Neighbour>,
    /// Time that the counting took.
    pub took: Duration,
}

impl Census {
    /// Tells whether anything beside the scope could be counted.
    #[must_use]
    pub fn looks_beside(&self) -> bool {
        let counted = |neighbour: &Neighbour| matches!(neighbour.keys, NeighbourKeys::Counted(_));
        self.all.is_some() || self.neighbours.iter().any(counted)
    }
}

/// Counts everybody's keys at the revision of the first count, which is the scope's.
///
/// # Errors
/// The store's failure to count the scope. A failed count beside it makes that part unknown, and fails nothing.
pub async fn count_everybody<C: ForeignCounts>(counts: &C, scope: &Scope) -> Result<Census, Failure> {
    let began = Instant::now();
    let mut last = None;
    for _ in 0..TRIES {
        let CountAt { keys, revision } = count(counts, &in_scope(scope), None).await?;
        let round = Round::at(counts, revision).await;
        if round.is_compacted() {
            last = Some(Failure::Compacted { asked: revision });
            continue;
        }
        return Ok(round.census(scope, keys, revision, began.elapsed()));
    }
    Err(last.unwrap_or(Failure::Other { detail: "the keys could not be counted".to_owned() }))
}

/// Counts a holder's keys at a revision.
///
/// # Errors
/// The store's failure to count; [`Failure::Compacted`] where etcd no longer has that revision.
pub async fn count_holder<C: ForeignCounts>(
    counts: &C,
    scope: &Scope,
    holder: &Holder,
    at: Revision,
) -> Result<u64, Failure> {
    let named = |named: &[u8]| ForeignRange::beginning_with(named);
    let (all, without): (Vec<ForeignRange>, Vec<ForeignRange>) = match holder {
        Holder::Scope(path) => (vec![named(path.as_bytes())], vec![]),
        Holder::Tenant(prefix) => {
            let fleeting = FLEETING.iter().filter(|place| place.starts_with(prefix.as_str()));
            let without = fleeting.map(|place| named(place.as_bytes())).collect();
            (vec![named(prefix.as_bytes())], without)
        }
        Holder::Unnamed { .. } => {
            let tenants = TENANTS.iter().map(|tenant| named(format!("{}/", tenant.prefix).as_bytes()));
            (vec![ForeignRange::all()], tenants.chain([in_scope(scope)]).collect())
        }
        Holder::Fleeting => (FLEETING.iter().map(|place| named(place.as_bytes())).collect(), vec![]),
    };
    let mut keys: u64 = 0;
    for range in &all {
        keys += count(counts, range, Some(at)).await?.keys;
    }
    for range in &without {
        keys = keys.saturating_sub(count(counts, range, Some(at)).await?.keys);
    }
    Ok(keys)
}

fn in_scope(scope: &Scope) -> ForeignRange {
    ForeignRange::granted(scope.range().start(), scope.range().end())
}

async fn count<C: ForeignCounts>(
    counts: &C,
    range: &ForeignRange,
    at: Option<Revision>,
) -> Result<CountAt, Failure> {
    // Given up from outside: a holder with many keys must not count against the member.
    match timeout(WITHIN, counts.count_foreign(range, at)).await {
        Ok(counted) => counted,
        Err(_) => Err(Failure::TimedOut { endpoint: "etcd".to_owned(), after: WITHIN }),
    }
}

/// The counts of one revision beside the scope's.
struct Round {
    all: Result<u64, Failure>,
    tenants: Vec<Result<u64, Failure>>,
    fleeting: Vec<Result<u64, Failure>>,
}

impl Round {
    async fn at<C: ForeignCounts>(counts: &C, revision: Revision) -> Self {
        let tenants = TENANTS.iter().map(|tenant| format!("{}/", tenant.prefix));
        let below = |place: String| ForeignRange::beginning_with(place.as_bytes());
        let fleeting = FLEETING.iter().map(|place| (*place).to_owned());
        let ranges = [ForeignRange::all()].into_iter().chain(tenants.chain(fleeting).map(below));
        let asked: Vec<_> = ranges
            .map(|range| async move { Ok(count(counts, &range, Some(revision)).await?.keys) })
            .collect();
        let mut counted = stream::iter(asked).buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter();
        let missing = || Err(Failure::Other { detail: "it was not counted".to_owned() });
        let all = counted.next().unwrap_or_else(missing);
        let tenants = counted.by_ref().take(TENANTS.len()).collect();
        Self { all, tenants, fleeting: counted.collect() }
    }

    fn is_compacted(&self) -> bool {
        let mut every = self.tenants.iter().chain(&self.fleeting).chain([&self.all]);
        every.any(|counted| matches!(counted, Err(Failure::Compacted { .. })))
    }

    fn census(self, scope: &Scope, in_scope: u64, revision: Revision, took: Duration) -> Census {
        let mut keys = BTreeMap::from([(Holder::scope(scope), in_scope)]);
        let (mut named, mut all_named) = (in_scope, true);
        let mut fleeting = Some(0);
        for (tenant, counted) in TENANTS.iter().zip(&self.tenants) {
            let Ok(counted) = counted else {
                all_named = false;
                continue;
            };
            named += counted;
            let prefix = format!("{}/", tenant.prefix);
            let places = FLEETING.iter().zip(&self.fleeting);
            let of_it = places.filter(|(place, _)| place.starts_with(&prefix)).map(|(_, counted)| counted);
            let comes_and_goes = of_it.map(|counted| counted.as_ref().ok().copied()).sum::<Option<u64>>();
            fleeting = fleeting.zip(comes_and_goes).map(|(sum, some)| sum + some);
            if let Some(comes_and_goes) = comes_and_goes {
                keys.insert(Holder::tenant(tenant), counted.saturating_sub(comes_and_goes));
            }
        }
        if let Some(fleeting) = fleeting.filter(|_| all_named) {
            keys.insert(Holder::Fleeting, fleeting);
        }
        if let Ok(all) = &self.all
            && all_named
        {
            keys.insert(Holder::unnamed(scope), all.saturating_sub(named));
        }
        let told = |counted: Result<u64, Failure>| match counted {
            Ok(keys) => NeighbourKeys::Counted(keys),
            Err(Failure::PermissionDenied { .. }) => NeighbourKeys::Denied,
            Err(failure) => NeighbourKeys::Failed(failure),
        };
        let neighbours = TENANTS.iter().zip(self.tenants);
        Census {
            counts: Counts { at: Timestamp::now(), revision, keys },
            all: self.all.ok(),
            in_scope,
            neighbours: neighbours
                .map(|(tenant, counted)| Neighbour { tenant: *tenant, keys: told(counted) })
                .collect(),
            took,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::Interval as _, store::memory::Memory};

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn store(keys: &[&str]) -> Memory {
        let store = Memory::new(&scope());
        for key in keys {
            store.seed().put(key.as_bytes(), b"{}");
        }
        store
    }

    #[tokio::test]
    async fn everybody_is_counted_at_one_revision_and_what_comes_and_goes_apart() {
        let keys = [
            "/coredns/io/gcr/x1",
            "/registry/pods/a",
            "/registry/pods/b",
            "/registry/events/default/a",
            "/registry/leases/kube-node-lease/a",
            "/registry/masterleases/10.0.0.1",
            "/calico/x",
            "compact_rev_key",
            "/skydns/x",
        ];
        let store = store(&keys);
        let census = count_everybody(&store.counts(), &scope()).await.unwrap();
        let held = |holder| census.counts.keys.get(&holder).copied();
        assert_eq!(held(Holder::scope(&scope())), Some(1));
        assert_eq!(held(Holder::Tenant("/registry/".to_owned())), Some(2));
        assert_eq!(held(Holder::Tenant("/calico/".to_owned())), Some(1));
        assert_eq!((held(Holder::Fleeting), held(Holder::unnamed(&scope()))), (Some(3), Some(2)));
        assert_eq!((census.all, census.in_scope), (Some(9), 1));
        let kubernetes = census.neighbours.iter().find(|neighbour| neighbour.tenant.prefix == "/registry");
        assert_eq!(kubernetes.unwrap().keys, NeighbourKeys::Counted(5), "as etcdctl counts them");
        assert_eq!(census.counts.keys.values().sum::<u64>(), 9, "nobody is counted twice or forgotten");
        for (holder, keys) in &census.counts.keys {
            let at = census.counts.revision;
            assert_eq!(count_holder(&store.counts(), &scope(), holder, at).await, Ok(*keys), "{holder:?}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_counted_is_not_known_and_no_zero() {
        let store = store(&["/coredns/io/gcr/x1", "/registry/pods/a"]);
        store.fail_everything(Failure::NoSpace);
        assert!(count_everybody(&store.counts(), &scope()).await.is_err());
        store.recover();
        // The scope is counted first, and then everything.
        let counts = Denied(store.counts());
        let census = count_everybody(&counts, &scope()).await.unwrap();
        assert_eq!(census.counts.keys, BTreeMap::from([(Holder::scope(&scope()), 1)]));
        assert!(census.neighbours.iter().all(|neighbour| neighbour.keys == NeighbourKeys::Denied));
        assert_eq!((census.all, census.looks_beside()), (None, false));
    }

    /// A credential that may count nothing but the scope.
    #[derive(Clone)]
    struct Denied<C>(C);

    impl<C: ForeignCounts> ForeignCounts for Denied<C> {
        async fn count_foreign(
            &self,
            range: &ForeignRange,
            at: Option<Revision>,
        ) -> Result<CountAt, Failure> {
            if range.start() == b"/coredns/" {
                return self.0.count_foreign(range, at).await;
            }
            Err(Failure::PermissionDenied { who: "dns".to_owned(), action: "count", what: range.to_string() })
        }

        fn possibly_stale(&self) -> Self {
            self.clone()
        }

        fn is_possibly_stale(&self) -> bool {
            false
        }
    }
}
