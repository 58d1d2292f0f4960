//! Kills (SIGKILL) of the program at every step of a change, on a real etcd. Afterwards every key is accounted for:
//! `resume` tells whether it was changed, as etcd has it, and the change is finished or taken back.
//!
//! `COREDECK_CRASH=long` (`tests/run --long`) kills at every step of an `apply` of 1, 128, 3,000 and 10,000 keys, and
//! prints the number of kills.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
mod deed;
#[path = "../support/etcd.rs"]
mod etcd;
mod killed;
mod moved;
mod rig;
mod steps;
mod trial;

use deed::Deed;
use rig::Rig;
use steps::{Counts, every_step, kill_at, kill_at_every_step};

#[test]
fn a_plan_for_one_key_that_was_killed_anywhere_is_accounted_for() {
    let rig = Rig::of(Deed::Apply, 1);
    let counts = kill_at(&rig, &every_step(&rig));
    assert!(counts.finished > 0 && counts.taken_back > 0 && counts.nothing_to_do > 0, "{counts}");
}

#[test]
fn a_plan_for_128_keys_that_was_killed_before_and_after_its_transaction_is_accounted_for() {
    kill_at(&Rig::of(Deed::Apply, 128), &["committed:0", "committing:0"]);
}

#[test]
fn a_removal_of_128_keys_that_was_killed_between_its_transactions_is_accounted_for() {
    kill_at(&Rig::of(Deed::Remove, 128), &["line:5000", "committed:0", "committed:1"]);
}

#[test]
fn a_change_of_3_000_keys_that_was_killed_in_the_middle_is_accounted_for() {
    kill_at(&Rig::of(Deed::Remove, 3_000), &["committing:12"]);
    kill_at(&Rig::of(Deed::Apply, 3_000), &["intended:0", "committed:7"]);
}

#[test]
fn a_plan_for_10_000_keys_that_was_killed_near_its_end_is_accounted_for() {
    kill_at(&Rig::of(Deed::Apply, 10_000), &["committed:77"]);
}

#[test]
fn a_finish_that_was_killed_itself_is_finished() {
    trial::kill_the_finish_as_well(&Rig::of(Deed::Remove, 300));
}

#[test]
fn a_move_that_was_killed_in_its_copy_and_in_its_removal_goes_on() {
    moved::kill_a_move();
}

#[test]
fn every_step_of_every_size_in_the_long_run() {
    if std::env::var("COREDECK_CRASH").as_deref() != Ok("long") {
        // The other tests kill at some of these steps; all of them take minutes.
        println!("COREDECK_CRASH=long kills at every step");
        return;
    }
    let mut all = Counts::default();
    for keys in [1, 128, 3_000, 10_000] {
        let counts = kill_at_every_step(Deed::Apply, keys);
        println!("apply of {keys} keys: {counts}");
        all += counts;
    }
    println!("together: {all}");
    assert!(all.kills() >= 200, "{all}");
}
