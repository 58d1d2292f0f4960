//! Certificates that one side refuses.
use crate::{
    support::{certificates::Authority, etcd},
    told::{authority, refused, told, with_files},
};
use coredeck::failure::Failure;
use std::path::PathBuf;

/// A server with this certificate, which asks for none itself; `ca` is what the client trusts.
async fn against(
    server: (PathBuf, PathBuf),
    fixture_ca: PathBuf,
    ca: Option<PathBuf>,
    host: &str,
) -> Failure {
    let tls = etcd::TlsSetup { server, clients: None, ca: fixture_ca, client: None };
    let private = etcd::Setup::default().tls(tls).without_proof().start();
    let endpoint = private.endpoint().replace("127.0.0.1", host);
    refused(&with_files(&endpoint, ca, None)).await
}

#[tokio::test]
async fn wrong_authority() {
    let (dir, ours) = authority();
    let server = ours.server("server", &["127.0.0.1"]);
    // One that nobody has heard of, one that has the same name, and none but the system's.
    let other = Authority::new("other", dir.path()).certificate();
    let namesake = Authority::new("ours", &dir.path().join("namesake")).certificate();
    for ca in [Some(other), Some(namesake), None] {
        let failure = against(server.clone(), ours.certificate(), ca.clone(), "127.0.0.1").await;
        assert!(matches!(&failure, Failure::WrongAuthority { ca: told, .. } if *told == ca), "{failure:?}");
        told(&failure, "is not signed by", "--cacert");
    }
}

#[tokio::test]
async fn expired_certificate() {
    let (_dir, ours) = authority();
    let server = ours.expired_server("server", &["127.0.0.1"]);
    let ca = ours.certificate();
    let failure = against(server, ca.clone(), Some(ca), "127.0.0.1").await;
    assert!(matches!(failure, Failure::ServerCertificateExpired { .. }), "{failure:?}");
    told(&failure, "it was good until 2020-02-01T00:00:00Z, and here it is 2", "kubeadm certs renew");
}

#[tokio::test]
async fn certificate_of_years_to_come() {
    let (_dir, ours) = authority();
    let server = ours.future_server("server", &["127.0.0.1"]);
    let ca = ours.certificate();
    let failure = against(server, ca.clone(), Some(ca), "127.0.0.1").await;
    assert!(matches!(failure, Failure::ServerCertificateNotYetValid { .. }), "{failure:?}");
    told(&failure, "not valid yet: it is good from 2090-01-01T00:00:00Z", "clocks");
}

#[tokio::test]
async fn name_not_in_the_certificate() {
    let (_dir, ours) = authority();
    let ca = ours.certificate();
    for (names, mentioned) in [
        (&["etcd.example", "10.0.0.1"][..], "it has etcd.example, 10.0.0.1"),
        (&[], "no name in the form that counts"),
    ] {
        let server = ours.server("server", names);
        let failure = against(server, ca.clone(), Some(ca.clone()), "127.0.0.1").await;
        assert!(matches!(failure, Failure::NameNotInCertificate { .. }), "{failure:?}");
        told(&failure, mentioned, "names or addresses of the certificate");
    }
}

#[tokio::test]
async fn client_certificate_refused() {
    for binary in etcd::etcd_versions() {
        let (dir, ours) = authority();
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&ours).start();
        let other = Authority::new("other", dir.path());
        for (client, why) in [
            (None, "none was given"),
            (Some(other.client("dns")), "sign"),
            (Some(ours.expired_client("dns")), "expired"),
        ] {
            // The server's words come after the handshake, and may be lost with the connection.
            for _ in 0..10 {
                let settings = with_files(&private.endpoint(), Some(ours.certificate()), client.clone());
                let failure = refused(&settings).await;
                assert!(matches!(failure, Failure::ClientCertificateRefused { .. }), "{failure:?}");
                told(&failure, why, "--cert and --key");
            }
        }
    }
}
