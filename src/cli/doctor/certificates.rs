//! Certificates and keys in TLS files: their owners, their lifetimes, and their readers.
use super::check::{Check, CheckLevel};
use crate::{
    certificate::{Certificate, ClientFault, FileFault, Lifetime},
    config::{Settings, Sourced},
    failure::{Failure, TlsFile},
    remedy::Remedy,
    store::etcd,
};
use jiff::Timestamp;
use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

/// The rights of everybody to a file.
const OTHERS: u32 = 0o007;
/// The days in which a certificate can be renewed without hurry.
const SOON: i64 = 30;

/// Checks the files. `is_let_in`: etcd has answered this session, so that it accepts the client certificate.
pub(super) fn checks(settings: &Settings, is_let_in: bool) -> Vec<Check> {
    let now = Timestamp::now();
    let mut checks = Vec::new();
    if let Some(Sourced { value: path, from }) = &settings.cacert {
        let cert = settings.cert.as_ref().map(|cert| &*cert.value);
        let check = read(TlsFile::Authority, etcd::authorities_of(path, cert), |found| authority(found, now));
        checks.push(check.from(&format!("{}, {from}", path.display())));
    }
    match (&settings.cert, &settings.key) {
        (Some(cert), Some(key)) => {
            let cacert = settings.cacert.as_ref().map(|cacert| &*cacert.value);
            let signed = cacert.and_then(|cacert| etcd::is_signed_by(&cert.value, cacert));
            let found = etcd::certificates_in(TlsFile::Certificate, &cert.value);
            let check = read(TlsFile::Certificate, found, |found| client(found, signed, is_let_in, now));
            checks.push(check.from(&format!("{}, {}", cert.value.display(), cert.from)));
            checks.push(private_key(&cert.value, &key.value).from(&format!(
                "{}, {}",
                key.value.display(),
                key.from
            )));
        }
        _ => checks.push(Check::ok("certificate", "no client certificate is given")),
    }
    checks
}

fn read(
    role: TlsFile,
    found: Result<Vec<Certificate>, Failure>,
    judge: impl FnOnce(&[Certificate]) -> Check,
) -> Check {
    match found {
        Ok(found) => judge(&found),
        Err(failure) => Check::failed(name(role), &failure),
    }
}

fn name(role: TlsFile) -> &'static str {
    match role {
        TlsFile::Authority => "CA",
        TlsFile::Certificate => "certificate",
        TlsFile::Key => "key",
    }
}

/// Returns the level of a certificate's lifetime.
pub(super) fn level(lifetime: Lifetime) -> CheckLevel {
    match lifetime {
        // `status` has the same level, and monitoring reads it.
        Lifetime::Begins { .. } | Lifetime::Ended { .. } | Lifetime::Left { days: 0, .. } => {
            CheckLevel::Error
        }
        Lifetime::Left { days, .. } if days < SOON => CheckLevel::Warning,
        Lifetime::Left { .. } => CheckLevel::Ok,
    }
}

/// Checks the authorities: of several, the one that ends first decides.
fn authority(found: &[Certificate], now: Timestamp) -> Check {
    let Some(first) = found.iter().min_by_key(|certificate| certificate.ends) else {
        return unreadable(TlsFile::Authority);
    };
    let more = match found.len() {
        1 => String::new(),
        several => format!("; the first to end of {several}"),
    };
    let lifetime = Lifetime::of(first, now);
    let remedy = "Give the CA that signs etcd's certificates now.";
    let value = format!("{}; {lifetime}{more}", first.subject);
    let level = level(lifetime);
    Check {
        level,
        remedy: (level != CheckLevel::Ok).then(|| remedy.to_owned()),
        ..Check::ok(name(TlsFile::Authority), value).briefly(format!(
            "{}: {}",
            lifetime.briefly(),
            first.subject
        ))
    }
}

/// Checks the client certificate; `signed` tells whether the session's CA has signed it.
fn client(found: &[Certificate], signed: Option<bool>, is_let_in: bool, now: Timestamp) -> Check {
    let Some(own) = found.first() else { return unreadable(TlsFile::Certificate) };
    let lifetime = Lifetime::of(own, now);
    let names = if own.names.is_empty() { String::new() } else { format!("; for {}", own.names.join(", ")) };
    let by = if signed == Some(false) { ", and not by the CA of --cacert" } else { "" };
    let value = format!("{}{names}; signed by {}{by}; {lifetime}", own.subject, own.issuer);
    if !own.key.is_usable() {
        let fault = FileFault::WeakKey(own.key.why_not());
        let remedy = fault.remedy(TlsFile::Certificate, Path::new(""));
        return Check::error(name(TlsFile::Certificate), format!("{value}; {fault}"), remedy);
    }
    let purpose = ClientFault::NotForClients;
    let (level, value, remedy) = if !own.for_clients {
        (CheckLevel::Error, format!("{value}; {purpose}"), purpose.remedy())
    } else if !lifetime.is_valid() {
        (CheckLevel::Error, value, ClientFault::Lifetime(lifetime).remedy())
    } else if let Some(fault) = ClientFault::of_signature(own).filter(|_| !is_let_in) {
        (CheckLevel::Warning, format!("{value}; {fault}"), fault.remedy())
    } else if level(lifetime) == CheckLevel::Ok && signed == Some(false) && !is_let_in {
        (CheckLevel::Warning, value, ClientFault::Namesake { issuer: own.issuer.clone() }.remedy())
    } else {
        let remedy =
            "Renew it (kubeadm certs renew, or as it was made); etcd takes it no more when it has ended.";
        (level(lifetime), value, remedy.to_owned())
    };
    let is_wrong = !own.for_clients || !lifetime.is_valid();
    let (level, value, remedy) = if is_wrong && is_let_in {
        let remedy = "Renew it before etcd asks for one, or leave --cert and --key away.".to_owned();
        (CheckLevel::Warning, format!("{value}; etcd here answers all the same"), remedy)
    } else {
        (level, value, remedy)
    };
    Check {
        level,
        remedy: (level != CheckLevel::Ok).then_some(remedy),
        ..Check::ok(name(TlsFile::Certificate), value).briefly(format!(
            "{}: {}",
            lifetime.briefly(),
            own.subject
        ))
    }
}

fn private_key(cert: &Path, key: &Path) -> Check {
    if let Err(failure) = etcd::check_key(cert, key) {
        // The check of the certificate reports that it cannot be read.
        let of_the_certificate = matches!(
            failure,
            Failure::FileUnreadable { role: TlsFile::Certificate, .. }
                | Failure::FileUnusable { role: TlsFile::Certificate, .. }
        );
        return if of_the_certificate {
            Check::warning(
                name(TlsFile::Key),
                "it could not be compared with its certificate",
                failure.remedy(),
            )
        } else {
            Check::failed(name(TlsFile::Key), &failure)
        };
    }
    let mode = fs::metadata(key).map_or(0, |file| file.mode() & 0o777);
    let fits = "it fits the certificate";
    if mode & OTHERS == 0 {
        return Check::ok(name(TlsFile::Key), format!("{fits}; mode {mode:04o}"));
    }
    let remedy = format!("chmod o= {}", key.display());
    Check::warning(
        name(TlsFile::Key),
        format!("{fits}; mode {mode:04o}: everybody on this machine may use it"),
        remedy,
    )
}

fn unreadable(role: TlsFile) -> Check {
    Check::error(name(role), "no certificate in it could be understood", "Give another file, in PEM.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::PublicKey;

    fn certificate(begins: &str, ends: &str) -> Certificate {
        Certificate {
            subject: "O=system:masters, CN=kube-etcd-healthcheck-client".to_owned(),
            common_name: Some("kube-etcd-healthcheck-client".to_owned()),
            issuer: "CN=etcd-ca".to_owned(),
            names: vec![],
            for_clients: true,
            for_servers: false,
            is_authority: false,
            may_sign: false,
            is_self_issued: false,
            version: 3,
            key: PublicKey::Curve("P-256"),
            forgeable: None,
            begins: begins.parse().unwrap(),
            ends: ends.parse().unwrap(),
        }
    }

    fn now() -> Timestamp {
        "2026-11-28T21:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_certificate_that_ends_soon_has_a_remedy() {
        for (ends, level, says) in [
            ("2036-11-28T21:00:00Z", CheckLevel::Ok, "3,653 days left, until 2036-11-28"),
            ("2026-12-20T00:00:00Z", CheckLevel::Warning, "21 days left, until 2026-12-20"),
            ("2026-11-29T22:00:00Z", CheckLevel::Warning, "1 day left, until 2026-11-29"),
            ("2026-11-29T20:00:00Z", CheckLevel::Error, "0 days left, until 2026-11-29"),
            ("2026-11-26T20:00:00Z", CheckLevel::Error, "expired on 2026-11-26, 2 days ago"),
        ] {
            let found = [certificate("2026-01-01T00:00:00Z", ends)];
            for check in [client(&found, Some(true), false, now()), authority(&found, now())] {
                assert_eq!(
                    (check.level, check.remedy.is_some()),
                    (level, level != CheckLevel::Ok),
                    "{check:?}"
                );
                assert!(check.value.contains(says), "{check:?}");
            }
        }
        let early = [certificate("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")];
        let check = client(&early, Some(true), false, now());
        assert!(
            check.level == CheckLevel::Error && check.value.contains("not valid before 2027-01-01"),
            "{check:?}"
        );
    }

    #[test]
    fn a_certificate_that_is_not_for_clients_is_an_error() {
        let server =
            Certificate { for_clients: false, ..certificate("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z") };
        let check = client(&[server], Some(true), false, now());
        assert!(check.level == CheckLevel::Error && check.value.contains("is not for clients"), "{check:?}");
        assert_eq!(client(&[], None, false, now()).level, CheckLevel::Error);
    }

    #[test]
    fn a_key_with_which_no_connection_is_made_is_an_error_at_its_certificate() {
        let short = Certificate {
            key: PublicKey::Rsa { bits: 1024 },
            ..certificate("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z")
        };
        let check = client(&[short], Some(true), false, now());
        assert!(check.level == CheckLevel::Error && check.value.contains("RSA with 1024 bits"), "{check:?}");
        assert!(check.remedy.unwrap().contains("made again"));
    }

    #[test]
    fn what_an_etcd_that_answers_does_not_mind_is_no_error() {
        let expired = [certificate("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")];
        let check = client(&expired, Some(true), true, now());
        assert_eq!(check.level, CheckLevel::Warning);
        assert!(
            check.value.contains("expired on 2025-01-01") && check.value.contains("answers all the same")
        );
        let of_another = [certificate("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z")];
        for (signed, is_let_in, level) in [
            (Some(false), false, CheckLevel::Warning),
            (Some(false), true, CheckLevel::Ok),
            (Some(true), false, CheckLevel::Ok),
            (None, false, CheckLevel::Ok),
        ] {
            let check = client(&of_another, signed, is_let_in, now());
            assert_eq!(check.level, level, "{check:?}");
            assert_eq!(check.value.contains("not by the CA of --cacert"), signed == Some(false), "{check:?}");
        }
    }
}
