use std::fmt;

/// How much a line can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// etcdctl refuses it, or no etcdctl is run.
    Invalid,
    /// It reads, or does nothing.
    Harmless,
    /// It changes something that can be named, or what it changes cannot be known.
    Careful,
    /// It destroys what belongs to others, or more than a few keys, or locks somebody out.
    Dangerous,
}

impl Verdict {
    /// As it stands in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Harmless => "harmless",
            Self::Careful => "careful",
            Self::Dangerous => "dangerous",
        }
    }

    /// As a person reads it: in capitals what no eye may miss, because a colour alone says nothing.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Dangerous => "DANGEROUS",
            Self::Careful | Self::Harmless | Self::Invalid => self.name(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
