//! Screen that stands alone, while no deck is open: it has the keys of a list, and nothing behind it.
use super::{input::Input, stopping};
use crate::{
    app::{
        Msg,
        keymap::{self, Command, KeyContext, May},
    },
    signals::{self, Interruption, Interruptions},
    terminal::Terminal,
};
use ratatui::buffer::Buffer;
use std::io;

pub(super) struct StartScreen {
    terminal: Terminal,
    input: Input,
}

/// Command that a key stands for.
pub(super) struct Pressed {
    pub(super) command: Option<Command>,
    /// True if it came in one piece with other keys, and so from a paste.
    pub(super) in_burst: bool,
}

impl StartScreen {
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self { terminal: Terminal::take()?, input: Input::new()? })
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.terminal.draw(|buffer| {
            draw(buffer);
            None
        })
    }

    /// Waits for the next key presses. `None` if the terminal is gone. A signal that ends the program does so here,
    /// because nothing is under way.
    pub(super) async fn pressed(&mut self, signals: &mut Interruptions) -> io::Result<Option<Vec<Pressed>>> {
        let msgs = tokio::select! {
            biased;
            interruption = signals.next() => match interruption {
                Interruption::Death(death) => return self.terminal.lend(async { death.die() }).await,
                Interruption::Stop => {
                    self.input.pause();
                    self.terminal.lend(async { signals::stop() }).await??;
                    return Ok(Some(vec![]));
                }
            },
            msgs = self.input.next() => msgs,
        };
        let Some(msgs) = msgs else { return Ok(None) };
        let mut all = Vec::new();
        for key in msgs.into_iter().flat_map(Msg::into_keys) {
            match keymap::resolve(KeyContext::Profiles, May::Look, key.event) {
                Some(Command::Suspend) => stopping::ask_to_stop()?,
                Some(Command::Redraw) => self.terminal.redraw(),
                command => all.push(Pressed { command, in_burst: key.in_burst }),
            }
        }
        Ok(Some(all))
    }
}
