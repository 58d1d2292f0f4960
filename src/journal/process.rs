//! Process that made an entry, so that a change that is still being made is not taken for one that was broken off.
use super::author::first_line;
use crate::plain_file;
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// One process and no other: a process id alone is given again to a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Start of the machine (`/proc/sys/kernel/random/boot_id`).
    boot: String,
    /// Process id namespace on it: a container counts its own.
    namespace: String,
    /// Time at which it began, in clock ticks since that start (field 22 of `/proc/PID/stat`).
    started: u64,
}

/// State of the process that made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    Yes,
    No,
    /// It was on another machine or in another container, or an old journal does not say.
    CannotTell,
}

impl Process {
    /// Returns the process with this id; `None` where there is none, or no `/proc`.
    pub(super) fn of(pid: u32) -> Option<Self> {
        Some(Self {
            boot: first_line("/proc/sys/kernel/random/boot_id")?,
            namespace: fs::read_link("/proc/self/ns/pid").ok()?.to_string_lossy().into_owned(),
            started: started(pid)?,
        })
    }

    /// Tells whether it is still there, seen from this process. `here` says whether it ran on this host, as far as
    /// a name tells.
    pub(super) fn is_running(&self, pid: u32, here: bool) -> ProcessState {
        let Some(own) = Self::of(std::process::id()) else { return ProcessState::CannotTell };
        if own.boot != self.boot {
            // A start of this machine before the present one has ended with all its processes.
            return if here { ProcessState::No } else { ProcessState::CannotTell };
        }
        if own.namespace != self.namespace {
            return ProcessState::CannotTell;
        }
        if started(pid) == Some(self.started) { ProcessState::Yes } else { ProcessState::No }
    }
}

/// Returns the time at which a process began. `None` also for one that has ended and was not waited for yet: it
/// writes nothing any more.
fn started(pid: u32) -> Option<u64> {
    let stat =
        plain_file::text(&Path::new("/proc").join(pid.to_string()).join("stat"), plain_file::MIB).ok()?;
    // The second field, the command, may hold blanks and parentheses.
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    // The state is field 3.
    fields.nth(22 - 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn this_process_runs_and_one_that_has_ended_does_not() {
        let own = Process::of(std::process::id()).unwrap();
        assert_eq!(own.is_running(std::process::id(), true), ProcessState::Yes);
        let mut child = Command::new("/bin/sleep").arg("1000").spawn().unwrap();
        let there = Process::of(child.id()).unwrap();
        assert_eq!(there.is_running(child.id(), true), ProcessState::Yes);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(there.is_running(child.id(), true), ProcessState::No);
    }

    #[test]
    fn another_process_with_the_same_number_is_another_one() {
        let pid = std::process::id();
        let own = Process::of(pid).unwrap();
        let earlier = Process { started: own.started - 1, ..own.clone() };
        assert_eq!(earlier.is_running(pid, true), ProcessState::No);
        let before_the_restart = Process { boot: "another".to_owned(), ..own.clone() };
        assert_eq!(before_the_restart.is_running(pid, true), ProcessState::No);
        assert_eq!(before_the_restart.is_running(pid, false), ProcessState::CannotTell);
        let in_a_container = Process { namespace: "pid:[1]".to_owned(), ..own };
        assert_eq!(in_a_container.is_running(pid, true), ProcessState::CannotTell);
    }
}
