use super::{
    Exit, answer, apply,
    arguments::{CliArguments, CliCommand, SnapshotCommand, SnapshotFlags},
    ask, backup, bulk, change,
    command_error::CommandError,
    completions, decks, doctor, explain, export, get, history, import, isolate, limits, lint, log, man,
    migrate,
    output::{Screen, say, say_safely, say_whole},
    password::ask_for_password,
    plan, put_back, rbac, rescue, restore, resume, rm, search, set, snapshot, status,
    teller::OnStderr,
    tracing_file, tree, undo, verify,
};
use crate::{
    config::{DiscoveredSettings, ProcessEnvironment, SettingSource, Settings},
    no_dump,
    session::{Etcd, Session, Store, recall},
    store::memory::Memory,
};
use clap::Parser as _;
use std::ffi::OsString;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the program with these arguments.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Exit {
    // This comes before anything is read: a password may stand in the environment.
    no_dump::begin();
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    limits::with_enough(|| run_with_enough(arguments)).unwrap_or_else(|trouble| {
        say_whole(&format!("coredeck: {}", trouble.what()));
        say("Nothing was begun.");
        say_whole(trouble.remedy());
        trouble.exit
    })
}

fn run_with_enough(arguments: Vec<OsString>) -> Exit {
    let arguments = match CliArguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors. If the stream is gone, nobody can be told.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let changes = arguments.command.as_ref().is_some_and(CliCommand::changes);
    match dispatch(arguments) {
        Ok(exit) => exit,
        Err(trouble) => {
            say_whole(&format!("coredeck: {}", trouble.what()));
            // A change that was sent is reported as an outcome; an error comes before that, or is unclear.
            if changes && !matches!(trouble.exit, Exit::Done | Exit::Unclear) {
                say("Nothing was changed.");
            }
            say_whole(trouble.remedy());
            trouble.exit
        }
    }
}

fn dispatch(mut arguments: CliArguments) -> Result<Exit, CommandError> {
    if let Some(CliCommand::Log(_)) = &arguments.command {
        // This command connects to nothing, and its --key is a key of etcd.
        arguments.flags.key = None;
        arguments.flags.cert = None;
    }
    match &arguments.command {
        Some(CliCommand::Completions { shell }) => return completions::print(*shell).map(|()| Exit::Done),
        Some(CliCommand::Man { command }) => return man::print(command.as_deref()).map(|()| Exit::Done),
        // `doctor` reports the faults of the settings itself.
        Some(CliCommand::Doctor) => return doctor::run(&arguments.flags),
        // The line decides the cluster that it connects to.
        Some(CliCommand::Explain(flags)) if flags.ask => return ask::run(&arguments.flags, &flags.line),
        Some(_) if arguments.name.is_some() => {
            return Err(CommandError::usage(
                "a name stands before the command",
                "Write the command first: coredeck get NAME.",
            ));
        }
        _ => {}
    }
    let settings = Settings::merge(&arguments.flags, &ProcessEnvironment)?;
    let screen = Screen::of(&settings);
    let changes = arguments.command.as_ref().is_some_and(CliCommand::changes);
    act(settings, arguments).inspect_err(|trouble| {
        if changes {
            change::print_trouble(&screen, trouble);
        }
    })
}

/// Runs the command with its settings.
fn act(mut settings: Settings, arguments: CliArguments) -> Result<Exit, CommandError> {
    if let Some(path) = &settings.log {
        tracing_file::to_file(path)?;
    }
    for note in settings.notes() {
        say_safely(format!("coredeck: warning: {note}"));
    }
    // Records of a file need no cluster, and no credential.
    match &arguments.command {
        Some(CliCommand::Answer(flags)) if flags.from.records.is_some() => {
            return answer::offline(&settings, &Screen::of(&settings), flags);
        }
        Some(CliCommand::Lint(flags)) if flags.from.records.is_some() => {
            return lint::offline(&settings, &Screen::of(&settings), flags);
        }
        Some(CliCommand::Snapshot(SnapshotFlags {
            command: Some(SnapshotCommand::Status { file }), ..
        })) => {
            return snapshot::status(&Screen::of(&settings), file);
        }
        // The journal is on this machine, and needs no cluster.
        Some(CliCommand::Log(flags)) => return log::print(&settings, &Screen::of(&settings), flags),
        _ => {}
    }
    let is_deck = arguments.command.is_none();
    // A deck asks for the profile.
    let mut unchosen = settings.unchosen().filter(|_| !is_deck);
    if settings.endpoints.from == SettingSource::Default
        && let Some(unchosen) = unchosen.take()
    {
        let usual = settings.endpoints.value.join(", ");
        say_safely(format!("coredeck: warning: no etcd was named, so {usual} is asked; {unchosen}"));
    }
    if !is_deck {
        settings.taken.check()?;
        recall(&mut settings)?;
        ask_for_password(&mut settings)?;
    }
    let runtime = runtime()?;
    let provenance = format!("Used: {}.", settings.provenance());
    let unused = settings.taken.unused.as_ref().filter(|_| settings.cacert.is_none()).map(|found| {
        let DiscoveredSettings { what, endpoints, .. } = &**found;
        format!("This machine has {what}, for {}: without --endpoints it is used.", endpoints.value)
    });
    let nowhere = (!settings.taken.looked.is_empty()).then(|| {
        let all = "Nobody has named an etcd, and none was found on this machine; coredeck doctor says where it was \
                   looked for.";
        format!("{all} {}", doctor::HOW_TO_FIND)
    });
    let done = runtime.block_on(async {
        // A write beyond the limit on the size of files (ulimit -f, LimitFSIZE=) shall fail with EFBIG, and be
        // reported: by default the kernel ends the program, in the middle of a change as well. The handler stays when
        // this is dropped.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
        if is_deck {
            Box::pin(decks::run(settings, &arguments.flags, arguments.name.as_deref())).await
        } else if settings.demo {
            let store = Memory::demo(&settings.scope.value);
            Box::pin(perform(Session { settings, store, teller: &OnStderr }, arguments)).await
        } else {
            let store = Etcd::of(&settings);
            Box::pin(perform(Session { settings, store, teller: &OnStderr }, arguments)).await
        }
    });
    // A lookup that hangs in the resolver must not keep the program.
    runtime.shutdown_background();
    done.map_err(|trouble| {
        if !trouble.is_etcd_not_reached() {
            return trouble;
        }
        let unchosen = unchosen.map(|unchosen| format!("If another etcd is meant, {unchosen}."));
        [unused, unchosen, nowhere]
            .into_iter()
            .flatten()
            .fold(trouble.hint(&provenance), |trouble, hint| trouble.hint(&hint))
    })
}

/// Makes the runtime for all network requests.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Exit::Failed, error, "Free memory or threads, then try again."))
}

async fn perform<S: Store + Clone>(
    session: Session<S>,
    arguments: CliArguments,
) -> Result<Exit, CommandError> {
    let screen = Screen::of(&session.settings);
    match arguments.command {
        Some(CliCommand::Tree { name, at }) => tree::print(&session, &screen, name.as_deref(), at).await,
        Some(CliCommand::Get { target, recursive, at }) => {
            get::print(&session, &screen, &target, recursive, at).await
        }
        Some(CliCommand::Status(flags)) => status::run(&session, &screen, &flags).await,
        Some(CliCommand::Search { text }) => search::print(&session, &screen, &text).await,
        Some(CliCommand::Answer(flags)) => answer::print(&session, &screen, &flags).await,
        Some(CliCommand::Lint(flags)) => lint::run(&session, &screen, &flags).await,
        Some(CliCommand::Verify(flags)) => verify::run(&session, &screen, &flags).await,
        Some(CliCommand::Set { target, fields, change }) => {
            set::run(&session, &screen, &target, &fields, &change).await
        }
        Some(CliCommand::Rm { target, recursive, change }) => {
            rm::run(&session, &screen, &target, recursive, &change).await
        }
        Some(CliCommand::Mv(flags)) => bulk::mv(&session, &screen, &flags).await,
        Some(CliCommand::Cp(flags)) => bulk::cp(&session, &screen, &flags).await,
        Some(CliCommand::Ttl(flags)) => bulk::ttl(&session, &screen, &flags).await,
        Some(CliCommand::ReplaceHost(flags)) => bulk::replace_host(&session, &screen, &flags).await,
        Some(CliCommand::Isolate { name, change }) => isolate::run(&session, &screen, &name, &change).await,
        Some(CliCommand::Undo(flags)) => undo::run(&session, &screen, &flags).await,
        Some(CliCommand::Resume(flags)) => resume::run(&session, &screen, &flags).await,
        Some(CliCommand::History(flags)) => history::run(&session, &screen, &flags).await,
        Some(CliCommand::PutBack(flags)) => put_back::run(&session, &screen, &flags).await,
        Some(CliCommand::Rescue(flags)) => rescue::run(&session, &screen, &flags).await,
        Some(CliCommand::Backup(flags)) => backup::run(&session, &screen, &flags).await,
        Some(CliCommand::Restore(flags)) => restore::run(&session, &screen, &flags).await,
        Some(CliCommand::Snapshot(flags)) => snapshot::run(&session, &screen, &flags).await,
        Some(CliCommand::Explain(flags)) => explain::run(&session, &screen, &flags).await,
        Some(CliCommand::Export(flags)) => export::run(&session, &screen, &flags).await,
        Some(CliCommand::Import(flags)) => import::run(&session, &screen, &flags).await,
        Some(CliCommand::Plan(flags)) => plan::run(&session, &screen, &flags, &arguments.flags).await,
        Some(CliCommand::Apply(flags)) => apply::run(&session, &screen, &flags).await,
        Some(CliCommand::Migrate(flags)) => migrate::run(&session, &screen, &flags, &arguments.flags).await,
        Some(CliCommand::Rbac(flags)) => rbac::run(&session.settings, &screen, &flags).await,
        // These ran before anything was opened, and the deck opens its own sessions.
        None
        | Some(
            CliCommand::Completions { .. } | CliCommand::Man { .. } | CliCommand::Log(_) | CliCommand::Doctor,
        ) => Ok(Exit::Done),
    }
}
