//! Workers for many cases at once, on all processors.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The most failures: more of them would show nothing new.
const ENOUGH: usize = 20;

/// Checks each of these, and returns the sum of the checks' numbers. One that fails does not stop the others: the seeds
/// of all failures are named at the end.
pub fn each(seeds: &[u64], check: impl Fn(u64) -> usize + Sync) -> usize {
    let singles: Vec<&[u64]> = seeds.chunks(1).collect();
    each_batch(&singles, || (), |(), batch| batch.iter().map(|seed| check(*seed)).sum())
}

/// Checks several at a time, each with what one worker has, such as a server.
pub fn each_batch<W>(
    batches: &[&[u64]],
    worker: impl Fn() -> W + Sync,
    check: impl Fn(&mut W, &[u64]) -> usize + Sync,
) -> usize {
    let (next, counted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed: Mutex<Vec<u64>> = Mutex::default();
    let work = || {
        let mut own = worker();
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Ok(count) = catch_unwind(AssertUnwindSafe(|| check(&mut own, batch))) {
                _ = counted.fetch_add(count, Ordering::Relaxed);
            } else {
                let mut failed = failed.lock().unwrap();
                failed.push(batch[0]);
                if failed.len() == ENOUGH {
                    break;
                }
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors.min(batches.len()) {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "COREDECK_CONFORMANCE_SEED={failed:?} (the first of each batch that fails)");
    counted.into_inner()
}
