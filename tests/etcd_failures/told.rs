//! Texts that a person is shown.
use crate::support::certificates::Authority;
use coredeck::{
    failure::{Failure, Retry},
    keys::Scope,
    remedy::Remedy,
    store::{
        Attempts, ClusterStatus,
        etcd::{EtcdReader, EtcdSettings, connect},
    },
};
use std::path::PathBuf;
use tempfile::TempDir;

pub(super) fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

pub(super) async fn try_connect(settings: &EtcdSettings) -> Result<(EtcdReader, ClusterStatus), Failure> {
    connect(settings, &scope(), &Attempts::default()).await
}

pub(super) async fn refused(settings: &EtcdSettings) -> Failure {
    match try_connect(settings).await {
        Ok(_) => panic!("connected"),
        Err(failure) => failure,
    }
}

/// Checks the texts that a person sees: the message and the remedy, both printable, the remedy one or more whole
/// sentences.
pub(super) fn told(failure: &Failure, message: &str, remedy: &str) {
    let (said, to_do) = (failure.to_string(), failure.remedy());
    assert!(said.contains(message), "{said}");
    assert!(to_do.contains(remedy), "{to_do}");
    assert!(!said.chars().chain(to_do.chars()).any(char::is_control), "{said}\n{to_do}");
    assert!(failure.is_connection() || failure.retry() == Retry::Never);
}

/// Makes a directory with an authority in it.
pub(super) fn authority() -> (TempDir, Authority) {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", dir.path());
    (dir, authority)
}

pub(super) fn with_files(
    endpoint: &str,
    cacert: Option<PathBuf>,
    client: Option<(PathBuf, PathBuf)>,
) -> EtcdSettings {
    let (cert, key) = client.unzip();
    EtcdSettings { cacert, cert, key, ..EtcdSettings::new([endpoint]) }
}

pub(super) fn as_user(endpoint: &str, user: &str, password: &str) -> EtcdSettings {
    EtcdSettings {
        user: Some(user.to_owned()),
        password: Some(password.into()),
        ..EtcdSettings::new([endpoint])
    }
}
