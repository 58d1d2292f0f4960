//! Saving of everything and its return, beside etcd's own tools.
use super::{
    deck::Place,
    numbers::{Times, median},
    peers,
    report::{Aim, Peer, Report, megabytes, note, ratio, time, times},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const COREDECK: &str = env!("CARGO_BIN_EXE_coredeck");

/// Measures a backup, which is compressed, brought to disk, read back and verified, beside
/// `etcdctl get --prefix -w json`, whose output is thrown away; and a snapshot beside etcdctl's.
pub(super) fn saving(place: &Place<'_>, runs: usize, report: &mut Report) -> PathBuf {
    let (mut ours, mut theirs, mut peaks, mut their_peaks) =
        (Times::default(), Times::default(), vec![], vec![]);
    let mut file = PathBuf::new();
    for run in 0..runs {
        let to = place.home.join(format!("backup-{run}.jsonl.gz"));
        peers::settle();
        let arguments = ["--endpoints", place.endpoint, "backup", "--to", &to.display().to_string()];
        let Some((took, peak)) = peers::run(COREDECK, &arguments) else {
            report.broken("coredeck backup has failed");
            return file;
        };
        ours.push(took);
        peaks.push(peak);
        file = to;
        peers::settle();
        let arguments = ["--endpoints", place.endpoint, "get", "--prefix", "-w", "json", "/coredns/"];
        if let Some((took, peak)) = peers::run("etcdctl", &arguments) {
            theirs.push(took);
            their_peaks.push(peak);
        }
    }
    let peer = if theirs.len() == 0 {
        Peer::skipped("etcdctl")
    } else {
        let told = format!("etcdctl get -w json {}, {}", times(&theirs), megabytes(median(their_peaks)));
        Peer { told, ratio: format!("{:.2} times", ratio(ours.median(), theirs.median())) }
    };
    let told = format!("{}, {}", times(&ours), megabytes(median(peaks)));
    report.row("backup, verified", &told, &peer, Aim::None);
    note(&format!("the file has {}", megabytes(fs::metadata(&file).map_or(0, |file| file.len()))));
    snapshot(place, runs, report);
    file
}

fn snapshot(place: &Place<'_>, runs: usize, report: &mut Report) {
    let (mut ours, mut theirs, mut looks) = (Times::default(), Times::default(), Times::default());
    for run in 0..runs {
        let to = |whose: &str| place.home.join(format!("{whose}-{run}.db")).display().to_string();
        peers::settle();
        let (our, their) = (to("ours"), to("theirs"));
        let Some((took, _)) =
            peers::run(COREDECK, &["--endpoints", place.endpoint, "snapshot", "--to", &our])
        else {
            return report.broken("coredeck snapshot has failed");
        };
        ours.push(took);
        peers::settle();
        if let Some((took, _)) =
            peers::run("etcdctl", &["--endpoints", place.endpoint, "snapshot", "save", &their])
        {
            theirs.push(took);
        }
        if let Some((took, _)) = peers::run(COREDECK, &["snapshot", "status", &our]) {
            looks.push(took);
        }
        let _ = (fs::remove_file(our), fs::remove_file(their));
    }
    let peer = if theirs.len() == 0 {
        Peer::skipped("etcdctl")
    } else {
        let told = format!("etcdctl snapshot save {}", times(&theirs));
        Peer { told, ratio: format!("{:.2} times", ratio(ours.median(), theirs.median())) }
    };
    report.row("snapshot, verified and looked into", &times(&ours), &peer, Aim::None);
    note(&format!("looking into one takes {}", times(&looks)));
}

/// Restores everything into an empty etcd, with plan, guards and journal, beside a client that only puts.
pub(super) fn restoring(
    file: &Path,
    into: &str,
    home: &Path,
    loaded: Duration,
    size: usize,
    report: &mut Report,
) {
    let Some(cluster) = cluster(file) else { return report.broken("the backup has no cluster") };
    let began = Instant::now();
    let mut command = Command::new(COREDECK);
    let restored = command
        .args(["--endpoints", into, "restore", &file.display().to_string(), "--from-cluster", &cluster])
        .args(["--confirm", "/coredns/"])
        .env("XDG_STATE_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let took = began.elapsed();
    if !restored.status.success() {
        let said = String::from_utf8_lossy(&restored.stderr).into_owned();
        return report.broken(said.lines().last().unwrap_or("coredeck restore has failed"));
    }
    let peer = Peer {
        told: format!("bare puts, 128 a transaction, 16 at once: {}", time(loaded)),
        ratio: format!("{:.1} times", ratio(took, loaded)),
    };
    report.row(&format!("restore of {size}, with journal"), &time(took), &peer, Aim::None);
}

/// Returns the cluster that a file was made of.
fn cluster(file: &Path) -> Option<String> {
    let reader = coredeck::archive::ArchiveReader::open(file).ok()?;
    Some(reader.heading().cluster.to_string())
}
