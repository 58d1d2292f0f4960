//! Top-level names as zones, if nobody has named any: those that records prove, and each one with records. In a scope
//! that is not read as a whole, each is looked up when it is met.
use crate::{
    config::Settings,
    dns::{Name, RecordSource, ZoneGuess},
    failure::Failure,
    ops::has_top,
    store::Reader,
};
use std::collections::HashSet;

/// Top-level names that were met so far.
#[derive(Debug, Default)]
pub struct ImplicitZones {
    /// The names that are zones.
    pub zones: Vec<Name>,
    /// The names whose records may not be read, with etcd's failure.
    pub denied: Vec<(Name, Failure)>,
    met: HashSet<Name>,
}

impl ImplicitZones {
    /// Returns the zone of one name, as far as it is known.
    ///
    /// # Errors
    /// The store's failure of a read.
    pub async fn met<R: Reader>(reader: &R, settings: &Settings, name: &Name) -> Result<Self, Failure> {
        let mut tops = Self::default();
        tops.meet(reader, settings, [name.clone()]).await?;
        match tops.denied.pop() {
            Some((_, denied)) => Err(denied),
            None => Ok(tops),
        }
    }

    /// Returns the zones near these names, if nobody has named zones: their proofs are looked for in `source`.
    pub fn near<'n>(
        &self,
        settings: &Settings,
        source: &dyn RecordSource,
        names: impl IntoIterator<Item = &'n Name>,
    ) -> ZoneGuess {
        let mut guess = ZoneGuess::from(&self.zones);
        for name in names.into_iter().filter(|_| settings.has_no_zones()) {
            guess.look_near(source, &settings.scope.value, name);
        }
        guess
    }

    /// Returns the top-level names of names that have records: nothing has to be looked up.
    pub fn with_records(names: impl IntoIterator<Item = Name>) -> Self {
        let mut tops = Self::default();
        for top in names.into_iter().filter_map(|name| name.top_level()) {
            if tops.met.insert(top.clone()) {
                tops.zones.push(top);
            }
        }
        tops
    }

    /// Looks up the names that were not met before, and returns whether one of them is a zone. If zones are named,
    /// there is nothing to look up.
    ///
    /// # Errors
    /// The store's failure of a read, but not a denied permission; see [`denied`](Self::denied).
    pub async fn meet<R: Reader>(
        &mut self,
        reader: &R,
        settings: &Settings,
        names: impl IntoIterator<Item = Name>,
    ) -> Result<bool, Failure> {
        let mut is_new = false;
        for top in names.into_iter().filter(|_| settings.has_no_zones()).filter_map(|name| name.top_level()) {
            if !self.met.insert(top.clone()) {
                continue;
            }
            let label = top.labels().next_back().unwrap_or_default();
            match has_top(reader, &settings.scope.value, label).await {
                Ok(true) => {
                    is_new = true;
                    self.zones.push(top);
                }
                Ok(false) => {}
                Err(denied @ Failure::PermissionDenied { .. }) => self.denied.push((top, denied)),
                Err(failure) => return Err(failure),
            }
        }
        Ok(is_new)
    }
}
