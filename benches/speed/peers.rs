//! Peers: programs that the deck is compared with.
use super::terminal::peak_memory;
use etcd_client::{Client, GetOptions};
use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs a program to its end; returns its time, and its peak memory. `None` if it is missing or failed.
pub(super) fn run(program: &str, arguments: &[&str]) -> Option<(Duration, u64)> {
    let began = Instant::now();
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ETCDCTL")) {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .env("ETCDCTL_API", "3")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let id = child.id();
    // A process that has ended has no peak any more, so its peak is read while it runs.
    let peak = thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = peak_memory(id) {
            peak = now;
            thread::sleep(Duration::from_millis(10));
        }
        peak
    });
    let status = child.wait().ok()?;
    let took = began.elapsed();
    let peak = peak.join().ok()?;
    status.success().then_some((took, peak))
}

/// Runs `etcdctl get --prefix` of a key, with or without values.
pub(super) fn etcdctl_get(endpoint: &str, prefix: &str, keys_only: bool) -> Option<(Duration, u64)> {
    let mut arguments = vec!["--endpoints", endpoint, "get", "--prefix"];
    arguments.extend(keys_only.then_some("--keys-only"));
    arguments.push(prefix);
    run("etcdctl", &arguments)
}

/// Returns the cluster's id.
pub(super) fn cluster(endpoint: &str) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Client::connect([endpoint], None).await.unwrap();
        let found = client.kv_client().get("/coredns/", None).await.unwrap();
        found.header().expect("a header").cluster_id()
    })
}

/// Argument with which this program is the bare client.
pub(super) const BARE_CLIENT: &str = "bare-client";

/// Runs a client that reads the whole scope with values in one go, or only its first record, and does nothing with
/// it: it connects, asks and gets the answer. A limit does not keep etcd from counting the whole range.
///
/// It runs in a process of its own: a child of a process that has held so much memory starts later.
pub(super) fn bare_client(endpoint: &str, limit: i64) -> Duration {
    let program = std::env::current_exe().unwrap();
    let limit = limit.to_string();
    let output = Command::new(program).args([BARE_CLIENT, endpoint, &limit]).output().unwrap();
    Duration::from_nanos(String::from_utf8_lossy(&output.stdout).trim().parse().expect("a time"))
}

/// Acts as the bare client itself. Prints its time in nanoseconds.
pub(super) fn be_bare_client(arguments: &[String]) {
    let [endpoint, limit] = arguments else { panic!("an endpoint and a limit") };
    let limit = limit.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let began = Instant::now();
        let client = Client::connect([endpoint], None).await.unwrap();
        let mut kv = client.kv_client().max_decoding_message_size(usize::MAX);
        let all = GetOptions::new().with_range("/coredns0").with_limit(limit);
        let found = kv.get("/coredns/", Some(all)).await.unwrap();
        let took = began.elapsed();
        assert!(!found.kvs().is_empty());
        println!("{}", took.as_nanos());
    });
}

/// Waits until etcd has finished its work after a large answer, or after a client that went away in the middle of
/// one, so that each measurement starts on the same etcd.
pub(super) fn settle() {
    thread::sleep(Duration::from_millis(400));
}
