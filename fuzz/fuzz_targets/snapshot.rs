//! Snapshots: none stops its reading or makes it read for ever, even if its hash is right.
#![no_main]

use coredeck::snapshot::status;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use std::fs;

/// Bytes of bbolt's smallest sector: a database has whole sectors.
const SECTOR: usize = 512;

fuzz_target!(|data: &[u8]| {
    let Ok(directory) = tempfile::tempdir() else { return };
    let file = directory.path().join("etcd.db");
    let whole = data.get(..data.len() / SECTOR * SECTOR).unwrap_or_default();
    let sealed = [whole, Sha256::digest(whole).as_slice()].concat();
    if fs::write(&file, sealed).is_ok() {
        let _ = status(&file);
    }
});
