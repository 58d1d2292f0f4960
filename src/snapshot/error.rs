use crate::remedy::Remedy;

/// Reason why a file is no snapshot that can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it is no snapshot of etcd: it has {0} bytes")]
    TooSmall(u64),
    #[error(
        "there is no hash at its end: it is the database of a member itself (member/snap/db), or was cut off there"
    )]
    NoHash,
    #[error("it is cut off, or no snapshot of etcd: its size of {0} bytes is none that one has")]
    Size(u64),
    #[error("it is damaged: its content does not fit the hash (SHA-256) at its end")]
    Hash,
    #[error("its hash is right, but it is no database of etcd: {0}")]
    NoDatabase(&'static str),
    #[error("its hash is right, but page {page} of its database is broken: {why}")]
    Page { page: u64, why: &'static str },
}

impl Remedy for SnapshotError {
    fn remedy(&self) -> String {
        match self {
            Self::Unreadable(_) => "Check the path, and who may read it.",
            Self::TooSmall(_) | Self::NoDatabase(_) => {
                "Give a file that coredeck snapshot or etcdctl snapshot save has written."
            }
            Self::NoHash => "Take a snapshot: the database of a running member may change while it is read.",
            Self::Size(_) | Self::Hash | Self::Page { .. } => {
                "Do not restore it: take another snapshot, or copy this one again from where it was made."
            }
        }
        .to_owned()
    }
}
