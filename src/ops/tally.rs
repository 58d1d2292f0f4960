//! Counting of keys of any place. It only sends requests that count, so no key and no value of others is ever read.
use crate::{
    failure::Failure,
    keys::{
        FAMILIAR, ForeignRange, Interval as _, PrefixCount, PrefixTally, Revision, Scope, TENANTS,
        spelling::spell,
    },
    store::{CountAt, ForeignCounts},
};
use futures_util::future::join_all;
use std::{collections::BinaryHeap, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most requests that look for unknown prefixes. Keys that they do not find are counted as `other`.
const MOST: usize = 1000;
/// Longest time for all of it once the total is known: somebody waits for it.
const WITHIN: Duration = Duration::from_secs(4);
/// Requests at a time. A member counts by walking over its keys.
const AT_ONCE: usize = 4;
/// A prefix that is longer than this is cut there.
const LONGEST: usize = 48;

/// Counts a range by top-level prefix, all at one revision: the tenants that are known by name, the scope, and the
/// rest, which is found by halving, the largest part first. Keys that are not named within some seconds, and those that
/// may not be counted, are `other`.
///
/// # Errors
/// The store's failure to count the whole range.
pub async fn tally<C: ForeignCounts>(
    counts: &C,
    range: &ForeignRange,
    scope: &Scope,
) -> Result<PrefixTally, Failure> {
    let CountAt { keys: total, revision } = counts.count_foreign(range, None).await?;
    let mut looking = PrefixCounting {
        counts,
        range,
        revision,
        until: Instant::now() + WITHIN,
        known: vec![],
        parts: vec![],
    };
    let mut unnamed = total;
    if total > 0 {
        unnamed -= looking.name_known(&known_prefixes(scope), unnamed).await.min(unnamed);
        unnamed -= looking.name_known(&familiar_prefixes(scope), unnamed).await.min(unnamed);
        unnamed -= looking.name_others(unnamed).await.min(unnamed);
    }
    let mut parts = looking.parts;
    parts.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    if unnamed > 0 {
        parts.push(PrefixCount::others(unnamed));
    }
    Ok(PrefixTally { total, parts, revision, possibly_stale: counts.is_possibly_stale() })
}

/// Returns the prefixes that are always asked for by their names. None lies in another one.
fn known_prefixes(scope: &Scope) -> Vec<Vec<u8>> {
    let mut known: Vec<_> = TENANTS.iter().map(|tenant| format!("{}/", tenant.prefix).into_bytes()).collect();
    let scope = scope.as_str().as_bytes();
    if !known.iter().any(|tenant| tenant.starts_with(scope) || scope.starts_with(tenant)) {
        known.push(scope.to_vec());
    }
    known
}

/// Returns the prefixes that are asked for by their names after those above, before any is looked for.
fn familiar_prefixes(scope: &Scope) -> Vec<Vec<u8>> {
    let scope = scope.as_str().as_bytes();
    let familiar = FAMILIAR.iter().map(|prefix| prefix.as_bytes());
    familiar
        .filter(|familiar| !familiar.starts_with(scope) && !scope.starts_with(familiar))
        .map(<[u8]>::to_vec)
        .collect()
}

struct PrefixCounting<'c, C> {
    counts: &'c C,
    range: &'c ForeignRange,
    revision: Revision,
    until: Instant,
    /// Counts of the prefixes that were asked for by their names.
    known: Vec<(Vec<u8>, u64)>,
    parts: Vec<PrefixCount>,
}

/// Keys that are not named yet: those that continue a prefix with one of these symbols. The lowest symbol is the end of
/// the key, the others are the bytes, so that the symbols are in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct UnnamedKeys {
    /// Stands first, so that the largest is looked into first.
    keys: u64,
    prefix: Vec<u8>,
    low: u16,
    /// Not included.
    high: u16,
}

const SYMBOLS: u16 = 257;

impl UnnamedKeys {
    fn all_behind(prefix: Vec<u8>, keys: u64) -> Self {
        Self { keys, prefix, low: 0, high: SYMBOLS }
    }

    /// Returns the first key that has this symbol behind the prefix.
    fn start_of(&self, symbol: u16) -> Vec<u8> {
        let byte = symbol.checked_sub(1).and_then(|byte| u8::try_from(byte).ok());
        self.prefix.iter().copied().chain(byte).collect()
    }

    /// Splits the part in two that are about as likely to hold a key.
    fn halves(&self) -> (Self, Self) {
        let of_all: u32 = (self.low..self.high).map(weight).sum();
        let mut below = 0;
        let middle = (self.low + 1..self.high - 1)
            .find(|symbol| {
                below += weight(symbol - 1);
                below * 2 + weight(*symbol) > of_all
            })
            .unwrap_or(self.high - 1);
        (Self { high: middle, ..self.clone() }, Self { low: middle, ..self.clone() })
    }

    /// Returns the range of a part that does not reach the last symbol.
    fn range(&self) -> ForeignRange {
        ForeignRange::granted(&self.start_of(self.low), &self.start_of(self.high))
    }
}

/// Returns all keys below a prefix that ends with a slash; else the one key.
fn piece(prefix: &[u8]) -> ForeignRange {
    if prefix.ends_with(b"/") {
        ForeignRange::beginning_with(prefix)
    } else {
        ForeignRange::granted(prefix, b"")
    }
}

/// Returns the frequency of a symbol in the names that programs give to their keys.
fn weight(symbol: u16) -> u32 {
    match symbol.checked_sub(1).and_then(|byte| u8::try_from(byte).ok()) {
        Some(b'/') => 300,
        Some(b'a'..=b'z') | None => 100,
        Some(b'-' | b'.' | b'_') => 60,
        Some(b'0'..=b'9') => 40,
        Some(b'A'..=b'Z') => 20,
        Some(_) => 1,
    }
}

impl<C: ForeignCounts> PrefixCounting<'_, C> {
    /// Counts the keys of the range in this piece, at the revision of all these counts. `None` where the count fails or
    /// comes too late.
    async fn count(&self, piece: &ForeignRange) -> Option<u64> {
        let piece = self.range.between(piece.start(), piece.end());
        if piece.is_empty() {
            return Some(0);
        }
        // Once the time is over nothing is asked any more.
        if Instant::now() >= self.until {
            return None;
        }
        let counted = self.counts.count_foreign(&piece, Some(self.revision));
        Some(timeout_at(self.until, counted).await.ok()?.ok()?.keys)
    }

    fn took(&mut self, prefix: &[u8], keys: u64) {
        let tenant =
            TENANTS.iter().find(|tenant| prefix.strip_suffix(b"/") == Some(tenant.prefix.as_bytes()));
        self.parts.push(PrefixCount { prefix: spell(prefix), keys, tenant });
    }

    /// Counts these prefixes among `unnamed` keys that have no name yet. Returns the number of keys that it has named.
    async fn name_known(&mut self, prefixes: &[Vec<u8>], unnamed: u64) -> u64 {
        let mut named = 0;
        for prefixes in prefixes.chunks(AT_ONCE) {
            if named >= unnamed {
                break;
            }
            let pieces: Vec<_> = prefixes.iter().map(|prefix| piece(prefix)).collect();
            let counted = join_all(pieces.iter().map(|piece| self.count(piece))).await;
            for (prefix, keys) in prefixes.iter().zip(counted) {
                if let Some(keys @ 1..) = keys {
                    self.took(prefix, keys);
                    self.known.push((prefix.clone(), keys));
                    named += keys;
                }
            }
        }
        named
    }

    /// Counts the keys of a part that have no name yet. A known prefix lies wholly in the part or beside it.
    async fn count_unnamed(&self, part: &UnnamedKeys) -> Option<u64> {
        let range = part.range();
        let known = self.known.iter().filter(|(prefix, _)| range.contains(prefix));
        let named: u64 = known.map(|(_, keys)| keys).sum();
        Some(self.count(&range).await?.saturating_sub(named))
    }

    /// Finds the top-level prefixes of the keys that are not named yet, byte by byte. Returns the number of keys that
    /// it has named.
    async fn name_others(&mut self, keys: u64) -> u64 {
        // No key is empty.
        let mut open = BinaryHeap::from([UnnamedKeys { low: 1, ..UnnamedKeys::all_behind(vec![], keys) }]);
        let (mut named, mut asked) = (0, 0);
        while asked < MOST {
            let mut split = Vec::new();
            while split.len() < AT_ONCE
                && let Some(part) = open.pop()
            {
                if part.keys == 0 {
                    continue;
                }
                if part.high - part.low > 1 {
                    split.push(part.halves());
                    continue;
                }
                let prefix = part.start_of(part.low);
                let is_top = prefix.len() > 1 && prefix.ends_with(b"/");
                if part.low == 0 || is_top || prefix.len() >= LONGEST {
                    self.took(&prefix, part.keys);
                    named += part.keys;
                } else {
                    open.push(UnnamedKeys::all_behind(prefix, part.keys));
                }
            }
            if split.is_empty() {
                break;
            }
            asked += split.len();
            let counted = join_all(split.iter().map(|(lower, _)| self.count_unnamed(lower))).await;
            for ((lower, upper), in_lower) in split.into_iter().zip(counted) {
                // A part that may not be counted stays among the others.
                let Some(in_lower) = in_lower else { continue };
                let in_lower = in_lower.min(lower.keys);
                open.push(UnnamedKeys { keys: upper.keys - in_lower, ..upper });
                open.push(UnnamedKeys { keys: in_lower, ..lower });
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{
        collections::BTreeSet,
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };
    use tokio::time::sleep;

    /// Keys, how often they were counted, a range that may not be, and how long each count takes but the first.
    #[derive(Clone, Debug, Default)]
    struct Keys {
        all: Arc<BTreeSet<Vec<u8>>>,
        asked: Arc<AtomicUsize>,
        denied: Arc<Mutex<Option<ForeignRange>>>,
        takes: Duration,
    }

    impl Keys {
        fn of(keys: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
            Self { all: Arc::new(keys.into_iter().map(Into::into).collect()), ..Self::default() }
        }

        fn within(&self, range: &ForeignRange) -> u64 {
            self.all.iter().filter(|key| range.contains(key)).count() as u64
        }

        fn tally(&self, range: &ForeignRange) -> PrefixTally {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(tally(self, range, &Scope::parse("/coredns").unwrap())).unwrap()
        }
    }

    impl ForeignCounts for Keys {
        async fn count_foreign(
            &self,
            range: &ForeignRange,
            at: Option<Revision>,
        ) -> Result<CountAt, Failure> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if at.is_some() {
                sleep(self.takes).await;
            }
            let is_denied =
                self.denied.lock().unwrap().as_ref().is_some_and(|denied| {
                    at.is_some() && !denied.between(range.start(), range.end()).is_empty()
                });
            if is_denied {
                return Err(Failure::PermissionDenied {
                    who: "dns".to_owned(),
                    action: "count",
                    what: range.to_string(),
                });
            }
            Ok(CountAt { keys: self.within(range), revision: at.unwrap_or(Revision(7)) })
        }

        fn possibly_stale(&self) -> Self {
            self.clone()
        }

        fn is_possibly_stale(&self) -> bool {
            false
        }
    }

    fn prefixes(number: usize) -> Vec<String> {
        (0..number).map(|number| format!("/team-{:x}/key", (number + 1) * 0x9e37)).collect()
    }

    #[test]
    fn every_prefix_of_some_is_named_with_few_requests() {
        for (number, most) in [(1, 100), (5, 250), (20, 820)] {
            let keys = Keys::of(prefixes(number));
            let tally = keys.tally(&ForeignRange::all());
            assert_eq!(tally.parts.len(), number, "{tally:?}");
            assert!(tally.parts.iter().all(|part| part.prefix != "other" && part.keys == 1), "{tally:?}");
            let asked = keys.asked.load(Ordering::Relaxed);
            assert!(asked <= most, "{number} prefixes took {asked} requests");
        }
    }

    #[test]
    fn where_programs_are_known_to_keep_keys_is_not_looked_for_byte_by_byte() {
        let keys = Keys::of(["/registry/pods/a", "/coredns/io/gcr/x1", "compact_rev_key", "/skydns/x"]);
        let tally = keys.tally(&ForeignRange::all());
        let prefixes: Vec<_> = tally.parts.iter().map(|part| part.prefix.as_str()).collect();
        assert_eq!(prefixes, ["/coredns/", "/registry/", "/skydns/", "compact_rev_key"]);
        let asked = keys.asked.load(Ordering::Relaxed);
        assert!(asked <= 1 + TENANTS.len() + 1 + AT_ONCE, "{asked} requests");
    }

    #[test]
    fn a_member_that_is_slow_is_waited_for_only_so_long_and_what_is_left_is_told_as_such() {
        for takes in [Duration::from_millis(300), Duration::from_hours(1)] {
            let keys = Keys { takes, ..Keys::of(prefixes(20)) };
            let mut paused = tokio::runtime::Builder::new_current_thread();
            let runtime = paused.enable_time().start_paused(true).build().unwrap();
            let (took, tally) = runtime.block_on(async {
                let began = Instant::now();
                let scope = Scope::parse("/coredns").unwrap();
                let tally = tally(&keys, &ForeignRange::all(), &scope).await.unwrap();
                (began.elapsed(), tally)
            });
            // The clock of tokio has milliseconds.
            assert!((WITHIN..WITHIN + Duration::from_millis(2)).contains(&took), "{took:?}");
            let last = tally.parts.last().unwrap();
            assert!(last.prefix == "other" && last.keys > 0, "{tally:?}");
            assert_eq!((tally.total, tally.parts.iter().map(|part| part.keys).sum::<u64>()), (20, 20));
            // Nothing is asked once nobody waits for it.
            let in_time = usize::try_from(WITHIN.as_millis().div_ceil(takes.as_millis())).unwrap() * AT_ONCE;
            let asked = keys.asked.load(Ordering::Relaxed);
            assert!(asked <= 1 + in_time, "{asked} requests");
        }
    }

    #[test]
    fn of_too_many_prefixes_the_largest_is_named() {
        let mut all = prefixes(300);
        all.extend((0..1000).map(|number| format!("/somebody/{number}")));
        let tally = Keys::of(all).tally(&ForeignRange::all());
        let keys = |prefix: &str| tally.parts.iter().find(|part| part.prefix == prefix).map(|part| part.keys);
        assert_eq!(keys("/somebody/"), Some(1000));
        assert!(keys("other").is_some_and(|keys| keys <= 300), "{tally:?}");
        assert_eq!(tally.parts.iter().map(|part| part.keys).sum::<u64>(), 1300);
    }

    #[test]
    fn what_may_not_be_counted_is_among_the_others_and_fails_nothing() {
        let keys = Keys::of(["/registry/pods/a", "/registry/pods/b", "/coredns/io/gcr/x1", "zzz"]);
        *keys.denied.lock().unwrap() = Some(ForeignRange::beginning_with(b"/registry/"));
        let tally = keys.tally(&ForeignRange::all());
        assert_eq!(tally.total, 4);
        let keys = |prefix: &str| tally.parts.iter().find(|part| part.prefix == prefix).map(|part| part.keys);
        assert_eq!((keys("/registry/"), keys("/coredns/")), (None, Some(1)), "{tally:?}");
        assert_eq!(tally.parts.iter().map(|part| part.keys).sum::<u64>(), 4);
    }

    fn key() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            4 => prop::sample::select(vec!["registry", "coredns", "a", "ab", "B-2", "x.y_z"]).prop_map(|part| part.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..3),
        ];
        (any::<bool>(), prop::collection::vec(part, 1..4)).prop_map(|(slash, parts)| {
            let key = parts.join(&b'/');
            if slash || key.is_empty() { [b"/", &*key].concat() } else { key }
        })
    }

    proptest! {
        #[test]
        fn the_parts_are_the_total_and_each_is_true(
            all in prop::collection::btree_set(key(), 0..12),
            start in key(),
            end in prop_oneof![Just(b"\0".to_vec()), key()],
        ) {
            let keys = Keys::of(all);
            for range in [ForeignRange::all(), ForeignRange::granted(&start, &end)] {
                let tally = keys.tally(&range);
                prop_assert_eq!(tally.total, keys.within(&range));
                prop_assert_eq!(tally.parts.iter().map(|part| part.keys).sum::<u64>(), tally.total);
                for part in &tally.parts {
                    // A dozen prefixes are no reason to leave one without its name.
                    prop_assert_ne!(&part.prefix, "other");
                    let prefix = crate::keys::spelling::unspell(&part.prefix).unwrap();
                    let below = if prefix.len() > 1 && prefix.ends_with(b"/") { ForeignRange::beginning_with(&prefix) } else { ForeignRange::granted(&prefix, b"") };
                    prop_assert_eq!(part.keys, keys.within(&range.between(below.start(), below.end())), "{}", &part.prefix);
                }
            }
        }
    }
}
