use super::format::VERSION;
use crate::remedy::Remedy;

/// Reason why a file is not taken. Nothing of it is used then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it is no backup or rescue of coredeck")]
    OtherFormat,
    #[error("it has version {0} of the format, and this program knows up to {VERSION}")]
    Newer(u32),
    #[error("it is cut off: its end is missing")]
    CutOff,
    #[error("its compressed data is damaged: {0}")]
    Damaged(String),
    #[error("line {0} is none that a backup has")]
    Line(u64),
    #[error("its checksum (SHA-256) does not fit what is in it")]
    Checksum,
    #[error("it has {found} keys, and says that it should have {said}")]
    Count { found: u64, said: u64 },
    #[error("something stands behind its last line")]
    Behind,
    #[error("it is another file than the one whose heading was read")]
    Replaced,
}

impl Remedy for ArchiveError {
    fn remedy(&self) -> String {
        match self {
            Self::Unreadable(_) => "Check the path, and who may read it.",
            Self::OtherFormat => {
                "Give a file that coredeck backup or rescue has written; import reads other formats."
            }
            Self::Newer(_) => "Use the newer coredeck that has written it.",
            Self::Replaced => "Look at it again.",
            Self::CutOff
            | Self::Damaged(_)
            | Self::Line(_)
            | Self::Checksum
            | Self::Count { .. }
            | Self::Behind => "Take another backup, or copy this one again from where it was made.",
        }
        .to_owned()
    }
}
