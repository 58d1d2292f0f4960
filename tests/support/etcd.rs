//! Private etcd for one test or one test process: on ports that the kernel chooses, in a directory of its own, proved
//! to be ours before anything is written to it. It ends with the process that started it.
//!
//! Needs `etcd` and `etcdctl` in PATH (Debian: etcd-server, etcd-client), or `COREDECK_TEST_ETCD`.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test crate takes what it needs"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture stops its test"
)]
#![allow(clippy::disallowed_types, reason = "the fixture stands beside the program, not in it")]

#[path = "recorder.rs"]
pub mod recorder;

use super::certificates::Authority;
use etcd_client::{
    AlarmAction, AlarmOptions, AlarmType, Certificate, Client, ConnectOptions, GetOptions, Identity,
    TlsOptions,
};
use std::{
    fs::{self, File},
    future::Future,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Time limit for an etcd to become ready on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// A port that was free may be taken before etcd binds it.
const ATTEMPTS: u32 = 5;

static STARTED: AtomicU32 = AtomicU32::new(0);

/// Returns every etcd that the tests can run on: the one of `PATH` or `COREDECK_TEST_ETCD`, then those that
/// `COREDECK_TEST_ETCDS` names, separated by colons.
pub fn etcd_versions() -> Vec<PathBuf> {
    let first = std::env::var_os("COREDECK_TEST_ETCD").map_or_else(|| PathBuf::from("etcd"), PathBuf::from);
    let mut all = vec![first];
    if let Some(more) = std::env::var_os("COREDECK_TEST_ETCDS") {
        all.extend(std::env::split_paths(&more).filter(|path| !path.as_os_str().is_empty()));
    }
    all.dedup();
    all
}

/// Starts a private etcd with one member, without TLS and authentication, of the first version.
pub fn start() -> PrivateEtcd {
    Setup::default().start()
}

/// Setup of a private etcd.
#[derive(Clone, Default)]
pub struct Setup {
    binary: Option<PathBuf>,
    arguments: Vec<String>,
    tls: Option<TlsSetup>,
    auto_tls: bool,
    unproved: bool,
}

/// Files of a TLS server.
#[derive(Clone)]
pub struct TlsSetup {
    /// The server's certificate, and its key.
    pub server: (PathBuf, PathBuf),
    /// The authority of client certificates; if there is one, the server asks for them.
    pub clients: Option<PathBuf>,
    /// The files with which the fixture itself connects.
    pub ca: PathBuf,
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Setup {
    pub fn binary(mut self, path: &Path) -> Self {
        self.binary = Some(path.to_owned());
        self
    }

    /// Adds an argument of etcd: `--auth-token-ttl=3`.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub fn tls(mut self, tls: TlsSetup) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets TLS with client certificates, the server's name being 127.0.0.1 and localhost, the fixture's `CN=root`.
    pub fn mutual_tls(self, authority: &Authority) -> Self {
        self.tls(TlsSetup {
            server: authority.server("server", &["127.0.0.1", "localhost"]),
            clients: Some(authority.certificate()),
            ca: authority.certificate(),
            client: Some(authority.client("root")),
        })
    }

    /// Sets TLS with a certificate that etcd makes for itself (`--auto-tls`), and which is its own authority.
    pub fn auto_tls(mut self) -> Self {
        self.auto_tls = true;
        self
    }

    /// Allows a server that no client can connect to, if a test is about that: the fixture only waits until it
    /// listens. Nothing may be written to it.
    pub fn without_proof(mut self) -> Self {
        self.unproved = true;
        self
    }

    pub fn start(self) -> PrivateEtcd {
        PrivateEtcd { cluster: self.start_cluster(1), recorded: OnceLock::new() }
    }

    pub fn start_cluster(self, size: usize) -> PrivateCluster {
        for attempt in 1..=ATTEMPTS {
            match self.attempt(size) {
                Ok(cluster) => return cluster,
                Err(why) if attempt == ATTEMPTS => panic!("no private etcd could be started: {why}"),
                Err(_) => {}
            }
        }
        unreachable!("the last attempt panics")
    }

    fn attempt(&self, size: usize) -> Result<PrivateCluster, String> {
        let binary = self.binary.clone().unwrap_or_else(|| etcd_versions().remove(0));
        let token = format!("coredeck-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let dir = tempfile::Builder::new().prefix("coredeck-etcd-").tempdir().unwrap();
        let scheme = if self.tls.is_some() || self.auto_tls { "https" } else { "http" };
        // All ports are held at once, so that no two are the same, and let go just before etcd binds them.
        let held: Vec<(TcpListener, TcpListener)> = (0..size).map(|_| (listen(), listen())).collect();
        let places: Vec<(u16, u16)> = held.iter().map(|(client, peer)| (port(client), port(peer))).collect();
        let name = |number: usize| format!("{token}-m{number}");
        let initial = places.iter().enumerate();
        let initial: Vec<String> =
            initial.map(|(n, (_, peer))| format!("{}=http://127.0.0.1:{peer}", name(n))).collect();
        drop(held);
        let members = places.iter().enumerate().map(|(number, (client, peer))| {
            let mut arguments = vec![
                format!("--name={}", name(number)),
                format!("--data-dir={}", dir.path().join(format!("m{number}")).display()),
                format!("--listen-client-urls={scheme}://127.0.0.1:{client}"),
                format!("--advertise-client-urls={scheme}://127.0.0.1:{client}"),
                format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
                format!("--initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
                format!("--initial-cluster={}", initial.join(",")),
                format!("--initial-cluster-token={token}"),
                "--heartbeat-interval=100".to_owned(),
                "--election-timeout=1000".to_owned(),
            ];
            if let Some(tls) = &self.tls {
                arguments.push(format!("--cert-file={}", tls.server.0.display()));
                arguments.push(format!("--key-file={}", tls.server.1.display()));
                if let Some(authority) = &tls.clients {
                    arguments.push(format!("--trusted-ca-file={}", authority.display()));
                    arguments.push("--client-cert-auth=true".to_owned());
                }
            }
            if self.auto_tls {
                arguments.push("--auto-tls".to_owned());
            }
            arguments.extend(self.arguments.iter().cloned());
            Member {
                name: name(number),
                endpoint: format!("{scheme}://127.0.0.1:{client}"),
                log: dir.path().join(format!("m{number}.log")),
                binary: binary.clone(),
                arguments,
                running: None,
            }
        });
        let mut cluster = PrivateCluster { members: members.collect(), tls: self.tls.clone(), dir };
        for member in &mut cluster.members {
            member.spawn();
        }
        if self.auto_tls {
            // It is made before anything listens.
            cluster.wait_until_it_listens()?;
            let made = |file: &str| cluster.data(0).join("fixtures/client").join(file);
            let (ca, key) = (made("cert.pem"), made("key.pem"));
            cluster.tls = Some(TlsSetup { server: (ca.clone(), key), clients: None, ca, client: None });
        }
        if self.auto_tls {
            // Nobody else has the key of a certificate that it made a moment ago: the server that answers is ours.
            cluster.wait_until_etcdctl_is_answered()?;
        } else if self.unproved {
            cluster.wait_until_it_listens()?;
        } else {
            cluster.wait_until_ready()?;
            cluster.prove_that_it_is_ours()?;
        }
        Ok(cluster)
    }
}

/// One private etcd.
pub struct PrivateEtcd {
    cluster: PrivateCluster,
    recorded: OnceLock<String>,
}

impl std::ops::Deref for PrivateEtcd {
    type Target = PrivateCluster;

    fn deref(&self) -> &PrivateCluster {
        &self.cluster
    }
}

impl std::ops::DerefMut for PrivateEtcd {
    fn deref_mut(&mut self) -> &mut PrivateCluster {
        &mut self.cluster
    }
}

impl PrivateEtcd {
    /// Returns its URL for the program under test: `http://127.0.0.1:40001`. If the run is recorded, the recorder's.
    pub fn endpoint(&self) -> String {
        self.recorded.get_or_init(|| recorder::recorded(self.endpoints().remove(0))).clone()
    }

    /// Returns the URL without a recorder, for a test that leaves the scope on purpose.
    pub fn unrecorded_endpoint(&self) -> String {
        self.endpoints().remove(0)
    }

    /// Returns its log.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.cluster.members[0].log).unwrap_or_default()
    }
}

/// Members of one private cluster. Stopped when it is dropped, and when this process ends in any other way.
pub struct PrivateCluster {
    members: Vec<Member>,
    tls: Option<TlsSetup>,
    dir: TempDir,
}

impl PrivateCluster {
    pub fn endpoints(&self) -> Vec<String> {
        self.members.iter().map(|member| member.endpoint.clone()).collect()
    }

    /// Returns the certificates that its clients trust.
    pub fn authority(&self) -> &Path {
        &self.tls.as_ref().expect("it speaks TLS").ca
    }

    /// Returns a directory for a test's own files, removed with the cluster.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Kills a member as a power cut would.
    pub fn kill(&mut self, number: usize) {
        self.members[number].running = None;
    }

    /// Starts a killed member again with its stored data.
    pub fn restart(&mut self, number: usize) {
        self.members[number].spawn();
        self.wait_until_ready().unwrap();
    }

    /// Starts all members that were killed.
    pub fn restart_all(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.running.is_none()) {
            member.spawn();
        }
        self.wait_until_ready().unwrap();
    }

    /// Returns the data directory of a member.
    pub fn data(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("m{number}"))
    }

    /// Adds a learner and starts it. Returns its number. From here on `etcdctl` may ask it, and be refused.
    pub fn join_as_learner(&mut self) -> usize {
        let number = self.members.len();
        let first = &self.members[0];
        let name = format!("{}-late", first.name);
        let (client, peer) = (listen(), listen());
        let (scheme, _) = first.endpoint.split_once("://").unwrap();
        let endpoint = format!("{scheme}://127.0.0.1:{}", port(&client));
        let peer_url = format!("http://127.0.0.1:{}", port(&peer));
        self.etcdctl(&["member", "add", &name, "--learner", "--peer-urls", &peer_url]);
        let data = self.dir.path().join("late");
        let argument = |argument: &String| {
            let (flag, value) = argument.split_once('=').unwrap();
            let value = match flag {
                "--name" => name.clone(),
                "--data-dir" => data.display().to_string(),
                "--listen-client-urls" | "--advertise-client-urls" => endpoint.clone(),
                "--listen-peer-urls" | "--initial-advertise-peer-urls" => peer_url.clone(),
                "--initial-cluster" => format!("{value},{name}={peer_url}"),
                _ => value.to_owned(),
            };
            format!("{flag}={value}")
        };
        let mut arguments: Vec<String> = first.arguments.iter().map(argument).collect();
        arguments.push("--initial-cluster-state=existing".to_owned());
        let (log, binary) = (data.with_extension("log"), first.binary.clone());
        drop((client, peer));
        self.members.push(Member { name, endpoint, log, binary, arguments, running: None });
        self.members[number].spawn();
        self.wait_until_it_listens().unwrap();
        number
    }

    /// Starts a proxy before the first member (`etcd grpc-proxy`), which ends with the test. Returns its endpoint.
    pub fn start_proxy(&self) -> (Proxy, String) {
        let first = &self.members[0];
        let listener = listen();
        let address = format!("127.0.0.1:{}", port(&listener));
        drop(listener);
        let mut proxy = Command::new(&first.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ETCD") {
                proxy.env_remove(name);
            }
        }
        let log = File::create(self.dir.path().join(format!("proxy-{address}.log"))).unwrap();
        proxy
            .args(["grpc-proxy", "start"])
            .arg(format!("--endpoints={}", first.endpoint))
            .arg(format!("--listen-addr={address}"))
            // It asks itself for its health, and ends if nobody answers there (3.5 and later).
            .arg(format!("--advertise-client-url={address}"))
            .arg(format!("--data-dir={}", self.dir.path().join("proxy").display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let proxy = Proxy(proxy.spawn().unwrap());
        let deadline = Instant::now() + READY_WITHIN;
        while TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < deadline, "the proxy never listened at {address}");
            thread::sleep(Duration::from_millis(20));
        }
        (proxy, format!("http://{address}"))
    }

    /// Stops a member's process, sockets open (SIGSTOP).
    pub fn pause(&self, number: usize) {
        self.members[number].signal("STOP");
    }

    /// Lets a member go on (SIGCONT).
    pub fn resume(&self, number: usize) {
        self.members[number].signal("CONT");
    }

    /// Raises an alarm of the first member, as a member does that has a reason to.
    pub fn raise(&self, alarm: AlarmType) {
        self.with_client(&self.members[0].endpoint, |client| async move {
            let mut maintenance = client.maintenance_client();
            let status = maintenance.status().await.unwrap();
            let member = status.header().unwrap().member_id();
            let mut options = AlarmOptions::new();
            options.with_member(member);
            maintenance.alarm(AlarmAction::Activate, alarm, Some(options)).await.unwrap();
        })
        .unwrap();
    }

    /// Returns the leader's number, once all members agree on one.
    pub fn leader(&self) -> usize {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let ids: Vec<(u64, u64)> = self
                .members
                .iter()
                .map(|member| {
                    self.with_client(&member.endpoint, |mut client| async move {
                        let status = client.status().await.unwrap();
                        (status.header().unwrap().member_id(), status.leader())
                    })
                    .unwrap()
                })
                .collect();
            let leader = ids.iter().position(|(id, leader)| id == leader);
            match leader {
                Some(leader) if ids.iter().all(|(_, said)| *said == ids[leader].0) => return leader,
                _ => assert!(Instant::now() < deadline, "no leader: {ids:?}"),
            }
        }
    }

    /// Runs `etcdctl` against this cluster and returns its output. Panics when it fails.
    pub fn etcdctl(&self, arguments: &[&str]) -> String {
        let output = self.try_etcdctl(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "etcdctl {arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `etcdctl` against this cluster, whatever comes of it.
    pub fn try_etcdctl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.tool());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ETCDCTL_") {
                command.env_remove(name);
            }
        }
        command.env("ETCDCTL_API", "3").arg("--endpoints").arg(self.endpoints().join(","));
        if let Some(tls) = &self.tls {
            command.arg("--cacert").arg(&tls.ca);
            if let Some((cert, key)) = &tls.client {
                command.arg("--cert").arg(cert).arg("--key").arg(key);
            }
        }
        command.args(arguments).output().expect("etcdctl runs")
    }

    /// Puts one key, whatever it is. `user` is `root:root` once authentication is on.
    pub fn put(&self, key: &str, value: &str) {
        self.etcdctl(&["put", "--", key, value]);
    }

    /// Turns authentication on, with `root:root`, and `dns:dns` who may read and write `/coredns/` and no more.
    pub fn enable_authentication(&self) {
        self.prepare_users();
        self.etcdctl(&["auth", "enable"]);
    }

    /// Makes the same users, while authentication stays as it is.
    pub fn prepare_users(&self) {
        for line in [
            "user add root:root",
            "user grant-role root root",
            "role add dns",
            "role grant-permission dns --prefix=true readwrite /coredns/",
            "user add dns:dns",
            "user grant-role dns dns",
        ] {
            // etcd makes the role `root` by itself, but some versions want it to be made.
            if line.starts_with("user grant-role root") {
                let _ = self.try_etcdctl(&["role", "add", "root"]);
            }
            self.etcdctl(&line.split(' ').collect::<Vec<_>>());
        }
    }

    /// Returns the `etcdctl` beside this etcd, or the one of PATH.
    pub fn tool(&self) -> PathBuf {
        let beside = self.members[0].binary.with_file_name("etcdctl");
        if beside.components().count() > 1 && beside.exists() { beside } else { PathBuf::from("etcdctl") }
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + READY_WITHIN;
        for number in 0..self.members.len() {
            loop {
                if self.members[number].running.is_none() {
                    break;
                }
                if let Some(said) = self.members[number].ended() {
                    return Err(said);
                }
                let answered = self.with_client(&self.members[number].endpoint, |mut client| async move {
                    client.get("ready", Some(GetOptions::new().with_count_only())).await.map(drop)
                });
                match answered {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) | Err(error) if Instant::now() > deadline => {
                        let log = fs::read_to_string(&self.members[number].log).unwrap_or_default();
                        return Err(format!("not ready: {error}\n{log}"));
                    }
                    // Another question at once would only take the processor from the etcd that is starting.
                    _ => thread::sleep(Duration::from_millis(20)),
                }
            }
        }
        Ok(())
    }

    /// Waits for etcdctl, because the library does not connect: it refuses a server's certificate that is a CA's as
    /// well.
    fn wait_until_etcdctl_is_answered(&self) -> Result<(), String> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let answer = self.try_etcdctl(&["get", "ready"]);
            if answer.status.success() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("not ready: {}", String::from_utf8_lossy(&answer.stderr)));
            }
        }
    }

    fn wait_until_it_listens(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + READY_WITHIN;
        for member in &mut self.members {
            let address = member.endpoint.rsplit('/').next().unwrap().to_owned();
            while TcpStream::connect(&address).is_err() {
                if let Some(said) = member.ended() {
                    return Err(said);
                }
                assert!(Instant::now() < deadline, "{address} never listened");
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Proves that it is no etcd of somebody else: its members have our names and its store is untouched.
    fn prove_that_it_is_ours(&self) -> Result<(), String> {
        for member in &self.members {
            let (mut names, revision) = self
                .with_client(&member.endpoint, |mut client| async move {
                    let members = client.member_list().await.unwrap();
                    let got = client.get("ours", Some(GetOptions::new().with_count_only())).await.unwrap();
                    let names: Vec<String> = members.members().iter().map(|m| m.name().to_owned()).collect();
                    (names, got.header().unwrap().revision())
                })
                .map_err(|error| error.to_string())?;
            names.sort();
            let mut ours: Vec<String> = self.members.iter().map(|member| member.name.clone()).collect();
            ours.sort();
            if names != ours || revision != 1 {
                return Err(format!("{} is not ours: {names:?} at {revision}", member.endpoint));
            }
        }
        Ok(())
    }

    /// Runs `work` with the etcd client of a thread of its own, so that it works in any kind of test.
    pub fn with_client<T: Send, F: Future<Output = T>>(
        &self,
        endpoint: &str,
        work: impl FnOnce(Client) -> F + Send,
    ) -> Result<T, etcd_client::Error> {
        let mut options = ConnectOptions::new()
            .with_connect_timeout(Duration::from_secs(2))
            .with_timeout(Duration::from_secs(5));
        if let Some(tls) = &self.tls {
            let mut config =
                TlsOptions::new().ca_certificate(Certificate::from_pem(fs::read(&tls.ca).unwrap()));
            if let Some((cert, key)) = &tls.client {
                config = config.identity(Identity::from_pem(fs::read(cert).unwrap(), fs::read(key).unwrap()));
            }
            options = options.with_tls(config);
        }
        thread::scope(|scope| {
            let run = scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let client = Client::connect([endpoint], Some(options)).await?;
                    Ok(work(client).await)
                })
            });
            run.join().unwrap()
        })
    }
}

/// Proxy that runs.
pub struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Member {
    name: String,
    endpoint: String,
    log: PathBuf,
    binary: PathBuf,
    arguments: Vec<String>,
    running: Option<Running>,
}

impl Member {
    fn spawn(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ETCD") {
                command.env_remove(name);
            }
        }
        let etcd = command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", self.binary.display()));
        // A static is never dropped, and a killed test drops nothing: the end of this pipe is the end of etcd.
        let watcher = Command::new("sh")
            .args(["-c", "read _; kill -9 \"$0\"; rm -rf \"$DIR\"", &etcd.id().to_string()])
            .env("DIR", self.log.parent().expect("the log lies in the fixture's own directory"))
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        self.running = Some(Running { etcd, watcher });
    }

    fn ended(&mut self) -> Option<String> {
        let status = self.running.as_mut()?.etcd.try_wait().unwrap()?;
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        Some(format!("{} ended with {status}:\n{log}", self.binary.display()))
    }

    fn signal(&self, signal: &str) {
        let pid = self.running.as_ref().expect("it runs").etcd.id();
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status().unwrap();
        assert!(sent.success());
    }
}

struct Running {
    etcd: Child,
    watcher: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The watcher goes first: afterwards the id could be another process's.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
        let _ = self.etcd.kill();
        let _ = self.etcd.wait();
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}
