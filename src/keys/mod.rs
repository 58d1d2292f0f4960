//! Keys and ranges that cannot leave the configured scope. Pure: no etcd, no terminal, no DNS.
//!
//! etcd keys are bytes. Everything here keeps them as bytes and has one printable spelling for them
//! ([`spelling`]), which is also the only spelling a person is ever asked to type.

mod cluster;
mod foreign;
mod interval;
mod key_value;
mod range;
mod reserved;
mod scope;
mod scoped_key;
pub mod spelling;
mod tally;

pub use cluster::ClusterId;
pub use foreign::{ForeignKeyValue, ForeignRange};
pub use interval::Interval;
pub use key_value::{KeyValue, LeaseId, Revision};
pub use range::KeyRange;
pub use reserved::{FAMILIAR, FLEETING, TENANTS, Tenant};
pub use scope::{KeyError, Scope, ScopeError, ScopeWarning};
pub use scoped_key::{OutsideScopeError, ScopedKey};
pub use tally::{PrefixCount, PrefixTally};
