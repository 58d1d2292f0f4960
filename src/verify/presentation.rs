//! Presentation form of answers (RFC 1035, section 5.1), to and from the wire.
use crate::dns::{QueryType, Rcode, Reply, ReplyRecord};
use hickory_net::proto::{
    op::Message,
    rr::{Name, RData, Record, RecordType, rdata::TXT},
};
use std::fmt::Write as _;

/// Bytes that have a backslash before them in a name, as dig and miekg/dns write it.
const SPECIAL: &[u8] = br#".;()"\@$"#;

/// Returns the labels of a name in presentation form, as bytes.
pub(super) fn labels(name: &str) -> Vec<Vec<u8>> {
    let mut labels = vec![Vec::new()];
    let mut rest = name.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, behind) = match (first, behind) {
            (b'\\', [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', behind @ ..]) => {
                let value =
                    [a, b, c].iter().fold(0_u16, |value, digit| value * 10 + u16::from(**digit - b'0'));
                (u8::try_from(value).unwrap_or(u8::MAX), behind)
            }
            (b'\\', [escaped, behind @ ..]) => (*escaped, behind),
            (b'.', behind) => {
                labels.push(Vec::new());
                rest = behind;
                continue;
            }
            (byte, behind) => (*byte, behind),
        };
        if let Some(label) = labels.last_mut() {
            label.push(byte);
        }
        rest = behind;
    }
    labels.retain(|label| !label.is_empty());
    labels
}

/// Returns a reply in the words of [`crate::dns`].
pub(super) fn reply(message: &Message) -> Reply {
    let section = |records: &[Record]| {
        records.iter().filter(|record| record.record_type() != RecordType::OPT).map(heard).collect()
    };
    Reply {
        rcode: Rcode(message.response_code.into()),
        answer: section(&message.answers),
        authority: section(&message.authorities),
        additional: section(&message.additionals),
    }
}

fn heard(record: &Record) -> ReplyRecord {
    ReplyRecord {
        owner: name(&record.name).into(),
        ttl: record.ttl,
        kind: QueryType(u16::from(record.record_type())),
        data: data(&record.data).into(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library may learn more types")]
fn data(data: &RData) -> String {
    match data {
        RData::CNAME(target) => name(target),
        RData::NS(target) => name(target),
        RData::PTR(target) => name(target),
        RData::MX(mx) => format!("{} {}", mx.preference, name(&mx.exchange)),
        RData::SRV(srv) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, name(&srv.target)),
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            name(&soa.mname),
            name(&soa.rname),
            soa.serial,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum
        ),
        RData::TXT(texts) => strings(texts),
        // CoreDNS gives no other type from etcd: such a record comes from elsewhere, and is only shown.
        other => other.to_string(),
    }
}

fn name(name: &Name) -> String {
    let mut shown = String::new();
    for label in name {
        for &byte in label {
            push(byte, &mut shown, SPECIAL);
        }
        shown.push('.');
    }
    if shown.is_empty() { ".".to_owned() } else { shown }
}

fn strings(texts: &TXT) -> String {
    let string = |text: &[u8]| {
        let mut shown = String::from("\"");
        for &byte in text {
            match byte {
                b' ' => shown.push(' '),
                byte => push(byte, &mut shown, br#""\"#),
            }
        }
        shown + "\""
    };
    texts.txt_data.iter().map(|text| string(text)).collect::<Vec<_>>().join(" ")
}

/// Writes a byte in presentation form.
fn push(byte: u8, shown: &mut String, special: &[u8]) {
    match byte {
        byte if special.contains(&byte) => shown.extend(['\\', char::from(byte)]),
        b'!'..=b'~' => shown.push(char::from(byte)),
        // Writing into a string cannot fail.
        _ => drop(write!(shown, "\\{byte:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_bytes_that_a_name_spells() {
        let of = |text: &str| {
            labels(text).iter().map(|label| label.escape_ascii().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("WWW.gcr.io."), ["WWW", "gcr", "io"]);
        assert_eq!(of(r"a\.b\@\195\188.io"), [r"a.b@\xc3\xbc", "io"]);
        assert!(of(".").is_empty());
    }

    #[test]
    fn names_and_texts_are_written_as_answers_write_them() {
        let odd = Name::from_labels([&b"a.b@ '\xc3"[..], b"io"]).unwrap();
        assert_eq!(name(&odd), r"a\.b\@\032'\195.io.");
        assert_eq!(name(&Name::root()), ".");
        let texts = TXT::from_bytes(vec![&b"a \"b\\ \x01"[..], b""]);
        assert_eq!(strings(&texts), r#""a \"b\\ \001" """#);
    }
}
