//! Options of etcdctl that this program does not have, each with the reason.
use super::{ConfigError, Environment, Flags, SettingSource};

struct RefusedOption {
    option: &'static str,
    variable: Option<&'static str>,
    why: &'static str,
    remedy: &'static str,
    given: fn(&Flags) -> bool,
}

const REFUSED: &[RefusedOption] = &[
    RefusedOption {
        option: "--insecure-skip-tls-verify",
        variable: Some("ETCDCTL_INSECURE_SKIP_TLS_VERIFY"),
        why: "without the check, anybody on the way can pose as etcd, and be given the changes and the password",
        remedy: "Give the CA that signed etcd's certificate with --cacert (kubeadm: /etc/kubernetes/pki/etcd/ca.crt).",
        given: |flags| flags.insecure_skip_tls_verify,
    },
    RefusedOption {
        option: "--insecure-transport",
        variable: Some("ETCDCTL_INSECURE_TRANSPORT"),
        why: "the endpoint itself says whether TLS is spoken",
        remedy: "Write the endpoint with http:// or https://.",
        given: |flags| flags.insecure_transport.is_some(),
    },
    RefusedOption {
        option: "--discovery-srv",
        variable: Some("ETCDCTL_DISCOVERY_SRV"),
        why: "a tool that repairs DNS must not need DNS to find its server",
        remedy: "Name the members with --endpoints; dig +short SRV _etcd-client-ssl._tcp.DOMAIN (or _etcd-client._tcp.DOMAIN \
                 where there is no TLS) prints them while DNS works: the last two words of a line are the port and the host.",
        given: |flags| flags.discovery_srv.is_some(),
    },
    RefusedOption {
        option: "--password",
        variable: None,
        why: "everybody on this machine can read a command line",
        remedy: "Change that password, then give it by ETCDCTL_PASSWORD or at the prompt.",
        given: |flags| flags.password.is_some(),
    },
];

/// The variable that is refused only if nobody names an endpoint.
const DISCOVERY: &str = "ETCDCTL_DISCOVERY_SRV";

/// # Errors
/// [`ConfigError::NotOffered`] if nobody has named endpoints, and etcdctl would look for them in DNS.
pub(super) fn check_endpoints(
    flags: &Flags,
    from: &SettingSource,
    env: &impl Environment,
) -> Result<(), ConfigError> {
    // The demo connects to no etcd.
    let is_named = flags.demo || !matches!(from, SettingSource::Default | SettingSource::Found(_));
    if is_named || env.text(DISCOVERY)?.is_none() {
        return Ok(());
    }
    let refused = REFUSED.iter().find(|refused| refused.variable == Some(DISCOVERY));
    refused.map_or(Ok(()), |RefusedOption { why, remedy, .. }| {
        Err(ConfigError::NotOffered { option: DISCOVERY, why, remedy })
    })
}

/// # Errors
/// [`ConfigError::NotOffered`] for the first option or variable of etcdctl's that is set and not offered.
pub(super) fn check(flags: &Flags, env: &impl Environment) -> Result<(), ConfigError> {
    for refused in REFUSED {
        let RefusedOption { option, why, remedy, .. } = *refused;
        if (refused.given)(flags) {
            return Err(ConfigError::NotOffered { option, why, remedy });
        }
        let Some(variable) = refused.variable.filter(|variable| *variable != DISCOVERY) else { continue };
        if env.text(variable)?.is_some_and(|text| !matches!(text.as_str(), "false" | "0")) {
            return Err(ConfigError::NotOffered { option: variable, why, remedy });
        }
    }
    Ok(())
}
