//! The first contact of a deck, while there is no deck yet.
use super::{input::Input, signals::Signals};
use crate::{
    app::{
        Msg,
        keymap::{self, Command, May, Place},
    },
    store::Attempts,
    terminal::Terminal,
    view::{self, Look},
};
use std::{future::Future, io, pin::pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// What became of a first contact.
#[derive(Debug)]
pub enum Contact<T> {
    /// It is over, well or not.
    Made(T),
    /// Nobody wanted to wait any longer.
    Stopped,
    /// A signal ends the program, or the terminal is gone.
    Ended,
}

/// Waits for a first contact. What takes longer than a moment is shown on the whole screen, until it is over or somebody
/// stops it.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn connecting<T>(
    contact: impl Future<Output = T>,
    attempts: &Attempts,
    look: &Look,
) -> io::Result<Contact<T>> {
    let began = Instant::now();
    let mut signals = Signals::listen()?;
    let mut news = attempts.listen();
    let mut contact = pin!(contact);
    tokio::select! {
        biased;
        () = signals.ended() => return Ok(Contact::Ended),
        made = timeout(Attempts::UNNOTICED, &mut contact) => if let Ok(made) = made {
            return Ok(Contact::Made(made));
        },
    }
    let mut terminal = Terminal::take()?;
    let mut input = Input::new();
    loop {
        terminal.draw(|buffer| {
            view::draw_connecting(&news.borrow_and_update(), began.elapsed(), buffer, look);
            None
        })?;
        let msgs = tokio::select! {
            biased;
            () = signals.ended() => return Ok(Contact::Ended),
            made = &mut contact => return Ok(Contact::Made(made)),
            msgs = input.next() => msgs,
            Ok(()) = news.changed() => continue,
            // The seconds are counted.
            () = sleep(Duration::from_millis(1_000 - u64::from(began.elapsed().subsec_millis()))) => continue,
        };
        // Without keys, the terminal is gone.
        let Some(msgs) = msgs else { return Ok(Contact::Ended) };
        for msg in msgs {
            let Msg::Key(key) = msg else { continue };
            match keymap::resolve(Place::Profiles, May::Look, key.event) {
                Some(Command::Suspend) => {
                    input.pause();
                    terminal.lend(super::signals::stop_until_continued)??;
                }
                Some(Command::Redraw) => terminal.redraw(),
                Some(Command::Back) => return Ok(Contact::Stopped),
                _ => {}
            }
        }
    }
}
