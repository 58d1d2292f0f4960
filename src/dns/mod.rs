//! Names, values and record types as `CoreDNS` sees them in etcd. Pure. Knows `CoreDNS`'s rules, not etcd's.
//!
//! The rules are those of the etcd plugin of `CoreDNS` 1.14; where versions differ, the place says so.

mod draft;
mod field;
mod name;
mod record;
mod value;

pub use draft::{Draft, DraftError};
pub use field::{Field, FieldError};
pub use name::{Name, NameError};
pub use record::{Record, RecordType};
pub use value::{Value, ValueError};
