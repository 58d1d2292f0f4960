//! etcdctl's language: what a pasted line means, and lines that this program hands over to be run by somebody else.
//! Pure, and nothing is ever run: a line goes in as text, and comes out as sentences.

mod commands;
mod destination;
mod explanation;
mod flag;
mod following;
mod look_alike;
mod masked;
mod meaning;
mod meant;
mod named;
mod opaque;
mod pasted;
mod quoted;
mod reading;
mod releases;
mod remarks;
mod request;
mod runners;
mod runs;
pub mod shell;
mod span;
mod substituted;
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
pub use meant::{Equivalent, Meant};
pub use pasted::{explain, explain_words, looks_like_a_line};
pub use quoted::quoted;
pub use reading::{Connection, Reading};
pub use span::{End, Span};
pub use verdict::Verdict;
pub use version::Version;
