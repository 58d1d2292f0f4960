//! Certificates that a test makes for itself, in a directory of its own.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test crate takes what it needs"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken fixture stops its test"
)]

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P521_SHA512, SignatureAlgorithm, date_time_ymd,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Certificate authority with a directory for the certificates that it signs.
pub struct Authority {
    name: String,
    issuer: Issuer<'static, KeyPair>,
    dir: PathBuf,
    /// The algorithm of its key and of everything that it signs.
    algorithm: &'static SignatureAlgorithm,
}

impl Authority {
    /// Makes a new authority; its files in `dir` start with its name.
    pub fn new(name: &str, dir: &Path) -> Self {
        Self::of(name, dir, &PKCS_ECDSA_P256_SHA256)
    }

    /// Makes one with keys on the curve P-521, as `etcd --auto-tls` makes them.
    pub fn p521(name: &str, dir: &Path) -> Self {
        Self::of(name, dir, &PKCS_ECDSA_P521_SHA512)
    }

    fn of(name: &str, dir: &Path, algorithm: &'static SignatureAlgorithm) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        fs::create_dir_all(dir).unwrap();
        let (issuer, dir) = (Issuer::new(params, key), dir.to_owned());
        let authority = Self { name: name.to_owned(), issuer, dir, algorithm };
        fs::write(authority.certificate(), certificate.pem()).unwrap();
        authority
    }

    /// Returns the authority's own certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join(format!("{}-ca.crt", self.name))
    }

    /// Makes a server's certificate and key for these names and addresses.
    pub fn server(&self, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        self.sign(file, &server_params(names))
    }

    /// Makes a server's certificate that has expired.
    pub fn expired_server(&self, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        let mut params = server_params(names);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
        self.sign(file, &params)
    }

    /// Makes a server's certificate that begins in the future.
    pub fn future_server(&self, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        let mut params = server_params(names);
        params.not_before = date_time_ymd(2090, 1, 1);
        self.sign(file, &params)
    }

    /// Makes a client's certificate and key with this common name.
    pub fn client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        self.sign(&format!("client-{common_name}"), &client_params(common_name))
    }

    /// Makes a client's certificate that has expired.
    pub fn expired_client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        let mut params = client_params(common_name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
        self.sign(&format!("expired-{common_name}"), &params)
    }

    /// Makes a client's certificate that begins in the future.
    pub fn future_client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        let mut params = client_params(common_name);
        params.not_before = date_time_ymd(2090, 1, 1);
        self.sign(&format!("future-{common_name}"), &params)
    }

    /// Makes a certificate that is for servers only.
    pub fn no_client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        let mut params = client_params(common_name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(&format!("no-client-{common_name}"), &params)
    }

    /// Makes a client's certificate whose signature uses SHA-1.
    pub fn sha1_client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        let (cert, key) = self.client(&format!("sha1-{common_name}"));
        let (own, request) = (self.dir.join(format!("{}-ca.key", self.name)), cert.with_extension("csr"));
        fs::write(&own, self.issuer.key().serialize_pem()).unwrap();
        let run = |openssl: &mut Command| {
            let output = openssl.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        // Without extensions it would be of version 1.
        let extensions = cert.with_extension("ext");
        fs::write(&extensions, "extendedKeyUsage=clientAuth\n").unwrap();
        let subject = format!("/CN={common_name}");
        run(Command::new("openssl")
            .args(["req", "-new", "-subj", &subject, "-key"])
            .arg(&key)
            .arg("-out")
            .arg(&request));
        run(Command::new("openssl")
            .args(["x509", "-req", "-sha1", "-days", "365", "-set_serial", "1", "-in"])
            .arg(&request)
            .arg("-extfile")
            .arg(&extensions)
            .arg("-CA")
            .arg(self.certificate())
            .arg("-CAkey")
            .arg(&own)
            .arg("-out")
            .arg(&cert));
        (cert, key)
    }

    /// Makes a server's certificate that is a CA itself, as etcd --auto-tls makes one (3.5 and later).
    pub fn server_and_authority(&self, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        let mut params = server_params(names);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.sign(file, &params)
    }

    /// Makes a server's certificate that is for clients only.
    pub fn no_server(&self, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        let mut params = server_params(names);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(file, &params)
    }

    /// Makes a client's certificate with an RSA key.
    pub fn rsa_client(&self, common_name: &str) -> (PathBuf, PathBuf) {
        self.sign_key(&format!("rsa-{common_name}"), &client_params(common_name), &rsa_key())
    }

    fn sign(&self, file: &str, params: &CertificateParams) -> (PathBuf, PathBuf) {
        self.sign_key(file, params, &KeyPair::generate_for(self.algorithm).unwrap())
    }

    fn sign_key(&self, file: &str, params: &CertificateParams, key: &KeyPair) -> (PathBuf, PathBuf) {
        let certificate = params.signed_by(key, &self.issuer).unwrap();
        let path = |end| self.dir.join(format!("{}-{file}.{end}", self.name));
        fs::write(path("crt"), certificate.pem()).unwrap();
        fs::write(path("key"), key.serialize_pem()).unwrap();
        (path("crt"), path("key"))
    }
}

fn server_params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "etcd");
    // A server also connects to itself as a client, for its gateway.
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn client_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// Returns a certificate and a key that today's tools make only if they are forced to: `rsa1024`, `sha1` and `v1`
/// have signed themselves, `of-ca1024` is signed by `ca1024`. For localhost and 127.0.0.1, from 2020 to 2119; `v1`
/// can name no host.
pub fn weak(name: &str) -> (PathBuf, PathBuf) {
    let at =
        |end: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/support/weak/{name}.{end}"));
    (at("crt"), at("key"))
}

/// Converts a key file to another form, by `openssl` with these arguments: `["ec"]` for SEC1,
/// `["rsa", "-traditional"]` for PKCS#1, `["pkcs8", "-topk8", "-passout", "pass:x"]` for an encrypted one.
pub fn converted(key: &Path, arguments: &[&str]) -> PathBuf {
    let converted = key.with_extension(format!("{}.key", arguments[0]));
    let output = Command::new("openssl")
        .args(arguments)
        .arg("-in")
        .arg(key)
        .arg("-out")
        .arg(&converted)
        .output()
        .expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    converted
}

/// Makes a new RSA key, as kubeadm makes them, in PKCS#8.
fn rsa_key() -> KeyPair {
    let made = Command::new("openssl").args(["genpkey", "-quiet", "-algorithm", "RSA"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let pem = String::from_utf8(made.stdout).unwrap();
    KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).unwrap()
}
