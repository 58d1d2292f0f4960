use crate::keys::{KeyValue, LeaseId};

/// A record as a file has it: a key, a value, and its time to live. Not yet of any scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    pub key: Box<[u8]>,
    pub value: Box<[u8]>,
    pub lease: Option<LeaseTerm>,
    /// The line of the file that it begins in, from 1; 0 for a record that is from no file.
    pub line: usize,
}

/// Time to live of a record in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaseTerm {
    /// The lease that it had when it was written down. Records of one lease stay together.
    pub of: Option<LeaseId>,
    /// Whole seconds.
    pub seconds: u64,
}

impl FileRecord {
    /// Takes a stored record, with the remaining time of its lease. A lease whose time is not known is left
    /// out.
    #[must_use]
    pub fn of(record: &KeyValue, seconds_left: Option<u64>) -> Self {
        let lease = record.lease.zip(seconds_left);
        Self {
            key: record.key.as_bytes().into(),
            value: record.value.clone(),
            lease: lease.map(|(lease, seconds)| LeaseTerm { of: Some(lease), seconds }),
            line: 0,
        }
    }
}
