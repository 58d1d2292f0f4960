//! Clusters by the name under which each was met, as in ssh's `known_hosts`: a file for each name, in the state
//! directory. Another cluster under a known name is looked at and not changed, until somebody says that it is meant.
//!
//! Beside it are the last counts of everybody's keys in each cluster.

mod kept_counts;

pub use kept_counts::KeptCounts;

use crate::{keys::ClusterId, plain_file, private_directory, whole_file::WholeFile};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Clusters that this user has met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClusters {
    directory: PathBuf,
}

/// Cluster under one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCluster {
    /// `profile prod`, or endpoints with commas.
    pub name: String,
    #[serde(serialize_with = "in_digits", deserialize_with = "of_digits")]
    pub cluster: ClusterId,
    /// The operator's name for it.
    pub label: String,
    pub since: Timestamp,
    /// The last known addresses of its members, beside the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn in_digits<S: Serializer>(id: &ClusterId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(id)
}

fn of_digits<'de, D: Deserializer<'de>>(from: D) -> Result<ClusterId, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

impl KnownClusters {
    /// Returns the clusters of a state directory.
    #[must_use]
    pub fn in_directory(state: &Path) -> Self {
        Self { directory: state.join("clusters") }
    }

    /// Returns the path for the cluster of this name, which need not exist.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        // A name may be longer than a file name, and hold characters that no file name may have.
        let digest = Sha256::digest(name.as_bytes());
        let short = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        self.directory.join(format!("{short:016x}.json"))
    }

    /// Returns the cluster that was met under this name.
    ///
    /// # Errors
    /// A file that cannot be read, or holds something else: then nobody knows whether the cluster is known.
    pub fn find(&self, name: &str) -> io::Result<Option<KnownCluster>> {
        let text = match plain_file::text(&self.path(name), plain_file::MIB) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let known: KnownCluster = serde_json::from_str(&text).map_err(io::Error::other)?;
        if known.name != name {
            return Err(io::Error::other("it is about another name"));
        }
        Ok(Some(known))
    }

    /// Remembers a cluster, in place of any other that was known by its name.
    ///
    /// # Errors
    /// When the file cannot be written; then the known cluster stays.
    pub fn remember(&self, known: &KnownCluster) -> io::Result<()> {
        private_directory::make(&self.directory)?;
        let mut file = WholeFile::replace(&self.path(&known.name))?;
        serde_json::to_writer(&mut file, known)?;
        file.write_all(b"\n")?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    fn known(name: &str, cluster: u64) -> KnownCluster {
        let since = "2026-03-01T12:00:00Z".parse().unwrap();
        KnownCluster {
            name: name.to_owned(),
            cluster: ClusterId(cluster),
            label: "prod".to_owned(),
            since,
            members: vec![],
        }
    }

    #[test]
    fn what_was_met_is_known_under_its_name_and_no_other() {
        let state = tempfile::tempdir().unwrap();
        let clusters = KnownClusters::in_directory(&state.path().join("new"));
        assert_eq!(clusters.find("profile a").unwrap(), None);
        clusters.remember(&known("profile a", 7)).unwrap();
        assert_eq!(clusters.find("profile a").unwrap(), Some(known("profile a", 7)));
        assert_eq!(clusters.find("profile b").unwrap(), None);
        clusters.remember(&known("profile a", 8)).unwrap();
        assert_eq!(clusters.find("profile a").unwrap().unwrap().cluster, ClusterId(8));
        let mode = fs::metadata(clusters.path("profile a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(state.path().join("new/clusters")).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_file_that_says_nothing_is_an_error_and_no_first_contact() {
        let state = tempfile::tempdir().unwrap();
        let clusters = KnownClusters::in_directory(state.path());
        clusters.remember(&known("profile a", 7)).unwrap();
        fs::copy(clusters.path("profile a"), clusters.path("profile b")).unwrap();
        assert!(clusters.find("profile b").is_err(), "it is about another name");
        fs::write(clusters.path("profile a"), "{").unwrap();
        assert!(clusters.find("profile a").is_err());
    }
}
