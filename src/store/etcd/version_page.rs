//! Page `/version` of etcd, by HTTP at the port of its clients (3.4 to 3.7). A credential that may not ask for the
//! status learns the version here, and it is the one answer of etcd that tells the time there: gRPC brings no date over
//! a plain port.
use super::{
    call::{CallCircumstances, EtcdCall, Identity},
    classify::of_connection,
    endpoint::Endpoint,
    settings::EtcdSettings,
    tls,
};
use crate::{certificate::Certificate, failure::Failure};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use rustls_pki_types::ServerName;
use std::io;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Size limit, many times that of the page.
const MOST: u64 = 16 << 10;
const HEADERS: usize = 32;
/// A date has whole seconds, rounded down.
const HALF_A_SECOND: SignedDuration = SignedDuration::from_millis(500);

/// Content of the page of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionPage {
    pub version: Option<String>,
    /// Time by which etcd's clock is ahead of this machine's, to a second. `None` where the answer has no date.
    pub ahead: Option<SignedDuration>,
    /// The certificate that the server showed.
    pub certificate: Option<Certificate>,
    pub tls: bool,
}

/// Asks the first endpoint of the settings. There is no time limit in here.
///
/// # Errors
/// It cannot be reached, or does not answer in HTTP.
pub async fn version_page(settings: &EtcdSettings) -> Result<VersionPage, Failure> {
    let first = settings.endpoints.first().map_or("", String::as_str);
    let endpoint = Endpoint::parse(first, settings.has_tls_files())?;
    let config = if endpoint.tls { Some(tls::read(settings)?.config) } else { None };
    let identity = Identity {
        certificate: settings.cert.is_some(),
        authority: settings.cacert.clone(),
        ..Identity::default()
    };
    let (asked, dial) = (EtcdCall::default(), settings.timeouts.dial);
    let at = CallCircumstances { endpoint: &endpoint, identity: &identity, asked: &asked, dial, after: dial };
    let unreached = |error: io::Error| of_connection(&error, at);
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(unreached)?;
    let page = match config {
        None => fetch(stream, &endpoint).await.map_err(unreached)?,
        Some(config) => {
            let name = ServerName::try_from(endpoint.host.clone())
                .map_err(|error| unreached(io::Error::other(error)))?;
            let connector = TlsConnector::from(config);
            let stream = connector.connect(name, stream).await.map_err(unreached)?;
            let shown =
                stream.get_ref().1.peer_certificates().and_then(|chain| Certificate::parse(chain.first()?));
            let page = fetch(stream, &endpoint).await.map_err(unreached)?;
            page.map(|page| VersionPage { certificate: shown, tls: true, ..page })
        }
    };
    page.ok_or_else(|| Failure::NotEtcd {
        endpoint: endpoint.to_string(),
        detail: "its answer to GET /version is not HTTP".to_owned(),
    })
}

async fn fetch(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    endpoint: &Endpoint,
) -> io::Result<Option<VersionPage>> {
    let host = &endpoint.host;
    let request = format!("GET /version HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let asked = Timestamp::now();
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    match (&mut stream).take(MOST).read_to_end(&mut answer).await {
        // A server that ends without saying so in TLS has still sent its answer.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    let answered = Timestamp::now();
    let middle = asked + answered.duration_since(asked) / 2;
    Ok(read(&answer, middle))
}

/// Reads an answer; `None` where it is not HTTP.
fn read(answer: &[u8], now: Timestamp) -> Option<VersionPage> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = response.parse(answer).ok()? else { return None };
    let date = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("date"));
    let ahead = date.and_then(|date| {
        let date = rfc2822::parse(std::str::from_utf8(date.value).ok()?).ok()?.timestamp();
        Some(date.duration_since(now) + HALF_A_SECOND)
    });
    let version = (response.code == Some(200)).then(|| version_in(answer.get(body..)?)).flatten();
    Some(VersionPage { version, ahead, certificate: None, tls: false })
}

fn version_in(body: &[u8]) -> Option<String> {
    let page: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(page.get("etcdserver")?.as_str()?.chars().filter(char::is_ascii_graphic).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_and_the_time_are_read() {
        let answer = b"HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 21:00:10 GMT\r\nContent-Length: 45\r\n\r\n\
                       {\"etcdserver\":\"3.4.23\",\"etcdcluster\":\"3.4.0\"}";
        let page = read(answer, "2026-11-28T21:00:00.5Z".parse().unwrap()).unwrap();
        assert_eq!(page.version.as_deref(), Some("3.4.23"));
        assert_eq!(page.ahead, Some(SignedDuration::from_secs(10)));
    }

    #[test]
    fn a_refusal_still_has_its_date_and_nonsense_has_nothing() {
        let refused = b"HTTP/1.1 421 Misdirected Request\r\nDate: Sat, 28 Nov 2026 21:00:00 GMT\r\n\r\n{\"etcdserver\":\"x\"}";
        let page = read(refused, "2026-11-28T21:00:00Z".parse().unwrap()).unwrap();
        assert_eq!((page.version, page.ahead.is_some()), (None, true));
        assert_eq!(read(b"\x15\x03\x01\x00\x02\x02\x46", Timestamp::UNIX_EPOCH), None);
        assert_eq!(read(b"HTTP/1.1 200 OK\r\n", Timestamp::UNIX_EPOCH), None);
        let odd = read(b"HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((odd.version, odd.ahead), (None, None));
    }
}
