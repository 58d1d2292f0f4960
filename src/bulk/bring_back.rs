//! Records that were deleted, and are created again.
use super::{BulkError, BulkPlan, LeftOut};
use crate::{
    index::Records,
    keys::LeaseId,
    plan::{KeyEdit, LeaseChoice, LeaseGrant},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Leases of records that come back: the same lease where it lives, and else as somebody has decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturningLeases {
    living: BTreeSet<LeaseId>,
    /// New leases, by those that have ended.
    grants: BTreeMap<LeaseId, LeaseGrant>,
    choice: Option<LeaseChoice>,
}

impl ReturningLeases {
    /// Takes the decision. A new lease, which lives for `ttl`, is made for each that is gone, so that keys which
    /// ended together do so again. `None` while something is to be decided.
    #[must_use]
    pub fn decided(
        living: BTreeSet<LeaseId>,
        gone: impl IntoIterator<Item = LeaseId>,
        choice: Option<LeaseChoice>,
        ttl: Option<Duration>,
    ) -> Option<Self> {
        let mut gone = gone.into_iter().peekable();
        let mut grants = BTreeMap::new();
        if choice == Some(LeaseChoice::New) {
            let ttl = ttl?;
            grants.extend(gone.map(|lease| (lease, LeaseGrant::new(ttl))));
        } else if choice.is_none() && gone.peek().is_some() {
            return None;
        }
        Some(Self { living, grants, choice })
    }

    /// Returns the lease that a record comes back with, or none.
    ///
    /// # Errors
    /// The reason why it does not come back.
    fn of(&self, was: Option<LeaseId>) -> Result<Option<LeaseId>, &'static str> {
        match (was, self.choice) {
            (Some(lease), _) if self.living.contains(&lease) => Ok(was),
            (Some(lease), Some(LeaseChoice::New)) => match self.grants.get(&lease) {
                Some(grant) => Ok(Some(grant.lease)),
                None => Err("its lease was not asked about"),
            },
            (Some(_), Some(LeaseChoice::LeaveOut) | None) => Err("its lease is gone"),
            (Some(_), Some(LeaseChoice::Permanent)) | (None, _) => Ok(None),
        }
    }

    /// Returns the new leases that these wishes need.
    pub(super) fn grants(&self, wishes: &[KeyEdit]) -> Vec<LeaseGrant> {
        let needed = |wish: &KeyEdit| if let KeyEdit::Create { lease, .. } = wish { *lease } else { None };
        let needed: BTreeSet<LeaseId> = wishes.iter().filter_map(needed).collect();
        self.grants.values().copied().filter(|grant| needed.contains(&grant.lease)).collect()
    }
}

pub(super) fn work(
    records: &Records,
    what: &Records,
    leases: &ReturningLeases,
    going_on: impl Fn() -> Result<(), BulkError>,
) -> Result<BulkPlan, BulkError> {
    let mut work = BulkPlan::default();
    for record in what.range(&what.scope().range()) {
        going_on()?;
        match records.get(record.key.as_bytes()) {
            Some(now) if now.value == record.value => work.same += 1,
            Some(_) => {
                let why = "it exists again, with another value".to_owned();
                work.left_out.push(LeftOut { key: record.key, why });
            }
            None => match leases.of(record.lease) {
                Ok(lease) => {
                    work.wishes.push(KeyEdit::Create { key: record.key, value: record.value, lease });
                }
                Err(why) => work.left_out.push(LeftOut { key: record.key, why: why.to_owned() }),
            },
        }
    }
    Ok(work)
}
