use crate::{
    certificates::Authority,
    cli::Home,
    etcd::{self, PrivateEtcd, Setup, etcd_versions},
    keys::{REGISTRY, bytes, cluster, names, put_all, revision, sha256sum},
};
use coredeck::snapshot::{Receiver, SnapshotError, status};
use sha2::{Digest as _, Sha256};
use std::{fs, path::Path, process::Command};

/// Gives a store a past: old revisions, tombstones, a key that came back, pages with overflow, and a compaction.
fn with_a_past(etcd: &PrivateEtcd) {
    cluster(etcd);
    etcd.put("/coredns/big", &"x".repeat(60_000));
    for round in 0..3 {
        let some = (0..300).map(|n| (format!("/coredns/n{n}").into_bytes(), format!("{round}").into_bytes()));
        put_all(etcd, &some.collect::<Vec<_>>());
    }
    etcd.etcdctl(&["del", "--prefix", "/coredns/n1"]);
    etcd.etcdctl(&["compact", &(revision(etcd) - 1).to_string()]);
    etcd.put("/coredns/n1", "back");
    etcd.etcdctl(&["del", "A"]);
}

#[test]
fn a_snapshot_is_what_etcdctl_says_it_is() {
    for binary in etcd_versions() {
        let etcd = Setup::default().binary(&binary).start();
        with_a_past(&etcd);
        let home = Home::of(&etcd.unrecorded_endpoint());
        let file = home.path().join("etcd.db");
        let to = file.display().to_string();
        let taken = home.run(&["snapshot", "--to", &to, "-o", "json"]).ends_with(0).json().remove(0);
        assert!(taken["cluster_id"].is_string());
        let looked = home.run(&["snapshot", "status", &to, "-o", "json"]).ends_with(0).json().remove(0);
        assert_eq!(looked["sha256"], sha256sum(&file));
        assert_eq!(looked["revision"], revision(&etcd), "{}", binary.display());
        let live = crate::keys::all(&etcd, "");
        assert_eq!(looked["keys"], live.len());
        for (prefix, at_least) in [("/registry", REGISTRY), ("/coredns", 190), ("calico", 1)] {
            let rows = looked["prefixes"].as_array().unwrap();
            let row = rows.iter().find(|row| row["prefix"] == prefix).unwrap();
            let of = live.iter().filter(|(key, _)| {
                key.split(|byte| *byte == b'/')
                    .take(1 + usize::from(prefix.starts_with('/')))
                    .collect::<Vec<_>>()
                    .join(&b'/')
                    == prefix.as_bytes()
            });
            let (keys, sum) =
                of.fold((0, 0), |(keys, sum), (key, (value, _))| (keys + 1, sum + key.len() + value.len()));
            assert!(keys >= at_least, "{prefix}");
            assert_eq!((&row["keys"], &row["bytes"]), (&keys.into(), &sum.into()), "{prefix}");
        }
        // The hash is that of every byte of every entry: nothing was left out, and nothing was counted twice. Since
        // 3.6 etcdctl has no such command any more; that of PATH (3.4) reads every version's database.
        let theirs = Command::new("etcdctl")
            .env("ETCDCTL_API", "3")
            .args(["snapshot", "status", &to, "-w", "json"])
            .output()
            .unwrap();
        let theirs: serde_json::Value = serde_json::from_slice(&theirs.stdout)
            .unwrap_or_else(|_| panic!("etcdctl of PATH has no snapshot status: {theirs:?}"));
        for (ours, name) in [
            ("hash", "hash"),
            ("total_key", "totalKey"),
            ("total_size", "totalSize"),
            ("revision", "revision"),
        ] {
            assert_eq!(looked[ours], theirs[name], "{name} of {}", binary.display());
        }
    }
}

#[test]
fn etcdctls_own_snapshot_is_read_as_well_and_ours_is_restored_by_it() {
    let etcd = etcd::start();
    with_a_past(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let theirs = home.path().join("theirs.db").display().to_string();
    etcd.etcdctl(&["snapshot", "save", &theirs]);
    let looked = home.run(&["snapshot", "status", &theirs]).ends_with(0);
    assert!(looked.out.contains("/registry") && looked.out.contains("verified"), "{looked:?}");
    let ours = home.path().join("ours.db").display().to_string();
    home.run(&["snapshot", "--to", &ours]).ends_with(0);
    let into = home.path().join("restored").display().to_string();
    let restored = Command::new("etcdctl")
        .env("ETCDCTL_API", "3")
        .args(["snapshot", "restore", &ours, "--data-dir", &into])
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    assert!(Path::new(&into).join("member/snap/db").exists());
    let db = Path::new(&into).join("member/snap/db").display().to_string();
    home.run(&["snapshot", "status", &db]).ends_with(1).says("there is no hash at its end");
}

/// Makes a snapshot to damage, small and with everything in it.
fn sample(directory: &Path) -> Vec<u8> {
    let etcd = etcd::start();
    with_a_past(&etcd);
    let file = directory.join("sample.db");
    etcd.etcdctl(&["snapshot", "save", &file.display().to_string()]);
    bytes(&file)
}

fn looked_at(directory: &Path, bytes: &[u8]) -> Result<coredeck::snapshot::SnapshotStatus, SnapshotError> {
    let file = directory.join("damaged.db");
    fs::write(&file, bytes).unwrap();
    status(&file)
}

#[test]
fn a_snapshot_that_is_damaged_anywhere_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let whole = sample(directory.path());
    assert!(looked_at(directory.path(), &whole).is_ok());
    let places = (0..whole.len()).step_by(whole.len() / 40).chain([whole.len() - 1, whole.len() - 32]);
    for at in places {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        assert_eq!(looked_at(directory.path(), &flipped), Err(SnapshotError::Hash), "byte {at}");
    }
    let without = &whole[..whole.len() - 32];
    assert_eq!(looked_at(directory.path(), without), Err(SnapshotError::NoHash));
    assert_eq!(looked_at(directory.path(), &without[..without.len() - 512]), Err(SnapshotError::NoHash));
    assert_eq!(looked_at(directory.path(), &whole[..whole.len() - 512]), Err(SnapshotError::Hash));
    assert!(matches!(looked_at(directory.path(), &whole[..whole.len() - 1]), Err(SnapshotError::Size(_))));
    assert!(matches!(looked_at(directory.path(), &whole[..100]), Err(SnapshotError::TooSmall(100))));
    assert!(matches!(looked_at(directory.path(), b""), Err(SnapshotError::TooSmall(0))));
    assert!(matches!(status(directory.path()), Err(SnapshotError::Unreadable(_))));
    // The hash fits, but there is no database at all.
    let nothing = with_hash(vec![0; 16_384]);
    assert!(matches!(looked_at(directory.path(), &nothing), Err(SnapshotError::NoDatabase(_))));
}

fn with_hash(mut database: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&database);
    database.extend_from_slice(&hash);
    database
}

/// The maker of a file may give it the right hash as well: pages that point at themselves, behind the end and into
/// each other, elements without an end, counts of everything.
#[test]
fn a_database_that_means_harm_ends_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let whole = sample(directory.path());
    let database = &whole[..whole.len() - 32];
    let mut dice = fastrand::Rng::with_seed(0x5eed_0004);
    let (mut refused, mut passed) = (0, 0);
    for round in 0..400 {
        let mut changed = database.to_vec();
        for _ in 0..dice.usize(1..4) {
            // Most faults are possible at the beginning of a page: its number, kind, count and elements.
            let page = dice.usize(2..changed.len() / 4096) * 4096;
            let at = page + dice.usize(0..if round % 2 == 0 { 64 } else { 4096 });
            let wide = if dice.bool() { 1 } else { 4 };
            for byte in &mut changed[at..(at + wide).min(database.len())] {
                *byte = if dice.bool() { dice.u8(..) } else { [0, 0xff, 1][dice.usize(0..3)] };
            }
        }
        match looked_at(directory.path(), &with_hash(changed)) {
            Err(SnapshotError::Hash | SnapshotError::Size(_) | SnapshotError::TooSmall(_)) => {
                panic!("its hash is right")
            }
            Err(_) => refused += 1,
            Ok(_) => passed += 1,
        }
    }
    assert!(refused > 40 && passed > 20, "{refused} refused, {passed} passed");
}

#[test]
fn a_stream_that_breaks_or_is_damaged_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let whole = sample(directory.path());
    fs::remove_file(directory.path().join("sample.db")).unwrap();
    let received = |bytes: &[u8], part: usize| {
        let mut receiver = Receiver::create(&directory.path().join("out")).unwrap();
        bytes.chunks(part).for_each(|part| receiver.take(part).unwrap());
        receiver.finish()
    };
    for cut in [0, 31, 100, whole.len() - 512, whole.len() - 32, whole.len() - 1] {
        assert!(received(&whole[..cut], 1000).is_err(), "{cut}");
    }
    let mut flipped = whole.clone();
    flipped[5000] ^= 1;
    assert!(received(&flipped, 32_768).unwrap_err().to_string().contains("does not fit the hash"));
    assert_eq!(names(directory.path()), Vec::<String>::new());
    // The size of the parts does not matter.
    assert!(received(&whole, 7).is_ok());
    assert_eq!(bytes(&directory.path().join("out")), whole);
}

#[test]
fn only_root_gets_a_snapshot_and_others_are_told_what_they_can_have() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", directory.path());
    let etcd = Setup::default().mutual_tls(&authority).start();
    etcd.enable_authentication();
    let (cert, key) = authority.client("dns");
    let home = Home::of(&etcd.unrecorded_endpoint())
        .with("ETCDCTL_CACERT", &authority.certificate().display().to_string())
        .with("ETCDCTL_CERT", &cert.display().to_string())
        .with("ETCDCTL_KEY", &key.display().to_string());
    let to = home.path().join("etcd.db").display().to_string();
    home.run(&["snapshot", "--to", &to]).ends_with(3).says("role root").says("coredeck backup");
    assert!(!home.path().join("etcd.db").exists());
    home.run(&["--demo", "snapshot", "--to", &to]).ends_with(2).says("demo");
}

/// Older snapshots go by the rules of backups: an emptied etcd, a clock that is ahead and a damaged file cost no good
/// one.
#[test]
fn older_snapshots_go_and_never_the_last_good_ones() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let directory = home.path().join("snapshots");
    fs::create_dir(&directory).unwrap();
    let to = directory.display().to_string();
    // Two of one second would have one name.
    let take = |to: &str, code| {
        let ran = home.run(&["snapshot", "--to", to, "--keep-last", "1", "-o", "json"]).ends_with(code);
        ran.json().remove(0)
    };
    let first = take(&to, 0);
    let cluster_id = first["cluster_id"].as_str().unwrap().to_owned();
    let good = first["file"].as_str().unwrap().to_owned();
    let start = jiff::Timestamp::now();
    let named = |ago: jiff::SignedDuration| {
        let time = start - ago;
        directory.join(format!("etcd-{cluster_id}-{}.db", time.strftime("%Y%m%dT%H%M%SZ")))
    };
    let hours = jiff::SignedDuration::from_hours;
    for ago in 1..=5 {
        fs::copy(&good, named(hours(ago))).unwrap();
    }
    fs::remove_file(&good).unwrap();
    fs::write(named(hours(6)), "no snapshot").unwrap();
    fs::write(directory.join("etcd-by-hand.db"), "somebody's own").unwrap();
    etcd.etcdctl(&["del", "", "--prefix"]);
    etcd.put("/coredns/left", "1");

    let after = take(&format!("{to}/second.db"), 6);
    assert_eq!(after["kept"], 3, "the new one, and the newest three with keys: {after}");
    assert_eq!(after["removed"].as_array().map(Vec::len), Some(3), "{after}");
    let warnings = after["warnings"].to_string();
    assert!(warnings.contains("this snapshot has 1 key, and the one before it"), "{warnings}");
    assert!(warnings.contains("is left where it is"), "{warnings}");
    assert!(named(hours(6)).exists() && directory.join("etcd-by-hand.db").exists());
    assert!(named(hours(1)).exists(), "the newest that has all keys");

    // The clock was ahead: nothing is removed.
    let latest = after["file"].as_str().unwrap();
    fs::copy(latest, named(hours(-1))).unwrap();
    let behind = take(&format!("{to}/third.db"), 6);
    assert_eq!(behind["removed"], serde_json::Value::Null, "{behind}");
    assert!(behind["warnings"].to_string().contains("which is later"), "{behind}");
}
