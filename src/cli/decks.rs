//! Decks of `coredeck [NAME]`: one after the other, until nobody wants another.
use super::{
    Exit, command_error::CommandError, deck, output::say_safely, password::ask_for_password, teller::OnStderr,
};
use crate::{
    app::overlay::{Chooser, ProfileRow},
    config::{Flags, ProcessEnvironment, Profiles, SettingSource, Settings},
    runtime::{self, Ended},
    session::{Etcd, Session, recall},
    store::memory::Memory,
};
use std::io::{self, IsTerminal as _};

/// Opens the deck of these settings, or asks for the profile if several are possible.
pub(super) async fn run(settings: Settings, flags: &Flags, name: Option<&str>) -> Result<Exit, CommandError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(CommandError::usage(
            "the deck needs a terminal",
            "Use tree, get, search, set and rm where there is none (coredeck --help).",
        ));
    }
    let choice = ProfileList::of(settings, flags)?;
    let mut name = name;
    let mut open = if choice.is_open() { None } else { Some(choice.without.clone()) };
    let mut note = None;
    let mut before: Option<Settings> = None;
    loop {
        let Some(settings) = open.take() else {
            let mut chooser = Chooser::new(choice.rows.clone(), note.take());
            let look = deck::look(&choice.without);
            let chosen =
                runtime::choose(&mut chooser, &look).await.map_err(|error| deck::unusable(&error))?;
            match (chosen.and_then(|row| choice.rows.get(row)), before.take()) {
                (Some(row), last) => {
                    match choice.settings(row.name.as_deref(), flags) {
                        Ok(settings) => open = Some(settings),
                        Err(trouble) => note = Some(told(&trouble)),
                    }
                    before = last;
                }
                // Without a choice the deck before opens again.
                (None, Some(last)) => open = Some(last),
                (None, None) => return Ok(Exit::Done),
            }
            continue;
        };
        let opened = async {
            let mut settings = settings.clone();
            prepare(&mut settings)?;
            Box::pin(one(settings, choice.rows.clone(), name.take())).await
        };
        match Box::pin(opened).await {
            Ok(Ended::Closed) => return Ok(Exit::Done),
            // The terminal is given back, and no change is under way.
            Ok(Ended::Signal(death)) => death.die(),
            Ok(Ended::Again) => open = Some(settings),
            Ok(Ended::Profile(profile)) => {
                match choice.settings(profile.as_deref(), flags) {
                    Ok(settings) => open = Some(settings),
                    Err(trouble) => note = Some(told(&trouble)),
                }
                before = Some(settings);
            }
            Err(trouble) if choice.is_open() || before.is_some() => note = Some(told(&trouble)),
            Err(trouble) => return Err(trouble),
        }
    }
}

/// Checks the settings and pins the cluster, before anything is sent.
fn prepare(settings: &mut Settings) -> Result<(), CommandError> {
    settings.taken.check()?;
    recall(settings)?;
    ask_for_password(settings)
}

async fn one(
    settings: Settings,
    profiles: Vec<ProfileRow>,
    name: Option<&str>,
) -> Result<Ended, CommandError> {
    if settings.demo {
        let store = Memory::demo(&settings.scope.value);
        return Box::pin(deck::open(Session { settings, store, teller: &OnStderr }, profiles, name)).await;
    }
    let store = Etcd::of(&settings);
    Box::pin(deck::open(Session { settings, store, teller: &OnStderr }, profiles, name)).await
}

fn told(trouble: &CommandError) -> String {
    format!("{}. {}", trouble.what(), trouble.remedy())
}

/// Profiles that can be opened.
#[derive(Debug)]
struct ProfileList {
    rows: Vec<ProfileRow>,
    /// The settings that the program was started with.
    without: Settings,
}

impl ProfileList {
    fn of(without: Settings, flags: &Flags) -> Result<Self, CommandError> {
        let mut rows = Vec::new();
        if !flags.demo {
            for (name, (_, profile)) in Profiles::read(&ProcessEnvironment)?.all {
                rows.push(ProfileRow {
                    name: Some(name),
                    label: profile.label,
                    colour: profile.colour.map(|colour| colour.to_string()),
                    endpoints: profile.endpoints.unwrap_or_default().join(","),
                    read_only: profile.read_only.unwrap_or(false),
                });
            }
            if !rows.is_empty() && without.profile.is_none() {
                rows.push(ProfileRow {
                    label: without.taken.what.clone(),
                    endpoints: without.endpoints.value.join(","),
                    read_only: without.read_only.is_some(),
                    ..ProfileRow::default()
                });
            }
        }
        Ok(Self { rows, without })
    }

    /// Tells whether nobody has named a cluster: there are several profiles, none asked for and none called default,
    /// and no etcd was named.
    fn is_open(&self) -> bool {
        let named = matches!(self.without.endpoints.from, SettingSource::Flag(_) | SettingSource::Env(_));
        self.without.profile.is_none()
            && !named
            && self.rows.iter().filter(|row| row.name.is_some()).count() > 1
    }

    fn settings(&self, profile: Option<&str>, flags: &Flags) -> Result<Settings, CommandError> {
        match profile {
            Some(name) if self.without.profile.as_deref() != Some(name) => {
                let settings = Settings::of_profile(name, flags, &ProcessEnvironment)?;
                for note in settings.notes_beside(&self.without) {
                    say_safely(format!("coredeck: warning: {note}"));
                }
                Ok(settings)
            }
            _ => Ok(self.without.clone()),
        }
    }
}
