//! Zone files that were exported, read by others: by hickory's parser, and by CoreDNS's own `file` plugin, which then
//! answers as the `etcd` plugin does.
//!
//! `COREDECK_CONFORMANCE=long`, as `tests/run --long` sets it, compares many more scopes. `COREDECK_CONFORMANCE_SEED`
//! sets another beginning.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::wildcard_enum_match_arm, clippy::disallowed_methods, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the records are put by another client than the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/coredns.rs"]
mod coredns;
#[path = "support/etcd.rs"]
mod etcd;

use coredeck::{
    dns::{KeyContent, Name, QueryType, ReadPart, Serving},
    exchange::{NotCarried, Origin, Rdata, ZoneFile, ZoneRecord, zone_files},
    keys::{ClusterId, KeyValue, Revision, Scope},
};
use coredns::{Corefile, PrivateCoreDns, Query};
use etcd_client::{Client, Txn, TxnOp};
use fastrand::Rng;
use hickory_proto::{op::Message, rr::RData, serialize::txt::Parser};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

const SHORT: usize = 24;
const LONG: usize = 1_500;

fn count() -> usize {
    if std::env::var("COREDECK_CONFORMANCE").as_deref() == Ok("long") { LONG } else { SHORT }
}

fn seed() -> u64 {
    std::env::var("COREDECK_CONFORMANCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Makes a zone's records as people make them; each set is a zone of its own, below one path.
fn records(rng: &mut Rng, zone: &str) -> BTreeMap<String, String> {
    const PLACES: [&str; 16] = [
        "dns/apex/x1",
        "dns/apex/x2",
        "dns/ns/ns1",
        "dns/ns/ns2",
        "www/x1",
        "www/x2",
        "www/deep/x1",
        "docs",
        "alias",
        "_tcp/_http/x1",
        "_tcp/_http/x2",
        "_tcp/_http/srv",
        "mail/mx1",
        "t/x1",
        r"a\@b/x1",
        "x9",
    ];
    let mut records = BTreeMap::new();
    for _ in 0..rng.usize(1..12) {
        let place = PLACES[rng.usize(0..PLACES.len())];
        let address = format!("192.0.2.{}", rng.u8(1..9));
        let ttl = match rng.u8(0..4) {
            0 => String::new(),
            1 => ",\"ttl\":0".to_owned(),
            _ => format!(",\"ttl\":{}", rng.u32(1..90_000)),
        };
        let value = match (place, rng.u8(0..10)) {
            ("docs" | "alias", _) => {
                format!(r#""host":"{}{zone}""#, ["www.", "docs.", "no."][rng.usize(0..3)])
            }
            ("mail/mx1", _) => format!(r#""host":"mx.{zone}","mail":true,"priority":{}"#, rng.u8(0..20)),
            ("t/x1", _) => {
                let text: String = (0..rng.usize(1..600)).map(|_| char::from(rng.u8(b' '..=b'~'))).collect();
                let text = text.replace('\\', r"\\");
                format!(r#""text":{}"#, serde_json::to_string(&text).unwrap())
            }
            (_, 0) => r#""host":"2001:db8::7""#.to_owned(),
            (_, 1) => format!(r#""host":"{address}","group":"g{}""#, rng.u8(0..2)),
            (place, _) if place.starts_with("_tcp") => {
                format!(r#""host":"{address}","port":{},"weight":{}"#, rng.u16(1..9), rng.u8(0..50))
            }
            (_, 2) => r#""host":7"#.to_owned(),
            _ => format!(r#""host":"{address}""#),
        };
        let labels: Vec<&str> = zone.trim_end_matches('.').split('.').rev().collect();
        records.insert(format!("/coredns/{}/{place}", labels.join("/")), format!("{{{value}{ttl}}}"));
    }
    records
}

struct Set {
    zone: String,
    records: BTreeMap<String, String>,
    file: Option<ZoneFile>,
}

/// Makes as many zones as are asked for, each with its file.
fn sets() -> Vec<Set> {
    let scope = Scope::parse("/coredns").unwrap();
    (0..count())
        .map(|number| {
            let zone = format!("z{number}.test.");
            let mut rng = Rng::with_seed(seed() + number as u64);
            let records = records(&mut rng, &zone);
            let stored: Vec<KeyValue> = records
                .iter()
                .map(|(key, value)| KeyValue {
                    key: scope.key(key.as_bytes()).unwrap(),
                    value: value.as_bytes().into(),
                    create_revision: Revision(1),
                    mod_revision: Revision(1),
                    version: 1,
                    lease: None,
                })
                .collect();
            let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: None };
            let known = ReadPart::everything(
                stored.iter().map(|record| (record.key.as_bytes().into(), content(record))),
            );
            let serving = Serving::new(scope.clone(), vec![Name::parse(&zone).unwrap()]);
            let leases = BTreeMap::new();
            let origin = Origin { cluster: ClusterId(1), revision: Revision(1), leases: &leases };
            let file = zone_files(&known, &serving, &stored, origin).0.pop();
            Set { zone, records, file }
        })
        .collect()
}

/// Returns a record in the form that both sides use.
fn line(record: &ZoneRecord) -> String {
    let ZoneRecord { owner, ttl, data, .. } = record;
    let data = match data {
        Rdata::Txt(strings) => format!("{strings:?}"),
        data => data.to_string(),
    };
    format!("{} {ttl} {data}", owner.fqdn().replace('\\', ""))
}

#[test]
fn an_independent_parser_reads_what_is_exported() {
    let mut read = 0;
    for Set { zone, file, .. } in sets() {
        let Some(file) = file else { continue };
        // This parser takes \DDD for octal digits (hickory-proto 0.26), so only a file without any means the same to
        // it.
        let plain: String = file
            .text
            .lines()
            .filter(|line| !line.contains('\\') || line.starts_with(';'))
            .fold(String::new(), |text, line| text + line + "\n");
        let parsed = Parser::new(plain.as_str(), None, None).parse();
        let (origin, sets) = parsed.unwrap_or_else(|error| panic!("{error}\n{plain}"));
        assert_eq!(origin.to_string(), zone);
        let theirs: BTreeSet<String> = sets
            .values()
            .flat_map(|set| set.records_without_rrsigs())
            .filter(|record| !matches!(record.data, RData::SOA(_)))
            .map(|record| {
                let data = match &record.data {
                    RData::TXT(text) => {
                        let strings: Vec<Vec<u8>> =
                            text.txt_data.iter().map(|string| string.to_vec()).collect();
                        format!("{strings:?}")
                    }
                    data => data.to_string(),
                };
                format!("{} {} {data}", record.name, record.ttl)
            })
            .collect();
        let ours: BTreeSet<String> = file
            .records
            .iter()
            .filter(|record| !record.owner.fqdn().contains('\\'))
            .filter(|record| {
                !matches!(&record.data, Rdata::Txt(_)) || !record.data.to_string().contains('\\')
            })
            .map(line)
            .collect();
        assert_eq!(theirs, ours, "{}", file.text);
        read += ours.len();
    }
    assert!(read >= count(), "only {read} records were read");
}

fn labels(name: &Name) -> Vec<Vec<u8>> {
    name.labels().map(|label| label.iter().copied().filter(|byte| *byte != b'\\').collect()).collect()
}

/// Returns the records of a reply that have the owner and type of the question.
fn replied(reply: &[u8], owner: &Name, kind: QueryType) -> BTreeSet<String> {
    let message = Message::from_vec(reply).unwrap();
    message
        .answers
        .iter()
        .filter(|record| u16::from(record.record_type()) == kind.0)
        .filter(|record| record.name.iter().map(<[u8]>::to_vec).eq(labels(owner)))
        .map(|record| format!("{} {}", record.ttl, record.data))
        .collect()
}

#[test]
fn the_file_plugin_answers_from_the_file_as_the_etcd_plugin_does_from_etcd() {
    let Some(binary) = coredns::binary() else { return };
    let private = etcd::start();
    let sets: Vec<Set> = sets().into_iter().filter(|set| set.file.is_some()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let endpoint = private.unrecorded_endpoint();
    let client = runtime.block_on(Client::connect([&endpoint], None)).unwrap();
    for set in &sets {
        let put = |(key, value): (&String, &String)| TxnOp::put(key.as_str(), value.as_str(), None);
        let puts: Vec<TxnOp> = set.records.iter().map(put).collect();
        runtime.block_on(client.kv_client().txn(Txn::new().and_then(puts))).unwrap();
    }
    let (mut from_etcd, mut from_files, mut files) = (String::new(), String::new(), vec![]);
    for (number, set) in sets.iter().enumerate() {
        let name: &'static str = Box::leak(format!("zone{number}").into_boxed_str());
        write!(from_etcd, " {}", set.zone).unwrap();
        writeln!(from_files, "{}:@1@ {{\n bind 127.0.0.1\n file {name}\n}}", set.zone).unwrap();
        files.push((name, set.file.as_ref().unwrap().text.clone()));
    }
    let text = format!(
        ".:@0@ {{\n bind 127.0.0.1\n etcd{from_etcd} {{\n  path /coredns\n  endpoint {endpoint}\n }}\n}}\n{from_files}"
    );
    let probe = Query {
        labels: vec![sets[0].zone.trim_end_matches(".test.").as_bytes().to_vec(), b"test".to_vec()],
        kind: 6,
    };
    let corefile = Corefile { text, ports: 2, probes: vec![probe.clone(), probe], files };
    let server = PrivateCoreDns::start(&binary, &corefile);
    let mut compared = 0;
    for set in &sets {
        let file = set.file.as_ref().unwrap();
        let mut asked: Vec<(Name, QueryType)> =
            file.records.iter().map(|record| (record.owner.clone(), record.data.kind())).collect();
        asked.dedup();
        let queries: Vec<Query> =
            asked.iter().map(|(name, kind)| Query { labels: labels(name), kind: kind.0 }).collect();
        let (etcd, plain) = (server.ask(0, &queries), server.ask(1, &queries));
        for ((name, kind), (etcd, plain)) in asked.iter().zip(etcd.iter().zip(&plain)) {
            let etcd = replied(etcd.as_ref().expect("etcd's answers"), name, *kind);
            let plain = replied(plain.as_ref().expect("the file's answers"), name, *kind);
            assert!(!plain.is_empty(), "{name} {kind} is in the file\n{}", file.text);
            let told = file.not_carried.iter().any(|left| match left {
                NotCarried::AlsoAnswered { name: also, kind: told, .. } => also == name && told == kind,
                NotCarried::AliasInLeaf { name: also, .. } => also == name && *kind == QueryType::CNAME,
                _ => false,
            });
            // Records that are told beside the file may be answered as well, and none of the file is missing.
            let same = if told { etcd.is_superset(&plain) || etcd.is_empty() } else { etcd == plain };
            assert!(same, "{name} {kind}: etcd {etcd:?}, file {plain:?}\n{}\n{:#?}", file.text, set.records);
            compared += 1;
        }
    }
    eprintln!("{compared} answers of {} zones compared", sets.len());
    assert!(compared >= count() * 2, "only {compared} were compared");
}
