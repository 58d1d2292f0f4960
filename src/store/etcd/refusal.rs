//! Refusal of a connection over TLS: tells whether the server asks for a client certificate, and what is wrong with
//! ours.
//!
//! With TLS 1.3 the server judges a client certificate when the client's side of the handshake is done. gRPC has sent
//! more by then, so the connection is reset, and the server's alert may be lost with it. The connection of this module
//! sends nothing after its handshake: an alert arrives. Where the server sends none, its demand and our certificate are
//! known all the same.
use super::{
    classify::{alert_words, is_of_certificates},
    endpoint::Endpoint,
    tls::{TlsSetup, Trust},
};
use crate::{
    certificate::{Certificate, ClientFault, Lifetime},
    foreign_text::ForeignText,
};
use jiff::Timestamp;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, ProtocolVersion, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, ServerName};
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

/// Most authorities named by a server that are shown.
const SHOWN: usize = 3;

/// Objection of the server to our client certificate, or to having none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Objection {
    pub detail: String,
    /// The fault that has to be mended first.
    pub fault: Option<ClientFault>,
    /// True if the server said so; otherwise it ended the connection after it had asked for a certificate.
    pub said: bool,
}

/// Connects once more, and reads how the server ends the connection. `None` where it does not end it, asks for no
/// certificate, or ends it without an alert and nothing is wrong with the certificate.
pub(super) async fn look(endpoint: &Endpoint, tls: &TlsSetup, within: Duration) -> Option<Objection> {
    let demand = Arc::new(OnceLock::new());
    let mut config = ClientConfig::clone(&tls.config);
    // The same as in gRPC: a server that takes the certificate greets at once then.
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session asks for no certificate.
    config.resumption = Resumption::disabled();
    config.client_auth_cert_resolver =
        Arc::new(Noting { shown: config.client_auth_cert_resolver, demand: Arc::clone(&demand) });
    let alert = timeout(within, last_words(endpoint, config)).await.ok()?.ok()??;
    demand.get()?.objection(alert, &tls.trust, Timestamp::now())
}

/// Reads the end of a connection: an alert, or none (`Some(None)`). `None`: it goes on.
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
        // Where the server takes no more, its alert may still be there to be read.
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

/// Demand of a server, and the certificate that it was shown.
#[derive(Debug)]
struct Demand {
    /// Authorities that may have signed the certificate, where the server names them.
    authorities: Vec<String>,
    /// The client certificate and its chain.
    shown: Option<Vec<CertificateDer<'static>>>,
}

impl Demand {
    fn objection(&self, alert: Option<AlertDescription>, trust: &Trust, now: Timestamp) -> Option<Objection> {
        let alert = alert.filter(|alert| is_of_certificates(*alert));
        let said = alert.is_some();
        let Some(chain) = &self.shown else {
            let detail = "it asks for one, and none was given".to_owned();
            return Some(Objection { detail, fault: None, said });
        };
        let mut faults = self.faults(chain, trust, now);
        if faults.is_empty() {
            let detail = format!("{}; {}", alert_words(alert?, true), sound(chain, trust, now)?);
            return Some(Objection { detail, fault: None, said });
        }
        let detail: Vec<String> = faults.iter().map(|fault| format!("ours {fault}")).collect();
        Some(Objection { detail: detail.join("; "), fault: Some(faults.remove(0)), said })
    }

    /// Finds the faults that can be seen from here.
    fn faults(&self, chain: &[CertificateDer<'_>], trust: &Trust, now: Timestamp) -> Vec<ClientFault> {
        let links: Vec<Certificate> = chain.iter().filter_map(|der| Certificate::parse(der)).collect();
        let Some(own) = links.first() else { return vec![] };
        let mut faults = ClientFault::of(own, now);
        faults.extend(ClientFault::of_signature(own));
        let is_known = |link: &Certificate| self.authorities.contains(&link.issuer);
        if !self.authorities.is_empty() && !links.iter().any(is_known) {
            let (issuer, taken) = (own.issuer.clone(), self.named());
            faults.push(ClientFault::OtherAuthority { issuer, taken });
        } else if trust.is_of_namesake(chain) {
            faults.push(ClientFault::Namesake { issuer: own.issuer.clone() });
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

/// Shows the certificate that is to be shown, and notes the server's demand.
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
            // An authority that cannot be read may be ours.
            authorities: authorities.iter().map(name).collect::<Option<_>>().unwrap_or_default(),
            shown: own.as_ref().map(|own| own.cert.clone()),
        });
        own
    }

    fn has_certs(&self) -> bool {
        self.shown.has_certs()
    }
}

/// Names the parts that were checked and are right, so that nobody looks there again.
fn sound(chain: &[CertificateDer<'_>], trust: &Trust, now: Timestamp) -> Option<String> {
    let own = Certificate::parse(chain.first()?)?;
    let issuer = ForeignText::from(own.issuer.as_str()).to_string();
    let signed = if trust.has_signed(chain) == Some(true) {
        "signed by the CA of --cacert, so etcd takes those of another (--trusted-ca-file)".to_owned()
    } else {
        format!("signed by {issuer}, which has to be a CA that etcd takes (--trusted-ca-file)")
    };
    Some(format!("ours has {}, is for clients, and is {signed}", Lifetime::of(&own, now).briefly()))
}
