//! Room in memory for a file.
use crate::plain_file;
use std::path::Path;

/// The room if the system does not tell its free memory: etcd's own default quota.
const UNTOLD: u64 = 2 << 30;
/// The divisor: a plan takes each value several times, and etcd needs its memory on the same machine.
const PART: u64 = 4;

/// Returns the bytes that the records of one file may take.
pub(super) fn room() -> u64 {
    let told = plain_file::text(Path::new("/proc/meminfo"), plain_file::MIB).ok();
    told.and_then(|told| available(&told)).unwrap_or(UNTOLD) / PART
}

/// Reads `MemAvailable` of `/proc/meminfo`, in bytes (proc(5), since Linux 3.14).
fn available(told: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_read_as_the_kernel_tells_it() {
        assert_eq!(available("MemTotal: 16 kB\nMemAvailable:    2048 kB\n"), Some(2 << 20));
        for told in ["", "MemAvailable: many kB", "MemFree: 1 kB", "MemAvailable: 18446744073709551615 kB"] {
            assert_eq!(available(told), None, "{told}");
        }
    }
}
