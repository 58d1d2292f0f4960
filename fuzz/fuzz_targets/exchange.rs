//! Imported files: none stops the program, a fault names a line of the file, and JSON lines come back as they were.
#![no_main]

use coredeck::{
    dns::Name,
    exchange::{ParseError, jsonl_lines, read_csv, read_hosts, read_jsonl, read_zone},
    keys::Scope,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (Ok(scope), Ok(origin)) = (Scope::parse("/coredns"), Name::parse("example.org")) else { return };
    match read_jsonl(data) {
        Ok(records) => {
            let lines = jsonl_lines(records.iter().cloned());
            let Ok(mut again) = read_jsonl(lines.join("\n").as_bytes()) else { panic!("{lines:?}") };
            // The written file has no empty lines.
            for (again, record) in again.iter_mut().zip(&records) {
                again.line = record.line;
            }
            assert_eq!(again, records);
        }
        Err(fault) => within(&fault, data),
    }
    if let Err(fault) = read_csv(&scope, data) {
        within(&fault, data);
    }
    let (_, left) = read_hosts(data);
    assert!(left.iter().all(|lost| (1..=lines(data)).contains(&lost.line())));
    for origin in [None, Some(&origin)] {
        match read_zone(data, origin) {
            Ok(zone) => assert!(zone.not_carried.iter().all(|lost| lost.line() <= lines(data))),
            Err(unread) => within(&unread.fault, data),
        }
    }
});

fn within(fault: &ParseError, data: &[u8]) {
    assert!((1..=lines(data)).contains(&fault.line), "{fault} of {} lines", lines(data));
}

/// Returns the number of lines. If the file's end is missing, the fault is behind its last line.
fn lines(data: &[u8]) -> usize {
    2 + data.iter().filter(|byte| **byte == b'\n').count()
}
