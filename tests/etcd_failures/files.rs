//! TLS files that cannot be used.
use crate::{
    support::{certificates::converted, etcd},
    told::{authority, refused, told, try_connect, with_files},
};
use coredeck::{
    failure::{Failure, TlsFile},
    remedy::Remedy,
    store::etcd::EtcdSettings,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

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
    // The file is refused before anything is sent: nothing listens there.
    let settings = |key: &Path| with_files("https://127.0.0.1:1", None, Some((cert.clone(), key.to_owned())));
    let failure = refused(&settings(&other)).await;
    assert_eq!(failure, Failure::KeyDoesNotFit { cert: cert.clone(), key: other, why: "" });
    told(&failure, "does not fit the certificate", "--key");
    assert!(matches!(refused(&settings(&own)).await, Failure::NothingListening { .. }));
    // The certificate of the CA, and a chain that begins with it.
    let at = |cert: PathBuf| with_files("https://127.0.0.1:1", None, Some((cert, own.clone())));
    told(&refused(&at(ours.certificate())).await, ", which is that of a CA", "--key");
    let chain = cert.with_extension("chain");
    let text = [ours.certificate(), cert.clone()].map(|file| fs::read_to_string(file).unwrap()).concat();
    fs::write(&chain, text).unwrap();
    told(&refused(&at(chain.clone())).await, "the client's own has to be the first in it", "--key");
    let text = [cert, ours.certificate()].map(|file| fs::read_to_string(file).unwrap()).concat();
    fs::write(&chain, text).unwrap();
    assert!(matches!(refused(&at(chain)).await, Failure::NothingListening { .. }));
}

#[tokio::test]
async fn files_that_were_exchanged_are_told_by_what_is_in_them() {
    let (_dir, ours) = authority();
    let (cert, key) = ours.client("dns");
    let at = |ca: &Path, cert: &Path, key: &Path| {
        with_files("https://127.0.0.1:1", Some(ca.to_owned()), Some((cert.to_owned(), key.to_owned())))
    };
    let ca = ours.certificate();
    told(
        &refused(&at(&cert, &ca, &key)).await,
        "the certificate of CN=dns, which CN=ours has signed",
        "Exchange --cacert and --cert",
    );
    told(
        &refused(&at(&cert, &cert, &key)).await,
        "no CA is in it",
        "Give the CA that signed etcd's certificate",
    );
    told(&refused(&at(&ca, &key, &cert)).await, "no certificate is in it, but a private key", "with --cert");
    told(&refused(&at(&ca, &cert, &ca)).await, "no private key is in it, but a certificate", "with --key");
    assert!(matches!(refused(&at(&ca, &cert, &key)).await, Failure::NothingListening { .. }));
}

/// The line is run as it was printed; only a passphrase is added.
#[tokio::test]
async fn the_line_that_makes_a_file_usable_does_so() {
    let (dir, ours) = authority();
    let private = etcd::Setup::default().mutual_tls(&ours).start();
    let ((cert, key), (rsa_cert, rsa_key)) = (ours.client("dns"), ours.rsa_client("dns"));
    let moved = |file: PathBuf, name: &str| {
        let to = dir.path().join(name);
        fs::rename(file, &to).unwrap();
        to
    };
    // These names would be split by a shell.
    let der = moved(converted(&cert, &["x509", "-outform", "DER"]), "it's der.crt");
    let pkcs8 = moved(converted(&key, &["pkcs8", "-topk8", "-passout", "pass:x"]), "a b.key");
    let legacy = converted(&rsa_key, &["rsa", "-traditional", "-aes128", "-passout", "pass:x"]);
    let key_der = converted(&key, &["pkey", "-outform", "DER"]);
    let utf16 = dir.path().join("utf16.crt");
    let wide =
        fs::read_to_string(&cert).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    fs::write(&utf16, [&[0xff, 0xfe], wide.as_slice()].concat()).unwrap();
    for (cert, key, said) in [
        (&der, &key, "it is DER"),
        (&utf16, &key, "UTF-16"),
        (&cert, &key_der, "it is DER"),
        (&cert, &pkcs8, "encrypted with a passphrase"),
        (&rsa_cert, &legacy, "encrypted with a passphrase"),
    ] {
        let settings = |cert: &Path, key: &Path| {
            with_files(&private.endpoint(), Some(ours.certificate()), Some((cert.to_owned(), key.to_owned())))
        };
        let failure = refused(&settings(cert, key)).await;
        told(&failure, said, "");
        let Failure::FileUnusable { role, .. } = failure else { panic!("{failure:?}") };
        let remedy = failure.remedy();
        let (_, line) = remedy.split_once(": ").unwrap();
        let line = line.replace("openssl pkey -in", "openssl pkey -passin pass:x -in");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let (given, ending) = match role {
            TlsFile::Key => (key, if said.contains("DER") { ".pem" } else { ".decrypted" }),
            TlsFile::Authority | TlsFile::Certificate => (cert, ".pem"),
        };
        let made = PathBuf::from(format!("{}{ending}", given.display()));
        if role == TlsFile::Key {
            assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o077, 0, "{line}");
            try_connect(&settings(cert, &made)).await.unwrap();
        } else {
            try_connect(&settings(&made, key)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn files_as_windows_writes_them_and_with_more_in_them_than_asked_for_are_taken() {
    let (_dir, ours) = authority();
    let private = etcd::Setup::default().mutual_tls(&ours).start();
    let (cert, key) = ours.client("dns");
    let read = |file: &Path| fs::read_to_string(file).unwrap();
    let (certificate, secret) = (read(&cert), read(&key));
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    for (own, private_key) in [
        (windows(&certificate), windows(&secret)),
        (format!("{certificate}{secret}"), format!("{certificate}{secret}")),
        (format!("subject=CN = dns\n\n{certificate}{}", read(&ours.certificate())), secret.clone()),
    ] {
        fs::write(&cert, own).unwrap();
        fs::write(&key, private_key).unwrap();
        let ca = ours.certificate();
        fs::write(&ca, windows(&read(&ca)).trim_start_matches('\u{feff}')).unwrap();
        try_connect(&with_files(&private.endpoint(), Some(ca), Some((cert.clone(), key.clone()))))
            .await
            .unwrap();
    }
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
            matches!(&failure, Failure::FileUnusable { role, path: named, .. } if *role == wrong && named == path),
            "{failure:?}"
        );
        told(&failure, reason, "");
    }
}

#[tokio::test]
async fn half_a_pair_is_no_client_certificate() {
    let (_dir, ours) = authority();
    let (cert, key) = ours.client("dns");
    let settings = EtcdSettings { cert: Some(cert), ..EtcdSettings::new(["127.0.0.1:1"]) };
    told(&refused(&settings).await, "it needs --key beside it", "--cert");
    let settings = EtcdSettings { key: Some(key), ..EtcdSettings::new(["127.0.0.1:1"]) };
    told(&refused(&settings).await, "it needs --cert beside it", "--key");
}

#[tokio::test]
async fn file_does_not_exist() {
    let failure = refused(&with_files("https://127.0.0.1:1", Some("/no/such/ca.crt".into()), None)).await;
    assert!(matches!(&failure, Failure::FileUnreadable { role: TlsFile::Authority, readers: None, .. }));
    told(&failure, "/no/such/ca.crt cannot be read: it does not exist", "");
}

/// Root may read everything, so this test runs itself again as nobody if it runs as root.
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
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(dir.path(), 0o755);
    open(&dir.path().join("a.key"), 0o600);
    // It is a copy, because the build directory may be closed to others.
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
