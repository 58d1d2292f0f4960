//! Lines for etcdctl that only read, for somebody to paste.
use super::quoted::quoted_bytes;
use crate::keys::Revision;
use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, path::PathBuf};

/// Connection of etcdctl to the cluster of a session. It has no password: etcdctl asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    pub endpoints: Vec<String>,
    pub cacert: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub user: Option<String>,
    /// Variables of the shell that are set beside a flag of the line: etcdctl refuses a line with both.
    pub shadowed: Vec<&'static str>,
}

/// Keys that a line reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadKeys {
    pub key: Vec<u8>,
    /// All keys that begin so, instead of the one key.
    pub below: bool,
    /// The revision to read at, instead of the current one.
    pub at: Option<Revision>,
}

impl Connection {
    /// Returns the flags, the variables that etcdctl takes for the same, and the values.
    #[must_use]
    pub fn flags(&self) -> Vec<(&'static str, &'static str, Vec<u8>)> {
        let bytes = |text: &OsStr| text.as_bytes().to_vec();
        let file = |path: &Option<PathBuf>| path.as_ref().map(|path| bytes(path.as_os_str()));
        let endpoints = Some(self.endpoints.join(",").into_bytes()).filter(|list| !list.is_empty());
        [
            ("--endpoints", "ETCDCTL_ENDPOINTS", endpoints),
            ("--cacert", "ETCDCTL_CACERT", file(&self.cacert)),
            ("--cert", "ETCDCTL_CERT", file(&self.cert)),
            ("--key", "ETCDCTL_KEY", file(&self.key)),
            ("--user", "ETCDCTL_USER", self.user.clone().map(String::into_bytes)),
        ]
        .into_iter()
        .filter_map(|(flag, variable, value)| Some((flag, variable, value?)))
        .collect()
    }

    /// Returns the line that reads this; none for a key that no argument of a command can hold.
    #[must_use]
    pub fn line(&self, reading: &ReadKeys) -> Option<String> {
        if reading.key.contains(&0) {
            return None;
        }
        let mut words = Vec::new();
        if !self.shadowed.is_empty() {
            words.push("env".to_owned());
            words.extend(self.shadowed.iter().map(|variable| format!("-u {variable}")));
        }
        words.push("etcdctl".to_owned());
        words.extend(self.flags().iter().map(|(flag, _, value)| format!("{flag}={}", quoted_bytes(value))));
        words.push("get".to_owned());
        words.extend(reading.below.then(|| "--prefix".to_owned()));
        words.extend(reading.at.map(|revision| format!("--rev={revision}")));
        // A key may begin as a flag does.
        words.push("--".to_owned());
        words.push(quoted_bytes(&reading.key));
        Some(words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_the_one_key_or_all_below_it_as_of_now_or_of_a_revision() {
        let here = Connection { endpoints: vec!["http://[::1]:2379".to_owned()], ..Connection::default() };
        let line = |key: &[u8], below, at| here.line(&ReadKeys { key: key.to_vec(), below, at });
        assert_eq!(
            line(b"/coredns/io/gcr/x1", false, None).unwrap(),
            "etcdctl --endpoints='http://[::1]:2379' get -- /coredns/io/gcr/x1"
        );
        assert_eq!(
            line(b"/coredns/it's/", true, Some(Revision(7))).unwrap(),
            r"etcdctl --endpoints='http://[::1]:2379' get --prefix --rev=7 -- '/coredns/it'\''s/'"
        );
        assert_eq!(line(b"/coredns/\0", false, None), None, "no argument can hold it");
    }
}
