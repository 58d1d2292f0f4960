//! Commands that `etcdctl watch` runs, compared with their explanation: each line is run, a key that it waits for is
//! written, and the deleted keys are compared.
use super::{
    Does, KEYS, etcd,
    etcd::{PrivateEtcd, Setup},
    hit, present, programs, scope, which,
};
use coredeck::etcdctl::{Danger, explain};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The line, and its effect when a key below `/trigger/` is written.
const LINES: &[(&str, Does)] = &[
    ("etcdctl watch /trigger/ --prefix -- etcdctl del --prefix /registry", Does::Deletes),
    ("etcdctl watch --prefix /trigger/ -- etcdctl del --prefix /registry", Does::Deletes),
    ("etcdctl watch /trigger/a -- sh -c \"etcdctl del --prefix /registry\"", Does::Deletes),
    ("etcdctl wat /trigger/a /trigger/b -w simple -- etcdctl del --prefix /registry", Does::Deletes),
    ("ETCDCTL_WATCH_KEY=/trigger/a etcdctl watch -- etcdctl del --prefix /registry", Does::Deletes),
    (
        "ETCDCTL_WATCH_KEY=/trigger ETCDCTL_WATCH_RANGE_END=/trigger0 etcdctl watch -- etcdctl del /registry/pods/p1",
        Does::Deletes,
    ),
    ("etcdctl watch /trigger/a -- etcdctl lock x -- etcdctl del --prefix /registry", Does::Deletes),
    ("etcdctl watch /trigger/a etcdctl del --prefix", Does::Nothing),
    ("etcdctl watch /trigger/ --prefix", Does::Nothing),
    ("etcdctl watch -- etcdctl del --prefix /registry", Does::Refuses),
    ("etcdctl watch /trigger/a --", Does::Refuses),
    (
        "ETCDCTL_WATCH_KEY=/trigger/a etcdctl watch /trigger/a -- etcdctl del --prefix /registry",
        Does::Refuses,
    ),
];

/// Line that goes on until it is ended, with everything that it has started.
struct Running(Child);

impl Running {
    fn start(text: &str, programs: &Path, shown: &Path) -> Self {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile", "-c", text]).env_clear().env("PATH", programs);
        let out = fs::File::create(shown).unwrap();
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).process_group(0);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("kill -9 -- -{}", self.0.id());
        let _ = Command::new("bash").args(["-c", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// Runs a line, and returns the difference between its effect and its explanation.
fn compare(etcd: &PrivateEtcd, programs: &Path, text: &str, does: Does) -> Result<(), String> {
    for key in KEYS {
        etcd.put(key, "value");
    }
    let explained = explain(text.as_bytes(), &scope());
    let worst = explained.iter().max_by_key(|one| (one.deletes, one.verdict)).unwrap();
    let shown = programs.join("shown");
    let gone = || {
        let there = present(etcd);
        KEYS.iter()
            .filter(|key| !there.contains_key(**key))
            .map(|key| (*key).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let mut running = Running::start(text, programs, &shown);
    let deadline = Instant::now() + Duration::from_secs(120);
    let (lost, refused) = loop {
        // It may not be waiting yet when the first key is written.
        etcd.put("/trigger/a", "x");
        let lost = gone();
        let has_seen = fs::read_to_string(&shown).unwrap().contains("/trigger/a");
        let ended = running.0.try_wait().unwrap();
        if !lost.is_empty() || ended.is_some() || has_seen && does != Does::Deletes {
            break (gone(), ended.is_some_and(|status| !status.success()));
        }
        if Instant::now() > deadline {
            return Err(format!("nothing came of it\n  explained: {explained:?}"));
        }
    };
    let as_was_said = match does {
        Does::Deletes => {
            lost == hit(worst)
                && worst.deletes
                && explained.iter().all(|one| one.verdict == Danger::Dangerous)
        }
        Does::Refuses => lost.is_empty() && refused && worst.verdict == Danger::Invalid,
        Does::Nothing | Does::Reads | Does::Writes => {
            lost.is_empty() && !refused && worst.verdict == Danger::Harmless
        }
    };
    if as_was_said {
        Ok(())
    } else {
        Err(format!("gone {lost:?}, refused {refused}\n  explained: {explained:?}"))
    }
}

#[test]
fn what_watch_runs_is_what_was_explained() {
    let mut wrong = Vec::new();
    for binary in etcd::etcd_versions() {
        let etcd = Setup::default().binary(&binary).start();
        let programs = programs(&etcd, &which(&binary));
        for (text, does) in LINES {
            if let Err(what) = compare(&etcd, programs.path(), text, *does) {
                wrong.push(format!("{text:?} with {}\n  {what}", binary.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines are not what was said:\n{}", wrong.len(), wrong.join("\n"));
}
