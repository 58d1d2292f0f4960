//! The terminal itself, for what has to be asked although the standard streams are somebody else's.
use super::keyboard::Keyboard;
use rustix::termios::{
    OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};
use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    sync::Arc,
};

const ESCAPE: u8 = 0x1b;

/// An open terminal on which Esc ends a line as Enter does, so that it need not be followed by one.
#[derive(Debug)]
pub(super) struct Tty {
    file: Arc<File>,
    before: Termios,
}

impl Tty {
    /// # Errors
    /// There is none.
    pub(super) fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut modes = before.clone();
        modes.special_codes[SpecialCodeIndex::VEOL] = ESCAPE;
        tcsetattr(&file, OptionalActions::Now, &modes)?;
        Ok(Self { file: Arc::new(file), before })
    }

    pub(super) fn say(&self, text: impl fmt::Display) {
        let _ = writeln!(&*self.file, "{text}");
    }

    /// A keyboard that reads this terminal until the program ends.
    pub(super) fn keyboard(&self) -> Keyboard {
        Keyboard::of_terminal(Arc::clone(&self.file))
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // What was typed behind Esc is for no one; the shell would take it for a command.
        let _ = tcflush(&self.file, QueueSelector::IFlush);
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}
