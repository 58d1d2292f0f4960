//! Facts in a certificate that an operator has to know. Pure: it reads no file and trusts nothing; others wrote the
//! texts, so show them escaped.
mod client_fault;
mod file_fault;
mod lifetime;
mod public_key;
mod server_fault;

use jiff::Timestamp;
use std::net::IpAddr;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    oid_registry::Oid,
    prelude::FromDer as _,
    time::ASN1Time,
    x509::X509Name,
};

pub use client_fault::ClientFault;
pub use file_fault::{FileFault, TlsFile};
pub use lifetime::Lifetime;
pub use public_key::PublicKey;
pub use server_fault::{ServerFault, Signer};

/// Fields of an X.509 certificate (RFC 5280) that name its subject and its lifetime.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is something else that a certificate says")]
pub struct Certificate {
    /// `O=system:masters, CN=kube-etcd-healthcheck-client`.
    pub subject: String,
    /// The common name of the subject, if it has one: the name that etcd takes as the user (`--client-cert-auth`).
    pub common_name: Option<String>,
    pub issuer: String,
    /// The DNS names and addresses that a server's certificate is for.
    pub names: Vec<String>,
    /// True if it may be shown to a server as a client's. A certificate that names no purpose is for any.
    pub for_clients: bool,
    /// True if it may be shown to a client as a server's. A certificate that names no purpose is for any.
    pub for_servers: bool,
    pub is_authority: bool,
    /// True if it may have signed others: an authority, one from before the extensions for that existed, or one that
    /// has signed itself and is trusted as it is.
    pub may_sign: bool,
    /// True if its issuer has its own name.
    pub is_self_issued: bool,
    /// The version of X.509, 1 to 3. Extensions, and with them the names of hosts, came with the third.
    pub version: u32,
    pub key: PublicKey,
    /// The hash that its signature uses, if it can be forged: `SHA-1`.
    pub forgeable: Option<&'static str>,
    pub begins: Timestamp,
    /// The last moment at which it is valid.
    pub ends: Timestamp,
}

impl Certificate {
    /// Reads DER. `None` if it is no certificate.
    #[must_use]
    pub fn parse(der: &[u8]) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let purposes = read.extended_key_usage().ok().flatten();
        let signs = read.key_usage().ok().flatten().is_some_and(|usage| usage.value.key_cert_sign());
        let version = read.version().0.saturating_add(1);
        let is_self_issued = read.subject().as_raw() == read.issuer().as_raw();
        Some(Self {
            subject: read.subject().to_string(),
            common_name: common_name(read.subject()),
            issuer: read.issuer().to_string(),
            names: names(&read),
            for_clients: purposes
                .as_ref()
                .is_none_or(|purposes| purposes.value.any || purposes.value.client_auth),
            for_servers: purposes
                .as_ref()
                .is_none_or(|purposes| purposes.value.any || purposes.value.server_auth),
            is_authority: read.is_ca(),
            may_sign: read.is_ca() || signs || version < 3 || is_self_issued,
            is_self_issued,
            version,
            key: PublicKey::of(read.public_key()),
            forgeable: forgeable(&read.signature_algorithm.algorithm),
            begins: moment(read.validity().not_before)?,
            ends: moment(read.validity().not_after)?,
        })
    }
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().next()?.as_str().ok().map(str::to_owned)
}

/// Hashes for which two texts with one signature were made (RFC 6151, RFC 6194).
const FORGEABLE: &[(&[u64], &str)] = &[
    (&[1, 2, 840, 113_549, 1, 1, 2], "MD2"),
    (&[1, 2, 840, 113_549, 1, 1, 4], "MD5"),
    (&[1, 2, 840, 113_549, 1, 1, 5], "SHA-1"),
    (&[1, 2, 840, 10_045, 4, 1], "SHA-1"),
    (&[1, 2, 840, 10_040, 4, 3], "SHA-1"),
    (&[1, 3, 14, 3, 2, 29], "SHA-1"),
];

fn forgeable(algorithm: &Oid<'_>) -> Option<&'static str> {
    let is = |arcs: &[u64]| algorithm.iter().is_some_and(|own| own.eq(arcs.iter().copied()));
    FORGEABLE.iter().find(|(arcs, _)| is(arcs)).map(|(_, hash)| *hash)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many extensions and names, two are looked at"
)]
fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let in_words = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|it| it.to_string())
        }
        _ => None,
    };
    let alternatives = read.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
        _ => None,
    });
    alternatives.into_iter().flatten().filter_map(in_words).collect()
}

fn moment(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{
        CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, SanType,
        date_time_ymd,
    };

    pub(super) fn made(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let (authority, own) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut issuer = CertificateParams::default();
        issuer.distinguished_name.push(DnType::CommonName, "etcd-ca");
        let issuer = Issuer::new(issuer, authority);
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        change(&mut params);
        Certificate::parse(params.signed_by(&own, &issuer).unwrap().der()).unwrap()
    }

    #[test]
    fn the_subjects_name_is_found_and_not_the_issuers() {
        let named = made(|params| {
            params.distinguished_name.push(DnType::OrganizationName, "system:masters");
            params.distinguished_name.push(DnType::CommonName, "dns-ü");
        });
        assert_eq!(named.common_name.as_deref(), Some("dns-ü"));
        assert_eq!(named.subject, "O=system:masters, CN=dns-ü");
        assert!(named.issuer.ends_with("CN=etcd-ca"), "{}", named.issuer);
        assert_eq!(made(|_| {}).common_name, None);
    }

    #[test]
    fn whom_it_is_for_and_for_how_long_is_read() {
        let server = made(|params| {
            params.subject_alt_names = vec![
                SanType::DnsName("etcd-0.etcd".try_into().unwrap()),
                SanType::IpAddress("10.0.0.2".parse().unwrap()),
                SanType::IpAddress("fd00::2".parse().unwrap()),
            ];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        });
        assert_eq!(server.names, ["etcd-0.etcd", "10.0.0.2", "fd00::2"]);
        assert!(!server.for_clients && server.for_servers && !server.is_authority && !server.may_sign);
        assert_eq!((server.version, server.forgeable, server.is_self_issued), (3, None, false));
        assert_eq!(server.key.to_string(), "ECDSA on P-256");
        assert_eq!(server.begins.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(server.ends.to_string(), "2027-01-01T00:00:00Z");
        assert!(made(|_| {}).for_clients);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Certificate::parse(&bytes);
        }
    }
}
