//! Findings compared with the engine: each failure has a finding, each finding is a failure, and a fix leads to an
//! answer.

use super::{properties::*, *};
use crate::dns::{Answer, AnswerOutcome, Because, QueryType, QueryType as Q, Question, Why, answer};
use proptest::prelude::*;

/// Returns the data of an answer, or its outcome where there is none.
fn asked(source: &dyn RecordSource, name: &str, kind: QueryType) -> Vec<String> {
    let question = Question::new(name, kind).unwrap();
    let answer = answer(source, &usual(), &question);
    if answer.answer.is_empty() {
        return vec![format!("{:?}", answer.outcome)];
    }
    answer.answer.iter().map(|rr| format!("{} {}", rr.kind, rr.data)).collect()
}

/// Returns the answers to a question before the fix of a finding, and after it.
fn before_and_after(records: Records<'_>, trap: Trap, name: &str, kind: QueryType) -> [Vec<String>; 2] {
    let before = source(records);
    let findings = look(&before, &usual(), &Circumstances::default());
    let fix = of(&findings, trap)[0].fix.clone().unwrap();
    let after = ChangedSource::new(&before, fix.changes(&before));
    [asked(&before, name, kind), asked(&after, name, kind)]
}

const W: &str = "www.example.org";
const WRONG_TYPES: &str = r#"{"host":"192.0.2.1","port":"80","mail":"true"}"#;

/// Records, the trap that they are in, a question, and its answers before the fix and after it.
type Case<'c> = (Records<'c>, Trap, &'c str, QueryType, &'c [&'c str], &'c [&'c str]);

const MENDED: &[Case<'_>] = &[
    (&[("www/x1", "192.0.2.1")], Trap::T1, W, Q::A, &["ServFail"], &["A 192.0.2.1"]),
    (&[("www/x1", A), ("www/dir", "")], Trap::T2, W, Q::A, &["ServFail"], &["A 192.0.2.1"]),
    (&[("www/x1", WRONG_TYPES)], Trap::T3, W, Q::MX, &["ServFail"], &["MX 10 x1.www.example.org."]),
    (&[("www", A), ("www/x1", B)], Trap::T4, W, Q::A, &["A 192.0.2.2"], &["A 192.0.2.2", "A 192.0.2.1"]),
    (
        &[("", B), ("www", A)],
        Trap::T4,
        "example.org",
        Q::A,
        &["A 192.0.2.250"],
        &["A 192.0.2.250", "A 192.0.2.2"],
    ),
    (
        &[("www/x1", r#"{"host":"api.example.org"}"#), ("api", A)],
        Trap::T9,
        W,
        Q::CNAME,
        &["NxDomain"],
        &["CNAME api.example.org."],
    ),
    (
        &[("/arpa/in-addr/192/0/2/1/x1", r#"{"host":"www.example.org"}"#)],
        Trap::T10,
        "1.2.0.192.in-addr.arpa",
        Q::PTR,
        &["NxDomain"],
        &["PTR www.example.org."],
    ),
    (
        &[("www", r#"{"host":"api.example.org","text":"t"}"#), ("api", A)],
        Trap::T11,
        W,
        Q::A,
        &["NoError"],
        &["CNAME api.example.org.", "A 192.0.2.1"],
    ),
    (
        &[("www/x1", r#"{"host":"api.example.org","text":"t"}"#), ("api", A)],
        Trap::T11,
        W,
        Q::TXT,
        &["TXT \"t\""],
        &["TXT \"t\""],
    ),
    (&[("www", r#"{"host":"192.0.2.1","text":"t"}"#)], Trap::T12, W, Q::TXT, &["NoError"], &["TXT \"t\""]),
    (
        &[("www", r#"{"host":"192.0.2.1","text":"t"}"#)],
        Trap::T12,
        W,
        Q::A,
        &["A 192.0.2.1"],
        &["A 192.0.2.1"],
    ),
    (
        &[("_tcp/_s", r#"{"host":"www.example.org","port":80,"targetstrip":1}"#), ("www", A)],
        Trap::T13,
        "_s._tcp.example.org",
        Q::SRV,
        &["SRV 10 100 80 example.org."],
        &["SRV 10 100 80 www.example.org."],
    ),
    (
        &[("www/x1", r#"{"host":"192.0.2.1/24"}"#)],
        Trap::T15,
        W,
        Q::AAAA,
        &["CNAME 192.0.2.1/24."],
        &["NoError"],
    ),
    (
        &[("www/x1", r#"{"host":"192.0.2.1/24"}"#)],
        Trap::T15,
        W,
        Q::A,
        &["CNAME 192.0.2.1/24."],
        &["A 192.0.2.1"],
    ),
    (&[("www//x1", A)], Trap::T17, "x1.www.example.org", Q::A, &["NxDomain"], &["A 192.0.2.1"]),
    (
        &[("www/", r#"{"host":"lb.example.com"}"#)],
        Trap::T18,
        W,
        Q::CNAME,
        &["NxDomain"],
        &["CNAME lb.example.com."],
    ),
    (&[("WWW/x1", A)], Trap::T19, W, Q::A, &["NxDomain"], &["A 192.0.2.1"]),
    (&[("/www.example.org", A)], Trap::T19, W, Q::A, &["NxDomain"], &["A 192.0.2.1"]),
    (
        &[("mx", r#"{"host":"192.0.2.1","mail":true,"targetstrip":1}"#)],
        Trap::T38,
        "mx.example.org",
        Q::MX,
        &["MX 10 example.org."],
        &["MX 10 mx.example.org."],
    ),
    (
        &[("www", r#"{"text":"C:\\temp"}"#)],
        Trap::T42,
        W,
        Q::TXT,
        &["TXT \"C:temp\""],
        &["TXT \"C:\\\\temp\""],
    ),
    (
        &[("www/x1", r#"{"host":"2001:db8::1"}"#), ("www/x2", r#"{"host":"2001:DB8::1"}"#)],
        Trap::T44,
        W,
        Q::AAAA,
        &["AAAA 2001:db8::1", "AAAA 2001:db8::1"],
        &["AAAA 2001:db8::1"],
    ),
    (&[("www", r#"{"hosts":"192.0.2.1"}"#)], Trap::T50, W, Q::A, &["NoError"], &["A 192.0.2.1"]),
];

#[test]
fn each_fix_leads_to_the_answer_that_was_meant() {
    for (records, trap, name, kind, before, after) in MENDED {
        let [was, is] = before_and_after(records, *trap, name, *kind);
        assert_eq!(was, *before, "{trap} before, {records:?}");
        assert_eq!(is, *after, "{trap} after, {records:?}");
    }
}

#[test]
fn a_fix_that_only_ends_a_surprise_changes_no_answer() {
    for (at, value, trap) in [
        ("www/x1", r#"{"host":"192.0.2.1","ttl":0}"#, Trap::T30),
        ("www/x1", r#"{"host":"192.0.2.1","port":80,"priority":0}"#, Trap::T34),
        ("www/x1", r#"{"host":"192.0.2.1","targetstrip":9}"#, Trap::T45),
        ("www/x1", r#"{"host":"192.0.2.9","ttl":9,"HOST":"192.0.2.1"}"#, Trap::T51),
    ] {
        for kind in [QueryType::A, QueryType::SRV] {
            let [before, after] = before_and_after(&[(at, value)], trap, "www.example.org", kind);
            assert_eq!(before, after, "{trap}");
            assert_ne!(before, ["NoError"], "{trap}");
        }
    }
}

const ZONES: [&[&str]; 3] = [&["example.org"], &["."], &["org", "example.org", "foo"]];

/// Returns every name of the records, and all above them.
fn all_names(records: &[(Vec<u8>, Vec<u8>)], serving: &Serving) -> Vec<Name> {
    let mut names = vec![];
    for (key, _) in records {
        let Ok(key) = serving.scope.key(key) else { continue };
        let mut name = Some(Name::of_key(&serving.scope, &key));
        while let Some(some) = name {
            name = some.parent();
            if (some.is_served() || some.is_root()) && !names.contains(&some) {
                names.push(some);
            }
        }
    }
    names
}

fn is_told(findings: &Findings, answer: &Answer) -> bool {
    let name = &answer.question.name;
    findings.list.iter().any(|finding| {
        finding.severity == Severity::Error
            && (finding.names.contains(name) || answer.keys.iter().any(|key| key.starts_with(&finding.key)))
    })
}

/// Returns the keys that aliases lead to and whose values do not decode: these have one finding at the key, and none at
/// each alias.
fn broken(why: &Why) -> Vec<&[u8]> {
    if let Why::Undecodable { key, .. } = why {
        return vec![key];
    }
    let Why::NoData { unused, .. } = why else { return vec![] };
    let mut keys = vec![];
    for unused in unused {
        if let Because::Target { why, .. } = &unused.because {
            keys.extend(broken(why));
        }
    }
    keys
}

proptest! {
    #[test]
    fn whatever_fails_is_told_as_an_error(records in any_records(), zones in prop::sample::select(ZONES.to_vec())) {
        let (source, serving) = (known(&records), serving(zones));
        let findings = look(&source, &serving, &Circumstances::default());
        for name in all_names(&records, &serving) {
            for kind in QueryType::ANSWERED {
                let answer = answer(&source, &serving, &Question::of(&name, kind));
                if matches!(answer.outcome, AnswerOutcome::ServFail | AnswerOutcome::Silence | AnswerOutcome::Endless) {
                    prop_assert!(is_told(&findings, &answer), "{name} {kind}: {answer:#?}");
                }
            }
        }
    }

    #[test]
    fn what_is_told_to_answer_servfail_does(records in any_records(), zones in prop::sample::select(ZONES.to_vec())) {
        let (source, serving) = (known(&records), serving(zones));
        let findings = look(&source, &serving, &Circumstances::default());
        for finding in &findings.list {
            if matches!(finding.trap, Trap::T1 | Trap::T2 | Trap::T3) {
                for name in finding.names.iter().filter(|name| name.is_served()) {
                    let answer = answer(&source, &serving, &Question::of(name, QueryType::TXT));
                    prop_assert_eq!(answer.outcome, AnswerOutcome::ServFail, "{} {}", name, finding.message);
                }
            }
        }
    }

    #[test]
    fn an_alias_is_told_to_give_nothing_exactly_when_it_does(
        records in any_records(),
        zones in prop::sample::select(ZONES.to_vec()),
    ) {
        let (source, serving) = (known(&records), serving(zones));
        let findings = look(&source, &serving, &Circumstances::default());
        for (key, value) in &records {
            let (Ok(service), Ok(scoped)) = (crate::dns::Service::decode(value), serving.scope.key(key)) else { continue };
            let name = Name::of_key(&serving.scope, &scoped);
            let is_read = source.has(key) && source.count_below(&[&key[..], b"/"].concat()) == 0;
            // Of two records with one key the last is stored.
            let is_stored = records.iter().rev().find(|(other, _)| other == key).is_some_and(|(_, last)| last == value);
            if service.class() != crate::dns::Class::Alias || !name.is_served() || !is_read || !is_stored || name.is_reverse() {
                continue;
            }
            let answers = [QueryType::A, QueryType::AAAA, QueryType::TXT].map(|kind| answer(&source, &serving, &Question::of(&name, kind)));
            let told = findings.of(key).any(|finding| {
                matches!(
                    finding.trap,
                    Trap::T22 | Trap::T23 | Trap::T24 | Trap::T25 | Trap::T15 | Trap::T16 | Trap::T29 | Trap::T8
                )
            });
            let told = told || answers.iter().flat_map(|answer| broken(&answer.why)).any(|key| {
                findings.of(key).any(|finding| matches!(finding.trap, Trap::T1 | Trap::T2 | Trap::T3))
            });
            let failed = answers.iter().any(|answer| !matches!(answer.outcome, AnswerOutcome::NoError));
            let empty = answers.iter().all(|answer| answer.answer.is_empty() && answer.asks.is_empty());
            if empty && !failed {
                prop_assert!(told, "{name} gives nothing: {:#?}", answers[0]);
            }
            let surely_empty = findings.of(key).any(|finding| matches!(finding.trap, Trap::T22));
            if surely_empty && service.port.unwrap_or(0) == 0 && !service.mail {
                // For a target in another zone the alias itself is served.
                let addresses = [QueryType::A, QueryType::AAAA, QueryType::TXT];
                let served = answers.iter().flat_map(|answer| &answer.answer).any(|rr| addresses.contains(&rr.kind));
                prop_assert!(!served, "{name} gives something: {answers:#?}");
            }
        }
    }
}
