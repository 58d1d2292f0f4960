//! Generator of zone files and scopes, both good ones and bad ones.

use crate::state::State;
use coredeck::dns::Name;
use fastrand::Rng;
use std::{collections::BTreeMap, fmt::Write as _};

/// Names relative to the zone. They are few, so that records meet.
const NAMES: [&str; 45] = [
    "@",
    "@",
    "www",
    "www",
    "api.www",
    "deep.api.www",
    "mail",
    "mail",
    "mx1",
    "demo",
    "demo",
    "app",
    "0.app",
    "1.app",
    "node1.lan",
    "node2.lan",
    "lan",
    "x1",
    "x1.www",
    "x2.demo",
    "048b0377.www",
    "_sip._tcp",
    "_sip._tcp",
    "_http._tcp.www",
    "srv1._sip._tcp",
    "_services._dns-sd._udp",
    "My\\032Printer._ipp._tcp",
    "dns",
    "ns",
    "ns1",
    "ns2",
    "ns1.ns.dns",
    "foo.ns.dns",
    "apex.dns",
    "any",
    "*.apps",
    "alias",
    "alias2",
    "a\\@b",
    "a\\032b",
    "7.0/25",
    "WWW",
    "xn--bcher-kva",
    "a-www",
    "1.2.0.192",
];

const STRINGS: [&str; 7] = [
    "v=spf1 mx -all",
    "a \\\"quoted\\\" one",
    "back\\\\slash",
    "\\255\\001",
    "\\195\\188",
    "",
    "heritage=external-dns,external-dns/owner=prod",
];

fn pick<'t>(rng: &mut Rng, all: &[&'t str]) -> &'t str {
    all[rng.usize(0..all.len())]
}

fn target<'t>(rng: &mut Rng) -> &'t str {
    match rng.u8(0..12) {
        0 => "far.test.",
        1 => ".",
        2 => "192.0.2.9.",
        _ => loop {
            let name = pick(rng, &NAMES);
            if !name.starts_with('*') {
                return name;
            }
        },
    }
}

/// Makes a text in quotes; some are cut, and in some every byte is escaped.
fn text(rng: &mut Rng) -> String {
    let strings = rng.usize(1..4);
    let string = |rng: &mut Rng| match rng.u8(0..4) {
        0 => {
            let fill = ["x", "\\\\", "\\200"][rng.usize(0..3)];
            format!("\"{}{fill}{fill}\"", "y".repeat(rng.usize(240..254)))
        }
        _ => format!("\"{}\"", pick(rng, &STRINGS)),
    };
    (0..strings).map(|_| string(rng)).collect::<Vec<_>>().join(" ")
}

fn data(rng: &mut Rng) -> String {
    match rng.u8(0..24) {
        0..7 => format!("A 192.0.2.{}", rng.u8(1..5)),
        7..9 => format!("AAAA 2001:db8::{}", rng.u8(1..3)),
        9 => "AAAA ::ffff:192.0.2.1".to_owned(),
        10..13 => format!("CNAME {}", target(rng)),
        13..15 => format!("TXT {}", text(rng)),
        15..18 => format!("MX {} {}", [0, 10, 20][rng.usize(0..3)], target(rng)),
        18..21 => {
            let priority = [0, 1, 10][rng.usize(0..3)];
            let weight = [0, 1, 5, 33, 50, 60, 98, 100][rng.usize(0..8)];
            format!("SRV {priority} {weight} {} {}", [0, 80, 443, 65_535][rng.usize(0..4)], target(rng))
        }
        21 => format!("PTR {}", target(rng)),
        22 => format!("NS {}", target(rng)),
        _ => "CAA 0 issue \"ca.test\"".to_owned(),
    }
}

/// Makes a zone file.
pub fn zone_text(rng: &mut Rng, zone: &Name) -> String {
    let mut text = format!("$ORIGIN {}\n$TTL {}\n", zone.fqdn(), ["300", "1h", "60"][rng.usize(0..3)]);
    if rng.u8(0..8) > 0 {
        text.push_str("@ IN SOA ns1 hostmaster 1 2h 30m 2w 5m\n");
    }
    if rng.bool() {
        text.push_str("@ IN NS ns1\nns1 A 192.0.2.53\n");
    }
    if rng.u8(0..4) == 0 {
        text.push_str("@ IN NS ns2.sub\nns2.sub A 192.0.2.54\nns2.sub AAAA 2001:db8::54\n");
    }
    for _ in 0..rng.usize(1..12) {
        let ttl = ["", "", "", "0 ", "60 ", "1d "][rng.usize(0..6)];
        writeln!(text, "{} {ttl}IN {}", pick(rng, &NAMES), data(rng)).unwrap();
    }
    text
}

/// Keys below the zone's own.
const PLACES: [&str; 43] = [
    "dns/apex/x1",
    "dns/apex/x2",
    "dns/ns/ns1",
    "dns/ns/ns1/x1",
    "dns/ns/a",
    "dns",
    "www",
    "www/x1",
    "www/x2",
    "www/api/x1",
    "www/api",
    "app/0",
    "app/1",
    "app/UP",
    "lan/node1",
    "lan/node2/x1",
    "lan",
    "demo/x1",
    "demo/x2",
    "demo/048b0377",
    "www/1f0c33de",
    "a-www/2a0c33de",
    "txt-demo/x1",
    "demo/mx",
    "mail/x1",
    "mail",
    "mx1",
    "x1",
    "0",
    "_tcp/_sip/x1",
    "_tcp/_sip/x2",
    "_tcp/_sip/srv1",
    "_tcp/_sip",
    "alias",
    "alias2",
    "alias/x1",
    "any/x1",
    "*/x1",
    "t/x1",
    "t/x2",
    r"b\@a/x1",
    "192/0/2/1",
    "www//x1",
];

fn value(rng: &mut Rng, zone: &Name) -> String {
    let address = format!("192.0.2.{}", rng.u8(1..5));
    let name = pick(rng, &["www", "mail", "alias", "alias2", "demo", "app", "no", "0.app", "x1.www"]);
    let host = if rng.u8(0..6) == 0 { "far.test".to_owned() } else { format!("{name}.{zone}") };
    let ttl = ["", "", r#","ttl":0"#, r#","ttl":60"#, r#","ttl":4294967295"#][rng.usize(0..5)];
    let value = match rng.u8(0..24) {
        0..7 => format!(r#""host":"{address}""#),
        7 => r#""host":"2001:db8::1""#.to_owned(),
        8..10 => format!(r#""host":"{host}""#),
        10 => format!(r#""host":"{address}","group":"g{}""#, rng.u8(0..2)),
        11 => format!(r#""host":"{host}","mail":true,"priority":{}"#, rng.u8(0..3)),
        12 => format!(r#""host":"{address}","mail":true"#),
        13 => format!(r#""host":"{address}","port":{},"weight":{}"#, rng.u8(0..3), rng.u8(0..60)),
        14 => format!(r#""host":"{host}","port":80,"weight":{}"#, rng.u8(0..60)),
        15 => format!(r#""host":"{address}","targetstrip":1"#),
        16 => format!(r#""text":"{}""#, pick(rng, &["v=spf1 -all", "a; b", r"back\\\\slash", "ü"])),
        17 => format!(r#""host":"{host}","text":"t""#),
        18 => String::new(),
        // As external-dns writes them: a record of its own, and the text that says whose the records of a name are.
        19..21 => format!(r#""host":"{address}","targetstrip":1,"owner":"prod""#),
        21 => r#""host":"far.test","targetstrip":1,"owner":"prod""#.to_owned(),
        22 => r#""text":"\"heritage=external-dns,external-dns/owner=prod\"","targetstrip":1"#.to_owned(),
        _ => r#""host":7"#.to_owned(),
    };
    if value.is_empty() { "{}".to_owned() } else { format!("{{{value}{ttl}}}") }
}

/// Makes the records of a zone.
pub fn records(rng: &mut Rng, zone: &Name) -> State {
    let labels: Vec<String> =
        zone.labels().rev().map(|label| String::from_utf8(label.to_vec()).unwrap()).collect();
    let mut records = BTreeMap::new();
    for _ in 0..rng.usize(1..9) {
        let key = format!("/coredns/{}/{}", labels.join("/"), pick(rng, &PLACES));
        records.insert(key.into_bytes(), value(rng, zone).into_bytes());
    }
    State(records)
}
