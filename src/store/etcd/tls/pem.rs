//! PEM files: reads their certificates and keys, and recognises other kinds of files.
//!
//! It takes more than the library does: a byte order mark, and blanks at the ends of lines. The results are handed on
//! as DER, so that nobody has to parse the file again.
use crate::certificate::{FileFault, TlsFile};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

const BOM: &[u8] = b"\xef\xbb\xbf";
/// The beginning of a DER sequence, which is every certificate, key and PKCS#12.
const SEQUENCE: u8 = 0x30;
/// `INTEGER 3`, the version that PKCS#12 begins with (RFC 7292, section 4).
const VERSION_3: [u8; 3] = [2, 1, 3];
/// Marks of a passphrase: in the first line (PKCS#8), or in a header behind it (RFC 1421).
const PASSPHRASE: [&[u8]; 2] = [b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED"];

/// Reads the certificates of a file, in their order; at least one.
pub(super) fn certificates(role: TlsFile, content: &[u8]) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let content = content.strip_prefix(BOM).unwrap_or(content);
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(content).collect();
    match found {
        Ok(found) if found.is_empty() => Err(instead(role, content)),
        Ok(found) => Ok(found),
        Err(_) => Err(damaged(content)),
    }
}

/// Reads the first private key of a file.
pub(super) fn private_key(content: &[u8]) -> Result<PrivateKeyDer<'static>, FileFault> {
    let content = content.strip_prefix(BOM).unwrap_or(content);
    let has = |words: &[u8]| content.windows(words.len()).any(|at| at == words);
    if PASSPHRASE.into_iter().any(has) {
        return Err(FileFault::Encrypted);
    }
    match PrivateKeyDer::pem_slice_iter(content).next() {
        Some(Ok(key)) => Ok(key),
        None => Err(instead(TlsFile::Key, content)),
        Some(Err(_)) => Err(damaged(content)),
    }
}

/// Recognises the kind of a file that lacks what it has to hold.
fn instead(role: TlsFile, content: &[u8]) -> FileFault {
    if content.iter().all(u8::is_ascii_whitespace) {
        return FileFault::Empty;
    }
    if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
        return FileFault::Utf16;
    }
    if content.first() == Some(&SEQUENCE) {
        let length = content.get(1).map_or(0, |first| usize::from(first.saturating_sub(0x80)));
        let inside = content.get(2 + length..).unwrap_or_default();
        return if inside.starts_with(&VERSION_3) { FileFault::Pkcs12 } else { FileFault::Der };
    }
    if is_one_line(content) {
        return FileFault::OneLine;
    }
    FileFault::lacks(role, labels(content).iter().map(|label| in_words(label)).collect())
}

/// Tells sections that were begun and never ended from those that cannot be read.
fn damaged(content: &[u8]) -> FileFault {
    if is_one_line(content) {
        return FileFault::OneLine;
    }
    let begun = labels(content);
    let ended = lines(content).filter(|line| line.starts_with("-----END ")).count();
    let what = begun.last().map_or_else(|| "what is".to_owned(), |label| in_words(label));
    if ended < begun.len() { FileFault::CutOff { what } } else { FileFault::Damaged { what } }
}

/// Tells whether a section lost its line breaks, as a paste or an editor may take them.
fn is_one_line(content: &[u8]) -> bool {
    lines(content).any(|line| line.starts_with("-----BEGIN ") && line.contains("-----END "))
}

/// Returns the label behind each BEGIN.
fn labels(content: &[u8]) -> Vec<String> {
    let label = |line: &str| Some(line.strip_prefix("-----BEGIN ")?.trim_end_matches('-').to_owned());
    lines(content).filter_map(|line| label(&line)).collect()
}

fn lines(content: &[u8]) -> impl Iterator<Item = String> {
    content.split(|byte| *byte == b'\n').map(|line| String::from_utf8_lossy(line).trim().to_owned())
}

fn in_words(label: &str) -> String {
    match label {
        "CERTIFICATE" => "a certificate".to_owned(),
        "TRUSTED CERTIFICATE" => "a certificate with OpenSSL's trust settings".to_owned(),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "a request for a certificate".to_owned(),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => "a private key".to_owned(),
        "ENCRYPTED PRIVATE KEY" => "an encrypted private key".to_owned(),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "a public key".to_owned(),
        "OPENSSH PRIVATE KEY" => "a private key of OpenSSH".to_owned(),
        "X509 CRL" => "a list of revoked certificates".to_owned(),
        "EC PARAMETERS" => "the name of a curve".to_owned(),
        _ => "something of another kind".to_owned(),
    }
}

/// Writes the certificates as PEM again.
pub(super) fn of_certificates(chain: &[CertificateDer<'_>]) -> String {
    chain.iter().map(|der| section("CERTIFICATE", der)).collect()
}

/// Writes the key as PEM again.
pub(super) fn of_key(key: &PrivateKeyDer<'_>) -> Option<String> {
    match key {
        PrivateKeyDer::Pkcs1(_) => Some(section("RSA PRIVATE KEY", key.secret_der())),
        PrivateKeyDer::Sec1(_) => Some(section("EC PRIVATE KEY", key.secret_der())),
        PrivateKeyDer::Pkcs8(_) => Some(section("PRIVATE KEY", key.secret_der())),
        _ => None,
    }
}

fn section(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::default().self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[test]
    fn line_ends_of_windows_a_byte_order_mark_and_words_between_are_no_matter() {
        let (cert, key) = pair();
        let der = certificates(TlsFile::Certificate, cert.as_bytes()).unwrap();
        let both = format!("{cert}{key}");
        for text in [
            cert.replace('\n', "\r\n"),
            format!("\u{feff}{cert}"),
            format!("\u{feff}{}", cert.replace('\n', "\r\n")),
            cert.replace('\n', " \n"),
            format!("subject=CN = dns\n{cert}"),
            cert.trim_end().to_owned(),
            both.clone(),
        ] {
            assert_eq!(certificates(TlsFile::Certificate, text.as_bytes()).unwrap(), der, "{text}");
        }
        assert_eq!(certificates(TlsFile::Authority, (cert.clone() + &cert).as_bytes()).unwrap().len(), 2);
        let own = private_key(key.as_bytes()).unwrap();
        for text in [key.replace('\n', "\r\n"), format!("\u{feff}{key}"), both] {
            assert_eq!(private_key(text.as_bytes()).unwrap().secret_der(), own.secret_der(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (cert, key) = pair();
        let der = certificates(TlsFile::Certificate, cert.as_bytes()).unwrap().remove(0);
        let twice = [der.clone(), der];
        let again = of_certificates(&twice);
        assert_eq!(certificates(TlsFile::Certificate, again.as_bytes()).unwrap(), twice);
        let der = private_key(key.as_bytes()).unwrap();
        let again = of_key(&der).unwrap();
        assert_eq!(private_key(again.as_bytes()).unwrap().secret_der(), der.secret_der());
    }

    #[test]
    fn a_file_that_has_something_else_says_what() {
        let (cert, key) = pair();
        let of_certificate = |content: &[u8]| certificates(TlsFile::Certificate, content).unwrap_err();
        let der = certificates(TlsFile::Certificate, cert.as_bytes()).unwrap();
        assert_eq!(of_certificate(b" \r\n"), FileFault::Empty);
        assert_eq!(of_certificate(&der[0]), FileFault::Der);
        assert_eq!(of_certificate(&[0x30, 0x82, 9, 9, 2, 1, 3, 0x30]), FileFault::Pkcs12);
        assert_eq!(of_certificate(b"\xff\xfe-\0-\0"), FileFault::Utf16);
        assert_eq!(of_certificate(key.as_bytes()).to_string(), "no certificate is in it, but a private key");
        assert_eq!(of_certificate(b"see the wiki").to_string(), "no certificate is in it");
        let hostile = of_certificate(b"-----BEGIN \x1b[2J-----\nAAAA\n-----END \x1b[2J-----\n").to_string();
        assert_eq!(hostile, "no certificate is in it, but something of another kind");
        let cut = cert.get(..cert.len() / 2).unwrap();
        assert_eq!(of_certificate(cut.as_bytes()), FileFault::CutOff { what: "a certificate".to_owned() });
        assert_eq!(of_certificate(cert.replace('\n', "").as_bytes()), FileFault::OneLine);
        assert_eq!(private_key(key.replace('\n', " ").as_bytes()).unwrap_err(), FileFault::OneLine);
        let odd = cert.replacen("\nM", "\n!", 1);
        assert_eq!(of_certificate(odd.as_bytes()), FileFault::Damaged { what: "a certificate".to_owned() });
        assert_eq!(
            private_key(cert.as_bytes()).unwrap_err().to_string(),
            "no private key is in it, but a certificate"
        );
        for encrypted in [
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
        ] {
            assert_eq!(private_key(encrypted.as_bytes()).unwrap_err(), FileFault::Encrypted);
        }
    }
}
