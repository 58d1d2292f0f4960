//! Traps, each with its severity and one line about it.

use super::Severity;
use std::{fmt, str::FromStr};

/// A trap of `CoreDNS`'s rules (`T1` to `T60`), or of external-dns where people change its records (`E1` to `E5`).
///
/// The number is stable: scripts name a trap by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[rustfmt::skip]
pub enum Trap {
    T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23, T24,
    T25, T26, T27, T28, T29, T30, T31, T32, T33, T34, T35, T36, T37, T38, T39, T40, T41, T42, T43, T44, T45, T46,
    T47, T48, T49, T50, T51, T52, T53, T54, T55, T56, T57, T58, T59, T60,
    E1, E2, E3, E4, E5,
}

/// Facts that hold for every finding of a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrapFacts {
    pub trap: Trap,
    /// The worst severity that a finding of it can have. Single findings are milder where nobody has to act.
    pub severity: Severity,
    /// The trap in one line.
    pub title: &'static str,
}

impl Trap {
    /// Number of traps.
    pub(super) const COUNT: usize = TRAPS.len();

    /// Returns the table's line about it.
    #[must_use]
    pub fn about(self) -> TrapFacts {
        TRAPS.get(self as usize).copied().unwrap_or(TrapFacts {
            trap: self,
            severity: Severity::Error,
            title: "",
        })
    }

    /// Returns the worst severity that a finding of it can have.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.about().severity
    }

    /// Returns the trap in one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.about().title
    }
}

impl fmt::Display for Trap {
    /// The stable text: `T4`, `E1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}"))
    }
}

impl FromStr for Trap {
    type Err = String;

    /// Takes `T4` and `t4`.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_meant = |about: &&TrapFacts| about.trap.to_string().eq_ignore_ascii_case(text);
        let found = TRAPS.iter().find(is_meant).map(|about| about.trap);
        found.ok_or_else(|| format!("there is no trap {text:?}: the second column of coredeck lint has them"))
    }
}

const E: Severity = Severity::Error;
const W: Severity = Severity::Warning;
const I: Severity = Severity::Info;

const fn of(trap: Trap, severity: Severity, title: &'static str) -> TrapFacts {
    TrapFacts { trap, severity, title }
}

/// Every trap, in the order of the enum. Observed on `CoreDNS` 1.14 unless a check says otherwise.
pub const TRAPS: [TrapFacts; 65] = [
    of(Trap::T1, E, "value is not JSON that CoreDNS can read"),
    of(Trap::T2, E, "empty or foreign key among the records"),
    of(Trap::T3, E, "field of the wrong JSON type"),
    of(Trap::T4, E, "value is hidden by keys below it"),
    of(Trap::T5, W, "name also answers with the records of names below it"),
    of(Trap::T6, W, "zone without dns/apex"),
    of(Trap::T7, I, "zone without name servers"),
    of(Trap::T8, E, "host name as a name server"),
    of(Trap::T9, W, "alias that CNAME queries do not find"),
    of(Trap::T10, E, "PTR record below its address"),
    of(Trap::T11, E, "text that disables the host beside it"),
    of(Trap::T12, W, "text that is never served"),
    of(Trap::T13, W, "targetstrip on a host name"),
    of(Trap::T14, W, "prefix of several segments"),
    of(Trap::T15, E, "host that is almost an address"),
    of(Trap::T16, E, "host that cannot be encoded"),
    of(Trap::T17, E, "empty segment in a key"),
    of(Trap::T18, W, "key that ends in a slash"),
    of(Trap::T19, E, "key that its own name does not reach"),
    of(Trap::T20, W, "stored wildcard"),
    of(Trap::T21, W, "name 'any', which acts as a wildcard"),
    of(Trap::T22, E, "alias or target without an address"),
    of(Trap::T23, E, "alias that leads back to itself"),
    of(Trap::T24, W, "chain of aliases that is too long"),
    of(Trap::T25, E, "alias loop across zones"),
    of(Trap::T26, W, "alias out of all zones"),
    of(Trap::T27, W, "alias beside other records"),
    of(Trap::T28, I, "host of a single label"),
    of(Trap::T29, W, "alias to a name that acts as a wildcard"),
    of(Trap::T30, W, "TTL of 0"),
    of(Trap::T31, I, "TTL from a lease"),
    of(Trap::T32, W, "TTL too large for resolvers"),
    of(Trap::T33, W, "port or priority out of range"),
    of(Trap::T34, W, "priority of 0"),
    of(Trap::T35, I, "weights that are served rescaled"),
    of(Trap::T36, W, "record without a port answers SRV"),
    of(Trap::T37, W, "mail record answers as a host too"),
    of(Trap::T38, W, "mail server's address under another name"),
    of(Trap::T39, W, "target with only an IPv6 address"),
    of(Trap::T40, W, "zone's name answers with all texts"),
    of(Trap::T41, W, "text of a multiple of 255 bytes"),
    of(Trap::T42, W, "backslash in a text"),
    of(Trap::T43, W, "groups without effect"),
    of(Trap::T44, I, "one IPv6 address in two spellings"),
    of(Trap::T45, E, "targetstrip larger than the name"),
    of(Trap::T46, W, "records outside every zone"),
    of(Trap::T47, W, "root zone"),
    of(Trap::T48, E, "second etcd block of a server block"),
    of(Trap::T49, W, "reserved name used for a host"),
    of(Trap::T50, I, "field that CoreDNS does not know"),
    of(Trap::T51, I, "field that is there twice"),
    of(Trap::T52, I, "many keys read for each query"),
    of(Trap::T53, W, "SOA or delegation that cannot be stored"),
    of(Trap::T54, E, "keys that CoreDNS may not read"),
    of(Trap::T55, E, "host that can be no host"),
    of(Trap::T56, E, "reverse record that no PTR query finds"),
    of(Trap::T57, W, "PTR record and address that do not agree"),
    of(Trap::T58, W, "the same record twice"),
    of(Trap::T59, W, "different TTLs in one answer"),
    of(Trap::T60, E, "etcd that CoreDNS cannot reach"),
    of(Trap::E1, I, "ownership record of nothing"),
    of(Trap::E2, W, "several ownership records of one name"),
    of(Trap::E3, E, "targetstrip that makes external-dns crash"),
    of(Trap::E4, W, "record that makes external-dns delete too much"),
    of(Trap::E5, W, "record that external-dns will remove"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trap_stands_at_its_place_in_the_table() {
        for (place, about) in TRAPS.iter().enumerate() {
            assert_eq!(about.trap as usize, place, "{}", about.trap);
            assert_eq!(about.trap.about(), *about);
            assert!(!about.title.is_empty());
        }
        assert_eq!((Trap::T1.to_string(), Trap::T60.to_string()), ("T1".into(), "T60".into()));
        assert_eq!(TRAPS.len(), Trap::E5 as usize + 1);
        for about in TRAPS {
            assert_eq!(about.trap.to_string().to_lowercase().parse(), Ok(about.trap));
        }
        assert!("example.org".parse::<Trap>().is_err());
    }
}
