//! Known facts about a scope that has lost keys, as `status`, `doctor`, `lint` and others tell them.
use super::{
    Exit,
    command_error::CommandError,
    confirm::can_ask,
    keyboard::Keyboard,
    output::{say, say_safely},
    warning::Warning,
};
use crate::{
    failure::Failure,
    foreign_text::ForeignText,
    keys::ClusterId,
    recovery::{accept_loss, aftermath},
    session::{Session, Store, knowledge_places},
    signpost::{Aftermath, Brings, InEtcd, RecoveryOffer, SavedIn, Signpost, WentBack},
};
use serde::Serialize;
use std::time::Duration;

/// The time limit for a hint after an empty answer. A history of some minutes is read in milliseconds.
const HINT_WITHIN: Duration = Duration::from_secs(5);

/// Checks whether the scope or others have lost keys. A demo has no earlier state.
///
/// # Errors
/// The failure of etcd.
pub(super) async fn look<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    cluster: ClusterId,
) -> Result<Aftermath, Failure> {
    if session.settings.demo {
        return Ok(Aftermath::default());
    }
    let counts = session.store.counts(reader);
    aftermath(&knowledge_places(&session.settings), (reader, &counts), session.scope(), cluster).await
}

/// Says that a look for a loss has failed.
pub(super) fn not_found_out(failure: &Failure) -> String {
    format!("whether keys were lost was not found out: {failure}")
}

/// Reports a loss of the scope on stderr, and returns whether there is one.
pub(super) fn tell(aftermath: &Aftermath, program: &str) -> bool {
    let Some(signpost) = &aftermath.signpost else { return false };
    say_safely(format!("coredeck: warning: {}.", signpost.sentence()));
    for way in signpost.ways(program) {
        say_safely(way);
    }
    true
}

/// Checks for a loss, and reports it; a failed check is reported as well.
pub(super) async fn look_and_tell<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    cluster: ClusterId,
) -> bool {
    match look(session, reader, cluster).await {
        Ok(found) => tell(&found, &session.settings.program()),
        Err(failure) => {
            say_safely(format!("coredeck: warning: {}.", not_found_out(&failure)));
            false
        }
    }
}

/// Returns the warning for a file of a scope that has lost keys, or whose loss could not be checked.
pub(super) async fn loss<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    cluster: ClusterId,
) -> Option<Warning> {
    let program = session.settings.program();
    match look(session, reader, cluster).await {
        Ok(found) => {
            let of_loss = |signpost: Signpost| {
                let remedy = format!("{program} status says what leads back to them.");
                Warning::new(format!("{}.", signpost.sentence()), remedy)
            };
            let of_going_back =
                |back: WentBack| Warning::new(format!("{}.", back.sentence()), back.remedy(&program));
            found.signpost.map(of_loss).or(found.went_back.map(of_going_back))
        }
        Err(failure) => Some(Warning::new(
            format!("{}.", not_found_out(&failure)),
            format!("The file holds what is there now. Ask {program} status."),
        )),
    }
}

/// Writes one line on stderr if a read found no record and a loss of the scope is known. A check that fails, or takes
/// long because etcd's history is long, does not change the result of the read.
pub(super) async fn hint<S: Store>(session: &Session<S>, reader: &S::Reader, cluster: ClusterId) {
    let looked = tokio::time::timeout(HINT_WITHIN, look(session, reader, cluster)).await;
    if let Ok(Ok(Aftermath { signpost: Some(signpost), .. })) = looked {
        say_safely(format!(
            "coredeck: warning: {}; {} status says more.",
            signpost.sentence(),
            session.settings.program()
        ));
    }
}

/// Accepts the loss after the scope was typed: from then on there is no signpost to it.
pub(super) async fn accept<S: Store>(
    session: &Session<S>,
    confirm: Option<&str>,
) -> Result<Exit, CommandError> {
    let (reader, status) = session.for_reading().await?;
    let found = look(session, &reader, status.cluster).await?;
    if found.is_quiet() {
        say_safely(format!(
            "No loss is known of {} in cluster {}, so there is none to accept: {}.",
            session.scope(),
            status.cluster,
            found.quiet()
        ));
        return Ok(Exit::Done);
    }
    for (what, _) in found.told(&session.settings.program()) {
        say_safely(what);
    }
    let scope = session.scope().as_str();
    say(
        "Once this is accepted, nothing tells of it any more: not the deck, not status, not doctor. Backups and rescued \
         files stay.",
    );
    let typed = match confirm {
        Some(typed) => Some(typed.to_owned()),
        None if can_ask() => {
            let question = format!("Type {scope} to accept it: ");
            tokio::task::spawn_blocking(move || Keyboard::open().ask(&question)).await.ok().flatten()
        }
        None => None,
    };
    if typed.as_deref().map(str::trim) != Some(scope) {
        return Err(CommandError::new(
            Exit::Refused,
            "not accepted: the scope was not typed",
            format!("Accept it with {} status --accept-loss --confirm {scope}", session.settings.program()),
        ));
    }
    let counts = session.store.counts(&reader);
    accept_loss(&knowledge_places(&session.settings), &counts, session.scope(), status.cluster)
        .await
        .map_err(|why| {
            CommandError::new(
                Exit::Failed,
                format!("not accepted: {why}"),
                "Mend that, then accept it again.",
            )
        })?;
    say("Accepted. What is lost from now on is told again.");
    Ok(Exit::Done)
}

/// Known facts about lost keys, as `-o json` prints them. The names of the fields are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct KnownLine {
    /// The number of keys before; `null` if the scope has lost nothing.
    keys_then: Option<u64>,
    keys_now: Option<u64>,
    /// The time at which they were there, if the witness knows it.
    when: Option<String>,
    revision_then: Option<i64>,
    /// The revision at which etcd still has them.
    in_etcd_at: Option<i64>,
    saved: Vec<SavedCopyLine>,
    others: Vec<OthersLine>,
    went_back: Option<WentBackLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct SavedCopyLine {
    kind: &'static str,
    file: Option<String>,
    time: String,
    revision: i64,
    keys: Option<u64>,
    /// The number of its keys that are not there now, and of those that have another value; `null` if they were not
    /// compared.
    away: Option<u64>,
    differing: Option<u64>,
    /// `null` if there is nothing in it to put back.
    command: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct OthersLine {
    whose: String,
    keys_then: u64,
    keys_now: u64,
    when: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct WentBackLine {
    from: i64,
    seen: String,
    to: i64,
}

impl KnownLine {
    /// Returns the facts; `None` if no loss is known.
    pub(super) fn of(aftermath: &Aftermath, program: &str) -> Option<Self> {
        if aftermath.is_quiet() {
            return None;
        }
        let signpost = aftermath.signpost.as_ref();
        let others = aftermath.others.iter().map(|loss| OthersLine {
            whose: loss.whose.owner().unwrap_or("others").to_owned(),
            keys_then: loss.then.keys,
            keys_now: loss.now.keys,
            when: loss.then.at.to_string(),
        });
        Some(Self {
            keys_then: signpost.map(|signpost| signpost.then.keys),
            keys_now: signpost.map(|signpost| signpost.now.keys),
            when: signpost.and_then(|signpost| Some(signpost.then.at?.to_string())),
            revision_then: signpost.map(|signpost| signpost.then.revision.0),
            in_etcd_at: signpost.and_then(|signpost| match signpost.in_etcd {
                InEtcd::Readable { before, .. } => Some(before.0),
                InEtcd::Compacted | InEtcd::Unknown(_) => None,
            }),
            saved: signpost
                .iter()
                .flat_map(|signpost| &signpost.offers)
                .map(|offer| SavedCopyLine::of(offer, program, None))
                .collect(),
            others: others.collect(),
            went_back: aftermath.went_back.map(|back| WentBackLine {
                from: back.from.0,
                seen: back.seen.to_string(),
                to: back.to.0,
            }),
        })
    }
}

impl SavedCopyLine {
    pub(super) fn of(offer: &RecoveryOffer, program: &str, only: Option<&str>) -> Self {
        let safe = |text: &str| ForeignText::from(text).to_string();
        let (away, differing) = match offer.brings {
            Brings::Compared { away, differing } => (Some(away), Some(differing)),
            Brings::Unknown(_) => (None, None),
        };
        Self {
            kind: offer.place.word(),
            file: match &offer.place {
                SavedIn::Backup(file) | SavedIn::Rescue(file) => Some(safe(&file.display().to_string())),
                SavedIn::Journal | SavedIn::Entry(_) => None,
            },
            time: offer.time.to_string(),
            revision: offer.revision.0,
            keys: offer.keys,
            away,
            differing,
            command: offer.has_some().then(|| safe(&offer.command(program, only))),
        }
    }
}
