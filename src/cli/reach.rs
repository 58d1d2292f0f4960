//! What `history` and `put-back` are about: one key, a name with all below it, or the whole scope.
use super::{Exit, target::Target, trouble::Trouble};
use crate::{
    failure::Failure,
    keys::{KeyRange, KeyValue, Revision, Scope, ScopedKey, spelling::unspell},
    plan::Challenge,
    store::{self, Reader},
};

/// One or two ranges of the scope that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) own: Option<ScopedKey>,
    pub(super) below: Option<KeyRange>,
    /// The text that stands for all of it.
    pub(super) challenge: Challenge,
}

impl Reach {
    /// A key is that key alone; with a closing slash, or as a name, it is that and everything below; `.` and the
    /// scope's path are the whole scope.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub(super) fn parse(scope: &Scope, text: &str) -> Result<Self, Trouble> {
        let whole = || Self { own: None, below: Some(scope.range()), challenge: Challenge::scope(scope) };
        let path = scope.as_str().trim_end_matches('/');
        if unspell(text.strip_suffix('/').unwrap_or(text)).is_ok_and(|key| key == path.as_bytes()) {
            return Ok(whole());
        }
        let name = match Target::parse(scope, text)? {
            Target::Root => return Ok(whole()),
            Target::Key(key) if !text.ends_with('/') => {
                return Ok(Self { challenge: Challenge::key(&key), own: Some(key), below: None });
            }
            Target::Key(_) => Target::subtree(scope, text)?,
            Target::Name { key, .. } => key,
        };
        let below = Some(scope.below_key(&name));
        Ok(Self { challenge: Challenge::subtree(&name), own: Some(name), below })
    }
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
        let of = |text| Reach::parse(&scope, text).unwrap();
        let alone = Reach { challenge: Challenge::key(&key), own: Some(key.clone()), below: None };
        assert_eq!(of("/coredns/io/gcr"), alone);
        let below = Some(scope.below_key(&key));
        let subtree = Reach { challenge: Challenge::subtree(&key), own: Some(key), below };
        assert_eq!((of("/coredns/io/gcr/"), of("gcr.io")), (subtree.clone(), subtree));
        for text in [".", "/coredns", "/coredns/"] {
            let whole = of(text);
            assert_eq!((whole.own, whole.challenge.as_str()), (None, "/coredns/"), "{text}");
        }
        assert!(Reach::parse(&scope, "/registry/pods/x").is_err());
    }
}
