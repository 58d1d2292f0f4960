//! Signals that end the program. The program listens for them to bring its work to an end first, and then lets the
//! signal do its work: a program that waits for this one sees which signal it was.
use rustix::process::{Pid, Signal as Named, kill_process};
use signal_hook::low_level::emulate_default_handler;
use std::{future::poll_fn, io, process, task::Poll};
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
/// The signals without a meaning of their own (SIGRTMIN to SIGRTMAX, without those that C libraries take).
const REAL_TIME: std::ops::RangeInclusive<i32> = 35..=64;
/// Number that a shell adds to that of a signal, for the exit code of a program that it has ended.
const BY_SIGNAL: i32 = 128;

/// Listens for every signal that ends the program. From the first call on, none of them ends it by itself.
#[derive(Debug)]
pub struct Ending(Vec<(i32, Signal)>);

impl Ending {
    /// # Errors
    /// The system has no room for it.
    pub fn listen() -> io::Result<Self> {
        let numbers = ENDING.into_iter().map(Named::as_raw).chain(REAL_TIME);
        let heard = |number| Ok((number, signal(SignalKind::from_raw(number))?));
        numbers.map(heard).collect::<io::Result<_>>().map(Self)
    }

    /// Returns the next one.
    pub async fn next(&mut self) -> Death {
        poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(Death(*number));
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
        for (number, heard) in self.0.iter_mut().filter(|(number, _)| Death(*number).is_of_keyboard()) {
            *heard = signal(SignalKind::from_raw(*number))?;
        }
        Ok(())
    }
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
