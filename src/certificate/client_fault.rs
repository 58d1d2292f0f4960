//! Faults of a client certificate for which a server refuses it, as far as the file shows them.
use super::{Certificate, Lifetime};
use crate::{foreign_text::ForeignText, remedy::Remedy};
use jiff::Timestamp;
use std::fmt;

/// One fault. Displays as a part of a sentence about the certificate: `expired on 2025-01-01, 698 days ago`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFault {
    /// It is not valid now.
    Lifetime(Lifetime),
    NotForClients,
    /// Its signature uses this hash, which Go takes no more (`crypto/x509`, Go 1.18 and later).
    Forgeable(&'static str),
    /// The server names the authorities that it takes, and none of them has signed the certificate.
    OtherAuthority {
        issuer: String,
        taken: String,
    },
    /// The trusted authority has the name of its issuer, and has not signed it.
    Namesake {
        issuer: String,
    },
}

impl ClientFault {
    /// Returns the faults that the certificate shows by itself.
    #[must_use]
    pub fn of(certificate: &Certificate, now: Timestamp) -> Vec<Self> {
        let lifetime = Lifetime::of(certificate, now);
        let purpose = (!certificate.for_clients).then_some(Self::NotForClients);
        (!lifetime.is_valid()).then_some(Self::Lifetime(lifetime)).into_iter().chain(purpose).collect()
    }

    /// Returns the fault of a signature that can be forged. A certificate that has signed itself is trusted as it is.
    #[must_use]
    pub fn of_signature(certificate: &Certificate) -> Option<Self> {
        certificate.forgeable.filter(|_| !certificate.is_self_issued).map(Self::Forgeable)
    }
}

impl Remedy for ClientFault {
    fn remedy(&self) -> String {
        match self {
            Self::Lifetime(Lifetime::Begins { .. }) => {
                "Check this machine's clock with date; if it is right, give another certificate with --cert and --key."
            }
            Self::Lifetime(Lifetime::Ended { .. } | Lifetime::Left { .. }) => {
                "Renew it (kubeadm certs renew, k3s certificate rotate, or as it was made), or give another with --cert \
                 and --key."
            }
            Self::NotForClients => {
                "Give a certificate that was made for clients (extended key usage clientAuth) with --cert and --key."
            }
            Self::Forgeable(_) => {
                "Have it signed again with SHA-256, and give that with --cert and --key."
            }
            Self::OtherAuthority { .. } | Self::Namesake { .. } => {
                "Give a certificate that etcd's own CA has signed with --cert and --key; after a CA was made again, all \
                 that it signed has to be made again."
            }
        }.to_owned()
    }
}

impl fmt::Display for ClientFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| ForeignText::from(text).to_string();
        match self {
            Self::Lifetime(lifetime @ Lifetime::Begins { .. }) => write!(f, "is {lifetime}"),
            Self::Lifetime(lifetime) => write!(f, "{lifetime}"),
            Self::NotForClients => {
                f.write_str("is not for clients (its extended key usage has no clientAuth)")
            }
            Self::Forgeable(hash) => {
                write!(f, "is signed with {hash}, which no etcd takes that was built with Go 1.18 or newer")
            }
            Self::OtherAuthority { issuer, taken } => {
                write!(f, "is signed by {}, and it takes those of {taken}", shown(issuer))
            }
            Self::Namesake { issuer } => {
                write!(
                    f,
                    "is signed by another CA than that of --cacert, though both are called {}",
                    shown(issuer)
                )
            }
        }
    }
}
