//! The zones where nobody has named any: those that records prove, and each top-level name with records. A scope that is
//! not read as a whole has each of them looked up when it is met.
use crate::{
    config::Settings,
    dns::{Name, Source, ZoneGuess},
    failure::Failure,
    store::{Reader, has_top},
};
use std::collections::HashSet;

/// The top-level names that were met so far.
#[derive(Debug, Default)]
pub(super) struct Tops {
    /// Those that are zones.
    pub(super) zones: Vec<Name>,
    /// Those of which it may not be read whether they are, and what etcd said.
    pub(super) denied: Vec<(Name, Failure)>,
    met: HashSet<Name>,
}

impl Tops {
    /// What is known of the zone of one name.
    ///
    /// # Errors
    /// What the store said of a read.
    pub(super) async fn met<R: Reader>(
        reader: &R,
        settings: &Settings,
        name: &Name,
    ) -> Result<Self, Failure> {
        let mut tops = Self::default();
        tops.meet(reader, settings, [name.clone()]).await?;
        match tops.denied.pop() {
            Some((_, denied)) => Err(denied),
            None => Ok(tops),
        }
    }

    /// The zones near these names, as far as they are not named: what proves one is looked for in `source`.
    pub(super) fn near<'n>(
        &self,
        settings: &Settings,
        source: &dyn Source,
        names: impl IntoIterator<Item = &'n Name>,
    ) -> ZoneGuess {
        let mut guess = ZoneGuess::from(&self.zones);
        for name in names.into_iter().filter(|_| settings.has_no_zones()) {
            guess.look_near(source, &settings.scope.value, name);
        }
        guess
    }

    /// Those of names that have records: nothing has to be looked up.
    pub(super) fn with_records(names: impl IntoIterator<Item = Name>) -> Self {
        let mut tops = Self::default();
        for top in names.into_iter().filter_map(|name| name.top_level()) {
            if tops.met.insert(top.clone()) {
                tops.zones.push(top);
            }
        }
        tops
    }

    /// Looks up those that were not met before, and says whether one of them is a zone. Where zones are named, there is
    /// nothing to look up.
    ///
    /// # Errors
    /// What the store said of a read, unless that it is not allowed; see [`denied`](Self::denied).
    pub(super) async fn meet<R: Reader>(
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
