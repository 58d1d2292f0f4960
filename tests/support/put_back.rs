//! Script that `rescue` has written, run by a shell as an operator runs it.
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
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Run of a script.
pub struct Script {
    shell: Vec<String>,
    path: PathBuf,
    arguments: Vec<String>,
    typed: String,
    variables: Vec<(String, String)>,
}

/// Result of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Script {
    pub fn of(path: impl AsRef<Path>) -> Self {
        Self {
            shell: vec!["sh".to_owned()],
            path: path.as_ref().to_owned(),
            arguments: vec![],
            typed: String::new(),
            variables: vec![],
        }
    }

    /// Returns the shells of this machine that a script has to run in.
    pub fn shells() -> Vec<&'static str> {
        let there = |shell: &&str| {
            let first = shell.split(' ').next().unwrap_or_default();
            Command::new(first).arg("-c").arg("true").stderr(Stdio::null()).status().is_ok()
        };
        ["sh", "dash", "bash", "busybox sh"].into_iter().filter(there).collect()
    }

    pub fn by(mut self, shell: &str) -> Self {
        self.shell = shell.split(' ').map(str::to_owned).collect();
        self
    }

    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the answer to the question.
    pub fn types(mut self, text: &str) -> Self {
        text.clone_into(&mut self.typed);
        self
    }

    /// Returns a command ready to start, with nothing in its environment but the path to programs.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.shell[0]);
        command.args(&self.shell[1..]).arg(&self.path).args(&self.arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(self.variables.clone());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self) -> Ran {
        let mut child = self.command().spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A script that asks nothing has ended by now.
        let _ = writeln!(stdin, "{}", self.typed);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Ran {
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Checks that a text was printed, on stdout or on stderr, in any lines.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_said = [&self.out, &self.err].into_iter().any(|said| words(said).contains(&words(text)));
        assert!(is_said, "{text:?} is not in {self:?}");
        self
    }
}
