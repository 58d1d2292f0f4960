//! A cluster of three members, an operator's home beside it, and a deck on it.
use crate::{
    certificates::Authority,
    cli::{Home, Run},
    etcd::{PrivateCluster, Setup},
    pty::{Terminal, coredeck},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const FIRST: &str = "/coredns/io/gcr/x1";
/// As long as an operator would wait before thinking that the program hangs.
const BEARABLE: Duration = Duration::from_secs(30);

pub struct Lab {
    pub cluster: PrivateCluster,
    pub home: Home,
    files: [PathBuf; 3],
    _authority: TempDir,
}

impl Lab {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new("etcd-ca", directory.path());
        let cluster = Setup::default().mutual_tls(&authority).start_cluster(3);
        cluster.put(FIRST, r#"{"host":"10.0.0.1","ttl":60}"#);
        let (cert, key) = authority.client("operator");
        let files = [authority.certificate(), cert, key];
        Self { cluster, home: Home::new(), files, _authority: directory }
    }

    /// The members' endpoints, this one first.
    pub fn endpoints(&self, first: usize) -> Vec<String> {
        let mut endpoints = self.cluster.endpoints();
        endpoints.rotate_left(first);
        endpoints
    }

    fn connection(&self, endpoints: &[String]) -> Vec<String> {
        let [ca, cert, key] = &self.files;
        let file = |path: &PathBuf| path.display().to_string();
        let given = [
            ("--endpoints", endpoints.join(",")),
            ("--cacert", file(ca)),
            ("--cert", file(cert)),
            ("--key", file(key)),
        ];
        given.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// A deck that has shown the first record and follows what happens.
    pub fn deck(&self, endpoints: &[String]) -> Terminal {
        let mut deck = self.open(endpoints);
        deck.shows("10.0.0.1").shows("live");
        deck
    }

    /// A deck, whatever it comes to.
    pub fn open(&self, endpoints: &[String]) -> Terminal {
        let connection = self.connection(endpoints);
        let mut arguments: Vec<&str> = connection.iter().map(String::as_str).collect();
        arguments.push("gcr.io");
        let mut deck = Terminal::start(coredeck(self.home.path(), &arguments), 100, 24);
        deck.not_now();
        deck
    }

    /// A command on all members, this one first.
    pub fn command(&self, first: usize, arguments: &[&str]) -> std::process::Command {
        let connection = self.connection(&self.endpoints(first));
        let all: Vec<&str> = connection.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        self.home.command(&all)
    }

    pub fn run(&self, first: usize, arguments: &[&str]) -> Run {
        Run::of(self.command(first, arguments))
    }

    /// Somebody else writes an address, which the deck has to show. Says how long that took.
    pub fn write_and_see(&self, deck: &mut Terminal, number: usize) -> Duration {
        let address = format!("10.0.9.{number}");
        let since = Instant::now();
        // While a leader is elected etcdctl may give up; whoever writes tries again.
        let value = format!(r#"{{"host":"{address}"}}"#);
        let key = format!("/coredns/io/gcr/w{number}");
        while !self.cluster.try_etcdctl(&["put", "--", &key, &value]).status.success() {
            assert!(since.elapsed() < BEARABLE, "nothing can be written");
        }
        let written = Instant::now();
        deck.shows(&address);
        written.elapsed()
    }
}

/// What a fault came to, as a line of the table.
pub fn told(fault: &str, says: &str, right_again: Duration) {
    println!("{fault:<32} {says:<44} {:>6.1} s", right_again.as_secs_f64());
    assert!(right_again < BEARABLE, "{fault}: {right_again:?}");
}
