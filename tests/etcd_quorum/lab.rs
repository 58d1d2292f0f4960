//! Lab of a cluster of three members, an operator's home beside it, and a deck on it.
use crate::{
    certificates::Authority,
    cli::{Home, Run},
    etcd::{PrivateCluster, Setup},
    fault::Fault,
    proxy::Proxy,
    pty::{Terminal, coredeck},
};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const FIRST: &str = "/coredns/io/gcr/x1";
/// Key that another writer writes.
const ANOTHERS: &str = "/coredns/io/gcr/w1";
/// Longer than all of the program's own limits together, on a machine with much else to do: what takes longer hangs.
const BEARABLE: Duration = Duration::from_secs(120);
/// Words of a deck's header if its picture may not be the truth.
const DOUBTS: [&str; 2] = ["STALE", "NO LEADER"];

pub struct Lab {
    pub cluster: PrivateCluster,
    pub home: Home,
    /// The flags of the program's TLS files.
    pub files: Vec<(&'static str, PathBuf)>,
    _authority: Option<TempDir>,
}

impl Lab {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new("etcd-ca", directory.path());
        let cluster = Setup::default().mutual_tls(&authority).start_cluster(3);
        cluster.put(FIRST, r#"{"host":"10.0.0.1","ttl":60}"#);
        let (cert, key) = authority.client("operator");
        let files = vec![("--cacert", authority.certificate()), ("--cert", cert), ("--key", key)];
        Self { cluster, home: Home::new(), files, _authority: Some(directory) }
    }

    /// Makes a cluster without TLS, as `setup` has it.
    pub fn plain(setup: Setup, size: usize) -> Self {
        Self { cluster: setup.start_cluster(size), home: Home::new(), files: vec![], _authority: None }
    }

    /// Returns the members' endpoints, this one first.
    pub fn endpoints(&self, first: usize) -> Vec<String> {
        let mut endpoints = self.cluster.endpoints();
        endpoints.rotate_left(first);
        endpoints
    }

    /// Returns the member that a fault is going to hit, the line to it, and all endpoints, beginning with that line.
    pub fn line_for(&self, fault: Fault) -> (usize, Proxy, Vec<String>) {
        let member = fault.member(self);
        let mut endpoints = self.endpoints(member);
        let line = Proxy::before(&endpoints[0]);
        endpoints[0] = line.endpoint();
        (member, line, endpoints)
    }

    /// Moves the leadership; only a leader can do so.
    pub fn hand_over(&self, leader: usize, next: usize) {
        let members = self.cluster.etcdctl(&["member", "list", "-w", "simple"]);
        let endpoints = self.cluster.endpoints();
        let next = members.lines().find(|line| line.contains(&endpoints[next])).unwrap();
        let id = next.split(',').next().unwrap();
        self.cluster.etcdctl(&["--endpoints", &endpoints[leader], "move-leader", id]);
    }

    fn connection(&self, endpoints: &[String]) -> Vec<String> {
        let files = self.files.iter().map(|(flag, path)| (*flag, path.display().to_string()));
        let given = [("--endpoints", endpoints.join(","))].into_iter().chain(files);
        given.flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// Opens a deck, and waits until it shows the first record and is live.
    pub fn deck(&self, endpoints: &[String]) -> Terminal {
        let mut deck = self.open(endpoints, "gcr.io");
        deck.shows("10.0.0.1").shows("live");
        deck
    }

    /// Opens a deck at a name, whatever comes of it. It has the journal of the commands.
    pub fn open(&self, endpoints: &[String], name: &str) -> Terminal {
        let connection = self.connection(endpoints);
        let mut arguments: Vec<&str> = connection.iter().map(String::as_str).collect();
        arguments.push(name);
        let mut command = coredeck(self.home.path(), &arguments);
        let xdg = |(variable, _): &&(String, String)| variable.starts_with("XDG_");
        for (variable, value) in self.home.variables().iter().filter(xdg) {
            command.env(variable, value);
        }
        let mut deck = Terminal::start(command, 100, 24);
        deck.not_now();
        deck
    }

    /// Returns a command on these endpoints.
    pub fn command(&self, endpoints: &[String], arguments: &[&str]) -> std::process::Command {
        let connection = self.connection(endpoints);
        let all: Vec<&str> = connection.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        self.home.command(&all)
    }

    pub fn run(&self, first: usize, arguments: &[&str]) -> Run {
        Run::of(self.command(&self.endpoints(first), arguments))
    }

    /// Writes an address as somebody else, on a member that is well, and waits until the deck shows it. Returns the
    /// words of the deck's header until then, and the time that it took.
    pub fn write_and_see(
        &self,
        deck: &mut Terminal,
        well: usize,
        number: usize,
    ) -> (Vec<&'static str>, Duration) {
        let address = format!("10.0.{}.{}", 9 + number / 250, number % 250);
        let since = Instant::now();
        let value = format!(r#"{{"host":"{address}"}}"#);
        let endpoint = self.cluster.endpoints()[well].clone();
        // While a leader is elected etcdctl may give up; the writer tries again.
        let put = ["--endpoints", &endpoint, "put", "--", ANOTHERS, &value];
        while !self.cluster.try_etcdctl(&put).status.success() {
            assert!(since.elapsed() < BEARABLE, "nothing can be written");
        }
        let written = Instant::now();
        let doubted = RefCell::new(BTreeSet::new());
        deck.wait("the write of somebody else", |screen| {
            doubted.borrow_mut().extend(DOUBTS.into_iter().filter(|doubt| screen.contains(doubt)));
            screen.contains(&address)
        });
        (doubted.into_inner().into_iter().collect(), written.elapsed())
    }
}

/// Prints the effect of a fault as a line of the table.
pub fn told(fault: Fault, who: &str, says: &str, right_again: Duration) {
    println!("{fault:<26} {who:<18} {says:<34} {:>5.1} s", right_again.as_secs_f64());
    assert!(right_again < BEARABLE, "{fault}: {who}: {right_again:?}");
}
