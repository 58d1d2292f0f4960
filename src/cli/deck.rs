//! `coredeck [NAME]`.
use super::{
    Exit,
    session::{Doors, Session, SessionJournal, Store, ledger},
    target::Target,
    trouble::Trouble,
};
use crate::{
    app, archive,
    config::{ColorChoice, ProcessEnvironment, Settings, state_directory},
    failure::Failure,
    plan::Journal as _,
    runtime,
    view::Look,
};
use jiff::tz::TimeZone;
use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

/// Opens the deck, at a name or key if one is given.
pub(super) async fn open<S: Store>(session: Session<S>, name: Option<&str>) -> Result<Exit, Trouble> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Trouble::usage(
            "the deck needs a terminal",
            "Use tree, get, search, set and rm where there is none (coredeck --help).",
        ));
    }
    let go_to = match name {
        Some(name) => Target::readable(session.scope(), Some(name))?.0,
        None => None,
    };
    let Doors { reader, writer, status } = session.for_deck().await?;
    // Who only looks needs no journal, and without a journal there is only looking.
    let (writer, journal, read_only) = match writer {
        Ok(writer) => match session.journal() {
            Ok(journal) => (Some(writer), journal, None),
            Err(trouble) => (None, SessionJournal::None, Some(trouble.what().to_owned())),
        },
        Err(Failure::ReadOnly { why }) => (None, SessionJournal::None, Some(why)),
        Err(why) => (None, SessionJournal::None, Some(why.to_string())),
    };
    let settings = &session.settings;
    // What earlier sessions have changed can be looked at, whether this one may change anything or not.
    let ledger = match &journal {
        SessionJournal::None => ledger(settings).unwrap_or_default(),
        SessionJournal::File(_) | SessionJournal::Memory(_) => journal.ledger(),
    };
    let serving = settings.serving(&[]);
    let shown = app::Session {
        scope: session.scope().clone(),
        label: settings.label.clone().unwrap_or_else(|| without_scheme(&status.endpoint).to_owned()),
        read_only,
        status,
        journal: journal.place(),
        neighbours: None,
        power: None,
        zones: settings.zones.value.clone(),
        every_top: serving.zones.is_empty() && settings.has_no_zones(),
        circumstances: settings.circumstances(),
        serving,
        servers: settings.servers().into_iter().map(|server| server.0).collect(),
    };
    // What is pretended is not worth a file.
    let state = (!settings.demo).then(|| state_directory(&ProcessEnvironment).ok()).flatten();
    let rescued = state.map(|state| state.join("rescued"));
    let deck = runtime::Deck {
        reader,
        writer,
        journal,
        ledger,
        session: shown,
        go_to,
        look: look(settings),
        rescued,
        backups: backups(settings),
    };
    runtime::run(deck).await.map_err(|error| {
        Trouble::new(Exit::Failed, format!("the terminal cannot be used: {error}"), "Use another terminal.")
    })?;
    Ok(Exit::Done)
}

/// Where backups of this machine are.
fn backups(settings: &Settings) -> Vec<PathBuf> {
    let state = if settings.demo { None } else { state_directory(&ProcessEnvironment).ok() };
    let places = state.map(|state| [Some(archive::backups(&state)), archive::other_backups(&state)]);
    places.into_iter().flatten().flatten().collect()
}

/// An endpoint as short as it can be said: the port and the TLS files tell the rest.
fn without_scheme(endpoint: &str) -> &str {
    endpoint.split_once("://").map_or(endpoint, |(_, address)| address)
}

fn look(settings: &Settings) -> Look {
    let colour = match settings.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !settings.no_color,
    };
    Look { ascii: settings.ascii, colour, zone: TimeZone::system() }
}
