//! Answers typed on a terminal, one line each.
//!
//! A line that was there before its question, or came with it, is no answer: a person who pastes a command with more
//! lines behind it has not read the plan.
use std::{
    fs::File,
    io::{self, BufRead as _, Read as _, Write as _},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// The least time for an answer: nobody reads a question in less, and a paste takes no longer.
const TOO_SOON: Duration = Duration::from_millis(150);

/// Lines of stdin or of a terminal, read on a thread of their own.
#[derive(Debug)]
pub(super) struct Keyboard {
    lines: Mutex<Receiver<String>>,
    /// The terminal for its questions; `None` for stderr.
    terminal: Option<Arc<File>>,
    /// The present question.
    asking: Mutex<String>,
}

impl Keyboard {
    /// Begins to read stdin, once: a second reader would lose the answer to its question to the first.
    pub(super) fn open() -> &'static Self {
        static ONLY: OnceLock<Keyboard> = OnceLock::new();
        ONLY.get_or_init(Self::begin)
    }

    fn begin() -> Self {
        let (sender, lines) = channel();
        // The thread ends with the program, because a blocked read cannot be cancelled.
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() || line.is_ok_and(|line| sender.send(line).is_err()) {
                    return;
                }
            }
        });
        Self { lines: Mutex::new(lines), terminal: None, asking: Mutex::default() }
    }

    /// Reads a terminal until a line ends with anything but Enter, and asks there.
    pub(super) fn of_terminal(terminal: Arc<File>) -> Self {
        let (sender, lines) = channel();
        let source = Arc::clone(&terminal);
        thread::spawn(move || {
            let mut buffer = [0; 1 << 12];
            // A terminal gives one line at a time.
            while let Ok(read) = (&*source).read(&mut buffer) {
                let Some(line) = buffer.get(..read).and_then(|line| line.strip_suffix(b"\n")) else { return };
                if sender.send(String::from_utf8_lossy(line).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { lines: Mutex::new(lines), terminal: Some(terminal), asking: Mutex::default() }
    }

    /// Writes a text. If the stream is gone, nobody can be told.
    fn say(&self, text: &str) {
        let _ = match &self.terminal {
            Some(terminal) => (&**terminal).write_all(text.as_bytes()),
            None => io::stderr().lock().write_all(text.as_bytes()),
        };
    }

    /// Writes the present question once more, after other text on the terminal.
    pub(super) fn say_again(&self) {
        self.say(&self.asking.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Asks, and waits for one line. `None` if no line can come any more.
    pub(super) fn ask(&self, question: &str) -> Option<String> {
        question.clone_into(&mut self.asking.lock().unwrap_or_else(PoisonError::into_inner));
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            self.say(question);
            if !quiet(&lines)? {
                self.say("\nInput that came before the question answers nothing.\n");
                while !quiet(&lines)? {}
                continue;
            }
            let line = lines.recv().ok()?;
            // More lines at once are a paste, and a paste of several lines confirms nothing.
            if quiet(&lines).unwrap_or(true) {
                return Some(line);
            }
            self.say("Several lines came at once: they answer nothing.\n");
            while !quiet(&lines)? {}
        }
    }

    #[cfg(test)]
    fn of(lines: Receiver<String>) -> Self {
        Self { lines: Mutex::new(lines), terminal: None, asking: Mutex::default() }
    }
}

/// Tells whether nothing comes for a while; `None` if nothing can come any more.
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
