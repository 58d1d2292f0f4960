//! A TLS handshake of its own, to learn why a server has let nobody in.
//!
//! In TLS 1.3 a server judges the client's certificate after the client has taken the handshake for done. What gRPC has
//! sent by then is never read, so that the system resets the connection, and the server's alert can be lost with it. Here
//! nothing is sent behind the handshake, so that an alert arrives; and where none does, what is known tells the reason: that
//! a certificate was asked for, from which authorities, what the own one says, and that nothing was answered.
use super::{classify::refused_by, endpoint::Endpoint};
use crate::{
    certificate::{Certificate as Facts, name_in},
    foreign_text::ForeignText,
};
use jiff::Timestamp;
use rustls::{
    AlertDescription, ClientConfig, RootCertStore, SignatureScheme, client::ResolvesClientCert, crypto::ring,
    sign::CertifiedKey,
};
use rustls_pki_types::ServerName;
use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

/// What is shown in a handshake, and whom it trusts.
#[derive(Clone)]
pub(super) struct Credential {
    /// `None` for the authorities of the system.
    pub(super) roots: Option<Arc<RootCertStore>>,
    pub(super) key: Option<Arc<CertifiedKey>>,
    /// What the certificates of the chain say, the own one first.
    pub(super) chain: Vec<Facts>,
}

/// How a handshake ended where the server said nothing behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Alert(AlertDescription),
    /// The connection was closed or reset without a word.
    Cut,
}

/// Why a server takes no client certificate, or not this one. `None` where it asks for none, or does not close the
/// connection: then it is something else.
pub(super) async fn refusal(
    endpoint: &Endpoint,
    credential: &Credential,
    within: Duration,
) -> Option<String> {
    let asked = Arc::new(Asking { key: credential.key.clone(), authorities: Mutex::default() });
    let tried = handshake(endpoint, credential, Arc::clone(&asked));
    let ending = timeout(within, tried).await.ok().flatten()?;
    let authorities = asked.authorities.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let alert = match ending {
        Ending::Cut => None,
        // A CA of the same name, but with another key.
        Ending::Alert(AlertDescription::DecryptError) => {
            Some("the CA that the server takes did not sign it".to_owned())
        }
        Ending::Alert(alert) => Some(refused_by(&format!("{alert:?}"), credential.key.is_some())?),
    };
    Some(reason(&credential.chain, &authorities, alert, Timestamp::now()))
}

async fn handshake(endpoint: &Endpoint, credential: &Credential, asking: Arc<Asking>) -> Option<Ending> {
    let roots = match &credential.roots {
        Some(roots) => Arc::clone(roots),
        None => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(roots)
        }
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_client_cert_resolver(asking);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from(endpoint.host.clone()).ok()?;
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.ok()?;
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Err(error) => ending(&error),
        Ok(mut stream) => match stream.read(&mut [0]).await {
            Ok(0) => Some(Ending::Cut),
            Ok(_) => None,
            Err(error) => ending(&error),
        },
    }
}

fn ending(error: &io::Error) -> Option<Ending> {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        let rustls::Error::AlertReceived(alert) = error else { return None };
        return Some(Ending::Alert(*alert));
    }
    let cut = [
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ];
    cut.contains(&error.kind()).then_some(Ending::Cut)
}

/// What is wrong with the own certificate, as far as it can be seen here; what the server said of it otherwise.
fn reason(chain: &[Facts], authorities: &[String], alert: Option<String>, now: Timestamp) -> String {
    let Some(own) = chain.first() else { return "it asks for one, and none was given".to_owned() };
    let is_accepted = || chain.iter().any(|one| authorities.contains(&one.issuer));
    let said = if own.ends < now {
        format!("it has expired: it was good until {}, and here it is {}", own.ends, seconds(now))
    } else if own.begins > now {
        format!("it is not yet valid: it is good from {}, and here it is {}", own.begins, seconds(now))
    } else if !own.for_clients {
        "it is not for clients: its extended key usage has no clientAuth".to_owned()
    } else if !authorities.is_empty() && !is_accepted() {
        let accepted = authorities.join("; ");
        format!("it is signed by {}, and the server takes what is signed by {accepted}", own.issuer)
    } else {
        let seen = format!("it is signed by {}, for clients, and good until {}", own.issuer, own.ends);
        match alert {
            Some(alert) => format!("{alert} ({seen})"),
            None => format!("the server asked for one, and closed the connection without a word ({seen})"),
        }
    };
    ForeignText::from(said.as_str()).to_string()
}

fn seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// Shows the certificate, and notes whether it was asked for.
struct Asking {
    key: Option<Arc<CertifiedKey>>,
    /// The authorities that the server named; `None` while it has not asked for a certificate.
    authorities: Mutex<Option<Vec<String>>>,
}

impl ResolvesClientCert for Asking {
    fn resolve(&self, authorities: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let named = authorities.iter().filter_map(|name| name_in(name)).collect();
        *self.authorities.lock().unwrap_or_else(PoisonError::into_inner) = Some(named);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
