//! Top-level prefixes that belong to somebody else and can never be a scope.

/// A prefix that another program keeps in the same etcd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The prefix, without a closing slash: `/registry`.
    pub prefix: &'static str,
    /// Name of the program that keeps it, in an operator's words: `Kubernetes`.
    pub owner: &'static str,
}

/// Every prefix that is refused as a scope, with its parents, and recognised by name when it is counted.
pub const TENANTS: &[Tenant] = &[
    Tenant { prefix: "/registry", owner: "Kubernetes" },
    Tenant { prefix: "/kubernetes.io", owner: "OpenShift's Kubernetes" },
    Tenant { prefix: "/openshift.io", owner: "OpenShift" },
    Tenant { prefix: "/calico", owner: "Calico" },
    Tenant { prefix: "/cilium", owner: "Cilium" },
    Tenant { prefix: "/coreos.com", owner: "flannel" },
    Tenant { prefix: "/vitess", owner: "Vitess" },
    Tenant { prefix: "/patroni", owner: "Patroni" },
    Tenant { prefix: "/apisix", owner: "APISIX" },
];

/// Keys below those prefixes that come and go by themselves, each prefix with its closing slash: events end with their
/// lease, a thousand at a time, and leases are renewed. A lower number of such keys means nothing.
pub const FLEETING: &[&str] = &[
    "/registry/events/",
    "/registry/leases/",
    "/registry/masterleases/",
    "/kubernetes.io/events/",
    "/kubernetes.io/leases/",
    "/kubernetes.io/masterleases/",
];

/// Prefixes where other programs keep keys by default, as their manuals say, and single keys that end without a slash.
/// A scope may be one of these. No owner is named for them, because anybody may use the names. The most likely one
/// comes first.
pub const FAMILIAR: &[&str] = &[
    // The API server's own, beside `/registry/`.
    "compact_rev_key",
    "/coredns/",
    "/skydns/",
    // k3s and RKE2.
    "/bootstrap/",
    "cilium/",
    "calico/",
    // Patroni's namespaces.
    "/service/",
    "/db/",
    "/vault/",
    "traefik/",
    "/traefik/",
    "apisix/",
    "/services/",
    "/config/",
    // Milvus.
    "by-dev/",
    "/confd/",
    "/kube-centos/",
    "/docker/",
    "/prometheus/",
    // PD's of TiKV.
    "/pd/",
    "/tidb/",
    "/nacos/",
    "/rpcx/",
    "/micro/",
];

impl Tenant {
    /// Returns the tenant whose prefix is `path`, or lies above or below it, segment by segment.
    #[must_use]
    pub fn overlapping(path: &str) -> Option<&'static Tenant> {
        TENANTS.iter().find(|tenant| {
            let (short, long) =
                if path.len() < tenant.prefix.len() { (path, tenant.prefix) } else { (tenant.prefix, path) };
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_lies_below_one_tenant() {
        for fleeting in FLEETING {
            let above = TENANTS.iter().filter(|tenant| fleeting.starts_with(&format!("{}/", tenant.prefix)));
            assert_eq!((above.count(), fleeting.ends_with('/')), (1, true), "{fleeting}");
        }
    }

    #[test]
    fn a_tenant_is_met_at_its_prefix_and_below_it_but_not_beside_it() {
        for met in ["/registry", "/registry/pods", "/kubernetes.io/x"] {
            assert!(Tenant::overlapping(met).is_some(), "{met}");
        }
        for free in ["/registry-dns", "/coredns", "/reg", "/kubernetes"] {
            assert_eq!(Tenant::overlapping(free), None, "{free}");
        }
    }
}
