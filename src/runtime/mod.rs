//! Loop of the deck: it turns input and replies into messages, effects into work, and the model into frames. Only
//! here the deck, the store and the terminal meet.

mod background;
mod backups;
mod connecting;
mod counting;
mod editor;
mod feed;
mod health_poll;
mod history_worker;
mod input;
mod neighbours;
mod profile_screen;
mod recovering;
mod rescuing;
mod rescuing_all;
mod serving;
mod start_screen;
mod stopping;
mod verifying;
mod worker;

use crate::{
    app::{DeckSession, Effect, FeedMsg, Leaving, Model, Msg, TerminalTask, overlay::Digits, update},
    journal::Ledger,
    keys::ScopedKey,
    known_clusters::KeptCounts,
    plan::Journal,
    recovery::KnowledgePlaces,
    session::ClusterPin,
    signals::{self, Death, Interruption, Interruptions},
    store::{ForeignCounts, ForeignPages, Reader, WriteAccess, Writer},
    terminal::Terminal,
    view::{self, Look},
    way_back::WayBackContext,
};
use backups::Backups;
pub use connecting::connecting;
use counting::Counting;
use neighbours::NeighbourWatch;
pub use profile_screen::choose;
use recovering::Recovering;
use rescuing_all::RescuingAll;
use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io,
    path::PathBuf,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use worker::Worker;

/// Parts that a deck is opened with.
#[derive(Debug)]
pub struct Deck<R, C, F, W, J> {
    pub reader: R,
    /// Counts keys anywhere, and can do nothing else.
    pub counts: C,
    /// Reads keys anywhere, at an old revision: for the rescue after an accident, and for nothing else.
    pub foreign: F,
    /// The last known number of each holder's keys.
    pub kept: KeptCounts,
    /// `None` in a read-only session: then nothing could write.
    pub writer: Option<W>,
    pub journal: J,
    /// The entries of all journals, with those of this session.
    pub ledger: Ledger,
    pub session: DeckSession,
    /// The name or key to show first.
    pub go_to: Option<ScopedKey>,
    pub look: Look,
    /// The directory for keys as they were before a mass deletion; `None` keeps nothing on disk.
    pub rescued: Option<PathBuf>,
    /// The facts for the script that is written beside such a file, for others' keys.
    pub way_back: WayBackContext,
    /// The directories that are searched for backups; a new one goes to the first. Empty in a demo.
    pub backups: Vec<PathBuf>,
    /// `None` in a demo.
    pub acquaintance: Option<ClusterPin>,
    /// The places where this machine keeps its knowledge of clusters.
    pub places: KnowledgePlaces,
}

/// Reason why a deck was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The person has closed it, or the terminal is gone.
    Closed,
    /// It has to be opened again as it was.
    Again,
    /// The deck of this profile has to be opened; `None` is the one without a profile.
    Profile(Option<String>),
    /// A signal asks for the end of the program. The work under way is done, and the signal may end the program.
    Signal(Death),
}

impl From<Leaving> for Ended {
    fn from(leaving: Leaving) -> Self {
        match leaving {
            Leaving::Quit => Self::Closed,
            Leaving::Reopen => Self::Again,
            Leaving::Profile(name) => Self::Profile(name),
        }
    }
}

/// Replies that may wait for the deck.
const QUEUE: usize = 64;
/// The time that replies may take before the keyboard is looked at again.
const SLICE: Duration = Duration::from_millis(6);
/// The shortest time between two frames that no key asked for: changes of others are drawn at most this often.
const CALM: Duration = Duration::from_millis(100);

/// Opens the deck; returns when it is closed, with the reason. The terminal is given back in any case.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run<R, C, F, W, J>(deck: Deck<R, C, F, W, J>) -> io::Result<Ended>
where
    R: Reader,
    C: ForeignCounts,
    F: ForeignPages,
    W: Writer,
    J: Journal + Send + 'static,
{
    let mut signals = Interruptions::listen()?;
    let mut terminal = Terminal::take()?;
    let (msgs, mut replies) = mpsc::channel(QUEUE);
    let Deck {
        reader,
        counts,
        foreign,
        kept,
        writer,
        journal,
        ledger,
        session,
        go_to,
        look,
        backups,
        rescued,
        way_back,
        acquaintance,
        places,
    } = deck;
    let (scope, zones) = (session.scope.clone(), session.zones.clone());
    let backups = Backups::new(backups, scope.clone(), session.status.cluster);
    let cluster = session.status.cluster;
    let place =
        rescuing_all::RescueDirectory { directory: rescued.clone(), scope: scope.clone(), cluster, way_back };
    let all = RescuingAll::start(foreign, reader.clone(), place, msgs.clone());
    let rescue = rescuing::Rescue { directory: rescued, scope: scope.clone(), cluster };
    let leaderless = session.status.access == WriteAccess::NoLeader;
    let mut model = Model::new(session, Terminal::size()?, go_to.clone());
    // Each process has other random keys.
    model.digits = Digits::from(RandomState::new().build_hasher().finish());
    let feed = feed::start(reader.clone(), scope.clone(), (go_to, leaderless), msgs.clone());
    let recovering =
        Recovering::start((places, reader.clone(), counts.clone()), (scope.clone(), cluster), msgs.clone());
    let around = NeighbourWatch::start(counts.clone(), reader.clone(), scope.clone(), kept, msgs.clone());
    let counting = Counting::start(counts, scope, msgs.clone());
    let mut worker = Worker::start(
        reader,
        writer,
        (journal, ledger),
        zones,
        (feed, counting, around, recovering),
        (backups, rescue, all, acquaintance),
        msgs,
    );
    let ended = drive(&mut model, &mut terminal, &mut signals, &mut replies, &mut worker, &look).await;
    // Whatever ended the deck, nobody reads replies any more; the change under way is still made to its end and
    // journalled. The terminal may be gone as well.
    drop(terminal);
    replies.close();
    worker.finish().await;
    ended
}

/// Draws a frame, and keeps the facts that the picture reports.
fn draw(model: &mut Model, terminal: &mut Terminal, look: &Look) -> io::Result<()> {
    let mut picture = view::Drawn::default();
    terminal.draw(|buffer| {
        picture = view::draw(model, buffer, look);
        picture.cursor
    })?;
    model.drawn(picture.scrolled, picture.hides);
    Ok(())
}

/// Stops the program with the terminal given back, until it goes on.
async fn stopped(terminal: &mut Terminal, input: &mut input::Input) -> io::Result<Msg> {
    input.pause();
    terminal.lend(async { signals::stop() }).await??;
    Ok(Msg::Resumed)
}

/// Copies a text, and says what became of it.
fn copied(terminal: &mut Terminal, what: &str, text: &str, told: String) -> Msg {
    let copied = terminal.copy(text).map(|()| told);
    Msg::Copied(copied.map_err(|error| format!("the {what} was not copied: {error}")))
}

/// Turns keys and replies into frames and work until the deck is closed.
async fn drive<R: Reader>(
    model: &mut Model,
    terminal: &mut Terminal,
    signals: &mut Interruptions,
    replies: &mut mpsc::Receiver<Msg>,
    worker: &mut Worker<R>,
    look: &Look,
) -> io::Result<Ended> {
    let mut input = input::Input::new()?;
    let mut drawn = Instant::now() - CALM;
    // The first frame is drawn before anything has been read.
    let (mut dirty, mut at_once) = (true, true);
    loop {
        if dirty && (at_once || drawn.elapsed() >= CALM) {
            draw(model, terminal, look)?;
            (dirty, at_once, drawn) = (false, false, Instant::now());
        }
        let mut got = Vec::new();
        tokio::select! {
            biased;
            interruption = signals.next() => match interruption {
                Interruption::Death(death) => return Ok(Ended::Signal(death)),
                Interruption::Stop => got.push(stopped(terminal, &mut input).await?),
            },
            keys = input.next() => {
                // No keys means that the terminal is gone.
                let Some(keys) = keys else { return Ok(Ended::Closed) };
                got.extend(keys);
                at_once = true;
            }
            reply = replies.recv() => {
                let Some(reply) = reply else { return Ok(Ended::Closed) };
                // News that a person waits for is drawn at once; changes of others are not.
                at_once |= !matches!(reply, Msg::Feed(FeedMsg::Changes { .. }));
                got.push(reply);
            }
            () = sleep_until(drawn + CALM), if dirty => {}
        }
        let began = Instant::now();
        let mut waiting = got.into_iter();
        while let Some(msg) =
            waiting.next().or_else(|| (began.elapsed() < SLICE).then(|| replies.try_recv().ok()).flatten())
        {
            dirty = true;
            let effects = update(model, msg);
            worker.health_lasts(model.health_lasts());
            for effect in effects {
                match effect {
                    Effect::Worker(task) => worker.perform(task),
                    Effect::Leave(leaving) => return Ok(leaving.into()),
                    Effect::Terminal(TerminalTask::Redraw) => terminal.redraw(),
                    Effect::Terminal(TerminalTask::Ring) => terminal.ring()?,
                    Effect::Terminal(TerminalTask::Suspend) => stopping::ask_to_stop()?,
                    Effect::Terminal(TerminalTask::Edit(text)) => {
                        input.pause();
                        let edited = match terminal.lend(editor::edit(&text, signals)).await? {
                            Ok(edited) => edited,
                            Err(death) => return Ok(Ended::Signal(death)),
                        };
                        // A Ctrl-C in the editor was meant for the editor.
                        signals.forget_keyboard()?;
                        worker.reply(Msg::Edited(edited));
                    }
                    Effect::Terminal(TerminalTask::Copy { what, text, told }) => {
                        worker.reply(copied(terminal, what, &text, told));
                    }
                }
            }
        }
    }
}
