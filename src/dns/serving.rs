use super::Name;
use crate::keys::Scope;

/// What of a Corefile decides the answers of its `etcd` block. The path is the [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    pub scope: Scope,
    /// The plugin's zones. A name belongs to the longest that covers it; without any it belongs to none.
    pub zones: Vec<Name>,
    pub fallthrough: Fallthrough,
    /// What a lease's remaining time is clamped to, in seconds; `CoreDNS`'s defaults are 30 and 86400.
    pub lease_ttl: LeaseTtl,
    /// A zone without `dns/apex` answers NXDOMAIN instead of with all its addresses (coredns#8468).
    pub no_apex_fallback: bool,
    /// What stands behind the plugin, for names that it hands on.
    pub behind: Behind,
    pub version: Version,
    /// The serial of every SOA. `CoreDNS` gives the Unix time of its reply in seconds; nothing here has a clock, so
    /// it is 0 until somebody says another.
    pub serial: u32,
}

/// For which names "no such name" goes to the next plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fallthrough {
    #[default]
    Never,
    Always,
    /// At and below these.
    For(Vec<Name>),
}

/// The limits of a TTL that comes from a lease, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTtl {
    pub min: u32,
    pub max: u32,
}

/// What answers a name that the plugin hands on or does not serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behind {
    /// No Corefile was read: the smallest one is taken that serves these zones. Other names are refused, and
    /// what is handed on meets nobody (SERVFAIL).
    #[default]
    Nothing,
    /// One server block is for every name, and its etcd plugin is the last: what that hands on or does not serve
    /// meets nobody (SERVFAIL).
    Nobody,
    /// Other plugins or server blocks, of which nothing is known here.
    Something,
}

/// A version of `CoreDNS`, as far as it changes an answer. What changed since 1.9.2 is followed; what a version
/// before that does otherwise is not, nor how its DNS library encoded what is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl Version {
    /// The newest that the rules are held against.
    pub const NEWEST: Self = Self { major: 1, minor: 15, patch: 0 };
}

impl Default for Version {
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
    /// 0 stands for the default.
    pub(super) fn min_or_default(self) -> u32 {
        if self.min == 0 { Self::default().min } else { self.min }
    }

    /// 0 stands for the default.
    pub(super) fn max_or_default(self) -> u32 {
        if self.max == 0 { Self::default().max } else { self.max }
    }
}

impl Serving {
    /// The scope served for these zones, and everything else as `CoreDNS` has it by default.
    #[must_use]
    pub fn new(scope: Scope, zones: Vec<Name>) -> Self {
        Self {
            scope,
            zones,
            fallthrough: Fallthrough::default(),
            lease_ttl: LeaseTtl::default(),
            no_apex_fallback: false,
            behind: Behind::default(),
            version: Version::default(),
            serial: 0,
        }
    }
}
