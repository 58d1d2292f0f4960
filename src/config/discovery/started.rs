//! Settings that an etcd is started with: its flags, its variables or its file. They are the best source for its
//! endpoints and for the certificates that it takes.
use super::{
    DiscoveredSettings, DiscoveryPlace, Passed,
    credential::{ClientCertificate, CredentialSearch, choose, of_hosts},
    environment_file,
    etcd_env::OF_MEMBERS,
    installer::{self, OF_SERVER},
    listen_urls,
    machine::Machine,
};
use crate::config::{SettingSource, Sourced};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The endpoint of an etcd without settings (server/embed/config.go).
const BY_ITSELF: &str = "http://localhost:2379";
const OF_ETCD: &str = "ETCD_";
/// The client certificates beside etcd's own, by the name of the file and of its key.
const CLIENTS: [(&str, &str, &str); 5] = [
    ("healthcheck-client", "healthcheck-client.crt", "healthcheck-client.key"),
    ("client", "client.crt", "client.key"),
    ("client", "client.pem", "client-key.pem"),
    ("etcd-client", "etcd-client.crt", "etcd-client.key"),
    ("etcd-client", "etcd-client.pem", "etcd-client-key.pem"),
];

/// Started etcd with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    /// The source of the settings: `the etcd that runs here`, or a file.
    what: String,
    /// The values by the names of etcd's flags.
    settings: BTreeMap<String, String>,
    /// True if etcd's own default endpoint counts when the settings name none.
    by_itself: bool,
}

impl Started {
    /// Takes a command line, whose first word is the program, and variables. If they name a file, it decides alone, as
    /// for etcd.
    pub(super) fn by(
        what: &str,
        words: &[String],
        variables: impl IntoIterator<Item = (String, String)>,
        machine: &Machine,
    ) -> Self {
        let mut settings = of_variables(variables);
        settings.extend(of_words(words.get(1..).unwrap_or_default()));
        if let Some(file) = settings.get("config-file") {
            let text = machine.text(Path::new(file)).ok().flatten();
            settings = text.map(|text| listen_urls::settings(&text)).unwrap_or_default();
        }
        Self { what: what.to_owned(), settings, by_itself: true }
    }

    /// Takes a file of variables or of YAML, by its contents.
    pub(super) fn by_file(path: &str, text: &str) -> Self {
        let variables = environment_file::parse(text).into_iter().map(|(name, (value, _))| (name, value));
        let mut settings = of_variables(variables);
        if settings.is_empty() {
            settings = listen_urls::settings(text);
        }
        Self { what: path.to_owned(), settings, by_itself: false }
    }

    /// Takes the arguments of a static pod.
    pub(super) fn by_pod(path: &str, words: &[String]) -> Self {
        Self { what: path.to_owned(), settings: of_words(words), by_itself: false }
    }

    /// Tells whether any setting leads to the etcd.
    pub(super) fn says_something(&self) -> bool {
        ["advertise-client-urls", "listen-client-urls", "trusted-ca-file", "cert-file"]
            .iter()
            .any(|flag| self.get(flag).is_some())
    }

    fn get(&self, flag: &str) -> Option<&str> {
        self.settings.get(flag).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns its endpoints, with the setting that names them.
    fn endpoints(&self) -> Option<Sourced<String>> {
        let said = ["advertise-client-urls", "listen-client-urls"].into_iter().find_map(|flag| {
            let urls = self.get(flag)?.split(',').map(str::trim);
            // The other ones are sockets of this machine.
            let urls = urls.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
            let value = listen_urls::endpoints(&urls.collect::<Vec<_>>().join(","))?;
            Some(Sourced { value, from: SettingSource::Found(format!("{flag} of {}", self.what)) })
        });
        let usual = || Sourced {
            value: BY_ITSELF.to_owned(),
            from: SettingSource::Found(format!(
                "where etcd listens by itself, as {} says nothing else",
                self.what
            )),
        };
        said.or_else(|| self.by_itself.then(usual))
    }

    /// Returns the endpoints and certificates that a client can take from it.
    pub(super) fn choice(&self, machine: &Machine) -> CredentialSearch {
        let Some(endpoints) = self.endpoints() else {
            return CredentialSearch::passed(&self.what, "it names no endpoint");
        };
        let is_plain = !endpoints.value.contains("https://");
        let Some(ca) = self.get("trusted-ca-file").map(PathBuf::from).filter(|_| !is_plain) else {
            let [cacert, cert, key] = [None, None, None];
            let found =
                DiscoveredSettings { what: self.what.clone(), endpoints, cacert, cert, key, warning: None };
            return CredentialSearch { place: Some(DiscoveryPlace::Open(Box::new(found))), passed: vec![] };
        };
        // An installer's table knows the weakest certificate there that suffices.
        if installer::is_of_one(machine, &ca) {
            return CredentialSearch::default();
        }
        let directory = ca.parent().unwrap_or(Path::new("/"));
        let whose = format!("{}:", self.what);
        let names = match machine.names(directory) {
            Ok(names) => names,
            Err(error) => {
                return CredentialSearch::closed(
                    &format!("{whose} certificates"),
                    machine.at(directory),
                    &error,
                );
            }
        };
        let mut candidates = of_hosts(machine, directory, &names, "node-");
        candidates.extend(CLIENTS.iter().map(|(name, cert, key)| ClientCertificate {
            name: (*name).to_owned(),
            cert: directory.join(cert),
            key: directory.join(key),
            warning: None,
        }));
        candidates.extend(of_hosts(machine, directory, &names, "admin-"));
        let own = self.get("cert-file").zip(self.get("key-file"));
        let is_of_members = own.is_some() && self.get("cert-file") == self.get("peer-cert-file");
        if let Some((cert, key)) = own.filter(|_| !is_of_members) {
            let name = Path::new(cert).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (cert, key) = (PathBuf::from(cert), PathBuf::from(key));
            candidates.push(ClientCertificate { name, cert, key, warning: Some(OF_SERVER) });
        }
        let mut choice = choose(machine, &whose, &ca, &endpoints, candidates);
        if let Some((cert, _)) = own.filter(|_| is_of_members) {
            choice.pass(format!("{whose} {cert}"), OF_MEMBERS);
        }
        if choice.place.is_none() {
            choice.passed.insert(
                0,
                Passed {
                    what: self.what.clone(),
                    why: format!("no client certificate is beside its CA {}", machine.at(&ca).display()),
                },
            );
        }
        choice
    }
}

/// Returns variables of etcd by the names of its flags: `ETCD_CERT_FILE` is `cert-file` (pkg/flags/flag.go).
fn of_variables(variables: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let of = |(name, value): (String, String)| {
        let flag = name.strip_prefix(OF_ETCD)?.to_ascii_lowercase().replace('_', "-");
        Some((flag, value)).filter(|(_, value)| !value.is_empty())
    };
    variables.into_iter().filter_map(of).collect()
}

/// Reads flags as Go does: with one dash or two, the value behind `=` or in the next word.
fn of_words(words: &[String]) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
        let (flag, value) = if let Some((flag, value)) = flag.split_once('=') {
            (flag, value.to_owned())
        } else {
            (flag, words.next_if(|next| !next.starts_with('-')).cloned().unwrap_or_default())
        };
        settings.insert(flag.to_owned(), value);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn flags_and_variables_are_read_as_etcd_reads_them() {
        let line = "--name=a -listen-client-urls http://a:1,http://b:2 --client-cert-auth --cert-file=/c";
        let settings = of_words(&words(line));
        assert_eq!(settings["listen-client-urls"], "http://a:1,http://b:2");
        assert_eq!((settings["client-cert-auth"].as_str(), settings["cert-file"].as_str()), ("", "/c"));
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = of_variables([
            variable("ETCD_CERT_FILE", "/c"),
            variable("ETCD_NAME", ""),
            variable("HOME", "/"),
        ]);
        assert_eq!(settings, BTreeMap::from([("cert-file".to_owned(), "/c".to_owned())]));
    }

    #[test]
    fn a_file_may_hold_variables_or_yaml() {
        let variables =
            "#[Member]\nETCD_LISTEN_CLIENT_URLS=\"https://0.0.0.0:2379\"\nETCD_TRUSTED_CA_FILE=/ca\n";
        let yaml =
            "listen-client-urls: https://0.0.0.0:2379\nclient-transport-security:\n  trusted-ca-file: /ca\n";
        for text in [variables, yaml] {
            let started = Started::by_file("/etc/etcd/etcd.conf", text);
            assert_eq!(started.endpoints().unwrap().value, "https://127.0.0.1:2379", "{text}");
            assert_eq!(started.get("trusted-ca-file"), Some("/ca"), "{text}");
        }
        assert!(!Started::by_file("/etc/default/etcd", "# ETCD_NAME=a\n").says_something());
    }

    #[test]
    fn sockets_are_no_endpoints() {
        let urls = "--listen-client-urls=unix://a:1,http://10.0.0.1:2379";
        let started = Started::by_pod("p", &words(urls));
        assert_eq!(started.endpoints().unwrap().value, "http://10.0.0.1:2379");
        assert_eq!(Started::by_pod("p", &words("--listen-client-urls=unix://a:1")).endpoints(), None);
    }
}
