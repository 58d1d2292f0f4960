//! What `history` and `put-back` are about: one key, a name with all below it, or the whole scope.
use super::{Exit, target::Target, trouble::Trouble};
use crate::{
    failure::Failure,
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey, spelling::unspell},
    plan::Reach,
    store::{self, Reader},
};

/// A key is that key alone; with a closing slash, or as a name, it is that and everything below; `.` and the scope's
/// path are the whole scope.
///
/// # Errors
/// As [`Target::parse`].
pub(super) fn parse(scope: &Scope, text: &str) -> Result<Reach, Trouble> {
    let path = scope.as_str().trim_end_matches('/');
    if unspell(text.strip_suffix('/').unwrap_or(text)).is_ok_and(|key| key == path.as_bytes()) {
        return Ok(Reach::scope(scope));
    }
    let name = match Target::parse(scope, text)? {
        Target::Root => return Ok(Reach::scope(scope)),
        Target::Key(key) if !text.ends_with('/') => return Ok(Reach::key(&key)),
        Target::Key(_) => Target::subtree(scope, text)?,
        Target::Name { key, .. } => key,
    };
    Ok(Reach::name(scope, &name))
}

/// What stood at a key, and below a name, at a revision; in key order.
///
/// # Errors
/// A revision that cannot be read is told with those that can.
pub(super) async fn state_at(
    reader: &impl Reader,
    scope: &Scope,
    own: Option<&ScopedKey>,
    below: Option<&KeyRange>,
    at: Revision,
) -> Result<Vec<KeyValue>, Trouble> {
    match store::state_at(reader, scope, own, below, at).await {
        Ok(records) => Ok(records),
        Err(failure) => Err(out_of_reach(reader, scope, own, below, failure).await),
    }
}

/// The same failure; of a revision that cannot be read it says which can.
pub(super) async fn out_of_reach(
    reader: &impl Reader,
    scope: &Scope,
    own: Option<&ScopedKey>,
    below: Option<&KeyRange>,
    failure: Failure,
) -> Trouble {
    if !matches!(failure, Failure::Compacted { .. } | Failure::NotYet { .. }) {
        return failure.into();
    }
    let Some(range) = own.map(|key| scope.only(key)).or_else(|| below.cloned()) else {
        return failure.into();
    };
    let Ok(known) = reader.past(&range, 1).await else { return failure.into() };
    let (oldest, newest) = (known.oldest, known.until);
    if let Failure::NotYet { .. } = failure {
        let what = format!("{failure}: etcd is at revision {newest}");
        return Trouble::new(Exit::Failed, what, "Give one that coredeck history shows.");
    }
    Trouble::new(
        Exit::Failed,
        format!("{failure}; the oldest that it still has is {oldest}"),
        format!(
            "Take one from {oldest} on. What is older is in the journal (coredeck log, coredeck undo) as far as it was \
             changed with this program, and in backups (coredeck restore FILE)."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_itself_and_a_name_is_all_below_it_as_well() {
        let scope = Scope::parse("/coredns").unwrap();
        let key = scope.spelled_key("/coredns/io/gcr").unwrap();
        let of = |text| parse(&scope, text).unwrap();
        assert_eq!(of("/coredns/io/gcr"), Reach::key(&key));
        let subtree = Reach::name(&scope, &key);
        assert_eq!((of("/coredns/io/gcr/"), of("gcr.io")), (subtree.clone(), subtree));
        for text in [".", "/coredns", "/coredns/"] {
            assert_eq!(of(text), Reach::scope(&scope), "{text}");
        }
        assert!(parse(&scope, "/registry/pods/x").is_err());
    }
}
