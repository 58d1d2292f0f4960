use std::{fmt, num::ParseIntError, str::FromStr};

/// Id that etcd gave a cluster when it was made: 64 bits, shown as 16 hexadecimal digits, as etcdctl does in its
/// tables. It survives restarts and member changes. etcd makes it from the peer URLs and the token that a cluster
/// begins with, so a node that was wiped, or restored with the same ones, may have it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClusterId(pub u64);

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ClusterId {
    type Err = ParseIntError;

    /// # Errors
    /// Anything but up to 16 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}
