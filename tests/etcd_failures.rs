//! Every message that a server or a file can cause, one by one, with its remedy.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/etcd.rs"]
mod etcd;

use certificates::{Authority, converted};
use coredeck::{
    failure::{Effect, Failure, Retry, TlsFile},
    keys::{Revision, Scope},
    plan::{EntryId, Intent, Journal, Outcome, Plan},
    store::{
        Reader, Status, Watched, carry_out,
        etcd::{EtcdReader, Settings, connect, open_writer},
        prepare,
    },
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

async fn try_connect(settings: &Settings) -> Result<(EtcdReader, Status), Failure> {
    connect(settings, &scope()).await
}

async fn refused(settings: &Settings) -> Failure {
    match try_connect(settings).await {
        Ok(_) => panic!("connected"),
        Err(failure) => failure,
    }
}

/// What a person sees: the message and the remedy, both printable, the remedy one or more whole sentences.
fn told(failure: &Failure, message: &str, remedy: &str) {
    let (said, to_do) = (failure.to_string(), failure.remedy());
    assert!(said.contains(message), "{said}");
    assert!(to_do.contains(remedy), "{to_do}");
    assert!(!said.chars().chain(to_do.chars()).any(char::is_control), "{said}\n{to_do}");
    assert!(failure.is_connection() || failure.retry() == Retry::Never);
}

/// A directory with an authority in it.
fn authority() -> (TempDir, Authority) {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", dir.path());
    (dir, authority)
}

fn with_files(endpoint: &str, cacert: Option<PathBuf>, client: Option<(PathBuf, PathBuf)>) -> Settings {
    let (cert, key) = client.unzip();
    Settings { cacert, cert, key, ..Settings::new([endpoint]) }
}

/// A port that speaks in a way of its own: it reads a little, answers, and ends the connection.
fn speaking(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

/// A port that accepts connections and never says a word.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn nothing_listening() {
    let address = silent().1;
    let endpoint = format!("http://{address}");
    let failure = refused(&Settings::new([address])).await;
    assert_eq!(failure, Failure::NothingListening { endpoint: endpoint.clone() });
    assert_eq!(failure.effect(), Effect::Nothing);
    told(&failure, &endpoint, "systemctl status etcd");
}

#[tokio::test]
async fn nothing_listening_at_an_ip6_address_with_tls() {
    let failure = refused(&Settings::new(["https://[::1]:1"])).await;
    assert_eq!(failure, Failure::NothingListening { endpoint: "https://[::1]:1".to_owned() });
}

#[tokio::test]
async fn host_not_resolvable() {
    let failure = refused(&Settings::new(["no-such-host.invalid:2379"])).await;
    assert_eq!(failure, Failure::HostNotResolved { endpoint: "http://no-such-host.invalid:2379".to_owned() });
    told(&failure, "cannot be resolved", "127.0.0.1:2379");
}

#[tokio::test]
async fn timed_out() {
    let (_listener, address) = silent();
    let started = Instant::now();
    let failure = refused(&Settings::new([address.as_str()])).await;
    assert!(matches!(failure, Failure::TimedOut { .. }), "{failure:?}");
    assert_eq!(failure.effect(), Effect::Unknown);
    told(&failure, "did not answer within", "Read again");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn timed_out_in_the_tls_handshake() {
    let (_listener, address) = silent();
    let (_dir, authority) = authority();
    let failure = refused(&with_files(&address, Some(authority.certificate()), None)).await;
    assert!(matches!(failure, Failure::ConnectTimedOut { .. }), "{failure:?}");
    assert_eq!(failure.effect(), Effect::Nothing);
    told(&failure, "did not accept a connection", "--dial-timeout");
}

#[tokio::test]
async fn tls_against_a_plain_port() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (_dir, authority) = authority();
        let endpoint = private.endpoint().replace("http", "https");
        let failure = refused(&with_files(&endpoint, Some(authority.certificate()), None)).await;
        assert_eq!(failure, Failure::TlsAgainstPlain { endpoint });
        told(&failure, "speaks no TLS", &private.endpoint());
    }
}

#[tokio::test]
async fn plain_against_tls() {
    for binary in etcd::etcd_versions() {
        let (_dir, authority) = authority();
        let private = etcd::Setup::default().binary(&binary).mutual_tls(&authority).start();
        let endpoint = private.endpoint().replace("https", "http");
        let failure = refused(&Settings::new([endpoint.as_str()])).await;
        assert_eq!(failure, Failure::PlainAgainstTls { endpoint });
        told(&failure, "speaks TLS", &private.endpoint());
    }
}

#[tokio::test]
async fn another_service_at_the_port() {
    for answer in [&b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"[..], b"HTTP/1.1 404 Not Found\r\n\r\n"] {
        let failure = refused(&Settings::new([speaking(answer)])).await;
        assert!(matches!(failure, Failure::NotEtcd { .. }), "{failure:?}");
        told(&failure, "is not an etcd server", "2379");
    }
}

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
    told(&failure, "has expired", "kubeadm certs renew");
}

#[tokio::test]
async fn certificate_of_years_to_come() {
    let (_dir, ours) = authority();
    let server = ours.future_server("server", &["127.0.0.1"]);
    let ca = ours.certificate();
    let failure = against(server, ca.clone(), Some(ca), "127.0.0.1").await;
    assert!(matches!(failure, Failure::ServerCertificateNotYetValid { .. }), "{failure:?}");
    told(&failure, "not valid yet", "clocks");
}

#[tokio::test]
async fn name_not_in_the_certificate() {
    let (_dir, ours) = authority();
    let ca = ours.certificate();
    for (names, mentioned) in
        [(&["etcd.example", "10.0.0.1"][..], "etcd.example"), (&[], "no name in the form that counts")]
    {
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
        for client in [None, Some(other.client("dns")), Some(ours.expired_client("dns"))] {
            // The server's words come after the handshake, and may be lost with the connection.
            for _ in 0..10 {
                let settings = with_files(&private.endpoint(), Some(ours.certificate()), client.clone());
                let failure = refused(&settings).await;
                assert!(matches!(failure, Failure::ClientCertificateRefused { .. }), "{failure:?}");
                told(&failure, "refused the client certificate", "--cert and --key");
            }
        }
    }
}

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
        (with_files(at, Some(broken.clone()), None), TlsFile::Authority, &broken, ""),
        (with_files(at, Some(key.clone()), None), TlsFile::Authority, &key, "no certificate is in it"),
        (with_files(at, None, Some((prose.clone(), key.clone()))), TlsFile::Certificate, &prose, ""),
        (with_files(at, None, Some((broken.clone(), key.clone()))), TlsFile::Certificate, &broken, ""),
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
    let again = command.arg(test).args(["--exact", "key_file_unreadable"]).env(THE_FILES, dir.path());
    let output = again.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn as_user(endpoint: &str, user: &str, password: &str) -> Settings {
    Settings { user: Some(user.to_owned()), password: Some(password.into()), ..Settings::new([endpoint]) }
}

#[tokio::test]
async fn logins_that_etcd_refuses() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let endpoint = private.endpoint();
        let failure = refused(&as_user(&endpoint, "dns", "dns")).await;
        assert_eq!(failure, Failure::AuthNotEnabled { user: "dns".to_owned() });
        told(&failure, "authentication is off", "--user");
        private.enable_authentication();
        for (user, password) in [("dns", "wrong"), ("nobody", "dns")] {
            let failure = refused(&as_user(&endpoint, user, password)).await;
            assert_eq!(failure, Failure::WrongPassword { user: user.to_owned() });
            told(&failure, user, "ETCDCTL_PASSWORD");
        }
        let failure = refused(&Settings::new([endpoint])).await;
        assert_eq!(failure, Failure::AuthRequired);
        told(&failure, "asks for a user", "--user");
    }
}

#[tokio::test]
async fn permission_denied_names_who_and_the_range() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let endpoint = private.unrecorded_endpoint();
        let scope = Scope::parse("/elsewhere").unwrap();
        let failure = connect(&as_user(&endpoint, "dns", "dns"), &scope).await.unwrap_err();
        told(&failure, "does not allow the user dns to read [/elsewhere/, /elsewhere0)", "grant-permission");
        // A range that is not wholly granted is denied as a whole.
        let (reader, _) = try_connect(&as_user(&endpoint, "dns", "dns")).await.unwrap();
        for failure in [
            reader.list(&scope.range(), 0, None).await.unwrap_err(),
            reader.count(&scope.range()).await.unwrap_err(),
            reader.read(&[], Some(&scope.range())).await.unwrap_err(),
            reader.watch(&scope.range(), Revision(1)).await.unwrap_err(),
        ] {
            assert!(
                matches!(&failure, Failure::PermissionDenied { what, .. } if what == "[/elsewhere/, /elsewhere0)"),
                "{failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn no_leader() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        let (reader, _) = try_connect(&Settings::new(cluster.endpoints())).await.unwrap();
        cluster.kill(1);
        cluster.kill(2);
        // The last member notices after an election timeout that it is alone.
        let deadline = Instant::now() + Duration::from_secs(20);
        let failure = loop {
            match reader.count(&scope().range()).await {
                Err(failure @ Failure::NoLeader { .. }) => break failure,
                other => assert!(Instant::now() < deadline, "{other:?}"),
            }
        };
        told(&failure, "has no leader", "quorum");
        assert!(matches!(refused(&Settings::new(cluster.endpoints())).await, Failure::NoLeader { .. }));
        let Err(failure) = reader.watch(&scope().range(), Revision(1)).await else { panic!("watches") };
        assert!(matches!(failure, Failure::NoLeader { .. }), "{failure:?}");
    }
}

/// Keeps nothing: these tests are of what etcd says.
struct Forgetful;

impl Journal for Forgetful {
    fn intend(&mut self, _: &Plan) -> Result<EntryId, Failure> {
        Ok(EntryId("1".to_owned()))
    }

    fn conclude(&mut self, _: &EntryId, _: &Outcome) -> Result<(), Failure> {
        Ok(())
    }

    fn place(&self) -> String {
        "nowhere".to_owned()
    }
}

async fn set(reader: &EtcdReader, key: &str, size: usize) -> Outcome {
    let key = scope().key(key.as_bytes()).unwrap();
    let intent = Intent::Set { key, value: vec![b'x'; size].into() };
    let plan = prepare(reader, &scope(), &[], intent).await.unwrap();
    let writer = open_writer(reader);
    carry_out(plan.agree().unwrap(), &mut Forgetful, &writer, reader, |_| {}).await.outcome
}

#[tokio::test]
async fn out_of_space() {
    for binary in etcd::etcd_versions() {
        let setup = etcd::Setup::default().binary(&binary).argument("--quota-backend-bytes=2000000");
        let private = setup.start();
        let (reader, status) = try_connect(&Settings::new([private.endpoint()])).await.unwrap();
        assert!(!status.no_space);
        let mut stored = 0;
        let why = loop {
            match set(&reader, &format!("/coredns/filler{stored}"), 500_000).await {
                Outcome::Done { .. } => stored += 1,
                Outcome::NothingChanged { why } => break why,
                other @ (Outcome::Partly { .. } | Outcome::Unknown { .. }) => panic!("{other}"),
            }
        };
        assert_eq!(why, Failure::NoSpace);
        told(&why, "NOSPACE", "alarm disarm");
        let (reader, status) = try_connect(&Settings::new([private.endpoint()])).await.unwrap();
        assert!(status.no_space);
        // What frees space is still taken.
        let key = scope().key(b"/coredns/filler0").unwrap();
        let plan = prepare(&reader, &scope(), &[], Intent::Delete { key }).await.unwrap();
        let challenge = plan.challenge().to_owned();
        let number = plan.deletes() as u64;
        let confirmed = plan.confirm(&challenge, Some(number)).unwrap();
        let done = carry_out(confirmed, &mut Forgetful, &open_writer(&reader), &reader, |_| {}).await;
        assert!(matches!(done.outcome, Outcome::Done { changed: 1, .. }), "{}", done.outcome);
    }
}

#[tokio::test]
async fn request_too_large() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        let (reader, _) = try_connect(&Settings::new([private.endpoint()])).await.unwrap();
        // Beyond etcd's own limit, and beyond what its gRPC takes in at all.
        for size in [1_600_000, 3_000_000] {
            let outcome = set(&reader, "/coredns/large", size).await;
            let Outcome::NothingChanged { why } = outcome else { panic!("{outcome}") };
            assert!(matches!(why, Failure::TooLarge { .. }), "{why:?}");
            told(&why, "larger than etcd accepts", "smaller pieces");
        }
        assert_eq!(reader.count(&scope().range()).await.unwrap().keys, 0);
    }
}

#[tokio::test]
async fn compacted() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        for _ in 0..3 {
            private.put("/coredns/x", "{}");
        }
        private.etcdctl(&["compact", "4"]);
        let (reader, _) = try_connect(&Settings::new([private.endpoint()])).await.unwrap();
        let gone = Failure::Compacted { asked: Revision(2) };
        let range = scope().range();
        assert_eq!(reader.list(&range, 0, Some(Revision(2))).await.unwrap_err(), gone);
        // etcd says that it watches before it looks whether it can.
        let mut watch = reader.watch(&range, Revision(2)).await.unwrap();
        assert_eq!(watch.recv().await, Some(Watched::Lost(gone.clone())));
        assert_eq!(watch.recv().await, None);
        told(&gone, "revision 2 is gone", "Read again");
        assert_eq!(reader.list(&range, 0, Some(Revision(4))).await.unwrap().records.len(), 1);
    }
}

#[tokio::test]
async fn another_cluster_at_the_second_endpoint_is_never_taken_for_the_same() {
    let mut first = etcd::start();
    let second = etcd::start();
    let endpoints = vec![first.endpoint(), second.endpoint()];
    let (reader, status) = try_connect(&Settings::new(endpoints)).await.unwrap();
    first.kill(0);
    let failure = reader.count(&scope().range()).await.unwrap_err();
    let Failure::WrongCluster { pinned, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(*pinned, status.cluster.to_string());
    told(&failure, pinned, "--endpoints");
    assert_eq!(failure.effect(), Effect::Nothing);
}
