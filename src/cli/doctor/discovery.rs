//! What is used, and where it was taken from.
use super::check::Check;
use crate::config::Settings;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let endpoints = &settings.endpoints;
    if !settings.demo {
        checks.push(Check::ok("endpoints", endpoints.value.join(", ")).from(&endpoints.from));
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
