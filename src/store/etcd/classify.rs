//! Classification of failures: turns the library's errors into failures that a person can act on.
//!
//! A gRPC code alone tells little: seven of them mean several things each, and the library's error has no
//! `source()`. So the chain below the status is walked first (a connection that was never made, a TLS verdict), and
//! only a reply that etcd itself sent is told by its text, which is the same from etcd 3.4 to 3.7
//! (api/v3rpc/rpctypes/error.go).
use super::{call::CallCircumstances, tls::fault_in};
use crate::{
    certificate::{ServerFault, Signer},
    failure::Failure,
    foreign_text::ForeignText,
};
use etcd_client::Error;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use rustls_pki_types::UnixTime;
use std::{error::Error as StdError, io};
use tonic::{Code, ConnectError, Status, TimeoutExpired};

/// A TLS handshake that the other side ended without a word. It may speak no TLS at all.
pub(super) const HANDSHAKE_CUT_OFF: &str = "it ended the TLS handshake without a word";
/// Beginning of the text about any other failure of a handshake.
pub(super) const HANDSHAKE_FAILED: &str = "TLS: ";
/// Beginning of the TLS library's text about an alert.
const FATAL: &str = "received fatal alert: ";
/// Most names of a certificate that are shown.
const NAMES: usize = 8;
/// Most letters of others' words that are shown.
const MOST: usize = 300;
/// Alerts with which a server refuses a client certificate (RFC 8446, section 6.2).
const OF_CERTIFICATES: [AlertDescription; 9] = [
    AlertDescription::BadCertificate,
    AlertDescription::CertificateRequired,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    // Its signature is not that of the authority whose name it has.
    AlertDescription::DecryptError,
];

/// Tells the failure that an error means.
pub(super) fn classify(error: &Error, at: CallCircumstances<'_>) -> Failure {
    match error {
        Error::GRpcStatus(status) => of_status(status, at),
        Error::TransportError(error) => not_sent(&chain(error), at),
        Error::IoError(error) => not_sent(&chain(error), at),
        Error::InvalidUri(error) => Failure::BadSetting {
            setting: "--endpoints",
            value: at.endpoint.to_string(),
            reason: safe(&error.to_string()),
        },
        Error::InvalidArgs(_)
        | Error::WatchError(_)
        | Error::Utf8Error(_)
        | Error::LeaseKeepAliveError(_)
        | Error::ElectError(_)
        | Error::InvalidMetadataValue(_)
        | Error::EndpointError(_)
        | Error::EndpointsNotManaged
        | Error::Internal(_) => Failure::Other { detail: safe(&error.to_string()) },
    }
}

/// Tells whether etcd refused a call only because of its login: the token has expired, or is from before a change of
/// users or roles. Such a call was not executed. The library renews a token that has expired by itself, but not one of
/// the other kind, and neither for a watch.
pub(super) fn login_is_stale(error: &Error) -> bool {
    matches!(error, Error::GRpcStatus(status)
        if status.code() == Code::Unauthenticated || is_of_an_older_revision(status.message()))
}

/// Tells whether a login was refused because it is from before a change of users or roles. 3.5.0 and 3.5.1 send the
/// auth store's own words, without a code.
pub(super) fn is_of_an_older_revision(said: &str) -> bool {
    said.contains("auth store is old") || said.contains("auth: revision in header is old")
}

fn of_status(status: &Status, at: CallCircumstances<'_>) -> Failure {
    let causes = chain(status);
    if causes.iter().any(|cause| cause.is::<ConnectError>()) {
        return not_sent(&causes, at);
    }
    let endpoint = at.endpoint.to_string();
    if let Some(alert) = causes.iter().find_map(|cause| alert_in(&cause.to_string(), at)) {
        return Failure::ClientCertificateRefused { endpoint, detail: alert, said: true, fault: None };
    }
    if causes.iter().any(|cause| cause.is::<TimeoutExpired>()) {
        return Failure::TimedOut { endpoint, after: at.after };
    }
    let said = safe(status.message().strip_prefix("etcdserver: ").unwrap_or(status.message()));
    // Neither HTTP/2 nor gRPC: another service answers at this port.
    if said.contains("mapped from HTTP status code") || said.contains("invalid compression flag") {
        return Failure::NotEtcd { endpoint, detail: said };
    }
    if causes.iter().any(|cause| cause.to_string().contains("frame with invalid size")) {
        return Failure::NotEtcd { endpoint, detail: "its answer is not HTTP/2".to_owned() };
    }
    // A status that was sent has nothing below it; all others were made here, for a connection that broke.
    if causes.len() > 1 || status.code() == Code::Cancelled {
        return Failure::ConnectionLost { endpoint, detail: deepest(&causes).unwrap_or(said) };
    }
    verdict(status.code(), said, at)
}

/// Tells the failure in etcd's own reply.
fn verdict(code: Code, said: String, at: CallCircumstances<'_>) -> Failure {
    let endpoint = at.endpoint.to_string();
    let user = || at.identity.user.clone().unwrap_or_default();
    let has = |words: &str| said.contains(words);
    // Unavailable in 3.4, FailedPrecondition later.
    if has("not supported for learner") {
        return Failure::Learner { endpoint };
    }
    // A stream's refusal comes without its code: etcd sends the bare error (a snapshot's, 3.4 to 3.7).
    let code = if code != Code::Unknown {
        code
    } else if has("permission denied") {
        Code::PermissionDenied
    } else if has("user name is empty") {
        Code::InvalidArgument
    } else if has("invalid auth token") || is_of_an_older_revision(&said) {
        Code::Unauthenticated
    } else {
        code
    };
    match code {
        Code::Unavailable if has("no leader") => Failure::NoLeader { endpoint },
        Code::Unavailable if has("leader changed") || has("previous leader failure") => {
            Failure::LeaderChanged { endpoint }
        }
        Code::Unavailable if has("request timed out") => Failure::TimedOut { endpoint, after: at.after },
        Code::DeadlineExceeded => Failure::TimedOut { endpoint, after: at.after },
        Code::Unavailable => Failure::ConnectionLost { endpoint, detail: said },
        Code::InvalidArgument if has("authentication failed") => Failure::WrongPassword { user: user() },
        Code::InvalidArgument if has("user name is empty") => Failure::AuthRequired,
        Code::InvalidArgument if has("auth store is old") => Failure::LoginExpired { detail: said },
        Code::InvalidArgument if has("request is too large") || has("too many operations") => {
            Failure::TooLarge { detail: said }
        }
        // A put that keeps its key's lease also asserts that the key is there.
        Code::InvalidArgument if has("key not found") => {
            Failure::Conflict { key: at.asked.what.clone(), change: "a key of it is gone".to_owned() }
        }
        Code::FailedPrecondition if has("authentication is not enabled") => {
            Failure::AuthNotEnabled { user: user() }
        }
        Code::Unauthenticated => Failure::LoginExpired { detail: said },
        Code::PermissionDenied => Failure::PermissionDenied {
            who: at.identity.who(),
            action: at.asked.action,
            what: at.asked.what.clone(),
        },
        Code::DataLoss if has("corrupt") => Failure::Corrupt,
        Code::ResourceExhausted if has("database space exceeded") => Failure::NoSpace,
        Code::ResourceExhausted if has("larger than max") => Failure::TooLarge { detail: said },
        Code::OutOfRange if has("has been compacted") => Failure::Compacted { asked: at.asked.revision },
        Code::OutOfRange if has("future revision") => Failure::NotYet { asked: at.asked.revision },
        Code::FailedPrecondition if has("lease already exists") => match at.asked.lease {
            Some(lease) => Failure::LeaseExists(lease),
            None => Failure::Other { detail: said },
        },
        Code::NotFound if has("lease not found") => match at.asked.lease {
            Some(lease) => Failure::LeaseGone(lease),
            None => Failure::Other { detail: said },
        },
        Code::Unimplemented => {
            Failure::NotEtcd { endpoint, detail: format!("it answers gRPC, but not as etcd does: {said}") }
        }
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Internal
        | Code::DataLoss => Failure::Other { detail: said },
    }
}

/// Tells why no connection of our own was made, beside gRPC's.
pub(super) fn of_connection(error: &io::Error, at: CallCircumstances<'_>) -> Failure {
    not_sent(&chain(error), at)
}

/// Tells why no connection was made. Nothing was sent then.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn not_sent(causes: &[&(dyn StdError + 'static)], at: CallCircumstances<'_>) -> Failure {
    let endpoint = at.endpoint.to_string();
    if let Some(error) = find::<rustls::Error>(causes) {
        return tls_failure(error, at);
    }
    let says = |words: &str| causes.iter().any(|cause| cause.to_string().contains(words));
    if says("dns error") || says("failed to lookup address") {
        return Failure::HostNotResolved { endpoint };
    }
    if says("TLS handshake timeout") {
        return Failure::ConnectTimedOut { endpoint, after: at.dial };
    }
    if says("handshake eof") {
        return Failure::NoRoute { endpoint, reason: HANDSHAKE_CUT_OFF.to_owned() };
    }
    if says("HTTP/2 was not negotiated") {
        return Failure::NotEtcd { endpoint, detail: "its TLS offers no HTTP/2".to_owned() };
    }
    let reason = causes.last().map_or_else(String::new, |cause| safe(&cause.to_string()));
    let Some(kind) =
        causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
    else {
        return if says("deadline has elapsed") {
            Failure::ConnectTimedOut { endpoint, after: at.dial }
        } else {
            Failure::NoRoute { endpoint, reason }
        };
    };
    match kind {
        io::ErrorKind::ConnectionRefused => Failure::NothingListening { endpoint },
        io::ErrorKind::TimedOut => Failure::ConnectTimedOut { endpoint, after: at.dial },
        // The other side ends a handshake in the middle when it cannot read the bytes it got.
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof if at.endpoint.tls => {
            Failure::NoRoute { endpoint, reason: HANDSHAKE_CUT_OFF.to_owned() }
        }
        _ => Failure::NoRoute { endpoint, reason },
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn tls_failure(error: &rustls::Error, at: CallCircumstances<'_>) -> Failure {
    let endpoint = at.endpoint.to_string();
    match error {
        rustls::Error::InvalidCertificate(why) => certificate_failure(why, at),
        rustls::Error::InvalidMessage(_) => Failure::TlsAgainstPlain { endpoint },
        rustls::Error::AlertReceived(alert) if is_of_certificates(*alert) => {
            let detail = alert_words(*alert, at.identity.certificate);
            Failure::ClientCertificateRefused { endpoint, detail, said: true, fault: None }
        }
        rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        )
        | rustls::Error::PeerIncompatible(_) => Failure::NoCommonTls { endpoint, detail: lacking(error) },
        rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)
        | rustls::Error::NoApplicationProtocol => {
            Failure::NotEtcd { endpoint, detail: "its TLS offers no HTTP/2".to_owned() }
        }
        other => Failure::NoRoute { endpoint, reason: format!("{HANDSHAKE_FAILED}{}", in_words(other)) },
    }
}

/// Names what one side has and the other lacks.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn lacking(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "it speaks neither TLS 1.2 nor 1.3",
        rustls::Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => {
            "it takes neither X25519 nor the curves P-256 and P-384"
        }
        rustls::Error::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            "it makes no signature that is taken here"
        }
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ExtendedMasterSecretExtensionRequired
            | PeerIncompatible::EcPointsExtensionRequired
            | PeerIncompatible::NullCompressionRequired
            | PeerIncompatible::UncompressedEcPointsRequired,
        ) => "its TLS is older than 1.2 is today",
        _ => "it takes none of the versions, suites, curves and signatures that are offered",
    }
}

/// Tells any other end of a handshake. The library's own words are for programmers, and may be long: they go to the
/// log.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn in_words(error: &rustls::Error) -> String {
    tracing::debug!(%error, "a TLS handshake failed");
    match error {
        rustls::Error::AlertReceived(alert) => format!("it ended the handshake with {}", alert_named(*alert)),
        rustls::Error::PeerMisbehaved(_)
        | rustls::Error::InappropriateMessage { .. }
        | rustls::Error::InappropriateHandshakeMessage { .. }
        | rustls::Error::PeerSentOversizedRecord => "it does not keep to the protocol".to_owned(),
        rustls::Error::NoCertificatesPresented => "it has shown no certificate".to_owned(),
        rustls::Error::DecryptError => "what it sent cannot be decrypted".to_owned(),
        _ => "the handshake failed".to_owned(),
    }
}

/// Names an alert by RFC 8446, section 6, where that name says something; by its number otherwise.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn alert_named(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::InternalError => "an error of its own (its log has it)".to_owned(),
        AlertDescription::UnrecognisedName => "the word that it does not have this name".to_owned(),
        AlertDescription::DecodeError | AlertDescription::IllegalParameter => {
            "the word that it does not understand it".to_owned()
        }
        other => format!("alert {}", u8::from(other)),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
fn certificate_failure(why: &CertificateError, at: CallCircumstances<'_>) -> Failure {
    let endpoint = at.endpoint.to_string();
    let refused = |endpoint, fault| Failure::ServerCertificateRefused { endpoint, fault };
    if let Some(fault) = fault_in(why) {
        return match fault {
            ServerFault::NotSigned(signer) => Failure::WrongAuthority {
                endpoint,
                ca: at.identity.authority.clone(),
                signer: signer.clone(),
            },
            fault => refused(endpoint, fault.clone()),
        };
    }
    match why {
        // A bad signature: an authority of the same name, but another.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            Failure::WrongAuthority { endpoint, ca: at.identity.authority.clone(), signer: Signer::Unknown }
        }
        CertificateError::ExpiredContext { time, not_after } => {
            let detail = format!("it was good until {}, and here it is {}", date(*not_after), date(*time));
            Failure::ServerCertificateExpired { endpoint, detail }
        }
        CertificateError::Expired => {
            Failure::ServerCertificateExpired { endpoint, detail: "it says so itself".to_owned() }
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            let detail = format!("it is good from {}, and here it is {}", date(*not_before), date(*time));
            Failure::ServerCertificateNotYetValid { endpoint, detail }
        }
        CertificateError::NotValidYet => {
            Failure::ServerCertificateNotYetValid { endpoint, detail: "it says so itself".to_owned() }
        }
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let mut names: Vec<String> = presented.iter().take(NAMES).map(|name| bare(name)).collect();
            if let Some(more @ 1..) = presented.len().checked_sub(NAMES) {
                names.push(format!("{more} more"));
            }
            Failure::NameNotInCertificate { endpoint, detail: format!("it has {}", names.join(", ")) }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            refused(endpoint, ServerFault::NamesNoHost(None))
        }
        CertificateError::BadEncoding => refused(endpoint, ServerFault::Damaged),
        CertificateError::UnhandledCriticalExtension => refused(endpoint, ServerFault::UnknownExtension),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            refused(endpoint, ServerFault::NotForServers)
        }
        _ => refused(endpoint, ServerFault::Irregular),
    }
}

/// Returns the date in UTC, as certificates have it.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| format!("{seconds} s"), |time| time.to_string())
}

/// Takes the name out of the TLS library's form: `DnsName("etcd.example")` or `IpAddress(10.0.0.1)`.
fn bare(presented: &str) -> String {
    let inner = presented.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')'));
    safe(inner.unwrap_or(presented).trim_matches('"'))
}

/// Returns the alert about a certificate that ended a connection after its handshake. HTTP/2 has turned the TLS
/// library's error into a text by then. Any other alert may end a connection in the middle of a write, which is lost
/// then.
fn alert_in(text: &str, at: CallCircumstances<'_>) -> Option<String> {
    let alert = alert_of(text).filter(|alert| is_of_certificates(*alert))?;
    Some(alert_words(alert, at.identity.certificate))
}

/// Returns the alert in a text of the TLS library.
fn alert_of(text: &str) -> Option<AlertDescription> {
    let (_, said) = text.split_once(FATAL)?;
    let said = said.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    (0..=u8::MAX).map(AlertDescription::from).find(|alert| format!("{alert:?}") == said)
}

/// Returns the deepest cause of a break, in words.
fn deepest(causes: &[&(dyn StdError + 'static)]) -> Option<String> {
    let text = causes.last()?.to_string();
    Some(if text.contains(FATAL) {
        let named = alert_of(&text).map_or_else(|| "an alert".to_owned(), alert_named);
        format!("it ended TLS with {named}")
    } else {
        safe(&text)
    })
}

pub(super) fn is_of_certificates(alert: AlertDescription) -> bool {
    OF_CERTIFICATES.contains(&alert)
}

/// Tells why a server refuses a client certificate, or that none was given.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enum grows; what is not named here is no case of its own"
)]
pub(super) fn alert_words(alert: AlertDescription, is_given: bool) -> String {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::BadCertificate if !is_given => {
            "it asks for one, and none was given".to_owned()
        }
        AlertDescription::CertificateExpired => "it has expired".to_owned(),
        AlertDescription::CertificateRevoked => "it was revoked".to_owned(),
        AlertDescription::UnknownCA => "it does not know who signed it".to_owned(),
        AlertDescription::UnsupportedCertificate => "it is not for clients".to_owned(),
        // Go's answer to most faulty certificates, and before TLS 1.3 to a missing one.
        AlertDescription::BadCertificate => "etcd does not say why".to_owned(),
        AlertDescription::CertificateRequired => "it asks for one, and takes this for none".to_owned(),
        AlertDescription::AccessDenied => "it does not let its owner in".to_owned(),
        AlertDescription::DecryptError => "its CA has not signed it".to_owned(),
        other => format!("it ended the handshake with {}", alert_named(other)),
    }
}

/// Returns an error with everything below it. An I/O error hides the error that it was made of from `source()`.
fn chain<'e>(top: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let mut causes: Vec<&(dyn StdError + 'static)> = Vec::new();
    let mut next = Some(top);
    while let Some(cause) = next {
        causes.push(cause);
        next = match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    causes
}

fn find<'e, E: StdError + 'static>(causes: &[&'e (dyn StdError + 'static)]) -> Option<&'e E> {
    causes.iter().find_map(|cause| cause.downcast_ref::<E>())
}

/// Tells the end of a stream, in few words.
pub(super) fn broke(error: &Error) -> String {
    let Error::GRpcStatus(status) = error else { return safe(&error.to_string()) };
    let causes = chain(status);
    deepest(causes.get(1..).unwrap_or_default()).unwrap_or_else(|| safe(status.message()))
}

/// Makes a server's words safe, which may hold anything, at any length.
fn safe(words: &str) -> String {
    let end = words.char_indices().nth(MOST).map_or(words.len(), |(at, _)| at);
    let cut = if end < words.len() { "…" } else { "" };
    format!("{}{cut}", ForeignText::from(words.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
