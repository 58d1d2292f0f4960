use std::fmt;

/// Releases of etcdctl that understand a line differently. A release between two of them behaves as the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EtcdctlVersion {
    V3_4,
    V3_5,
    V3_6,
    V3_7,
}

impl EtcdctlVersion {
    /// The oldest first.
    pub const ALL: [Self; 4] = [Self::V3_4, Self::V3_5, Self::V3_6, Self::V3_7];
}

impl fmt::Display for EtcdctlVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_4 => "3.4",
            Self::V3_5 => "3.5",
            Self::V3_6 => "3.6",
            Self::V3_7 => "3.7",
        })
    }
}
