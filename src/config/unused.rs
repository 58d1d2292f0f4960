//! etcdctl's variables that are set here and decide nothing: who looks for the reason that this program goes elsewhere than
//! etcdctl finds it in their names.
use super::{Environment, Source};

const OF_ETCDCTL: &str = "ETCDCTL_";

/// The names of those that are set, but for the `used` ones. No value is looked at but for being there.
pub(super) fn unused(env: &impl Environment, used: &[&Source]) -> Vec<String> {
    let is_used = |name: &str| used.iter().any(|source| matches!(source, Source::Env(used) if *used == name));
    let is_set = |name: &String| env.variable(name).is_some_and(|value| !value.is_empty());
    let mut names: Vec<String> = env
        .names()
        .into_iter()
        .filter(|name| name.starts_with(OF_ETCDCTL) && is_set(name) && !is_used(name))
        .collect();
    names.sort_unstable();
    names
}
