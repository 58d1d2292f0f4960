use crate::{
    cli::{BINARY, Home, Run},
    etcd::{self, PrivateEtcd},
    keys::{all, cluster, names, saved, sha256sum, zcat},
};
use coredeck::{
    archive::{ArchiveHeading, ArchiveKind, ArchiveWriter},
    keys::{ClusterId, ForeignKeyValue, Revision},
};
use jiff::Timestamp;
use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

#[test]
fn a_backup_holds_the_scope_and_nothing_else_and_says_what_sha256sum_says() {
    let etcd = etcd::start();
    cluster(&etcd);
    let lease = etcd.etcdctl(&["lease", "grant", "600"]).split(' ').nth(1).unwrap().to_owned();
    etcd.etcdctl(&["put", "--lease", &lease, "/coredns/io/gcr/leased", "{}"]);
    let home = Home::of(&etcd.endpoint());
    let lines = home.run(&["backup", "-o", "json"]).ends_with(0).json();
    let line = &lines[0];
    let directory = home.path().join("state/coredeck/backups");
    let [name] = &names(&directory)[..] else { panic!("one file") };
    let file = directory.join(name);
    assert_eq!(line["file"], file.display().to_string());
    assert_eq!((&line["keys"], &line["leases"]), (&4.into(), &1.into()));
    assert_eq!(line["sha256"], sha256sum(&file));
    assert_eq!(line["revision"], crate::keys::revision(&etcd));
    let cluster_id = line["cluster_id"].as_str().unwrap();
    assert!(name.starts_with(&format!("coredns-{cluster_id}-")) && name.ends_with("Z.jsonl.gz"), "{name}");
    assert_eq!(saved(&file), all(&etcd, "/coredns/"));
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&directory)), (0o600, 0o700));
    let lines = zcat(&file);
    assert_eq!(lines.len(), 1 + 4 + 1 + 1);
    assert_eq!((&lines[0]["cluster_id"], &lines[0]["keys"]), (&cluster_id.into(), &4.into()));
    let leases = lines.iter().find(|line| line.get("ttl").is_some()).unwrap();
    assert_eq!(leases["lease"], lease);
    assert!((590..=600).contains(&leases["ttl"].as_i64().unwrap()), "{leases}");
}

#[test]
fn older_backups_go_when_it_is_said_and_the_removed_are_named() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let to = |name: &str| home.path().join(name).display().to_string();
    for name in ["a.jsonl.gz", "b.jsonl.gz"] {
        home.run(&["backup", "--to", &to(name)]).ends_with(0);
    }
    fs::write(to("notes.jsonl.gz"), "mine").unwrap();
    let run = home.run(&["backup", "--to", &to("c.jsonl.gz"), "--keep", "30d/1", "-o", "json"]).ends_with(0);
    assert_eq!((&run.json()[0]["removed"], &run.json()[0]["kept"]), (&serde_json::Value::Null, &3.into()));
    let run = home.run(&["backup", "--to", &to("d.jsonl.gz"), "--keep-last", "1", "-o", "json"]).ends_with(0);
    assert_eq!(run.json()[0]["removed"].as_array().unwrap().len(), 3, "{run:?}");
    assert_eq!(run.json()[0]["kept"], 1);
    let left: Vec<_> = names(home.path()).into_iter().filter(|name| name.contains(".jsonl.gz")).collect();
    assert_eq!(left, ["d.jsonl.gz", "notes.jsonl.gz"]);
    for wrong in ["--keep-daily=0", "--keep-hourly=x", "--keep-weekly=-1", "--keep-monthly="] {
        home.run(&["backup", wrong]).ends_with(2);
    }
    home.run(&["backup", "--keep", "30d"]).ends_with(2);
}

/// Makes a backup of this many keys, this many seconds ago.
fn made(etcd: &PrivateEtcd, home: &Home, seconds: i64, keys: u64) -> PathBuf {
    let directory = home.path().join("state/coredeck/backups");
    fs::create_dir_all(&directory).unwrap();
    let cluster = etcd.etcdctl(&["endpoint", "status", "-w", "json"]);
    let cluster =
        serde_json::from_str::<serde_json::Value>(&cluster).unwrap()[0]["Status"]["header"]["cluster_id"]
            .as_u64()
            .unwrap();
    let path = directory.join(format!("made-{seconds}.jsonl.gz"));
    let heading = ArchiveHeading {
        kind: ArchiveKind::Backup,
        program: "coredeck".to_owned(),
        time: Timestamp::from_second(Timestamp::now().as_second() - seconds).unwrap(),
        cluster: ClusterId(cluster),
        revision: Revision(1),
        scope: "/coredns/".to_owned(),
        range: "/coredns/".to_owned(),
        keys,
        scope_keys: None,
    };
    let mut archive = ArchiveWriter::create(&path, &heading).unwrap();
    for number in 0..keys {
        archive
            .record(&ForeignKeyValue {
                key: format!("/coredns/io/gcr/x{number:04}").into_bytes().into(),
                value: b"{}".as_slice().into(),
                create_revision: Revision(1),
                mod_revision: Revision(1),
                version: 1,
                lease: None,
            })
            .unwrap();
    }
    archive.finish().unwrap();
    path
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

#[test]
fn hourly_backups_of_an_emptied_scope_end_with_6_and_never_remove_the_last_good_copies() {
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let good: Vec<PathBuf> = (1..=5).map(|hours| made(&etcd, &home, hours * HOUR, 9)).collect();
    for _ in 0..4 {
        let run = home.run(&["backup", "--keep", "1h/1", "-o", "json"]).ends_with(6);
        let first = run.err.lines().next().unwrap();
        assert!(
            first.starts_with("coredeck: warning: this backup has 0 keys, and the newest one with any, of "),
            "{run:?}"
        );
        assert!(run.err.contains(&format!(": coredeck restore {}", good[0].display())), "{run:?}");
        let line = &run.json()[0];
        assert_eq!(line["keys"], 0);
        assert!(line["warnings"][0].as_str().unwrap().contains("has 9 keys"), "{line}");
    }
    // The line reaches the same etcd where flags have named it.
    let run = home.run(&["backup", "--endpoints", &etcd.endpoint()]).ends_with(6);
    let line = format!(": coredeck --endpoints={} restore {}", etcd.endpoint(), good[0].display());
    assert!(run.err.contains(&line), "{run:?}");
    let left: Vec<bool> = good.iter().map(|file| file.exists()).collect();
    assert_eq!(left, [true, true, true, false, false]);
    home.run(&["restore", &good[0].display().to_string()]).says("9");
}

#[test]
fn a_backup_that_has_lost_a_third_says_so_first_and_ends_with_6_once() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.endpoint());
    let before = made(&etcd, &home, HOUR, 9);
    let run = home.run(&["backup", "-o", "json"]).ends_with(6);
    assert!(
        run.err.starts_with("coredeck: warning: this backup has 3 keys, and the one before it, of "),
        "{run:?}"
    );
    let line = &run.json()[0];
    assert_eq!(line["before"]["keys"], 9);
    assert_eq!(line["before"]["file"], before.display().to_string());
    // That they are away is said until they are back, or somebody has accepted it.
    let again = &home.run(&["backup", "-o", "json"]).ends_with(0).json()[0];
    assert_eq!(again["before"]["keys"], 3);
    assert!(
        again["warnings"][0].as_str().unwrap().starts_with("6 of the 9 keys below /coredns/ are gone"),
        "{again}"
    );
    home.run(&["status", "--accept-loss", "--confirm", "/coredns/"]).ends_with(0);
    let accepted = &home.run(&["backup", "-o", "json"]).ends_with(0).json()[0];
    assert_eq!(accepted["warnings"], serde_json::Value::Null);
}

#[test]
fn a_timer_that_stood_still_and_a_clock_that_is_ahead_remove_nothing_of_ten() {
    let etcd = etcd::start();
    cluster(&etcd);
    for (newest, said) in [
        // A month without a run; the files look the same if a clock is a month ahead.
        (30 * DAY, ", more than two days ago."),
        (-300 * DAY, ", which is later."),
    ] {
        let home = Home::of(&etcd.endpoint());
        let all: Vec<PathBuf> = (0..10).map(|day| made(&etcd, &home, newest + day * DAY, 3)).collect();
        let run = home.run(&["backup", "--keep", "5d/2", "-o", "json"]).ends_with(6);
        assert!(run.err.contains("no older backup was removed: ") && run.err.contains(said), "{run:?}");
        let line = &run.json()[0];
        assert_eq!((&line["kept"], &line["removed"]), (&11.into(), &serde_json::Value::Null), "{line}");
        assert!(all.iter().all(|file| file.exists()));
        // The next one is made as usual, unless the clock is still before the newest.
        let next = home.run(&["backup", "--keep", "5d/2", "-o", "json"]);
        if newest > 0 {
            assert_eq!(next.ends_with(0).json()[0]["kept"], 3);
        } else {
            assert_eq!(next.ends_with(6).json()[0]["kept"], 12);
        }
    }
}

#[test]
fn what_cannot_be_written_leaves_nothing_and_says_why() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.endpoint());
    let file = home.path().join("there.jsonl.gz");
    fs::write(&file, "mine").unwrap();
    let there = file.display().to_string();
    home.run(&["backup", "--to", &there]).ends_with(1).says("never overwritten").says("--to");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    let nowhere = home.path().join("none/x.jsonl.gz").display().to_string();
    home.run(&["backup", "--to", &nowhere]).ends_with(1).says("cannot be written");
    assert_eq!(names(home.path()), ["there.jsonl.gz"]);
}

/// A disk that takes no more bytes: the limit on the size of files has the same effect.
#[test]
fn a_full_disk_leaves_nothing_of_any_file() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let into = home.path().join("into");
    fs::create_dir(&into).unwrap();
    let at = crate::keys::revision(&etcd);
    for (arguments, said) in [
        ("backup".to_owned(), "cannot be written"),
        (format!("rescue --range / --at {at}"), "cannot be written"),
        ("snapshot".to_owned(), "was not written"),
        ("export".to_owned(), "cannot be written"),
        ("export --format csv".to_owned(), "cannot be written"),
    ] {
        let to = into.join("file");
        let mut full = Command::new("/bin/sh");
        home.prepare(&mut full);
        full.args(["-c", &format!("ulimit -f 0; exec {BINARY} {arguments} --to {}", to.display())]);
        Run::of(full).ends_with(1).says(said).says("File too large");
        assert_eq!(names(&into), Vec::<String>::new(), "{arguments}");
    }
}

#[test]
fn another_cluster_than_the_pinned_one_is_not_saved() {
    let etcd = etcd::start();
    let profile =
        format!("[profile.prod]\nendpoints = [\"{}\"]\ncluster_id = \"0000000000000abc\"\n", etcd.endpoint());
    let home = Home::new().profiles(&profile);
    let to = home.path().join("x").display().to_string();
    home.run(&["--profile", "prod", "backup", "--to", &to]).ends_with(4).says("0000000000000abc");
    assert!(!home.path().join("x").exists());
}

#[test]
fn a_demo_is_saved_only_where_somebody_says() {
    let home = Home::new();
    home.run(&["--demo", "backup"]).ends_with(2).says("--to");
    let to = home.path().join("demo.jsonl.gz").display().to_string();
    let run = home.run(&["--demo", "backup", "--to", &to]).ends_with(0);
    assert!(run.out.contains("read back and verified"), "{run:?}");
}
