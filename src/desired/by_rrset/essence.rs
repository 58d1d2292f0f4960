//! Essence of a record: the part that two records share when they say the same.
use crate::{
    dns::Name,
    exchange::{Rdata, ZoneRecord},
    keys::Scope,
};

/// A record's name and data, without its TTL, its share of a weight, and the borders between the strings of its text.
pub(super) type Essence = (Name, Rdata);

/// The essence of a record. A name is what its key makes of it: `a/b` and `b.a` are one to `CoreDNS` (RFC 2317).
pub(super) fn essence(scope: &Scope, record: &ZoneRecord) -> Essence {
    let mut data = record.data.clone();
    if let Rdata::Srv { weight, .. } = &mut data {
        *weight = 0;
    } else if let Rdata::Txt(strings) = &mut data {
        *strings = vec![strings.concat()];
    }
    let owner =
        record.owner.key(scope).map_or_else(|_| record.owner.clone(), |key| Name::of_key(scope, &key));
    (owner, data)
}
