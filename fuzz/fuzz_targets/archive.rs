//! Backups: no file stops their reading, and one that was verified can be read to its end.
#![no_main]

use coredeck::archive::{ArchiveReader, LineContent, verify};
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use std::{fs, io::Write as _, path::Path};

fuzz_target!(|data: &[u8]| {
    let Ok(directory) = tempfile::tempdir() else { return };
    let file = directory.path().join("backup.jsonl.gz");
    // The data is read as it is, and inside a whole gzip, which random bytes would never form.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let Ok(packed) = packed.write_all(data).and_then(|()| packed.finish()) else { return };
    for bytes in [data, &packed] {
        if fs::write(&file, bytes).is_err() {
            return;
        }
        if verify(&file).is_ok() {
            read_all(&file);
        }
    }
});

fn read_all(file: &Path) {
    let Ok(mut reader) = ArchiveReader::open(file) else { panic!("verified, and not opened") };
    loop {
        match reader.next() {
            Ok(Some(LineContent::Record(_) | LineContent::Lease(_))) => {}
            Ok(None) => return,
            Err(wrong) => panic!("verified, and then {wrong}"),
        }
    }
}
