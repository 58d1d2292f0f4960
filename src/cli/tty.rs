//! Terminal for questions while the standard streams belong to others. It is given back before any end or stop of the
//! program during a question (promise P11).
use super::keyboard::Keyboard;
use crate::signals::{self, Death, Interruption, Interruptions};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};
use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    pin::pin,
    sync::Arc,
};

const ESCAPE: u8 = 0x1b;

/// Way in which a line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// Esc ends the line as Enter does, so that no Enter has to follow.
    UntilEsc,
    /// The typed text is not shown.
    Unseen,
}

/// Open terminal, in modes of its own.
#[derive(Debug)]
pub(super) struct Tty {
    file: Arc<File>,
    before: Termios,
    asking: Termios,
}

impl Tty {
    /// Opens the terminal. The caller has to listen for the signals that would end the program without giving it back.
    ///
    /// # Errors
    /// There is no terminal.
    pub(super) fn open(_: &Interruptions, typing: Typing) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut asking = before.clone();
        match typing {
            Typing::UntilEsc => asking.special_codes[SpecialCodeIndex::VEOL] = ESCAPE,
            Typing::Unseen => asking.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL),
        }
        let tty = Self { file: Arc::new(file), before, asking };
        tty.take()?;
        Ok(tty)
    }

    pub(super) fn say(&self, text: impl fmt::Display) {
        self.write(format_args!("{text}\n"));
    }

    /// Writes a text without a line's end.
    pub(super) fn write(&self, text: impl fmt::Display) {
        let _ = write!(&*self.file, "{text}");
    }

    /// Returns a keyboard that reads this terminal until the program ends.
    pub(super) fn keyboard(&self) -> Keyboard {
        Keyboard::of_terminal(Arc::clone(&self.file))
    }

    /// Returns the file that typed text is read from.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Waits for an answer. If the program is stopped meanwhile, the terminal is given back, and the question comes
    /// `again` when the program goes on.
    ///
    /// # Errors
    /// A signal that ends the program came first. The terminal is given back already.
    pub(super) async fn answered<T>(
        &self,
        interruptions: &mut Interruptions,
        again: impl Fn(),
        answer: impl Future<Output = T>,
    ) -> Result<T, Death> {
        let mut answer = pin!(answer);
        loop {
            let interruption = tokio::select! {
                biased;
                interruption = interruptions.next() => interruption,
                answer = &mut answer => return Ok(answer),
            };
            self.give_back();
            match interruption {
                Interruption::Death(death) => return Err(death),
                Interruption::Stop => {
                    let _ = signals::stop();
                    // If the terminal is gone, the reading ends as well.
                    let _ = self.take();
                    again();
                }
            }
        }
    }

    fn take(&self) -> io::Result<()> {
        Ok(tcsetattr(&self.file, OptionalActions::Now, &self.asking)?)
    }

    fn give_back(&self) {
        // Text that was typed behind Esc is dropped, because the shell would take it for a command.
        let _ = tcflush(&self.file, QueueSelector::IFlush);
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.give_back();
    }
}
