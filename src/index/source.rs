//! Source of records for the rules of `CoreDNS`.

use super::Records;
use crate::{
    dns::{LeaseLeft, RecordSource, StoredRecord, Visit},
    keys::LeaseId,
};

impl RecordSource for Records {
    fn at(&self, key: &[u8], visit: Visit<'_>) {
        if let Some(record) = self.seek(key).record().filter(|record| record.key == key) {
            let _ = visit(StoredRecord { key: record.key, value: record.value, lease: record.lease });
        }
    }

    fn below(&self, prefix: &[u8], visit: Visit<'_>) {
        let mut cursor = self.seek(prefix);
        while let Some(record) = cursor.record().filter(|record| record.key.starts_with(prefix)) {
            if visit(StoredRecord { key: record.key, value: record.value, lease: record.lease }).is_break() {
                return;
            }
            cursor.advance();
        }
    }

    /// Always unknown: a record does not tell it; see [`Leased`](crate::dns::Leased) for a source that does.
    fn lease_left(&self, _: LeaseId) -> LeaseLeft {
        LeaseLeft::Unknown
    }

    /// Counts without walking.
    fn count_below(&self, prefix: &[u8]) -> usize {
        // The byte after a slash is `0`: it leads behind all that starts with the prefix.
        let mut end = prefix.to_vec();
        if let Some(last) = end.last_mut() {
            *last = last.saturating_add(1);
        }
        self.rank(&end).saturating_sub(self.rank(prefix))
    }
}
