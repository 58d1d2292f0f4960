//! TLS files that cannot be used.
use crate::{
    support::{certificates::converted, etcd},
    told::{authority, refused, told, try_connect, with_files},
};
use coredeck::{
    failure::{Failure, TlsFile},
    store::etcd::Settings,
};
use std::{fs, path::Path, process::Command};

#[tokio::test]
async fn keys_are_taken_in_every_form() {
    let (_dir, ours) = authority();
    let private = etcd::Setup::default().mutual_tls(&ours).start();
    let ((ec_cert, ec_key), (rsa_cert, rsa_key)) = (ours.client("dns"), ours.rsa_client("dns"));
    let sec1 = converted(&ec_key, &["ec"]);
    let pkcs1 = converted(&rsa_key, &["rsa", "-traditional"]);
    for (cert, key, kind) in [
        (&ec_cert, ec_key.clone(), "PRIVATE"),
        (&ec_cert, sec1, "EC PRIVATE"),
        (&rsa_cert, rsa_key.clone(), "PRIVATE"),
        (&rsa_cert, pkcs1, "RSA PRIVATE"),
    ] {
        assert!(fs::read_to_string(&key).unwrap().starts_with(&format!("-----BEGIN {kind} KEY-----")));
        let client = Some((cert.clone(), key));
        let settings = with_files(&private.endpoint(), Some(ours.certificate()), client);
        try_connect(&settings).await.unwrap();
    }
}

#[tokio::test]
async fn key_does_not_fit_the_certificate() {
    let (_dir, ours) = authority();
    let ((cert, own), (_, other)) = (ours.client("dns"), ours.rsa_client("other"));
    // Refused before anything is sent: nothing listens there.
    let settings = |key: &Path| with_files("https://127.0.0.1:1", None, Some((cert.clone(), key.to_owned())));
    let failure = refused(&settings(&other)).await;
    assert_eq!(failure, Failure::KeyDoesNotFit { cert: cert.clone(), key: other });
    told(&failure, "does not fit the certificate", "--key");
    assert!(matches!(refused(&settings(&own)).await, Failure::NothingListening { .. }));
}

#[tokio::test]
async fn file_is_not_pem() {
    let (dir, ours) = authority();
    let (cert, key) = ours.client("dns");
    let prose = dir.path().join("prose");
    fs::write(&prose, "see the wiki\n").unwrap();
    let der = dir.path().join("ca.der");
    fs::write(&der, [0x30, 0x82, 1, 2]).unwrap();
    let broken = dir.path().join("broken");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let encrypted = converted(&key, &["pkcs8", "-topk8", "-passout", "pass:x"]);
    let at = "https://127.0.0.1:1";
    for (settings, wrong, path, reason) in [
        (with_files(at, Some(prose.clone()), None), TlsFile::Authority, &prose, "no certificate is in it"),
        (with_files(at, Some(der.clone()), None), TlsFile::Authority, &der, "DER"),
        (with_files(at, Some(broken.clone()), None), TlsFile::Authority, &broken, "damaged"),
        (with_files(at, Some(key.clone()), None), TlsFile::Authority, &key, "no certificate is in it"),
        (with_files(at, None, Some((prose.clone(), key.clone()))), TlsFile::Certificate, &prose, ""),
        (with_files(at, None, Some((broken.clone(), key.clone()))), TlsFile::Certificate, &broken, "damaged"),
        (with_files(at, None, Some((cert.clone(), cert.clone()))), TlsFile::Key, &cert, "no private key"),
        (
            with_files(at, None, Some((cert.clone(), encrypted.clone()))),
            TlsFile::Key,
            &encrypted,
            "passphrase",
        ),
    ] {
        let failure = refused(&settings).await;
        assert!(
            matches!(&failure, Failure::NotPem { role, path: named, .. } if *role == wrong && named == path),
            "{failure:?}"
        );
        told(&failure, reason, "PEM");
    }
}

#[tokio::test]
async fn half_a_pair_is_no_client_certificate() {
    let (_dir, ours) = authority();
    let (cert, key) = ours.client("dns");
    let settings = Settings { cert: Some(cert), ..Settings::new(["127.0.0.1:1"]) };
    told(&refused(&settings).await, "it needs --key beside it", "--cert");
    let settings = Settings { key: Some(key), ..Settings::new(["127.0.0.1:1"]) };
    told(&refused(&settings).await, "it needs --cert beside it", "--key");
}

#[tokio::test]
async fn file_does_not_exist() {
    let failure = refused(&with_files("https://127.0.0.1:1", Some("/no/such/ca.crt".into()), None)).await;
    assert!(matches!(&failure, Failure::FileUnreadable { role: TlsFile::Authority, readers: None, .. }));
    told(&failure, "/no/such/ca.crt cannot be read: it does not exist", "");
}

/// Root may read everything, so this test runs itself again as nobody where it runs as root.
#[tokio::test]
async fn key_file_unreadable() {
    const THE_FILES: &str = "COREDECK_TEST_UNREADABLE";
    if let Some(dir) = std::env::var_os(THE_FILES) {
        let (cert, key) = (Path::new(&dir).join("a.crt"), Path::new(&dir).join("a.key"));
        let failure = refused(&with_files("https://127.0.0.1:1", None, Some((cert, key)))).await;
        let Failure::FileUnreadable { role, readers, .. } = &failure else { panic!("{failure:?}") };
        assert_eq!(*role, TlsFile::Key);
        let readers = readers.as_deref().unwrap();
        assert!(readers.starts_with("0600 ") && readers.ends_with(" may read it"), "{readers}");
        told(&failure, "permission denied", "Run with sudo, or use a certificate of your own");
        return;
    }
    let (dir, ours) = authority();
    let (cert, key) = ours.client("dns");
    fs::rename(cert, dir.path().join("a.crt")).unwrap();
    fs::rename(key, dir.path().join("a.key")).unwrap();
    let open = |path: &Path, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(dir.path(), 0o755);
    open(&dir.path().join("a.key"), 0o600);
    // A copy, because the build directory may be closed to others.
    let test = dir.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &test).unwrap();
    open(&test, 0o755);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    let again = command.arg(test).args(["--exact", "files::key_file_unreadable"]).env(THE_FILES, dir.path());
    let output = again.current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
