//! Kind of key that a certificate is for.
use std::fmt;
use x509_parser::{public_key, x509::SubjectPublicKeyInfo};

/// RSA keys with fewer bits can be broken (NIST SP 800-131A), and no connection is made with them.
const FEWEST_BITS: usize = 2048;

/// The kind of a public key. Displays whole: `RSA with 2048 bits`, `ECDSA on P-521`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    Rsa {
        bits: usize,
    },
    Curve(&'static str),
    Ed25519,
    /// No connection can be made with it.
    Other(&'static str),
}

impl PublicKey {
    pub(super) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        let named =
            |oid: &[u64]| key.algorithm.algorithm.iter().is_some_and(|own| own.eq(oid.iter().copied()));
        if named(&[1, 3, 101, 112]) {
            return Self::Ed25519;
        }
        if named(&[1, 3, 101, 113]) {
            return Self::Other("Ed448");
        }
        match key.parsed() {
            Ok(public_key::PublicKey::RSA(rsa)) => Self::Rsa { bits: bits(rsa.modulus) },
            Ok(public_key::PublicKey::EC(_)) => {
                let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
                let is = |arcs: &[u64]| {
                    curve
                        .as_ref()
                        .and_then(|curve| curve.iter())
                        .is_some_and(|own| own.eq(arcs.iter().copied()))
                };
                match () {
                    () if is(&[1, 2, 840, 10_045, 3, 1, 7]) => Self::Curve("P-256"),
                    () if is(&[1, 3, 132, 0, 34]) => Self::Curve("P-384"),
                    () if is(&[1, 3, 132, 0, 35]) => Self::Curve("P-521"),
                    () if is(&[1, 3, 132, 0, 10]) => Self::Other("ECDSA on secp256k1"),
                    () if is(&[1, 3, 132, 0, 33]) => Self::Other("ECDSA on P-224"),
                    () => Self::Other("ECDSA on a curve of its own"),
                }
            }
            Ok(public_key::PublicKey::DSA(_)) => Self::Other("DSA"),
            Ok(
                public_key::PublicKey::GostR3410(_)
                | public_key::PublicKey::GostR3410_2012(_)
                | public_key::PublicKey::Unknown(_),
            )
            | Err(_) => Self::Other("of an unknown kind"),
        }
    }

    /// Tells whether a connection can be made with the key.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Rsa { bits } => *bits >= FEWEST_BITS,
            Self::Curve(_) | Self::Ed25519 => true,
            Self::Other(_) => false,
        }
    }

    /// Returns the reason why not: `RSA with 1024 bits, and with fewer than 2048 it can be broken`.
    #[must_use]
    pub fn why_not(&self) -> String {
        match self {
            Self::Rsa { .. } => format!("{self}, and with fewer than {FEWEST_BITS} it can be broken"),
            Self::Curve(_) | Self::Ed25519 | Self::Other(_) => {
                format!("{self}, where RSA, Ed25519 or ECDSA on P-256, P-384 or P-521 is needed")
            }
        }
    }
}

/// Returns the bits of a number without a sign.
fn bits(number: &[u8]) -> usize {
    let from = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let digits = number.get(from..).unwrap_or_default();
    digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA with {bits} bits"),
            Self::Curve(curve) => write!(f, "ECDSA on {curve}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_rsa_has_the_bits_of_its_modulus() {
        let number = |length: usize| [vec![0, 0x80], vec![0; length - 1]].concat();
        assert_eq!((bits(&number(128)), bits(&number(256)), bits(&[0, 1]), bits(&[])), (1024, 2048, 1, 0));
        let usable = |bits| PublicKey::Rsa { bits }.is_usable();
        assert!(!usable(1024) && usable(2048) && usable(4096));
    }
}
