//! Trust in etcd's certificate: the authorities that are believed, and the fault where a certificate is refused.
//!
//! webpki judges, with one addition: a certificate that is itself in the file of authorities is taken as it is, for its
//! time, its names and its purpose. So does Go, and so etcdctl: `etcd --auto-tls` (3.5 and later) makes one certificate
//! that is both a CA and the server's, which webpki takes for a CA alone. Each refusal is a [`ServerFault`].
use crate::certificate::{Certificate, Lifetime, ServerFault, Signer};
use jiff::Timestamp;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    server::{ParsedCertificate, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::{sync::Arc, time::Duration};

/// Judge of the certificate that a server shows.
#[derive(Debug)]
pub(in crate::store::etcd) struct Trust {
    /// `None` where there is no authority at all.
    webpki: Option<Arc<WebPkiServerVerifier>>,
    /// The authorities that an operator has named; none of those of the system.
    authorities: Vec<CertificateDer<'static>>,
    /// The same authorities as judges of a client's certificate.
    clients: Option<Arc<dyn ClientCertVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    pub(super) fn new(
        roots: RootCertStore,
        authorities: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let roots = Arc::new(roots);
        let of_clients =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider));
        Self {
            clients: if authorities.is_empty() { None } else { of_clients.build().ok() },
            webpki: WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build().ok(),
            authorities,
            algorithms: provider.signature_verification_algorithms,
        }
    }

    /// Judges a certificate that is itself in the file: nobody else has to vouch for it.
    fn as_it_is(
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        let facts = Certificate::parse(certificate).ok_or(CertificateError::BadEncoding)?;
        let second = |at: Timestamp| {
            UnixTime::since_unix_epoch(Duration::from_secs(at.as_second().try_into().unwrap_or(0)))
        };
        let today = i64::try_from(now.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
        let today = today.ok_or(Error::FailedToGetCurrentTime)?;
        match Lifetime::of(&facts, today) {
            Lifetime::Left { .. } if facts.for_servers => Ok(ServerCertVerified::assertion()),
            Lifetime::Left { .. } => Err(said(ServerFault::NotForServers)),
            Lifetime::Begins { .. } => {
                Err(CertificateError::NotValidYetContext { time: now, not_before: second(facts.begins) }
                    .into())
            }
            Lifetime::Ended { .. } => {
                Err(CertificateError::ExpiredContext { time: now, not_after: second(facts.ends) }.into())
            }
        }
    }

    /// Rewords a reason that webpki tells only to a program.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library's enum grows; what is not named here is no case of its own"
    )]
    fn explained(&self, error: Error, shown: &CertificateDer<'_>, between: &[CertificateDer<'_>]) -> Error {
        let Error::InvalidCertificate(why) = error else { return error };
        let Some(own) = Certificate::parse(shown) else { return said(ServerFault::Damaged) };
        if let Some(fault) = ServerFault::of(&own) {
            return said(fault);
        }
        match why {
            CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                said(self.unsigned(&own, between))
            }
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                said(ServerFault::NamesNoHost(own.common_name))
            }
            CertificateError::NotValidForName => said(ServerFault::NamesNoHost(own.common_name)),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                said(ServerFault::NotForServers)
            }
            CertificateError::UnhandledCriticalExtension => said(ServerFault::UnknownExtension),
            CertificateError::BadEncoding => said(ServerFault::Damaged),
            CertificateError::Other(_) if own.is_self_issued => said(ServerFault::NotSigned(Signer::Itself)),
            CertificateError::Other(_) if own.is_authority => said(ServerFault::IsAuthority),
            CertificateError::Other(_) => said(ServerFault::Irregular),
            other => other.into(),
        }
    }

    /// Tells why no trusted authority stands behind a certificate that is right by itself.
    fn unsigned(&self, own: &Certificate, between: &[CertificateDer<'_>]) -> ServerFault {
        if own.is_self_issued {
            return ServerFault::NotSigned(Signer::Itself);
        }
        let parsed = |der: &CertificateDer<'_>| Certificate::parse(der);
        // Followed up to the last one whose signer the server has shown as well.
        let mut last = own.clone();
        let mut chain: Vec<Certificate> = between.iter().filter_map(parsed).collect();
        while let Some(at) = chain.iter().position(|link| link.subject == last.issuer) {
            last = chain.swap_remove(at);
            if last.is_self_issued {
                break;
            }
            if let Some(hash) = last.forgeable {
                return ServerFault::OldSignature(hash);
            }
            if !last.key.is_usable() {
                return ServerFault::KeyOfAuthority(last.key);
            }
        }
        match self.authorities.iter().filter_map(parsed).find(|authority| authority.subject == last.issuer) {
            Some(authority) if !authority.key.is_usable() => ServerFault::KeyOfAuthority(authority.key),
            Some(authority) => ServerFault::NotSigned(Signer::Namesake(authority.subject)),
            None => ServerFault::NotSigned(Signer::Named(last.issuer)),
        }
    }

    /// Tells whether one of the authorities has signed a client's certificate, whatever the time is. `None` where that
    /// cannot be judged: no authority was named, or something else is wrong with the certificate.
    pub(in crate::store::etcd) fn has_signed(&self, chain: &[CertificateDer<'_>]) -> Option<bool> {
        let (own, between) = chain.split_first()?;
        let begins = Certificate::parse(own)?.begins.as_second();
        let then = UnixTime::since_unix_epoch(Duration::from_secs(begins.try_into().ok()?));
        match self.clients.as_ref()?.verify_client_cert(own, between, then) {
            Ok(_) => Some(true),
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => Some(false),
            Err(_) => None,
        }
    }

    /// Tells whether a client's certificate is signed by another authority of the same name as one that is trusted
    /// here.
    pub(in crate::store::etcd) fn is_of_namesake(&self, chain: &[CertificateDer<'_>]) -> bool {
        let issuers: Vec<String> =
            chain.iter().filter_map(|link| Certificate::parse(link)).map(|link| link.issuer).collect();
        let mut named = self.authorities.iter().filter_map(|authority| Certificate::parse(authority));
        self.has_signed(chain) == Some(false) && named.any(|authority| issuers.contains(&authority.subject))
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = if self.authorities.contains(&end_entity.clone().into_owned()) {
            Self::as_it_is(end_entity, server_name, now)
        } else if let Some(webpki) = &self.webpki {
            webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        } else {
            Err(CertificateError::UnknownIssuer.into())
        };
        verdict.map_err(|error| self.explained(error, end_entity, intermediates))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = verify_tls12_signature(message, cert, dss, &self.algorithms);
        verdict.map_err(|error| of_its_key(error, cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = verify_tls13_signature(message, cert, dss, &self.algorithms);
        verdict.map_err(|error| of_its_key(error, cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Rewords a bad signature under the handshake where the key is of a kind whose signatures nobody takes.
fn of_its_key(error: Error, shown: &CertificateDer<'_>) -> Error {
    match Certificate::parse(shown) {
        Some(own) if !own.key.is_usable() => said(ServerFault::Key(own.key)),
        _ => error,
    }
}

/// Makes the one kind of error that the library hands through unchanged.
fn said(fault: ServerFault) -> Error {
    CertificateError::Other(OtherError(Arc::new(fault))).into()
}

/// Returns the fault that [`Trust`] has found.
pub(in crate::store::etcd) fn fault_in(why: &CertificateError) -> Option<&ServerFault> {
    let CertificateError::Other(OtherError(inner)) = why else { return None };
    inner.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::{super::provider, *};
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
        PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_ED25519,
        SignatureAlgorithm, date_time_ymd,
    };

    /// Makes a new authority of this name, and the certificate that it has signed for a client in 2020.
    fn signed(name: &str, algorithm: &'static SignatureAlgorithm) -> [CertificateDer<'static>; 2] {
        let (key, own) =
            (KeyPair::generate_for(algorithm).unwrap(), KeyPair::generate_for(algorithm).unwrap());
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, name);
        let mut client = CertificateParams::default();
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        (client.not_before, client.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        let certificate = authority.self_signed(&key).unwrap();
        let client = client.signed_by(&own, &Issuer::new(authority, key)).unwrap();
        [certificate.der().clone(), client.der().clone()]
    }

    #[test]
    fn who_has_signed_a_client_is_told_by_the_signature_and_not_by_the_name() {
        for algorithm in
            [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ECDSA_P521_SHA512, &PKCS_ED25519]
        {
            let [authority, client] = signed("etcd-ca", algorithm);
            let ([_, of_namesake], [_, of_another]) =
                (signed("etcd-ca", algorithm), signed("other", algorithm));
            let mut roots = RootCertStore::empty();
            roots.add(authority.clone()).unwrap();
            let trust = Trust::new(roots, vec![authority], &Arc::new(provider()));
            for (client, has_signed, is_of_namesake) in
                [(client, true, false), (of_namesake, false, true), (of_another, false, false)]
            {
                let chain = [client];
                assert_eq!(trust.has_signed(&chain), Some(has_signed));
                assert_eq!(trust.is_of_namesake(&chain), is_of_namesake);
            }
            assert_eq!(trust.has_signed(&[]), None);
        }
    }
}
