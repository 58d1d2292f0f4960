//! A change of many transactions under which members die: none is made twice, and what is said of it is so.
use crate::{
    cli::Run,
    lab::{Lab, told},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _, fs, thread, time::Instant};

const KEYS: usize = 2_560;
const NAME: &str = "/coredns/org/example/";

/// Imports many records, and does something in the middle of it.
fn import(lab: &mut Lab, fault: impl FnOnce(&mut Lab)) -> Run {
    let mut lines = String::new();
    for number in 0..KEYS {
        let _ = writeln!(lines, r#"{{"key":"{NAME}n{number:05}/x1","value":{{"host":"10.0.0.1"}}}}"#);
    }
    let file = lab.home.path().join("records.jsonl");
    fs::write(&file, lines).unwrap();
    let expect = KEYS.to_string();
    let arguments =
        ["import", file.to_str().unwrap(), "--confirm", "/coredns/", "--expect", &expect, "-o", "json"];
    let command = lab.command(lab.cluster.leader(), &arguments);
    let running = thread::spawn(move || Run::of(command));
    // It is in the middle when something of it is there.
    while written(lab).is_empty() {
        assert!(!running.is_finished(), "{:?}", running.join());
    }
    fault(lab);
    running.join().unwrap()
}

/// Each key that is there, with how often it was written. Asked of any member that answers.
fn written(lab: &Lab) -> BTreeMap<String, u64> {
    let output = lab.cluster.try_etcdctl(&["get", "--prefix", "-w", "json", "--", NAME]);
    let Ok(listing) = serde_json::from_slice::<Value>(&output.stdout) else { return BTreeMap::new() };
    let kvs = listing["kvs"].as_array().cloned().unwrap_or_default();
    let one = |kv: &Value| (kv["key"].as_str().unwrap().to_owned(), kv["version"].as_u64().unwrap());
    kvs.iter().map(one).collect()
}

/// What is there was written once, and what was said of it is so.
fn check(lab: &Lab, run: &Run) {
    let there = written(lab);
    assert!(there.values().all(|version| *version == 1), "a key was written more than once");
    let line = run.json().remove(0);
    let (outcome, changed) = (line["outcome"].as_str().unwrap(), line["changed"].as_u64().unwrap());
    let known = usize::try_from(changed).unwrap();
    let unsure = line["unsure"].as_array().map_or(0, Vec::len);
    assert!((known..=known + unsure).contains(&there.len()), "{outcome}: {known}, {unsure}, {}", there.len());
    assert_eq!(outcome == "done", run.code == 0 && there.len() == KEYS, "{outcome}: {}", there.len());
    let log = lab.home.run(&["log", "-o", "json"]).ends_with(0).json().pop().unwrap();
    assert_eq!(log["outcome"], outcome, "{log}");
}

#[test]
fn a_leader_that_dies_under_a_change_loses_no_write_and_makes_none_twice() {
    let mut lab = Lab::new();
    let since = Instant::now();
    let run = import(&mut lab, |lab| {
        let leader = lab.cluster.leader();
        lab.cluster.kill(leader);
    });
    check(&lab, &run);
    told("the leader dies under a change", run.json()[0]["outcome"].as_str().unwrap(), since.elapsed());
}

#[test]
fn a_change_that_loses_its_quorum_says_what_is_done_and_can_be_resumed() {
    let mut lab = Lab::new();
    let since = Instant::now();
    let run = import(&mut lab, |lab| {
        lab.cluster.kill(0);
        lab.cluster.kill(1);
    });
    told("two die under a change", run.json()[0]["outcome"].as_str().unwrap(), since.elapsed());
    lab.cluster.restart(0);
    lab.cluster.restart(1);
    check(&lab, &run);
    if run.code != 0 {
        let entry = lab.home.run(&["log", "-o", "json"]).ends_with(0).json().pop().unwrap();
        let id = entry["id"].as_str().unwrap().to_owned();
        let left = (KEYS - written(&lab).len()).to_string();
        lab.run(0, &["resume", &id, "--confirm", "/coredns/", "--expect", &left]).ends_with(0);
        let there = written(&lab);
        assert!(there.len() == KEYS && there.values().all(|version| *version == 1));
    }
}
