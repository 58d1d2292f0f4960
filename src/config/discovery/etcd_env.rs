//! Variables of the server in `/etc/etcd.env`, as kubespray and kubekey write them, often with etcdctl's beside them.
use super::{
    DiscoveredSettings, DiscoveryPlace,
    credential::{ClientCertificate, CredentialSearch, choose, of_hosts},
    environment_file,
    machine::Machine,
};
use crate::config::{SettingSource, Sourced};
use std::path::{Path, PathBuf};

pub(super) const FILE: &str = "/etc/etcd.env";
const WHOSE: &str = "/etc/etcd.env's";

pub(super) fn look(machine: &Machine) -> CredentialSearch {
    let text = match machine.text(Path::new(FILE)) {
        Ok(Some(text)) => text,
        Ok(None) => return CredentialSearch::default(),
        Err(error) => return CredentialSearch::closed(FILE, machine.at(Path::new(FILE)), &error),
    };
    let variables = environment_file::parse(&text);
    let first = |names: &[&'static str]| {
        names.iter().find_map(|name| {
            let (value, _) = variables.get(*name).filter(|(value, _)| !value.is_empty())?;
            Some((*name, value.clone()))
        })
    };
    let endpoints = first(&["ETCDCTL_ENDPOINTS", "ETCD_ADVERTISE_CLIENT_URLS", "ETCD_LISTEN_CLIENT_URLS"]);
    let Some((name, endpoints)) = endpoints else {
        return CredentialSearch::passed(FILE, "it names no endpoint");
    };
    let from = SettingSource::Found(format!("{name} of {FILE}"));
    let endpoints = Sourced { value: endpoints, from };
    let ca = first(&["ETCDCTL_CACERT", "ETCDCTL_CA_FILE", "ETCD_TRUSTED_CA_FILE"]);
    let Some((_, ca)) = ca else {
        let (what, [cacert, cert, key]) = (FILE.to_owned(), [None, None, None]);
        let found = DiscoveredSettings { what, endpoints, cacert, cert, key, warning: None };
        return CredentialSearch { place: Some(DiscoveryPlace::Open(Box::new(found))), passed: vec![] };
    };
    let ca = PathBuf::from(ca);
    let directory = ca.parent().unwrap_or(Path::new("/"));
    let names = match machine.names(directory) {
        Ok(names) => names,
        Err(error) => {
            return CredentialSearch::closed(&format!("{WHOSE} certificates"), machine.at(directory), &error);
        }
    };
    let mut candidates = of_hosts(machine, directory, &names, "node-");
    let cert = first(&["ETCDCTL_CERT", "ETCDCTL_CERT_FILE"]);
    let key = first(&["ETCDCTL_KEY", "ETCDCTL_KEY_FILE"]);
    let mut own = None;
    if let (Some((_, cert)), Some((_, key))) = (cert, key) {
        let (cert, key) = (PathBuf::from(cert), PathBuf::from(key));
        let name = cert.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if is_of_members(&name) {
            own = Some(name);
        } else if !candidates.iter().any(|candidate| candidate.cert == cert) {
            candidates.push(ClientCertificate { name, cert, key, warning: None });
        }
    }
    for admin in of_hosts(machine, directory, &names, "admin-") {
        if !candidates.iter().any(|candidate| candidate.cert == admin.cert) {
            candidates.push(admin);
        }
    }
    let mut choice = choose(machine, WHOSE, &ca, &endpoints, candidates);
    if let Some(name) = own {
        choice.pass(format!("{WHOSE} {name}"), OF_MEMBERS);
    }
    for member in of_hosts(machine, directory, &names, "member-") {
        choice.pass(format!("{WHOSE} {}", member.name), OF_MEMBERS);
    }
    if choice.place.is_none() {
        choice.pass(FILE, "no client certificate is there");
    }
    choice
}

pub(super) const OF_MEMBERS: &str = "members use it among themselves: it is never taken";

fn is_of_members(name: &str) -> bool {
    name.starts_with("member") || name.starts_with("peer")
}
