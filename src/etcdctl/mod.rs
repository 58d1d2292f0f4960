//! Language of etcdctl: the meaning of a pasted line, and lines that this program hands over for somebody else to
//! run. The module is pure and never runs anything: a line goes in as text, and comes out as sentences.

mod commands;
mod destination;
mod doubt;
mod explanation;
mod flag;
mod following;
mod look_alike;
mod masked;
mod meaning;
mod meant;
mod named;
mod names;
mod owner;
mod pasted;
mod programs;
mod quoted;
mod reading;
mod releases;
mod remarks;
mod request;
mod runners;
mod runs;
mod secrets;
mod sentence;
pub mod shell;
mod shells;
mod span;
mod txn;
mod typed;
mod unmistaken;
mod unsaid;
mod variables;
mod verdict;
mod version;
mod wrapped;

pub use destination::{Destination, Password};
pub use explanation::{Explanation, Hits};
pub use meant::{Equivalent, SuggestedLine};
#[cfg(test)]
pub(crate) use pasted::LOOKS;
pub use pasted::{explain, explain_words, looks_like_a_line};
pub use quoted::quoted;
pub use reading::{Connection, ReadKeys};
pub use sentence::Sentence;
pub use span::{RangeEnd, Span};
pub use verdict::Danger;
pub use version::EtcdctlVersion;
