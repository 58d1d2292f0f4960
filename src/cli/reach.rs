//! Reach of `history` and `put-back`: one key, a name with all below it, or the whole scope.
use super::{Exit, command_error::CommandError, target::TargetArgument};
use crate::{
    failure::Failure,
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey, spelling::unspell},
    ops,
    plan::{Challenge, KeySelection},
    recovery::offers_now,
    session::{Session, Store, knowledge_places},
    signpost::{RecoveryOffer, ago},
    store::Reader as _,
};
use jiff::Timestamp;

/// The most saved copies that are named if a revision is gone.
const MOST_OFFERS: usize = 5;

/// Reads the text: a key is that key alone; with a closing slash, or as a name, it is that and everything below; `.`
/// and the scope's path are the whole scope.
///
/// # Errors
/// As [`TargetArgument::parse`].
pub(super) fn parse(scope: &Scope, text: &str) -> Result<KeySelection, CommandError> {
    let path = scope.as_str().trim_end_matches('/');
    if unspell(text.strip_suffix('/').unwrap_or(text)).is_ok_and(|key| key == path.as_bytes()) {
        return Ok(KeySelection::scope(scope));
    }
    let name = match TargetArgument::parse(scope, text)? {
        TargetArgument::Root => return Ok(KeySelection::scope(scope)),
        TargetArgument::Key(key) if !text.ends_with('/') => return Ok(KeySelection::key(&key)),
        TargetArgument::Key(_) => TargetArgument::subtree(scope, text)?,
        TargetArgument::Name { key, .. } => key,
    };
    Ok(KeySelection::name(scope, &name))
}

/// Reads the state of a key, and of the keys below a name, at a revision; in key order.
///
/// # Errors
/// The revision cannot be read: the error names the readable ones, and the copies that are saved elsewhere.
pub(super) async fn state_at<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    (own, below): (Option<&ScopedKey>, Option<&KeyRange>),
    at: Revision,
) -> Result<Vec<KeyValue>, CommandError> {
    let scope = session.scope();
    match ops::state_at(reader, scope, own, below, at).await {
        Ok(records) => Ok(records),
        Err(failure) => {
            let challenge = match (own, below) {
                (Some(key), None) => Challenge::key(key),
                (Some(key), Some(_)) => Challenge::subtree(key),
                (None, _) => Challenge::scope(scope),
            };
            let reach = KeySelection { own: own.cloned(), below: below.cloned(), challenge };
            Err(out_of_reach(session, reader, &reach, failure).await)
        }
    }
}

/// Returns the same failure. For a revision that cannot be read it names the readable ones, and the saved copies.
pub(super) async fn out_of_reach<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    reach: &KeySelection,
    failure: Failure,
) -> CommandError {
    if !matches!(failure, Failure::Compacted { .. } | Failure::NotYet { .. }) {
        return failure.into();
    }
    let own = reach.own.as_ref().map(|key| session.scope().only(key));
    let Some(range) = own.or_else(|| reach.below.clone()) else { return failure.into() };
    let Ok(known) = reader.past(&range, 1).await else { return failure.into() };
    let (oldest, newest) = (known.oldest, known.until);
    if let Failure::NotYet { .. } = failure {
        let what = format!("{failure}: etcd is at revision {newest}");
        return CommandError::new(Exit::Failed, what, "Give one that coredeck history shows.");
    }
    CommandError::new(
        Exit::Failed,
        format!("{failure}; the oldest that it still has is {oldest}"),
        format!("Take one from {oldest} on."),
    )
    .hint(&saved_elsewhere(session, reader, reach).await)
}

/// Returns lines about the copies in the backups, the rescued files and the journal of this machine, each with the
/// command that plans to put it back.
pub(super) async fn saved_elsewhere<S: Store>(
    session: &Session<S>,
    reader: &S::Reader,
    reach: &KeySelection,
) -> String {
    let looked = async {
        let cluster = reader.status().await?.cluster;
        offers_now(&knowledge_places(&session.settings), reader, session.scope(), cluster, Some(reach)).await
    };
    let found = match looked.await {
        Ok(found) => found,
        Err(failure) => return format!("What is saved elsewhere could not be looked at: {failure}"),
    };
    let leads_somewhere = |offer: &&RecoveryOffer| offer.away() != Some(0) || offer.differing() != Some(0);
    let only = reach.own.as_ref().map(ScopedKey::spelled);
    let program = session.settings.program();
    let now = Timestamp::now();
    let lines: Vec<String> = found
        .list
        .iter()
        .filter(leads_somewhere)
        .take(MOST_OFFERS)
        .map(|offer| {
            let differing =
                if offer.differing().is_some_and(|differing| differing > 0) { " --differing" } else { "" };
            format!(
                "  {}{differing}   ({}, {})",
                offer.command(&program, only.as_deref()),
                offer.place.word(),
                ago(offer.time, now)
            )
        })
        .collect();
    if lines.is_empty() {
        return "No backup, rescued file or journal of this machine has anything of it that is not there now."
            .to_owned();
    }
    format!("Of what is older, this is saved here; each shows its plan first:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_itself_and_a_name_is_all_below_it_as_well() {
        let scope = Scope::parse("/coredns").unwrap();
        let key = scope.spelled_key("/coredns/io/gcr").unwrap();
        let of = |text| parse(&scope, text).unwrap();
        assert_eq!(of("/coredns/io/gcr"), KeySelection::key(&key));
        let subtree = KeySelection::name(&scope, &key);
        assert_eq!((of("/coredns/io/gcr/"), of("gcr.io")), (subtree.clone(), subtree));
        for text in [".", "/coredns", "/coredns/"] {
            assert_eq!(of(text), KeySelection::scope(&scope), "{text}");
        }
        assert!(parse(&scope, "/registry/pods/x").is_err());
    }
}
