//! Counting keys of any place: with requests that only count, so that no key and no value of others is ever read.
use super::Counted;
use crate::{
    failure::Failure,
    keys::{ForeignRange, Interval as _, Part, Revision, Scope, TENANTS, Tally, Tenant, spelling::spell},
};
use std::future::Future;

/// Requests that look for prefixes that nobody knows by name. What they do not find is counted as `other`.
const MOST: u32 = 200;
/// A prefix that is longer than this is cut there.
const LONGEST: usize = 48;

/// Counts any keys, and can do nothing else.
pub trait ForeignCounts: Clone + Send + Sync + 'static {
    /// How many keys a range holds, at a revision or now.
    fn count_foreign(
        &self,
        range: &ForeignRange,
        at: Option<Revision>,
    ) -> impl Future<Output = Result<Counted, Failure>> + Send;
}

/// Counts a range by top-level prefix, all at one revision: the tenants that are known by name, the scope, and the
/// rest, which is found by halving.
///
/// # Errors
/// What the store said to the first count. What a later one says costs only the rest its names.
pub async fn tally<C: ForeignCounts>(
    counts: &C,
    range: &ForeignRange,
    scope: &Scope,
) -> Result<Tally, Failure> {
    let Counted { keys: total, revision } = counts.count_foreign(range, None).await?;
    let mut known: Vec<(Vec<u8>, Option<&'static Tenant>)> =
        TENANTS.iter().map(|tenant| (format!("{}/", tenant.prefix).into_bytes(), Some(tenant))).collect();
    known.push((scope.as_str().as_bytes().to_vec(), None));
    known.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut looking = Looking { counts, range, revision, left: MOST, parts: vec![] };
    let mut unnamed = total;
    for (prefix, tenant) in known.iter().filter(|_| total > 0) {
        let keys = looking.count(&below(prefix)).await?;
        unnamed = unnamed.saturating_sub(keys);
        looking.took(prefix, keys, *tenant);
    }
    // The gaps between the known ones.
    let mut from = range.start().to_vec();
    let ends = known.iter().map(|(prefix, _)| below(prefix));
    let mut gaps = Vec::new();
    for taken in ends {
        if *taken.start() > *from {
            gaps.push((from.clone(), taken.start().to_vec()));
        }
        from = from.max(taken.end().to_vec());
    }
    gaps.push((from, b"\0".to_vec()));
    for (start, end) in gaps {
        if unnamed == 0 || looking.left == 0 {
            break;
        }
        let gap = ForeignRange::granted(&start, &end);
        let Ok(keys) = looking.count(&gap).await else { break };
        // A failure leaves what it was about among the others.
        unnamed = unnamed.saturating_sub(looking.name_all(&gap, keys).await);
    }
    let mut parts = looking.parts;
    parts.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    if unnamed > 0 {
        parts.push(Part { prefix: "other".to_owned(), keys: unnamed, tenant: None });
    }
    Ok(Tally { total, parts, revision })
}

fn below(prefix: &[u8]) -> ForeignRange {
    ForeignRange::beginning_with(prefix)
}

struct Looking<'c, C> {
    counts: &'c C,
    range: &'c ForeignRange,
    revision: Revision,
    /// Requests.
    left: u32,
    parts: Vec<Part>,
}

impl<C: ForeignCounts> Looking<'_, C> {
    /// How many keys of the range lie in this piece, at the revision of all these counts.
    async fn count(&self, piece: &ForeignRange) -> Result<u64, Failure> {
        let piece = self.range.between(piece.start(), piece.end());
        if piece.is_empty() {
            return Ok(0);
        }
        Ok(self.counts.count_foreign(&piece, Some(self.revision)).await?.keys)
    }

    fn took(&mut self, prefix: &[u8], keys: u64, tenant: Option<&'static Tenant>) {
        if keys > 0 {
            self.parts.push(Part { prefix: spell(prefix), keys, tenant });
        }
    }

    /// Finds the top-level prefixes of the keys of a gap, byte by byte. Says how many keys it has named.
    async fn name_all(&mut self, gap: &ForeignRange, keys: u64) -> u64 {
        // Prefixes with the first and the last byte that may follow, and how many keys that is.
        let mut open = vec![(Vec::new(), 0_u16, 256_u16, keys)];
        let mut named = 0;
        while let Some((prefix, low, high, keys)) = open.pop() {
            if keys == 0 {
                continue;
            }
            if high - low == 1 {
                let mut longer = prefix;
                longer.push(u8::try_from(low).unwrap_or(u8::MAX));
                let is_top = longer.len() > 1 && longer.ends_with(b"/");
                if is_top || longer.len() >= LONGEST {
                    self.took(&longer, keys, None);
                    named += keys;
                    continue;
                }
                // The prefix may be a key itself.
                let Some(itself) = self.within(gap, &ForeignRange::granted(&longer, b"")).await else {
                    break;
                };
                self.took(&longer, itself, None);
                named += itself;
                open.push((longer, 0, 256, keys - itself.min(keys)));
                continue;
            }
            let middle = low + (high - low) / 2;
            let at = |byte: u16| [prefix.as_slice(), &[u8::try_from(byte).unwrap_or(u8::MAX)]].concat();
            let lower = ForeignRange::granted(&at(low), &at(middle));
            let Some(left) = self.within(gap, &lower).await else { break };
            open.push((prefix.clone(), middle, high, keys - left.min(keys)));
            open.push((prefix, low, middle, left.min(keys)));
        }
        named
    }

    async fn within(&mut self, gap: &ForeignRange, piece: &ForeignRange) -> Option<u64> {
        self.left = self.left.checked_sub(1)?;
        self.count(&gap.between(piece.start(), piece.end())).await.ok()
    }
}
