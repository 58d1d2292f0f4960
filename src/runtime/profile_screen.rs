//! Choice of a profile, before any deck is open.
use super::start_screen::{Pressed, StartScreen};
use crate::{
    app::{
        keymap::Command,
        overlay::{Chooser, ProfileChoice},
    },
    signals::Interruptions,
    view::{self, Look},
};
use std::io;

/// Lets a person choose; returns `None` if the person chose nothing. The row is that under the chooser's cursor.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn choose(chooser: &mut Chooser, look: &Look) -> io::Result<Option<usize>> {
    let mut signals = Interruptions::listen()?;
    let mut screen = StartScreen::take()?;
    loop {
        screen.draw(|buffer| view::draw_chooser(chooser, buffer, look))?;
        let Some(pressed) = screen.pressed(&mut signals).await? else { return Ok(None) };
        for Pressed { command, in_burst } in pressed {
            // A pasted Enter chooses nothing.
            if in_burst && command == Some(Command::Open) {
                continue;
            }
            match chooser.press(command) {
                ProfileChoice::Nothing => {}
                ProfileChoice::This => return Ok(Some(chooser.cursor)),
                ProfileChoice::Back => return Ok(None),
            }
        }
    }
}
