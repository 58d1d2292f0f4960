//! Command line of the real binary, in an environment that has only what the test puts there.
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
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_coredeck");

/// Home for the program: its state and its profiles.
pub struct Home {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// Result of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).display().to_string();
        let variables =
            [("HOME", at("home")), ("XDG_STATE_HOME", at("state")), ("XDG_CONFIG_HOME", at("config"))];
        let mut variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
        // The Corefile of this machine must not change a test.
        variables.push(("COREDECK_COREFILE".to_owned(), "none".to_owned()));
        variables.push(("COREDECK_TEST_ROOT".to_owned(), at("machine")));
        Self { directory, variables }
    }

    /// Makes a home with etcd's endpoint in the environment, as etcdctl's users have it.
    pub fn of(endpoint: &str) -> Self {
        Self::new().with("ETCDCTL_ENDPOINTS", endpoint)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(is, _)| is != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(is, _)| is != name);
        self
    }

    /// Adds this text as `config.toml`.
    pub fn profiles(self, text: &str) -> Self {
        let directory = self.directory.path().join("config/coredeck");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("config.toml"), text).unwrap();
        self
    }

    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn journal(&self) -> PathBuf {
        self.directory.path().join("state/coredeck/journal.jsonl")
    }

    /// Returns the program with these arguments, ready to run without a terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    /// Gives a command this home and nothing else.
    pub fn prepare(&self, command: &mut Command) {
        command.env_clear().envs(self.variables.clone()).stdin(Stdio::null());
    }

    /// Runs a printed line with a shell that finds the program.
    pub fn shell(&self, line: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        self.prepare(&mut command);
        let path = std::env::var("PATH").unwrap_or_default();
        let directory = Path::new(BINARY).parent().unwrap().display();
        command.env("PATH", format!("{directory}:{path}"));
        Run::of(command)
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }
}

impl Run {
    pub fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let run = Self {
            code: output.status.code().expect("it ended by itself"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        let harmless = |c: char| c == '\n' || !c.is_control();
        assert!(
            run.out.chars().chain(run.err.chars()).all(harmless),
            "a control character came out: {run:?}"
        );
        run
    }

    /// Returns the lines of stdout, each as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Checks that a text was printed on stderr.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        self
    }
}
