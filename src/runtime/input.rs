//! Input from the keyboard. Keys that arrive in one piece are recognised, because a paste does so in a terminal that
//! does not mark pastes, and a pasted Enter must confirm nothing.
use crate::{
    app::{Key, Msg},
    terminal::Terminal,
};
use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt as _;
use std::{
    future::poll_fn,
    io,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The most events of one call; the next call takes the others.
const MOST: usize = 1_024;
/// A slow line delivers a paste in pieces: a piece that follows this soon belongs to it.
const SAME_PASTE: Duration = Duration::from_millis(150);
/// Nobody presses two keys within this time; a key that is held down repeats every 33 ms.
const SAME_PRESS: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Input {
    events: Option<EventStream>,
    pace: Pace,
    /// The terminal's own signal. crossterm forgets one that comes together with a key (`event/source/unix/mio.rs` of
    /// 0.29), and the size that it tells may have changed again since.
    resized: Signal,
    /// The last size that was told.
    size: Option<(u16, u16)>,
}

/// Times of the last keys, to tell a paste from typing.
#[derive(Debug, Default)]
struct Pace {
    pressed: Option<Instant>,
    /// The time of the last paste, or of keys in one piece.
    together: Option<Instant>,
}

impl Pace {
    /// Tells whether these events belong together, or to those just before.
    fn is_together(&mut self, burst: &[Event], now: Instant) -> bool {
        let within = |before: Option<Instant>, time| before.is_some_and(|before| now - before < time);
        let presses = burst.iter().filter(|event| pressed(event)).count();
        let pasted = burst.iter().any(|event| matches!(event, Event::Paste(_)));
        if presses == 0 && !pasted {
            return false;
        }
        // A marked paste ends where its text contains the end mark, and the rest of the text comes as keys.
        let together =
            pasted || presses > 1 || within(self.pressed, SAME_PRESS) || within(self.together, SAME_PASTE);
        self.pressed = Some(now);
        if together {
            self.together = Some(now);
        }
        together
    }
}

impl Input {
    /// # Errors
    /// The system has no room for it.
    pub(super) fn new() -> io::Result<Self> {
        let resized = signal(SignalKind::window_change())?;
        Ok(Self { events: None, pace: Pace::default(), resized, size: None })
    }

    /// Reads nothing until the next call of [`next`](Self::next): somebody else has the terminal.
    pub(super) fn pause(&mut self) {
        self.events = None;
    }

    /// Returns the next input from the terminal, at least one message; `None` if the terminal is gone. A change of size
    /// stands before the keys: it was there when they were pressed, or came since.
    pub(super) async fn next(&mut self) -> Option<Vec<Msg>> {
        let events = self.events.get_or_insert_with(Terminal::events);
        loop {
            // Reading reports that a terminal is gone.
            let _ = Terminal::wake_for_unread();
            let mut burst = Vec::new();
            tokio::select! {
                biased;
                event = events.next() => burst.push(event?.ok()?),
                Some(()) = self.resized.recv() => {}
            }
            // The stream wakes only the task that asked first, so events that are there already are asked for with
            // this task's own waker. A question with no waker would leave the next key unheard.
            while burst.len() < MOST
                && let Some(Some(Ok(event))) =
                    poll_fn(|cx| Poll::Ready(at_once(events.poll_next_unpin(cx)))).await
            {
                burst.push(event);
            }
            let in_burst = self.pace.is_together(&burst, Instant::now());
            let mut msgs = messages(burst, in_burst);
            if let Some(size) = Terminal::size().ok().filter(|size| self.size != Some(*size)) {
                self.size = Some(size);
                msgs.insert(0, Msg::Resize { width: size.0, height: size.1 });
            }
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

fn pressed(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.kind != KeyEventKind::Release)
}

/// A message for each event, and one for plain characters that stand together in one piece.
fn messages(burst: Vec<Event>, in_burst: bool) -> Vec<Msg> {
    let mut msgs = Vec::new();
    for event in burst {
        match event {
            Event::Key(event) if event.kind != KeyEventKind::Release => match character(event) {
                Some(character) if in_burst => match msgs.last_mut() {
                    Some(Msg::Typed(text)) => text.push(character),
                    _ => msgs.push(Msg::Typed(character.to_string())),
                },
                _ => msgs.push(Msg::Key(Key { event, in_burst })),
            },
            Event::Paste(text) => msgs.push(Msg::Paste(text)),
            Event::Resize(..) | Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => {}
        }
    }
    msgs
}

/// The character that a key types by itself, or with Shift.
fn character(event: KeyEvent) -> Option<char> {
    let KeyCode::Char(character) = event.code else { return None };
    (event.modifiers - KeyModifiers::SHIFT).is_empty().then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    const fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    /// Tells whether an Enter that comes so long after the last of `before` is marked.
    fn is_marked(before: &[(u64, Vec<Event>)], after: u64) -> bool {
        let mut pace = Pace::default();
        let mut now = Instant::now();
        for (wait, burst) in before {
            now += ms(*wait);
            pace.is_together(burst, now);
        }
        let enter = vec![key(KeyCode::Enter)];
        let in_burst = pace.is_together(&enter, now + ms(after));
        matches!(messages(enter, in_burst)[..], [Msg::Key(Key { in_burst: true, .. })])
    }

    #[test]
    fn an_enter_that_came_with_its_text_is_marked() {
        let together = vec![key(KeyCode::Char('x')), key(KeyCode::Enter)];
        assert!(Pace::default().is_together(&together, Instant::now()));
        assert!(!is_marked(&[], 0));
    }

    #[test]
    fn an_enter_behind_the_end_of_a_marked_paste_is_marked() {
        // A clipboard that holds `\x1b[201~` and a newline ends its paste by itself.
        let ended = vec![Event::Paste("/coredns/io/a".to_owned()), key(KeyCode::Enter)];
        assert!(Pace::default().is_together(&ended, Instant::now()));
        let paste = || vec![Event::Paste("/coredns/io/a".to_owned())];
        assert!(is_marked(&[(0, paste())], 10));
        assert!(!is_marked(&[(0, paste())], 400));
    }

    proptest! {
        #[test]
        fn keys_that_come_in_one_piece_are_marked_whatever_the_pauses_between_the_pieces(
            pieces in prop::collection::vec((1_usize..6, 0_u64..3_000), 1..12),
        ) {
            let mut pace = Pace::default();
            let mut now = Instant::now();
            for (keys, pause) in pieces {
                now += ms(pause);
                let piece: Vec<Event> = (0..keys).map(|_| key(KeyCode::Char('x'))).collect();
                let together = pace.is_together(&piece, now);
                let marked = messages(piece, together);
                let is_marked =
                    |msg: &Msg| matches!(msg, Msg::Typed(_) | Msg::Key(Key { in_burst: true, .. }));
                prop_assert!(keys < 2 || marked.iter().all(is_marked));
            }
        }
    }

    #[test]
    fn characters_of_one_piece_are_one_message_and_each_other_key_is_one_of_its_own() {
        let shifted = Event::Key(KeyEvent::new(KeyCode::Char('B'), KeyModifiers::SHIFT));
        let control = Event::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        let piece = || {
            let typed = ['a', 'ä'].map(|c| key(KeyCode::Char(c)));
            typed.into_iter().chain([shifted.clone(), key(KeyCode::Enter), control.clone()]).collect()
        };
        let told = |in_burst| format!("{:?}", messages(piece(), in_burst));
        let marked = messages(piece(), true);
        assert!(matches!(&marked[..], [Msg::Typed(text), Msg::Key(_), Msg::Key(_)] if text == "aäB"));
        assert_eq!(messages(piece(), false).len(), 5, "{}", told(false));
    }

    #[test]
    fn a_paste_in_pieces_is_one_paste() {
        let piece = || vec![key(KeyCode::Char('x')), key(KeyCode::Char('y'))];
        let one = |c| vec![key(KeyCode::Char(c))];
        assert!(is_marked(&[(0, piece())], 100));
        assert!(is_marked(&[(0, piece()), (100, one('z'))], 100));
        assert!(is_marked(&[(0, one('x')), (1, one('y'))], 1), "a slow line brings each key by itself");
        assert!(!is_marked(&[(0, one('x')), (60, one('y'))], 60), "somebody types");
        let resized = vec![Event::Resize(80, 24)];
        assert!(is_marked(&[(0, piece()), (10, resized)], 10));
    }
}
