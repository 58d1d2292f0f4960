//! What this user knows of the cluster behind a name: it pins the cluster where no profile does.
use super::{
    Exit, confirm,
    keyboard::Keyboard,
    output::{say, say_safely},
    trouble::Trouble,
};
use crate::{
    app::{Before, Meeting},
    config::{ProcessEnvironment, Settings, Source, Sourced, state_directory},
    counts::Holder,
    foreign_text::ForeignText,
    keys::{ClusterId, Scope},
    known_clusters::{KeptCounts, Known, KnownClusters},
    runtime::Acquaintance,
    store::Status,
};
use jiff::Timestamp;

/// Where it is written down; `None` where nothing is: in a demo, for a cluster that the profile itself pins, and
/// without a home.
fn of(settings: &Settings) -> Option<Acquaintance> {
    let by_profile =
        settings.pinned.as_ref().is_some_and(|pinned| matches!(pinned.from, Source::Profile { .. }));
    if settings.demo || by_profile {
        return None;
    }
    let state = state_directory(&ProcessEnvironment).ok()?;
    Some(Acquaintance { clusters: KnownClusters::in_directory(&state), name: settings.name() })
}

fn find(acquaintance: &Acquaintance) -> Result<Option<Known>, Trouble> {
    let Acquaintance { clusters, name } = acquaintance;
    clusters.find(name).map_err(|error| {
        Trouble::new(
            Exit::Failed,
            format!("which cluster {name} was cannot be read: {}: {error}", clusters.path(name).display()),
            "Make it readable for yourself, or move it away: the cluster is then met anew.",
        )
    })
}

/// Pins the cluster that was met under the name of these settings.
pub(super) fn recall(settings: &mut Settings) -> Result<(), Trouble> {
    let Some(acquaintance) = of(settings) else { return Ok(()) };
    let Some(known) = find(&acquaintance)? else { return Ok(()) };
    let file = acquaintance.clusters.path(&known.name);
    let since = known.since.strftime("%Y-%m-%d").to_string();
    settings.pinned = Some(Sourced { value: known.cluster, from: Source::FirstContact { file, since } });
    settings.label.get_or_insert(known.label);
    if let Some(further) = &mut settings.further {
        *further = known.members;
    }
    Ok(())
}

/// Keeps where the members of a known cluster are, for the day on which the endpoint of this machine does not answer.
pub(super) fn keep_members(settings: &Settings, status: &Status) {
    let Settings { further: Some(further), pinned: Some(pinned), .. } = settings else { return };
    if pinned.value != status.cluster || status.members.is_empty() || *further == status.members {
        return;
    }
    let Some(acquaintance) = of(settings) else { return };
    let Ok(Some(known)) = find(&acquaintance) else { return };
    let known = Known { members: status.members.clone(), ..known };
    if let Err(error) = acquaintance.clusters.remember(&known) {
        tracing::warn!(%error, "the addresses of the members were not kept");
    }
}

/// Keeps that this program itself has deleted so many keys of a scope, and made so many: nobody is to miss them.
pub(super) fn keep_own_change(scope: &Scope, cluster: ClusterId, changed: (u64, u64)) {
    let Ok(state) = state_directory(&ProcessEnvironment) else { return };
    // Where nobody has counted, nobody misses any; what cannot be read is begun anew by the next deck.
    let Ok(mut kept) = KeptCounts::load(&state, cluster) else { return };
    let scope = Holder::scope(scope);
    if kept.last(&scope).is_some()
        && let Err(error) = kept.own_change(&scope, changed, Timestamp::now())
    {
        tracing::warn!(%error, "the counts were not kept");
    }
}

/// What a deck has to ask about a cluster.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// About the one that has answered.
    pub(super) meeting: Option<Meeting>,
    /// About another one that answers one day in its place.
    pub(super) if_another: Option<Meeting>,
    /// Where the answer is written down.
    pub(super) acquaintance: Option<Acquaintance>,
}

/// Looks whether the cluster that has answered is known by its name.
///
/// # Errors
/// What is known cannot be read.
pub(super) fn meet(settings: &Settings, status: &Status) -> Result<Met, Trouble> {
    let Some(acquaintance) = of(settings) else { return Ok(Met::default()) };
    let name = acquaintance.name.clone();
    let (meeting, if_another) = match find(&acquaintance)? {
        None => (Some(Meeting { name, label: settings.label.clone(), before: None }), None),
        Some(Known { cluster, label, since, .. }) => {
            let other = Meeting { name, label: None, before: Some(Before { cluster, label, since }) };
            if cluster == status.cluster { (None, Some(other)) } else { (Some(other), None) }
        }
    };
    Ok(Met { meeting, if_another, acquaintance: Some(acquaintance) })
}

/// Asks for a label of a cluster that is met for the first time, before it is changed, and pins it. Gives the label; `None`
/// where nothing was to be asked, nobody can be, or nobody answered.
///
/// # Errors
/// Whether it is known cannot be read.
pub(super) async fn introduce(settings: &Settings, status: &Status) -> Result<Option<String>, Trouble> {
    if settings.pinned.is_some() || !confirm::can_ask() {
        return Ok(None);
    }
    let Some(Acquaintance { clusters, name }) = of(settings) else { return Ok(None) };
    let (cluster, members) = (status.cluster, status.members.clone());
    let usual = settings.label.as_deref().unwrap_or_else(|| status.address());
    say_safely(format!("First contact: cluster {cluster} has not been met before as {name}."));
    say("With a label it is pinned: from then on another cluster by that name can only be looked at.");
    let question = format!("Its label (Enter takes {}, Ctrl-C stops): ", ForeignText::from(usual));
    let answer = tokio::task::spawn_blocking(move || Keyboard::open().ask(&question)).await.ok().flatten();
    let Some(typed) = answer else { return Ok(None) };
    let label = match typed.trim() {
        // Fingers answer so where ssh asks alike.
        "" | "y" | "yes" => usual.to_owned(),
        label => label.to_owned(),
    };
    let known = Known { name, cluster, label, since: Timestamp::now(), members };
    if let Err(error) = clusters.remember(&known) {
        let file = clusters.path(&known.name);
        say_safely(format!("coredeck: warning: not pinned: {}: {error}", file.display()));
    }
    Ok(Some(known.label))
}
