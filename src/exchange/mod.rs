//! Records as files and other programs have them: text to records, and records to text. Pure.

mod fault;
mod file_record;
mod jsonl;

pub use fault::Fault;
pub use file_record::{FileRecord, LeaseTerm};
pub use jsonl::{jsonl_line, read_jsonl, same_value, value_as_written};
