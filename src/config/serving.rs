//! What of the settings decides `CoreDNS`'s answers, and which servers give them.
use super::{DnsServer, Settings, Source};
use crate::{
    dns::{
        Name, Serving, ZoneGuess,
        lint::{Circumstances, IgnoredBlock},
    },
    store::memory::Memory,
};

impl Settings {
    /// For the whole scope. `guess` is what the records say of its zones, which counts where nobody has named any.
    #[must_use]
    pub fn serving(&self, guess: impl Into<ZoneGuess>) -> Serving {
        match &self.served {
            Some(served) if self.zones_are_the_corefiles() => served.serving(&self.scope.value),
            served => self
                .with_zones(served.as_ref().map(|served| served.serving(&self.scope.value)), &guess.into()),
        }
    }

    /// For a question about one name, which its own server block answers.
    #[must_use]
    pub fn serving_for(&self, name: &Name, guess: impl Into<ZoneGuess>) -> Serving {
        match &self.served {
            Some(served) if self.zones_are_the_corefiles() => served.serving_for(&self.scope.value, name),
            _ => self.serving(guess),
        }
    }

    /// Whether nobody has named a zone: they are guessed from the records. The demo has zones of its own.
    #[must_use]
    pub fn has_no_zones(&self) -> bool {
        !self.demo && self.zones.value.is_empty() && !self.zones_are_the_corefiles()
    }

    /// The zones that somebody has named, or the demo has.
    #[must_use]
    pub fn named_zones(&self) -> Vec<Name> {
        self.serving(ZoneGuess::default()).zones
    }

    /// A Corefile's list may also be empty: then its plugin serves nothing.
    fn zones_are_the_corefiles(&self) -> bool {
        matches!(self.zones.from, Source::Corefile { .. })
    }

    fn with_zones(&self, serving: Option<Serving>, guess: &ZoneGuess) -> Serving {
        let serving = serving.unwrap_or_else(|| Serving::new(self.scope.value.clone(), Vec::new()));
        match &self.zones.value[..] {
            [] if self.demo => Serving { zones: Memory::demo_zones(), ..serving },
            [] => guess.served(serving),
            named => Serving { zones: named.to_vec(), ..serving },
        }
    }

    /// What else the Corefile says that is worth a finding.
    #[must_use]
    pub fn circumstances(&self) -> Circumstances {
        let Some(served) = &self.served else { return Circumstances::default() };
        let ignored = served.corefile().ignored.iter().map(|block| IgnoredBlock {
            place: format!("{}:{}", block.at.file.display(), block.at.line),
            zones: block.zones.clone(),
        });
        let unreachable =
            served.ours().filter(|(_, block)| block.endpoints.0.iter().any(|one| one.contains(',')));
        let unreachable = unreachable.map(|(_, block)| {
            let at = &block.endpoints.1;
            format!("{}:{}", at.file.display(), at.line)
        });
        Circumstances {
            corefile: true,
            ignored: ignored.collect(),
            unreachable: unreachable.collect(),
            denied: None,
        }
    }

    /// The servers that `verify` asks when the command line names none: the profile's, else those of the Corefile.
    #[must_use]
    pub fn servers(&self) -> Vec<DnsServer> {
        match (&self.dns_servers, &self.served) {
            (Some(servers), _) => servers.value.clone(),
            (None, Some(served)) => served.listens().into_iter().map(DnsServer).collect(),
            (None, None) => Vec::new(),
        }
    }
}
