//! Options of a Corefile that decide an answer, as a server block for `CoreDNS` and as a [`Serving`] for the engine.

use crate::presentation;
use crate::support::coredns::{Corefile, Query, zone_file};
use coredeck::{
    dns::{CoreDnsVersion, Fallthrough, LeaseTtl, Name, OtherPlugins, Serving},
    keys::Scope,
};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Zone that is served beside etcd's, for aliases that lead out of them. No record of it ever comes from etcd.
pub const ELSEWHERE: &str = "elsewhere.test.";

const ELSEWHERE_LINES: [&str; 9] = [
    "a A 198.51.100.1",
    "two A 198.51.100.2",
    "two A 198.51.100.3",
    "six AAAA 2001:db8:ff::6",
    "both A 198.51.100.4",
    "both AAAA 2001:db8:ff::4",
    "both TXT \"from elsewhere\"",
    "alias CNAME both",
    "back CNAME www.example.net.",
];
/// Records that the next plugin has of a zone that etcd serves: a name that falls through finds them.
const BEHIND_LINES: [&str; 4] =
    ["@ A 203.0.113.1", "www A 203.0.113.2", "behind A 203.0.113.3", "behind TXT \"from behind\""];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub path: String,
    pub zones: Vec<String>,
    #[serde(skip_serializing_if = "Falls::is_never")]
    pub fallthrough: Falls,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_lease_ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_lease_ttl: Option<u32>,
    #[serde(skip_serializing_if = "is_false")]
    pub no_apex_fallback: bool,
    /// True if a server stands behind etcd that knows some names elsewhere, and some inside.
    #[serde(skip_serializing_if = "is_false")]
    pub behind: bool,
    /// The version of the server that is asked.
    #[serde(skip)]
    pub version: CoreDnsVersion,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Falls {
    #[default]
    Never,
    Always,
    For(Vec<String>),
}

impl Falls {
    fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: "/coredns".to_owned(),
            zones: vec!["example.org".to_owned()],
            fallthrough: Falls::Never,
            min_lease_ttl: None,
            max_lease_ttl: None,
            no_apex_fallback: false,
            behind: false,
            version: CoreDnsVersion::NEWEST,
        }
    }
}

impl Options {
    /// Returns the options for another `CoreDNS`, without those that it does not know yet.
    pub fn of_version(mut self, version: CoreDnsVersion) -> Self {
        let since = |minor, patch| version >= CoreDnsVersion { major: 1, minor, patch };
        self.version = version;
        if !since(12, 4) {
            (self.min_lease_ttl, self.max_lease_ttl) = (None, None);
        }
        self.no_apex_fallback &= since(15, 0);
        // Older versions try for five seconds, again and again, to forward a question that cannot be encoded.
        self.behind &= since(14, 0);
        self
    }

    /// Returns the options for the engine.
    pub fn serving(&self) -> Serving {
        let names = |texts: &[String]| texts.iter().map(|text| Name::parse(text).unwrap()).collect();
        let mut serving = Serving::new(Scope::parse(&self.path).unwrap(), names(&self.zones));
        serving.fallthrough = match &self.fallthrough {
            Falls::Never => Fallthrough::Never,
            Falls::Always => Fallthrough::Always,
            Falls::For(zones) => Fallthrough::For(names(zones)),
        };
        let usual = LeaseTtl::default();
        serving.lease_ttl = LeaseTtl {
            min: self.min_lease_ttl.unwrap_or(usual.min),
            max: self.max_lease_ttl.unwrap_or(usual.max),
        };
        serving.version = self.version;
        serving.no_apex_fallback = self.no_apex_fallback;
        serving.behind = if self.behind { OtherPlugins::Something } else { OtherPlugins::Nothing };
        serving
    }

    /// Returns server blocks for these options at the port of this number. The server behind etcd is at port
    /// `elsewhere`.
    fn blocks(&self, endpoint: &str, number: usize, elsewhere: usize) -> String {
        let zones: Vec<String> = self.zones.iter().map(|zone| format!("{zone}:@{number}@")).collect();
        let mut text = format!("{} {{\n    bind 127.0.0.1\n    errors\n    etcd {{\n", zones.join(" "));
        let mut line = |line: String| writeln!(text, "        {line}").unwrap();
        line(format!("path {}", self.path));
        line(format!("endpoint {endpoint}"));
        match &self.fallthrough {
            Falls::Never => {}
            Falls::Always => line("fallthrough".to_owned()),
            Falls::For(zones) => line(format!("fallthrough {}", zones.join(" "))),
        }
        if let Some(seconds) = self.min_lease_ttl {
            line(format!("min-lease-ttl {seconds}"));
        }
        if let Some(seconds) = self.max_lease_ttl {
            line(format!("max-lease-ttl {seconds}"));
        }
        if self.no_apex_fallback {
            line("no_apex_fallback".to_owned());
        }
        text.push_str("    }\n");
        let forward = format!("    forward . 127.0.0.1:@{elsewhere}@\n");
        if self.behind {
            text.push_str(&forward);
        }
        text.push_str("}\n");
        if self.behind && !self.zones.iter().any(|zone| zone == ".") {
            write!(text, ".:@{number}@ {{\n    bind 127.0.0.1\n    errors\n{forward}}}\n").unwrap();
        }
        text
    }
}

/// Returns one server that serves each of these options at the port of the same number, and the server behind them at
/// the port after the last.
pub fn corefile(all: &[Options], endpoint: &str) -> Corefile {
    let elsewhere = all.len();
    let mut text: String =
        all.iter().enumerate().map(|(number, one)| one.blocks(endpoint, number, elsewhere)).collect();
    for (zone, file) in [(ELSEWHERE, "elsewhere"), ("example.org.", "behind")] {
        let bind = "bind 127.0.0.1\n    errors";
        write!(text, "{zone}:@{elsewhere}@ {{\n    {bind}\n    file {file} {zone}\n}}\n").unwrap();
    }
    // A SOA is answered without a look at etcd, in every zone.
    let soa = |zone: &str| {
        let zone = if zone.ends_with('.') { zone.to_owned() } else { format!("{zone}.") };
        Query { labels: presentation::labels(&zone).unwrap(), kind: 6 }
    };
    let mut probes: Vec<Query> = all.iter().map(|one| soa(&one.zones[0])).collect();
    probes.push(soa(ELSEWHERE));
    Corefile {
        text,
        ports: all.len() + 1,
        probes,
        files: vec![
            ("elsewhere", zone_file(ELSEWHERE, &ELSEWHERE_LINES)),
            ("behind", zone_file("example.org.", &BEHIND_LINES)),
        ],
    }
}
