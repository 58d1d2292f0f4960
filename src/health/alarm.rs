use std::fmt;

/// Alarm that a member has raised. It stays until somebody disarms it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The member's id.
    pub member: u64,
    pub kind: AlarmKind,
}

/// Kind of an alarm (etcd's rpc.proto).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmKind {
    /// Puts are refused, deletes are not.
    NoSpace,
    /// Members hold different data: every write is refused.
    Corrupt,
    /// One that this program does not know. Text of others: show it escaped.
    Other(String),
}

impl Alarm {
    /// Reads an alarm among the errors in a member's status: `memberID:10276657743932975437 alarm:NOSPACE ` (etcd 3.4
    /// to 3.7, with more blanks since 3.6).
    #[must_use]
    pub fn parse(error: &str) -> Option<Self> {
        let (mut member, mut kind) = (None, None);
        for word in error.split_whitespace() {
            match word.split_once(':')? {
                ("memberID", id) => member = Some(id.parse().ok()?),
                ("alarm", "NOSPACE") => kind = Some(AlarmKind::NoSpace),
                ("alarm", "CORRUPT") => kind = Some(AlarmKind::Corrupt),
                ("alarm", other) => kind = Some(AlarmKind::Other(other.to_owned())),
                _ => return None,
            }
        }
        Some(Self { member: member?, kind: kind? })
    }
}

impl fmt::Display for AlarmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSpace => "NOSPACE",
            Self::Corrupt => "CORRUPT",
            Self::Other(name) => name,
        })
    }
}
