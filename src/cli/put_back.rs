//! Command that puts a key, a name or the scope back to its state at a revision.
use super::{
    Exit,
    arguments::{ChangeFlags, EndedLease, PutBackFlags},
    change,
    command_error::CommandError,
    output::{Screen, say},
    reach::{self, out_of_reach},
};
use crate::{
    keys::{LeaseId, Revision},
    ops::{Deletion, deletion_until, put_back},
    plan::{LeaseChoice, PutBack, PutBackChoices, PutBackError},
    quantity::counted,
    remedy::Remedy,
    session::{Session, Store},
};
use std::time::Duration;

/// The most keys of a list that are named; the others are counted.
const NAMED: usize = 20;

pub(super) async fn run<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    flags: &PutBackFlags,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let reach = reach::parse(scope, &flags.target)?;
    let doors = session.for_changes().await?;
    let at = Revision(flags.at);
    let put_back = match put_back(&doors.reader, scope, &reach, at).await {
        Ok(put_back) => put_back,
        Err(failure) => return Err(out_of_reach(session, &doors.reader, &reach, failure).await),
    };
    if !flags.prune && !put_back.extra().is_empty() {
        tell_left(&put_back, flags.at);
    }
    let choices = PutBackChoices {
        prune: flags.prune,
        lease: flags.lease.lease.map(LeaseChoice::from),
        ttl: flags.lease.lease_ttl.map(Duration::from_secs),
    };
    let intent = match put_back.intent(reach.challenge.clone(), choices) {
        Ok(intent) => intent,
        Err(why) => {
            let deleted = deletion_until(&doors.reader, scope, &reach, at).await.unwrap_or_default();
            let refused = refused(&why, &put_back, flags, deleted);
            if refused.exit != Exit::Done {
                return Err(refused);
            }
            change::print_nothing(screen, &reach.challenge, &doors.status)?;
            return Err(refused.reported());
        }
    };
    let consent = ChangeFlags { ptr: false, consent: flags.consent.clone() };
    change::make(session, doors, screen, intent, &consent).await
}

impl From<EndedLease> for LeaseChoice {
    fn from(ended: EndedLease) -> Self {
        match ended {
            EndedLease::New => Self::New,
            EndedLease::Permanent => Self::Permanent,
            EndedLease::LeaveOut => Self::LeaveOut,
        }
    }
}

/// Reports the keys that the plan does not touch, so that nobody takes the result for the old state.
fn tell_left(put_back: &PutBack, at: i64) {
    let extra = put_back.extra();
    let (was, stays) = if extra.len() == 1 { ("was", "stays") } else { ("were", "stay") };
    say(format_args!(
        "{} {was} not there at revision {at}, and {stays}; --prune deletes them:",
        counted(extra.len(), "key")
    ));
    for record in extra.iter().take(NAMED) {
        say(format_args!("  left    {}", record.key));
    }
    if extra.len() > NAMED {
        say(format_args!("  and {} more", extra.len() - NAMED));
    }
}

fn refused(
    why: &PutBackError,
    put_back: &PutBack,
    flags: &PutBackFlags,
    deleted: Option<Deletion>,
) -> CommandError {
    let PutBackFlags { at, target, .. } = flags;
    // A user who gives the revision of a deletion means the state before it.
    let before = deleted.map(|deleted| {
        let keys = counted(deleted.keys, "key");
        let (revision, before) = (deleted.revision, deleted.before());
        format!("Revision {revision} deleted {keys} there: coredeck put-back {target} --at {before} has them back.")
    });
    let is_at_the_deletion = deleted.is_some_and(|deleted| deleted.revision == Revision(*at));
    match why {
        PutBackError::AsItWas => {
            let remedy = before.filter(|_| is_at_the_deletion);
            let what = format!("{target} is as it was at revision {at}");
            CommandError::new(Exit::Done, what, remedy.unwrap_or_else(|| why.remedy()))
        }
        PutBackError::NothingThen => CommandError::new(
            Exit::Failed,
            format!("nothing was at {target} at revision {at}, so nothing can be put back"),
            before.unwrap_or_else(|| {
                format!(
                    "etcd knows of no deletion there: see what is saved with coredeck restore --only {target}"
                )
            }),
        ),
        PutBackError::OnlyMore(_) => CommandError::new(
            Exit::Done,
            format!("all that was at {} at revision {at} is there", flags.target),
            "Give --prune to delete what was not there then.",
        ),
        PutBackError::AllLeftOut => CommandError::new(Exit::Done, why, why.remedy()),
        PutBackError::LeaseGone(_) => {
            for (lease, number) in put_back.gone() {
                say(format_args!("  lease   {} of {}", gone(lease), counted(number, "key")));
            }
            CommandError::new(
                Exit::Conflict,
                why,
                "etcd cannot revive a lease. Give --lease permanent, --lease leave-out, or --lease new with \
                 --lease-ttl SECONDS.",
            )
        }
        PutBackError::NoTtl => CommandError::usage(why, "Give --lease-ttl SECONDS with --lease new."),
    }
}

fn gone(lease: LeaseId) -> String {
    format!("{lease}, which is gone,")
}
