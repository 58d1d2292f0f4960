//! Names, and the keys that answer for them.

use super::*;

#[test]
fn a_name_answers_with_all_below_it_and_with_its_own_key_only_when_there_is_nothing_below() {
    let world = world(
        &["io"],
        &[
            ("io/own", r#"{"host":"10.0.0.1"}"#),
            ("io/leaves/x1", r#"{"host":"10.0.0.2"}"#),
            ("io/leaves/deep/x1", r#"{"host":"10.0.0.3","ttl":60}"#),
            ("io/both", r#"{"host":"10.0.0.4"}"#),
            ("io/both/x1", r#"{"text":"t"}"#),
            ("io/slash/", r#"{"host":"10.0.0.5"}"#),
            ("io/slash", r#"{"host":"a.io"}"#),
            ("io/own1", r#"{"host":"10.0.0.6"}"#),
        ],
    );
    table(
        &world,
        &[
            ("own.io", "A", "NoError; own.io. 300 A 10.0.0.1"),
            ("OWN.io.", "A", "NoError; OWN.io. 300 A 10.0.0.1"),
            ("leaves.io", "A", "NoError; leaves.io. 60 A 10.0.0.3; leaves.io. 300 A 10.0.0.2"),
            ("x1.leaves.io", "A", "NoError; x1.leaves.io. 300 A 10.0.0.2"),
            ("leaves.io", "CNAME", "NxDomain"),
            ("both.io", "A", "NoError"),
            ("both.io", "TXT", r#"NoError; both.io. 300 TXT "t""#),
            ("slash.io", "A", "NoError; slash.io. 300 A 10.0.0.5"),
            ("slash.io", "CNAME", "NoError; slash.io. 300 CNAME a.io."),
            ("ow.io", "A", "NxDomain"),
            ("none.io", "A", "NxDomain"),
            ("none.io", "PTR", "NxDomain"),
        ],
    );
}

#[test]
fn a_reply_without_records_carries_the_soa_of_its_zone() {
    let mut world = world(&["io"], &[("io/a", r#"{"host":"10.0.0.1"}"#), ("io/bad", "{")]);
    world.serving.serial = 7;
    for (name, kind, outcome) in [
        ("a.io", "AAAA", AnswerOutcome::NoError),
        ("b.IO", "A", AnswerOutcome::NxDomain),
        ("bad.io", "A", AnswerOutcome::ServFail),
    ] {
        let answer = world.ask(name, kind);
        assert_eq!(answer.outcome, outcome);
        let [soa] = &answer.authority[..] else { panic!("{answer:?}") };
        assert_eq!(soa.to_string(), "io. 30 IN SOA ns.dns.io. hostmaster.io. 7 7200 1800 86400 30");
        assert_eq!(soa.key, None);
    }
    assert!(world.ask("a.io", "A").authority.is_empty());
}

#[test]
fn one_value_that_does_not_decode_spoils_its_name_and_those_above() {
    let world = world(
        &["io"],
        &[
            ("io/gcr/a", r#"{"host":"10.0.0.1"}"#),
            ("io/gcr/b", r#"{"host":"10.0.0.2","port":"80"}"#),
            ("io/gcr/c/x", r#"{"host":"10.0.0.3"}"#),
            ("io/gcr/c", "{"),
        ],
    );
    table(
        &world,
        &[
            ("gcr.io", "A", "ServFail"),
            ("gcr.io", "HTTPS", "ServFail"),
            ("b.gcr.io", "A", "ServFail"),
            ("a.gcr.io", "A", "NoError; a.gcr.io. 300 A 10.0.0.1"),
            ("c.gcr.io", "A", "NoError; c.gcr.io. 300 A 10.0.0.3"),
            ("c.gcr.io", "CNAME", "ServFail"),
            ("gcr.io", "SOA", "NoError; io. 30 SOA ns.dns.io. hostmaster.io. 0 7200 1800 86400 30"),
        ],
    );
    let answer = world.ask("gcr.io", "A");
    assert_eq!(answer.keys, [Box::from(&b"/coredns/io/gcr/b"[..])]);
    assert_eq!(
        answer.why.to_string(),
        r#"the value of /coredns/io/gcr/b does not decode: port is "80", and must be a whole number"#
    );
}

#[test]
fn a_wildcard_in_a_question_stands_for_one_segment() {
    let world = world(
        &["io"],
        &[
            ("io/gcr/a/x1", r#"{"host":"10.0.0.1"}"#),
            ("io/gcr/b/x1", r#"{"host":"10.0.0.2"}"#),
            ("io/gcr/b/x2/y", r#"{"host":"10.0.0.3"}"#),
            ("io/gcr/broken", "{"),
            ("io/*", r#"{"host":"10.0.0.4"}"#),
            ("io/solo", r#"{"host":"10.0.0.5"}"#),
        ],
    );
    table(
        &world,
        &[
            ("x1.*.gcr.io", "A", "NoError; x1.*.gcr.io. 300 A 10.0.0.1; x1.*.gcr.io. 300 A 10.0.0.2"),
            ("x1.ANY.gcr.io", "A", "NoError; x1.ANY.gcr.io. 300 A 10.0.0.1; x1.ANY.gcr.io. 300 A 10.0.0.2"),
            ("x2.any.gcr.io", "A", "NoError; x2.any.gcr.io. 300 A 10.0.0.3"),
            ("x9.any.gcr.io", "A", "NoError"),
            ("any.gcr.io", "A", "ServFail"),
            ("other.io", "A", "NxDomain"),
            ("*.solo.io", "A", "NoError"),
            ("*.solo.io", "CNAME", "NoError"),
            ("*.none.io", "CNAME", "NxDomain"),
        ],
    );
    assert_eq!(
        world.why("x9.any.gcr.io", "A"),
        "the wildcard in the name matches no key; 3 other keys give nothing either"
    );
}

#[test]
fn other_types_tell_only_whether_the_name_exists() {
    let world = world(&["io"], &[("io/a", r#"{"host":"10.0.0.1"}"#), ("io/bad", "x")]);
    for kind in
        ["ANY", "CAA", "DS", "DNSKEY", "HTTPS", "SVCB", "NAPTR", "HINFO", "AXFR", "TYPE65280", "TYPE0"]
    {
        assert_eq!(world.says("a.io", kind), "NoError", "{kind}");
        assert_eq!(world.says("b.io", kind), "NxDomain", "{kind}");
        assert_eq!(world.says("bad.io", kind), "ServFail", "{kind}");
        assert_eq!(world.ask("a.io", kind).keys, [Box::from(&b"/coredns/io/a"[..])]);
        assert_eq!(world.why("a.io", kind), format!("CoreDNS answers no {kind} from etcd; the name exists"));
    }
}

#[test]
fn the_root_zone_holds_everything() {
    let world = world(&["."], &[("io/a", r#"{"host":"10.0.0.1"}"#), ("dns/ns/a", r#"{"host":"10.0.0.2"}"#)]);
    table(
        &world,
        &[
            (".", "A", "NoError; . 300 A 10.0.0.2; . 300 A 10.0.0.1"),
            ("io", "A", "NoError; io. 300 A 10.0.0.1"),
            (".", "NS", "NoError; . 300 NS a.ns.dns.; + a.ns.dns. 300 A 10.0.0.2"),
            (".", "CNAME", "NxDomain"),
        ],
    );
}

#[test]
fn a_name_is_found_only_by_its_canonical_spelling() {
    let world = world(
        &["io", "arpa"],
        &[
            (r"io/a\@b", r#"{"host":"10.0.0.1"}"#),
            ("io/a@b", r#"{"host":"10.0.0.2"}"#),
            (r"io/\195\188", r#"{"host":"10.0.0.3"}"#),
            ("io/X", r#"{"host":"10.0.0.4"}"#),
            ("arpa/in-addr/192/0/2/0/25/7", r#"{"host":"h.io"}"#),
        ],
    );
    table(
        &world,
        &[
            ("a@b.io", "A", r"NoError; a\@b.io. 300 A 10.0.0.1"),
            (r"A\064b.io", "A", r"NoError; A\@b.io. 300 A 10.0.0.1"),
            (r"\195\188.io", "A", r"NoError; \195\188.io. 300 A 10.0.0.3"),
            ("x.io", "A", "NxDomain"),
            ("7.0/25.2.0.192.in-addr.arpa", "PTR", "NoError; 7.0/25.2.0.192.in-addr.arpa. 300 PTR h.io."),
        ],
    );
}
