//! The command line: one file per command, and the few things that they share.
//!
//! stdout gets what was asked for, as a table or as JSON lines; everything said to a person goes to stderr. What
//! came from etcd is shown escaped everywhere.

mod answer;
mod answer_text;
mod arguments;
mod change;
mod completions;
mod confirm;
mod deck;
mod exit;
mod fields;
mod foresee;
mod foresight_text;
mod get;
mod keyboard;
mod lease_times;
mod lint;
mod log;
mod man;
mod output;
mod plan_text;
mod record_json;
mod records_file;
mod rm;
mod run;
mod search;
mod session;
mod set;
mod style;
mod table;
mod target;
mod tops;
mod tree;
mod trouble;
mod verdict;
mod verify;

pub use arguments::{Arguments, command};
pub use exit::Exit;
pub use run::run;
