//! From an intent to a plan: read what it is about, at one revision, and build.
use super::{Listing, Reader};
use crate::{
    dns::Name,
    failure::Failure,
    keys::{KeyValue, Scope, ScopedKey},
    plan::{Gathered, Intent, MAX_OPERATIONS, Nothing, Plan, Surroundings, Threshold, Wants, ZoneKeys},
};
use std::collections::BTreeMap;

/// Why there is no plan. Nothing was sent but reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum Refused {
    Nothing(#[from] Nothing),
    Failure(#[from] Failure),
}

impl Refused {
    /// One imperative sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Nothing(nothing) => nothing.remedy().to_owned(),
            Self::Failure(failure) => failure.remedy(),
        }
    }
}

/// Reads what `intent` is about and plans it. `zones` are the names whose emptying needs the number; without
/// any, every top-level name of the scope is one.
///
/// # Errors
/// [`Refused`] when there is nothing to change, or the store could not be read.
pub async fn prepare(
    reader: &impl Reader,
    scope: &Scope,
    zones: &[Name],
    intent: Intent,
) -> Result<Plan, Refused> {
    let wants = intent.wants(scope);
    let listing = read(reader, &wants).await?;
    let deleted: Vec<&KeyValue> =
        listing.records.iter().filter(|record| intent.deletes(scope, &record.key)).collect();
    // Whatever an intent comes to, it replaces no more keys than were found for it.
    let conceivable = Threshold::is_conceivable(listing.records.len() as u64);
    let around = if deleted.is_empty() && !conceivable {
        Surroundings::default()
    } else {
        surroundings(reader, scope, zones, &deleted).await?
    };
    let below = match &wants.counted {
        Some(range) => reader.count(range).await?.keys,
        None => 0,
    };
    let Listing { cluster, revision: at, records: found, .. } = listing;
    let gathered = Gathered { cluster, at, found, below, around };
    Ok(intent.plan(gathered, scope)?)
}

/// Reads what an intent wants. The range is read with as many keys as one transaction takes, at the revision of the
/// plan; keys beyond that are read after it. A key that was written in between is planned as it is then, and guarded
/// by that.
async fn read(reader: &impl Reader, wants: &Wants) -> Result<Listing, Failure> {
    // The range takes a place in the transaction as well.
    let (first, rest) = wants.keys.split_at(wants.keys.len().min(MAX_OPERATIONS - 1));
    let mut listing = reader.read(first, wants.range.as_ref()).await?;
    for keys in rest.chunks(MAX_OPERATIONS) {
        listing.records.extend(reader.read(keys, None).await?.records);
    }
    if !rest.is_empty() {
        listing.records.sort_by(|a, b| a.key.cmp(&b.key));
        listing.records.dedup_by(|a, b| a.key == b.key);
    }
    Ok(listing)
}

async fn surroundings(
    reader: &impl Reader,
    scope: &Scope,
    zones: &[Name],
    deleted: &[&KeyValue],
) -> Result<Surroundings, Failure> {
    let mut of_zone: BTreeMap<ScopedKey, u64> = BTreeMap::new();
    for record in deleted {
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

/// The key of the zone that `key` belongs to: the longest of `zones` that covers it. Its top-level name where none
/// does, and where only the root does, as in a Corefile that serves everything: emptying it must not go unnoticed.
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
