//! Look at the protocol of a port, to tell `http` where it should be `https` and the other way round. The
//! errors of a whole gRPC call do not tell it: both ends only see the connection break.
use super::{endpoint::Endpoint, tls};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_pki_types::ServerName;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The first byte of a TLS record: an alert or a handshake message (RFC 8446, section 5.1).
const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
/// A client's first bytes in HTTP/2, and an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5).
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Tells whether TLS is answered with TLS.
pub(super) async fn speaks_tls(endpoint: &Endpoint, within: Duration) -> bool {
    let Ok(hello) = client_hello() else { return false };
    matches!(first_byte(endpoint, &hello, within).await, Ok(Some(ALERT | HANDSHAKE)))
}

/// Tells whether a greeting without TLS is answered without TLS.
pub(super) async fn speaks_plainly(endpoint: &Endpoint, within: Duration) -> bool {
    matches!(first_byte(endpoint, HTTP2, within).await, Ok(Some(byte)) if byte != ALERT && byte != HANDSHAKE)
}

async fn first_byte(endpoint: &Endpoint, greeting: &[u8], within: Duration) -> io::Result<Option<u8>> {
    let asked = async {
        let mut stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
        stream.write_all(greeting).await?;
        let mut first = [0];
        Ok((stream.read(&mut first).await? == 1).then_some(u8::from_be_bytes(first)))
    };
    timeout(within, asked).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Makes a greeting only: nothing of the answer is trusted, so no authority is needed.
fn client_hello() -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let config = ClientConfig::builder_with_provider(Arc::new(tls::provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), ServerName::try_from("etcd")?)?;
    let mut hello = Vec::new();
    connection.write_tls(&mut hello)?;
    Ok(hello)
}
