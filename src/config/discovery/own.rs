//! The etcd of this machine, by the settings that it was started with: the one that runs, or else the one in its files.
use super::{credential::CredentialSearch, listen_urls, machine::Machine, running, started::Started, unit};
use std::path::Path;

/// The places where packages and installers put etcd's own file: YAML, or variables for its service.
const FILES: [&str; 6] = [
    "/etc/etcd/etcd.conf",
    "/etc/etcd/etcd.conf.yml",
    "/etc/etcd/etcd.conf.yaml",
    "/etc/etcd/etcd.yaml",
    "/etc/default/etcd",
    "/etc/sysconfig/etcd",
];
/// The places of its service, the nearest to the administrator first (systemd.unit(5)).
const UNITS: [&str; 4] = [
    "/etc/systemd/system/etcd.service",
    "/run/systemd/system/etcd.service",
    "/usr/lib/systemd/system/etcd.service",
    "/lib/systemd/system/etcd.service",
];
const PODS: &str = "/etc/kubernetes/manifests";
const MICROK8S: &str = "/var/snap/microk8s/current";
/// The file that exists if microk8s keeps its state in dqlite (microk8s, `var/lock`).
const IN_DQLITE: &str = "/var/snap/microk8s/current/var/lock/ha-cluster";
/// The directories of revisions of `OpenShift` 4's API server, each with a client certificate for etcd.
const OPENSHIFT: &str = "/etc/kubernetes/static-pod-resources";

/// Returns the result for each place, in their order.
pub(super) fn look(machine: &Machine) -> Vec<CredentialSearch> {
    let mut choices: Vec<CredentialSearch> = running::look(machine).into_iter().collect();
    // An etcd that runs is taken before any that only has files.
    if choices.iter().all(|choice| choice.place.is_none()) {
        choices.extend(UNITS.iter().chain(&FILES).filter_map(|path| by_file(machine, path)));
    }
    choices
}

/// Returns the results for places that are in no installer's table, which come behind the installers.
pub(super) fn beside(machine: &Machine) -> Vec<CredentialSearch> {
    let mut choices = pods(machine);
    choices.extend(microk8s(machine));
    choices.extend(openshift(machine));
    choices
}

/// Returns the places that are looked at, in few words.
pub(super) fn looked() -> Vec<String> {
    let paths = UNITS.iter().chain(&FILES).copied().chain([PODS, MICROK8S, OPENSHIFT]);
    ["an etcd that runs here (/proc)"].into_iter().chain(paths).map(str::to_owned).collect()
}

fn by_file(machine: &Machine, path: &str) -> Option<CredentialSearch> {
    let text = match machine.text(Path::new(path)) {
        Ok(text) => text?,
        Err(error) => return Some(CredentialSearch::closed(path, machine.at(Path::new(path)), &error)),
    };
    let started = if path.ends_with(".service") {
        unit::started(path, &text, machine)?
    } else {
        // A file of nothing but comments counts as absent.
        Some(Started::by_file(path, &text)).filter(Started::says_something)?
    };
    Some(started.choice(machine))
}

/// Returns the static pods that run an etcd.
fn pods(machine: &Machine) -> Vec<CredentialSearch> {
    let names = machine.names(Path::new(PODS)).unwrap_or_default();
    let choices = names.iter().filter_map(|name| {
        let path = format!("{PODS}/{name}");
        let words = listen_urls::words(&machine.text(Path::new(&path)).ok()??);
        let is_etcd = |word: &String| Path::new(word).file_name().is_some_and(|name| name == "etcd");
        let program = words.iter().position(|word| is_etcd(word) && !word.ends_with('/'))?;
        let started = Started::by_pod(&path, words.get(program..)?);
        started.says_something().then(|| started.choice(machine))
    });
    choices.collect()
}

/// Looks at microk8s, which keeps its state in dqlite, or in an etcd of its own whose flags stand in a file.
fn microk8s(machine: &Machine) -> Option<CredentialSearch> {
    use super::machine::Sight;
    if !matches!(machine.is_there(Path::new(IN_DQLITE)), Sight::Absent) {
        return Some(CredentialSearch::passed(
            MICROK8S,
            "microk8s keeps its state in dqlite here, which is no etcd and has no records of CoreDNS's",
        ));
    }
    let path = format!("{MICROK8S}/args/etcd");
    let text = machine.text(Path::new(&path)).ok()??;
    let words: Vec<String> = text
        .replace("${SNAP_DATA}", MICROK8S)
        .split_whitespace()
        .map(|word| word.trim_matches('"').to_owned())
        .collect();
    Some(Started::by_pod(&path, &words).choice(machine))
}

/// Looks at `OpenShift` 4: the newest revision of the API server has its client certificate, and the addresses.
fn openshift(machine: &Machine) -> Option<CredentialSearch> {
    use super::credential::{ClientCertificate, choose};
    use crate::config::{SettingSource, Sourced};
    const KIND: &str = "kube-apiserver-pod-";
    let names = machine.names(Path::new(OPENSHIFT)).ok()?;
    let numbers = names.iter().filter_map(|name| name.strip_prefix(KIND)?.parse::<u32>().ok());
    let directory = Path::new(OPENSHIFT).join(format!("{KIND}{}", numbers.max()?));
    let pod = Path::new(PODS).join("kube-apiserver-pod.yaml");
    let text = machine.text(&pod).ok().flatten().unwrap_or_default();
    let endpoints = listen_urls::argument(&text, "etcd-servers").map_or_else(
        || Sourced {
            value: "https://localhost:2379".to_owned(),
            from: SettingSource::Found("OpenShift's usual endpoint".to_owned()),
        },
        |value| Sourced { value, from: SettingSource::Found(format!("etcd-servers in {}", pod.display())) },
    );
    let credential = ClientCertificate {
        name: "etcd-client".to_owned(),
        cert: directory.join("secrets/etcd-client/tls.crt"),
        key: directory.join("secrets/etcd-client/tls.key"),
        warning: Some(super::installer::OF_API_SERVER),
    };
    let ca = directory.join("configmaps/etcd-serving-ca/ca-bundle.crt");
    Some(choose(machine, "OpenShift's", &ca, &endpoints, vec![credential]))
}
