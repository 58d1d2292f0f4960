//! Profiles: server blocks that serve generated records.

use crate::options::{Falls, Options};
use coredeck::dns::CoreDnsVersion;

/// Returns the profiles. Each set is asked about under one of them; all but one serve the same path.
pub fn profiles(version: CoreDnsVersion) -> Vec<Options> {
    let zones = |zones: &[&str]| zones.iter().map(|&zone| zone.to_owned()).collect();
    let usual = Options::default();
    let all = vec![
        usual.clone(),
        Options {
            zones: zones(&[
                "example.org",
                "www.example.org",
                "example.net",
                "2.0.192.in-addr.arpa",
                "8.b.d.0.1.0.0.2.ip6.arpa",
            ]),
            behind: true,
            ..usual.clone()
        },
        Options { fallthrough: Falls::Always, behind: true, ..usual.clone() },
        Options { fallthrough: Falls::For(zones(&["www.example.org", "b.example.org"])), ..usual.clone() },
        Options {
            zones: zones(&["example.org", "0.192.in-addr.arpa"]),
            no_apex_fallback: true,
            min_lease_ttl: Some(60),
            max_lease_ttl: Some(200),
            ..usual.clone()
        },
        Options { path: "/coredns/prod".to_owned(), behind: true, ..usual.clone() },
        Options { zones: zones(&["."]), ..usual.clone() },
        Options { zones: zones(&["org", "api.example.org", "a.example.org"]), ..usual },
    ];
    all.into_iter().map(|one| one.of_version(version)).collect()
}
