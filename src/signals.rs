//! Signals that end the program, or stop it for a while. A listener finishes its own work first, and then lets the
//! signal do what it would have done, so that a waiting parent sees which it was; without a listener each signal does
//! so by itself.
use rustix::process::{Pid, Signal as Named, getpgrp, getsid, kill_process};
use signal_hook::{
    flag::{register_conditional_default, register_conditional_shutdown},
    low_level::emulate_default_handler,
};
use std::{
    collections::BTreeMap,
    future::{pending, poll_fn},
    io, mem, process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that end a program unless it listens. Two kinds are left out: faults of an instruction, which would only
/// come again (SIGSEGV, SIGBUS, SIGILL, SIGFPE), and those that become an error of a write (SIGPIPE, SIGXFSZ).
const ENDING: [Named; 16] = [
    Named::HUP,
    Named::INT,
    Named::QUIT,
    Named::TRAP,
    Named::ABORT,
    Named::USR1,
    Named::USR2,
    Named::ALARM,
    Named::TERM,
    Named::STKFLT,
    Named::XCPU,
    Named::VTALARM,
    Named::PROF,
    Named::IO,
    Named::POWER,
    Named::SYS,
];
/// The signals without a meaning of their own: SIGRTMIN to SIGRTMAX, without those that the C library takes (musl has
/// one more than glibc).
const REAL_TIME: std::ops::RangeInclusive<i32> = if cfg!(target_env = "musl") { 35..=64 } else { 34..=64 };
/// Number that a shell adds to that of a signal, for the exit code of a program that it has ended.
const BY_SIGNAL: i32 = 128;

/// Number of listeners for each signal, by the signal's number. The system's own handling does not come back once there
/// was a handler, so a handler does the same if nobody listens.
static LISTENERS: Mutex<BTreeMap<i32, Listeners>> = Mutex::new(BTreeMap::new());

#[derive(Debug)]
struct Listeners {
    now: usize,
    /// Told to the handler, which can take no lock.
    nobody: Arc<AtomicBool>,
}

/// A signal that is listened for, and does nothing by itself as long as this lives.
#[derive(Debug)]
struct CaughtSignal {
    number: i32,
    signal: Signal,
}

impl CaughtSignal {
    fn listen(number: i32) -> io::Result<Self> {
        let mut all = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        let nobody = if let Some(listeners) = all.get(&number) {
            Arc::clone(&listeners.nobody)
        } else {
            let nobody = Arc::new(AtomicBool::new(true));
            // Handlers run in the order in which they were registered. Registered behind the one that wakes the
            // listener, this one could run when the listener has heard the signal and is gone already.
            // A signal without a default in the library ends the program, and its number becomes the exit code.
            register_conditional_default(number, Arc::clone(&nobody)).or_else(|_| {
                register_conditional_shutdown(number, BY_SIGNAL + number, Arc::clone(&nobody))
            })?;
            all.insert(number, Listeners { now: 0, nobody: Arc::clone(&nobody) });
            nobody
        };
        let signal = signal(SignalKind::from_raw(number))?;
        nobody.store(false, Ordering::SeqCst);
        if let Some(listeners) = all.get_mut(&number) {
            listeners.now += 1;
        }
        Ok(Self { number, signal })
    }
}

impl Drop for CaughtSignal {
    fn drop(&mut self) {
        let mut all = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = all.get_mut(&self.number) {
            listeners.now = listeners.now.saturating_sub(1);
            listeners.nobody.store(listeners.now == 0, Ordering::SeqCst);
        }
    }
}

/// Listens for every signal that ends the program. As long as it lives, none of them does so by itself.
#[derive(Debug)]
pub struct Ending(Vec<CaughtSignal>);

impl Ending {
    /// # Errors
    /// The system has no room for it.
    pub fn listen() -> io::Result<Self> {
        let numbers = ENDING.into_iter().map(Named::as_raw).chain(REAL_TIME);
        numbers.map(CaughtSignal::listen).collect::<io::Result<_>>().map(Self)
    }

    /// Returns the next one.
    pub async fn next(&mut self) -> Death {
        poll_fn(|context| {
            for heard in &mut self.0 {
                if heard.signal.poll_recv(context).is_ready() {
                    return Poll::Ready(Death(heard.number));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Forgets the signals of the keyboard while another program had the terminal: they went to the whole job.
    ///
    /// # Errors
    /// The system has no room for it.
    pub fn forget_keyboard(&mut self) -> io::Result<()> {
        for heard in self.0.iter_mut().filter(|heard| Death(heard.number).is_of_keyboard()) {
            heard.signal = signal(SignalKind::from_raw(heard.number))?;
        }
        Ok(())
    }

    /// Makes sure that from now on none of them ends the program by itself, whoever listens.
    pub fn for_good(self) {
        mem::forget(self);
    }
}

/// Signals that end the program or stop it for a while, for code that has to give the terminal back before.
#[derive(Debug)]
pub struct Interruptions {
    ending: Ending,
    /// None if nobody could continue a stopped program.
    stopping: Option<CaughtSignal>,
}

/// Signal that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    Death(Death),
    /// To be carried out by [`stop`].
    Stop,
}

impl Interruptions {
    /// # Errors
    /// The system has no room for it.
    pub fn listen() -> io::Result<Self> {
        // The system ignores Ctrl-Z for a job without a shell, which nobody would continue. Its group is its session's.
        let is_job = getsid(None).is_ok_and(|session| session != getpgrp());
        let stopping = is_job.then(|| CaughtSignal::listen(Named::TSTP.as_raw())).transpose()?;
        Ok(Self { ending: Ending::listen()?, stopping })
    }

    /// Returns the next one.
    pub async fn next(&mut self) -> Interruption {
        let Self { ending, stopping } = self;
        let stopping = async {
            let heard = match stopping {
                Some(heard) => heard.signal.recv().await,
                None => None,
            };
            if heard.is_none() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            death = ending.next() => Interruption::Death(death),
            () = stopping => Interruption::Stop,
        }
    }

    /// Forgets the signals of the keyboard while another program had the terminal: they went to the whole job.
    ///
    /// # Errors
    /// The system has no room for it.
    pub fn forget_keyboard(&mut self) -> io::Result<()> {
        self.ending.forget_keyboard()
    }
}

/// Stops the program, as if nobody had listened, and returns when it is continued.
///
/// # Errors
/// The system does not allow it.
pub fn stop() -> io::Result<()> {
    // The signal goes to this very thread, which does not go on before it is continued.
    emulate_default_handler(Named::TSTP.as_raw())
}

/// A signal that was heard, and has yet to take its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Death(i32);

impl Death {
    /// Tells whether it is one that a key press sends to all that run in a terminal.
    #[must_use]
    pub fn is_of_keyboard(self) -> bool {
        [Named::INT, Named::QUIT].iter().any(|named| named.as_raw() == self.0)
    }

    /// Tells whether the terminal has gone.
    #[must_use]
    pub fn is_hang_up(self) -> bool {
        self.0 == Named::HUP.as_raw()
    }

    /// Sends it to another process; a signal without a name is sent as a polite request to end.
    pub fn hand_on(self, process: u32) {
        let process = i32::try_from(process).ok().and_then(Pid::from_raw);
        if let Some(process) = process {
            // It may have ended by itself.
            let _ = kill_process(process, Named::from_named_raw(self.0).unwrap_or(Named::TERM));
        }
    }

    /// Ends the program by this very signal, as if nobody had listened. Where that fails, its number is the exit code.
    pub fn die(self) -> ! {
        let _ = emulate_default_handler(self.0);
        process::exit(BY_SIGNAL + self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpid;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_signal_that_was_heard_ends_nothing_however_soon_its_listener_goes() {
        let number = Named::USR2.as_raw();
        for _ in 0..2_000 {
            let mut heard = CaughtSignal::listen(number).unwrap();
            // A thread of its own is still in the handler when this one has heard the signal.
            let sender = std::thread::spawn(|| kill_process(getpid(), Named::USR2));
            heard.signal.recv().await.unwrap();
            drop(heard);
            sender.join().unwrap().unwrap();
        }
    }
}
