//! Command `coredeck rbac`: the lines for a user with rights to the scope only.
use super::{
    Exit,
    arguments::{LoginBy, RbacFlags},
    command_error::CommandError,
    output::{Screen, print_lines, say, wrapped},
};
use crate::{
    config::{Settings, Sourced},
    power::{Authentication, Credential, Extent, Recipe, UserLogin},
    session::{Etcd, wrong_cluster},
    store::{NeighbourKeys, etcd::Inquiry},
};
use serde_json::json;
use std::path::PathBuf;

pub(super) async fn run(
    settings: &Settings,
    screen: &Screen,
    flags: &RbacFlags,
) -> Result<Exit, CommandError> {
    if settings.demo {
        return Err(CommandError::usage("the demo has no users", "Leave --demo away, and name an etcd."));
    }
    let scope = &settings.scope.value;
    let inquiry = Inquiry::open(&Etcd::of(settings).into_settings(), scope)?;
    let insight = inquiry.insight().await?;
    // An administrator runs these lines, so they must not be for a cluster that nobody has named.
    if settings.pinned.is_some()
        && let Some(another) = wrong_cluster(settings, inquiry.cluster().await?)
    {
        return Err(another.into());
    }
    let role = flags.role.as_deref().unwrap_or(&flags.name);
    let already = inquiry.already(&flags.name, role).await?;
    let others: Vec<&str> = insight
        .neighbours
        .iter()
        .filter(|neighbour| !matches!(neighbour.keys, NeighbourKeys::Counted(0)))
        .map(|neighbour| neighbour.tenant.owner)
        .collect();
    let by_default = if settings.cert.is_some() { LoginBy::Certificate } else { LoginBy::Password };
    let login = match flags.login.unwrap_or(by_default) {
        LoginBy::Certificate => UserLogin::Certificate,
        LoginBy::Password => UserLogin::Password,
    };
    let power = &insight.power;
    let by_certificate = matches!(power.credential, Credential::Certificate(_));
    let environment = environment(settings);
    let recipe = Recipe {
        user: &flags.name,
        role,
        login,
        scope,
        authentication: &power.authentication,
        is_root: by_certificate && power.reach == Extent::Everything,
        version: insight.version.as_deref(),
        environment: &environment,
        already: &already,
        others: &others,
    };
    let lines = recipe.lines().map_err(|bad| CommandError::usage(bad, "Give another name."))?;
    let warnings = recipe.warnings();
    if screen.is_json() {
        let authentication = match &power.authentication {
            Authentication::On => Some(true),
            Authentication::Off => Some(false),
            Authentication::Unknown(_) => None,
        };
        print_lines([json!({
            "user": recipe.user,
            "role": recipe.role,
            "login": if login == UserLogin::Certificate { "certificate" } else { "password" },
            "scope": scope.as_str(),
            "authentication": authentication,
            "version": insight.version,
            "lines": lines,
            "warnings": warnings,
        })])?;
        return Ok(Exit::Done);
    }
    if lines.is_empty() {
        say("# There is nothing to do: the user, its role and its grant are there already.");
    }
    print_lines(recipe.pasted(lines))?;
    // The whole screen may be pasted into a shell, so every warning is a comment there.
    for line in warnings.iter().flat_map(|warning| wrapped("# ", warning)) {
        say(format_args!("# {}", line.trim_start_matches(['#', ' '])));
    }
    Ok(Exit::Done)
}

/// Returns the connection to etcd in etcdctl's variables. Never a password.
fn environment(settings: &Settings) -> Vec<(&'static str, String)> {
    let file =
        |name, file: &Option<Sourced<PathBuf>>| Some((name, file.as_ref()?.value.display().to_string()));
    [
        Some(("ETCDCTL_ENDPOINTS", settings.endpoints.value.join(","))),
        file("ETCDCTL_CACERT", &settings.cacert),
        file("ETCDCTL_CERT", &settings.cert),
        file("ETCDCTL_KEY", &settings.key),
    ]
    .into_iter()
    .flatten()
    .collect()
}
