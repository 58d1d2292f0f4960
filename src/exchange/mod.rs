//! Records in files and other programs: text to records, and records to text. Pure.

mod csv;
mod differences;
mod error;
mod file_answers;
mod file_lines;
mod file_record;
mod hosts;
mod jsonl;
mod not_carried;
mod served;
mod unquoted;
mod zone;
mod zone_record;

pub use csv::{csv_text, read_csv};
pub use differences::{Besides, Speech, unlike};
pub use error::ParseError;
pub use file_answers::FileAnswers;
pub use file_lines::{FileLines, LinePlace};
pub use file_record::{FileRecord, LeaseTerm};
pub use hosts::{hosts_lines, read_hosts};
pub use jsonl::{jsonl_line, jsonl_lines, read_jsonl, same_value, value_as_written};
pub use not_carried::NotCarried;
pub use served::{KnownAnswers, ServedRecord};
pub use unquoted::json_error;
pub use zone::{Origin, ZoneFile, ZoneFileError, ZoneText, read_zone, zone_files};
pub use zone_record::{Rdata, TargetName, ZoneRecord, absolute, relative};
