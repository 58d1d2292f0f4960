//! Names, values and record types as `CoreDNS` sees them in etcd. Pure: knows the rules of `CoreDNS`, not those of
//! etcd.
//!
//! The rules are those of the etcd plugin of `CoreDNS` 1.15.0; where versions differ, the place says so.

mod agreement;
pub mod answer;
mod companion;
mod draft;
pub mod external_dns;
mod field;
mod guess;
mod hidden;
mod host;
mod impact;
mod json;
pub mod lint;
mod name;
mod owner;
mod pointer;
mod rcode;
mod record;
mod service;
mod serving;
mod source;
mod typed_name;
mod value;

pub use agreement::{
    Agreement, Askable, Difference, ForetoldRecord, Reply, ReplyRecord, ReplyStatus, Section, agreement,
    foreseen,
};
pub use answer::{
    Answer, AnswerOutcome, Ask, Because, EncodeError, QueryType, QueryTypeError, Question, Rr, Unused, Why,
    answer, answers,
};
pub use companion::{Companion, Companions, companions};
pub use draft::{DraftError, RecordDraft};
pub use field::{Field, FieldError};
pub use guess::{ZONES_ARE_GUESSED, ZoneGuess};
pub use hidden::Hidden;
pub use impact::{AnswerLoss, Effort, Impact, ImpactWords, Mentions, Shift, Weight, impact, loss};
pub use name::{Name, NameError};
pub use owner::{is_numbered, leaf_of, owner};
pub use pointer::is_pointer;
pub use rcode::Rcode;
pub use record::{Record, RecordType};
pub use service::{Class, DEFAULT_PRIORITY, DEFAULT_TTL, DEFAULT_WEIGHT, Service, address};
pub use serving::{CoreDnsVersion, Fallthrough, LeaseTtl, NoZoneError, OtherPlugins, Serving};
pub use source::{
    ChangedSource, KeyContent, LeaseLeft, Leased, MissingPart, ReadPart, RecordSource, StoredRecord, Visit,
};
pub use typed_name::{NameCorrection, TypedNameError, half_width, half_width_char};
pub use value::{Value, ValueError};
