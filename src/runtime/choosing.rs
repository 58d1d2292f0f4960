//! The choice of a profile, before any deck is open.
use super::{input::Input, signals::Signals};
use crate::{
    app::{
        Msg,
        keymap::{self, Command, May, Place},
        overlay::{Chooser, Chosen},
    },
    terminal::Terminal,
    view::{self, Look},
};
use std::io;

/// Lets a person choose; `None` when nothing was chosen. The row is that under the chooser's cursor.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn choose(chooser: &mut Chooser, look: &Look) -> io::Result<Option<usize>> {
    let mut signals = Signals::listen()?;
    let mut terminal = Terminal::take()?;
    let mut input = Input::new();
    loop {
        terminal.draw(|buffer| {
            view::draw_chooser(chooser, buffer, look);
            None
        })?;
        let msgs = tokio::select! {
            biased;
            () = signals.ended() => return Ok(None),
            msgs = input.next() => msgs,
        };
        // Without keys, the terminal is gone.
        let Some(msgs) = msgs else { return Ok(None) };
        for msg in msgs {
            let Msg::Key(key) = msg else { continue };
            match keymap::resolve(Place::Profiles, May::Look, key.event) {
                Some(Command::Suspend) => {
                    input.pause();
                    terminal.lend(super::signals::stop_until_continued)??;
                }
                Some(Command::Redraw) => terminal.redraw(),
                // What came in one piece with other keys was pasted, and chooses nothing.
                Some(Command::Open) if key.in_burst => {}
                command => match chooser.press(command) {
                    Chosen::Nothing => {}
                    Chosen::This => return Ok(Some(chooser.cursor)),
                    Chosen::Back => return Ok(None),
                },
            }
        }
    }
}
