//! Answers in one form, from a file, the engine or a server.

use coredeck::{
    dns::{Answer, AnswerOutcome, Name, QueryType, ReadPart, Serving, answers},
    exchange::{Rdata, ZoneRecord},
};
use hickory_proto::{
    op::{Message, ResponseCode},
    rr::{RData, Record},
};
use std::collections::{BTreeSet, HashMap};

/// An answer: its records, or the outcome without any. A TTL of 0 cannot be told from the smallest there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub records: BTreeSet<String>,
    /// `NODATA`, `NXDOMAIN` or a failure; empty if there are records.
    pub nothing: String,
}

impl Reply {
    fn new(records: BTreeSet<String>, nothing: &str) -> Self {
        let nothing = if records.is_empty() { nothing.to_owned() } else { String::new() };
        Self { records, nothing }
    }
}

/// Returns the bytes of a label.
fn bytes(label: &[u8]) -> Vec<u8> {
    let mut rest = label.iter().copied();
    let mut bytes = vec![];
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                digit @ b'0'..=b'9' => {
                    let digits = [digit, rest.next().unwrap(), rest.next().unwrap()];
                    std::str::from_utf8(&digits).unwrap().parse().unwrap()
                }
                other => other,
            },
            byte => byte,
        });
    }
    bytes
}

pub fn labels(name: &Name) -> Vec<Vec<u8>> {
    name.labels().map(bytes).collect()
}

fn text<'l>(labels: impl IntoIterator<Item = &'l [u8]>) -> String {
    let labels = labels.into_iter().map(|label| label.to_ascii_lowercase().escape_ascii().to_string());
    labels.collect::<Vec<_>>().join("/")
}

fn shown(name: &Name) -> String {
    text(labels(name).iter().map(Vec::as_slice))
}

fn line(record: &ZoneRecord) -> String {
    let target = |target: &coredeck::exchange::TargetName| shown(&target.0);
    let data = match &record.data {
        Rdata::A(address) => address.to_string(),
        Rdata::Aaaa(address) => address.to_string(),
        Rdata::Cname(name) | Rdata::Ptr(name) | Rdata::Ns(name) => target(name),
        Rdata::Mx { preference, target: name } => format!("{preference} {}", target(name)),
        Rdata::Srv { priority, weight, port, target: name } => {
            format!("{priority} {weight} {port} {}", target(name))
        }
        Rdata::Txt(strings) => format!("{strings:?}"),
        Rdata::Soa(soa) => soa.clone(),
    };
    format!("{} {} {} {data}", shown(&record.owner), record.ttl, record.data.kind())
}

/// Returns the reply of a server that has these records (RFC 1034, section 4.3.2). A name exists even if all its
/// records are left out.
pub fn said(records: &[ZoneRecord], all: &[ZoneRecord], name: &Name, kind: QueryType) -> Reply {
    let (mut lines, mut here) = (BTreeSet::new(), name.clone());
    // No chain is longer than the file.
    for _ in 0..=records.len() {
        let of_kind: Vec<&ZoneRecord> =
            records.iter().filter(|record| record.owner == here && record.data.kind() == kind).collect();
        lines.extend(of_kind.iter().map(|record| line(record)));
        let alias =
            records.iter().find(|record| record.owner == here && record.data.kind() == QueryType::CNAME);
        match alias {
            Some(alias) if of_kind.is_empty() => {
                lines.insert(line(alias));
                here = alias.data.target().unwrap().clone();
            }
            _ => break,
        }
    }
    let exists = all.iter().any(|record| record.owner.is_within(name));
    Reply::new(lines, if exists { "NODATA" } else { "NXDOMAIN" })
}

/// Returns the engine's replies for a name, to questions of all types.
pub fn served(known: &ReadPart, serving: &Serving, name: &Name) -> HashMap<QueryType, Reply> {
    answers(known, serving, name).iter().map(|found| (found.question.kind, computed(found))).collect()
}

fn computed(found: &Answer) -> Reply {
    let lines = found
        .answer
        .iter()
        .map(|rr| ZoneRecord::of_answer(rr).map_or_else(|| rr.to_string(), |record| line(&record)));
    let nothing = match found.outcome {
        AnswerOutcome::NoError => "NODATA".to_owned(),
        AnswerOutcome::NxDomain => "NXDOMAIN".to_owned(),
        other => format!("{other:?}"),
    };
    Reply::new(lines.collect(), &nothing)
}

/// Reads the reply of a server.
pub fn received(wire: Option<&[u8]>) -> Reply {
    let Some(wire) = wire else { return Reply::new(BTreeSet::new(), "Silence") };
    let Ok(message) = Message::from_vec(wire) else { return Reply::new(BTreeSet::new(), "unreadable") };
    let nothing = match message.metadata.response_code {
        ResponseCode::NoError => "NODATA".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::ServFail => "ServFail".to_owned(),
        other => format!("{other:?}"),
    };
    Reply::new(message.answers.iter().map(wired).collect(), &nothing)
}

fn wired(record: &Record) -> String {
    let name = |name: &hickory_proto::rr::Name| text(name.iter());
    let data = match &record.data {
        RData::A(address) => address.0.to_string(),
        RData::AAAA(address) => address.0.to_string(),
        RData::NS(target) => name(&target.0),
        RData::CNAME(target) => name(&target.0),
        RData::PTR(target) => name(&target.0),
        RData::MX(mx) => format!("{} {}", mx.preference, name(&mx.exchange)),
        RData::SRV(srv) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, name(&srv.target)),
        RData::TXT(txt) => {
            format!("{:?}", txt.txt_data.iter().map(|string| string.to_vec()).collect::<Vec<_>>())
        }
        other => panic!("nobody asked for {other:?}"),
    };
    format!("{} {} {} {data}", name(&record.name), record.ttl, record.record_type())
}
