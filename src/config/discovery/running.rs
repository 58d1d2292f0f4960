//! An etcd that runs on this machine, by its own command line and variables in `/proc`.
use super::{credential::Choice, machine::Machine, started::Started};
use std::path::{Path, PathBuf};

/// Subcommands of the program that are no etcd.
const NO_SERVER: [&str; 3] = ["grpc-proxy", "gateway", "help"];

/// What becomes of it; `None` where none runs.
pub(super) fn look(machine: &Machine) -> Option<Choice> {
    let names = machine.names(Path::new("/proc")).ok()?;
    let mut pids: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    pids.sort_unstable();
    let mut running = pids.into_iter().filter_map(|pid| started(machine, pid));
    let (_, first) = running.next()?;
    let mut choice = first.choice(machine);
    for (pid, _) in running {
        choice.pass(
            format!("the etcd with the process id {pid}"),
            "another one runs here, and was found before it",
        );
    }
    Some(choice)
}

fn started(machine: &Machine, pid: u32) -> Option<(u32, Started)> {
    let of = |file: &str| -> PathBuf { ["/proc", &pid.to_string(), file].iter().collect() };
    let words = parts(&machine.bytes(&of("cmdline"))?);
    let program = Path::new(words.first()?).file_name()?;
    if program != "etcd" || words.get(1).is_some_and(|word| NO_SERVER.contains(&word.as_str())) {
        return None;
    }
    // Only who runs it, and root, may see them; its flags decide in any case.
    let variables = machine.bytes(&of("environ")).map(|bytes| parts(&bytes)).unwrap_or_default();
    let variables = variables.iter().filter_map(|variable| variable.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let what = format!("the etcd that runs here (process {pid})");
    Some((pid, Started::by(&what, &words, variables, machine)))
}

/// What stands between zero bytes.
fn parts(bytes: &[u8]) -> Vec<String> {
    let parts = bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}
