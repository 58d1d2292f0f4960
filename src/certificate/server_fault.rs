//! Faults of a server's certificate, other than its time and its names.
use super::{Certificate, PublicKey};
use crate::{foreign_text::ForeignText, remedy::Remedy};
use std::fmt;

/// Signer of a certificate that nobody trusted has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    Unknown,
    Named(String),
    /// Another signer with the name of a trusted one.
    Namesake(String),
    Itself,
}

/// One fault. Displays as a part of a sentence about the certificate: `it is signed with SHA-1, which can be forged`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerFault {
    #[error("it is of version {0} of X.509, in which no host can be named")]
    OldVersion(u32),
    #[error("it is signed with {0}, which can be forged")]
    OldSignature(&'static str),
    #[error("its key is {}", .0.why_not())]
    Key(PublicKey),
    #[error("the key of the CA that has signed it is {}", .0.why_not())]
    KeyOfAuthority(PublicKey),
    #[error("it is a CA itself")]
    IsAuthority,
    #[error("it is not for servers (its extended key usage has no serverAuth)")]
    NotForServers,
    /// With its common name, if it has one.
    #[error("it names no host (it has no subjectAltName{})", common_name(.0.as_deref()))]
    NamesNoHost(Option<String>),
    #[error("nobody who is trusted has signed it")]
    NotSigned(Signer),
    #[error("it has a critical extension that is not known here")]
    UnknownExtension,
    #[error("it is damaged")]
    Damaged,
    #[error("it, or a CA of its chain, breaks the rules for certificates (RFC 5280)")]
    Irregular,
}

fn common_name(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| {
        format!("; its common name {} is no longer looked at", ForeignText::from(name))
    })
}

impl ServerFault {
    /// Returns the fault that a certificate shows by itself, before its signature is checked.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Option<Self> {
        if certificate.version < 3 {
            Some(Self::OldVersion(certificate.version))
        } else if let Some(hash) = certificate.forgeable {
            Some(Self::OldSignature(hash))
        } else if !certificate.key.is_usable() {
            Some(Self::Key(certificate.key.clone()))
        } else {
            None
        }
    }
}

impl Remedy for ServerFault {
    fn remedy(&self) -> String {
        match self {
            Self::OldVersion(_) | Self::NamesNoHost(_) => {
                "Have etcd's certificate made again with the host of --endpoints in its subjectAltName."
            }
            Self::OldSignature(_) => "Have etcd's certificate signed again, with SHA-256.",
            Self::Key(_) => {
                "Have etcd's certificate made again with a key of ECDSA on P-256, or of RSA with 2048 bits."
            }
            Self::KeyOfAuthority(_) => {
                "Have etcd's CA and its certificates made again with keys of ECDSA on P-256, or of RSA with 2048 bits."
            }
            Self::IsAuthority => {
                "Give that certificate itself with --cacert, or have etcd's certificate made again as a server's that is \
                 no CA."
            }
            Self::NotForServers => {
                "Have etcd's certificate made again for servers (extended key usage serverAuth)."
            }
            Self::NotSigned(_) => "Give the CA that signed etcd's certificate with --cacert.",
            Self::UnknownExtension | Self::Damaged | Self::Irregular => {
                "Look at it with openssl s_client -connect HOST:PORT -showcerts, and have etcd's certificate made again."
            }
        }.to_owned()
    }
}

/// The words behind `is not signed by …`.
impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Named(name) => write!(f, ", but by {}", ForeignText::from(name.as_str())),
            Self::Namesake(name) => {
                write!(f, ", but by another CA that is called {} as well", ForeignText::from(name.as_str()))
            }
            Self::Itself => f.write_str(", but by itself"),
        }
    }
}

impl Remedy for Signer {
    fn remedy(&self) -> String {
        match self {
            Self::Unknown | Self::Named(_) => {
                "Give the CA that signed etcd's certificate with --cacert (kubeadm: /etc/kubernetes/pki/etcd/ca.crt)."
            }
            Self::Namesake(_) => {
                "Give the CA as it is now with --cacert: it was made again, or that of another cluster was given (kubeadm: \
                 /etc/kubernetes/pki/etcd/ca.crt on this cluster's masters)."
            }
            Self::Itself => {
                "Give that certificate itself with --cacert (etcd --auto-tls keeps it in its data directory: \
                 fixtures/client/cert.pem)."
            }
        }.to_owned()
    }
}
