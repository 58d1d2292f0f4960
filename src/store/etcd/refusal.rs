//! Why a server ends connections over TLS: whether it asks for a client certificate, and what is wrong with ours.
//!
//! With TLS 1.3 the server judges a client certificate when the client's side of the handshake is done. gRPC has sent more
//! by then, so the connection is reset, and the server's alert may be lost with it. Here is a connection that sends nothing
//! after its handshake: an alert arrives. Where the server sends none, what it asked for and what our certificate says
//! are known all the same.
use super::{
    classify::{alert_words, is_of_certificates},
    endpoint::Endpoint,
};
use crate::{certificate::Certificate, foreign_text::ForeignText};
use jiff::Timestamp;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, ProtocolVersion, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    sign::CertifiedKey,
};
use rustls_pki_types::ServerName;
use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use x509_parser::{prelude::FromDer as _, x509::X509Name};

/// Of the authorities that a server names, as many are shown.
const SHOWN: usize = 3;

/// A client certificate, or that there is none, did not please the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Objection {
    pub detail: String,
    /// The server said so; otherwise it ended the connection after it had asked for a certificate.
    pub said: bool,
}

/// Connects once more, and hears how the server ends it. `None` where it does not end it, asks for no certificate, or
/// ends it without a word and nothing is wrong with the certificate.
pub(super) async fn look(endpoint: &Endpoint, config: &ClientConfig, within: Duration) -> Option<Objection> {
    let demand = Arc::new(OnceLock::new());
    let mut config = config.clone();
    // As gRPC asks: a server that takes the certificate greets at once then.
    config.alpn_protocols = vec![b"h2".to_vec()];
    // What is resumed asks for no certificate.
    config.resumption = Resumption::disabled();
    config.client_auth_cert_resolver =
        Arc::new(Noting { shown: config.client_auth_cert_resolver, demand: Arc::clone(&demand) });
    let alert = timeout(within, last_words(endpoint, config)).await.ok()?.ok()??;
    demand.get()?.objection(alert, Timestamp::now())
}

/// How a connection ended: with an alert, or with none (`Some(None)`). `None`: it goes on.
async fn last_words(
    endpoint: &Endpoint,
    config: ClientConfig,
) -> io::Result<Option<Option<AlertDescription>>> {
    let mut stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
    let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut buffer = [0; 4096];
    loop {
        let mut to_send = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut to_send)?;
        }
        // Where the server takes no more, its words may still be there to be read.
        let _ = stream.write_all(&to_send).await;
        let Ok(length @ 1..) = stream.read(&mut buffer).await else { return Ok(Some(None)) };
        let mut received = buffer.get(..length).unwrap_or_default();
        while !received.is_empty() && tls.read_tls(&mut received)? > 0 {
            let state = match tls.process_new_packets() {
                Ok(state) => state,
                Err(Error::AlertReceived(alert)) => return Ok(Some(Some(alert))),
                Err(error) => return Err(io::Error::other(error)),
            };
            let has_answered = state.plaintext_bytes_to_read() > 0
                || tls.tls13_tickets_received() > 0
                || !tls.is_handshaking() && tls.protocol_version() == Some(ProtocolVersion::TLSv1_2);
            if has_answered {
                return Ok(None);
            }
        }
    }
}

/// What a server asked for, and what it was shown.
#[derive(Debug)]
struct Demand {
    /// Who may have signed it, where the server says so.
    authorities: Vec<String>,
    /// The client certificate and its chain.
    shown: Option<Vec<Certificate>>,
}

impl Demand {
    fn objection(&self, alert: Option<AlertDescription>, now: Timestamp) -> Option<Objection> {
        let faults = self.faults(now).join("; ");
        match alert.filter(|alert| is_of_certificates(*alert)) {
            Some(alert) if faults.is_empty() => {
                Some(Objection { detail: alert_words(alert, self.shown.is_some()), said: true })
            }
            Some(_) => Some(Objection { detail: faults, said: true }),
            None if faults.is_empty() => None,
            None => Some(Objection { detail: faults, said: false }),
        }
    }

    /// What can be seen from here to be wrong.
    fn faults(&self, now: Timestamp) -> Vec<String> {
        let Some(chain) = &self.shown else {
            return vec!["it asks for one, and none was given".to_owned()];
        };
        let Some(own) = chain.first() else { return vec![] };
        let mut faults = Vec::new();
        if own.ends < now {
            faults.push(format!("ours expired at {}, and here it is {}", second(own.ends), second(now)));
        }
        if now < own.begins {
            faults.push(format!(
                "ours is not valid before {}, and here it is {}",
                second(own.begins),
                second(now)
            ));
        }
        if !own.for_clients {
            faults.push("ours is not for clients (its extended key usage has no clientAuth)".to_owned());
        }
        let is_known = |link: &Certificate| self.authorities.contains(&link.issuer);
        if !self.authorities.is_empty() && !chain.iter().any(is_known) {
            let issuer = ForeignText::from(own.issuer.as_str());
            faults.push(format!("ours is signed by {issuer}, and it takes those of {}", self.named()));
        }
        faults
    }

    fn named(&self) -> String {
        let first = self.authorities.iter().take(SHOWN);
        let mut named: Vec<String> = first.map(|name| ForeignText::from(name.as_str()).to_string()).collect();
        if let Some(more @ 1..) = self.authorities.len().checked_sub(SHOWN) {
            named.push(format!("{more} more"));
        }
        named.join(", ")
    }
}

/// Shows the certificate that is to be shown, and writes down what was asked for.
#[derive(Debug)]
struct Noting {
    shown: Arc<dyn ResolvesClientCert>,
    demand: Arc<OnceLock<Demand>>,
}

impl ResolvesClientCert for Noting {
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let own = self.shown.resolve(authorities, schemes);
        let name = |der: &&[u8]| X509Name::from_der(der).ok().map(|(_, name)| name.to_string());
        let _ = self.demand.set(Demand {
            // One that cannot be read may be ours.
            authorities: authorities.iter().map(name).collect::<Option<_>>().unwrap_or_default(),
            shown: own
                .as_ref()
                .map(|own| own.cert.iter().filter_map(|der| Certificate::parse(der)).collect()),
        });
        own
    }

    fn has_certs(&self) -> bool {
        self.shown.has_certs()
    }
}

/// In UTC, as certificates have it.
fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
