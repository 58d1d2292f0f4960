//! Certificates that one side refuses.
use crate::{
    support::{
        certificates::{Authority, weak},
        etcd,
    },
    told::{authority, refused, told, try_connect, with_files},
};
use coredeck::failure::Failure;
use std::path::PathBuf;

/// Connects to a server with this certificate, which asks for none itself; `ca` is trusted by the client.
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
    // The trusted CA is an unknown one, one of the same name, or only those of the system.
    let other = Authority::new("other", dir.path()).certificate();
    let namesake = Authority::new("ours", &dir.path().join("namesake")).certificate();
    for (ca, signer) in [
        (Some(other), ", but by CN=ours"),
        (Some(namesake), ", but by another CA that is called CN=ours as well"),
        (None, "any authority of this system, but by CN=ours"),
    ] {
        let failure = against(server.clone(), ours.certificate(), ca.clone(), "127.0.0.1").await;
        assert!(matches!(&failure, Failure::WrongAuthority { ca: told, .. } if *told == ca), "{failure:?}");
        told(&failure, signer, "--cacert");
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
    for (names, mentioned) in [(&["etcd.example", "10.0.0.1"][..], "it has etcd.example, 10.0.0.1")] {
        let server = ours.server("server", names);
        let failure = against(server, ca.clone(), Some(ca.clone()), "127.0.0.1").await;
        assert!(matches!(failure, Failure::NameNotInCertificate { .. }), "{failure:?}");
        told(&failure, mentioned, "names or addresses of the certificate");
    }
    let failure = against(ours.server("server", &[]), ca.clone(), Some(ca), "127.0.0.1").await;
    told(
        &failure,
        "names no host (it has no subjectAltName; its common name etcd is no longer",
        "subjectAltName",
    );
}

/// Nothing but the certificate is wrong: it is trusted itself, or its CA is.
#[tokio::test]
async fn a_certificate_that_is_too_weak_or_not_for_this_is_refused_for_its_true_reason() {
    let (_dir, ours) = authority();
    let itself = |(cert, _): &(PathBuf, PathBuf)| cert.clone();
    let (short, old, sha1) = (weak("rsa1024"), weak("v1"), weak("sha1"));
    let (own_short, own_old) = (itself(&short), itself(&old));
    let at = &["127.0.0.1"];
    for (server, ca, said, remedy) in [
        (short.clone(), own_short, "its key is RSA with 1024 bits, and with fewer than 2048", "key of ECDSA"),
        (short, ours.certificate(), "its key is RSA with 1024 bits", "key of ECDSA"),
        (
            weak("of-ca1024"),
            weak("ca1024").0,
            "key of the CA that has signed it is RSA with 1024 bits",
            "etcd's CA",
        ),
        (old.clone(), own_old, "it is of version 1 of X.509", "subjectAltName"),
        (old, ours.certificate(), "it is of version 1 of X.509", "subjectAltName"),
        (sha1, ours.certificate(), "it is signed with SHA-1, which can be forged", "SHA-256"),
        (
            ours.server_and_authority("both", at),
            ours.certificate(),
            "it is a CA itself",
            "itself with --cacert",
        ),
        (ours.no_server("none", at), ours.certificate(), "it is not for servers", "serverAuth"),
    ] {
        for binary in etcd::etcd_versions() {
            let tls = etcd::TlsSetup { server: server.clone(), clients: None, ca: ca.clone(), client: None };
            let private = etcd::Setup::default().binary(&binary).tls(tls).without_proof().start();
            let failure = refused(&with_files(&private.endpoint(), Some(ca.clone()), None)).await;
            assert!(matches!(failure, Failure::ServerCertificateRefused { .. }), "{said}: {failure:?}");
            told(&failure, said, remedy);
        }
    }
}

/// As in Go, and so in etcdctl: a certificate that was given itself needs no CA, and still has its time and its
/// names.
#[tokio::test]
async fn a_certificate_that_is_given_itself_is_taken_as_it_is() {
    let (_dir, ours) = authority();
    let at = &["127.0.0.1"];
    for (server, host, said) in [
        (ours.server_and_authority("both", at), "127.0.0.1", None),
        (weak("sha1"), "127.0.0.1", None),
        (ours.server_and_authority("elsewhere", &["10.0.0.1"]), "127.0.0.1", Some("it has 10.0.0.1")),
    ] {
        let ca = server.0.clone();
        let tls = etcd::TlsSetup { server, clients: None, ca: ca.clone(), client: None };
        let private = etcd::Setup::default().tls(tls).without_proof().start();
        let endpoint = private.endpoint().replace("127.0.0.1", host);
        let connected = try_connect(&with_files(&endpoint, Some(ca), None)).await;
        match said {
            None => assert!(connected.is_ok(), "{:?}", connected.err()),
            Some(said) => told(&connected.err().unwrap(), said, "--endpoints"),
        }
    }
}

#[tokio::test]
async fn a_certificate_that_has_signed_itself_says_which_file_to_give() {
    let (_dir, ours) = authority();
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).auto_tls().start();
        let settings = with_files(&private.unrecorded_endpoint(), Some(ours.certificate()), None);
        told(&refused(&settings).await, "but by itself", "fixtures/client/cert.pem");
        assert!(
            try_connect(&with_files(&private.unrecorded_endpoint(), Some(private.authority().into()), None))
                .await
                .is_ok()
        );
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
            // The server's reason comes after the handshake, and may be lost with the connection.
            for _ in 0..10 {
                let settings = with_files(&private.endpoint(), Some(ours.certificate()), client.clone());
                let failure = refused(&settings).await;
                assert!(matches!(failure, Failure::ClientCertificateRefused { .. }), "{failure:?}");
                told(&failure, why, "--cert and --key");
            }
        }
    }
}
