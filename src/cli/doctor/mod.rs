//! Command `coredeck doctor`: the settings, which of them are used, and the faults in them. It changes nothing, leaves
//! no file, and works without any cluster. Each group of checks has a time limit of its own, and they run side by side.

mod authentication;
mod brief;
mod certificates;
mod check;
mod clock;
mod discovery;
mod endpoints;
mod newest_backup;
mod places;
mod records;
mod release;
mod terminal;

pub(super) use discovery::HOW_TO_FIND;

use super::{
    Exit,
    command_error::CommandError,
    output::{Screen, safe},
    password::ask_for_password,
    style::Style,
};
use crate::{
    config::{ConfigError, Flags, ProcessEnvironment, Profiles, Settings},
    keys::ClusterId,
    remedy::Remedy,
    session::{Etcd, knowledge_places, recall},
};
use check::{Check, CheckLevel};
use std::time::Duration;

/// The time limit for all questions to one endpoint.
const LIMIT: Duration = Duration::from_secs(6);

pub(super) fn run(flags: &Flags) -> Result<Exit, CommandError> {
    let mut settings = match Settings::merge(flags, &ProcessEnvironment) {
        Ok(settings) => settings,
        Err(error) => return without_settings(flags, &error),
    };
    let known = recall(&mut settings);
    let mut checks = discovery::checks(&settings);
    if !settings.demo {
        checks.extend(discovery::profiles(&settings, &Profiles::read(&ProcessEnvironment)?));
    }
    checks.extend(
        known.err().map(|error| Check::error("pinned cluster", safe(&error.to_string()), error.remedy())),
    );
    let mut cluster = settings.pinned.as_ref().map(|pinned| pinned.value);
    let closed = settings.taken.check().is_err();
    let password = if closed { Ok(()) } else { ask_for_password(&mut settings) };
    if settings.demo {
        checks.push(Check::ok("endpoint", "the demo is in memory: nothing is connected and nothing is kept"));
    } else {
        // A credential that may not be read cannot be used to ask.
        if !closed {
            let (asked, answers) = match password {
                Ok(()) => asked(&settings)?,
                Err(trouble) => (vec![Check::error("password", trouble.what(), trouble.remedy())], None),
            };
            // A fault of a certificate is less bad if a server has accepted it in this session.
            checks.extend(certificates::checks(&settings, answers.is_some()));
            checks.extend(asked);
            cluster = answers.or(cluster);
        }
        checks.extend(places::checks());
        // Without a cluster nobody knows which backups to look for.
        checks.extend(cluster.and_then(|cluster| newest_backup::check(&settings, cluster)));
    }
    checks.extend(terminal::checks(settings.ascii, settings.no_color));
    finish(&Screen::of(&settings), &checks)
}

/// Makes the checks that do not depend on a setting.
fn without_settings(flags: &Flags, error: &ConfigError) -> Result<Exit, CommandError> {
    let mut checks = vec![Check::error("settings", error.to_string(), error.remedy())];
    checks.extend(places::checks());
    checks.extend(terminal::checks(flags.ascii, false));
    let style = Style::plain();
    let screen = Screen {
        form: flags.output.unwrap_or_default(),
        style,
        style_of_messages: style,
        ascii: flags.ascii,
    };
    finish(&screen, &checks)
}

/// Returns the checks that need the network, and the one cluster that answers.
fn asked(settings: &Settings) -> Result<(Vec<Check>, Option<ClusterId>), CommandError> {
    let runtime = super::run::runtime()?;
    let store = Etcd::of(settings).into_settings();
    let scope = &settings.scope.value;
    let asked = runtime.block_on(async {
        let (places, program) = (knowledge_places(settings), settings.program());
        let ((endpoints, cluster), authentication, records) = tokio::join!(
            endpoints::checks(&store, scope, settings.pinned.as_ref()),
            authentication::checks(&store, scope),
            records::checks(&store, scope, &places, &program),
        );
        ([endpoints, authentication, records].concat(), cluster)
    });
    // A lookup that hangs in the resolver must not keep the program.
    runtime.shutdown_background();
    Ok(asked)
}

fn finish(screen: &Screen, checks: &[Check]) -> Result<Exit, CommandError> {
    check::print(screen, checks)?;
    Ok(if checks.iter().any(|check| check.level == CheckLevel::Error) { Exit::Findings } else { Exit::Done })
}
