use super::*;
use crate::{
    dns::{AnswerOutcome, ChangedSource, KeyContent, Question, ReadPart, answer},
    keys::Scope,
};

fn serving(zones: &[&str]) -> Serving {
    let zones = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
    Serving::new(Scope::parse("/coredns").unwrap(), zones)
}

fn key(tail: &str) -> Box<[u8]> {
    format!("/coredns/{tail}").into_bytes().into()
}

fn host(host: &str) -> String {
    format!(r#"{{"host":"{host}"}}"#)
}

fn content(value: &str) -> KeyContent {
    let value = if value.starts_with(['{', '!']) { value.to_owned() } else { host(value) };
    KeyContent { value: value.into_bytes().into(), lease: None }
}

/// A value that does not start with a brace or an exclamation mark is a host; an empty one deletes.
fn known(records: &[(&str, &str)]) -> ReadPart {
    ReadPart::everything(records.iter().map(|(tail, value)| (key(tail), content(value))))
}

fn with_effort(records: &[(&str, &str)], changes: &[(&str, &str)], effort: &Effort) -> Impact {
    let known = known(records);
    let serving = serving(&["io", "org", "arpa"]);
    let change = |(tail, value): &(&str, &str)| (key(tail), (!value.is_empty()).then(|| content(value)));
    let changes: Vec<_> = changes.iter().map(change).collect();
    let keys: Vec<&[u8]> = changes.iter().map(|(key, _)| &**key).collect();
    let after = ChangedSource::new(&known, changes.iter().cloned());
    impact(&known, &after, &serving, &keys, &known, effort)
}

fn of(records: &[(&str, &str)], changes: &[(&str, &str)]) -> Impact {
    with_effort(records, changes, &Effort::default())
}

/// Returns the lines of the impact that are by-products, or those that are not.
fn lines(impact: &Impact, by_product: bool) -> Vec<String> {
    let lines = impact.lines().into_iter().filter(|line| line.by_product == by_product);
    lines.map(|line| line.to_string()).collect()
}

fn told(records: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<String> {
    lines(&of(records, changes), false)
}

const THREE: [(&str, &str); 4] = [
    ("io/gcr/x1", "10.0.0.1"),
    ("io/gcr/x2", "10.0.0.2"),
    ("io/gcr/x3", "10.0.0.3"),
    ("io/quay", "10.0.9.9"),
];

#[test]
fn one_of_several_addresses_that_goes_is_named_for_the_name_and_the_zone() {
    let impact = of(&THREE, &[("io/gcr/x2", "")]);
    assert_eq!(
        lines(&impact, false),
        [
            "gcr.io A, SRV: 3 addresses -> 2 addresses (without 10.0.0.2)",
            "io A, SRV: 4 addresses -> 3 addresses (without 10.0.0.2)",
        ]
    );
    assert_eq!(impact.summary(), "2 answers change: 2 have fewer records");
    assert_eq!(lines(&impact, true), ["x2.gcr.io A, SRV: 10.0.0.2 -> NXDOMAIN"], "nobody asks for the leaf");
}

#[test]
fn the_last_address_that_goes_takes_the_name_along() {
    let records = [("io/gcr/x1", "10.0.0.1"), ("io/quay", "10.0.9.9")];
    assert_eq!(
        told(&records, &[("io/gcr/x1", "")]),
        ["gcr.io A, SRV: 10.0.0.1 -> NXDOMAIN", "io A, SRV: 2 addresses -> 10.0.9.9 (without 10.0.0.1)",]
    );
}

#[test]
fn a_value_that_breaks_its_names_is_the_worst_and_comes_first() {
    let impact = of(&THREE, &[("io/gcr/x2", "!"), ("org/a", "10.0.0.7")]);
    assert_eq!(
        lines(&impact, false),
        [
            "gcr.io A, SRV, AAAA, MX, TXT: 3 addresses -> SERVFAIL",
            "io A, SRV, AAAA, MX, TXT: 4 addresses -> SERVFAIL",
            "a.org A, SRV: NXDOMAIN -> 10.0.0.7",
            "org A, SRV: NXDOMAIN -> 10.0.0.7",
        ]
    );
    assert_eq!(impact.summary(), "12 answers change: 10 break, 2 are new");
    let mended = of(&[("io/gcr/x1", "10.0.0.1"), ("io/gcr/x2", "!")], &[("io/gcr/x2", "")]);
    assert_eq!(lines(&mended, false)[0], "gcr.io A, SRV, AAAA, MX, TXT: SERVFAIL -> 10.0.0.1");
    assert_eq!(mended.summary(), "10 answers change: 10 fail no more");
    assert!(
        mended.shifts.iter().filter(|shift| !shift.by_product).all(|shift| shift.weight == Weight::Mended)
    );
}

#[test]
fn aliases_are_followed_however_many_lie_between() {
    let records = [
        ("io/gcr/x1", "10.0.0.1"),
        ("io/gcr/x2", "10.0.0.2"),
        ("org/www", "GCR.io."),
        ("io/alias", "gcr.io"),
        ("io/alias2", "alias.io"),
        ("io/other", "gcr.io.example"),
    ];
    let impact = of(&records, &[("io/gcr/x1", ""), ("io/gcr/x2", "")]);
    let lines = lines(&impact, false);
    for line in [
        "gcr.io A, SRV: 2 addresses -> NXDOMAIN",
        "alias.io A: 2 addresses -> NODATA",
        "alias2.io A: 2 addresses -> NODATA",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} is missing: {lines:#?}");
    }
    let asked = |name: &str| impact.shifts.iter().any(|shift| shift.name().to_string() == name);
    assert!(!asked("other.io") && !impact.aliases_left_out);
}

#[test]
fn a_name_that_only_begins_like_a_target_is_not_compared() {
    let records =
        [("io/gcr", "10.0.0.1"), ("org/a", "gcr.io.example"), ("org/b", "gcr.iox"), ("org/c", "gcr.io")];
    let effort = Effort { names: 3, ..Effort::default() };
    let impact = with_effort(&records, &[("io/gcr", "")], &effort);
    assert_eq!(impact.left_out, 1, "gcr.io, io and c.org; not org, which is above c.org");
    assert!(
        impact.lines().iter().any(|line| line.name.to_string() == "c.org"),
        "{:#?}",
        lines(&impact, false)
    );
}

#[test]
fn a_name_that_no_question_reaches_is_not_told() {
    assert_eq!(told(&[], &[("io/any/x1", "10.0.0.1")]), ["io A, SRV: NXDOMAIN -> 10.0.0.1"]);
}

#[test]
fn an_alias_is_told_as_one() {
    let records = [("io/gcr/x1", "10.0.0.1"), ("io/www", "gcr.io"), ("io/www2", "gcr.io")];
    let deleted = told(&records, &[("io/www", "")]);
    assert_eq!(deleted[0], "www.io CNAME, A, SRV: gcr.io. -> NXDOMAIN");
    let changed = told(&records, &[("io/www", "quay.io")]);
    assert!(changed.contains(&"www.io A: 10.0.0.1 -> NODATA".to_owned()), "{changed:?}");
    assert!(changed.contains(&"www.io CNAME, SRV: gcr.io. -> quay.io.".to_owned()), "{changed:?}");
}

#[test]
fn a_ptr_is_told_for_its_address_alone() {
    let impact = of(&[], &[("arpa/in-addr/192/0/2/1", "gcr.io")]);
    assert_eq!(lines(&impact, false), ["1.2.0.192.in-addr.arpa PTR: NXDOMAIN -> gcr.io."]);
    assert_eq!(impact.summary(), "1 answer changes: 1 is new");
}

#[test]
fn a_shadowed_record_is_told_with_what_hides_it() {
    let records = [("io/gcr", "10.0.0.1"), ("io/quay", "10.0.9.9")];
    let lines = told(&records, &[("io/gcr/www", r#"{"text":"t"}"#)]);
    assert_eq!(lines[0], "gcr.io A, SRV: 10.0.0.1 -> NODATA", "{lines:#?}");
}

#[test]
fn one_kind_of_nothing_for_another_is_told_where_there_is_no_more_to_say() {
    let impact = of(&[], &[("io/gcr", "{}")]);
    let line = "gcr.io CNAME, A, AAAA, MX, TXT, SRV, PTR: NXDOMAIN -> NODATA";
    assert_eq!((lines(&impact, false), &lines(&impact, true)[0]), (vec![], &line.to_owned()));
    assert!(impact.summary().ends_with("answers change"), "{}", impact.summary());
}

#[test]
fn ttl_and_order_are_told_as_such() {
    let ttl = told(&[("io/gcr", r#"{"host":"10.0.0.1","ttl":60}"#)], &[("io/gcr", "10.0.0.1")]);
    assert_eq!(ttl[0], "gcr.io A, SRV: TTL 60 -> 300");
    let two = [("io/gcr/x1", "10.0.0.1"), ("io/gcr/x2", "10.0.0.2")];
    let order = told(&two, &[("io/gcr/x1", "10.0.0.2"), ("io/gcr/x2", "10.0.0.1")]);
    assert_eq!(order[0], "gcr.io A: the same in another order", "{order:#?}");
    let swapped = told(&two, &[("io/gcr/x1", "10.0.0.7")]);
    assert_eq!(swapped[0], "gcr.io A: 2 addresses -> 2 addresses (without 10.0.0.1, with 10.0.0.7)");
    let one = told(&[("io/gcr", "10.0.0.1")], &[("io/gcr", "10.0.0.7")]);
    assert_eq!(one[0], "gcr.io A: 10.0.0.1 -> 10.0.0.7");
}

#[test]
fn real_services_beside_an_address_do_not_make_its_port_0_worth_a_line() {
    let sip = r#"{"host":"sip.example.net","port":5060}"#;
    // With an apex of its own, the zone's addresses do not hide the changes of its services.
    let records = [
        ("org/dns/apex/x1", "10.0.9.9"),
        ("org/_tcp/_sip/x1", sip),
        ("org/www/x1", "10.0.0.1"),
        ("org/www/x2", "10.0.0.2"),
    ];
    let lines = told(&records, &[("org/www/x1", "")]);
    assert_eq!(lines, ["www.org A, SRV: 2 addresses -> 10.0.0.2 (without 10.0.0.1)"]);
    let lines = told(&records, &[("org/_tcp/_sip/x1", "")]);
    assert!(lines.iter().any(|line| line.starts_with("org SRV: ")), "{lines:#?}");
}

#[test]
fn weights_and_aliases_that_change_alone_are_told_as_such() {
    let service = |host: &str, weight: u8| format!(r#"{{"host":"{host}","port":80,"weight":{weight}}}"#);
    let (a, b) = (service("a.io", 10), service("b.io", 10));
    let two = [("io/_http/x1", &*a), ("io/_http/x2", &*b)];
    assert_eq!(
        told(&two, &[("io/_http/x1", &service("a.io", 30))])[0],
        "_http.io SRV: 2 services, with other weights"
    );
    let alias = [("io/gcr/x1", "10.0.0.1"), ("io/quay/x1", "10.0.0.1"), ("io/www", "gcr.io")];
    let lines = told(&alias, &[("io/www", "quay.io")]);
    assert_eq!(lines[0], "www.io CNAME, A, SRV: gcr.io. -> quay.io.", "{lines:#?}");
    let known = known(&alias);
    let after = ChangedSource::new(&known, [(key("io/www"), Some(content("quay.io")))]);
    let question = Question::of(&Name::parse("www.io").unwrap(), QueryType::A);
    let [before, after] =
        [&known as &dyn RecordSource, &after].map(|source| answer(source, &serving(&["io"]), &question));
    let shift = compare::shift(before, after, false).unwrap();
    assert_eq!(shift.to_string(), "www.io A: 10.0.0.1, through another alias");
    let text = |end: char| format!(r#"{{"text":"v=spf1 include:_spf.example.org ip4:10.0.0.{end}"}}"#);
    let lines = told(&[("io/t", &text('1'))], &[("io/t", &text('2'))]);
    assert!(lines[0].ends_with("… changes in what is not shown here"), "{lines:#?}");
}

#[test]
fn a_service_with_a_port_is_no_by_product() {
    let srv = r#"{"host":"10.0.0.1","port":80}"#;
    let impact = of(&[], &[("io/gcr/_tcp/_http", srv)]);
    let first = lines(&impact, false).remove(0);
    assert_eq!(first, "_http._tcp.gcr.io SRV: NXDOMAIN -> 10 100 80 _http._tcp.gcr.io.");
}

#[test]
fn what_changes_no_answer_says_so() {
    let two = [("io/gcr/x1", "10.0.0.1"), ("io/gcr/x2", "10.0.0.1")];
    let nothing = of(&[("io/gcr", r#"{"host":"10.0.0.1","x":1}"#)], &[("io/gcr", "10.0.0.1")]);
    assert_eq!((nothing.shifts.len(), &*nothing.summary()), (0, "no answer changes"));
    let outside = of(&two, &[("net/x", "10.0.0.1")]);
    assert_eq!(outside.summary(), "no answer changes", "no zone covers it");
    let unasked = of(&[], &[("io/dns/ns/a", "10.0.0.1")]);
    assert!(
        lines(&unasked, false).contains(&"io NS: NXDOMAIN -> a.ns.dns.io.".to_owned()),
        "{:#?}",
        lines(&unasked, false)
    );
}

#[test]
fn a_zones_own_addresses_are_those_of_its_apex() {
    let records = [("io/dns/apex/x1", "10.0.0.1"), ("io/gcr", "10.0.9.9")];
    let lines = told(&records, &[("io/dns/apex/x1", "")]);
    assert_eq!(lines[0], "io A: 10.0.0.1 -> 10.0.9.9", "{lines:#?}");
}

#[test]
fn a_large_name_is_counted_and_not_read() {
    let names: Vec<String> = (0..50).map(|number| format!("io/h{number}")).collect();
    let mut records: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "10.0.0.1")).collect();
    records.extend([("io/gcr/x1", "10.0.0.1"), ("io/gcr/x2", "10.0.0.2"), ("io/dns/ns/a", "10.0.0.3")]);
    let effort = Effort { keys: 40, ..Effort::default() };
    let impact = with_effort(&records, &[("io/gcr/x1", ""), ("io/dns/ns/a", "")], &effort);
    let lines = lines(&impact, false);
    assert!(
        lines.contains(&"gcr.io A, SRV: 2 addresses -> 10.0.0.2 (without 10.0.0.1)".to_owned()),
        "{lines:#?}"
    );
    assert!(lines.contains(&"io NS: a.ns.dns.io. -> NXDOMAIN".to_owned()), "its servers are few: {lines:#?}");
    assert_eq!(impact.skipped, [(Name::parse("io").unwrap(), 53)]);
    assert_eq!(impact.notes(), ["not compared: io has 53 keys below it"]);
    let nothing = with_effort(&records, &[("io/h0", "10.0.0.1")], &effort);
    assert_eq!(nothing.summary(), "no answer changes that was compared");
}

#[test]
fn of_very_many_names_a_part_is_compared_and_the_names_above_among_them() {
    let names: Vec<String> = (0..50).map(|number| format!("io/gcr/h{number}")).collect();
    let records: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "10.0.0.1")).collect();
    let changes: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let effort = Effort { names: 10, ..Effort::default() };
    let impact = with_effort(&records, &changes, &effort);
    assert_eq!(impact.left_out, 42);
    let names: std::collections::BTreeSet<String> =
        impact.shifts.iter().map(|shift| shift.name().to_string()).collect();
    assert!(names.len() == 10 && names.contains("gcr.io") && names.contains("io"), "{names:?}");
    assert_eq!(impact.notes(), ["not compared: 42 names more that the change touches"]);
    let fewer = with_effort(&records, &changes, &Effort { changes: 7, ..Effort::default() });
    let lines = lines(&fewer, false);
    assert_eq!(fewer.left_out, 43);
    assert!(lines.contains(&"gcr.io A, SRV: 10.0.0.1 -> NXDOMAIN".to_owned()), "{lines:#?}");
}

#[test]
fn what_is_only_partly_read_is_counted_first_and_never_read_whole() {
    let mut known = ReadPart::default();
    let serving = serving(&["io"]);
    let changed = key("io/gcr/x1");
    known.learn_key(&changed, Some(content("10.0.0.1")));
    let mut counted = Vec::new();
    let mut read = Vec::new();
    let impact = loop {
        let after = ChangedSource::new(&known, [(changed.clone(), None)]);
        let impact = impact(&known, &after, &serving, &[&changed], &known, &Effort::default());
        let missing = known.missing();
        if missing.is_empty() {
            break impact;
        }
        for prefix in missing.counts {
            known.learn_count(
                &prefix,
                if *prefix == *key("io/") { 1_000_000 } else { usize::from(*prefix == *key("io/gcr/")) },
            );
            counted.push(String::from_utf8(prefix.to_vec()).unwrap());
        }
        for prefix in missing.prefixes {
            known.learn_below(
                &prefix,
                (*prefix == *key("io/gcr/")).then(|| (changed.clone(), content("10.0.0.1"))),
            );
            read.push(String::from_utf8(prefix.to_vec()).unwrap());
        }
        for key in missing.keys {
            known.learn_key(&key, None);
        }
    };
    assert!(
        counted.contains(&"/coredns/io/".to_owned()) && !read.contains(&"/coredns/io/".to_owned()),
        "{read:?}"
    );
    assert_eq!(lines(&impact, false), ["gcr.io A, SRV: 10.0.0.1 -> NXDOMAIN"]);
    assert_eq!(
        impact.notes(),
        [
            "not compared: io has 1,000,000 keys below it",
            "aliases elsewhere that lead to these names were not looked for",
        ]
    );
}

#[test]
fn a_lines_data_is_cut_and_its_name_is_not() {
    let long = "v=spf1 include:_spf.example.org include:_spf.example.net -all";
    let lines = told(&[], &[("io/gcr", &format!(r#"{{"text":"{long}"}}"#))]);
    assert_eq!(lines[0], "gcr.io TXT: NXDOMAIN -> \"v=spf1 include:_spf.example.o…");
    assert!(lines.iter().all(|line| line.chars().count() <= 70), "{lines:#?}");
}

#[test]
fn a_deletion_says_how_many_answers_the_name_has_and_when_it_is_the_last() {
    let lost = |records: &[(&str, &str)], at: &str| {
        let (known, serving) = (known(records), serving(&["io", "arpa"]));
        let after = ChangedSource::new(&known, [(key(at), None)]);
        loss(&known, &after, &serving, &key(at), &Effort::default()).map(|loss| loss.to_string())
    };
    let says = |sentence: &str| Some(sentence.to_owned());
    assert_eq!(lost(&THREE, "io/gcr/x2"), says("1 of 3 A answers of gcr.io"));
    assert_eq!(lost(&THREE, "io/quay"), says("the last record of quay.io: the name will be gone"));
    let host = [("io/gcr/x1", "10.0.0.1"), ("io/gcr/www", r#"{"text":"t"}"#)];
    assert_eq!(lost(&host, "io/gcr/x1"), says("the only A answer of gcr.io"));
    let aliases = [("io/gcr/x1", "a.example"), ("io/gcr/x2", "b.example")];
    assert_eq!(lost(&aliases, "io/gcr/x1"), says("1 of 2 CNAME answers of gcr.io"));
    let service = r#"{"host":"10.0.0.1","port":80}"#;
    assert_eq!(
        lost(&[("io/s/x1", service), ("io/s/x2", service)], "io/s/x1"),
        says("the only A answer of s.io")
    );
    let hidden = [("io/gcr", "10.0.0.1"), ("io/gcr/x1", "10.0.0.2")];
    assert_eq!(lost(&hidden, "io/gcr"), None, "it gives no answer");
    assert_eq!(lost(&THREE, "io/none"), None);
}

/// Checks the order and the words of outcomes that records alone do not give.
#[test]
fn every_outcome_has_its_words_and_its_weight() {
    let question = Question::of(&Name::parse("gcr.io").unwrap(), QueryType::A);
    let nothing = answer(&known(&[]), &serving(&["io"]), &question);
    let records = answer(&known(&[("io/gcr", "10.0.0.1")]), &serving(&["io"]), &question);
    let outcome = |outcome| Answer { outcome, ..nothing.clone() };
    let shift =
        |before: &Answer, after: &Answer| compare::shift(before.clone(), after.clone(), false).unwrap();
    for (to, weight, words) in [
        (AnswerOutcome::ServFail, Weight::Broken, "10.0.0.1 -> SERVFAIL"),
        (AnswerOutcome::Silence, Weight::Broken, "10.0.0.1 -> no reply"),
        (AnswerOutcome::Endless, Weight::Broken, "10.0.0.1 -> an endless loop"),
        (AnswerOutcome::Refused, Weight::Gone, "10.0.0.1 -> REFUSED"),
        (AnswerOutcome::Elsewhere, Weight::Gone, "10.0.0.1 -> answered elsewhere"),
        (AnswerOutcome::NoError, Weight::Gone, "10.0.0.1 -> NODATA"),
    ] {
        let shift = shift(&records, &outcome(to));
        assert_eq!((shift.weight, shift.change(), shift.by_product), (weight, words.to_owned(), false));
    }
    let (failing, endless) = (outcome(AnswerOutcome::ServFail), outcome(AnswerOutcome::Endless));
    assert_eq!(shift(&failing, &endless).weight, Weight::Broken, "it can take the server along");
    assert_eq!(shift(&endless, &failing).weight, Weight::Other);
    assert_eq!(shift(&failing, &nothing).weight, Weight::Mended);
    let flip = shift(&nothing, &outcome(AnswerOutcome::NoError));
    assert!(flip.by_product && flip.weight == Weight::Other, "one kind of nothing for another");
    assert_eq!(compare::shift(nothing.clone(), nothing.clone(), false), None);
}
