//! First contact of a deck, while there is no deck yet.
use super::start_screen::StartScreen;
use crate::{
    app::keymap::Command,
    signals::{self, Interruption, Interruptions},
    store::Attempts,
    view::{self, Look},
};
use std::{future::Future, io, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// Waits for a first contact; returns `None` if the person gave up. A contact that takes longer than a moment is
/// shown on the whole screen.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn connecting<T>(
    contact: impl Future<Output = T>,
    attempts: &Attempts,
    look: &Look,
) -> io::Result<Option<T>> {
    let began = Instant::now();
    let mut signals = Interruptions::listen()?;
    let mut news = attempts.listen();
    let mut contact = pin!(contact);
    tokio::select! {
        biased;
        interruption = signals.next() => match interruption {
            // Whoever has waited at the keyboard is told how far it came.
            Interruption::Death(death) if death.is_of_keyboard() => return Ok(None),
            Interruption::Death(death) => death.die(),
            // The terminal has not been taken yet.
            Interruption::Stop => signals::stop()?,
        },
        made = timeout(Attempts::UNNOTICED, &mut contact) => if let Ok(made) = made {
            return Ok(Some(made));
        },
    }
    let mut screen = StartScreen::take()?;
    loop {
        screen.draw(|buffer| {
            view::draw_connecting(&news.borrow_and_update(), began.elapsed(), buffer, look);
        })?;
        let pressed = tokio::select! {
            biased;
            pressed = screen.pressed(&mut signals) => pressed?,
            made = &mut contact => return Ok(Some(made)),
            Ok(()) = news.changed() => continue,
            // The screen counts the seconds.
            () = sleep(Duration::from_millis(1_000 - u64::from(began.elapsed().subsec_millis()))) => continue,
        };
        let Some(pressed) = pressed else { return Ok(None) };
        if pressed.iter().any(|key| key.command == Some(Command::Back)) {
            return Ok(None);
        }
    }
}
