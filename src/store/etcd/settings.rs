//! Settings of a connection. The configuration layer fills them; nothing here reads flags or environment.
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// Address of etcd, and the identity to show there.
#[derive(Clone, Debug)]
pub struct EtcdSettings {
    /// Endpoints as an operator writes them: `https://127.0.0.1:2379`, `10.0.0.1:2379`, `[::1]:2379`.
    pub endpoints: Vec<String>,
    /// Addresses of the cluster's other members from the last list: they are asked when the endpoints do not answer,
    /// and each new list replaces them. With `None` only the endpoints are asked.
    pub further: Option<Vec<String>>,
    /// The authorities that may have signed etcd's certificate (PEM). Without one, those of the system.
    pub cacert: Option<PathBuf>,
    /// The client's certificate, with its chain (PEM).
    pub cert: Option<PathBuf>,
    /// The client's key (PEM: PKCS#8, PKCS#1 or SEC1).
    pub key: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<SecretString>,
    pub timeouts: Timeouts,
}

/// Time limits of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Limit for a TCP connection, and again for the TLS handshake.
    pub dial: Duration,
    /// Limit for one member to answer a read of keys or a count.
    pub read: Duration,
    /// Limit for one member to answer a read of a whole range, whose size nobody knows beforehand: 100 MB over a
    /// slow line. A peer that has vanished is noticed by the keepalive long before.
    pub listing: Duration,
    /// Limit for a transaction: the server's verdict after it lost its leader comes after 7 s (etcd 3.4 to 3.7).
    pub write: Duration,
    /// Between two HTTP/2 pings, while an answer is waited for.
    pub ping_every: Duration,
    /// Limit for the answer to a ping; then the connection counts as broken.
    pub ping_answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            dial: Duration::from_secs(2),
            read: Duration::from_secs(2),
            listing: Duration::from_secs(60),
            write: Duration::from_secs(8),
            ping_every: Duration::from_secs(5),
            ping_answer: Duration::from_secs(2),
        }
    }
}

impl EtcdSettings {
    /// Makes settings with these endpoints, without TLS files and without a user.
    #[must_use]
    pub fn new(endpoints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            endpoints: endpoints.into_iter().map(Into::into).collect(),
            further: None,
            cacert: None,
            cert: None,
            key: None,
            user: None,
            password: None,
            timeouts: Timeouts::default(),
        }
    }

    /// Tells whether any file was given that only TLS needs.
    pub(super) fn has_tls_files(&self) -> bool {
        self.cacert.is_some() || self.cert.is_some() || self.key.is_some()
    }
}
