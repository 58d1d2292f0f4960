//! Part of the scope that a command is about: all of it, or a name with everything below it.
use super::{command_error::CommandError, target::TargetArgument};
use crate::{
    failure::Failure,
    keys::{KeyRange, Revision, Scope, ScopedKey},
    ops::listing_of,
    plan::Challenge,
    store::{Listing, Reader},
};

/// Part of the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScopePart {
    /// The name's own key; none for the whole scope.
    pub(super) own: Option<ScopedKey>,
    pub(super) below: KeyRange,
}

impl ScopePart {
    /// Returns the part that an argument names; the whole scope without one.
    ///
    /// # Errors
    /// As [`TargetArgument::parse`].
    pub(super) fn of(scope: &Scope, text: Option<&str>) -> Result<Self, CommandError> {
        let (own, below) = TargetArgument::readable(scope, text)?;
        Ok(Self { own, below })
    }

    /// Returns the challenge for a change of many keys here.
    pub(super) fn challenge(&self, scope: &Scope) -> Challenge {
        self.own.as_ref().map_or_else(|| Challenge::scope(scope), Challenge::subtree)
    }

    pub(super) fn holds(&self, key: &ScopedKey) -> bool {
        self.own.as_ref() == Some(key) || self.below.contains(key.as_bytes())
    }

    /// Reads all records of this part, in key order, at one revision.
    ///
    /// # Errors
    /// The store's failure of a read.
    pub(super) async fn read(
        &self,
        reader: &impl Reader,
        scope: &Scope,
        at: Option<Revision>,
    ) -> Result<Listing, Failure> {
        let Some(own) = &self.own else { return listing_of(reader, &self.below, at).await };
        let only = reader.list(&scope.only(own), 1, at).await?;
        let mut whole = listing_of(reader, &self.below, Some(only.revision)).await?;
        // A name's own key comes before the keys below it.
        whole.total += only.total;
        whole.records.splice(..0, only.records);
        Ok(whole)
    }
}
