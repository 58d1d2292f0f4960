//! Records that were deleted, created again.
use super::{LeftOut, Stuck, Work};
use crate::{index::Records, plan::Wish};

pub(super) fn work(
    records: &Records,
    what: &Records,
    leased_too: bool,
    going_on: impl Fn() -> Result<(), Stuck>,
) -> Result<Work, Stuck> {
    let mut work = Work::default();
    for record in what.range(&what.scope().range()) {
        going_on()?;
        match records.get(record.key.as_bytes()) {
            Some(now) if now.value == record.value => work.same += 1,
            Some(_) => {
                let why = "it exists again, with another value".to_owned();
                work.left_out.push(LeftOut { key: record.key, why });
            }
            None if record.lease.is_some() && !leased_too => {
                let why = "it had a lease, which may just have ended".to_owned();
                work.left_out.push(LeftOut { key: record.key, why });
            }
            None => work.wishes.push(Wish::Create { key: record.key, value: record.value, lease: None }),
        }
    }
    Ok(work)
}
