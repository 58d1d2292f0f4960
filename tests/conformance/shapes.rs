//! Statements about one record, from every part of the program that makes any, compared with `CoreDNS`.
//!
//! Each shape is a record among a few others. `CoreDNS` serves it, as the type that it is shown as, if its answers
//! change in that type when the record is taken away. `get`, the table of the deck, `answer`, `export` and `lint` have
//! to agree.

use crate::{
    cli::Home,
    comparison::{Asked, engine},
    court::Court,
    options::Options,
    presentation,
    records::{Held, Record},
    reply::Line,
};
use coredeck::{
    dns::{self, Hidden, Name, RecordType, Service},
    exchange::KnownAnswers,
    keys::{KeyValue, Revision, Scope, ScopedKey},
};
use std::collections::{BTreeMap, BTreeSet};

/// Types that each name is asked for, with their numbers.
const KINDS: [(RecordType, u16); 8] = [
    (RecordType::A, 1),
    (RecordType::Ns, 2),
    (RecordType::Cname, 5),
    (RecordType::Ptr, 12),
    (RecordType::Mx, 15),
    (RecordType::Txt, 16),
    (RecordType::Aaaa, 28),
    (RecordType::Srv, 33),
];

/// The zones that are served. Any other name that looks like a zone is none.
pub fn options() -> Options {
    let zones = ["example.org", "sub.example.org", "two.example.org", "2.0.192.in-addr.arpa"];
    Options { zones: zones.map(str::to_owned).to_vec(), ..Options::default() }
}

/// A record with the type that it is shown as, and the other records that it needs for that.
#[derive(Clone, Copy)]
struct Shape {
    what: &'static str,
    /// The key below `/coredns/org/example/`, or from the root.
    key: &'static str,
    value: &'static str,
    kind: RecordType,
    /// True if `CoreDNS` gives a record of this type for it, at its own name, the one above it, or its zone's.
    is_served: bool,
    others: &'static [(&'static str, &'static str)],
}

const fn shape(
    what: &'static str,
    key: &'static str,
    value: &'static str,
    kind: RecordType,
    is_served: bool,
) -> Shape {
    Shape { what, key, value, kind, is_served, others: &[] }
}

const fn among(others: &'static [(&'static str, &'static str)], shape: Shape) -> Shape {
    Shape { others, ..shape }
}

const OTHER: &str = r#"{"host":"192.0.2.200"}"#;

#[rustfmt::skip]
fn shapes() -> Vec<Shape> {
    use RecordType::*;
    vec![
        shape("an address in a leaf", "a01/x1", r#"{"host":"192.0.2.1"}"#, A, true),
        shape("an address of version 6", "a02/x1", r#"{"host":"2001:db8::2"}"#, Aaaa, true),
        shape("an address at the name's own key", "a03", r#"{"host":"192.0.2.3"}"#, A, true),
        shape("an address in a leaf that is a word", "a04/first", r#"{"host":"192.0.2.4"}"#, A, true),
        shape("an address of version 4 in one of 6", "a05/x1", r#"{"host":"::ffff:192.0.2.5"}"#, A, true),
        shape("an address that is leased", "a06/x1", r#"{"host":"192.0.2.6","ttl":60}"#, A, true),
        shape("an address with targetstrip", "a07/048b0377", r#"{"host":"192.0.2.7","targetstrip":1}"#, A, true),
        shape("an alias at the name's own key", "c01", r#"{"host":"a.test"}"#, Cname, true),
        shape("an alias in a leaf", "c02/x1", r#"{"host":"a.test"}"#, Cname, true),
        among(&[("c03/x1", OTHER)], shape("an alias with a key below", "c03", r#"{"host":"a.test"}"#, Cname, true)),
        shape("an alias with the port that is in no SRV", "c04", r#"{"host":"a.test","port":-1}"#, Cname, true),
        shape("what is almost an address", "c05", r#"{"host":"192.0.2.1 "}"#, Cname, true),
        among(&[("h01/x1", OTHER)], shape("an address with a key below", "h01", r#"{"host":"192.0.2.11"}"#, A, false)),
        among(&[("h02/x1", "{}")], shape("an address with nothing of use below", "h02", r#"{"host":"192.0.2.12"}"#, A, false)),
        among(&[("h03/", OTHER)], shape("an address with a closing slash below", "h03", r#"{"host":"192.0.2.13"}"#, A, false)),
        among(&[("h04/x1", OTHER)], shape("a text with a key below", "h04", r#"{"text":"h04"}"#, Txt, false)),
        among(&[("h05/x1", OTHER)], shape("a text and a host with a key below", "h05", r#"{"host":"a.test","text":"h05"}"#, Txt, false)),
        among(&[("h06/x1", OTHER)], shape("a mail server with a key below", "h06", r#"{"host":"a.test","mail":true}"#, Mx, false)),
        among(&[("h07/x1", OTHER)], shape("what is broken with a key below", "h07", "{", Opaque, false)),
        among(&[("h08/x1", r#"{"host":"192.0.2.18","targetstrip":1}"#)],
            shape("an address with a leaf with targetstrip below", "h08", r#"{"host":"192.0.2.19"}"#, A, false)),
        shape("a text", "t01/x1", r#"{"text":"t01"}"#, Txt, true),
        shape("a text beside a name", "t02/x1", r#"{"host":"a.test","text":"t02"}"#, Txt, true),
        shape("a text beside an address", "t03/x1", r#"{"host":"192.0.2.23","text":"t03"}"#, A, true),
        shape("a text beside a mail server", "t04/x1", r#"{"host":"a.test","text":"t04","mail":true}"#, Txt, true),
        shape("a text beside a service", "t05/x1", r#"{"host":"a.test","text":"t05","port":80}"#, Txt, true),
        shape("a mail server", "m01/x1", r#"{"host":"a.test","mail":true}"#, Mx, true),
        shape("a mail server that is an address", "m02/x1", r#"{"host":"192.0.2.31","mail":true}"#, Mx, true),
        shape("a mail server with a port", "m03/x1", r#"{"host":"a.test","mail":true,"port":25}"#, Mx, true),
        shape("a service", "s01/_tcp/_http/x1", r#"{"host":"a.test","port":80}"#, Srv, true),
        shape("a service at an address", "s02/x1", r#"{"host":"192.0.2.41","port":80}"#, Srv, true),
        shape("a service at port 0", "s03/x1", r#"{"host":"192.0.2.42","port":0}"#, Srv, true),
        shape("an address with the port that is in no SRV", "s04/x1", r#"{"host":"192.0.2.43","port":-1}"#, A, true),
        shape("a service with targetstrip", "s05/x1", r#"{"host":"x.a.test","port":80,"targetstrip":1}"#, Srv, true),
        among(&[("s06/_tcp/_ipp/office/x1", r#"{"host":"a.test","port":631}"#)],
            shape("a pointer to an instance of a service", "s06/_tcp/_ipp", r#"{"host":"office._ipp._tcp.s06.example.org"}"#, Ptr, true)),
        shape("a zone's own address", "dns/apex/x1", r#"{"host":"192.0.2.51"}"#, A, true),
        shape("a zone's own mail server", "two/dns/apex/m", r#"{"host":"mail.two.example.org","mail":true}"#, Mx, true),
        shape("a name server", "dns/ns/a", r#"{"host":"192.0.2.52"}"#, Ns, true),
        shape("a name as a name server", "sub/dns/ns/a", r#"{"host":"a.test"}"#, Ns, false),
        shape("a text among name servers", "two/dns/ns/t", r#"{"host":"a.test","text":"z04"}"#, Txt, true),
        shape("a name server of no zone", "z05/dns/ns/a", r#"{"host":"192.0.2.53"}"#, A, true),
        shape("a name as a name server of no zone", "z06/dns/ns/a", r#"{"host":"a.test"}"#, Cname, true),
        shape("a service as a name server of no zone", "z07/dns/ns/a", r#"{"host":"a.test","port":53}"#, Srv, true),
        shape("an own address of no zone", "z08/dns/apex/x1", r#"{"host":"192.0.2.54"}"#, A, true),
        shape("a record of a zone in another one", "sub/z09/x1", r#"{"host":"192.0.2.55"}"#, A, true),
        shape("a record of no zone", "/com/z10/x1", r#"{"host":"192.0.2.56"}"#, A, false),
        shape("a pointer", "/arpa/in-addr/192/0/2/61", r#"{"host":"a01.example.org"}"#, Ptr, true),
        shape("a pointer below its address", "/arpa/in-addr/192/0/2/62/x1", r#"{"host":"a01.example.org"}"#, Ptr, true),
        among(&[("/arpa/in-addr/192/0/2/63/x1", OTHER)],
            shape("a pointer with a key below", "/arpa/in-addr/192/0/2/63", r#"{"host":"a01.example.org"}"#, Ptr, true)),
        shape("a pointer of no zone", "/arpa/in-addr/10/0/0/1", r#"{"host":"a01.example.org"}"#, Ptr, false),
        shape("a stored wildcard", "w01/*/x1", r#"{"host":"192.0.2.71"}"#, A, false),
        shape("a name called any", "w02/any/x1", r#"{"host":"192.0.2.72"}"#, A, false),
        shape("a key with capitals", "w03/API/x1", r#"{"host":"192.0.2.73"}"#, A, false),
        shape("a key with an empty segment", "w04//x1", r#"{"host":"192.0.2.74"}"#, A, false),
        shape("a key with a closing slash", "w05/", r#"{"host":"192.0.2.75"}"#, A, true),
        among(&[("g01/x1", r#"{"host":"192.0.2.200","group":"a"}"#)],
            shape("a record of another group below", "g01/api/x1", r#"{"host":"192.0.2.81","group":"b"}"#, A, true)),
        among(&[("g02/a", r#"{"host":"192.0.2.200","group":"a"}"#), ("g02/api/x1/y", r#"{"host":"192.0.2.201","group":"b"}"#)],
            shape("two groups of one depth", "g02/b", r#"{"host":"192.0.2.82","group":"b"}"#, A, true)),
        shape("what is broken", "b01/x1", r#"{"host":"192.0.2.91""#, Opaque, false),
        shape("what says nothing", "b02/x1", "{}", Opaque, false),
        shape("a foreign value", "b03/x1", "192.0.2.93", Opaque, false),
    ]
}

/// Returns a key from its short form in a shape.
fn key(text: &str) -> String {
    if text.starts_with('/') { format!("/coredns{text}") } else { format!("/coredns/org/example/{text}") }
}

fn record(at: &str, value: &str) -> Record {
    let lease_ttl = at.starts_with("a06").then_some(3_600);
    Record { lease_ttl, ..Record::new(key(at), value) }
}

impl Shape {
    fn record(&self) -> Record {
        record(self.key, self.value)
    }

    /// Returns the names that clients ask for to get it: its own, the one above, and the zone that reads its place.
    fn names(&self, scope: &Scope) -> Vec<Name> {
        let own = Name::of_key(scope, &scope.key(key(self.key).as_bytes()).unwrap());
        // A zone reads keys three levels below it, as dns/apex/x1; otherwise it reads all of the zone.
        let is_special = own.to_string().contains(".dns.");
        let near = std::iter::successors(Some(own), Name::parent).take(if is_special { 4 } else { 2 });
        let is_asked = |name: &Name| is_special || !options().zones.contains(&name.to_string());
        near.filter(|name| name.is_served() && is_asked(name)).collect()
    }
}

/// Returns the records of the answers, without TTLs, each with its question.
fn lines(court: &mut Court, options: &Options, names: &[Name]) -> BTreeSet<(String, Line)> {
    let asked: Vec<Asked> =
        names.iter().flat_map(|name| KINDS.map(|(_, kind)| Asked { name: name.fqdn(), kind })).collect();
    let queries: Vec<_> = asked.iter().map(Asked::query).collect();
    let replies = court.ask(options, &queries);
    let all = asked.iter().zip(&replies).filter_map(|(asked, reply)| Some((asked, reply.sections()?)));
    all.flat_map(|(asked, sections)| {
        // A weight depends on those of the others, so it says nothing of this record.
        let plain = |line: &Line| Line { ttl: 0, data: without_weight(line), ..line.clone() };
        sections.answer.iter().map(move |line| (asked.to_string(), plain(line))).collect::<Vec<_>>()
    })
    .collect()
}

fn without_weight(line: &Line) -> String {
    match line.data.split(' ').collect::<Vec<_>>()[..] {
        [priority, _, port, target] if line.kind == 33 => format!("{priority} {port} {target}"),
        _ => line.data.clone(),
    }
}

/// Returns the records of all shapes, and those that must be there beside them.
fn records_of(shapes: &[Shape]) -> Vec<Record> {
    let mut all: BTreeMap<Vec<u8>, Record> = BTreeMap::new();
    for shape in shapes {
        for one in shape.others.iter().map(|(at, value)| record(at, value)).chain([shape.record()]) {
            all.entry(one.key.clone()).or_insert(one);
        }
    }
    all.into_values().collect()
}

/// Returns the lines that the program prints, by the keys in them.
fn by_key(home: &Home, arguments: &[&str], code: i32) -> BTreeMap<String, Vec<serde_json::Value>> {
    let mut by_key: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for line in home.run(arguments).ends_with(code).json() {
        by_key.entry(line["key"].as_str().unwrap_or_default().to_owned()).or_default().push(line);
    }
    by_key
}

fn kept(key: ScopedKey, record: &Record) -> KeyValue {
    KeyValue {
        key,
        value: record.value.clone().into(),
        create_revision: Revision(1),
        mod_revision: Revision(1),
        version: 1,
        lease: None,
    }
}

/// Returns the statements about the shapes that are wrong.
pub fn judge(court: &mut Court) -> Vec<String> {
    let (options, shapes) = (options(), shapes());
    let serving = options.serving();
    let scope = &serving.scope;
    let records = records_of(&shapes);
    let held = court.load(&records);
    let home = Home::of(&court.endpoint()).with("COREDECK_ZONES", &options.zones.join(","));
    let got = by_key(&home, &["get", "/coredns/", "--recursive", "-o", "json"], 0);
    let tree = by_key(&home, &["tree", "-o", "json"], 0);
    let findings = by_key(&home, &["lint", "--severity", "info", "-o", "json"], 6);
    let mut wrong = vec![];
    for shape in &shapes {
        let spelled = key(shape.key);
        let mut complain = |what: String| wrong.push(format!("{} ({spelled}): {what}", shape.what));
        let names = shape.names(scope);
        // CoreDNS makes of a record what its answers lose without the record.
        court.load(&records);
        let with = lines(court, &options, &names);
        let rest: Vec<Record> =
            records.iter().filter(|other| other.key != shape.record().key).cloned().collect();
        court.load(&rest);
        let without = lines(court, &options, &names);
        let made: BTreeSet<u16> = with.difference(&without).map(|(_, line)| line.kind).collect();
        let number = KINDS.iter().find(|(kind, _)| *kind == shape.kind).map(|(_, number)| *number);
        let is_served = number.is_some_and(|number| made.contains(&number));
        if is_served != shape.is_served {
            complain(format!("CoreDNS serves {made:?} for it: {with:?}, and without it {without:?}"));
        }
        // get, and the table of the deck
        let said = got.get(&spelled).map_or("nothing", |lines| lines[0]["type"].as_str().unwrap());
        let stored = shape.record();
        let at = scope.key(&stored.key).unwrap();
        let shown = dns::Record::read(&serving.zones, scope, &at, &stored.value);
        if said != shape.kind.mnemonic() || shown.kind != shape.kind {
            complain(format!("get says {said}, and the deck {}", shown.kind));
        }
        // tree
        let above = spelled.trim_end_matches('/').rsplit_once('/').unwrap().0;
        if ![spelled.as_str(), above].iter().any(|key| tree.contains_key(*key)) {
            complain("it has no place in the tree".to_owned());
        }
        // answer
        let foretold = names.iter().any(|name| {
            KINDS.iter().any(|(_, kind)| {
                let asked = Asked { name: name.fqdn(), kind: *kind };
                let answer = engine(&held, &options, &asked).unwrap();
                answer
                    .answer
                    .iter()
                    .any(|rr| rr.key.as_deref() == Some(&*stored.key) && number == Some(rr.kind.0))
            })
        });
        if foretold != is_served {
            complain(format!("answer gives one of its type: {foretold}, and CoreDNS: {is_served}"));
        }
        // export
        let known = held.known();
        let exported = KnownAnswers::new(&known, &serving).served(&kept(at.clone(), &stored));
        let has = exported.records.iter().any(|record| number == Some(record.data.kind().0));
        if has && !is_served {
            complain(format!("export writes {:?}, which CoreDNS does not serve", exported.records));
        }
        if !has && exported.not_carried.is_none() {
            complain(format!("export leaves it away, and says nothing: {:?}", exported.records));
        }
        // lint
        let told = findings.iter().any(|(key, lines)| {
            let names_it = |line: &serde_json::Value| {
                let own = Name::of_key(scope, &at).to_string();
                line["names"].as_array().is_some_and(|names| names.iter().any(|name| *name == own))
            };
            spelled.starts_with(key.as_str()) || lines.iter().any(names_it)
        });
        if !is_served && !told && stored.value != b"{}" {
            complain("lint says nothing of it".to_owned());
        }
        // Hidden values
        let has_below = records.iter().any(|other| other.key.starts_with(&[&stored.key[..], b"/"].concat()));
        let hidden = Service::decode(&stored.value)
            .ok()
            .filter(|_| has_below)
            .and_then(|service| Hidden::of(&Name::of_key(scope, &at), &service));
        let is_t4 = findings.get(&spelled).is_some_and(|lines| lines.iter().any(|line| line["trap"] == "T4"));
        if is_t4 != hidden.is_some() {
            complain(format!("lint tells T4: {is_t4}, and the deck {hidden:?}"));
        }
        let own = names.first().map(Name::fqdn).unwrap_or_default();
        let of_own: BTreeSet<u16> = with
            .difference(&without)
            .filter(|(asked, _)| asked.starts_with(&format!("{own} ")))
            .map(|(_, line)| line.kind)
            .collect();
        let is_right = match hidden {
            Some(Hidden::Wholly) => of_own.is_empty(),
            Some(Hidden::ButForAliases) => of_own == BTreeSet::from([5, 12]),
            None => true,
        };
        if !is_right {
            complain(format!("it is said to be hidden ({hidden:?}), and CoreDNS serves {of_own:?}"));
        }
    }
    wrong
}

/// A value at a name's own key, records below it, and the types that come when the fix of T4 is made.
type Fixed = (&'static str, &'static [(&'static str, &'static str)], &'static [u16]);

/// Fixes of T4, with leaves that have `targetstrip` or none, and with groups.
const FIXED: &[Fixed] = &[
    (r#"{"host":"192.0.2.1"}"#, &[("x1", OTHER)], &[1, 33]),
    (r#"{"host":"192.0.2.1"}"#, &[("x1", r#"{"host":"192.0.2.200","group":"a"}"#)], &[1, 33]),
    (r#"{"host":"192.0.2.1","group":"a"}"#, &[("x1", OTHER)], &[1, 33]),
    (r#"{"host":"192.0.2.1","targetstrip":1}"#, &[("x1", OTHER)], &[1, 33]),
    (r#"{"host":"192.0.2.1"}"#, &[("api/x1", OTHER)], &[1, 33]),
    (r#"{"host":"192.0.2.1","mail":true}"#, &[("x1", OTHER)], &[1, 15, 33]),
    (r#"{"host":"192.0.2.1","port":80}"#, &[("x1", OTHER)], &[1, 33]),
    (r#"{"text":"t"}"#, &[("x1", OTHER)], &[16]),
    (r#"{"host":"a.test"}"#, &[("x1", r#"{"text":"t"}"#)], &[5, 33]),
    // The new leaf would come first without a group, and would end the effect of the others' groups.
    (
        r#"{"host":"192.0.2.1"}"#,
        &[
            ("x2", r#"{"host":"192.0.2.200","group":"a"}"#),
            ("api/x1", r#"{"host":"192.0.2.201","group":"b"}"#),
        ],
        &[],
    ),
    // Groups would keep the new leaf out, or the new leaf would keep others out.
    (
        r#"{"host":"192.0.2.1","group":"b"}"#,
        &[
            ("x1", r#"{"host":"192.0.2.200","group":"a"}"#),
            ("api/x1", r#"{"host":"192.0.2.201","group":"b"}"#),
        ],
        &[],
    ),
    (r#"{"host":"192.0.2.1","group":"b"}"#, &[("api/x1", r#"{"host":"192.0.2.200","group":"a"}"#)], &[]),
];

/// Returns the words and fixes of T4 that are wrong.
pub fn judge_hidden(court: &mut Court) -> Vec<String> {
    use coredeck::dns::lint::{FixStep, Trap, lint};
    let options = options();
    let serving = options.serving();
    let name = Name::parse("www.example.org").unwrap();
    let mut wrong = vec![];
    for (value, below, wanted) in FIXED {
        let mut records: Vec<Record> =
            below.iter().map(|(at, value)| record(&format!("www/{at}"), value)).collect();
        court.load(&records);
        let without = lines(court, &options, std::slice::from_ref(&name));
        records.insert(0, record("www", value));
        court.load(&records);
        let with = lines(court, &options, std::slice::from_ref(&name));
        let mut complain = |what: String| wrong.push(format!("{value} above {below:?}: {what}"));
        let seen: BTreeSet<String> =
            with.difference(&without).map(|(_, line)| presentation::kind(line.kind)).collect();
        let found = lint(&Held::of(&records).known(), &serving);
        let Some(finding) = found.list.iter().find(|finding| finding.trap == Trap::T4) else {
            complain("nothing is said of it".to_owned());
            continue;
        };
        let says_some = finding.message.contains("Only CNAME and PTR queries see it");
        if seen != if says_some { BTreeSet::from(["CNAME".into(), "PTR".into()]) } else { BTreeSet::new() } {
            complain(format!("{} And CoreDNS gives {seen:?} for it", finding.message));
        }
        let moved = finding.fix.as_ref().map(|fix| match &fix.steps[..] {
            [FixStep::Move { to, .. }] => to.to_vec(),
            steps => panic!("{steps:?}"),
        });
        let Some(to) = moved else {
            if !wanted.is_empty() {
                complain("there is no fix".to_owned());
            }
            continue;
        };
        records[0].key = to;
        court.load(&records);
        let after = lines(court, &options, std::slice::from_ref(&name));
        let come: BTreeSet<u16> = after.difference(&without).map(|(_, line)| line.kind).collect();
        let lost: Vec<_> = without.difference(&after).collect();
        if come != wanted.iter().copied().collect() || !lost.is_empty() {
            complain(format!("its fix brings {come:?}, and takes {lost:?}"));
        }
    }
    wrong
}
