//! Gate before the writer: the reasons why nothing may be changed here (P7, P10).
use crate::{
    config::Settings,
    failure::Failure,
    keys::ClusterId,
    remedy::Remedy as _,
    store::{ClusterStatus, WriteAccess},
};

/// Returns the reason why nothing may be changed here, if there is one.
pub(super) fn why_read_only(settings: &Settings, status: &ClusterStatus) -> Option<Failure> {
    if let Some(asked) = &settings.read_only {
        return Some(Failure::ReadOnly { why: asked.to_string(), remedy: asked.remedy() });
    }
    if let Some(failure) = wrong_cluster(settings, status.cluster) {
        return Some(failure);
    }
    match &status.access {
        WriteAccess::Write => None,
        WriteAccess::ReadOnly(why) => Some(Failure::ReadOnly {
            why: why.clone(),
            remedy: "Use a credential that may write there.".to_owned(),
        }),
        WriteAccess::NoLeader => Some(Failure::NoLeader { endpoint: status.endpoint.clone() }),
    }
}

/// Returns a warning if a user was given and authentication is off. etcdctl goes on there as well.
pub(super) fn needless_user(settings: &Settings, status: &ClusterStatus) -> Option<String> {
    let user = settings.user.as_ref().filter(|_| !settings.demo && status.user.is_none())?;
    (status.access != WriteAccess::NoLeader).then(|| {
        format!(
            "authentication is off in this etcd, so the user {} ({}) is not used: everybody who \
             reaches it may do everything.",
            user.value, user.from
        )
    })
}

/// Returns an error if this is another cluster than the pinned one.
#[must_use]
pub fn wrong_cluster(settings: &Settings, found: ClusterId) -> Option<Failure> {
    let pinned = settings.pinned.as_ref().filter(|pinned| pinned.value != found)?;
    Some(Failure::WrongCluster {
        found: found.to_string(),
        pinned: format!("{} ({})", pinned.value, pinned.from),
    })
}
