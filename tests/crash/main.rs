//! The program is killed (SIGKILL) at every step of a change, on a real etcd. Afterwards nothing is unaccounted for:
//! `resume` says of every key whether it was changed, as etcd has it, and the change is finished or taken back.
//!
//! `COREDECK_CRASH=long` (`tests/run --long`) kills at every step of changes of 1, 128, 3,000 and 10,000 keys, and
//! prints how often.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
#[path = "../support/etcd.rs"]
mod etcd;
mod killed;
mod rig;
mod trial;

use rig::Rig;
use trial::{After, Trial};

/// Every step of a change in so many transactions.
fn every_step(rig: &Rig) -> Vec<String> {
    let (transactions, line) = rig.size();
    let mut points = vec!["agreed:0".to_owned(), "intended:0".to_owned()];
    // The times and revisions of the next line may be some digits shorter than those of this one.
    points.extend([0, 1, line / 2, line - 40].map(|bytes| format!("line:{bytes}")));
    for number in 0..transactions {
        points.extend([format!("committing:{number}"), format!("committed:{number}")]);
    }
    points.extend(["concluding:0".to_owned(), "concluded:0".to_owned()]);
    points
}

fn kill_at(rig: &Rig, points: &[&str]) {
    for (number, point) in points.iter().enumerate() {
        let after = if number % 2 == 0 { After::Finish } else { After::Undo };
        Trial { rig, point, after }.run();
    }
}

#[test]
fn a_change_of_one_key_that_was_killed_anywhere_is_accounted_for() {
    let rig = Rig::with(1);
    let steps = every_step(&rig);
    kill_at(&rig, &steps.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_change_of_128_keys_that_was_killed_between_its_transactions_is_accounted_for() {
    let rig = Rig::with(128);
    kill_at(&rig, &["line:5000", "committed:0", "committing:1", "committed:1"]);
}

#[test]
fn a_change_of_3_000_keys_that_was_killed_in_the_middle_is_accounted_for() {
    kill_at(&Rig::with(3_000), &["committing:12", "committed:7"]);
}

#[test]
fn a_change_of_10_000_keys_that_was_killed_near_its_end_is_accounted_for() {
    kill_at(&Rig::with(10_000), &["committed:78"]);
}

#[test]
fn a_finish_that_was_killed_itself_is_finished() {
    let rig = Rig::with(300);
    trial::kill_the_finish_as_well(&rig);
}

#[test]
fn every_step_of_every_size_in_the_long_run() {
    if std::env::var("COREDECK_CRASH").as_deref() != Ok("long") {
        // The other tests kill at some of these steps; all of them take minutes.
        println!("COREDECK_CRASH=long kills at every step");
        return;
    }
    let (mut kills, mut by_end) = (0, [0; 2]);
    for keys in [1, 128, 3_000, 10_000] {
        let rig = Rig::with(keys);
        let steps = every_step(&rig);
        for (number, point) in steps.iter().enumerate() {
            let after = if number % 2 == 0 { After::Finish } else { After::Undo };
            by_end[number % 2] += 1;
            Trial { rig: &rig, point, after }.run();
        }
        println!("{keys} keys: killed at {} steps, nothing unaccounted for", steps.len());
        kills += steps.len();
    }
    println!("{kills} kills: {} finished, {} taken back, nothing unaccounted for", by_end[0], by_end[1]);
    assert!(kills >= 200, "{kills}");
}
