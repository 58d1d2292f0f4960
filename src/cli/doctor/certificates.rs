//! The TLS files: whose they are, for how long, and who may read them.
use super::{
    check::{Check, Level},
    lifetime::Lifetime,
};
use crate::{
    certificate::Certificate,
    config::{Settings, Sourced},
    failure::{Failure, TlsFile},
    store::etcd,
};
use jiff::Timestamp;
use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

/// What everybody may do with a file.
const OTHERS: u32 = 0o007;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let now = Timestamp::now();
    let mut checks = Vec::new();
    if let Some(Sourced { value: path, from }) = &settings.cacert {
        let check = read(TlsFile::Authority, path, |found| authority(found, now));
        checks.push(check.from(&format!("{}, {from}", path.display())));
    }
    match (&settings.cert, &settings.key) {
        (Some(cert), Some(key)) => {
            let check = read(TlsFile::Certificate, &cert.value, |found| client(found, now));
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

fn read(role: TlsFile, path: &Path, judge: impl FnOnce(&[Certificate]) -> Check) -> Check {
    match etcd::certificates_in(role, path) {
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

/// Of several authorities, the one that ends first decides.
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
    let level = lifetime.level();
    Check {
        level,
        remedy: (level != Level::Ok).then(|| remedy.to_owned()),
        ..Check::ok(name(TlsFile::Authority), value).briefly(format!(
            "{}: {}",
            lifetime.briefly(),
            first.subject
        ))
    }
}

fn client(found: &[Certificate], now: Timestamp) -> Check {
    let Some(own) = found.first() else { return unreadable(TlsFile::Certificate) };
    let lifetime = Lifetime::of(own, now);
    let names = if own.names.is_empty() { String::new() } else { format!("; for {}", own.names.join(", ")) };
    let value = format!("{}{names}; signed by {}; {lifetime}", own.subject, own.issuer);
    if !own.for_clients {
        let remedy = "Give a certificate that was made for clients (extended key usage clientAuth): etcd refuses others.";
        return Check::error(name(TlsFile::Certificate), format!("{value}; not for clients"), remedy);
    }
    let remedy =
        "Renew it (kubeadm certs renew, or as it was made); etcd takes it no more when it has ended.";
    let level = lifetime.level();
    Check {
        level,
        remedy: (level != Level::Ok).then(|| remedy.to_owned()),
        ..Check::ok(name(TlsFile::Certificate), value).briefly(format!(
            "{}: {}",
            lifetime.briefly(),
            own.subject
        ))
    }
}

fn private_key(cert: &Path, key: &Path) -> Check {
    if let Err(failure) = etcd::check_key(cert, key) {
        // That the certificate cannot be read is said at the certificate.
        let of_the_certificate = matches!(
            failure,
            Failure::FileUnreadable { role: TlsFile::Certificate, .. }
                | Failure::NotPem { role: TlsFile::Certificate, .. }
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
pub(super) mod tests {
    use super::*;

    pub(in crate::cli::doctor) fn certificate(begins: &str, ends: &str) -> Certificate {
        Certificate {
            subject: "O=system:masters, CN=kube-etcd-healthcheck-client".to_owned(),
            common_name: Some("kube-etcd-healthcheck-client".to_owned()),
            issuer: "CN=etcd-ca".to_owned(),
            names: vec![],
            for_clients: true,
            is_authority: false,
            begins: begins.parse().unwrap(),
            ends: ends.parse().unwrap(),
        }
    }

    #[test]
    fn a_certificate_that_ends_soon_has_a_remedy() {
        let now: Timestamp = "2026-11-28T21:00:00Z".parse().unwrap();
        for (ends, level) in [
            ("2027-11-28T21:00:00Z", Level::Ok),
            ("2026-12-20T00:00:00Z", Level::Warning),
            ("2026-11-28T20:00:00Z", Level::Error),
        ] {
            let check = client(&[certificate("2026-01-01T00:00:00Z", ends)], now);
            assert_eq!((check.level, check.remedy.is_some()), (level, level != Level::Ok), "{check:?}");
            let check = authority(&[certificate("2026-01-01T00:00:00Z", ends)], now);
            assert_eq!((check.level, check.remedy.is_some()), (level, level != Level::Ok), "{check:?}");
        }
    }

    #[test]
    fn a_certificate_that_is_not_for_clients_is_an_error() {
        let now: Timestamp = "2026-11-28T21:00:00Z".parse().unwrap();
        let server =
            Certificate { for_clients: false, ..certificate("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z") };
        assert_eq!(client(&[server], now).level, Level::Error);
        assert_eq!(client(&[], now).level, Level::Error);
    }
}
