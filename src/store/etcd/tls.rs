//! TLS files: read, understood and checked against each other before anything is sent.
mod pem;
mod trust;

use super::settings::EtcdSettings;
use crate::{
    certificate::{Certificate as Facts, FileFault},
    failure::{Failure, TlsFile},
    plain_file,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, aws_lc_rs},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tonic::transport::{ClientTlsConfig, Identity};

pub(super) use trust::{Trust, fault_in};

/// Most bytes of a file: that of a system's authorities has a quarter of it.
const MOST: u64 = 4 * plain_file::MIB;

/// TLS setup of an https endpoint.
pub(super) struct TlsSetup {
    /// For gRPC. `trust` decides which server is believed.
    pub grpc: ClientTlsConfig,
    /// The same for a connection that is not gRPC's.
    pub config: Arc<ClientConfig>,
    pub trust: Arc<Trust>,
    /// Facts of the client certificate.
    pub client: Option<Facts>,
}

/// A client's certificate, with its chain, and its key.
struct ClientIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Returns the cryptography of every connection, which is gRPC's as well.
pub(super) fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// Reads the files of `settings`.
pub(super) fn read(settings: &EtcdSettings) -> Result<TlsSetup, Failure> {
    let mut roots = RootCertStore::empty();
    let authorities = match &settings.cacert {
        None => {
            check_named_authorities()?;
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            vec![]
        }
        Some(path) => {
            let found = authorities_in(path, settings.cert.as_deref())?;
            for certificate in &found {
                let damaged = FileFault::Damaged { what: "a certificate".to_owned() };
                roots.add(certificate.clone()).map_err(|_| unusable(TlsFile::Authority, path, damaged))?;
            }
            found
        }
    };
    let other = |error: rustls::Error| {
        tracing::warn!(%error, "TLS cannot be prepared");
        Failure::Other { detail: "the TLS library cannot be used here; the log has its reason".to_owned() }
    };
    let provider = Arc::new(provider());
    let trust = Arc::new(Trust::new(roots, authorities, &provider));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Trust>::clone(&trust));
    let mut grpc = ClientTlsConfig::new().timeout(settings.timeouts.dial);
    let mut client = None;
    let config = match (&settings.cert, &settings.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let pair = pair_in(cert, key)?;
            client = pair.chain.first().and_then(|own| Facts::parse(own));
            let key = pem::of_key(&pair.key).unwrap_or_default();
            grpc = grpc.identity(Identity::from_pem(pem::of_certificates(&pair.chain), key));
            builder.with_client_auth_cert(pair.chain, pair.key).map_err(other)?
        }
        (Some(cert), None) => return Err(alone("--cert", cert, "--key")),
        (None, Some(key)) => return Err(alone("--key", key, "--cert")),
    };
    Ok(TlsSetup { grpc, config: Arc::new(config), trust, client })
}

/// Reads the facts of the authorities in a file, in their order. `cert` is the file that was given as the client's.
///
/// # Errors
/// The file cannot be read, cannot be used, or has no authority in it.
pub fn authorities_of(cacert: &Path, cert: Option<&Path>) -> Result<Vec<Facts>, Failure> {
    Ok(authorities_in(cacert, cert)?.iter().filter_map(|der| Facts::parse(der)).collect())
}

/// Reads the facts of the certificates in a file, in their order. Nothing is sent.
///
/// # Errors
/// The file cannot be read, or cannot be used.
pub fn certificates_in(role: TlsFile, path: &Path) -> Result<Vec<Facts>, Failure> {
    Ok(certificates(role, path)?.iter().filter_map(|der| Facts::parse(der)).collect())
}

/// Checks that a key can be read and belongs to a certificate.
///
/// # Errors
/// The reason why it cannot, or does not.
pub fn check_key(cert: &Path, key: &Path) -> Result<(), Failure> {
    pair_in(cert, key).map(drop)
}

/// Tells whether the CA of `cacert` has signed a client's certificate; `None` where nobody can tell.
#[must_use]
pub fn is_signed_by(cert: &Path, cacert: &Path) -> Option<bool> {
    let authorities = certificates(TlsFile::Authority, cacert).ok()?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities.iter().cloned());
    let trust = Trust::new(roots, authorities, &Arc::new(provider()));
    trust.has_signed(&certificates(TlsFile::Certificate, cert).ok()?)
}

fn alone(setting: &'static str, path: &Path, missing: &str) -> Failure {
    Failure::BadSetting {
        setting,
        value: path.display().to_string(),
        reason: format!("it needs {missing} beside it"),
    }
}

fn unusable(role: TlsFile, path: &Path, fault: FileFault) -> Failure {
    Failure::FileUnusable { role, path: path.to_owned(), fault }
}

fn certificates(role: TlsFile, path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let content = read_file(role, path)?;
    pem::certificates(role, &content).map_err(|fault| unusable(role, path, fault))
}

/// Reads the authorities of a file, which has to hold at least one. `cert` is the file that was given as the client's.
fn authorities_in(path: &Path, cert: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let found = certificates(TlsFile::Authority, path)?;
    let facts: Vec<Facts> = found.iter().filter_map(|der| Facts::parse(der)).collect();
    match facts.first() {
        Some(first) if !facts.iter().any(|facts| facts.may_sign) => {
            let is_authority = |cert: &Path| {
                certificates_in(TlsFile::Certificate, cert)
                    .is_ok_and(|found| found.iter().any(|facts| facts.is_authority))
            };
            let (subject, issuer) = (first.subject.clone(), first.issuer.clone());
            let exchanged = cert.is_some_and(is_authority);
            Err(unusable(TlsFile::Authority, path, FileFault::NoAuthority { subject, issuer, exchanged }))
        }
        _ => Ok(found),
    }
}

/// Reads the certificate and its own key; the server would refuse any other pair in words of its own.
fn pair_in(cert: &Path, key: &Path) -> Result<ClientIdentity, Failure> {
    let chain = certificates(TlsFile::Certificate, cert)?;
    let private = pem::private_key(&read_file(TlsFile::Key, key)?)
        .map_err(|fault| unusable(TlsFile::Key, key, fault))?;
    let facts: Vec<Facts> = chain.iter().filter_map(|der| Facts::parse(der)).collect();
    if let Some(own) = facts.first().filter(|own| !own.key.is_usable()) {
        return Err(unusable(TlsFile::Certificate, cert, FileFault::WeakKey(own.key.why_not())));
    }
    let Ok(signing) = provider().key_provider.load_private_key(private.clone_key()) else {
        return Err(unusable(TlsFile::Key, key, FileFault::KindOfKey));
    };
    let fits =
        |chain: &[CertificateDer<'static>]| match CertifiedKey::new(chain.to_vec(), Arc::clone(&signing))
            .keys_match()
        {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Some(true),
            Err(rustls::Error::InconsistentKeys(_)) => Some(false),
            Err(_) => None,
        };
    match fits(&chain) {
        Some(true) => Ok(ClientIdentity { chain, key: private }),
        Some(false) => {
            let later = chain.iter().skip(1).any(|other| fits(std::slice::from_ref(other)) == Some(true));
            let why = if later {
                ", but another one in that file: the client's own has to be the first in it"
            } else if facts.first().is_some_and(|own| own.is_authority) {
                ", which is that of a CA"
            } else {
                ""
            };
            Err(Failure::KeyDoesNotFit { cert: cert.to_owned(), key: key.to_owned(), why })
        }
        None => {
            // A certificate whose fields can be read is whole.
            let fault = match facts.first() {
                Some(_) => FileFault::Unknown,
                None => FileFault::Damaged { what: "a certificate".to_owned() },
            };
            Err(unusable(TlsFile::Certificate, cert, fault))
        }
    }
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

/// Checks the file that the environment names instead of the system's authorities: a library reads it, and would wait
/// for a pipe.
fn check_named_authorities() -> Result<(), Failure> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).filter(|path| path.exists());
    named.map_or(Ok(()), |path| read_file(TlsFile::Authority, &path).map(drop))
}

/// Names the users who may read a file: `0600 root: only root may read it`. Where its directory is closed as well,
/// those who may look into that.
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

/// Returns the name that `/etc/passwd` or `/etc/group` has for an id, or the id.
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
