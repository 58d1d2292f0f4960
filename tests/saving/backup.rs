use crate::{
    cli::{BINARY, Home, Run},
    etcd,
    keys::{all, cluster, names, saved, sha256sum, zcat},
};
use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

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
    assert_eq!(run.json()[0]["removed"].as_array().unwrap().len(), 2, "{run:?}");
    let left: Vec<_> = names(home.path()).into_iter().filter(|name| name.contains(".jsonl.gz")).collect();
    assert_eq!(left, ["c.jsonl.gz", "notes.jsonl.gz"]);
    home.run(&["backup", "--keep", "30d"]).ends_with(2);
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

/// A disk that takes no byte more: the limit on the size of files does the same.
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
