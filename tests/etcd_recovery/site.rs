//! Site of a cluster, a line to one of its members that can be cut, and a deck behind that line.
use crate::{
    certificates::Authority,
    etcd::{PrivateCluster, Setup, etcd_versions},
    proxy::Proxy,
    pty::{Terminal, coredeck},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Long enough for everything that comes at all.
const SOON: Duration = Duration::from_secs(60);

pub struct Site {
    pub cluster: PrivateCluster,
    pub line: Proxy,
    files: Vec<(&'static str, PathBuf)>,
    home: TempDir,
    what: String,
}

impl Site {
    /// Visits a site on each etcd, with TLS and without, of one member and of three.
    pub fn each(visit: impl Fn(&mut Self)) {
        for binary in etcd_versions() {
            for (members, tls) in [(1, false), (1, true), (3, false), (3, true)] {
                let mut site = Self::new(&binary, (members, tls), &[]);
                println!("{}", site.what);
                visit(&mut site);
            }
        }
    }

    /// Makes a site. `arguments` are etcd's own.
    pub fn new(binary: &Path, (members, tls): (usize, bool), arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut setup = Setup::default().binary(binary);
        for argument in arguments {
            setup = setup.argument(argument);
        }
        let mut files = vec![];
        if tls {
            let authority = Authority::new("etcd-ca", home.path());
            setup = setup.mutual_tls(&authority);
            let (cert, key) = authority.client("operator");
            files = vec![("--cacert", authority.certificate()), ("--cert", cert), ("--key", key)];
        }
        let cluster = setup.start_cluster(members);
        cluster.put("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1"}"#);
        // There are so many that the loss of the one that goes with an older copy is no mass deletion.
        for number in 2..8 {
            cluster.put(&format!("/coredns/org/example/n{number}"), r#"{"host":"10.9.0.1"}"#);
        }
        let line = Proxy::before(&cluster.endpoints()[0]);
        let what = format!("{}, {members} members, TLS {tls}", binary.display());
        Self { cluster, line, files, home, what }
    }

    /// Opens a deck behind the line, which has shown the first record. It looks at its watch as often as `feed` says.
    pub fn deck(&self, feed: &str) -> Terminal {
        self.deck_at(&self.line.endpoint(), feed)
    }

    pub fn deck_at(&self, endpoint: &str, feed: &str) -> Terminal {
        let files = self.files.iter().map(|(flag, path)| [(*flag).to_owned(), path.display().to_string()]);
        let given = [["--endpoints".to_owned(), endpoint.to_owned()]].into_iter().chain(files).flatten();
        let arguments: Vec<String> = given.chain(["gcr.io".to_owned()]).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = coredeck(self.home.path(), &arguments);
        command.env("COREDECK_TEST_FEED", feed);
        let mut deck = Terminal::start(command, 80, 24);
        deck.not_now().shows("10.0.0.1");
        deck
    }

    /// Returns the present revision of the cluster.
    pub fn revision(&self) -> i64 {
        let got = self.cluster.etcdctl(&["get", "none", "-w", "json"]);
        let got: serde_json::Value = serde_json::from_str(&got).unwrap();
        got["header"]["revision"].as_i64().unwrap()
    }

    /// Writes much as others do, and nothing to the scope.
    pub fn churn(&self) {
        for number in 0..5 {
            self.cluster.put("/registry/churn", &number.to_string());
        }
    }

    /// Compacts by hand, as after a NOSPACE alarm.
    pub fn compact(&self) {
        self.cluster.etcdctl(&["compact", &self.revision().to_string()]);
    }

    /// Writes a record as somebody else; the deck has to show it and to be live.
    pub fn write_and_see(&self, deck: &mut Terminal, number: u8) {
        let address = format!("10.0.0.{number}");
        // If a member has just started, or a leader is being elected, etcdctl may give up.
        let value = format!(r#"{{"host":"{address}"}}"#);
        let key = format!("/coredns/io/gcr/x{number}");
        until("it can be written", || self.cluster.try_etcdctl(&["put", &key, &value]).status.success());
        deck.wait(&format!("{address}, live ({})", self.what), |screen| {
            screen.contains(&address) && screen.contains("live") && screen.contains("WRITE")
        });
    }

    /// Stops all members, and copies their data.
    pub fn copy_data(&mut self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        let members = self.cluster.endpoints().len();
        (0..members).for_each(|number| self.cluster.kill(number));
        (0..members)
            .for_each(|number| copied(&self.cluster.data(number), &copy.path().join(number.to_string())));
        self.cluster.restart_all();
        copy
    }

    /// Puts all members back to a copy, and leaves them stopped.
    pub fn put_back(&mut self, copy: &TempDir) {
        for number in 0..self.cluster.endpoints().len() {
            self.cluster.kill(number);
            let data = self.cluster.data(number);
            std::fs::remove_dir_all(&data).unwrap();
            copied(&copy.path().join(number.to_string()), &data);
        }
    }
}

fn copied(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Asks until it is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
