//! Private `CoreDNS` for one test process: on loopback and ports that the kernel chooses, with a Corefile in a
//! directory of its own. The fixture waits until it answers, and it ends with the process that started it.
//!
//! Needs the binary that `tests/run` builds from `tests/coredns`, named by `COREDECK_TEST_COREDNS`.
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

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Time limit for a server to become ready, or to answer, on a busy machine. A reply that comes never takes so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// A port that was free may be taken before `CoreDNS` binds it.
const ATTEMPTS: u32 = 5;
/// miekg/dns closes a connection after 128 questions (server.go:18), and the probe is one.
const BATCH: usize = 100;

/// Returns the binary, or `None` if there was no Go to build it with. `tests/run` reports that, and fails under
/// `CI=true`.
pub fn binary() -> Option<PathBuf> {
    std::env::var_os("COREDECK_TEST_COREDNS").map(PathBuf::from).filter(|path| !path.as_os_str().is_empty())
}

/// Returns its version: major, minor and patch.
pub fn version(binary: &std::path::Path) -> (u16, u16, u16) {
    let said = Command::new(binary).arg("-version").output().expect("CoreDNS runs").stdout;
    let said = String::from_utf8_lossy(&said);
    let numbers = said.strip_prefix("CoreDNS-").and_then(|rest| rest.split_whitespace().next());
    let numbers: Vec<u16> = numbers.unwrap_or_default().split('.').flat_map(str::parse).collect();
    let [major, minor, patch] = numbers[..] else { panic!("what version is {said:?}?") };
    (major, minor, patch)
}

/// Configuration of the server. The number of a port between `@` stands for the port: `example.org:@0@ { etcd }`.
pub struct Corefile {
    pub text: String,
    /// The number of ports that the text names.
    pub ports: usize,
    /// A question for each port that it always answers: it shows that the server is ready, and tells silence from
    /// slowness.
    pub probes: Vec<Query>,
    /// The files beside the Corefile: name and content.
    pub files: Vec<(&'static str, String)>,
}

/// Question as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The labels, leftmost first, 1 to 63 bytes each.
    pub labels: Vec<Vec<u8>>,
    pub kind: u16,
}

impl Query {
    fn encode(&self, id: u16) -> Vec<u8> {
        let mut message = id.to_be_bytes().to_vec();
        // A standard query, recursion desired, one question.
        message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        for label in &self.labels {
            assert!((1..=63).contains(&label.len()), "{label:?} is no label");
            message.push(u8::try_from(label.len()).unwrap());
            message.extend(label);
        }
        message.push(0);
        message.extend(self.kind.to_be_bytes());
        message.extend([0, 1]);
        message
    }
}

/// `CoreDNS` that runs. Stopped when it is dropped, and when this process ends in any other way.
pub struct PrivateCoreDns {
    ports: Vec<u16>,
    probes: Vec<Query>,
    running: Running,
    dir: TempDir,
}

struct Running {
    coredns: Child,
    watcher: Child,
}

impl PrivateCoreDns {
    pub fn start(binary: &std::path::Path, corefile: &Corefile) -> Self {
        for attempt in 1..=ATTEMPTS {
            match Self::attempt(binary, corefile) {
                Ok(server) => return server,
                Err(why) if attempt == ATTEMPTS => panic!("no private CoreDNS could be started: {why}"),
                Err(_) => {}
            }
        }
        unreachable!("the last attempt panics")
    }

    fn attempt(binary: &std::path::Path, corefile: &Corefile) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("coredeck-coredns-").tempdir().unwrap();
        // All are held at once, so that no two are the same, and let go just before CoreDNS binds them.
        let held: Vec<_> = (0..corefile.ports).map(|_| both_kinds()).collect();
        let ports: Vec<u16> = held.iter().map(|(tcp, _)| tcp.local_addr().unwrap().port()).collect();
        drop(held);
        let mut text = corefile.text.clone();
        for (number, port) in ports.iter().enumerate() {
            text = text.replace(&format!("@{number}@"), &port.to_string());
        }
        for (name, content) in &corefile.files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let path = dir.path().join("Corefile");
        fs::write(&path, text).unwrap();
        let log = File::create(dir.path().join("log")).unwrap();
        let coredns = Command::new(binary)
            .arg("-conf")
            .arg(&path)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", binary.display()));
        // A static is never dropped, and a killed test drops nothing: the end of this pipe is the end of CoreDNS.
        let watcher = Command::new("sh")
            .args(["-c", "read _; kill -9 \"$0\"; rm -rf \"$DIR\"", &coredns.id().to_string()])
            .env("DIR", dir.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        let probes = corefile.probes.clone();
        let mut server = Self { ports, probes, running: Running { coredns, watcher }, dir };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        for number in 0..self.ports.len() {
            while let Err(error) = self.try_ask(number, &[]) {
                if let Some(status) = self.ended() {
                    return Err(format!("it ended with {status}:\n{}", self.log()));
                }
                if Instant::now() > deadline {
                    return Err(format!("not ready: {error}\n{}", self.log()));
                }
                // Another question at once would only take the processor from the server that is starting.
                thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(())
    }

    pub fn address(&self, number: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[number]).into()
    }

    /// Returns its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Returns the status with which it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.running.coredns.try_wait().unwrap()
    }

    /// Waits until it has ended by itself.
    pub fn wait_for_its_end(&mut self) -> ExitStatus {
        self.running.coredns.wait().unwrap()
    }

    /// Returns the replies to these questions, in their order; `None` for a question without any reply.
    pub fn ask(&self, number: usize, queries: &[Query]) -> Vec<Option<Vec<u8>>> {
        self.try_ask(number, queries).unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }

    /// Asks over TCP, because a reply of any size fits there, and because miekg/dns answers the questions of one
    /// connection one after the other (server.go:588): when the probe at the end is answered, all before it have
    /// been, or never will be. So nobody has to wait for a reply that does not come.
    pub fn try_ask(&self, number: usize, queries: &[Query]) -> io::Result<Vec<Option<Vec<u8>>>> {
        let mut replies = vec![];
        if queries.is_empty() {
            self.ask_batch(number, &[])?;
        }
        for batch in queries.chunks(BATCH) {
            replies.extend(self.ask_batch(number, batch)?);
        }
        Ok(replies)
    }

    fn ask_batch(&self, number: usize, queries: &[Query]) -> io::Result<Vec<Option<Vec<u8>>>> {
        let mut stream = TcpStream::connect_timeout(&self.address(number), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut outgoing = vec![];
        for (id, query) in queries.iter().chain([&self.probes[number]]).enumerate() {
            let message = query.encode(u16::try_from(id).unwrap());
            outgoing.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
            outgoing.extend(message);
        }
        stream.write_all(&outgoing)?;
        let mut replies = vec![None; queries.len()];
        loop {
            let mut length = [0; 2];
            stream.read_exact(&mut length)?;
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut message)?;
            let id = usize::from(u16::from_be_bytes([message[0], message[1]]));
            if id == queries.len() {
                return Ok(replies);
            }
            replies[id] = Some(message);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The watcher goes first: afterwards the id could be another process's.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
        let _ = self.coredns.kill();
        let _ = self.coredns.wait();
    }
}

/// Returns one number that is free for TCP and for UDP.
fn both_kinds() -> (TcpListener, UdpSocket) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            return (tcp, udp);
        }
    }
}

/// Returns a zone file of these lines, with the SOA that every zone has to have.
pub fn zone_file(origin: &str, lines: &[&str]) -> String {
    let mut text = format!("$ORIGIN {origin}\n$TTL 77\n@ IN SOA ns host 1 7200 1800 86400 30\n@ IN NS ns\n");
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
    text
}
