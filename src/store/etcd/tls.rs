//! The TLS files: read, understood and checked against each other before anything is sent.
use super::settings::Settings;
use crate::{
    certificate::Certificate as Facts,
    failure::{Failure, TlsFile},
    foreign_text::ForeignText,
    plain_file,
};
use etcd_client::{Certificate, Identity, TlsOptions};
use rustls::{ClientConfig, RootCertStore, crypto::ring, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject},
};
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes of a file: that of a system's authorities has a quarter of one.
const MOST: u64 = 4 * plain_file::MIB;
const DAMAGED: &str = "the certificate in it is damaged";

/// What an https endpoint needs.
pub(super) struct Tls {
    pub options: TlsOptions,
    /// The same for a connection that is not gRPC's.
    pub config: Arc<ClientConfig>,
    /// What the client certificate says.
    pub client: Option<Facts>,
}

/// Reads the files of `settings`.
pub(super) fn read(settings: &Settings) -> Result<Tls, Failure> {
    let mut options = TlsOptions::new().timeout(settings.timeouts.dial);
    let mut roots = RootCertStore::empty();
    options = match &settings.cacert {
        None => {
            check_named_authorities()?;
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            options.with_enabled_roots()
        }
        Some(path) => {
            let pem = read_file(TlsFile::Authority, path)?;
            for certificate in certificates(TlsFile::Authority, path, &pem)? {
                roots.add(certificate).map_err(|_| not_pem(TlsFile::Authority, path, &DAMAGED))?;
            }
            options.ca_certificate(Certificate::from_pem(pem))
        }
    };
    let other = |error: rustls::Error| Failure::Other { detail: error.to_string() };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .with_root_certificates(roots);
    let mut client = None;
    let config = match (&settings.cert, &settings.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let cert_pem = read_file(TlsFile::Certificate, cert)?;
            let key_pem = read_file(TlsFile::Key, key)?;
            let chain = certificates(TlsFile::Certificate, cert, &cert_pem)?;
            client = chain.first().and_then(|own| Facts::parse(own));
            let private = private_key(key, &key_pem)?;
            check_pair(cert, key, chain.clone(), private.clone_key())?;
            options = options.identity(Identity::from_pem(cert_pem, key_pem));
            builder.with_client_auth_cert(chain, private).map_err(other)?
        }
        (Some(cert), None) => return Err(alone("--cert", cert, "--key")),
        (None, Some(key)) => return Err(alone("--key", key, "--cert")),
    };
    Ok(Tls { options, config: Arc::new(config), client })
}

/// What the certificates of a file say, in their order. Nothing is sent.
///
/// # Errors
/// The file cannot be read, or is not PEM.
pub fn certificates_in(role: TlsFile, path: &Path) -> Result<Vec<Facts>, Failure> {
    let pem = read_file(role, path)?;
    Ok(certificates(role, path, &pem)?.iter().filter_map(|der| Facts::parse(der)).collect())
}

/// Whether a key can be read and is that of a certificate.
///
/// # Errors
/// Why not.
pub fn check_key(cert: &Path, key: &Path) -> Result<(), Failure> {
    let chain = certificates(TlsFile::Certificate, cert, &read_file(TlsFile::Certificate, cert)?)?;
    check_pair(cert, key, chain, private_key(key, &read_file(TlsFile::Key, key)?)?)
}

fn alone(setting: &'static str, path: &Path, missing: &str) -> Failure {
    Failure::BadSetting {
        setting,
        value: path.display().to_string(),
        reason: format!("it needs {missing} beside it"),
    }
}

fn certificates(role: TlsFile, path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let found: Result<Vec<_>, PemError> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(nothing_in(role, path, pem, "certificate")),
        Ok(found) => Ok(found),
        Err(error) => Err(not_pem(role, path, &error)),
    }
}

fn private_key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, Failure> {
    // A passphrase is mentioned in the first line (PKCS#8) or in a header behind it (RFC 1421).
    let mentions = |words: &[u8]| pem.windows(words.len()).any(|at| at == words);
    if mentions(b"BEGIN ENCRYPTED PRIVATE KEY") || mentions(b"Proc-Type: 4,ENCRYPTED") {
        return Err(not_pem(TlsFile::Key, path, &"the key in it is encrypted with a passphrase"));
    }
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(PemError::NoItemsFound) => Err(nothing_in(TlsFile::Key, path, pem, "private key")),
        Err(error) => Err(not_pem(TlsFile::Key, path, &error)),
    }
}

/// Whether the key is the certificate's own; any other pair is refused by the server in words of its own.
fn check_pair(
    cert: &Path,
    key: &Path,
    chain: Vec<CertificateDer<'static>>,
    private: PrivateKeyDer<'static>,
) -> Result<(), Failure> {
    let signing = ring::default_provider().key_provider.load_private_key(private).map_err(|_| {
        not_pem(TlsFile::Key, key, &"the key in it is damaged, or neither RSA, ECDSA nor Ed25519")
    })?;
    match CertifiedKey::new(chain, signing).keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(Failure::KeyDoesNotFit { cert: cert.to_owned(), key: key.to_owned() })
        }
        Err(_) => Err(not_pem(TlsFile::Certificate, cert, &DAMAGED)),
    }
}

fn not_pem(role: TlsFile, path: &Path, reason: &impl std::fmt::Display) -> Failure {
    let reason = reason.to_string();
    Failure::NotPem { role, path: path.to_owned(), reason: ForeignText::from(reason.as_str()).to_string() }
}

fn nothing_in(role: TlsFile, path: &Path, content: &[u8], wanted: &str) -> Failure {
    // The first byte of every DER certificate and key.
    let der = content.first() == Some(&0x30);
    let hint = if der { "; it looks like DER, which openssl can convert" } else { "" };
    not_pem(role, path, &format!("no {wanted} is in it{hint}"))
}

fn read_file(role: TlsFile, path: &Path) -> Result<Vec<u8>, Failure> {
    plain_file::read(path, MOST).map_err(|error| {
        let kind = error.kind();
        let reason = if kind == io::ErrorKind::NotFound {
            "it does not exist".to_owned()
        } else if kind == io::ErrorKind::PermissionDenied {
            "permission denied".to_owned()
        } else {
            error.to_string()
        };
        let readers = (kind == io::ErrorKind::PermissionDenied).then(|| readers(path)).flatten();
        Failure::FileUnreadable { role, path: path.to_owned(), reason, readers }
    })
}

/// The file that the environment names instead of the system's authorities is read by a library, which would wait for a
/// pipe.
fn check_named_authorities() -> Result<(), Failure> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).filter(|path| path.exists());
    named.map_or(Ok(()), |path| read_file(TlsFile::Authority, &path).map(drop))
}

/// Who may read a file: `0600 root: only root may read it`. Where its directory is closed as well, who may look
/// into that.
fn readers(path: &Path) -> Option<String> {
    let (closed, may) = match fs::metadata(path) {
        Ok(file) => (file, "read it".to_owned()),
        Err(_) => path.ancestors().skip(1).find_map(|dir| {
            let found = fs::metadata(dir).ok()?;
            Some((found, format!("look into {}", dir.display())))
        })?,
    };
    let (owner, group) = (name_of("/etc/passwd", closed.uid()), name_of("/etc/group", closed.gid()));
    let mode = closed.mode() & 0o7777;
    let readable = if closed.is_dir() { 0o010 } else { 0o040 };
    Some(if mode & readable == 0 {
        format!("{mode:04o} {owner}: only {owner} may {may}")
    } else {
        format!("{mode:04o} {owner} {group}: only {owner} and the group {group} may {may}")
    })
}

/// The name that `/etc/passwd` or `/etc/group` has for an id, or the id.
fn name_of(database: &str, id: u32) -> String {
    let lines = plain_file::text(Path::new(database), MOST).unwrap_or_default();
    let named = lines.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn who_may_read_a_closed_file_is_said_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("server.key");
        fs::write(&key, "").unwrap();
        let owner = name_of("/etc/passwd", fs::metadata(&key).unwrap().uid());
        let group = name_of("/etc/group", fs::metadata(&key).unwrap().gid());
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(readers(&key).unwrap(), format!("0600 {owner}: only {owner} may read it"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(
            readers(&key).unwrap(),
            format!("0640 {owner} {group}: only {owner} and the group {group} may read it")
        );
        assert!(readers(&dir.path().join("closed/server.key")).unwrap().contains("may look into"));
    }
}
