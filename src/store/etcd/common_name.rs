//! The common name of a certificate's subject: the name that etcd takes as the user (`--client-cert-auth`).

/// DER tags that lie on the way to it (RFC 5280, section 4.1).
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// 2.5.4.3, id-at-commonName.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// The common name, if the certificate has one in UTF-8 or ASCII.
pub(super) fn common_name(certificate: &[u8]) -> Option<String> {
    let (_, certificate, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, mut rest, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    if let Some((VERSION, _, behind)) = element(rest) {
        rest = behind;
    }
    // Serial number, signature algorithm, issuer, validity.
    for _ in 0..4 {
        (_, _, rest) = element(rest)?;
    }
    let (_, mut subject, _) = element(rest)?;
    while let Some((SET, names, behind)) = element(subject) {
        subject = behind;
        let (_, attribute, _) = element(names)?;
        let (tag, kind, value) = element(attribute)?;
        if tag == OBJECT_IDENTIFIER && kind == COMMON_NAME {
            return String::from_utf8(element(value)?.1.to_vec()).ok();
        }
    }
    None
}

/// The first element: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair};

    #[test]
    fn the_subjects_name_is_found_and_not_the_issuers() {
        let (authority, own) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut issuer = CertificateParams::default();
        issuer.distinguished_name.push(DnType::CommonName, "etcd-ca");
        let issuer = Issuer::new(issuer, authority);
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "system:masters");
        params.distinguished_name.push(DnType::CommonName, "dns-ü");
        let certificate = params.signed_by(&own, &issuer).unwrap();
        assert_eq!(common_name(certificate.der()).as_deref(), Some("dns-ü"));
        params.distinguished_name = DistinguishedName::new();
        let nameless = params.signed_by(&own, &issuer).unwrap();
        assert_eq!(common_name(nameless.der()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = common_name(&bytes);
        }
    }
}
