//! Discovery of an etcd by this machine's own files, used if nobody has named one: `/etc/etcd.env`, the settings that
//! an etcd was started with (its command line, its file, its service, its pod), and the certificates of Kubernetes's
//! installers.
//!
//! The weakest credential that suffices is taken, and never one that members use among themselves. CA, certificate, key
//! and endpoints come from one place. A credential that may not be read here is reported, and no stronger one is taken
//! instead: the choice must not depend on the files that happen to be readable.

mod credential;
mod environment_file;
mod etcd_env;
mod installer;
mod listen_urls;
mod machine;
mod own;
mod running;
mod selection;
mod started;
mod unit;

use super::Sourced;
use crate::way_back::Distribution;
use credential::CredentialSearch;
use machine::Machine;
use std::path::{Path, PathBuf};

pub use selection::SettingsChoice;

/// Result of the discovery: the place that is taken, and those that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The first place that has a credential, or one that may not be read.
    pub first: Option<DiscoveryPlace>,
    /// The installer of Kubernetes on this machine, as that place names it.
    pub distribution: Option<Distribution>,
    /// The places and credentials that are not taken, in the order in which they were looked at.
    pub passed: Vec<Passed>,
    /// The places that were looked for, in few words.
    pub looked: Vec<String>,
}

/// Place that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiscoveryPlace {
    Open(Box<DiscoveredSettings>),
    Closed(UnreadableFile),
}

/// Settings for a connection, all from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredSettings {
    /// The name for messages: `kubeadm's healthcheck-client`.
    pub what: String,
    /// The endpoints as they are written there.
    pub endpoints: Sourced<String>,
    pub cacert: Option<Sourced<PathBuf>>,
    pub cert: Option<Sourced<PathBuf>>,
    pub key: Option<Sourced<PathBuf>>,
    /// The reason why it is taken only because there is nothing better.
    pub warning: Option<String>,
}

/// Credential or file that is there and that this user may not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFile {
    /// The name for messages: `kubeadm's healthcheck-client`.
    pub what: String,
    pub path: PathBuf,
    pub reason: String,
}

/// Place or credential that was not taken, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    pub what: String,
    pub why: String,
}

impl DiscoveryPlace {
    /// Returns the place's name, in few words.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Open(found) => &found.what,
            Self::Closed(closed) => &closed.what,
        }
    }
}

impl Discovery {
    /// Looks at all places below this root.
    pub(super) fn look(root: &Path) -> Self {
        let machine = Machine::new(root);
        let mut discovery = Self::default();
        let etcd_env = (Some(Distribution::Kubespray), etcd_env::look(&machine));
        let own = own::look(&machine).into_iter().map(|choice| (None, choice));
        let beside = own::beside(&machine).into_iter().map(|choice| (None, choice));
        let installed = installer::INSTALLERS.iter().map(|it| (it.distribution, it.look(&machine)));
        discovery.looked.push(etcd_env::FILE.to_owned());
        discovery.looked.extend(own::looked());
        discovery.looked.extend(installer::INSTALLERS.iter().map(installer::Installer::sign));
        let all = std::iter::once(etcd_env).chain(own).chain(installed).chain(beside);
        for (distribution, CredentialSearch { place, passed }) in all {
            if let Some(place) = place {
                match &discovery.first {
                    None => {
                        discovery.first = Some(place);
                        discovery.distribution = distribution;
                    }
                    Some(first) => discovery.passed.push(Passed {
                        why: format!("{} was found before it", first.what()),
                        what: place.what().to_owned(),
                    }),
                }
            }
            discovery.passed.extend(passed);
        }
        discovery
    }
}

#[cfg(test)]
mod tests;
