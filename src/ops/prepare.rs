//! Preparation of a plan: reads the keys of an intent at one revision, and plans.
use crate::{
    dns::Name,
    failure::Failure,
    keys::{KeyValue, LeaseId, Scope, ScopedKey},
    ops::read_keys,
    plan::{Gathered, Intent, Plan, PlanError, Surroundings, Threshold, ZoneKeys},
    remedy::Remedy,
    store::{Listing, Reader},
};
use futures_util::{StreamExt as _, stream};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

/// Leases that are asked for at once.
const AT_ONCE: usize = 8;
/// Most leases that are asked for. More different ones than that belong to a registrar of services, which brings its
/// records back by itself.
const MOST_LEASES: usize = 1_000;

/// Reason why there is no plan. Nothing was sent but reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum PrepareError {
    Nothing(#[from] PlanError),
    Failure(#[from] Failure),
}

impl Remedy for PrepareError {
    fn remedy(&self) -> String {
        match self {
            Self::Nothing(nothing) => nothing.remedy(),
            Self::Failure(failure) => failure.remedy(),
        }
    }
}

/// Reads the keys of `intent` and plans it. `zones` are the names whose emptying needs the number; without any, every
/// top-level name of the scope is one.
///
/// # Errors
/// [`PrepareError`] when there is nothing to change, or the store could not be read.
pub async fn prepare(
    reader: &impl Reader,
    scope: &Scope,
    zones: &[Name],
    intent: Intent,
) -> Result<Plan, PrepareError> {
    let wants = intent.wants(scope);
    let listing = read_keys(reader, scope, wants.keys, wants.range.as_ref()).await?;
    let deletion = intent.deletion(scope);
    let zone = |key: &ScopedKey| zone_of(scope, zones, key);
    let moved = intent.moves().filter(|(from, to)| zone(from) != zone(to));
    let moved: HashSet<&ScopedKey> = moved.map(|(from, _)| from).collect();
    let goes = |record: &&KeyValue| deletion.takes(&record.key) || moved.contains(&record.key);
    let leaving: Vec<&KeyValue> = listing.records.iter().filter(goes).collect();
    // An intent replaces at most the keys that were found for it.
    let conceivable = Threshold::is_conceivable(listing.records.len() as u64);
    let around = if leaving.is_empty() && !conceivable {
        Surroundings::default()
    } else {
        surroundings(reader, scope, zones, &leaving).await?
    };
    let below = match &wants.counted {
        Some(range) => reader.count(range).await?.keys,
        None => 0,
    };
    let Listing { cluster, revision: at, records: found, .. } = listing;
    let gathered = Gathered { cluster, at, found, below, around };
    let plan = intent.plan(gathered, scope)?;
    let leases = leases_of(reader, &plan).await;
    Ok(plan.with_leases(leases))
}

/// Reads the time that the leases of the changed keys have still to live, so that an undo can name it for one that
/// has ended by then. A lease that cannot be asked for is not known, and prevents no change.
async fn leases_of(reader: &impl Reader, plan: &Plan) -> BTreeMap<LeaseId, Duration> {
    let leases: BTreeSet<LeaseId> =
        plan.changes().iter().filter_map(|change| change.before()?.lease).collect();
    let mut replies = stream::iter(leases.into_iter().take(MOST_LEASES))
        .map(|lease| async move { Ok::<_, Failure>((lease, reader.lease(lease).await?)) })
        .buffer_unordered(AT_ONCE);
    let mut left = BTreeMap::new();
    // A store that fails for one lease is not asked for the next.
    while let Some(Ok((lease, reply))) = replies.next().await {
        left.extend(reply.map(|reply| (lease, reply)));
    }
    left
}

async fn surroundings(
    reader: &impl Reader,
    scope: &Scope,
    zones: &[Name],
    leaving: &[&KeyValue],
) -> Result<Surroundings, Failure> {
    let mut of_zone: BTreeMap<ScopedKey, u64> = BTreeMap::new();
    for record in leaving {
        if let Some(zone) = zone_of(scope, zones, &record.key) {
            *of_zone.entry(zone).or_default() += 1;
        }
    }
    let scope_keys = reader.count(&scope.range()).await?.keys;
    let mut counted = Vec::with_capacity(of_zone.len());
    for (zone, deleted) in of_zone {
        let own = reader.read(std::slice::from_ref(&zone), None).await?.records.len() as u64;
        let keys = own + reader.count(&scope.below_key(&zone)).await?.keys;
        counted.push(ZoneKeys { zone: Name::of_key(scope, &zone).to_string(), keys, deleted });
    }
    Ok(Surroundings { scope_keys, zones: counted })
}

/// Returns the key of the zone that `key` belongs to: the longest of `zones` that covers it. It is the top-level name
/// where none does, and where only the root does, as in a Corefile that serves everything: emptying it must not go
/// unnoticed.
fn zone_of(scope: &Scope, zones: &[Name], key: &ScopedKey) -> Option<ScopedKey> {
    let top = || {
        let top = scope.segments_of(key).next()?;
        scope.key(&[scope.as_str().as_bytes(), top].concat()).ok()
    };
    zones
        .iter()
        .filter_map(|zone| zone.key(scope).ok())
        .filter(|zone| zone == key || scope.below_key(zone).contains(key.as_bytes()))
        .max_by_key(|zone| zone.as_bytes().len())
        .or_else(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_belongs_to_a_zone_whatever_zones_were_named() {
        let scope = Scope::parse("/dns").unwrap();
        let zones = |names: &[&str]| names.iter().map(|name| Name::parse(name).unwrap()).collect::<Vec<_>>();
        let of = |names: &[&str], key: &str| {
            zone_of(&scope, &zones(names), &scope.spelled_key(key).unwrap()).unwrap().spelled()
        };
        assert_eq!(of(&[], "/dns/org/example/x1"), "/dns/org");
        assert_eq!(of(&["example.org", "org"], "/dns/org/example/x1"), "/dns/org/example");
        assert_eq!(of(&["example.org"], "/dns/org/example"), "/dns/org/example");
        assert_eq!(of(&["example.org"], "/dns/org/examples/x1"), "/dns/org");
        assert_eq!(of(&["."], "/dns/org/example/x1"), "/dns/org");
    }
}
