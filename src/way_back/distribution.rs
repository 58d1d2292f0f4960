//! Distributions of Kubernetes: the ways to stop an API server while etcd goes on, and to start it again.

/// Distribution of Kubernetes on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    Kubeadm,
    /// kubespray or kubekey, which keep their certificates in the same place and run kubeadm's static pods.
    Kubespray,
    K3s,
    Rke2,
    K0s,
}

/// The commands of one distribution, for the nodes that are named with them.
pub(super) struct Handling {
    /// Name before a list of commands: `k3s`.
    pub(super) name: &'static str,
    /// Commands for each control plane node. The text says that the last one has to be waited for.
    pub(super) stop: &'static [&'static str],
    /// Command that prints nothing once no API server runs any more.
    pub(super) until_empty: Option<&'static str>,
    /// Reason for doing it that way, where an operator would expect another one.
    pub(super) why: &'static str,
    /// Commands for each control plane node.
    pub(super) start: &'static [&'static str],
    /// Commands for each control plane node, once the API servers answer: they restart the programs that have read
    /// nothing since the keys were lost.
    pub(super) restart: &'static [&'static str],
    /// Commands for every other node.
    pub(super) restart_nodes: &'static [&'static str],
    /// The name of kubectl there.
    pub(super) kubectl: &'static str,
}

/// Every distribution that is told apart, in the order in which all are listed.
pub(super) const ALL: [Distribution; 4] =
    [Distribution::Kubeadm, Distribution::K3s, Distribution::Rke2, Distribution::K0s];

const MANIFEST: &[&str] = &["mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/"];
const STATIC_PODS: Handling = Handling {
    name: "kubeadm, kubespray, kubekey",
    stop: MANIFEST,
    until_empty: Some("crictl ps -q --name kube-apiserver"),
    why: "",
    start: &["mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/"],
    restart: &[
        "crictl stop $(crictl ps -q --name 'kube-controller-manager|kube-scheduler')",
        "systemctl restart kubelet",
    ],
    restart_nodes: &["systemctl restart kubelet"],
    kubectl: "kubectl",
};

impl Distribution {
    pub(super) fn handling(self) -> Handling {
        match self {
            Self::Kubeadm | Self::Kubespray => STATIC_PODS,
            // docs.k3s.io/installation/server-roles: roles are given and taken by these settings.
            Self::K3s => Handling {
                name: "k3s",
                stop: &[
                    "mkdir -p /etc/rancher/k3s/config.yaml.d",
                    r"printf 'disable-%s: true\n' apiserver controller-manager scheduler >/etc/rancher/k3s/config.yaml.d/etcd-only.yaml",
                    "systemctl restart k3s",
                ],
                until_empty: None,
                why: "k3s runs etcd and the API server in one process: this leaves etcd alone.",
                start: &["rm /etc/rancher/k3s/config.yaml.d/etcd-only.yaml", "systemctl restart k3s"],
                restart: &[],
                restart_nodes: &["systemctl restart k3s-agent"],
                kubectl: "k3s kubectl",
            },
            // docs.rke2.io/install/server_roles. A manifest that is only moved away comes back with rke2-server, which
            // ends and is started again when it has no API server for a while.
            Self::Rke2 => Handling {
                name: "RKE2",
                stop: &[
                    "mkdir -p /etc/rancher/rke2/config.yaml.d",
                    r"printf 'disable-%s: true\n' apiserver controller-manager scheduler >/etc/rancher/rke2/config.yaml.d/etcd-only.yaml",
                    "systemctl restart rke2-server",
                ],
                until_empty: Some(
                    "/var/lib/rancher/rke2/bin/crictl --config /var/lib/rancher/rke2/agent/etc/crictl.yaml ps -q --name kube-apiserver",
                ),
                why: "RKE2 would bring a manifest back that is only moved away.",
                start: &[
                    "rm /etc/rancher/rke2/config.yaml.d/etcd-only.yaml",
                    "systemctl restart rke2-server",
                ],
                restart: &[],
                restart_nodes: &["systemctl restart rke2-agent"],
                kubectl: "/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml",
            },
            // k0sproject/k0s, pkg/supervisor: a process that ends is started again after 5 s.
            Self::K0s => Handling {
                name: "k0s",
                stop: &["pkill -STOP -x kube-apiserver"],
                until_empty: None,
                why: "k0s starts an API server again that ends, and its etcd ends with k0s: so it is frozen.",
                start: &["pkill -KILL -x kube-apiserver    # k0s starts a new one"],
                restart: &["systemctl restart k0scontroller"],
                restart_nodes: &["systemctl restart k0sworker"],
                kubectl: "k0s kubectl",
            },
        }
    }
}
