//! Commands `coredeck mv`, `cp`, `ttl` and `replace-host`: one change of many records, worked out on the present scope.
use super::{
    Exit,
    arguments::{ChangeFlags, MvFlags, RelocateFlags, ReplaceHostFlags, TtlFlags},
    change::{self, Worked},
    command_error::CommandError,
    not_as_wanted::NotAsWanted,
    output::{Screen, say},
    reach,
    target::TargetArgument,
};
use crate::{
    bulk::{Among, BulkEdit, BulkError, Relocation, Selection},
    keys::{Scope, ScopedKey},
    ops::index_of,
    plan::{Challenge, KeySelection},
    quantity::counted,
    remedy::Remedy,
    session::{Session, Store},
};
use std::sync::atomic::AtomicBool;

/// The most keys in the way that are listed.
const MOST_LISTED: usize = 20;

/// Moves a name with everything below it.
pub(super) async fn mv<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &MvFlags,
) -> Result<Exit, CommandError> {
    let how = Relocation::Move { with_hosts: !flags.keep_hosts };
    let order = relocation(session.scope(), how, &flags.relocate)?;
    make(session, screen, &order, &flags.relocate.change).await
}

/// Copies a name with everything below it.
pub(super) async fn cp<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &RelocateFlags,
) -> Result<Exit, CommandError> {
    let order = relocation(session.scope(), Relocation::Copy, flags)?;
    make(session, screen, &order, &flags.change).await
}

/// Gives records another TTL.
pub(super) async fn ttl<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &TtlFlags,
) -> Result<Exit, CommandError> {
    let of = among(session.scope(), &flags.target)?;
    let order = BulkEdit::set_ttl(of, &flags.seconds)
        .map_err(|why| CommandError::usage(why, "Give seconds, such as 300, or '' for CoreDNS's default."))?;
    make(session, screen, &order, &flags.change).await
}

/// Gives records another host wherever they have this one.
pub(super) async fn replace_host<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &ReplaceHostFlags,
) -> Result<Exit, CommandError> {
    let of = flags.only.as_deref().map_or(Ok(Among::Scope), |only| among(session.scope(), only))?;
    let order = BulkEdit::replace_host(of, &flags.old, &flags.new)
        .map_err(|why| CommandError::usage(why, "Give addresses or host names."))?;
    make(session, screen, &order, &flags.change).await
}

fn relocation(scope: &Scope, how: Relocation, flags: &RelocateFlags) -> Result<BulkEdit, CommandError> {
    let (from, to) =
        (TargetArgument::subtree(scope, &flags.old)?, TargetArgument::subtree(scope, &flags.new)?);
    Ok(BulkEdit::Relocate { how, from, to, overwrite: flags.overwrite })
}

/// Reads the text: a key is that record alone; a name, or a key with its closing slash, is everything at and below it.
fn among(scope: &Scope, text: &str) -> Result<Among, CommandError> {
    let KeySelection { own, below, .. } = reach::parse(scope, text)?;
    Ok(match (own, below) {
        (None, _) => Among::Scope,
        (Some(key), None) => Among::These(Selection::record(key)),
        (Some(name), Some(_)) => Among::These(Selection::name(name)),
    })
}

/// Works the order out, says what is left out, and makes the rest if somebody agrees.
async fn make<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    order: &BulkEdit,
    flags: &ChangeFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let doors = session.for_changes().await?;
    let index = index_of(&doors.reader, scope).await?;
    let work = order.work(index.records(), &AtomicBool::new(false)).inspect_err(tell_taken)?;
    if work.same > 0 {
        say(format_args!("{} so already, and left as it is.", are(work.same)));
    }
    let is_nothing = work.wishes.is_empty();
    let intent = order.intent(scope, work.wishes).of_listed(work.listed);
    let worked =
        Worked { intent, left_out: work.left_out, notes: work.notes, not_as_wanted: NotAsWanted::default() };
    if !is_nothing {
        return change::make_worked(session, doors, screen, worked, flags).await;
    }
    worked.tell();
    match (work.same, worked.left_out.len()) {
        (0, 0) => {
            Err(CommandError::new(Exit::Failed, nothing_meant(order), "Look for it with search, or tree."))
        }
        (_, 0) => change::nothing_to_do(screen, &Challenge::scope(scope), &doors.status),
        (_, left) => Err(CommandError::new(
            Exit::Failed,
            format!("nothing could be changed: {} left out", are(left)),
            "Mend those records first; lint says what is wrong with them.",
        )),
    }
}

fn are(records: usize) -> String {
    format!("{} {}", counted(records, "record"), if records == 1 { "is" } else { "are" })
}

/// Returns the message for an order that matches no record.
fn nothing_meant(order: &BulkEdit) -> String {
    match order {
        BulkEdit::ReplaceHost { old, .. } => format!("no record has the host {old}"),
        BulkEdit::SetTtl { .. }
        | BulkEdit::Delete { .. }
        | BulkEdit::Relocate { .. }
        | BulkEdit::BringBack { .. } => "there is no record".to_owned(),
    }
}

fn tell_taken(stuck: &BulkError) {
    let BulkError::Taken(taken) = stuck else { return };
    let list = |key: &ScopedKey| say(format_args!("  {key} exists already"));
    taken.iter().take(MOST_LISTED).for_each(list);
    if taken.len() > MOST_LISTED {
        say(format_args!("  and {} more", taken.len() - MOST_LISTED));
    }
}

impl From<BulkError> for CommandError {
    fn from(stuck: BulkError) -> Self {
        let exit = match &stuck {
            BulkError::NotThere(_) | BulkError::Stopped => Exit::Failed,
            BulkError::IntoItself { .. } => Exit::Usage,
            BulkError::Taken(_) => Exit::Conflict,
            BulkError::Outside(_) => Exit::Refused,
        };
        let remedy = match &stuck {
            BulkError::Taken(_) => {
                "Take another name, remove those keys first, or give --overwrite.".to_owned()
            }
            BulkError::NotThere(_)
            | BulkError::IntoItself { .. }
            | BulkError::Outside(_)
            | BulkError::Stopped => stuck.remedy(),
        };
        Self::new(exit, &stuck, remedy)
    }
}
