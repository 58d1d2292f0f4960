use super::{DiscoveredSettings, Discovery, DiscoveryPlace, Passed, UnreadableFile};
use crate::{
    config::{ConfigError, SettingSource},
    way_back::Distribution,
};

/// Part of a [`Discovery`] that a session uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChoice {
    /// The credential that is used: `kubeadm's healthcheck-client`.
    pub what: Option<String>,
    /// The installer of Kubernetes on this machine, even if another etcd is used than its own.
    pub distribution: Option<Distribution>,
    /// The reason why it is used only because there is nothing better.
    pub warning: Option<String>,
    /// The credential that would be used, and may not be read.
    pub closed: Option<UnreadableFile>,
    /// The place that would be used if nobody had named an etcd.
    pub unused: Option<Box<DiscoveredSettings>>,
    pub passed: Vec<Passed>,
    /// The places that were looked for, if nothing was found and nobody has named an etcd.
    pub looked: Vec<String>,
}

impl SettingsChoice {
    /// Takes the first place, unless somebody has named an etcd, or certificates.
    pub(in crate::config) fn from(
        discovery: Discovery,
        named: Option<&SettingSource>,
    ) -> (Self, Option<DiscoveredSettings>) {
        let Discovery { first, distribution, mut passed, looked } = discovery;
        let mut taken = Self { distribution, ..Self::default() };
        let mut found = None;
        match (first, named) {
            (None, Some(_)) => {}
            (None, None) => taken.looked = looked,
            (Some(place), Some(named)) => {
                let why = match named {
                    SettingSource::Corefile { .. } => format!("CoreDNS's own credential is used ({named})"),
                    SettingSource::Flag(_)
                    | SettingSource::Env(_)
                    | SettingSource::Profile { .. }
                    | SettingSource::Found(_)
                    | SettingSource::FirstContact { .. }
                    | SettingSource::Default => format!("the etcd was named by {named}"),
                };
                passed.insert(0, Passed { what: place.what().to_owned(), why });
                if let DiscoveryPlace::Open(found) = place {
                    taken.unused = Some(found);
                }
            }
            (Some(DiscoveryPlace::Open(place)), None) => {
                taken.what = Some(place.what.clone());
                taken.warning.clone_from(&place.warning);
                found = Some(*place);
            }
            (Some(DiscoveryPlace::Closed(closed)), None) => taken.closed = Some(closed),
        }
        taken.passed = passed;
        (taken, found)
    }

    /// # Errors
    /// [`ConfigError::Closed`] if the credential of this session may not be read.
    pub fn check(&self) -> Result<(), ConfigError> {
        match &self.closed {
            None => Ok(()),
            Some(UnreadableFile { what, path, reason }) => {
                Err(ConfigError::Closed { what: what.clone(), path: path.clone(), reason: reason.clone() })
            }
        }
    }
}
