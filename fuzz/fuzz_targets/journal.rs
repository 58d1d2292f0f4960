//! Journals: none stops its reading, whoever wrote into it, and every heading has its entry.
#![no_main]

use coredeck::journal::Ledger;
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|data: &[u8]| {
    let Ok(directory) = tempfile::tempdir() else { return };
    if fs::write(directory.path().join("journal.jsonl"), data).is_err() {
        return;
    }
    let Ok(contents) = Ledger::in_directory(directory.path()).contents() else { return };
    let mut entries = 0;
    while let Ok(Some(entry)) = contents.entry(entries) {
        assert_eq!(contents.headings().get(entries).map(|heading| &heading.id), Some(&entry.id));
        entries += 1;
    }
    assert!(entries <= contents.headings().len());
});
