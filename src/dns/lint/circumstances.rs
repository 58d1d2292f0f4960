//! Circumstances of the records: faults of the prefix, the zones, the Corefile, and the keys that `CoreDNS` may read.

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    scene::Scene,
};
use crate::{
    dns::{Fallthrough, OtherPlugins},
    keys::spelling::spell,
};

/// Facts that are known beside the records and their serving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// A Corefile was read, so that the plugins behind are known and not only assumed.
    pub corefile: bool,
    /// The `etcd` blocks of a server block that `CoreDNS` ignores.
    pub ignored: Vec<IgnoredBlock>,
    /// The `endpoint` lines that `CoreDNS` takes for one endpoint that it cannot reach: lists with commas, as
    /// `Corefile:7`.
    pub unreachable: Vec<String>,
    /// The user that `CoreDNS` reads as, if that user may not read the whole scope.
    pub denied: Option<String>,
}

/// An `etcd` block that is not the first of its server block: `CoreDNS` reads only that
/// (plugin/etcd/setup.go:55).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredBlock {
    /// The line where it begins, as `Corefile:12`.
    pub place: String,
    /// The zones that it names, as they are written.
    pub zones: Vec<String>,
}

/// Checks the traps that are about the whole scope.
pub(super) fn check(scene: &Scene<'_>, makes_targets: bool, report: &mut FindingReport) {
    let scope = &scene.serving.scope;
    let tell = |message: String| FindingWords {
        names: scene.serving.zones.clone(),
        message,
        ..FindingWords::default()
    };
    let key = scene.root();
    if scope.segments() > 1 {
        // Without a port, a mail server or a name server CoreDNS makes up no target.
        let severity = if makes_targets { Trap::T14.severity() } else { Severity::Info };
        report.add(Trap::T14, severity, key, || {
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
        // Less severe where names without records go on to another plugin, and where there is none behind.
        let (severity, rest) = match (&scene.serving.fallthrough, scene.serving.behind) {
            (Fallthrough::Always, _) => (Severity::Info, ""),
            (_, OtherPlugins::Something) => (Trap::T47.severity(), ", and no name goes to another plugin"),
            (_, OtherPlugins::Nothing | OtherPlugins::Nobody) => {
                (Severity::Info, ", and no name goes to another plugin")
            }
        };
        report.add(Trap::T47, severity, key, || {
            tell(format!(
                "The root zone is configured, so the root and every top-level name answer with all records below \
                 them{rest}. Name the zones that the records are for."
            ))
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
    for place in &scene.circumstances.unreachable {
        report.add(Trap::T60, Trap::T60.severity(), key, || {
            tell(format!(
                "The endpoints at {} stand in one list with commas, which CoreDNS takes for one endpoint that it cannot reach: \
                 every name answers SERVFAIL. Write blanks between them.",
                spell(place.as_bytes()),
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
