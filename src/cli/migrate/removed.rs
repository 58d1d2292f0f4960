//! Removed records that an earlier `migrate --remove-old` has taken out of the old etcd before it stopped: they must
//! not count as a difference.
use crate::{
    cli::command_error::CommandError,
    journal::RecordedOutcome,
    keys::{ClusterId, KeyValue, ScopedKey},
    plan::{Change, PlanPurpose},
    session::{self, Session},
};
use std::collections::BTreeMap;

/// Returns the records that unfinished removals have deleted from the old etcd, by the journal. `now` has the present
/// records in the order of their keys; a record that was taken back or written again since is not returned.
pub(super) fn removed<S>(
    session: &Session<S>,
    old: ClusterId,
    now: &[KeyValue],
) -> Result<Vec<KeyValue>, CommandError> {
    let scope = &session.settings.scope.value;
    let contents = session::ledger(&session.settings)?.contents()?;
    let mut removed: BTreeMap<ScopedKey, KeyValue> = BTreeMap::new();
    for (number, heading) in contents.headings().iter().enumerate() {
        let is_of_old = heading.cluster == old && heading.scope == scope.to_string();
        if !is_of_old || heading.kind != PlanPurpose::Migrate.word() {
            continue;
        }
        if matches!(heading.outcome, Some(RecordedOutcome::Done { .. })) {
            // That move is done; the present records of the scope have come after it.
            removed.clear();
            continue;
        }
        let Some(entry) = contents.entry(number)? else { continue };
        for change in entry.changes(scope)? {
            if let Change::Delete { before } = change {
                removed.insert(before.key.clone(), before);
            }
        }
    }
    removed.retain(|key, _| now.binary_search_by(|record| record.key.cmp(key)).is_err());
    Ok(removed.into_values().collect())
}
