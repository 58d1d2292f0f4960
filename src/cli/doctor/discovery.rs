//! Discovered settings: those that are used, and their sources.
use super::check::Check;
use crate::{
    config::{Passed, Profiles, ReadOnly, Settings, SettingsChoice, UnknownWord},
    remedy::Remedy,
};

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let endpoints = &settings.endpoints;
    // If the found credential may not be read, no etcd is asked, and so there are no endpoints either.
    if !settings.demo && settings.taken.closed.is_none() {
        checks.push(Check::ok("endpoints", endpoints.value.join(", ")).from(&endpoints.from));
    }
    checks.extend(found(&settings.taken));
    if let Some(pinned) = &settings.pinned {
        checks.push(Check::ok("pinned cluster", pinned.value.to_string()).from(&pinned.from));
    }
    if let Some(user) = &settings.user {
        checks.push(Check::ok("user", user.value.clone()).from(&user.from));
    }
    checks.push(Check::ok("scope", settings.scope.value.as_str()).from(&settings.scope.from));
    if let Some(ReadOnly::Asked(from)) = &settings.read_only {
        checks.push(Check::ok("read-only", "nothing will be changed").from(from));
    }
    checks.extend(not_used(&settings.unused));
    checks.extend(settings.unknown.iter().map(not_known));
    let remedy = "Set it otherwise, or go on: nothing is refused because of it.";
    checks
        .extend(settings.warnings.iter().map(|warning| Check::warning("settings", warning.as_str(), remedy)));
    checks
}

/// The advice for a user without an etcd here.
pub(in crate::cli) const HOW_TO_FIND: &str = "To find it: pgrep -a etcd on a control plane node; kubectl -n kube-system get pods \
                                       -l component=kube-apiserver -o yaml | grep etcd- has its addresses and files; \
                                       kind and minikube have it inside their node (docker exec NODE, minikube ssh), \
                                       Talos lets nobody in and lists it with talosctl etcd members. Then name it with \
                                       --endpoints, --cacert, --cert and --key.";

/// The variables that decide where etcdctl goes, or as which user.
const DECIDING: [&str; 8] = [
    "ETCDCTL_ENDPOINTS",
    "ETCDCTL_CACERT",
    "ETCDCTL_CERT",
    "ETCDCTL_KEY",
    "ETCDCTL_USER",
    "ETCDCTL_PASSWORD",
    "ETCDCTL_AUTH_JWT_TOKEN",
    "ETCDCTL_DISCOVERY_SRV",
];

/// Checks etcdctl's variables that decide nothing here.
fn not_used(names: &[String]) -> Option<Check> {
    let value = || format!("not used: {}", names.join(", "));
    if names.is_empty() {
        return None;
    }
    Some(if names.iter().any(|name| DECIDING.contains(&name.as_str())) {
        let remedy = "Know that etcdctl may go elsewhere with them than this program, or unset them.";
        Check::warning("variables", value(), remedy)
    } else {
        Check::ok("variables", value())
    })
}

fn not_known(word: &UnknownWord) -> Check {
    Check::warning("settings", word.to_string(), word.remedy())
}

/// Checks the profiles that are not used: their unknown words, and their names if nobody has named an etcd.
pub(super) fn profiles(settings: &Settings, all: &Profiles) -> Vec<Check> {
    let unused = all.all.iter().filter(|(name, _)| settings.profile.as_ref() != Some(name));
    let mut checks: Vec<Check> =
        unused.flat_map(|(_, (_, profile))| profile.unknown.iter().map(not_known)).collect();
    checks.extend(settings.unchosen().map(|unchosen| {
        Check::warning(
            "profile",
            unchosen,
            "Name the one that is meant, or the etcd itself with --endpoints.",
        )
    }));
    checks
}

/// Checks the credentials of this machine: the one that is used, the one that may not be read, and the others with the
/// reason.
fn found(taken: &SettingsChoice) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(what) = &taken.what {
        checks.push(Check::ok("found here", what.as_str()));
    }
    if let Err(closed) = taken.check() {
        checks.push(Check::error("found here", closed.to_string(), closed.remedy()));
    }
    if !taken.looked.is_empty() {
        let value = format!("nobody has named an etcd, and none was found at {}", taken.looked.join(", "));
        checks.push(
            Check::warning("found here", value, HOW_TO_FIND).briefly("no etcd is named, and none was found"),
        );
    }
    let passed = |passed: &Passed| Check::ok("passed over", format!("{}: {}", passed.what, passed.why));
    checks.extend(taken.passed.iter().map(passed));
    checks
}
