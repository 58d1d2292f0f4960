//! Faults of a TLS file, each with the line that makes a usable file from it.
use crate::{etcdctl, foreign_text::ForeignText};
use std::{fmt, path::Path};

/// Role of a TLS file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFile {
    Authority,
    Certificate,
    Key,
}

impl TlsFile {
    fn option(self) -> &'static str {
        match self {
            Self::Authority => "--cacert",
            Self::Certificate => "--cert",
            Self::Key => "--key",
        }
    }

    /// Returns the name of the content that it needs.
    fn wanted(self) -> &'static str {
        match self {
            Self::Authority | Self::Certificate => "certificate",
            Self::Key => "private key",
        }
    }
}

impl fmt::Display for TlsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authority => "CA file",
            Self::Certificate => "certificate file",
            Self::Key => "key file",
        })
    }
}

/// One fault. Displays as a part of a sentence about the file: `the key in it is encrypted with a passphrase`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    #[error("it is empty")]
    Empty,
    #[error("it is DER, which has to be PEM here")]
    Der,
    #[error("it is PKCS#12 (.p12, .pfx), which has to be PEM here")]
    Pkcs12,
    #[error("it is text in UTF-16, as Windows writes it")]
    Utf16,
    #[error("the key in it is encrypted with a passphrase")]
    Encrypted,
    #[error("no {wanted} is in it{}", beside(.found))]
    Lacks { wanted: &'static str, found: Vec<String> },
    #[error("{what} in it is damaged")]
    Damaged { what: String },
    #[error("{what} in it is cut off: its last line, -----END …-----, is missing")]
    CutOff { what: String },
    #[error("its line breaks are missing: -----BEGIN …----- and -----END …----- stand in one line")]
    OneLine,
    #[error("a certificate in it has a critical extension, or something else, that is not known here")]
    Unknown,
    #[error(
        "the key in it is of a kind that is not taken: RSA with 2048 bits or more, Ed25519, or ECDSA on P-256, P-384 or P-521 is needed"
    )]
    KindOfKey,
    #[error("the certificate in it is for a key that is {0}")]
    WeakKey(String),
    /// A certificate that cannot have signed any. If `exchanged`, the file that was given as the certificate holds a
    /// CA.
    #[error("no CA is in it, but the certificate of {}, which {} has signed", ForeignText::from(.subject.as_str()), ForeignText::from(.issuer.as_str()))]
    NoAuthority { subject: String, issuer: String, exchanged: bool },
}

fn beside(found: &[String]) -> String {
    if found.is_empty() { String::new() } else { format!(", but {}", found.join(", ")) }
}

impl FileFault {
    /// Returns the fault that nothing in the file is what it needs.
    #[must_use]
    pub fn lacks(role: TlsFile, found: Vec<String>) -> Self {
        Self::Lacks { wanted: role.wanted(), found }
    }

    /// One sentence, in the imperative.
    #[must_use]
    pub fn remedy(&self, role: TlsFile, path: &Path) -> String {
        let (option, wanted, of) = (role.option(), role.wanted(), quoted(path, ""));
        let converted =
            |to: &str, line: &str| format!("Make PEM of it, and give that with {option}: {line} {to}");
        match self {
            Self::Der => {
                let tool = if role == TlsFile::Key { "(umask 077; openssl pkey" } else { "openssl x509" };
                let end = if role == TlsFile::Key { ")" } else { "" };
                converted(&format!("{}{end}", quoted(path, ".pem")), &format!("{tool} -inform DER -in {of} -out"))
            }
            Self::Pkcs12 => {
                let part = if role == TlsFile::Key { "-nocerts -nodes" } else { "-nokeys" };
                let line = format!("(umask 077; openssl pkcs12 -in {of} {part} -out");
                converted(&format!("{})", quoted(path, ".pem")), &line)
            }
            Self::Utf16 => converted(&quoted(path, ".pem"), &format!("(umask 077; iconv -f UTF-16 -t UTF-8 {of}) >")),
            Self::Encrypted => format!(
                "Decrypt it, and give that with {option}: (umask 077; openssl pkey -in {of} -out {})",
                quoted(path, ".decrypted")
            ),
            Self::NoAuthority { exchanged: true, .. } => {
                "Exchange --cacert and --cert: the one names a client's certificate, the other a CA.".to_owned()
            }
            Self::NoAuthority { .. } => {
                "Give the CA that signed etcd's certificate with --cacert (kubeadm: /etc/kubernetes/pki/etcd/ca.crt)."
                    .to_owned()
            }
            Self::OneLine => format!("Copy the file again with its line breaks, and give that with {option}."),
            Self::Unknown => {
                "Look at it with openssl x509 -text -noout, and have it made again without that extension.".to_owned()
            }
            Self::WeakKey(_) | Self::KindOfKey => {
                "Have the client's certificate made again with a key of ECDSA on P-256, or of RSA with 2048 bits.".to_owned()
            }
            Self::Empty | Self::Lacks { .. } | Self::Damaged { .. } | Self::CutOff { .. } if role == TlsFile::Key => {
                format!("Give the unencrypted {wanted} as PEM with {option}: PKCS#8, PKCS#1 (RSA) or SEC1 (EC).")
            }
            Self::Empty | Self::Lacks { .. } | Self::Damaged { .. } | Self::CutOff { .. } => {
                let whose = if role == TlsFile::Authority { "CA's" } else { "client's" };
                format!("Give the {whose} certificate as PEM (-----BEGIN CERTIFICATE-----) with {option}.")
            }
        }
    }
}

/// Returns the path with an ending, quoted for a shell.
fn quoted(path: &Path, ending: &str) -> String {
    etcdctl::quoted(&format!("{}{ending}", path.display()))
}
