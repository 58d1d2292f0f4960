//! Servers that refuse a certificate, with an alert that arrives and one that is lost.
use super::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{ServerConfig, ServerConnection, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::{
    io::Read as _,
    net::{TcpListener, TcpStream as Plain},
    thread,
};
use tokio::runtime::Handle;

type Authority = CertifiedIssuer<'static, KeyPair>;
type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn pair(by: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "dns");
    change(&mut params);
    let certificate = params.signed_by(&key, by).unwrap();
    (vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
}

fn roots(authority: &Authority) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    Arc::new(roots)
}

fn credential(server: &Authority, own: Option<Pair>) -> Credential {
    let chain = own.iter().flat_map(|(chain, _)| chain).filter_map(|der| Facts::parse(der)).collect();
    let key = own.map(|(chain, key)| {
        let key = ring::default_provider().key_provider.load_private_key(key).unwrap();
        Arc::new(CertifiedKey::new(chain, key))
    });
    Credential { roots: Some(roots(server)), key, chain }
}

/// What becomes of a server's alert, or of its connection where it has none to send.
#[derive(Clone, Copy, Debug)]
enum Alert {
    Kept,
    LostWithAReset,
    LostWithAnEnd,
}

/// A server that asks for a certificate of `clients`, if of any, and closes every connection behind its handshake.
fn server(own: &Authority, clients: Option<&Authority>, alert: Alert) -> Endpoint {
    let (chain, key) = pair(own, |_| {});
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(roots(clients), provider).build().unwrap(),
        ),
    };
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let runtime = Handle::current();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            let runtime = runtime.clone();
            thread::spawn(move || serve(stream.unwrap(), config, alert, &runtime));
        }
    });
    Endpoint { tls: true, host: "127.0.0.1".to_owned(), port }
}

fn serve(mut stream: Plain, config: Arc<ServerConfig>, alert: Alert, runtime: &Handle) {
    let mut tls = ServerConnection::new(config).unwrap();
    while tls.is_handshaking() {
        while tls.wants_write() {
            tls.write_tls(&mut stream).unwrap();
        }
        if tls.read_tls(&mut stream).unwrap() == 0 || tls.process_new_packets().is_err() {
            break;
        }
    }
    match alert {
        Alert::Kept => {
            while tls.wants_write() {
                tls.write_tls(&mut stream).unwrap();
            }
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            // What is read here resets nothing.
            while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
        }
        Alert::LostWithAReset => {
            stream.set_nonblocking(true).unwrap();
            let _entered = runtime.enter();
            tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
        }
        Alert::LostWithAnEnd => {
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
        }
    }
}

async fn refused(at: &Endpoint, shown: &Credential) -> Option<String> {
    refusal(at, shown, Duration::from_secs(60)).await
}

const ALL: [Alert; 3] = [Alert::Kept, Alert::LostWithAReset, Alert::LostWithAnEnd];

#[tokio::test]
async fn a_refused_certificate_is_told_with_its_reason_whether_the_alert_arrives_or_not() {
    let (ours, other) = (authority("etcd-ca"), authority("other-ca"));
    for alert in ALL {
        let at = server(&ours, Some(&ours), alert);
        for (own, said) in [
            (None, "it asks for one, and none was given"),
            (
                Some(pair(&ours, |params| params.not_after = date_time_ymd(2020, 1, 1))),
                "it has expired: it was good until 2020-01-01T00:00:00Z, and here it is ",
            ),
            (
                Some(pair(&ours, |params| params.not_before = date_time_ymd(4000, 1, 1))),
                "it is not yet valid: it is good from 4000-01-01T00:00:00Z, and here it is ",
            ),
            (
                Some(pair(&ours, |params| {
                    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                })),
                "it is not for clients: its extended key usage has no clientAuth",
            ),
            (Some(pair(&other, |_| {})), "CN=other-ca, and the server takes what is signed by "),
        ] {
            let told = refused(&at, &credential(&ours, own)).await.unwrap();
            assert!(told.contains(said), "{alert:?}: {told}");
        }
    }
}

#[tokio::test]
async fn a_namesakes_certificate_is_told_by_the_alert_or_by_what_was_seen() {
    let (ours, namesake) = (authority("etcd-ca"), authority("etcd-ca"));
    for (alert, said) in [
        (Alert::Kept, "the CA that the server takes did not sign it (it is signed by "),
        (
            Alert::LostWithAReset,
            "the server asked for one, and closed the connection without a word (it is signed by ",
        ),
    ] {
        let at = server(&ours, Some(&ours), alert);
        let told = refused(&at, &credential(&ours, Some(pair(&namesake, |_| {})))).await.unwrap();
        assert!(
            told.starts_with(said) && told.contains("CN=etcd-ca, for clients, and good until "),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_server_that_asks_for_no_certificate_refuses_none() {
    let ours = authority("etcd-ca");
    for alert in ALL {
        let at = server(&ours, None, alert);
        assert_eq!(refused(&at, &credential(&ours, Some(pair(&ours, |_| {})))).await, None, "{alert:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Endpoint { tls: true, host: "127.0.0.1".to_owned(), port: nobody };
    assert_eq!(refused(&nobody, &credential(&ours, None)).await, None);
}

#[tokio::test]
async fn a_member_tells_a_refused_certificate_whatever_becomes_of_the_connection() {
    use crate::{failure::Failure, keys::Scope, store::etcd};
    let dir = tempfile::tempdir().unwrap();
    let ours = authority("etcd-ca");
    let ca = dir.path().join("ca.crt");
    std::fs::write(&ca, ours.pem()).unwrap();
    for alert in ALL {
        let at = server(&ours, Some(&ours), alert);
        let settings = etcd::Settings { cacert: Some(ca.clone()), ..etcd::Settings::new([at.to_string()]) };
        let failure = etcd::connect(&settings, &Scope::parse("/coredns").unwrap(), &Default::default()).await;
        let expected = Failure::ClientCertificateRefused {
            endpoint: at.to_string(),
            detail: "it asks for one, and none was given".to_owned(),
        };
        assert_eq!(failure.err(), Some(expected), "{alert:?}");
    }
}
