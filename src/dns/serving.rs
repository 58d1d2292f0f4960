use super::Name;
use crate::{keys::Scope, remedy::Remedy};

/// The part of a Corefile that decides the answers of its `etcd` block. The path is the [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    pub scope: Scope,
    /// The plugin's zones. A name belongs to the longest zone that covers it; without any, it belongs to none.
    pub zones: Vec<Name>,
    /// The zones that are a bare guess, where nobody has named any; records prove the others. `None` where somebody
    /// has.
    pub guessed: Option<Vec<Name>>,
    pub fallthrough: Fallthrough,
    /// Limits for a lease's remaining time, in seconds; `CoreDNS`'s defaults are 30 and 86400.
    pub lease_ttl: LeaseTtl,
    /// A zone without `dns/apex` answers NXDOMAIN instead of with all its addresses (coredns#8468).
    pub no_apex_fallback: bool,
    /// Plugins and server blocks behind the plugin, for names that it hands on.
    pub behind: OtherPlugins,
    pub version: CoreDnsVersion,
    /// The serial of every SOA. `CoreDNS` gives the Unix time of its reply in seconds. Nothing here has a clock, so it
    /// is 0 until a caller sets another.
    pub serial: u32,
}

/// Names for which the plugin hands "no such name" on to the next plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fallthrough {
    #[default]
    Never,
    Always,
    /// These names and those below them.
    For(Vec<Name>),
}

/// The limits of a TTL that comes from a lease, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTtl {
    pub min: u32,
    pub max: u32,
}

/// Answer for a name that the plugin hands on or does not serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherPlugins {
    /// No Corefile was read, so the smallest one is assumed that serves these zones. Other names are refused, and a
    /// name that is handed on meets no other plugin (SERVFAIL).
    #[default]
    Nothing,
    /// One server block is for every name, and its etcd plugin is the last. A name that it hands on or does not serve
    /// meets no other plugin (SERVFAIL).
    Nobody,
    /// Other plugins or server blocks, of which this program knows nothing.
    Something,
}

/// A version of `CoreDNS`, as far as it changes an answer. Changes since 1.9.2 are followed. Older differences are not,
/// nor is the way that the DNS library of those versions encoded a text that is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoreDnsVersion {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl CoreDnsVersion {
    /// The newest version that the rules are tested against.
    pub const NEWEST: Self = Self { major: 1, minor: 15, patch: 0 };
}

impl Default for CoreDnsVersion {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl Default for LeaseTtl {
    fn default() -> Self {
        Self { min: 30, max: 86_400 }
    }
}

impl LeaseTtl {
    /// Returns the lower limit; 0 stands for the default.
    pub(super) fn min_or_default(self) -> u32 {
        if self.min == 0 { Self::default().min } else { self.min }
    }

    /// Returns the upper limit; 0 stands for the default.
    pub(super) fn max_or_default(self) -> u32 {
        if self.max == 0 { Self::default().max } else { self.max }
    }
}

impl LeaseTtl {
    /// Returns the TTL, in seconds, of a record whose lease has `left` seconds to live (etcd.go:165-210).
    pub(super) fn served(self, left: u32) -> u32 {
        let (min, max) = (self.min_or_default(), self.max_or_default());
        // clamp() would panic: the lower limit may be greater than the upper one.
        if left < min { min } else { left.min(max) }
    }
}

impl Serving {
    /// Serves the scope for these zones, with the defaults of `CoreDNS` for everything else.
    #[must_use]
    pub fn new(scope: Scope, zones: Vec<Name>) -> Self {
        Self {
            scope,
            zones,
            guessed: None,
            fallthrough: Fallthrough::default(),
            lease_ttl: LeaseTtl::default(),
            no_apex_fallback: false,
            behind: OtherPlugins::default(),
            version: CoreDnsVersion::default(),
            serial: 0,
        }
    }

    /// Tells whether a zone is only guessed: nobody has named it, and no record proves it.
    #[must_use]
    pub fn is_bare_guess(&self, zone: &Name) -> bool {
        self.guessed.as_ref().is_some_and(|guessed| guessed.contains(zone))
    }

    /// Returns the name below which the servers of a zone lie: its `ns.dns`. A name that lies there already is returned
    /// as it is.
    ///
    /// # Errors
    /// [`NoZoneError`]: `CoreDNS` answers NS at a zone's own name, and delegates nothing.
    pub fn servers_of(&self, name: &Name) -> Result<Name, NoZoneError> {
        let refused = || NoZoneError { name: name.clone(), zones: self.zones.clone() };
        let zone = std::iter::successors(Some(name.clone()), Name::parent).find(|above| self.is_zone(above));
        let servers = zone.as_ref().and_then(|zone| Name::parse(&format!("ns.dns.{zone}")).ok());
        match (zone, servers) {
            (Some(zone), Some(servers)) if zone == *name => Ok(servers),
            (Some(_), Some(servers)) if name.is_within(&servers) => Ok(name.clone()),
            // Without a named or proven zone, this name may be one: its servers will prove it.
            (None, _) if self.guessed.is_some() && name.is_served() => {
                if name.is_special(b"ns") {
                    return Ok(name.clone());
                }
                Name::parse(&format!("ns.dns.{name}")).map_err(|_| refused())
            }
            _ => Err(refused()),
        }
    }

    /// Tells whether this is a named or proven zone.
    fn is_zone(&self, name: &Name) -> bool {
        self.zones.contains(name) && !self.is_bare_guess(name)
    }
}

/// A name that is no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is no zone that CoreDNS serves{}, and only a zone has name servers: CoreDNS delegates nothing", among(.zones))]
pub struct NoZoneError {
    name: Name,
    zones: Vec<Name>,
}

impl Remedy for NoZoneError {
    fn remedy(&self) -> String {
        "Name the zone itself, or give --zones if CoreDNS serves this one.".to_owned()
    }
}

/// Names the zones that there are, in brackets.
fn among(zones: &[Name]) -> String {
    const NAMED: usize = 4;
    let named: Vec<String> = zones.iter().take(NAMED).map(ToString::to_string).collect();
    match zones.len() {
        0 => String::new(),
        all if all > NAMED => format!(" ({} and {} more)", named.join(", "), all - NAMED),
        _ => format!(" ({})", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::ZoneGuess;

    fn names(texts: &[&str]) -> Vec<Name> {
        texts.iter().map(|text| Name::parse(text).unwrap()).collect()
    }

    fn servers(serving: &Serving, name: &str) -> Option<String> {
        serving.servers_of(&Name::parse(name).unwrap()).ok().map(|name| name.to_string())
    }

    #[test]
    fn servers_stand_below_a_zone_and_nowhere_else() {
        let named =
            Serving::new(Scope::parse("/c").unwrap(), names(&["example.org", "2.0.192.in-addr.arpa"]));
        for (name, below) in [
            ("example.org", Some("ns.dns.example.org")),
            ("2.0.192.in-addr.arpa", Some("ns.dns.2.0.192.in-addr.arpa")),
            ("ns.dns.example.org", Some("ns.dns.example.org")),
            ("a.ns.dns.example.org", Some("a.ns.dns.example.org")),
            ("www.example.org", None),
            ("a.ns.dns.www.example.org", None),
            ("org", None),
            ("example.com", None),
        ] {
            assert_eq!(servers(&named, name).as_deref(), below, "{name}");
        }
        let said = named.servers_of(&Name::parse("www.example.org").unwrap()).unwrap_err().to_string();
        assert!(
            said.starts_with("www.example.org is no zone that CoreDNS serves (example.org, 2.0."),
            "{said}"
        );
    }

    #[test]
    fn where_nobody_has_named_a_zone_what_is_proven_counts() {
        let guess = ZoneGuess { proven: names(&["example.org"]), tops: names(&["org", "io"]) };
        let guessed = guess.served(Serving::new(Scope::parse("/c").unwrap(), vec![]));
        assert_eq!(servers(&guessed, "example.org").as_deref(), Some("ns.dns.example.org"));
        assert_eq!(servers(&guessed, "www.example.org"), None);
        assert_eq!(servers(&guessed, "gcr.io").as_deref(), Some("ns.dns.gcr.io"), "it may be one");
    }
}
