//! What is used, and where it was taken from.
use super::check::Check;
use crate::config::{Passed, Settings, Taken};

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let endpoints = &settings.endpoints;
    if !settings.demo {
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
    if let Some(asked) = &settings.read_only {
        checks.push(Check::ok("read-only", "nothing will be changed").from(asked));
    }
    let remedy = "Set it otherwise, or go on: nothing is refused because of it.";
    checks
        .extend(settings.warnings.iter().map(|warning| Check::warning("settings", warning.as_str(), remedy)));
    checks
}

/// What of this machine is used, what may not be read, and what was passed over with the reason.
fn found(taken: &Taken) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(what) = &taken.what {
        checks.push(Check::ok("found here", what.as_str()));
    }
    if let Err(closed) = taken.check() {
        checks.push(Check::error("found here", closed.to_string(), closed.remedy()));
    }
    let passed = |passed: &Passed| Check::ok("passed over", format!("{}: {}", passed.what, passed.why));
    checks.extend(taken.passed.iter().map(passed));
    checks
}
