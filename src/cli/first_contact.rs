//! First contact with a cluster: the question of a person, whose answer pins it.
use super::{
    confirm,
    keyboard::Keyboard,
    output::{say, say_safely},
};
use crate::{
    app::{FormerCluster, UnpinnedCluster},
    config::Settings,
    foreign_text::ForeignText,
    known_clusters::KnownCluster,
    session::{ClusterPin, SessionError, pin_place},
    store::ClusterStatus,
};
use jiff::Timestamp;

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
pub(super) fn meet(settings: &Settings, status: &ClusterStatus) -> Result<PinQuestions, SessionError> {
    let Some(acquaintance) = pin_place(settings) else { return Ok(PinQuestions::default()) };
    let name = acquaintance.name.clone();
    let (meeting, if_another) = match acquaintance.known()? {
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
) -> Result<Option<String>, SessionError> {
    if settings.pinned.is_some() || !confirm::can_ask() {
        return Ok(None);
    }
    let Some(ClusterPin { clusters, name }) = pin_place(settings) else { return Ok(None) };
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
