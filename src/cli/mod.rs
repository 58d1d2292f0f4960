//! The command line: one file per command, and the few things that they share.
//!
//! stdout gets what was asked for, as a table or as JSON lines; everything said to a person goes to stderr. What
//! came from etcd is shown escaped everywhere.

mod answer;
mod answer_text;
mod apply;
mod arguments;
mod backup;
mod change;
mod completions;
mod confirm;
mod deck;
mod exit;
mod export;
mod fields;
mod foresee;
mod foresight_text;
mod get;
mod grants;
mod history;
mod import;
mod input_file;
mod keyboard;
mod left_out;
mod lint;
mod log;
mod man;
mod migrate;
mod output;
mod place;
mod plan;
mod plan_text;
mod progress;
mod put_back;
mod reach;
mod record_json;
mod records_file;
mod rescue;
mod restore;
mod resume;
mod rm;
mod run;
mod saved_text;
mod search;
mod session;
mod set;
mod snapshot;
mod style;
mod table;
mod target;
mod tops;
mod tracing_file;
mod tree;
mod trouble;
mod undo;
mod verdict;
mod verify;
mod wanted;
mod zone_wish;

pub use arguments::{Arguments, command};
pub use exit::Exit;
pub use run::run;
