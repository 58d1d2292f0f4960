//! Command `coredeck isolate NAME`: groups that keep a name's answers apart from the names below it.
use super::{
    Exit,
    arguments::ChangeFlags,
    change::{self, Worked},
    command_error::CommandError,
    not_as_wanted::NotAsWanted,
    output::{Screen, say_safely},
    target::TargetArgument,
};
use crate::{
    dns::{
        Name, ReadPart,
        lint::{GROUPS_ARE_FRAGILE, isolate},
    },
    ops::{ImplicitZones, settle, wishes},
    plan::{Challenge, Intent},
    remedy::Remedy,
    session::{Session, Store},
};

/// Plans the groups, shows the answers before and after, and makes them if somebody agrees.
pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    target: &str,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let (scope, settings) = (session.scope(), &session.settings);
    let (name, key) = match TargetArgument::parse(scope, target)? {
        TargetArgument::Name { name, key } => (name, key),
        TargetArgument::Key(key) => (Name::of_key(scope, &key), key),
        TargetArgument::Root => {
            return Err(CommandError::usage(
                "the root holds no records",
                "Give a name such as www.example.org.",
            ));
        }
    };
    let doors = session.for_changes().await?;
    let tops = ImplicitZones::met(&doors.reader, settings, &name).await?;
    let ask = |known: &ReadPart| {
        let serving = settings.serving(tops.near(settings, known, [&name]));
        isolate(known, &serving, &name)
    };
    match settle(&doors.reader, scope, ask).await?.value {
        Ok(fix) => {
            let worked = Worked {
                intent: Intent::Several { wishes: wishes(scope, &fix.steps)? },
                left_out: vec![],
                notes: vec![format!("Careful: {GROUPS_ARE_FRAGILE}.")],
                not_as_wanted: NotAsWanted::default(),
            };
            change::make_worked(session, doors, screen, worked, flags).await
        }
        Err(why) if why.is_done() => {
            say_safely(format!("coredeck: {why}"));
            change::nothing_to_do(screen, &Challenge::key(&key), &doors.status)
        }
        Err(why) => Err(CommandError::new(Exit::Refused, &why, why.remedy())),
    }
}
