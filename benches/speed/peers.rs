//! The programs that the deck is compared with.
use super::terminal::peak_memory;
use etcd_client::{Client, GetOptions};
use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs a program to its end; the time that took, and its peak memory. `None` when it is missing or failed.
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
    // A process that has ended has no peak any more, so it is looked at while it runs.
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

/// `etcdctl get --prefix` of a key, with or without values.
pub(super) fn etcdctl_get(endpoint: &str, prefix: &str, keys_only: bool) -> Option<(Duration, u64)> {
    let mut arguments = vec!["--endpoints", endpoint, "get", "--prefix"];
    arguments.extend(keys_only.then_some("--keys-only"));
    arguments.push(prefix);
    run("etcdctl", &arguments)
}

/// A client that reads the whole scope with values in one go and does nothing with it: connected, asked, answered.
pub(super) fn bare_client(endpoint: &str) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let began = Instant::now();
        let client = Client::connect([endpoint], None).await.unwrap();
        let mut kv = client.kv_client().max_decoding_message_size(usize::MAX);
        let all = kv.get("/coredns/", Some(GetOptions::new().with_range("/coredns0"))).await.unwrap();
        let took = began.elapsed();
        assert!(!all.kvs().is_empty());
        took
    })
}
