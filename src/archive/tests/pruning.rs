//! Pruning: the backups that are removed, those that are relied on, and those that have lost too much.
use super::*;
use crate::retention::{KeepRule, PruneDoubt};
use jiff::tz::TimeZone;

const CLUSTER: ClusterId = ClusterId(0xabc);

fn within_or_newest(days: u64, count: usize) -> [KeepRule; 2] {
    [KeepRule::Within(Duration::from_secs(days * 86_400)), KeepRule::Last(count)]
}

fn pruned(latest: &Path, rules: &[KeepRule], now: Timestamp) -> Pruned {
    prune(latest, &scope(), CLUSTER, rules, now, &TimeZone::UTC).unwrap()
}

fn file_names(paths: &[Archived]) -> Vec<&str> {
    paths.iter().map(|gone| gone.path.file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn pruning_takes_what_no_rule_keeps_and_nothing_of_anybody_else() {
    let directory = tempfile::tempdir().unwrap();
    let latest = backup(&directory, "new.jsonl.gz", 0, 0xabc);
    for (name, days) in [("1.jsonl.gz", 1), ("2.jsonl.gz", 2), ("3.jsonl.gz", 3), ("40.jsonl.gz", 40)] {
        backup(&directory, name, days, 0xabc);
    }
    backup(&directory, "other-cluster.jsonl.gz", 50, 0xdef);
    backup(&directory, "40-renamed", 41, 0xabc);
    let damaged = backup(&directory, "damaged.jsonl.gz", 60, 0xabc);
    damage(&damaged);
    let rescue = ArchiveHeading { kind: ArchiveKind::Rescue, ..heading(0) };
    archive(&directory.path().join("rescue.jsonl.gz"), &rescue, &[], &[]);
    fs::write(directory.path().join("notes.jsonl.gz"), "mine").unwrap();
    let other = ArchiveHeading { scope: "/other/".to_owned(), ..heading(0) };
    archive(&directory.path().join("other-scope.jsonl.gz"), &other, &[], &[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let linked = directory.path().join("linked.jsonl.gz");
    std::os::unix::fs::symlink(backup(&elsewhere, "x.jsonl.gz", 70, 0xabc), linked).unwrap();
    let pruned = pruned(&latest, &within_or_newest(2, 2), NOW);
    assert_eq!(file_names(&pruned.removed), ["3.jsonl.gz", "40.jsonl.gz"]);
    assert_eq!(pruned.damaged.iter().map(|(path, _)| path).collect::<Vec<_>>(), [&damaged]);
    assert_eq!((pruned.kept, pruned.doubt), (4, None));
    let stay = [
        "1.jsonl.gz",
        "2.jsonl.gz",
        "40-renamed",
        "damaged.jsonl.gz",
        "linked.jsonl.gz",
        "new.jsonl.gz",
        "notes.jsonl.gz",
        "other-cluster.jsonl.gz",
        "other-scope.jsonl.gz",
        "rescue.jsonl.gz",
    ];
    assert_eq!(left(&directory), stay);
}

#[test]
fn the_one_that_was_just_made_stays_whatever_is_said() {
    let directory = tempfile::tempdir().unwrap();
    // Another one was made while this one was written.
    let (latest, _) = (hourly(&directory, 2, 0), hourly(&directory, 1, 0));
    hourly(&directory, 3, 0);
    let pruned = pruned(&latest, &[KeepRule::Last(1)], NOW);
    assert_eq!(file_names(&pruned.removed), ["3-h.jsonl.gz"]);
    assert!(latest.exists());
}

#[test]
fn a_damaged_file_is_not_counted_among_those_that_have_to_stay() {
    let directory = tempfile::tempdir().unwrap();
    let latest = hourly(&directory, 0, 0);
    for hours in 1..=8 {
        hourly(&directory, hours, 9);
    }
    for hours in [1, 3, 4] {
        damage(&directory.path().join(format!("{hours}-h.jsonl.gz")));
    }
    let pruned = pruned(&latest, &[KeepRule::Last(1)], NOW);
    // The newest three that are whole.
    let whole = ["0-h", "2-h", "5-h", "6-h"];
    let stay: Vec<_> =
        ["0-h", "1-h", "2-h", "3-h", "4-h", "5-h", "6-h"].map(|it| format!("{it}.jsonl.gz")).into();
    assert_eq!(left(&directory), stay);
    assert_eq!(
        (file_names(&pruned.removed), pruned.damaged.len()),
        (vec!["7-h.jsonl.gz", "8-h.jsonl.gz"], 3)
    );
    assert_eq!(pruned.kept, whole.len());
}

#[test]
fn in_doubt_of_the_clock_nothing_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    for hours in 1..=6 {
        hourly(&directory, hours, 9);
    }
    let latest = hourly(&directory, 0, 9);
    for (now, is_behind) in [(2_000_000_000, false), (999_000_000, true)] {
        let now = Timestamp::from_second(now).unwrap();
        let pruned = pruned(&latest, &[KeepRule::Last(1)], now);
        assert_eq!((pruned.removed.len(), pruned.kept), (0, 7));
        assert_eq!(matches!(pruned.doubt, Some(PruneDoubt::Behind { .. })), is_behind);
        assert!(pruned.doubt.is_some());
    }
    assert_eq!(left(&directory).len(), 7);
}

#[test]
fn a_backup_that_has_lost_is_compared_with_the_right_one() {
    let directory = tempfile::tempdir().unwrap();
    let loss = |keys| {
        let catalogue = Catalogue::of(&[directory.path().to_owned()], &scope(), CLUSTER, NOW);
        Shrinkage::of(keys, &catalogue)
    };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(loss(0), None, "the first one");
    hourly(&directory, 9, 0);
    assert_eq!(loss(0), None, "there was none before either");
    hourly(&directory, 8, 9);
    hourly(&directory, 7, 6);
    assert_eq!((loss(6), loss(5), loss(7)), (None, None, None));
    let third = loss(4).unwrap();
    assert_eq!((third.before.keys(), name(&third.before.path)), (6, "7-h.jsonl.gz".to_owned()));
    hourly(&directory, 6, 0);
    hourly(&directory, 5, 0);
    let emptied = loss(0).unwrap();
    assert_eq!(name(&emptied.before.path), "7-h.jsonl.gz");
    assert!(
        emptied.to_string().contains("has 0 keys, and the newest one with any, of 2001-09-08T"),
        "{emptied}"
    );
    damage(&directory.path().join("7-h.jsonl.gz"));
    let emptied = loss(0).unwrap();
    assert_eq!(
        name(&emptied.copy.as_ref().unwrap().path),
        "8-h.jsonl.gz",
        "the one to come back with is whole"
    );
    let remedy = emptied.remedy("coredeck --endpoints=a:1");
    assert!(
        remedy.contains(": coredeck --endpoints=a:1 restore ") && remedy.ends_with("8-h.jsonl.gz"),
        "{remedy}"
    );
    damage(&directory.path().join("8-h.jsonl.gz"));
    assert_eq!(loss(0).unwrap().copy, None);
    assert_eq!(loss(1), None, "more than the one before it");
}

#[test]
fn where_the_clock_has_gone_back_a_loss_is_told_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    hourly(&directory, -300, 9);
    let catalogue = Catalogue::of(&[directory.path().to_owned()], &scope(), CLUSTER, NOW);
    assert_eq!(
        (Shrinkage::of(0, &catalogue).unwrap().before.keys(), Shrinkage::of(9, &catalogue)),
        (9, None)
    );
}
