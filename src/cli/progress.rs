//! Progress of a long task, on a terminal.
use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};
use unicode_width::UnicodeWidthStr as _;

/// The time between two updates; a person reads no faster.
const EVERY: Duration = Duration::from_millis(100);
/// The cells of the bar.
const CELLS: u64 = 30;

/// Line on stderr that is drawn over itself, if stderr is a terminal.
#[derive(Debug)]
pub(super) struct ProgressLine {
    shown: bool,
    last: Option<Instant>,
    width: usize,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), last: None, width: 0 }
    }

    /// Shows how much of all is done; `told` gives it in words, which hold no text of others.
    pub(super) fn at(&mut self, done: u64, all: u64, told: &str) {
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        self.draw(&line(done, all, told));
    }

    /// Shows in words what the program waits for, if nothing can be measured.
    pub(super) fn says(&mut self, words: &str) {
        if self.shown {
            self.draw(words);
        }
    }

    /// Removes the line.
    pub(super) fn end(&mut self) {
        if self.width > 0 {
            self.draw("");
            let _ = write!(io::stderr().lock(), "\r");
            self.width = 0;
        }
    }

    fn draw(&mut self, line: &str) {
        let wide = line.width();
        let rest = self.width.saturating_sub(wide);
        // If stderr is gone, nobody can be told.
        let mut out = io::stderr().lock();
        let _ = write!(out, "\r{line}{}", " ".repeat(rest)).and_then(|()| out.flush());
        self.width = wide;
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns a line such as `[#######----] 64 %  12 MB of 19 MB`.
fn line(done: u64, all: u64, told: &str) -> String {
    let part = |of: u64| done.saturating_mul(of).checked_div(all).unwrap_or_default().min(of);
    let full = usize::try_from(part(CELLS)).unwrap_or_default();
    let rest = usize::try_from(CELLS).unwrap_or_default().saturating_sub(full);
    format!("[{}{}] {:3} %  {told}", "#".repeat(full), "-".repeat(rest), part(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_at_the_end_and_never_fuller() {
        assert_eq!(line(1, 2, "x"), format!("[{}{}]  50 %  x", "#".repeat(15), "-".repeat(15)));
        for done in [2, 3, u64::MAX] {
            assert_eq!(line(done, 2, "x"), format!("[{}] 100 %  x", "#".repeat(30)));
        }
        assert_eq!(line(0, 0, "x"), format!("[{}]   0 %  x", "-".repeat(30)));
    }
}
