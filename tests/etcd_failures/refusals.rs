//! Refusals of a server that ends a connection over TLS, with an alert or without one. The server is our own, because
//! no etcd loses its alert at will.
use crate::{
    support::certificates::Authority,
    told::{authority, refused, told, with_files},
};
use coredeck::failure::{Failure, Retry, WriteEffect};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion, crypto::aws_lc_rs,
    server::WebPkiClientVerifier, version,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Way in which the server ends a connection after the handshake, or if it does not like the client certificate.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// With an alert if there is a reason.
    Alert,
    /// With a reset, the first time; then with an alert.
    AlertLostOnce,
    /// With a reset.
    Reset,
}

/// Returns an endpoint; `clients` signs client certificates, if they are asked for.
async fn ending(
    with: Ending,
    version: &'static SupportedProtocolVersion,
    ours: &Authority,
    clients: Option<&Authority>,
) -> String {
    let (cert, key) = ours.server("server", &["127.0.0.1"]);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(clients.certificate()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_file(cert).unwrap()];
    let mut config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    // The first byte that is answered.
    config.send_tls13_tickets = 0;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let met = AtomicUsize::new(0);
        while let Ok((stream, _)) = listener.accept().await {
            let number = met.fetch_add(1, Ordering::Relaxed);
            let alert = matches!(with, Ending::Alert) || matches!(with, Ending::AlertLostOnce) && number > 0;
            let _ = serve(stream, ServerConnection::new(Arc::clone(&config)).unwrap(), alert).await;
        }
    });
    endpoint
}

/// Serves one connection, up to its end.
async fn serve(mut stream: TcpStream, mut tls: ServerConnection, alert: bool) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await?;
        let mut received = &buffer[..length];
        let mut is_liked = length > 0;
        while is_liked && !received.is_empty() {
            tls.read_tls(&mut received)?;
            is_liked = tls.process_new_packets().is_ok();
        }
        if !alert && (!is_liked || !tls.is_handshaking()) {
            return stream.set_zero_linger();
        }
        let mut answer = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut answer)?;
        }
        stream.write_all(&answer).await?;
        if !is_liked || !tls.is_handshaking() {
            return stream.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_client_certificate_that_is_refused_is_told_whether_the_alert_arrives_or_not() {
    let (dir, ours) = authority();
    let other = Authority::new("other", dir.path());
    let namesake = Authority::new("ours", &dir.path().join("namesake"));
    let clients: [(Option<(PathBuf, PathBuf)>, &str); 7] = [
        (None, "it asks for one, and none was given"),
        (Some(ours.expired_client("dns")), "ours expired on 2020-02-01, "),
        (Some(ours.future_client("dns")), "ours is not valid before 2090-01-01, which is in "),
        (Some(ours.no_client("dns")), "ours is not for clients"),
        (Some(ours.sha1_client("dns")), "ours is signed with SHA-1, which no etcd takes that was built with"),
        (Some(other.client("dns")), "CN=other, and it takes those of "),
        (
            Some(namesake.client("dns")),
            "ours is signed by another CA than that of --cacert, though both are called CN=ours",
        ),
    ];
    for version in [&version::TLS13, &version::TLS12] {
        for with in [Ending::Alert, Ending::AlertLostOnce, Ending::Reset] {
            for (client, why) in &clients {
                let endpoint = ending(with, version, &ours, Some(&ours)).await;
                let failure = refused(&with_files(&endpoint, Some(ours.certificate()), client.clone())).await;
                let Failure::ClientCertificateRefused { said, .. } = failure else {
                    panic!("{version:?} {with:?} {why}: {failure:?}")
                };
                told(&failure, why, "--cert and --key");
                // If the server gave no reason, the message claims no reason as the server's.
                let is_sure = !failure.to_string().contains("probably");
                assert_eq!(said, is_sure);
                assert_eq!(said, !matches!(with, Ending::Reset), "{version:?} {with:?} {why}: {failure:?}");
            }
        }
    }
}

/// The message also names the facts that are right, so that nobody looks there again.
#[tokio::test]
async fn a_certificate_with_which_nothing_is_wrong_here_says_whom_the_server_has_to_take() {
    let (dir, ours) = authority();
    let theirs = Authority::new("ours", &dir.path().join("theirs"));
    let endpoint = ending(Ending::Alert, &version::TLS13, &ours, Some(&theirs)).await;
    let failure = refused(&with_files(&endpoint, Some(ours.certificate()), Some(ours.client("dns")))).await;
    told(&failure, "ours has ", "--cert and --key");
    told(&failure, "is for clients, and is signed by the CA of --cacert, so etcd takes those of another", "");
}

#[tokio::test]
async fn a_connection_that_breaks_for_no_fault_of_the_certificate_is_a_lost_one() {
    let (_dir, ours) = authority();
    for (asks, client) in
        [(None, None), (None, Some(ours.expired_client("dns"))), (Some(&ours), Some(ours.client("dns")))]
    {
        for with in [Ending::Alert, Ending::Reset] {
            let endpoint = ending(with, &version::TLS13, &ours, asks).await;
            let failure = refused(&with_files(&endpoint, Some(ours.certificate()), client.clone())).await;
            assert!(matches!(failure, Failure::ConnectionLost { .. }), "{with:?}: {failure:?}");
            assert_eq!((failure.effect(), failure.retry()), (WriteEffect::Unknown, Retry::ReadsOnly));
        }
    }
}
