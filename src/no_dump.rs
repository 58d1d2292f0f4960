//! Protection of this process's memory, which may hold a password and private keys: no core dump brings it to a disk,
//! and no debugger of the same user reads it.
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use std::sync::OnceLock;

/// Limits of a core dump's size as they were before.
static BEFORE: OnceLock<Rlimit> = OnceLock::new();

/// Begins the protection. Where the system does not allow it, nothing changes.
pub fn begin() {
    let before = *BEFORE.get_or_init(|| getrlimit(Resource::Core));
    for done in [set_dumpable_behavior(DumpableBehavior::NotDumpable), limit(Some(0), before)] {
        if let Err(error) = done {
            tracing::warn!(%error, "core dumps were not forbidden");
        }
    }
}

/// Starts another program, which may leave core dumps as if the shell had started it. The right to look at it comes
/// back by itself (execve(2)).
pub fn lent<T>(start: impl FnOnce() -> T) -> T {
    let Some(before) = BEFORE.get() else { return start() };
    // This process leaves no core dump all the same, because it is not dumpable.
    let _ = limit(before.current, *before);
    let started = start();
    let _ = limit(Some(0), *before);
    started
}

/// Sets the soft limit. The hard one stays: once lowered, it could not be raised again.
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
