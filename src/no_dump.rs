//! No image of this process's memory, which may hold a password and private keys, gets to a disk or to another process
//! of the same user: no core dump, and no debugger.
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use std::sync::OnceLock;

/// How large a core dump might have been before.
static BEFORE: OnceLock<Rlimit> = OnceLock::new();

/// From now on. Where the system does not allow that, it is as it was.
pub fn begin() {
    let before = *BEFORE.get_or_init(|| getrlimit(Resource::Core));
    for done in [set_dumpable_behavior(DumpableBehavior::NotDumpable), limit(Some(0), before)] {
        if let Err(error) = done {
            tracing::warn!(%error, "core dumps were not forbidden");
        }
    }
}

/// Starts another program, which may leave core dumps as if it had been started by the shell. That it may be looked at
/// comes back to it by itself (execve(2)).
pub fn lent<T>(start: impl FnOnce() -> T) -> T {
    let Some(before) = BEFORE.get() else { return start() };
    // This process leaves none all the same, for it is not dumpable.
    let _ = limit(before.current, *before);
    let started = start();
    let _ = limit(Some(0), *before);
    started
}

/// The greater limit stays: it could not be raised again.
fn limit(current: Option<u64>, before: Rlimit) -> rustix::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current, maximum: before.maximum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::dumpable_behavior;
    use std::process::Command;

    #[test]
    fn a_child_may_leave_what_this_process_may_not() {
        let before = getrlimit(Resource::Core).current;
        begin();
        let core = || getrlimit(Resource::Core).current;
        assert_eq!((dumpable_behavior().unwrap(), core()), (DumpableBehavior::NotDumpable, Some(0)));
        assert_eq!(lent(core), before);
        let child = lent(|| Command::new("sh").args(["-c", "ulimit -c"]).output()).unwrap();
        let said = before.map_or_else(|| "unlimited".to_owned(), |bytes| (bytes / 512).to_string());
        let told = String::from_utf8(child.stdout).unwrap();
        assert!(
            told.trim() == said || before.is_some_and(|bytes| told.trim() == (bytes / 1024).to_string()),
            "{told}"
        );
        assert_eq!((dumpable_behavior().unwrap(), core()), (DumpableBehavior::NotDumpable, Some(0)));
    }
}
