#![allow(clippy::wildcard_enum_match_arm, reason = "tests")]

use super::*;
use crate::{
    desired::LeftAlone,
    dns::{KeyContent, QueryType, ReadPart},
    exchange::{Origin, ZoneFile, read_zone, zone_files},
    keys::{ClusterId, Revision, Scope, ScopedKey},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn serving(zones: &[&str]) -> Serving {
    Serving::new(scope(), zones.iter().map(|zone| Name::parse(zone).unwrap()).collect())
}

fn records(pairs: &[(String, String)]) -> Vec<KeyValue> {
    let sorted: BTreeMap<&String, &String> = pairs.iter().map(|(key, value)| (key, value)).collect();
    let record = |(tail, value): (&String, &String)| KeyValue {
        key: scope().key(format!("/coredns/{tail}").as_bytes()).unwrap(),
        value: value.as_bytes().into(),
        create_revision: Revision(1),
        mod_revision: Revision(2),
        version: 1,
        lease: None,
    };
    sorted.into_iter().map(record).collect()
}

fn known(records: &[KeyValue]) -> ReadPart {
    let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: record.lease };
    ReadPart::everything(records.iter().map(|record| (record.key.as_bytes().into(), content(record))))
}

fn export(serving: &Serving, records: &[KeyValue]) -> Vec<ZoneFile> {
    let leases = BTreeMap::new();
    let origin = Origin { cluster: ClusterId(1), revision: Revision(7), leases: &leases };
    zone_files(&known(records), serving, records, origin).0
}

/// Returns the records that files come to in an empty scope, and those that it cannot carry.
fn import(serving: &Serving, files: &[ZoneFile]) -> (Vec<KeyValue>, Vec<NotCarried>) {
    let mut there: Vec<KeyValue> = vec![];
    let mut left = vec![];
    for file in files {
        let read = read_zone(file.text.as_bytes(), None).unwrap();
        left.extend(read.not_carried);
        let wish = WantedRecords {
            records: &read.records,
            zones: std::slice::from_ref(&read.zone),
            how: Treatment::Add,
            speech: Speech::Zone,
        };
        let (found, altered) = by_rrset(&known(&there), serving, &there, wish);
        assert!(found.updates.is_empty() && found.deletes.is_empty());
        left.extend(altered);
        for create in found.creates {
            let key = scope().key(&create.key).unwrap();
            let pair = (key.spelled().replace("\\\\", "\\")["/coredns/".len()..].to_owned(), String::new());
            let mut record = records(&[pair]).remove(0);
            record.key = key;
            record.value = create.value;
            there.push(record);
        }
        there.sort_by(|a, b| a.key.cmp(&b.key));
    }
    (there, left)
}

fn lines(files: &[ZoneFile]) -> Vec<String> {
    let line = |record: &ZoneRecord| {
        format!("{} {} {} {}", record.owner, record.ttl, record.data.kind(), record.data)
    };
    files.iter().flat_map(|file| file.records.iter().map(line)).collect()
}

fn pairs(records: &[(&str, &str)]) -> Vec<(String, String)> {
    records.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn usual() -> Vec<KeyValue> {
    records(&pairs(&[
        ("org/example/dns/apex/x1", r#"{"host":"192.0.2.10"}"#),
        ("org/example/dns/ns/ns1", r#"{"host":"192.0.2.53","ttl":3600}"#),
        ("org/example/www/x1", r#"{"host":"192.0.2.11","ttl":60}"#),
        ("org/example/www/048b0377", r#"{"host":"2001:db8::11","ttl":60,"targetstrip":1}"#),
        ("org/example/docs", r#"{"host":"www.example.org"}"#),
        ("org/example/_tcp/_http/x1", r#"{"host":"192.0.2.11","port":8080,"weight":60}"#),
        ("org/example/_tcp/_http/x2", r#"{"host":"192.0.2.12","port":8080,"weight":40}"#),
        ("org/example/_tcp/_http/x3", r#"{"host":"www.example.org","port":8081,"priority":20}"#),
        ("org/example/mail/mx1", r#"{"host":"mx1.example.org","mail":true,"priority":5}"#),
        ("org/example/mx1/x1", r#"{"host":"192.0.2.25"}"#),
        ("org/example/t/x1", r#"{"text":"v=spf1 \"quoted\" C:\\\\x -all"}"#),
        (r"org/example/a\@b/x1", r#"{"host":"192.0.2.77"}"#),
        ("arpa/in-addr/192/0/2/11", r#"{"host":"www.example.org"}"#),
    ]))
}

#[test]
fn every_type_is_written_as_it_is_answered() {
    let files = export(&serving(&["example.org", "2.0.192.in-addr.arpa"]), &usual());
    assert_eq!(
        lines(&files),
        [
            "11.2.0.192.in-addr.arpa 300 PTR www.example.org.",
            "example.org 300 A 192.0.2.10",
            "example.org 3600 NS ns1.ns.dns.example.org.",
            "_http._tcp.example.org 300 A 192.0.2.11",
            "_http._tcp.example.org 300 A 192.0.2.12",
            "_http._tcp.example.org 300 SRV 10 40 8080 x2._http._tcp.example.org.",
            "_http._tcp.example.org 300 SRV 10 60 8080 x1._http._tcp.example.org.",
            "_http._tcp.example.org 300 SRV 20 100 8081 www.example.org.",
            "x1._http._tcp.example.org 300 A 192.0.2.11",
            "x2._http._tcp.example.org 300 A 192.0.2.12",
            r"a\@b.example.org 300 A 192.0.2.77",
            "ns1.ns.dns.example.org 3600 A 192.0.2.53",
            "docs.example.org 300 CNAME www.example.org.",
            "mail.example.org 300 MX 5 mx1.example.org.",
            "mx1.example.org 300 A 192.0.2.25",
            r#"t.example.org 300 TXT "v=spf1 \"quoted\" C:\\x -all""#,
            "www.example.org 60 A 192.0.2.11",
            "www.example.org 60 AAAA 2001:db8::11",
        ]
    );
    let text = &files[1].text;
    for wanted in [
        "\n$ORIGIN example.org.\n$TTL 300\n",
        " 30 IN SOA ns.dns.example.org. hostmaster.example.org. 7 7200 1800 86400 30 ;",
        "\na\\064b ",
        "; /coredns/org/example/www/048b0377 targetstrip=1\n",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
}

#[test]
fn a_zone_file_comes_back_with_the_same_answers_and_a_second_time_nothing_is_left() {
    let serving = serving(&["example.org", "2.0.192.in-addr.arpa"]);
    let files = export(&serving, &usual());
    let (there, left) = import(&serving, &files);
    let altered: Vec<String> = left.iter().filter(|left| left.line() > 0).map(ToString::to_string).collect();
    assert!(
        matches!(&altered[..], [soa, reverse, service]
            if soa.contains("SOA") && reverse.contains("SOA") && service.contains("_http._tcp.example.org A:")),
        "{altered:#?}"
    );
    assert_eq!(lines(&export(&serving, &there)), lines(&files));
    for file in &files {
        let read = read_zone(file.text.as_bytes(), None).unwrap();
        let zones = [read.zone.clone()];
        let how = Treatment::Change { prune: true };
        let (found, _) = by_rrset(
            &known(&usual()),
            &serving,
            &usual(),
            WantedRecords { records: &read.records, zones: &zones, how, speech: Speech::Zone },
        );
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn a_record_that_serves_what_is_wanted_stays_whatever_its_leaf_is_called() {
    let serving = serving(&["example.org"]);
    let existing = records(&pairs(&[
        ("org/example/www/any-leaf", r#"{"host":"192.0.2.1","note":"kept"}"#),
        ("org/example/www/old", r#"{"host":"192.0.2.9","ttl":60,"note":"kept"}"#),
        ("org/example/api/x1", r#"{"host":"192.0.2.2"}"#),
        ("org/other/x1", r#"{"host":"192.0.2.3"}"#),
    ]));
    let text = "$ORIGIN example.org.\n$TTL 300\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.1\nwww 90 A 192.0.2.2\nnew TXT x\n";
    let read = read_zone(text.as_bytes(), None).unwrap();
    let zones = [read.zone.clone()];
    let compare = |how| {
        by_rrset(
            &known(&existing),
            &serving,
            &existing,
            WantedRecords { records: &read.records, zones: &zones, how, speech: Speech::Zone },
        )
    };
    let of_lines =
        |left: Vec<NotCarried>| left.into_iter().filter(|left| left.line() > 0).collect::<Vec<_>>();
    let (found, left) = compare(Treatment::Change { prune: false });
    assert_eq!(of_lines(left), []);
    let creates: Vec<_> =
        found.creates.iter().map(|create| String::from_utf8_lossy(&create.key).into_owned()).collect();
    assert_eq!(creates, ["/coredns/org/example/new/x1"]);
    assert_eq!(found.updates.len(), 1);
    assert_eq!(found.updates[0].before.key.spelled(), "/coredns/org/example/www/old");
    assert_eq!(&*found.updates[0].value, br#"{"host":"192.0.2.2","ttl":90,"note":"kept"}"#);
    let why: Vec<_> =
        found.untouched.iter().map(|left| (left.record.key.spelled(), left.why.clone())).collect();
    assert_eq!(
        why,
        [
            ("/coredns/org/example/api/x1".to_owned(), LeftAlone::NotPruned),
            ("/coredns/org/other/x1".to_owned(), LeftAlone::Elsewhere)
        ]
    );
    let (found, _) = compare(Treatment::Change { prune: true });
    assert_eq!(found.deletes.len(), 1);
    let (found, left) = compare(Treatment::Add);
    assert!(found.updates.is_empty() && found.deletes.is_empty() && found.creates.len() == 2);
    let left = of_lines(left);
    assert!(matches!(&left[..], [NotCarried::Altered { .. }]), "the old address is still answered: {left:?}");
}

#[test]
fn what_a_scope_cannot_hold_is_told_line_by_line() {
    let serving = serving(&["example.org"]);
    let text = "\
$ORIGIN example.org.
$TTL 1h
@ IN SOA ns1 host ( 1 2h ; serial
   3 4 5 )
  NS ns1
  NS ns.elsewhere.test.
ns1 A 192.0.2.53
@ MX 0 mail
mail A 192.0.2.25
sub NS ns1
* A 192.0.2.9
both CNAME www
both A 192.0.2.1
caa CAA 0 issue \"x\"
www 0 A 192.0.2.2
srv SRV 0 0 80 www
out.test. A 192.0.2.3
";
    let read = read_zone(text.as_bytes(), None).unwrap();
    let (found, altered) = by_rrset(
        &known(&[]),
        &serving,
        &[],
        WantedRecords {
            records: &read.records,
            zones: std::slice::from_ref(&read.zone),
            how: Treatment::Add,
            speech: Speech::Zone,
        },
    );
    let told: Vec<String> = read.not_carried.iter().chain(&altered).map(ToString::to_string).collect();
    for wanted in [
        "line 3: example.org SOA",
        "line 6: example.org NS: the file has no address",
        "line 10: sub.example.org NS: CoreDNS delegates nothing",
        "line 11: *.example.org A",
        "line 12: both.example.org CNAME: its name has other records",
        "line 14: caa.example.org CAA",
        "line 17: out.test A: it is outside the zone",
        "line 5: example.org NS: CoreDNS will answer 3600 ns1.ns.dns.example.org.",
        "line 8: example.org MX: CoreDNS will answer 3600 1 mail.example.org., and the file says 3600 0",
        "line 15: www.example.org A: CoreDNS will answer 1 192.0.2.2",
        "line 16: srv.example.org SRV: CoreDNS will answer 3600 1 100 80",
    ] {
        assert!(told.iter().any(|told| told.starts_with(wanted)), "{wanted}\n{told:#?}");
    }
    let keys: Vec<String> =
        found.creates.iter().map(|create| String::from_utf8_lossy(&create.key).into_owned()).collect();
    assert!(keys.contains(&"/coredns/org/example/dns/ns/ns1".to_owned()), "{keys:?}");
}

fn any_records() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        Just("www"),
        Just("www/x1"),
        Just("www/x2"),
        Just("www/deep/x1"),
        Just("a/048b0377"),
        Just("a"),
        Just("b/x1"),
        Just("b"),
        Just("dns/apex/x1"),
        Just("dns/apex/a"),
        Just("dns/ns/a"),
        Just("dns/ns/b/x1"),
        Just("x1"),
        Just("_tcp/_s/x1"),
        Just("_tcp/_s/x2"),
        Just("_tcp/_s/y"),
        Just(r"q\@r/x1"),
        Just("UP/x1"),
        Just("*/x1"),
    ]
    .prop_map(|tail| format!("org/example/{tail}"));
    let host = prop_oneof![
        Just(r#""host":"192.0.2.1""#),
        Just(r#""host":"192.0.2.2""#),
        Just(r#""host":"2001:db8::1""#),
        Just(r#""host":"www.example.org""#),
        Just(r#""host":"b.example.org""#),
        Just(r#""host":"far.test""#),
        Just(r#""text":"a b; \" \\\\ ü""#),
        Just(r#""host":"far.test","mail":true"#),
        Just(r#""host":"192.0.2.3","mail":true,"priority":7"#),
        Just(r#""host":"192.0.2.4","port":80"#),
        Just(r#""host":"www.example.org","port":81,"weight":7"#),
        Just(r#""host":"192.0.2.5","group":"g""#),
        Just(r#""host":"192.0.2.6","group":"h","port":5,"targetstrip":1"#),
        Just(r#""host":"192.0.2.7","port":"x""#),
    ];
    let ttl = prop_oneof![Just(""), Just(r#","ttl":0"#), Just(r#","ttl":77"#), Just(r#","ttl":4294967295"#)];
    let record = (name, host, ttl).prop_map(|(name, host, ttl)| (name, format!("{{{host}{ttl}}}")));
    prop::collection::vec(record, 0..7)
}

/// Returns the answer to a record's question, as far as `altered` compares it.
fn answered(source: &ReadPart, serving: &Serving, record: &ZoneRecord) -> Vec<String> {
    let mut answers = KnownAnswers::new(source, serving);
    let given = answers.of_name(&record.owner, record.data.kind());
    let mut lines: Vec<String> =
        given.iter().map(|(_, record)| format!("{} {}", record.ttl, record.data)).collect();
    lines.dedup();
    lines
}

proptest! {
    #[test]
    fn after_export_and_import_every_name_of_the_file_gives_what_the_file_says_or_it_is_told(
        pairs in any_records(),
    ) {
        let serving = serving(&["example.org"]);
        let stored = records(&pairs);
        let files = export(&serving, &stored);
        let (there, left) = import(&serving, &files);
        let (before, after) = (known(&stored), known(&there));
        for file in &files {
            for record in &file.records {
                let kind = record.data.kind();
                let is_told = left.iter().any(|left| match left {
                    NotCarried::Altered { name, kind: told, .. } => *name == record.owner && *told == kind,
                    NotCarried::Line { name, kind: told, .. } => *name == record.owner.to_string() && *told == kind.to_string(),
                    _ => false,
                });
                let also = file.not_carried.iter().any(|left| match left {
                    NotCarried::AlsoAnswered { name, kind: told, .. } | NotCarried::Altered { name, kind: told, .. } => {
                        *name == record.owner && *told == kind
                    }
                    NotCarried::AliasInLeaf { name, .. } => *name == record.owner && kind == QueryType::CNAME,
                    _ => false,
                });
                if !is_told && !also {
                    prop_assert_eq!(
                        answered(&before, &serving, record), answered(&after, &serving, record),
                        "{} {}\n{}\n{:#?}", record.owner, kind, file.text, there
                    );
                }
            }
            // Every stored record is in the file, or told.
            let text = &file.text;
            for record in &stored {
                prop_assert!(text.contains(&record.key.spelled()), "{}\n{}", record.key, text);
            }
        }
    }

    #[test]
    fn a_plan_of_a_zone_file_leaves_nothing_to_plan(is in any_records(), should in any_records()) {
        let serving = serving(&["example.org"]);
        let wanted = export(&serving, &records(&should));
        let Some(file) = wanted.first() else { return Ok(()) };
        let read = read_zone(file.text.as_bytes(), None).unwrap();
        let zones = [read.zone.clone()];
        let wish = WantedRecords { records: &read.records, zones: &zones, how: Treatment::Change { prune: true }, speech: Speech::Zone };
        let mut now = records(&is);
        // A record comes to light when those that hide it are deleted, and the file may not want it either. So it may
        // take several plans, but one of them is the last.
        for round in 0..8 {
            let (found, left) = by_rrset(&known(&now), &serving, &now, wish);
            let blocked = left.iter().any(|left| matches!(left, NotCarried::Line { .. } | NotCarried::Altered { .. }));
            prop_assert!(round < 7 || found.is_empty() || blocked, "{:#?}\n{}\n{}", now, serde_json::to_string(&crate::desired::PlanFile::of_comparison(&found, "", ClusterId(1), Revision(1), 0)).unwrap(), file.text);
            let mut after: BTreeMap<ScopedKey, KeyValue> =
                now.into_iter().map(|record| (record.key.clone(), record)).collect();
            for record in &found.deletes {
                after.remove(&record.key);
            }
            for Relocated { before, to, value } in &found.moves {
                let there = after.remove(&before.key).unwrap();
                after.insert(to.clone(), KeyValue { key: to.clone(), value: value.clone(), ..there });
            }
            for update in &found.updates {
                after.get_mut(&update.before.key).unwrap().value = update.value.clone();
            }
            for create in &found.creates {
                let key = scope().key(&create.key).unwrap();
                let made = KeyValue { value: create.value.clone(), key: key.clone(), ..usual().remove(0) };
                let old = after.insert(key, made);
                prop_assert!(old.is_none(), "{:?}", old);
            }
            now = after.into_values().collect();
        }
    }
}

/// Compares the records of a file for `example.org` with a scope that holds these.
fn wanted(text: &str, existing: &[(&str, &str)], how: Treatment) -> (Comparison, Vec<String>) {
    let text = format!("$ORIGIN example.org.\n$TTL 300\n@ SOA a b 1 2 3 4 5\n{text}");
    let read = read_zone(text.as_bytes(), None).unwrap();
    let existing = records(&pairs(existing));
    let zones = [read.zone.clone()];
    let wish = WantedRecords { records: &read.records, zones: &zones, how, speech: Speech::Zone };
    let (found, told) = by_rrset(&known(&existing), &serving(&["example.org"]), &existing, wish);
    (found, told.iter().map(ToString::to_string).collect())
}

fn created(found: &Comparison) -> Vec<String> {
    found.creates.iter().map(|create| String::from_utf8_lossy(&create.key).into_owned()).collect()
}

fn moved(found: &Comparison) -> Vec<(String, String)> {
    let moved = |moved: &Relocated| (moved.before.key.spelled(), moved.to.spelled());
    found.moves.iter().map(moved).collect()
}

#[test]
fn a_record_that_a_new_one_would_hide_makes_room_with_all_that_it_has() {
    let own = ("org/example/www", r#"{"host":"192.0.2.1","note":"kept","ttl":60}"#);
    let to =
        |leaf: &str| vec![("/coredns/org/example/www".to_owned(), format!("/coredns/org/example/{leaf}"))];
    // A leaf of its own name hides it, and a name below it does.
    let (found, _) = wanted("www A 192.0.2.2\n", &[own], Treatment::Add);
    assert_eq!(
        (created(&found), moved(&found)),
        (vec!["/coredns/org/example/www/x1".to_owned()], to("www/x2"))
    );
    let (found, _) = wanted("api.www A 192.0.2.2\n", &[own], Treatment::Add);
    assert_eq!(moved(&found), to("www/x1"));
    assert!(found.moves[0].is_unchanged() && found.untouched.is_empty(), "{found:#?}");
    // The record gets its other value on the way, and is deleted where nobody wants it any more.
    let text = "www A 192.0.2.1\napi.www A 192.0.2.2\n";
    let (found, _) = wanted(text, &[own], Treatment::Change { prune: true });
    assert_eq!(
        (moved(&found), found.updates.len(), found.deletes.len(), found.same),
        (to("www/x1"), 0, 0, 0)
    );
    assert_eq!(&*found.moves[0].value, br#"{"host":"192.0.2.1","note":"kept","ttl":300}"#);
    let (found, _) = wanted("api.www A 192.0.2.2\n", &[own], Treatment::Change { prune: true });
    assert_eq!((moved(&found), found.deletes.len()), (vec![], 1));
    // A hidden record would begin to answer, and a value that does not decode would spoil the name.
    for stays in [
        &[own, ("org/example/www/x1", r#"{"host":"192.0.2.3"}"#)][..],
        &[("org/example/www", "{")],
        &[("org/example", r#"{"host":"192.0.2.3"}"#), ("org/example/dns/apex/x1", r#"{"host":"192.0.2.3"}"#)],
    ] {
        assert_eq!(moved(&wanted("api.www A 192.0.2.2\n", stays, Treatment::Add).0), [], "{stays:?}");
    }
}

#[test]
fn a_record_that_is_a_leaf_of_a_name_goes_to_another_leaf_of_it() {
    // CoreDNS takes any key below demo for a leaf of it, and x2.demo for a name of its own once it has leaves.
    let leaf = ("org/example/demo/x2", r#"{"host":"192.0.2.4","ttl":300}"#);
    let (found, _) = wanted("demo A 192.0.2.4\nx2.demo A 192.0.2.2\n", &[leaf], Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example/demo/x2/x1"]);
    assert_eq!(
        moved(&found),
        [("/coredns/org/example/demo/x2".to_owned(), "/coredns/org/example/demo/x1".to_owned())]
    );
}

#[test]
fn a_key_that_is_left_is_free_for_an_alias() {
    let own = ("org/example/www", r#"{"host":"192.0.2.1"}"#);
    let (found, _) = wanted("www CNAME far.test.\nx1.www A 192.0.2.2\n", &[own], Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example/www", "/coredns/org/example/www/x1/x1"]);
    assert_eq!(
        moved(&found),
        [("/coredns/org/example/www".to_owned(), "/coredns/org/example/www/x2".to_owned())]
    );
}

#[test]
fn an_answer_that_hangs_on_others_is_made_where_they_do_not_give_it_any_more() {
    // Without dns/apex the zone answers with all of its addresses; with it, it does not.
    let leak = ("org/example/mail/x1", r#"{"host":"192.0.2.2","port":25}"#);
    let (found, _) = wanted("@ A 192.0.2.1\n@ A 192.0.2.2\n", &[leak], Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example/dns/apex/x1", "/coredns/org/example/dns/apex/x2"]);
    let own = ("org/example/mail", r#"{"host":"192.0.2.2"}"#);
    let (found, _) = wanted("@ A 192.0.2.2\n@ MX 10 mail.sub\n", &[own], Treatment::Add);
    assert_eq!(created(&found).len(), 2, "mail servers in dns/apex hide the addresses as well: {found:?}");
    let (found, _) = wanted("@ A 192.0.2.2\n", &[leak], Treatment::Add);
    assert_eq!(created(&found), Vec::<String>::new(), "it is given already");
}

#[test]
fn a_name_server_with_an_address_of_another_comes_to_rest_and_is_told_once() {
    let other = ("org/example/dns/ns/ns1/x1", r#"{"host":"192.0.2.9","targetstrip":1,"ttl":300}"#);
    let own = ("org/example/dns/ns/ns1/x2", r#"{"host":"192.0.2.53","targetstrip":1,"ttl":300}"#);
    let text = "@ NS ns1\nns1 A 192.0.2.53\n";
    let server = ("org/example/ns1/x1", r#"{"host":"192.0.2.53","ttl":300}"#);
    for how in [Treatment::Add, Treatment::Change { prune: false }, Treatment::Change { prune: true }] {
        let (found, _) = wanted(text, &[other, own, server], how);
        assert_eq!(created(&found), Vec::<String>::new(), "{how:?}");
    }
    let taken = ("org/example/dns/ns/ns1", r#"{"host":"192.0.2.9"}"#);
    let (_, told) = wanted("@ NS ns1\nns1 A 192.0.2.53\nns1 A 192.0.2.54\n", &[taken], Treatment::Add);
    let of_line = told.iter().filter(|told| told.starts_with("line 4: ")).count();
    assert_eq!(of_line, 1, "{told:#?}");
}

#[test]
fn an_address_that_lies_apart_from_its_service_gets_no_weight() {
    let address = ("org/example/www/x1", r#"{"host":"192.0.2.3","ttl":300}"#);
    let service =
        ("org/example/dns/apex/x1", r#"{"host":"www.example.org","port":80,"weight":60,"ttl":300}"#);
    let text = "www A 192.0.2.3\n@ SRV 10 60 80 www\n";
    let (found, _) = wanted(text, &[address, service], Treatment::Change { prune: false });
    assert!(found.is_empty(), "{found:#?}");
}

/// Compares the same file again once its new records are there; returns the words that are told then, too.
fn again_told(
    text: &str,
    existing: &[(&str, &str)],
    found: &Comparison,
    how: Treatment,
) -> (Comparison, Vec<String>) {
    let made: Vec<(String, String)> = found
        .creates
        .iter()
        .map(|create| [&create.key, &create.value].map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
        .map(|[key, value]| (key["/coredns/".len()..].to_owned(), value))
        .collect();
    let made = made.iter().map(|(key, value)| (&**key, &**value));
    wanted(text, &existing.iter().copied().chain(made).collect::<Vec<_>>(), how)
}

fn again(text: &str, existing: &[(&str, &str)], found: &Comparison, how: Treatment) -> Comparison {
    again_told(text, existing, found, how).0
}

#[test]
fn an_address_of_the_zone_that_new_records_in_dns_apex_keep_away_is_made_there_with_them() {
    // The broken value spoils the zone's answers, so nothing is given before or after.
    let existing = [("org/example/0", r#"{"host":"192.0.2.4"}"#), ("org/example/app/1", r#"{"host":7}"#)];
    let text = "@ A 192.0.2.4\n@ MX 20 ns\n";
    let (found, _) = wanted(text, &existing, Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example/dns/apex/x1", "/coredns/org/example/dns/apex/x2"]);
    assert!(again(text, &existing, &found, Treatment::Add).is_empty());
    let (found, _) = wanted("@ A 192.0.2.4\n", &existing, Treatment::Add);
    assert!(found.is_empty(), "it is the zone's own address where there is no dns/apex: {found:#?}");
}

#[test]
fn what_is_no_address_is_the_zones_own_beside_dns_apex_as_well() {
    let existing = [
        ("org/example/app/1", r#"{"host":7}"#),
        ("org/example/dns/apex/x1", r#"{"host":"192.0.2.4","ttl":300}"#),
        ("org/example/x2", r#"{"host":"far.test","port":80,"priority":1,"weight":1,"ttl":300}"#),
        ("org/example/x3", r#"{"text":"t","ttl":300}"#),
        ("org/example/x4", r#"{"host":"far.test","mail":true,"priority":20,"ttl":300}"#),
    ];
    let text = "@ A 192.0.2.4\n@ SRV 1 1 80 far.test.\n@ TXT t\n@ MX 20 far.test.\n";
    let (found, _) = wanted(text, &existing, Treatment::Add);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_a_record_of_external_dns_answers_is_made_anew_where_a_new_name_hides_that() {
    // Only external-dns may move it.
    let existing = [("org/example/www", r#"{"host":"192.0.2.1","owner":"prod","ttl":300}"#)];
    let text = "www A 192.0.2.1\napi.www A 192.0.2.2\n";
    let (found, _) = wanted(text, &existing, Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example/www/api/x1", "/coredns/org/example/www/x1"]);
    assert!(
        moved(&found).is_empty() && again(text, &existing, &found, Treatment::Add).is_empty(),
        "{found:#?}"
    );
}

#[test]
fn two_of_a_file_that_are_answered_alike_each_have_a_record_of_their_own() {
    // CoreDNS takes a priority of 0 for none, and 1 is the nearest.
    for (text, records) in [
        ("www 60 SRV 0 0 80 far.test.\nwww 60 SRV 1 50 80 far.test.\n", 2),
        ("www 300 SRV 1 50 80 far.test.\nwww 60 SRV 1 5 80 far.test.\n", 2),
        // A weight of 0 is stored as 1, and 1 as more where the shares were rounded.
        ("www 300 SRV 1 0 80 far.test.\nwww 60 SRV 1 1 80 far.test.\nwww SRV 1 98 81 far.test.\n", 3),
        ("www 300 SRV 1 0 80 far.test.\nwww 60 SRV 1 1 80 far.test.\n", 2),
        ("www 300 MX 0 far.test.\nwww 60 MX 1 far.test.\n", 2),
        ("www 60 TXT \"a\" \"b\"\nwww 300 TXT \"ab\"\n", 2),
        ("www 300 MX 1 far.test.\n", 1),
    ] {
        let (found, _) = wanted(text, &[], Treatment::Add);
        assert_eq!(found.creates.len(), records, "{text}");
        for how in [Treatment::Add, Treatment::Change { prune: false }, Treatment::Change { prune: true }] {
            let next = again(text, &[], &found, how);
            assert!(next.is_empty(), "{text}: {next:#?}");
        }
    }
}

#[test]
fn an_address_that_lies_apart_from_its_service_is_told_with_its_own_line() {
    let text = "www AAAA 2001:db8::1\n@ SRV 1 50 80 www\n";
    let service = (
        "org/example/dns/apex/x1",
        r#"{"host":"www.example.org","port":80,"priority":1,"weight":50,"ttl":300}"#,
    );
    let address = ("org/example/www/x1", r#"{"host":"2001:db8::1","ttl":300}"#);
    for existing in [&[service][..], &[service, address]] {
        let (_, told) = wanted(text, existing, Treatment::Add);
        let of_zone = told.iter().find(|told| told.starts_with("line 5: example.org SRV: "));
        assert!(of_zone.is_some_and(|told| told.ends_with(" (it comes with line 4)")), "{told:#?}");
    }
}

#[test]
fn what_is_told_hangs_on_the_records_that_give_the_answers_afterwards() {
    // An address is given once: by www now, and then by ns2.
    let hidden =
        [("org/example/www", r#"{"host":"192.0.2.4"}"#), ("org/example/www/api", r#"{"host":"192.0.2.2"}"#)];
    for (text, existing) in [
        ("ns2 A 192.0.2.4\n@ A 192.0.2.4\n", &hidden[..]),
        ("x1.www AAAA 2001:db8::2\nx1.www A 192.0.2.4\nwww SRV 1 60 443 x1.www\n", &[]),
    ] {
        let (found, told) = wanted(text, existing, Treatment::Add);
        let (next, told_again) = again_told(text, existing, &found, Treatment::Add);
        assert!(next.is_empty() && told == told_again, "{text}: {told:#?} {told_again:#?}");
    }
}

#[test]
fn a_record_at_the_own_key_of_one_wanted_name_is_its_record_and_no_leaf_of_the_other() {
    let text = "@ CNAME 192.0.2.9.\nx1 60 CNAME 192.0.2.9.\n";
    let (found, _) = wanted(text, &[], Treatment::Add);
    assert_eq!(created(&found), ["/coredns/org/example", "/coredns/org/example/x1"]);
    let next = again(text, &[], &found, Treatment::Change { prune: false });
    assert!(next.is_empty(), "each has the TTL of its own line: {next:#?}");
}

#[test]
fn a_service_whose_target_is_dns_itself_is_not_hidden_by_records_of_the_zone() {
    let text = "dns AAAA 2001:db8::2\n@ SRV 1 50 53 dns\n@ MX 10 mail\n";
    let (found, _) = wanted(text, &[], Treatment::Add);
    assert!(created(&found).contains(&"/coredns/org/example/dns/apex/x1".to_owned()), "{found:#?}");
    assert!(!created(&found).contains(&"/coredns/org/example/dns".to_owned()), "{found:#?}");
    assert!(again(text, &[], &found, Treatment::Add).is_empty());
}
