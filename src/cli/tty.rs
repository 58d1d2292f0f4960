//! The terminal itself, for what has to be asked although the standard streams are somebody else's. Whatever ends or
//! stops the program while it asks, the terminal is given back before (promise P11).
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

/// How a line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// Esc ends it as Enter does, so that it need not be followed by one.
    UntilEsc,
    /// Nothing of it is shown.
    Unseen,
}

/// An open terminal, in modes of its own.
#[derive(Debug)]
pub(super) struct Tty {
    file: Arc<File>,
    before: Termios,
    asking: Termios,
}

impl Tty {
    /// Whoever opens it listens for what would end the program with the terminal as it is then.
    ///
    /// # Errors
    /// There is none.
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

    /// A keyboard that reads this terminal until the program ends.
    pub(super) fn keyboard(&self) -> Keyboard {
        Keyboard::of_terminal(Arc::clone(&self.file))
    }

    /// What is typed here is read from it.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Waits for an answer. Who stops the program meanwhile has the terminal back, and is asked `again` when it goes on.
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
                    // A terminal that is gone ends the reading as well.
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
        // What was typed behind Esc is for no one; the shell would take it for a command.
        let _ = tcflush(&self.file, QueueSelector::IFlush);
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.give_back();
    }
}
