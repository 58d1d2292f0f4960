//! Zone files (RFC 1035, section 5).
//!
//! They are cut into entries and read here, not by hickory's parser: that one takes `\DDD` for octal digits in names
//! and for something else in strings, loses quotes between parentheses, follows `$INCLUDE` to any file, and names no
//! lines (hickory-proto 0.26). The tests compare the files that are written here with it all the same.

mod entries;
mod read;
mod write;

pub use read::{ZoneFileError, ZoneText, read_zone};
pub use write::{Origin, ZoneFile, zone_files};
