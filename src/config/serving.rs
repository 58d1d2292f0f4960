//! Settings that decide `CoreDNS`'s answers, and the servers that give them.
use super::{DnsServer, SettingSource, Settings};
use crate::{
    dns::{
        Name, Serving, ZoneGuess,
        lint::{Circumstances, IgnoredBlock},
    },
    store::memory::Memory,
};

impl Settings {
    /// Returns the options for the whole scope. `guess` has the zones by the records, which count if nobody has named
    /// any.
    #[must_use]
    pub fn serving(&self, guess: impl Into<ZoneGuess>) -> Serving {
        match &self.served {
            Some(served) if self.zones_are_the_corefiles() => served.serving(&self.scope.value),
            served => self
                .with_zones(served.as_ref().map(|served| served.serving(&self.scope.value)), &guess.into()),
        }
    }

    /// Returns the options for a question about one name, which its own server block answers.
    #[must_use]
    pub fn serving_for(&self, name: &Name, guess: impl Into<ZoneGuess>) -> Serving {
        match &self.served {
            Some(served) if self.zones_are_the_corefiles() => served.serving_for(&self.scope.value, name),
            _ => self.serving(guess),
        }
    }

    /// Tells whether nobody has named a zone, so that they are guessed from the records. The demo has zones of its own.
    #[must_use]
    pub fn has_no_zones(&self) -> bool {
        !self.demo && self.zones.value.is_empty() && !self.zones_are_the_corefiles()
    }

    /// Returns the zones that somebody has named, or those of the demo.
    #[must_use]
    pub fn named_zones(&self) -> Vec<Name> {
        self.serving(ZoneGuess::default()).zones
    }

    /// Tells whether a Corefile names the zones. Its list may also be empty: then its plugin serves nothing.
    fn zones_are_the_corefiles(&self) -> bool {
        matches!(self.zones.from, SettingSource::Corefile { .. })
    }

    fn with_zones(&self, serving: Option<Serving>, guess: &ZoneGuess) -> Serving {
        let serving = serving.unwrap_or_else(|| Serving::new(self.scope.value.clone(), Vec::new()));
        match &self.zones.value[..] {
            [] if self.demo => Serving { zones: Memory::demo_zones(), ..serving },
            [] => guess.served(serving),
            named => Serving { zones: named.to_vec(), ..serving },
        }
    }

    /// Returns the other facts of the Corefile that deserve a finding.
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

    /// Returns the servers that `verify` asks if the command line names none: the profile's, else those of the
    /// Corefile.
    #[must_use]
    pub fn servers(&self) -> Vec<DnsServer> {
        match (&self.dns_servers, &self.served) {
            (Some(servers), _) => servers.value.clone(),
            (None, Some(served)) => served.listens().into_iter().map(DnsServer).collect(),
            (None, None) => Vec::new(),
        }
    }
}
