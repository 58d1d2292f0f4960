//! Acquaintance of this user with the cluster behind a name: it pins the cluster if no profile does.
use super::{
    Exit,
    command_error::CommandError,
    confirm,
    keyboard::Keyboard,
    output::{say, say_safely},
};
use crate::{
    app::{FormerCluster, UnpinnedCluster},
    config::{ProcessEnvironment, SettingSource, Settings, Sourced, state_directory},
    counts::Holder,
    foreign_text::ForeignText,
    keys::{ClusterId, Scope},
    known_clusters::{KeptCounts, KnownCluster, KnownClusters},
    runtime::ClusterPin,
    store::ClusterStatus,
};
use jiff::Timestamp;

/// Returns the place where the acquaintance is kept; `None` in a demo, for a cluster that the profile itself pins, and
/// without a home.
fn of(settings: &Settings) -> Option<ClusterPin> {
    let by_profile =
        settings.pinned.as_ref().is_some_and(|pinned| matches!(pinned.from, SettingSource::Profile { .. }));
    if settings.demo || by_profile {
        return None;
    }
    let state = state_directory(&ProcessEnvironment).ok()?;
    Some(ClusterPin { clusters: KnownClusters::in_directory(&state), name: settings.name() })
}

fn find(acquaintance: &ClusterPin) -> Result<Option<KnownCluster>, CommandError> {
    let ClusterPin { clusters, name } = acquaintance;
    clusters.find(name).map_err(|error| {
        CommandError::new(
            Exit::Failed,
            format!("which cluster {name} was cannot be read: {}: {error}", clusters.path(name).display()),
            "Make it readable for yourself, or move it away: the cluster is then met anew.",
        )
    })
}

/// Pins the cluster that was met under the name of these settings.
pub(super) fn recall(settings: &mut Settings) -> Result<(), CommandError> {
    let Some(acquaintance) = of(settings) else { return Ok(()) };
    let Some(known) = find(&acquaintance)? else { return Ok(()) };
    let file = acquaintance.clusters.path(&known.name);
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
    let Some(acquaintance) = of(settings) else { return };
    let Ok(Some(known)) = find(&acquaintance) else { return };
    let known = KnownCluster { members: status.members.clone(), ..known };
    if let Err(error) = acquaintance.clusters.remember(&known) {
        tracing::warn!(%error, "the addresses of the members were not kept");
    }
}

/// Keeps how many keys of a scope this program itself has deleted and made, so that they do not count as a loss.
pub(super) fn keep_own_change(scope: &Scope, cluster: ClusterId, changed: (u64, u64)) {
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

/// Questions of a deck about a cluster.
#[derive(Debug, Default)]
pub(super) struct PinQuestions {
    /// The question about the cluster that has answered.
    pub(super) meeting: Option<UnpinnedCluster>,
    /// The question about another cluster that may answer later in its place.
    pub(super) if_another: Option<UnpinnedCluster>,
    /// The place where the answer is kept.
    pub(super) acquaintance: Option<ClusterPin>,
}

/// Checks whether the cluster that has answered is known by its name.
///
/// # Errors
/// The acquaintance cannot be read.
pub(super) fn meet(settings: &Settings, status: &ClusterStatus) -> Result<PinQuestions, CommandError> {
    let Some(acquaintance) = of(settings) else { return Ok(PinQuestions::default()) };
    let name = acquaintance.name.clone();
    let (meeting, if_another) = match find(&acquaintance)? {
        None => (Some(UnpinnedCluster { name, label: settings.label.clone(), before: None }), None),
        Some(KnownCluster { cluster, label, since, .. }) => {
            let other =
                UnpinnedCluster { name, label: None, before: Some(FormerCluster { cluster, label, since }) };
            if cluster == status.cluster { (None, Some(other)) } else { (Some(other), None) }
        }
    };
    Ok(PinQuestions { meeting, if_another, acquaintance: Some(acquaintance) })
}

/// Asks for a label of a cluster that is met for the first time, before it is changed, and pins it. Returns the label;
/// `None` if there was no question, nobody to ask, or no answer.
///
/// # Errors
/// The acquaintance cannot be read.
pub(super) async fn introduce(
    settings: &Settings,
    status: &ClusterStatus,
) -> Result<Option<String>, CommandError> {
    if settings.pinned.is_some() || !confirm::can_ask() {
        return Ok(None);
    }
    let Some(ClusterPin { clusters, name }) = of(settings) else { return Ok(None) };
    let (cluster, members) = (status.cluster, status.members.clone());
    let usual = settings.label.as_deref().unwrap_or_else(|| status.address());
    say_safely(format!("First contact: cluster {cluster} has not been met before as {name}."));
    say("With a label it is pinned: from then on another cluster by that name can only be looked at.");
    let question = format!("Its label (Enter takes {}, Ctrl-C stops): ", ForeignText::from(usual));
    let answer = tokio::task::spawn_blocking(move || Keyboard::open().ask(&question)).await.ok().flatten();
    let Some(typed) = answer else { return Ok(None) };
    let label = match typed.trim() {
        // People answer so by habit, because ssh asks a similar question.
        "" | "y" | "yes" => usual.to_owned(),
        label => label.to_owned(),
    };
    let known = KnownCluster { name, cluster, label, since: Timestamp::now(), members };
    if let Err(error) = clusters.remember(&known) {
        let file = clusters.path(&known.name);
        say_safely(format!("coredeck: warning: not pinned: {}: {error}", file.display()));
    }
    Ok(Some(known.label))
}
