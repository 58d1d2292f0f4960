//! Pin: the cluster that was met under a name. Another cluster by that name is only looked at (P10).
use super::SessionError;
use crate::{
    config::{ProcessEnvironment, SettingSource, Settings, Sourced, state_directory},
    counts::Holder,
    keys::{ClusterId, Scope},
    known_clusters::{KeptCounts, KnownCluster, KnownClusters},
    store::ClusterStatus,
};
use jiff::Timestamp;

/// Place for the record of which cluster a name stands for.
#[derive(Clone, Debug)]
pub struct ClusterPin {
    pub clusters: KnownClusters,
    pub name: String,
}

/// Returns the place where the pin is kept; `None` in a demo, for a cluster that the profile itself pins, and
/// without a home.
#[must_use]
pub fn pin_place(settings: &Settings) -> Option<ClusterPin> {
    let by_profile =
        settings.pinned.as_ref().is_some_and(|pinned| matches!(pinned.from, SettingSource::Profile { .. }));
    if settings.demo || by_profile {
        return None;
    }
    let state = state_directory(&ProcessEnvironment).ok()?;
    Some(ClusterPin { clusters: KnownClusters::in_directory(&state), name: settings.name() })
}

impl ClusterPin {
    /// Returns the cluster that was met under this name, if there was one.
    ///
    /// # Errors
    /// The record of it cannot be read.
    pub fn known(&self) -> Result<Option<KnownCluster>, SessionError> {
        let Self { clusters, name } = self;
        clusters.find(name).map_err(|error| SessionError::Pin {
            name: name.clone(),
            file: clusters.path(name),
            reason: error.to_string(),
        })
    }
}

/// Pins the cluster that was met under the name of these settings.
///
/// # Errors
/// The record of it cannot be read.
pub fn recall(settings: &mut Settings) -> Result<(), SessionError> {
    let Some(pin) = pin_place(settings) else { return Ok(()) };
    let Some(known) = pin.known()? else { return Ok(()) };
    let file = pin.clusters.path(&known.name);
    let since = known.since.strftime("%Y-%m-%d").to_string();
    settings.pinned =
        Some(Sourced { value: known.cluster, from: SettingSource::FirstContact { file, since } });
    settings.label.get_or_insert(known.label);
    if let Some(further) = &mut settings.further {
        *further = known.members;
    }
    Ok(())
}

/// Keeps the endpoints of a known cluster's members, for a time when the endpoint of this machine does not answer.
pub(super) fn keep_members(settings: &Settings, status: &ClusterStatus) {
    let Settings { further: Some(further), pinned: Some(pinned), .. } = settings else { return };
    if pinned.value != status.cluster || status.members.is_empty() || *further == status.members {
        return;
    }
    let Some(pin) = pin_place(settings) else { return };
    let Ok(Some(known)) = pin.known() else { return };
    let known = KnownCluster { members: status.members.clone(), ..known };
    if let Err(error) = pin.clusters.remember(&known) {
        tracing::warn!(%error, "the addresses of the members were not kept");
    }
}

/// Keeps how many keys of a scope this program itself has deleted and made, so that they do not count as a loss.
pub fn keep_own_change(scope: &Scope, cluster: ClusterId, changed: (u64, u64)) {
    let Ok(state) = state_directory(&ProcessEnvironment) else { return };
    // Without a count there is no loss to find; a count that cannot be read is begun anew by the next deck.
    let Ok(mut kept) = KeptCounts::load(&state, cluster) else { return };
    let scope = Holder::scope(scope);
    if kept.last(&scope).is_some()
        && let Err(error) = kept.own_change(&scope, changed, Timestamp::now())
    {
        tracing::warn!(%error, "the counts were not kept");
    }
}
