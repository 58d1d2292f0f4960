//! Deck on one cluster.
use super::{
    Exit,
    command_error::CommandError,
    first_contact::{self, PinQuestions},
    output::safe,
    target::TargetArgument,
};
use crate::{
    app::{self, overlay::ProfileRow},
    archive,
    config::{ColorChoice, Colour, Environment as _, ProcessEnvironment, Settings, Sourced, state_directory},
    dns::ZoneGuess,
    etcdctl::Connection,
    failure::Failure,
    keys::ClusterId,
    known_clusters::KeptCounts,
    plan::Journal as _,
    runtime::{self, Ended},
    session::{Handles, Session, SessionJournal, Store, knowledge_places, ledger},
    store::{Attempts, ClusterStatus},
    view::Look,
};
use jiff::tz::TimeZone;
use ratatui::style::Color;
use std::{io, path::PathBuf};

/// Opens the deck, at a name or key if one is given, and returns how it ended.
pub(super) async fn open<S: Store>(
    session: Session<S>,
    profiles: Vec<ProfileRow>,
    name: Option<&str>,
) -> Result<Ended, CommandError> {
    let go_to = match name {
        Some(name) => TargetArgument::readable(session.scope(), Some(name))?.0,
        None => None,
    };
    let attempts = Attempts::default();
    let contact =
        runtime::connecting(Box::pin(session.for_deck(&attempts)), &attempts, &look(&session.settings)).await;
    let Some(doors) = contact.map_err(|error| unusable(&error))? else {
        return Err(stopped(&attempts.failures()));
    };
    let Handles { reader, writer, status } = doors?;
    // A session without writing needs no journal, and without a journal nothing is written.
    let (writer, journal, read_only) = match writer {
        Ok(writer) => match session.journal() {
            Ok(journal) => (Some(writer), journal, None),
            Err(trouble) => (None, SessionJournal::None, Some(safe(&trouble.to_string()))),
        },
        Err(Failure::ReadOnly { why, .. }) => (None, SessionJournal::None, Some(why)),
        Err(why) => (None, SessionJournal::None, Some(why.to_string())),
    };
    let settings = &session.settings;
    // The changes of earlier sessions can be looked at even if this one may not change anything.
    let ledger = match &journal {
        SessionJournal::None => ledger(settings).unwrap_or_default(),
        SessionJournal::File(_) | SessionJournal::Memory(_) => journal.ledger(),
    };
    let serving = settings.serving(ZoneGuess::default());
    let PinQuestions { meeting, if_another, acquaintance } = first_contact::meet(settings, &status)?;
    let shown = app::DeckSession {
        scope: session.scope().clone(),
        label: label(settings, &status),
        found: settings.taken.what.clone(),
        found_warning: settings.taken.warning.clone(),
        meeting,
        if_another,
        profile: settings.profile.clone(),
        profiles,
        read_only,
        status,
        journal: journal.place(),
        neighbours: None,
        keys: None,
        power: None,
        rescue_all: settings.rescue_all.is_some(),
        zones: settings.zones.value.clone(),
        every_top: serving.zones.is_empty() && settings.has_no_zones(),
        circumstances: settings.circumstances(),
        serving,
        etcdctl: etcdctl(settings),
        given: settings.given(),
        servers: settings.servers().into_iter().map(|server| server.0).collect(),
        verify_after: settings.verify_after.is_some(),
    };
    // A demo keeps no files.
    let state = (!settings.demo).then(|| state_directory(&ProcessEnvironment).ok()).flatten();
    let rescued = state.map(|state| archive::rescued(&state));
    let deck = runtime::Deck {
        counts: session.store.counts(&reader),
        foreign: session.store.foreign(&reader),
        kept: kept_counts(settings, shown.status.cluster),
        reader,
        writer,
        journal,
        ledger,
        session: shown,
        go_to,
        look: look(settings),
        rescued,
        way_back: settings.for_way_back(),
        backups: backups(settings),
        places: knowledge_places(settings),
        acquaintance,
    };
    runtime::run(deck).await.map_err(|error| unusable(&error))
}

pub(super) fn unusable(error: &io::Error) -> CommandError {
    CommandError::new(Exit::Failed, format!("the terminal cannot be used: {error}"), "Use another terminal.")
}

/// Returns the error if somebody stopped waiting for etcd, with the failures until then.
fn stopped(failures: &[Failure]) -> CommandError {
    let what = "stopped before an etcd had answered".to_owned();
    let what: Vec<_> = [what].into_iter().chain(failures.iter().map(ToString::to_string)).collect();
    CommandError::new(
        Exit::NotReached,
        what.join("; "),
        "Give --endpoints of members that can be reached from here.",
    )
}

/// Returns the connection by which etcdctl reaches the same cluster from any directory of this machine.
fn etcdctl(settings: &Settings) -> Option<Connection> {
    if settings.demo {
        return None;
    }
    let file = |file: &Option<Sourced<PathBuf>>| {
        let file = &file.as_ref()?.value;
        Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()))
    };
    let mut connection = Connection {
        endpoints: settings.endpoints.value.clone(),
        cacert: file(&settings.cacert),
        cert: file(&settings.cert),
        key: file(&settings.key),
        user: settings.user.as_ref().map(|user| user.value.clone()),
        shadowed: vec![],
    };
    let set = |variable: &&str| ProcessEnvironment.variable(variable).is_some();
    connection.shadowed =
        connection.flags().into_iter().map(|(_, variable, _)| variable).filter(set).collect();
    Some(connection)
}

/// Returns the operator's label for the cluster, or else the name that it was reached by. A label that only repeats the
/// endpoint is no label.
fn label(settings: &Settings, status: &ClusterStatus) -> String {
    let says_more =
        |label: &&String| !settings.endpoints.value.iter().any(|endpoint| endpoint.ends_with(*label));
    let label = settings.label.as_ref().filter(says_more);
    let named = [label, settings.taken.what.as_ref(), settings.profile.as_ref()].into_iter().flatten().next();
    named.map_or_else(|| status.address().to_owned(), Clone::clone)
}

/// Returns the last number of everybody's keys in this cluster. Numbers that cannot be read are begun anew.
fn kept_counts(settings: &Settings, cluster: ClusterId) -> KeptCounts {
    let state = if settings.demo { None } else { state_directory(&ProcessEnvironment).ok() };
    let Some(state) = state else { return KeptCounts::in_memory(cluster) };
    KeptCounts::load(&state, cluster).unwrap_or_else(|error| {
        tracing::warn!(%error, "the counts of last time cannot be read");
        KeptCounts::anew(&state, cluster)
    })
}

/// Returns the directories of this machine's backups.
fn backups(settings: &Settings) -> Vec<PathBuf> {
    let state = if settings.demo { None } else { state_directory(&ProcessEnvironment).ok() };
    let places = state.map(|state| [Some(archive::backups(&state)), archive::other_backups(&state)]);
    places.into_iter().flatten().flatten().collect()
}

pub(super) fn look(settings: &Settings) -> Look {
    let colour = match settings.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !settings.no_color,
    };
    let label = settings.colour.map(|colour| match colour {
        Colour::Red => Color::Red,
        Colour::Green => Color::Green,
        Colour::Yellow => Color::Yellow,
        Colour::Blue => Color::Blue,
        Colour::Magenta => Color::Magenta,
        Colour::Cyan => Color::Cyan,
    });
    Look { ascii: settings.ascii, colour, zone: TimeZone::system(), label }
}
