//! Choice among the certificates of one place.
use super::{
    DiscoveredSettings, DiscoveryPlace, Passed, UnreadableFile,
    machine::{Machine, Sight},
};
use crate::{
    certificate::ClientFault,
    config::{SettingSource, Sourced},
    failure::TlsFile,
    store::etcd::certificates_in,
};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Client certificate with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientCertificate {
    /// The name for messages: `healthcheck-client`.
    pub(super) name: String,
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
    /// The reason why it is taken only if there is nothing better.
    pub(super) warning: Option<&'static str>,
}

/// Result of a look at one place.
#[derive(Debug, Default)]
pub(super) struct CredentialSearch {
    pub(super) place: Option<DiscoveryPlace>,
    pub(super) passed: Vec<Passed>,
}

impl CredentialSearch {
    pub(super) fn closed(what: &str, path: PathBuf, error: &std::io::Error) -> Self {
        let closed = UnreadableFile { what: what.to_owned(), path, reason: error.to_string() };
        Self { place: Some(DiscoveryPlace::Closed(closed)), passed: vec![] }
    }

    pub(super) fn passed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: None, passed: vec![Passed { what: what.into(), why: why.into() }] }
    }

    pub(super) fn pass(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.passed.push(Passed { what: what.into(), why: why.into() });
    }
}

/// Takes the first credential that is there: `candidates` come with the weakest first. A credential that may not be
/// read closes the place, because the next one could do more. One whose certificate says that no server takes it is
/// taken only if there is no other: its fault is reported when it is used.
pub(super) fn choose(
    machine: &Machine,
    whose: &str,
    ca: &Path,
    endpoints: &Sourced<String>,
    candidates: Vec<ClientCertificate>,
) -> CredentialSearch {
    let mut choice = CredentialSearch::default();
    let mut taken: Option<String> = None;
    let (sound, worn): (Vec<_>, Vec<_>) =
        candidates.into_iter().map(|it| (fault(machine, &it), it)).partition(|(fault, _)| fault.is_none());
    for (fault, candidate) in sound.into_iter().chain(worn) {
        let what = format!("{whose} {}", candidate.name);
        let sight = match (machine.is_there(&candidate.cert), machine.can_be_read(&candidate.key)) {
            (Sight::Absent, Sight::Absent) => continue,
            (Sight::There, Sight::Absent) => {
                let key = machine.at(&candidate.key);
                choice.pass(what, format!("its key is not there: {}", key.display()));
                continue;
            }
            (Sight::Absent, Sight::There | Sight::Closed(_)) => {
                let cert = machine.at(&candidate.cert);
                choice.pass(what, format!("its certificate is not there: {}", cert.display()));
                continue;
            }
            (Sight::There, sight) | (sight @ Sight::Closed(_), _) => sight,
        };
        if let Some(taken) = &taken {
            let why = fault.map_or_else(
                || format!("{taken} does the same, and is meant for less"),
                |fault| format!("it {fault}"),
            );
            choice.pass(what, why);
            continue;
        }
        taken = Some(candidate.name.clone());
        choice.place = Some(match sight {
            Sight::Closed(error) => DiscoveryPlace::Closed(UnreadableFile {
                what,
                path: machine.at(&candidate.key),
                reason: error.to_string(),
            }),
            Sight::There | Sight::Absent => {
                let of = |path: &Path| {
                    Some(Sourced { value: machine.at(path), from: SettingSource::Found(what.clone()) })
                };
                DiscoveryPlace::Open(Box::new(DiscoveredSettings {
                    endpoints: endpoints.clone(),
                    cacert: of(ca),
                    cert: of(&candidate.cert),
                    key: of(&candidate.key),
                    warning: candidate.warning.map(|warning| format!("{what} is used: {warning}")),
                    what,
                }))
            }
        });
    }
    choice
}

/// Returns the reason why no server would take a credential, if its certificate shows it. A certificate that cannot be
/// read is reported when it is used.
fn fault(machine: &Machine, credential: &ClientCertificate) -> Option<ClientFault> {
    let found = certificates_in(TlsFile::Certificate, &machine.at(&credential.cert)).ok()?;
    ClientFault::of(found.first()?, Timestamp::now()).into_iter().next()
}

/// Returns the pairs `node-HOST.pem` and `node-HOST-key.pem` of a directory, this host's before others'.
pub(super) fn of_hosts(
    machine: &Machine,
    directory: &Path,
    names: &[String],
    kind: &str,
) -> Vec<ClientCertificate> {
    let host = machine.host();
    let mut stems: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".pem"))
        .filter(|stem| stem.starts_with(kind) && !stem.ends_with("-key"))
        .collect();
    stems.sort_by_key(|stem| host.as_deref() != stem.strip_prefix(kind));
    let credential = |stem: &str| ClientCertificate {
        name: stem.to_owned(),
        cert: directory.join(format!("{stem}.pem")),
        key: directory.join(format!("{stem}-key.pem")),
        warning: None,
    };
    stems.into_iter().map(credential).collect()
}
