use std::fmt;

/// Degree of what a line can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// etcdctl refuses it, or no etcdctl is run.
    Invalid,
    /// It reads, or does nothing.
    Harmless,
    /// It changes something that can be named, or its changes cannot be known.
    Careful,
    /// It destroys keys of others, or more than a few keys, or locks somebody out.
    Dangerous,
}

impl Danger {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Harmless => "harmless",
            Self::Careful => "careful",
            Self::Dangerous => "dangerous",
        }
    }

    /// Returns the sign for a person: the important ones are in capitals, because a colour alone says nothing.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Dangerous => "DANGEROUS",
            Self::Careful | Self::Harmless | Self::Invalid => self.name(),
        }
    }
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
