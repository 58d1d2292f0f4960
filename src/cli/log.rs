//! Command `coredeck log`: the author, the content, the time and the place of each change. It needs no cluster.
use super::{
    Exit,
    arguments::LogFlags,
    command_error::CommandError,
    cut::print_text,
    log_json, log_text,
    output::{Screen, print_lines, say, say_safely},
    since::since,
    target::TargetArgument,
};
use crate::{
    config::Settings,
    failure::Failure,
    journal::{JournalContents, JournalEntry, Unreadable},
    keys::{KeyRange, ScopedKey, spelling::unspell},
    session,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
};

/// Key with everything below it.
pub(super) struct Touched {
    key: Option<ScopedKey>,
    below: KeyRange,
}

impl Touched {
    /// Tells whether this key, as the journal spells it, is meant.
    pub(super) fn takes(&self, spelled: &str) -> bool {
        unspell(spelled).is_ok_and(|key| {
            self.key.as_ref().is_some_and(|own| own.as_bytes() == key) || self.below.contains(&key)
        })
    }
}

/// Prints the entries of the journal, the newest last.
pub(super) fn print(settings: &Settings, screen: &Screen, flags: &LogFlags) -> Result<Exit, CommandError> {
    let zone = TimeZone::system();
    let from = flags.since.as_deref().map(|text| since(text, Timestamp::now(), &zone)).transpose()?;
    let touched = match flags.key.as_deref() {
        None => None,
        Some(text) => {
            let text = text.to_str().ok_or_else(|| {
                CommandError::usage("--key is no text", "Write the key as coredeck tree shows it.")
            })?;
            let (key, below) = TargetArgument::readable(&settings.scope.value, Some(text))?;
            Some(Touched { key, below })
        }
    };
    let contents = session::ledger(settings)?.contents()?;
    warn(contents.unreadable());
    let settled: HashSet<&str> = contents.settled();
    let failed: RefCell<Option<Failure>> = RefCell::new(None);
    // Entries are read one at a time: some have a million changes.
    let entries = recent(&contents, from).map_while(|number| match contents.entry(number) {
        Ok(entry) => entry,
        Err(failure) => {
            failed.replace(Some(failure));
            None
        }
    });
    let wanted = entries.filter(|entry| touched.as_ref().is_none_or(|touched| touches(entry, touched)));
    let found = Cell::new(false);
    let program = settings.program();
    let lines = wanted.flat_map(|entry| {
        found.set(true);
        let end = EntryState::of(&entry, settled.contains(&*entry.id.0));
        if screen.is_json() {
            vec![log_json::line(&entry, end)]
        } else {
            log_text::lines(&entry, end, touched.as_ref(), (screen.style, &zone), &program)
        }
    });
    if screen.is_json() {
        print_lines(lines)?;
    } else {
        print_text(lines, screen.ascii)?;
    }
    if !found.get() {
        // The message names the journal: root's is another one than that of the user who called sudo.
        let place = session::journal_place(settings)?;
        say_safely(match contents.headings().len() {
            0 => format!("No change is in the journal ({place})."),
            1 => format!("The one change in the journal is none of these ({place})."),
            many => format!("None of the {many} changes in the journal is one of these ({place})."),
        });
    }
    failed.into_inner().map_or(Ok(Exit::Done), |failure| Err(failure.into()))
}

/// State of an entry: ended, still running, or broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryState {
    /// The journal has the outcome.
    Known,
    /// Another session is making the entry.
    Running,
    /// A later entry has finished it, or taken it back.
    Settled,
    BrokenOff,
}

impl EntryState {
    fn of(entry: &JournalEntry, settled: bool) -> Self {
        if entry.outcome.is_some() {
            Self::Known
        } else if settled {
            Self::Settled
        } else if entry.author.is_running() == crate::journal::ProcessState::Yes {
            Self::Running
        } else {
            Self::BrokenOff
        }
    }
}

/// Returns the numbers of the entries that are not older than `from`.
fn recent(contents: &JournalContents, from: Option<Timestamp>) -> impl Iterator<Item = usize> {
    let headings = contents.headings().iter().enumerate();
    headings
        .filter(move |(_, heading)| from.is_none_or(|from| heading.time >= from))
        .map(|(number, _)| number)
}

fn touches(entry: &JournalEntry, touched: &Touched) -> bool {
    entry.recorded.iter().flat_map(|change| change.keys()).any(|key| touched.takes(key))
}

/// Reports the lines that are no entries. The others are shown, whatever these lines hold.
pub(super) fn warn(unreadable: &[Unreadable]) {
    for Unreadable { file, line, reason, .. } in unreadable {
        say_safely(format!("coredeck: warning: {}, line {line}: {reason}", file.display()));
    }
    if !unreadable.is_empty() {
        say("All other entries are shown.");
    }
}
