//! The keyboard. Keys that arrive in one piece are recognised, because a paste does so in a terminal that does
//! not mark pastes, and a pasted Enter must confirm nothing.
use crate::{
    app::{Key, Msg},
    terminal::Terminal,
};
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt as _;
use std::{future::poll_fn, task::Poll};

/// More is taken with the next call.
const MOST: usize = 1_024;

#[derive(Debug)]
pub(super) struct Input {
    events: Option<EventStream>,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { events: None }
    }

    /// Reads nothing until the next call of [`next`](Self::next): somebody else has the terminal.
    pub(super) fn pause(&mut self) {
        self.events = None;
    }

    /// What has come from the keyboard; at least one message. `None` when the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Vec<Msg>> {
        let events = self.events.get_or_insert_with(Terminal::events);
        loop {
            let mut burst = vec![events.next().await?.ok()?];
            // The stream wakes only who asked first, so what is there already is asked for with this task's own
            // waker; a question by nobody would leave the next key unheard.
            while burst.len() < MOST
                && let Some(Some(Ok(event))) =
                    poll_fn(|cx| Poll::Ready(at_once(events.poll_next_unpin(cx)))).await
            {
                burst.push(event);
            }
            let msgs = messages(burst);
            if !msgs.is_empty() {
                return Some(msgs);
            }
        }
    }
}

fn at_once<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(ready) => Some(ready),
        Poll::Pending => None,
    }
}

fn messages(burst: Vec<Event>) -> Vec<Msg> {
    let pressed = |event: &Event| matches!(event, Event::Key(key) if key.kind != KeyEventKind::Release);
    let in_burst = burst.iter().filter(|event| pressed(event)).count() > 1;
    burst
        .into_iter()
        .filter_map(|event| match event {
            Event::Key(event) if event.kind != KeyEventKind::Release => {
                Some(Msg::Key(Key { event, in_burst }))
            }
            Event::Paste(text) => Some(Msg::Paste(text)),
            Event::Resize(width, height) => Some(Msg::Resize { width, height }),
            Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn an_enter_that_came_with_its_text_is_marked() {
        let together = messages(vec![key(KeyCode::Char('x')), key(KeyCode::Enter)]);
        assert!(together.iter().all(|msg| matches!(msg, Msg::Key(Key { in_burst: true, .. }))));
        let alone = messages(vec![key(KeyCode::Enter)]);
        assert!(matches!(alone[..], [Msg::Key(Key { in_burst: false, .. })]));
    }
}
