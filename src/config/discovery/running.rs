//! Running etcd on this machine, by its own command line and variables in `/proc`.
use super::{credential::CredentialSearch, machine::Machine, started::Started};
use std::path::{Path, PathBuf};

/// The subcommands of the program that run no etcd.
const NO_SERVER: [&str; 3] = ["grpc-proxy", "gateway", "help"];
/// The first user id of a person (`UID_MIN` of login.defs(5)).
const PEOPLE: u32 = 1_000;

/// Process that is an etcd.
struct RunningEtcd {
    pid: u32,
    owner: Option<u32>,
    started: Started,
}

/// Returns the result for the running etcd; `None` if none runs.
pub(super) fn look(machine: &Machine) -> Option<CredentialSearch> {
    let names = machine.names(Path::new("/proc")).ok()?;
    let mut pids: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    pids.sort_unstable();
    let all: Vec<RunningEtcd> = pids.into_iter().filter_map(|pid| running(machine, pid)).collect();
    // Anybody can give a program this name, and lead those who trust it to another server.
    let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|running| is_trusted(running.owner));
    let mut own = own.into_iter();
    let mut choice = own.next().map(|first| first.started.choice(machine));
    let mut pass = |pid: u32, why: String| {
        choice.get_or_insert_default().pass(format!("the etcd with the process id {pid}"), why);
    };
    for another in own {
        pass(another.pid, "another one runs here, and was found before it".to_owned());
    }
    for RunningEtcd { pid, owner, .. } in others {
        let whose = owner.map_or_else(|| "somebody".to_owned(), |id| format!("user {id}"));
        pass(pid, format!("it is {whose}'s: name it with --endpoints if it is meant"));
    }
    choice
}

/// Tells whether the owner is a service or this user.
fn is_trusted(owner: Option<u32>) -> bool {
    owner.is_some_and(|owner| owner < PEOPLE || owner == rustix::process::geteuid().as_raw())
}

fn running(machine: &Machine, pid: u32) -> Option<RunningEtcd> {
    let directory: PathBuf = ["/proc", &pid.to_string()].iter().collect();
    let words = parts(&machine.bytes(&directory.join("cmdline"))?);
    let program = Path::new(words.first()?).file_name()?;
    if program != "etcd" || words.get(1).is_some_and(|word| NO_SERVER.contains(&word.as_str())) {
        return None;
    }
    // Only its owner and root may read the variables; its flags decide in any case.
    let variables = machine.bytes(&directory.join("environ")).map(|bytes| parts(&bytes)).unwrap_or_default();
    let variables = variables.iter().filter_map(|variable| variable.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let what = format!("the etcd that runs here (process {pid})");
    let started = Started::by(&what, &words, variables, machine);
    Some(RunningEtcd { pid, owner: machine.owner(&directory), started })
}

/// Returns the parts between zero bytes.
fn parts(bytes: &[u8]) -> Vec<String> {
    let parts = bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_another_person_is_nobody_to_follow() {
        let own = rustix::process::geteuid().as_raw();
        for (owner, trusted) in [
            (Some(0), true),
            (Some(PEOPLE - 1), true),
            (Some(own), true),
            (Some(own.max(PEOPLE) + 1), false),
            (None, false),
        ] {
            assert_eq!(is_trusted(owner), trusted, "{owner:?}");
        }
    }
}
