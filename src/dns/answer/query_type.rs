use crate::remedy::Remedy;
use std::{fmt, str::FromStr};

/// The type of a question; any 16-bit number is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryType(pub u16);

/// A text that is no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no type of a DNS question")]
pub struct QueryTypeError(String);

impl Remedy for QueryTypeError {
    fn remedy(&self) -> String {
        "Give a type such as A, AAAA or SRV, or its number as TYPE65 (RFC 3597).".to_owned()
    }
}

impl QueryType {
    pub const A: Self = Self(1);
    pub const NS: Self = Self(2);
    pub const CNAME: Self = Self(5);
    pub const SOA: Self = Self(6);
    pub const PTR: Self = Self(12);
    pub const MX: Self = Self(15);
    pub const TXT: Self = Self(16);
    pub const AAAA: Self = Self(28);
    pub const SRV: Self = Self(33);
    pub const ANY: Self = Self(255);

    /// The types that records of a scope can answer, in the order in which they are shown.
    pub const ANSWERED: [Self; 9] =
        [Self::A, Self::AAAA, Self::CNAME, Self::TXT, Self::MX, Self::SRV, Self::PTR, Self::NS, Self::SOA];

    /// Returns the type's mnemonic, if it has one here.
    #[must_use]
    pub fn mnemonic(self) -> Option<&'static str> {
        MNEMONICS.iter().find(|(number, _)| *number == self.0).map(|(_, mnemonic)| *mnemonic)
    }
}

/// The types that are in use, by the IANA registry of resource record types.
const MNEMONICS: [(u16, &str); 50] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (24, "SIG"),
    (25, "KEY"),
    (28, "AAAA"),
    (29, "LOC"),
    (33, "SRV"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (39, "DNAME"),
    (41, "OPT"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (63, "ZONEMD"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (108, "EUI48"),
    (251, "IXFR"),
    (252, "AXFR"),
    (255, "ANY"),
    (256, "URI"),
    (257, "CAA"),
];

impl fmt::Display for QueryType {
    /// The mnemonic, or `TYPE65280` (RFC 3597, section 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(mnemonic) => f.pad(mnemonic),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

impl FromStr for QueryType {
    type Err = QueryTypeError;

    /// Takes a mnemonic in any case, `*` for ANY, or a number as in `TYPE65280`.
    fn from_str(text: &str) -> Result<Self, QueryTypeError> {
        if text == "*" {
            return Ok(Self::ANY);
        }
        let known = MNEMONICS.iter().find(|(_, mnemonic)| mnemonic.eq_ignore_ascii_case(text));
        let number = || {
            let (word, digits) = text.split_at_checked(4)?;
            let is = word.eq_ignore_ascii_case("TYPE") && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is)
        };
        known
            .map(|(number, _)| *number)
            .or_else(number)
            .map(Self)
            .ok_or_else(|| QueryTypeError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_and_read_by_its_mnemonic_or_its_number() {
        for number in 0..=u16::MAX {
            let kind = QueryType(number);
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(format!("type{number}").parse(), Ok(kind));
        }
        assert_eq!("aaaa".parse(), Ok(QueryType::AAAA));
        assert_eq!("*".parse(), Ok(QueryType::ANY));
        for wrong in ["", "TYPE", "TYPE+1", "TYPE65536", "TYP1", "AAAAA", "ü", "1"] {
            assert!(wrong.parse::<QueryType>().is_err(), "{wrong}");
        }
    }
}
