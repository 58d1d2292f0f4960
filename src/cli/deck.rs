//! `coredeck [NAME]`.
use super::{
    Exit,
    output::Screen,
    session::{Session, Store},
    target::Target,
    trouble::Trouble,
};
use crate::{
    app,
    config::{ColorChoice, Settings},
    plan::Journal as _,
    runtime::{self, Deck},
    view::Look,
};
use jiff::tz::TimeZone;
use std::io::IsTerminal as _;

/// Opens the deck, at a name if one is given.
pub(super) async fn open<S: Store>(
    session: Session<S>,
    _: &Screen,
    name: Option<&str>,
) -> Result<Exit, Trouble> {
    let go_to = name.map(|name| Target::readable(session.scope(), Some(name))).transpose()?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Trouble::usage(
            "the deck needs a terminal, for its input and its output",
            "Use tree, get, search, set and rm in scripts; coredeck --help shows them.",
        ));
    }
    // Nothing is drawn before the cluster has answered: the message of a failure belongs to the shell.
    let doors = session.for_changes().await?;
    let journal = session.journal()?;
    let (writer, read_only) = match doors.writer {
        Ok(writer) => (Some(writer), None),
        Err(why) => (None, Some(why.to_string())),
    };
    let settings = &session.settings;
    let deck = Deck {
        reader: doors.reader,
        writer,
        session: app::Session {
            scope: session.scope().clone(),
            label: label(settings, &doors.status.endpoint),
            status: doors.status,
            read_only,
            journal: journal.place(),
            neighbours: None,
            zones: settings.zones.value.clone(),
        },
        journal,
        go_to: go_to.and_then(|(key, _)| key),
        look: look(settings),
    };
    runtime::run(deck).await.map_err(|error| {
        Trouble::new(Exit::Failed, format!("the terminal cannot be used: {error}"), "Try another TERM.")
    })?;
    Ok(Exit::Done)
}

/// What the header calls the cluster.
fn label(settings: &Settings, endpoint: &str) -> String {
    settings.label.clone().unwrap_or_else(|| endpoint.to_owned())
}

fn look(settings: &Settings) -> Look {
    let colour = match settings.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !settings.no_color,
    };
    Look { ascii: settings.ascii, colour, zone: TimeZone::system() }
}
