//! Author of this session's changes, as far as the system tells.
use super::process::{Process, ProcessState};
use crate::plain_file;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Person at the keyboard. Nothing here is proof: it is what an operator wants to know the next morning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The account that runs the program.
    pub user: Option<String>,
    pub uid: Option<u32>,
    /// The user who has called sudo.
    pub sudo_user: Option<String>,
    pub sudo_uid: Option<String>,
    /// The user who has logged in, also after su and sudo (`/proc/self/loginuid`).
    pub login_uid: Option<u32>,
    /// Client address, client port, server address, server port (sshd's `SSH_CONNECTION`).
    pub ssh: Option<String>,
    pub host: Option<String>,
    pub pid: u32,
    /// The process itself. Missing in old journals, and where there is no `/proc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// Name and version of the program.
    pub program: String,
}

/// loginuid of a process that nobody has logged in for.
const NOBODY_LOGGED_IN: u32 = u32::MAX;
/// Most ancestors that are asked for an SSH connection that sudo has removed from the environment.
const ANCESTORS: usize = 16;
/// Limit of a process's environment in bytes: Linux gives a quarter of the stack to it, and 6 MiB at most.
const MOST_ENVIRONMENT: u64 = 6 * plain_file::MIB;

impl Author {
    /// Reads the author from an environment and `/proc`.
    #[must_use]
    pub fn of(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        Self {
            user: set("USER").or_else(|| set("LOGNAME")),
            uid: Some(own_uid()),
            sudo_user: set("SUDO_USER"),
            sudo_uid: set("SUDO_UID"),
            login_uid: first_line("/proc/self/loginuid")
                .and_then(|text| text.parse().ok())
                .filter(|uid| *uid != NOBODY_LOGGED_IN),
            ssh: set("SSH_CONNECTION").or_else(|| set("SSH_CLIENT")).or_else(ssh_of_an_ancestor),
            host: host().or_else(|| set("HOSTNAME")),
            pid: std::process::id(),
            process: Process::of(std::process::id()),
            program: concat!("coredeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Tells whether the process that wrote it is still at work.
    #[must_use]
    pub fn is_running(&self) -> ProcessState {
        let here = self.host.is_some() && self.host == host();
        self.process.as_ref().map_or(ProcessState::CannotTell, |process| process.is_running(self.pid, here))
    }
}

fn host() -> Option<String> {
    first_line("/proc/sys/kernel/hostname")
}

/// Returns the effective user id. `/proc/self` does not tell it: it is root's in a process that leaves no
/// core dumps.
pub(super) fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(super) fn first_line(path: &str) -> Option<String> {
    let text = plain_file::text(Path::new(path), plain_file::MIB).ok()?;
    text.lines().next().map(str::to_owned).filter(|line| !line.is_empty())
}

/// Looks for `SSH_CONNECTION` in the ancestors: sudo drops it, and root may read where it was before.
fn ssh_of_an_ancestor() -> Option<String> {
    let mut pid = parent_of("self")?;
    for _ in 0..ANCESTORS {
        let path = Path::new("/proc").join(&pid).join("environ");
        if let Ok(environment) = plain_file::read(&path, MOST_ENVIRONMENT) {
            let found = environment
                .split(|byte| *byte == 0)
                .find_map(|variable| variable.strip_prefix(b"SSH_CONNECTION="))
                .filter(|value| !value.is_empty());
            if let Some(value) = found {
                return Some(String::from_utf8_lossy(value).into_owned());
            }
        }
        pid = parent_of(&pid)?;
    }
    None
}

/// Returns the parent's process id. The second field of `stat`, the command, may hold blanks and parentheses.
fn parent_of(pid: &str) -> Option<String> {
    let stat = plain_file::text(&Path::new("/proc").join(pid).join("stat"), plain_file::MIB).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_ascii_whitespace().nth(1).filter(|parent| *parent != "0").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudo_and_ssh_are_kept_apart_from_the_account_itself() {
        let author = Author::of(|name| match name {
            "USER" => Some("root".to_owned()),
            "SUDO_USER" => Some("ada".to_owned()),
            "SSH_CONNECTION" => Some("192.0.2.7 5000 192.0.2.1 22".to_owned()),
            "SUDO_UID" => Some(String::new()),
            _ => None,
        });
        assert_eq!(author.user.as_deref(), Some("root"));
        assert_eq!(author.sudo_user.as_deref(), Some("ada"));
        assert_eq!(author.sudo_uid, None, "an empty variable is an unset one");
        assert_eq!(author.ssh.as_deref(), Some("192.0.2.7 5000 192.0.2.1 22"));
        assert_eq!(author.pid, std::process::id());
    }
}
