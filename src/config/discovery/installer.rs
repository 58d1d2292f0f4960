//! Installers of Kubernetes, with the places of the files that clients of etcd need.
use super::{
    credential::{ClientCertificate, CredentialSearch, choose, of_hosts},
    etcd_env::OF_MEMBERS,
    listen_urls,
    machine::{Machine, Sight},
};
use crate::{
    config::{SettingSource, Sourced},
    way_back::Distribution,
};
use std::path::{Path, PathBuf};

/// The endpoint if etcd's own configuration names none.
const USUAL: &str = "https://127.0.0.1:2379";
pub(super) const OF_API_SERVER: &str = "it is the API server's own, for want of another; in etcd's log this session looks like \
                             the API server";
pub(super) const OF_SERVER: &str = "it is the server's own, for want of another";

/// Installer with its files.
#[derive(Debug)]
pub(super) struct Installer {
    /// The owner for messages: `kubeadm's`.
    whose: &'static str,
    /// The kind of installation, which decides how its API server is stopped; `None` if no known way fits.
    pub(super) distribution: Option<Distribution>,
    /// The CA's file, which is the sign of the installer.
    ca: &'static str,
    /// The path that has to exist as well, and the message if it does not.
    needs: Option<(&'static str, &'static str)>,
    /// The credentials, the weakest first.
    credentials: &'static [PairFiles],
    /// The certificates that are never taken.
    of_members: &'static [&'static str],
    /// The settings that name etcd's endpoints, the best first.
    says: &'static [Says],
}

#[derive(Debug)]
enum PairFiles {
    Files {
        name: &'static str,
        cert: &'static str,
        key: &'static str,
        warning: Option<&'static str>,
    },
    /// Pairs `KIND-HOST.pem` and `KIND-HOST-key.pem` beside the CA.
    OfHosts(&'static str),
    /// The same, taken only if there is no other.
    OfHostsAtLast(&'static str, &'static str),
}

#[derive(Debug)]
enum Says {
    /// Argument of a static pod.
    Argument { file: &'static str, name: &'static str },
    /// Setting of etcd's own file.
    Setting { file: &'static str, name: &'static str },
}

const ETCD_POD: &str = "/etc/kubernetes/manifests/etcd.yaml";
const API_SERVER_POD: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/// The installers in the order in which they are looked for.
pub(super) const INSTALLERS: &[Installer] = &[
    // kubernetes/kubernetes: cmd/kubeadm/app/constants/constants.go
    Installer {
        whose: "kubeadm's",
        distribution: Some(Distribution::Kubeadm),
        ca: "/etc/kubernetes/pki/etcd/ca.crt",
        needs: None,
        credentials: &[
            PairFiles::Files {
                name: "healthcheck-client",
                cert: "/etc/kubernetes/pki/etcd/healthcheck-client.crt",
                key: "/etc/kubernetes/pki/etcd/healthcheck-client.key",
                warning: None,
            },
            PairFiles::Files {
                name: "apiserver-etcd-client",
                cert: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
                key: "/etc/kubernetes/pki/apiserver-etcd-client.key",
                warning: Some(OF_API_SERVER),
            },
        ],
        of_members: &["/etc/kubernetes/pki/etcd/peer.crt"],
        says: &[
            Says::Argument { file: ETCD_POD, name: "advertise-client-urls" },
            Says::Argument { file: ETCD_POD, name: "listen-client-urls" },
            // This one counts if etcd is not kubeadm's own.
            Says::Argument { file: API_SERVER_POD, name: "etcd-servers" },
        ],
    },
    // kubernetes-sigs/kubespray: roles/etcd; kubesphere/kubekey keeps to it.
    Installer {
        whose: "kubespray's or kubekey's",
        distribution: Some(Distribution::Kubespray),
        ca: "/etc/ssl/etcd/ssl/ca.pem",
        needs: None,
        credentials: &[PairFiles::OfHosts("node-"), PairFiles::OfHosts("admin-")],
        of_members: &[],
        says: &[Says::Argument { file: API_SERVER_POD, name: "etcd-servers" }],
    },
    // k3s-io/k3s: pkg/daemons/control/deps/deps.go, pkg/etcd/etcd.go
    Installer {
        whose: "k3s's",
        distribution: Some(Distribution::K3s),
        ca: "/var/lib/rancher/k3s/server/tls/etcd/server-ca.crt",
        // k3s makes the certificates for every kind of store.
        needs: Some((
            "/var/lib/rancher/k3s/server/db/etcd",
            "k3s keeps its state in no etcd of its own here",
        )),
        credentials: &[
            PairFiles::Files {
                name: "etcd client",
                cert: "/var/lib/rancher/k3s/server/tls/etcd/client.crt",
                key: "/var/lib/rancher/k3s/server/tls/etcd/client.key",
                warning: None,
            },
            PairFiles::Files {
                name: "etcd server-client",
                cert: "/var/lib/rancher/k3s/server/tls/etcd/server-client.crt",
                key: "/var/lib/rancher/k3s/server/tls/etcd/server-client.key",
                warning: Some(OF_SERVER),
            },
        ],
        of_members: &["/var/lib/rancher/k3s/server/tls/etcd/peer-server-client.crt"],
        says: &[
            Says::Setting {
                file: "/var/lib/rancher/k3s/server/db/etcd/config",
                name: "advertise-client-urls",
            },
            Says::Setting { file: "/var/lib/rancher/k3s/server/db/etcd/config", name: "listen-client-urls" },
        ],
    },
    // rancher/rke2 is k3s below another directory.
    Installer {
        whose: "RKE2's",
        distribution: Some(Distribution::Rke2),
        ca: "/var/lib/rancher/rke2/server/tls/etcd/server-ca.crt",
        needs: Some((
            "/var/lib/rancher/rke2/server/db/etcd",
            "RKE2 keeps its state in no etcd of its own here",
        )),
        credentials: &[
            PairFiles::Files {
                name: "etcd client",
                cert: "/var/lib/rancher/rke2/server/tls/etcd/client.crt",
                key: "/var/lib/rancher/rke2/server/tls/etcd/client.key",
                warning: None,
            },
            PairFiles::Files {
                name: "etcd server-client",
                cert: "/var/lib/rancher/rke2/server/tls/etcd/server-client.crt",
                key: "/var/lib/rancher/rke2/server/tls/etcd/server-client.key",
                warning: Some(OF_SERVER),
            },
        ],
        of_members: &["/var/lib/rancher/rke2/server/tls/etcd/peer-server-client.crt"],
        says: &[
            Says::Setting {
                file: "/var/lib/rancher/rke2/server/db/etcd/config",
                name: "advertise-client-urls",
            },
            Says::Setting { file: "/var/lib/rancher/rke2/server/db/etcd/config", name: "listen-client-urls" },
        ],
    },
    // k0sproject/k0s: pkg/component/controller/etcd.go
    Installer {
        whose: "k0s's",
        distribution: Some(Distribution::K0s),
        ca: "/var/lib/k0s/pki/etcd/ca.crt",
        needs: None,
        credentials: &[PairFiles::Files {
            name: "apiserver-etcd-client",
            cert: "/var/lib/k0s/pki/apiserver-etcd-client.crt",
            key: "/var/lib/k0s/pki/apiserver-etcd-client.key",
            warning: Some(OF_API_SERVER),
        }],
        of_members: &["/var/lib/k0s/pki/etcd/peer.crt"],
        says: &[],
    },
    // kubernetes/minikube: pkg/minikube/vmpath/constants.go; it is kubeadm with its certificates elsewhere.
    Installer {
        whose: "minikube's",
        distribution: Some(Distribution::Kubeadm),
        ca: "/var/lib/minikube/certs/etcd/ca.crt",
        needs: None,
        credentials: &[
            PairFiles::Files {
                name: "healthcheck-client",
                cert: "/var/lib/minikube/certs/etcd/healthcheck-client.crt",
                key: "/var/lib/minikube/certs/etcd/healthcheck-client.key",
                warning: None,
            },
            PairFiles::Files {
                name: "apiserver-etcd-client",
                cert: "/var/lib/minikube/certs/apiserver-etcd-client.crt",
                key: "/var/lib/minikube/certs/apiserver-etcd-client.key",
                warning: Some(OF_API_SERVER),
            },
        ],
        of_members: &["/var/lib/minikube/certs/etcd/peer.crt"],
        says: &[
            Says::Argument { file: ETCD_POD, name: "advertise-client-urls" },
            Says::Argument { file: ETCD_POD, name: "listen-client-urls" },
        ],
    },
    // kubernetes/kops: pkg/model/etcdmanager.go, nodeup/pkg/model/kube_apiserver.go; etcd-manager's main cluster listens
    // at 4001.
    Installer {
        whose: "kops's",
        distribution: None,
        ca: "/etc/kubernetes/pki/kube-apiserver/etcd-ca.crt",
        needs: None,
        credentials: &[PairFiles::Files {
            name: "etcd-client",
            cert: "/etc/kubernetes/pki/kube-apiserver/etcd-client.crt",
            key: "/etc/kubernetes/pki/kube-apiserver/etcd-client.key",
            warning: Some(OF_API_SERVER),
        }],
        of_members: &[],
        says: &[
            Says::Argument {
                file: "/etc/kubernetes/manifests/kube-apiserver.manifest",
                name: "etcd-servers",
            },
            Says::Argument { file: API_SERVER_POD, name: "etcd-servers" },
        ],
    },
    // rancher/rke: pki/constants.go, cluster/plan.go (RKE1).
    Installer {
        whose: "RKE1's",
        distribution: None,
        ca: "/etc/kubernetes/ssl/kube-ca.pem",
        needs: None,
        credentials: &[
            PairFiles::Files {
                name: "kube-node",
                cert: "/etc/kubernetes/ssl/kube-node.pem",
                key: "/etc/kubernetes/ssl/kube-node-key.pem",
                warning: Some(OF_API_SERVER),
            },
            PairFiles::OfHostsAtLast("kube-etcd-", OF_SERVER),
        ],
        of_members: &[],
        says: &[],
    },
    // easzlab/kubeasz: roles/etcd, roles/kube-master.
    Installer {
        whose: "kubeasz's",
        distribution: None,
        ca: "/etc/kubernetes/ssl/ca.pem",
        needs: None,
        credentials: &[PairFiles::Files {
            name: "kubernetes",
            cert: "/etc/kubernetes/ssl/kubernetes.pem",
            key: "/etc/kubernetes/ssl/kubernetes-key.pem",
            warning: Some(OF_API_SERVER),
        }],
        of_members: &["/etc/kubernetes/ssl/etcd.pem"],
        says: &[],
    },
    // OpenShift 3: openshift/openshift-ansible, roles/etcd and roles/openshift_control_plane.
    Installer {
        whose: "OpenShift 3's",
        distribution: None,
        ca: "/etc/origin/master/master.etcd-ca.crt",
        needs: None,
        credentials: &[PairFiles::Files {
            name: "master.etcd-client",
            cert: "/etc/origin/master/master.etcd-client.crt",
            key: "/etc/origin/master/master.etcd-client.key",
            warning: Some(OF_API_SERVER),
        }],
        of_members: &["/etc/etcd/peer.crt"],
        says: &[],
    },
];

/// Tells whether a CA lies in the directory of an installer that is here.
pub(super) fn is_of_one(machine: &Machine, ca: &Path) -> bool {
    INSTALLERS.iter().any(|installer| {
        let own = Path::new(installer.ca);
        own.parent() == ca.parent() && !matches!(machine.is_there(own), Sight::Absent)
    })
}

impl Installer {
    /// Returns the installer's name and the file that it is looked for by.
    pub(super) fn sign(&self) -> String {
        format!("{} {}", self.whose, self.ca)
    }

    pub(super) fn look(&self, machine: &Machine) -> CredentialSearch {
        let ca = Path::new(self.ca);
        let closed = |path: &Path, error| {
            CredentialSearch::closed(&format!("{} etcd certificates", self.whose), machine.at(path), &error)
        };
        match machine.is_there(ca) {
            Sight::Absent => return CredentialSearch::default(),
            Sight::Closed(error) => return closed(ca, error),
            Sight::There => {}
        }
        if let Some((needed, why)) = self.needs
            && matches!(machine.is_there(Path::new(needed)), Sight::Absent)
        {
            return CredentialSearch::passed(format!("{} etcd certificates", self.whose), why);
        }
        let directory = ca.parent().unwrap_or(Path::new("/"));
        let names = match machine.names(directory) {
            Ok(names) => names,
            Err(error) => return closed(directory, error),
        };
        let candidates = self.credentials.iter().flat_map(|pair| match pair {
            PairFiles::Files { name, cert, key, warning } => vec![ClientCertificate {
                name: (*name).to_owned(),
                cert: PathBuf::from(cert),
                key: PathBuf::from(key),
                warning: *warning,
            }],
            PairFiles::OfHosts(kind) => of_hosts(machine, directory, &names, kind),
            PairFiles::OfHostsAtLast(kind, warning) => {
                let mut all = of_hosts(machine, directory, &names, kind);
                for credential in &mut all {
                    credential.warning = Some(warning);
                }
                all
            }
        });
        let (endpoints, silent) = self.endpoints(machine);
        let mut choice = choose(machine, self.whose, ca, &endpoints, candidates.collect());
        choice.passed.extend(silent);
        for path in self.of_members {
            if matches!(machine.is_there(Path::new(path)), Sight::There) {
                let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
                choice.pass(format!("{} {name}", self.whose), OF_MEMBERS);
            }
        }
        for member in of_hosts(machine, directory, &names, "member-") {
            choice.pass(format!("{} {}", self.whose, member.name), OF_MEMBERS);
        }
        if choice.place.is_none() {
            choice.pass(self.ca, "it is a CA without a client certificate");
        }
        choice
    }

    /// Returns the endpoints of its etcd, and the first file that should have named them and does not.
    fn endpoints(&self, machine: &Machine) -> (Sourced<String>, Option<super::Passed>) {
        let mut silent: Option<super::Passed> = None;
        for says in self.says {
            let (file, name, find): (_, _, fn(&str, &str) -> Option<String>) = match *says {
                Says::Argument { file, name } => (Path::new(file), name, listen_urls::argument),
                Says::Setting { file, name } => (Path::new(file), name, listen_urls::setting),
            };
            let why = match machine.text(file) {
                Ok(None) => continue,
                Ok(Some(text)) => match find(&text, name) {
                    Some(value) => {
                        let from = SettingSource::Found(format!("{name} in {}", file.display()));
                        let what = machine.at(file).display().to_string();
                        return (Sourced { value, from }, silent.filter(|silent| silent.what != what));
                    }
                    None => "it names no endpoint that is understood".to_owned(),
                },
                Err(error) => format!("it cannot be read ({error})"),
            };
            silent.get_or_insert_with(|| super::Passed {
                what: machine.at(file).display().to_string(),
                why: format!("{why}, so that etcd is looked for elsewhere"),
            });
        }
        let from = match &silent {
            None => format!("{} usual endpoint", self.whose),
            Some(silent) => format!("{} usual endpoint, because {} tells none", self.whose, silent.what),
        };
        (Sourced { value: USUAL.to_owned(), from: SettingSource::Found(from) }, silent)
    }
}
