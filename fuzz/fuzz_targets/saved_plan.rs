//! Saved plans: no file stops their reading, and the records of a plan can be read.
#![no_main]

use coredeck::desired::PlanFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(plan) = PlanFile::read(data) else { return };
    for key in plan.keys() {
        for record in key.before.iter().chain(&key.after) {
            let _ = record.bytes();
        }
    }
    assert_eq!(plan.is_empty(), plan.keys().next().is_none());
});
