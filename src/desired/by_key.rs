use super::{Comparison, LeftAlone, Untouched, ValueUpdate};
use crate::{
    dns::{RecordSource, external_dns::managed},
    exchange::FileRecord,
    keys::{KeyValue, Scope, ScopedKey},
};
use std::collections::BTreeMap;

/// Compares records key by key. `existing` is in key order and holds every record of the place that the file is about.
/// `around` knows these too, and the records beside them, where external-dns notes whose a record is.
///
/// `is_same` tells whether a stored value is the wanted one. With `prune`, unwanted records are deleted.
#[must_use]
pub fn by_key(
    around: &dyn RecordSource,
    scope: &Scope,
    wanted: &[(ScopedKey, &FileRecord)],
    existing: &[KeyValue],
    prune: bool,
    is_same: &dyn Fn(&[u8], &[u8]) -> bool,
) -> Comparison {
    let mut comparison = Comparison::default();
    let mut wanted: BTreeMap<&ScopedKey, &FileRecord> =
        wanted.iter().map(|(key, record)| (key, *record)).collect();
    for record in existing {
        let owner = || {
            let managed = managed(around, scope, record.key.as_bytes(), &record.value)?;
            Some(LeftAlone::Managed(managed.to_string()))
        };
        let why = match wanted.remove(&record.key) {
            Some(file) if is_same(&file.value, &record.value) => {
                if file.lease.is_some() && record.lease.is_none() {
                    LeftAlone::Lease
                } else {
                    comparison.same += 1;
                    continue;
                }
            }
            Some(file) => {
                let Some(why) = owner() else {
                    comparison
                        .updates
                        .push(ValueUpdate { before: record.clone(), value: file.value.clone() });
                    continue;
                };
                why
            }
            None => match owner() {
                Some(why) => why,
                None if prune => {
                    comparison.deletes.push(record.clone());
                    continue;
                }
                None => LeftAlone::NotPruned,
            },
        };
        comparison.untouched.push(Untouched { record: record.clone(), why });
    }
    comparison.creates = wanted.into_values().cloned().collect();
    comparison
}
