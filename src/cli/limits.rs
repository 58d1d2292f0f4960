//! Limits of the system for this process. Libraries end the program at any point if they are too low, so the limits are
//! checked and named before anything begins.
use super::{Exit, command_error::CommandError, output::say};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    io, panic, process,
    sync::Mutex,
    thread::{self, Builder},
};

/// The least number of open files: the streams, the terminal, the runtime, the journal, and connections to some
/// members.
const FILES: u64 = 64;
/// The number of open files that is requested, if that is allowed.
const PLENTY_OF_FILES: u64 = 1024;
/// The bytes of the stack that the program runs on. The stack of a process's first thread depends on `ulimit -s`.
const STACK: usize = 8 << 20;
/// The number of threads at once in ordinary work.
const THREADS: usize = 8;
/// The bytes of memory that the smallest command takes, with the stacks of its threads.
const MEMORY: usize = 64 << 20;

/// Runs the program if the limits are high enough.
///
/// # Errors
/// The limit that is too low; nothing was begun.
pub(super) fn with_enough<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T, CommandError> {
    tell_what_runs_out();
    files()?;
    memory()?;
    threads()?;
    thread::scope(|scope| {
        let running = Builder::new().name("coredeck".to_owned()).stack_size(STACK).spawn_scoped(scope, run);
        let running = running.map_err(|error| few_threads(&error))?;
        // The panic's message has been printed, and the panic goes on.
        Ok(running.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    })
}

fn files() -> Result<(), CommandError> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= FILES) {
        return Ok(());
    }
    let more = maximum.unwrap_or(PLENTY_OF_FILES).min(PLENTY_OF_FILES);
    if more >= FILES && setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum }).is_ok() {
        return Ok(());
    }
    Err(CommandError::new(
        Exit::Failed,
        format!(
            "this process may have {} files open at once (ulimit -n), and needs {FILES}",
            current.unwrap_or_default()
        ),
        "Raise it: ulimit -n 1024 in the shell, LimitNOFILE= in a unit, or ask who has set it.",
    ))
}

fn memory() -> Result<(), CommandError> {
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(MEMORY).map_err(|_| {
        let limit = getrlimit(Resource::As).current;
        let may = limit.map_or_else(
            || "the system does not give this process more memory".to_owned(),
            |limit| format!("this process may take {} MB of memory (ulimit -v)", limit >> 20),
        );
        CommandError::new(
            Exit::Failed,
            format!("{may}, and {} MB are needed beside the program itself", MEMORY >> 20),
            "Raise it: ulimit -v unlimited in the shell, LimitAS= in a unit; or free memory.",
        )
    })
}

/// Starts as many threads at once as the program needs, and ends them again.
fn threads() -> Result<(), CommandError> {
    let holding = Mutex::new(());
    thread::scope(|scope| {
        let held = holding.lock();
        let started = |_| Builder::new().spawn_scoped(scope, || drop(holding.lock()));
        let failed = (0..THREADS).map(started).find_map(Result::err);
        drop(held);
        failed.map_or(Ok(()), |error| Err(few_threads(&error)))
    })
}

/// Returns the error for too few threads or too little memory: threads take memory for their stacks as well, and the
/// system gives one answer for both.
fn few_threads(error: &io::Error) -> CommandError {
    let limit = |of, told: fn(u64) -> String| getrlimit(of).current.map(told);
    let limits = [
        limit(Resource::Nproc, |most| format!("its user may have {most} processes and threads (ulimit -u)")),
        limit(Resource::As, |most| format!("it may take {} MB of memory (ulimit -v)", most >> 20)),
    ];
    let told: Vec<String> = limits.into_iter().flatten().collect();
    let told = if told.is_empty() { String::new() } else { format!("; {}", told.join(", and ")) };
    CommandError::new(
        Exit::Failed,
        format!("the system gives this process no more threads: {error}{told}"),
        "Raise the limit: ulimit in the shell, TasksMax= in a unit, pids.max of a container; or end other processes.",
    )
}

/// Has a limit that is reached later reported in a sentence as well, and not with a backtrace.
fn tell_what_runs_out() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default();
        let Some((what, remedy)) = runs_out(said) else { return print(info) };
        say(format_args!("coredeck: {what}."));
        say("If a change was under way, coredeck log says how far it came.");
        say(remedy);
        process::exit(Exit::Failed as i32);
    }));
}

/// Returns the limit that a library has reached, by the words of its panic, and the remedy.
fn runs_out(said: &str) -> Option<(&'static str, &'static str)> {
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&["Too many open files", "code: 24,"]) {
        return Some((
            "this process may not open more files (ulimit -n)",
            "Raise it: ulimit -n 1024 in the shell, LimitNOFILE= in a unit.",
        ));
    }
    if says(&["spawn thread", "spawn worker thread", "Resource temporarily unavailable", "code: 11,"]) {
        return Some((
            "the system gives this process no more threads (ulimit -u)",
            "Raise the limit: ulimit -u in the shell, TasksMax= in a unit, pids.max of a container.",
        ));
    }
    says(&["Cannot allocate memory", "code: 12,"]).then_some((
        "the system gives this process no more memory (ulimit -v)",
        "Free memory, or raise the limit.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_run_out_is_known_by_what_libraries_say() {
        for (said, what) in [
            (
                "failed to create UnixStream: Os { code: 24, kind: Uncategorized, message: \"Too many open files\" }",
                "files",
            ),
            ("OS can't spawn worker thread: Resource temporarily unavailable (os error 11)", "threads"),
            ("failed to spawn thread: Os { code: 11, kind: WouldBlock, message: \"…\" }", "threads"),
            (
                "called unwrap: Os { code: 12, kind: OutOfMemory, message: \"Cannot allocate memory\" }",
                "memory",
            ),
        ] {
            assert!(runs_out(said).unwrap().0.contains(what), "{said}");
        }
        assert_eq!(runs_out("index out of bounds: the len is 24 but the index is 24"), None);
    }

    #[test]
    fn the_program_runs_on_a_stack_of_its_own() {
        let large = with_enough(|| {
            #[expect(clippy::large_stack_arrays, reason = "a test's own thread has no room for it")]
            let page = [0_u8; 4 << 20];
            std::hint::black_box(&page).len()
        });
        assert_eq!(large.unwrap(), 4 << 20);
    }
}
