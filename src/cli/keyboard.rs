//! Answers typed on a terminal, one line each.
//!
//! A line that was there before its question, or came with it, answers nothing: whoever pastes a command with
//! more lines behind it has not read the plan.
use super::output::say;
use std::{
    io::{self, BufRead as _, Write as _},
    sync::{
        Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// Nobody reads a question and answers it in less, and a paste takes no longer.
const TOO_SOON: Duration = Duration::from_millis(150);

/// The lines of stdin, read on a thread of their own.
#[derive(Debug)]
pub(super) struct Keyboard {
    lines: Mutex<Receiver<String>>,
}

impl Keyboard {
    /// Begins to read stdin, once: whoever asks the second question must not lose its answer to the first.
    pub(super) fn open() -> &'static Self {
        static ONLY: OnceLock<Keyboard> = OnceLock::new();
        ONLY.get_or_init(Self::begin)
    }

    fn begin() -> Self {
        let (sender, lines) = channel();
        // It ends with the program: a blocked read cannot be called off.
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() || line.is_ok_and(|line| sender.send(line).is_err()) {
                    return;
                }
            }
        });
        Self { lines: Mutex::new(lines) }
    }

    /// Asks, and waits for one line. `None` when stdin has ended.
    pub(super) fn ask(&self, question: &str) -> Option<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let _ = write!(io::stderr().lock(), "{question}");
            let _ = io::stderr().flush();
            if !quiet(&lines)? {
                say("");
                say("Input that came before the question answers nothing.");
                while !quiet(&lines)? {}
                continue;
            }
            let line = lines.recv().ok()?;
            // More lines at once are a paste, and a paste of several lines confirms nothing.
            if quiet(&lines).unwrap_or(true) {
                return Some(line);
            }
            say("Several lines came at once: they answer nothing.");
            while !quiet(&lines)? {}
        }
    }

    #[cfg(test)]
    fn of(lines: Receiver<String>) -> Self {
        Self { lines: Mutex::new(lines) }
    }
}

/// Whether nothing comes for a while; `None` when nothing can come any more.
fn quiet(lines: &Receiver<String>) -> Option<bool> {
    match lines.recv_timeout(TOO_SOON) {
        Ok(_) => Some(false),
        Err(RecvTimeoutError::Timeout) => Some(true),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_were_there_before_the_question_answer_nothing() {
        let (sender, lines) = channel();
        sender.send("y".to_owned()).unwrap();
        sender.send("y".to_owned()).unwrap();
        drop(sender);
        assert_eq!(Keyboard::of(lines).ask("sure? "), None);
    }

    #[test]
    fn a_line_that_comes_after_the_question_is_the_answer() {
        let (sender, lines) = channel();
        let typing = thread::spawn(move || {
            thread::sleep(TOO_SOON * 3);
            sender.send("y".to_owned()).unwrap();
        });
        assert_eq!(Keyboard::of(lines).ask("sure? ").as_deref(), Some("y"));
        typing.join().unwrap();
    }
}
