//! What is wrong around the records: with the prefix, the zones, the Corefile, and what `CoreDNS` may read.

use super::{
    Trap,
    findings::{Report, Told},
    scene::Scene,
};
use crate::keys::spelling::spell;

/// What is known beside the records and how they are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// A Corefile was read: what stands behind the plugin is known, and not only assumed.
    pub corefile: bool,
    /// The `etcd` blocks of a server block that `CoreDNS` reads past.
    pub ignored: Vec<IgnoredBlock>,
    /// The user in whose name `CoreDNS` reads, when that user may not read the whole scope.
    pub denied: Option<String>,
}

/// An `etcd` block that is not the first of its server block: `CoreDNS` reads only that
/// (plugin/etcd/setup.go:55).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredBlock {
    /// Where it begins, as `Corefile:12`.
    pub place: String,
    /// The zones that it names, as they are written.
    pub zones: Vec<String>,
}

/// The traps that are about the whole scope.
pub(super) fn check(scene: &Scene<'_>, report: &mut Report) {
    let scope = &scene.serving.scope;
    let tell = |message: String| Told { names: scene.serving.zones.clone(), message, fix: None };
    let key = scene.root();
    if scope.segments() > 1 {
        report.add(Trap::T14, Trap::T14.severity(), key, || {
            let wrong: Vec<&str> = scope.as_str().trim_matches('/').split('/').skip(1).collect();
            let wrong = wrong.iter().rev().copied().collect::<Vec<_>>().join(".");
            tell(format!(
                "The prefix {scope} has {} segments and CoreDNS drops only the first when it makes a name of a key, so \
                 each SRV, MX and NS target that it makes up for an address ends in .{wrong} and does not exist. Use a \
                 prefix of one segment, or host names as targets.",
                scope.segments(),
            ))
        });
    }
    if scene.serving.zones.iter().any(crate::dns::Name::is_root) {
        report.add(Trap::T47, Trap::T47.severity(), key, || {
            tell(
                "The root zone is configured, so the root and every top-level name answer with all records below \
                 them, and no name goes to another plugin. Name the zones that the records are for."
                    .to_owned(),
            )
        });
    }
    for block in &scene.circumstances.ignored {
        report.add(Trap::T48, Trap::T48.severity(), key, || {
            let zones = block.zones.iter().map(|zone| spell(zone.as_bytes())).collect::<Vec<_>>().join(", ");
            let served = if zones.is_empty() { String::new() } else { format!(" for {zones}") };
            tell(format!(
                "The etcd block{served} at {} is ignored: CoreDNS reads only the first of a server block. Put its zones \
                 into the first, or into a server block of their own.",
                spell(block.place.as_bytes()),
            ))
        });
    }
    if let Some(user) = &scene.circumstances.denied {
        report.add(Trap::T54, Trap::T54.severity(), key, || {
            tell(format!(
                "The etcd user {} of CoreDNS may not read all keys from {scope} to its end. Every name with keys that \
                 it may not read answers SERVFAIL. Grant its role read permission on the prefix {scope}.",
                spell(user.as_bytes()),
            ))
        });
    }
}
