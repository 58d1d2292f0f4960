//! Language of etcdctl: the meaning of a pasted line, and lines that this program hands over for somebody else to
//! run. The module is pure and never runs anything: a line goes in as text, and comes out as sentences.

mod child_commands;
mod commands;
mod destination;
mod doubt;
mod explanation;
mod flag;
mod following;
mod history;
mod look_alike;
mod masked;
mod meaning;
mod names;
mod owner;
mod pasted;
mod program_name;
mod programs;
mod prompts;
mod quoted;
mod read_lines;
mod releases;
mod remarks;
mod request;
mod secrets;
mod sentence;
pub mod shell;
mod shells;
mod span;
mod stdin_lines;
mod suggested_line;
mod txn;
mod typo_fix;
mod unknown_destination;
mod variables;
mod verdict;
mod version;
mod wrapped;
mod wrappers;

pub use destination::{Destination, Password};
pub use explanation::{Explanation, Hits};
#[cfg(test)]
pub(crate) use pasted::LOOKS;
pub use pasted::{explain, explain_words, looks_like_a_line};
pub use quoted::quoted;
pub use read_lines::{Connection, ReadKeys};
pub use sentence::Sentence;
pub use span::{RangeEnd, Span};
pub use suggested_line::{Equivalent, SuggestedLine};
pub use verdict::Danger;
pub use version::EtcdctlVersion;
