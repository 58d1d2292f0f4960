//! The rules, one table for each of their families. A real `CoreDNS` judges them in `tests/conformance`.

use super::*;
use crate::{
    dns::{Behind, Content, Fallthrough, Known, LeaseLeft, LeaseTtl, Version},
    keys::{LeaseId, Scope},
};
use proptest::prelude::*;

/// Records in a scope, and what asks for them.
struct World {
    known: Known,
    serving: Serving,
}

fn world(zones: &[&str], records: &[(&str, &str)]) -> World {
    let content = |value: &str| Content { value: value.as_bytes().into(), lease: None };
    let records =
        records.iter().map(|(key, value)| (format!("/coredns/{key}").into_bytes().into(), content(value)));
    let zones = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
    World {
        known: Known::everything(records),
        serving: Serving::new(Scope::parse("/coredns").unwrap(), zones),
    }
}

impl World {
    fn ask(&self, name: &str, kind: &str) -> Answer {
        answer(&self.known, &self.serving, &Question::new(name, kind.parse().unwrap()).unwrap())
    }

    /// The outcome, then each record; sections other than the answer are marked, the SOA is left out.
    fn says(&self, name: &str, kind: &str) -> String {
        let answer = self.ask(name, kind);
        let mut said = vec![format!("{:?}", answer.outcome)];
        said.extend(answer.answer.iter().map(ToString::to_string));
        let authority = answer.authority.iter().filter(|record| record.kind != QueryType::SOA);
        said.extend(authority.map(|record| format!("authority {record}")));
        said.extend(answer.additional.iter().map(|record| format!("+ {record}")));
        said.extend(answer.asks.iter().map(|ask| format!("asks {} {}", ask.name, ask.kind)));
        said.join("; ").replace(" IN ", " ")
    }

    fn why(&self, name: &str, kind: &str) -> String {
        self.ask(name, kind).why.to_string()
    }
}

#[track_caller]
fn table(world: &World, rows: &[(&str, &str, &str)]) {
    for (name, kind, says) in rows {
        assert_eq!(world.says(name, kind), *says, "{name} {kind}");
    }
}

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
        ("a.io", "AAAA", Outcome::NoError),
        ("b.IO", "A", Outcome::NxDomain),
        ("bad.io", "A", Outcome::ServFail),
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
fn the_longest_zone_counts_and_what_none_covers_is_refused() {
    let mut world = world(
        &["io", "gcr.io", "1.0.10.in-addr.arpa"],
        &[("io/gcr/a", r#"{"host":"10.0.0.1"}"#), ("arpa/in-addr/10/0/1/2", r#"{"host":"a.gcr.io"}"#)],
    );
    assert_eq!(world.ask("a.gcr.io", "A").zone, Some(Name::parse("gcr.io").unwrap()));
    assert_eq!(world.ask("agcr.io", "A").zone, Some(Name::parse("io").unwrap()));
    table(
        &world,
        &[
            ("a.example", "A", "Refused; asks a.example. A"),
            ("2.1.0.10.in-addr.arpa", "PTR", "NoError; 2.1.0.10.in-addr.arpa. 300 PTR a.gcr.io."),
        ],
    );
    assert_eq!(world.why("a.example", "A"), "no zone covers the name");
    world.serving.behind = Behind::Something;
    assert_eq!(world.says("a.example", "A"), "Elsewhere; asks a.example. A");
}

#[test]
fn only_a_name_that_does_not_exist_falls_through() {
    let mut world = world(&["io"], &[("io/a/x", r#"{"host":"10.0.0.1"}"#), ("io/bad", "")]);
    world.serving.fallthrough = Fallthrough::Always;
    table(
        &world,
        &[
            ("a.io", "AAAA", "NoError"),
            ("bad.io", "A", "ServFail"),
            ("b.io", "A", "ServFail"),
            ("a.io", "CNAME", "ServFail"),
            ("io", "NS", "ServFail"),
        ],
    );
    assert!(world.ask("b.io", "A").authority.is_empty(), "nobody answered");
    world.serving.behind = Behind::Something;
    assert_eq!(world.says("b.io", "A"), "Elsewhere; asks b.io. A");
    assert_eq!(world.why("b.io", "A"), "no key at or below /coredns/io/b; the next plugin answers");
    world.serving.fallthrough = Fallthrough::For(vec![Name::parse("sub.io").unwrap()]);
    assert_eq!(world.says("b.io", "A"), "NxDomain");
    assert_eq!(world.says("b.sub.io", "A"), "Elsewhere; asks b.sub.io. A");
}

#[test]
fn a_zone_answers_with_its_apex_or_with_all_that_it_has() {
    let mut world = world(
        &["io", "empty.io", "odd.io", "bad.io", "alone.io"],
        &[
            ("io/www", r#"{"host":"10.0.0.1"}"#),
            ("io/empty/dns/apex/x1", r#"{"text":"t"}"#),
            ("io/empty/www", r#"{"host":"10.0.0.2"}"#),
            ("io/odd/dns/apex", r#"{"host":"10.0.0.3"}"#),
            ("io/odd/www", r#"{"host":"10.0.0.4","text":"t"}"#),
            ("io/bad/dns/apex/x", "{"),
            ("io/bad/www", r#"{"host":"10.0.0.5"}"#),
            ("io/alone", r#"{"host":"10.0.0.6"}"#),
            ("io/plain/dns/apex/x", r#"{"host":"10.0.0.7"}"#),
        ],
    );
    table(
        &world,
        &[
            ("empty.io", "A", "NoError"),
            ("odd.io", "A", "NoError; odd.io. 300 A 10.0.0.3"),
            ("bad.io", "A", "ServFail"),
            ("alone.io", "A", "NoError; alone.io. 300 A 10.0.0.6"),
            ("plain.io", "A", "NoError; plain.io. 300 A 10.0.0.7"),
            ("empty.io", "TXT", r#"NoError; empty.io. 300 TXT "t""#),
            ("empty.io", "CAA", "NoError"),
            ("alone.io", "CNAME", "NoError"),
        ],
    );
    world.serving.no_apex_fallback = true;
    table(
        &world,
        &[
            ("alone.io", "A", "NxDomain"),
            ("alone.io", "ANY", "NxDomain"),
            ("alone.io", "TXT", "NoError"),
            ("odd.io", "A", "NoError; odd.io. 300 A 10.0.0.3"),
            ("plain.io", "A", "NoError; plain.io. 300 A 10.0.0.7"),
        ],
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
fn a_group_hides_the_others() {
    let world = world(
        &["io"],
        &[
            ("io/a/x1", r#"{"host":"10.0.0.1","group":"g1"}"#),
            ("io/a/x2/y", r#"{"host":"10.0.0.2","group":"g2"}"#),
            ("io/a/x3", r#"{"host":"10.0.0.3"}"#),
            ("io/b/x1", r#"{"text":"t","group":"g1"}"#),
            ("io/b/x2/y", r#"{"host":"10.0.0.2","group":"g2"}"#),
        ],
    );
    table(
        &world,
        &[
            ("a.io", "A", "NoError; a.io. 300 A 10.0.0.1; a.io. 300 A 10.0.0.3"),
            ("b.io", "A", "NoError; b.io. 300 A 10.0.0.2"),
            ("b.io", "TXT", r#"NoError; b.io. 300 TXT "t""#),
        ],
    );
}

#[test]
fn a_value_is_what_its_host_is() {
    let world = world(
        &["io"],
        &[
            ("io/ip", r#"{"host":"10.0.0.1","text":"lost"}"#),
            ("io/six", r#"{"host":"2001:DB8::1"}"#),
            ("io/mapped", r#"{"host":"::ffff:10.0.0.2"}"#),
            ("io/compatible", r#"{"host":"::1.2.3.4"}"#),
            ("io/named", r#"{"host":"ip.io","text":"kept"}"#),
            ("io/text", r#"{"text":"only"}"#),
            ("io/nothing", "null"),
            ("io/blank", r#"{"host":"10.0.0.1 "}"#),
            ("io/rr/a", r#"{"host":"10.0.0.1","ttl":5}"#),
            ("io/rr/b", r#"{"host":"10.0.0.1"}"#),
            ("io/rr/c", r#"{"host":"::1"}"#),
            ("io/rr/d", r#"{"host":"0:0::1"}"#),
            ("io/rr/e", r#"{"host":"::1"}"#),
        ],
    );
    table(
        &world,
        &[
            ("ip.io", "A", "NoError; ip.io. 300 A 10.0.0.1"),
            ("ip.io", "AAAA", "NoError"),
            ("ip.io", "TXT", "NoError"),
            ("ip.io", "CNAME", "NoError"),
            ("ip.io", "PTR", "NoError"),
            ("six.io", "AAAA", "NoError; six.io. 300 AAAA 2001:db8::1"),
            ("mapped.io", "A", "NoError; mapped.io. 300 A 10.0.0.2"),
            ("mapped.io", "AAAA", "NoError"),
            ("compatible.io", "AAAA", "NoError; compatible.io. 300 AAAA ::102:304"),
            ("named.io", "A", "NoError"),
            ("named.io", "SRV", "NoError"),
            ("named.io", "TXT", r#"NoError; named.io. 300 TXT "kept""#),
            ("named.io", "CNAME", "NoError; named.io. 300 CNAME ip.io."),
            ("named.io", "PTR", "NoError; named.io. 300 PTR ip.io."),
            ("text.io", "A", "NoError"),
            ("text.io", "CNAME", "NoError"),
            ("nothing.io", "TXT", "NoError"),
            ("blank.io", "A", r"NoError; blank.io. 300 CNAME 10.0.0.1\032.; asks 10.0.0.1\032. A"),
            ("rr.io", "A", "NoError; rr.io. 5 A 10.0.0.1"),
            ("rr.io", "AAAA", "NoError; rr.io. 300 AAAA ::1; rr.io. 300 AAAA ::1"),
        ],
    );
    assert_eq!(world.why("ip.io", "AAAA"), "only IPv4 addresses");
    assert_eq!(world.why("six.io", "A"), "only IPv6 addresses");
    assert_eq!(world.why("ip.io", "TXT"), "a text beside an address is never served");
    assert_eq!(world.why("named.io", "A"), "the value has a text, which makes it a TXT record only");
    assert_eq!(world.why("nothing.io", "A"), "the value has no host");
}

#[test]
fn an_alias_in_the_zone_is_given_only_with_what_it_leads_to() {
    let world = world(
        &["io"],
        &[
            ("io/www", r#"{"host":"DB.io","ttl":60}"#),
            ("io/db/x1", r#"{"host":"10.0.0.1"}"#),
            ("io/db/x2", r#"{"host":"10.0.0.2"}"#),
            ("io/dangling", r#"{"host":"none.io"}"#),
            ("io/self", r#"{"host":"self.io"}"#),
            ("io/above", r#"{"host":"x.above.io"}"#),
            ("io/r1", r#"{"host":"r2.io"}"#),
            ("io/r2", r#"{"host":"r1.io"}"#),
            ("io/broken", r#"{"host":"bad.io"}"#),
            ("io/bad", "[]"),
            ("io/mixed/a", r#"{"host":"10.0.0.3"}"#),
            ("io/mixed/b", r#"{"host":"db.io"}"#),
            ("io/mixed/c", r#"{"host":"db.io"}"#),
            ("io/second", r#"{"host":"www.io"}"#),
        ],
    );
    table(
        &world,
        &[
            ("www.io", "A", "NoError; www.io. 60 CNAME DB.io.; DB.io. 300 A 10.0.0.1; DB.io. 300 A 10.0.0.2"),
            ("www.io", "AAAA", "NoError"),
            ("www.io", "TXT", "NoError"),
            ("www.io", "CNAME", "NoError; www.io. 60 CNAME DB.io."),
            ("dangling.io", "A", "NoError"),
            ("dangling.io", "CNAME", "NoError; dangling.io. 300 CNAME none.io."),
            ("self.io", "A", "NoError"),
            ("above.io", "A", "NoError"),
            ("r1.io", "A", "NoError"),
            ("broken.io", "A", "NoError"),
            (
                "mixed.io",
                "A",
                "NoError; mixed.io. 300 A 10.0.0.3; mixed.io. 300 CNAME db.io.; db.io. 300 A 10.0.0.1; \
                 db.io. 300 A 10.0.0.2; mixed.io. 300 CNAME db.io.; db.io. 300 A 10.0.0.1; db.io. 300 A 10.0.0.2",
            ),
            (
                "second.io",
                "A",
                "NoError; second.io. 300 CNAME www.io.; www.io. 60 CNAME DB.io.; DB.io. 300 A 10.0.0.1; \
                 DB.io. 300 A 10.0.0.2",
            ),
        ],
    );
    for (name, kind, why) in [
        ("www.io", "AAAA", "the alias's target DB.io. has no AAAA"),
        (
            "second.io",
            "AAAA",
            "the alias's target www.io. gives nothing: the alias's target DB.io. has no AAAA",
        ),
        ("dangling.io", "A", "the alias's target none.io. does not exist"),
        (
            "self.io",
            "A",
            "the alias's target self.io. is the name itself or below it, which is taken for a loop",
        ),
        (
            "broken.io",
            "A",
            "the alias's target bad.io. gives nothing: the value of /coredns/io/bad does not decode: \
             the value is an array, and must be a JSON object",
        ),
        (
            "r1.io",
            "A",
            "the alias's target r2.io. gives nothing: the alias's target r1.io. gives nothing: \
             the chain of aliases comes back to r2.io.",
        ),
    ] {
        assert_eq!(world.why(name, kind), why);
    }
    let keys = ["/coredns/io/www", "/coredns/io/db/x1", "/coredns/io/db/x2"];
    assert_eq!(world.ask("www.io", "A").keys, keys.map(|key| Box::from(key.as_bytes())));
}

#[test]
fn a_chain_has_eleven_aliases_and_no_more() {
    let links: Vec<(String, String)> =
        (1..=12).map(|at| (format!("io/c{at}"), format!(r#"{{"host":"c{}.io"}}"#, at - 1))).collect();
    let mut records: Vec<(&str, &str)> = links.iter().map(|(key, value)| (&**key, &**value)).collect();
    records.push(("io/c0", r#"{"host":"10.0.0.1"}"#));
    let mut world = world(&["io"], &records);
    assert_eq!(world.ask("c11.io", "A").answer.len(), 12);
    assert_eq!(world.says("c12.io", "A"), "NoError");
    assert!(world.why("c12.io", "A").ends_with("the chain of aliases is too long: c0.io. is not followed"));
    world.serving.version = Version { major: 1, minor: 12, patch: 0 };
    assert_eq!(world.ask("c8.io", "A").answer.len(), 9);
    assert_eq!(world.says("c9.io", "A"), "NoError");
}

#[test]
fn an_older_server_says_nothing_when_it_finds_no_name_servers() {
    let mut world = world(&["io", "org"], &[("org/dns/ns/a", "{"), ("net/x1", r#"{"host":"10.0.0.1"}"#)]);
    table(&world, &[("io", "NS", "NxDomain"), ("org", "NS", "ServFail"), ("x1.io", "NS", "NxDomain")]);
    world.serving.version = Version { major: 1, minor: 12, patch: 1 };
    table(&world, &[("io", "NS", "Silence"), ("org", "NS", "Silence"), ("x1.io", "NS", "NxDomain")]);
    assert!(world.why("io", "NS").contains("ns.dns..io."), "{}", world.why("io", "NS"));
    assert_eq!(world.ask("org", "NS").keys, [Box::from(&b"/coredns/org/dns/ns/a"[..])]);
    world.serving.zones = vec![Name::parse(".").unwrap()];
    table(&world, &[(".", "NS", "Silence")]);
}

#[test]
fn an_alias_out_of_the_zone_is_always_given() {
    let mut world = world(
        &["io", "example"],
        &[
            ("io/out", r#"{"host":"lb.test","ttl":60}"#),
            ("io/over", r#"{"host":"www.example"}"#),
            ("io/nowhere", r#"{"host":"none.example"}"#),
            ("io/texts", r#"{"host":"t.example"}"#),
            ("io/chain", r#"{"host":"out.io"}"#),
            ("example/www/x1", r#"{"host":"10.0.0.1"}"#),
            ("example/t", r#"{"text":"t"}"#),
        ],
    );
    table(
        &world,
        &[
            ("out.io", "A", "NoError; out.io. 60 CNAME lb.test.; asks lb.test. A"),
            ("out.io", "TXT", "NoError; out.io. 60 CNAME lb.test.; asks lb.test. TXT"),
            ("out.io", "HTTPS", "NoError"),
            (
                "chain.io",
                "A",
                "NoError; chain.io. 300 CNAME out.io.; out.io. 60 CNAME lb.test.; asks lb.test. A",
            ),
            ("over.io", "A", "NoError; over.io. 300 CNAME www.example.; www.example. 300 A 10.0.0.1"),
            ("over.io", "AAAA", "NoError; over.io. 300 CNAME www.example."),
            ("nowhere.io", "A", "NoError; nowhere.io. 300 CNAME none.example."),
            ("texts.io", "TXT", r#"NoError; texts.io. 300 CNAME t.example.; t.example. 300 TXT "t""#),
        ],
    );
    world.serving.behind = Behind::Something;
    world.serving.fallthrough = Fallthrough::Always;
    assert_eq!(
        world.says("nowhere.io", "A"),
        "NoError; nowhere.io. 300 CNAME none.example.; asks none.example. A"
    );
}

#[test]
fn a_loop_through_two_zones_has_no_end() {
    let world = world(
        &["io", "example", "org"],
        &[
            ("io/a", r#"{"host":"a.example"}"#),
            ("example/a", r#"{"host":"A.io"}"#),
            ("io/in", r#"{"host":"a.io"}"#),
            ("io/srv", r#"{"host":"a.example","port":1}"#),
            ("org/fine", r#"{"host":"b.io"}"#),
            ("io/b", r#"{"host":"10.0.0.1"}"#),
        ],
    );
    table(
        &world,
        &[
            ("a.io", "A", "Endless"),
            ("a.io", "CAA", "Endless"),
            ("a.io", "CNAME", "NoError; a.io. 300 CNAME a.example."),
            ("in.io", "A", "Endless"),
            ("srv.io", "SRV", "Endless"),
            ("fine.org", "A", "NoError; fine.org. 300 CNAME b.io.; b.io. 300 A 10.0.0.1"),
        ],
    );
    let answer = world.ask("in.io", "A");
    assert_eq!(
        answer.why.to_string(),
        "an alias goes round through several zones: a.example. -> a.io. -> a.example."
    );
    let keys = ["/coredns/io/in", "/coredns/io/a", "/coredns/example/a"];
    assert_eq!(answer.keys, keys.map(|key| Box::from(key.as_bytes())));
}

#[test]
fn what_no_server_could_follow_is_followed_to_a_limit() {
    let names: Vec<String> = (0..12).map(|at| format!("n{at}")).collect();
    let mut records = vec![];
    for name in &names {
        for other in names.iter().filter(|other| *other != name) {
            records.push((format!("io/{name}/{other}"), format!(r#"{{"host":"{other}.io"}}"#)));
        }
    }
    for hop in 0..40 {
        let (from, to) = if hop % 2 == 0 { ("io", "org") } else { ("org", "io") };
        records.push((format!("{from}/h{hop}"), format!(r#"{{"host":"h{}.{to}"}}"#, hop + 1)));
    }
    let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
    let world = world(&["io", "org"], &records);
    assert_eq!(world.says("n0.io", "A"), "Endless");
    assert_eq!(world.why("n0.io", "A"), "aliases lead on and on: more than 10000 lookups for one question");
    assert_eq!(world.says("h0.io", "A"), "Endless");
    assert_eq!(
        world.why("h0.io", "A"),
        "aliases lead on and on: more than 16 times from one zone to another"
    );
    assert_eq!(world.ask("h24.io", "A").outcome, Outcome::NoError);
}

#[test]
fn more_records_than_any_reply_holds_are_not_gathered() {
    let mut records: Vec<(String, String)> =
        (0..500).map(|at| (format!("io/x/a{at}"), r#"{"host":"y.io"}"#.to_owned())).collect();
    records.extend(
        (0..500).map(|at| (format!("io/y/a{at}"), format!(r#"{{"host":"10.0.{}.{}"}}"#, at / 256, at % 256))),
    );
    let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
    let world = world(&["io"], &records);
    assert_eq!(world.says("x.io", "A"), "Endless");
    assert_eq!(
        world.why("x.io", "A"),
        "aliases lead on and on: to more than 200000 records, which no reply holds"
    );
    assert_eq!(world.ask("y.io", "A").answer.len(), 500);
    assert_eq!(world.ask("io", "AAAA").outcome, Outcome::NoError);
}

#[test]
fn a_reply_with_what_is_no_name_is_never_sent() {
    let long = format!("{}.test", ["a".repeat(63).as_str(); 4].join("."));
    let label = format!(r#"{{"host":"{}.test"}}"#, "a".repeat(64));
    let long = format!(r#"{{"host":"{long}"}}"#);
    let world = world(
        &["io"],
        &[
            ("io/dots/x1", r#"{"host":"a..test"}"#),
            ("io/dots/x2", r#"{"host":"10.0.0.1"}"#),
            ("io/lead", r#"{"host":".test"}"#),
            ("io/label", &label),
            ("io/long", &long),
            ("io/end", r#"{"host":"a\\"}"#),
            ("io/deep//x1", r#"{"host":"10.0.0.2"}"#),
        ],
    );
    for name in ["dots.io", "lead.io", "label.io", "end.io"] {
        let answer = world.ask(name, "A");
        assert_eq!(answer.outcome, Outcome::Silence, "{name}");
        assert!(answer.answer.is_empty() && answer.authority.is_empty());
        assert_eq!(answer.keys.len(), 1);
    }
    assert_eq!(
        world.why("dots.io", "A"),
        "no reply can be sent: the name a..test. has an empty label (from /coredns/io/dots/x1)"
    );
    table(&world, &[("deep.io", "A", "NoError; deep.io. 300 A 10.0.0.2"), ("deep.io", "SRV", "Silence")]);
    let answer = world.ask("long.io", "CNAME");
    assert_eq!((answer.outcome, answer.answer.len()), (Outcome::NoError, 1), "it is sent");
    assert!(answer.why.to_string().starts_with("no client can read the reply: aaaa"), "{}", answer.why);
}

#[test]
fn srv_points_to_hosts_and_to_names_made_of_keys() {
    let world = world(
        &["io"],
        &[
            ("io/s/x1", r#"{"host":"10.0.0.1","port":80,"targetstrip":1,"weight":10}"#),
            ("io/s/x2", r#"{"host":"2001:db8::2","port":70000,"priority":5}"#),
            ("io/s/x3", r#"{"host":"10.0.0.3","port":-1}"#),
            ("io/s/x4", r#"{"host":"db.io","text":"t"}"#),
            ("io/t/x1", r#"{"host":"db.io","port":1}"#),
            ("io/t/x2", r#"{"host":"db.io","port":2}"#),
            ("io/t/x3", r#"{"host":"lb.test"}"#),
            ("io/t/x4", r#"{"host":"a.b.test","targetstrip":1,"priority":65536}"#),
            ("io/db", r#"{"host":"10.0.0.9"}"#),
            ("io/u/x1/y1", r#"{"host":"10.0.0.1","port":80,"targetstrip":1}"#),
            ("io/u/x1/y2", r#"{"host":"10.0.0.1","port":80,"targetstrip":1,"priority":1}"#),
            ("io/u/x1/y3", r#"{"host":"10.0.0.2","port":80,"targetstrip":1}"#),
            ("io/v", r#"{"host":"10.0.0.1","targetstrip":9223372036854775807}"#),
        ],
    );
    table(
        &world,
        &[
            (
                "s.io",
                "SRV",
                // 10 of 10 + 100 + 100: what gives no SRV counts all the same.
                "NoError; s.io. 300 SRV 10 4 80 s.io.; s.io. 300 SRV 5 100 4464 x2.s.io.; \
                 + s.io. 300 A 10.0.0.1; + x2.s.io. 300 AAAA 2001:db8::2",
            ),
            (
                "t.io",
                "SRV",
                "NoError; t.io. 300 SRV 10 33 1 db.io.; t.io. 300 SRV 10 33 2 db.io.; \
                 t.io. 300 SRV 10 33 0 lb.test.; t.io. 300 SRV 0 100 0 b.test.; + db.io. 300 A 10.0.0.9; \
                 asks lb.test. A; asks lb.test. AAAA; asks b.test. A; asks b.test. AAAA",
            ),
            (
                "u.io",
                "SRV",
                "NoError; u.io. 300 SRV 10 50 80 x1.u.io.; + x1.u.io. 300 A 10.0.0.1; + x1.u.io. 300 A 10.0.0.2",
            ),
            ("v.io", "SRV", "NoError; v.io. 300 SRV 10 100 0 v.io.; + v.io. 300 A 10.0.0.1"),
        ],
    );
}

#[test]
fn mx_takes_what_is_mail_and_its_glue_keeps_the_stripped_labels() {
    let world = world(
        &["io"],
        &[
            ("io/m/x1", r#"{"host":"10.0.0.1","mail":true,"targetstrip":1}"#),
            ("io/m/x2", r#"{"host":"10.0.0.2","mail":true,"priority":65536}"#),
            ("io/m/x3", r#"{"host":"10.0.0.3"}"#),
            ("io/m/x4", r#"{"host":"mx.test","mail":true,"priority":20}"#),
            ("io/m/x5", r#"{"host":"six.io","mail":true,"text":"t"}"#),
            ("io/n", r#"{"host":"six.io","mail":true}"#),
            ("io/six", r#"{"host":"2001:db8::1"}"#),
            ("io/o", r#"{"host":"10.0.0.4"}"#),
        ],
    );
    table(
        &world,
        &[
            (
                "m.io",
                "MX",
                "NoError; m.io. 300 MX 10 m.io.; m.io. 300 MX 0 x2.m.io.; m.io. 300 MX 20 mx.test.; \
                 + x1.m.io. 300 A 10.0.0.1; + x2.m.io. 300 A 10.0.0.2; asks mx.test. A; asks mx.test. AAAA",
            ),
            ("n.io", "MX", "NoError; n.io. 300 MX 10 six.io."),
            ("o.io", "MX", "NoError"),
        ],
    );
    assert_eq!(world.why("o.io", "MX"), "the value does not say mail: true");
}

#[test]
fn glue_of_another_zone_comes_from_there_without_its_aliases_twice() {
    let world = world(
        &["io", "org"],
        &[
            ("io/m", r#"{"host":"mx.org","mail":true}"#),
            ("org/mx/a", r#"{"host":"real.org"}"#),
            ("org/real/a", r#"{"host":"10.0.0.1"}"#),
            ("org/real/b", r#"{"host":"::1"}"#),
        ],
    );
    assert_eq!(
        world.says("m.io", "MX"),
        "NoError; m.io. 300 MX 10 mx.org.; + mx.org. 300 CNAME real.org.; + real.org. 300 A 10.0.0.1; \
         + real.org. 300 AAAA ::1"
    );
}

#[test]
fn a_zone_has_the_name_servers_of_its_dns_ns_and_those_are_addresses() {
    let world = world(
        &["io", "org", "bad.org", "one.org"],
        &[
            ("io/dns/ns/a", r#"{"host":"10.0.0.1"}"#),
            ("io/dns/ns/b/x1", r#"{"host":"10.0.0.2","targetstrip":1}"#),
            ("io/dns/ns/b/x2", r#"{"host":"::2","targetstrip":1,"ttl":60}"#),
            ("io/dns/ns/c", r#"{"host":"ns.test","text":"t"}"#),
            ("io/a", r#"{"host":"10.0.0.3"}"#),
            ("org/bad/dns/ns/a", r#"{"host":"10.0.0.4"}"#),
            ("org/bad/dns/ns/b", r#"{"host":"ns.test"}"#),
            ("org/one/dns/ns", r#"{"host":"10.0.0.5"}"#),
        ],
    );
    table(
        &world,
        &[
            (
                "IO",
                "NS",
                "NoError; IO. 300 NS a.ns.dns.io.; IO. 300 NS b.ns.dns.io.; + a.ns.dns.io. 300 A 10.0.0.1; \
                 + b.ns.dns.io. 300 A 10.0.0.2; + b.ns.dns.io. 60 AAAA ::2",
            ),
            ("a.io", "NS", "NoError"),
            ("none.io", "NS", "NxDomain"),
            ("org", "NS", "NxDomain"),
            ("bad.org", "NS", "ServFail"),
            ("one.org", "NS", "NoError; one.org. 300 NS ns.dns.one.org.; + ns.dns.one.org. 300 A 10.0.0.5"),
        ],
    );
    assert_eq!(
        world.why("org", "NS"),
        "no key at or below /coredns/org/dns/ns, so CoreDNS says that the zone does not exist"
    );
    assert_eq!(
        world.why("bad.org", "NS"),
        "/coredns/org/bad/dns/ns/b names ns.test., and a name server must be an address"
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
fn a_soa_is_made_up_for_every_name() {
    let world = world(&["io", "."], &[("io/bad", "x")]);
    table(
        &world,
        &[
            ("bad.io", "SOA", "NoError; io. 30 SOA ns.dns.io. hostmaster.io. 0 7200 1800 86400 30"),
            ("org", "SOA", "NoError; . 30 SOA ns.dns. hostmaster. 0 7200 1800 86400 30"),
            (".", "SOA", "NoError; . 30 SOA ns.dns. hostmaster. 0 7200 1800 86400 30"),
        ],
    );
    assert_eq!(world.why("x.io", "SOA"), "CoreDNS makes the SOA up, whatever the records are");
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

#[test]
fn a_target_of_a_longer_path_keeps_its_other_segments() {
    let record = (
        b"/dns/prod/io/a/x1"[..].into(),
        Content { value: br#"{"host":"10.0.0.1"}"#[..].into(), lease: None },
    );
    let serving = Serving::new(Scope::parse("/dns/prod").unwrap(), vec![Name::parse("io").unwrap()]);
    let world = World { known: Known::everything([record]), serving };
    assert_eq!(
        world.says("a.io", "SRV"),
        "NoError; a.io. 300 SRV 10 100 0 x1.a.io.prod.; + x1.a.io.prod. 300 A 10.0.0.1"
    );
}

#[test]
fn a_lease_shortens_a_ttl_within_its_limits() {
    let lease = LeaseId::new(0x7_0000_002a).unwrap();
    let says = |value: &str, left: LeaseLeft, change: fn(&mut Serving)| {
        let content = Content { value: value.as_bytes().into(), lease: Some(lease) };
        let mut world = world(&["io"], &[]);
        world.known = Known::everything([(b"/coredns/io/a"[..].into(), content)]);
        world.known.learn_lease(lease, left);
        change(&mut world.serving);
        world.ask("a.io", "A").answer[0].ttl
    };
    let (bare, with_ttl) = (r#"{"host":"10.0.0.1"}"#, r#"{"host":"10.0.0.1","ttl":60}"#);
    let usual: fn(&mut Serving) = |_| ();
    let limited: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 5, max: 50 };
    let crossed: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 50, max: 5 };
    let zero: fn(&mut Serving) = |serving| serving.lease_ttl = LeaseTtl { min: 0, max: 0 };
    let old: fn(&mut Serving) = |serving| serving.version = Version { major: 1, minor: 12, patch: 3 };
    for (value, left, change, ttl) in [
        (bare, LeaseLeft::Seconds(45), usual, 45),
        (bare, LeaseLeft::Seconds(3), usual, 30),
        (bare, LeaseLeft::Seconds(i64::MAX), usual, 86_400),
        (bare, LeaseLeft::Gone, usual, 300),
        (bare, LeaseLeft::Seconds(0), usual, 300),
        (bare, LeaseLeft::Unknown, usual, 300),
        (with_ttl, LeaseLeft::Seconds(45), usual, 45),
        (with_ttl, LeaseLeft::Seconds(90), usual, 60),
        (with_ttl, LeaseLeft::Unknown, usual, 60),
        (r#"{"host":"10.0.0.1","ttl":5}"#, LeaseLeft::Seconds(90), usual, 5),
        (r#"{"host":"10.0.0.1","ttl":0}"#, LeaseLeft::Gone, usual, 300),
        (bare, LeaseLeft::Seconds(3), limited, 5),
        (bare, LeaseLeft::Seconds(90), limited, 50),
        (bare, LeaseLeft::Seconds(20), crossed, 50),
        (bare, LeaseLeft::Seconds(60), crossed, 5),
        (bare, LeaseLeft::Seconds(3), zero, 30),
        (bare, LeaseLeft::Seconds(90), old, 42),
    ] {
        assert_eq!(says(value, left, change), ttl, "{value} {left:?}");
    }
}

#[test]
fn before_1_12_4_the_low_half_of_a_leases_number_is_a_ttl_unless_it_is_zero() {
    for (number, ttl) in [(0x7_0000_002a, 42), (0x7_0000_0000, 300)] {
        let lease = LeaseId::new(number);
        let content = Content { value: br#"{"host":"10.0.0.1"}"#[..].into(), lease };
        let mut world = world(&["io"], &[]);
        world.known = Known::everything([(b"/coredns/io/a"[..].into(), content)]);
        world.serving.version = Version { major: 1, minor: 12, patch: 3 };
        assert_eq!(world.ask("a.io", "A").answer[0].ttl, ttl);
    }
}

#[test]
fn an_alias_finds_its_target_though_an_empty_label_spoils_the_reply() {
    let world = world(&["io"], &[("io/a", r#"{"host":"b..io"}"#), ("io/b", r#"{"host":"10.0.0.1"}"#)]);
    assert_eq!(world.says("a.io", "A"), "Silence");
    assert_eq!(world.says("a.io", "AAAA"), "NoError", "without an address the alias is left out");
}

#[test]
fn a_question_reads_what_coredns_reads_and_nothing_else() {
    let serving = Serving::new(Scope::parse("/coredns").unwrap(), vec![Name::parse("io").unwrap()]);
    let reads = |name: &str, kind: &str| {
        let mut known = Known::default();
        let _ = answer(&known, &serving, &Question::new(name, kind.parse().unwrap()).unwrap());
        let missing = known.missing();
        let all = missing.prefixes.into_iter().chain(missing.keys);
        all.map(|key| String::from_utf8(key.into()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(reads("a.io", "A"), ["/coredns/io/a/", "/coredns/io/a"]);
    assert_eq!(reads("a.io", "CNAME"), ["/coredns/io/a"]);
    assert_eq!(reads("a.io", "SOA"), [""; 0]);
    assert_eq!(reads("a.org", "A"), [""; 0]);
    assert_eq!(reads("io", "NS"), ["/coredns/io/dns/ns/", "/coredns/io/dns/ns"]);
    assert_eq!(reads("x.*.io", "TXT"), ["/coredns/io/", "/coredns/io"]);
}

#[test]
fn all_types_of_a_name_are_answered_as_each_one_alone() {
    let world =
        world(&["io"], &[("io/a/x1", r#"{"host":"out.test","mail":true}"#), ("io/a", r#"{"host":"b.io"}"#)]);
    let name = Name::parse("a.io").unwrap();
    let all = answers(&world.known, &world.serving, &name);
    let alone: Vec<Answer> =
        QueryType::ANSWERED.iter().map(|kind| world.ask("a.io", &kind.to_string())).collect();
    assert_eq!(all, alone);
}

#[test]
fn the_longest_way_that_is_followed_fits_on_a_small_stack() {
    let mut records = vec![];
    for crossing in 0..40 {
        let zone = if crossing % 2 == 0 { "io" } else { "org" };
        let other = if crossing % 2 == 0 { "org" } else { "io" };
        for hop in 0..10 {
            records.push((
                format!("{zone}/c{crossing}-{hop}"),
                format!(r#"{{"host":"c{crossing}-{}.{zone}"}}"#, hop + 1),
            ));
        }
        records
            .push((format!("{zone}/c{crossing}-10"), format!(r#"{{"host":"c{}-0.{other}"}}"#, crossing + 1)));
    }
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let outcome = small.spawn(move || {
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
        world(&["io", "org"], &records).ask("c0-0.io", "A").outcome
    });
    assert_eq!(outcome.unwrap().join().unwrap(), Outcome::Endless);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_is_stored_there_is_an_answer_and_it_is_printable(
        records in proptest::collection::vec(
            (
                "(io|org)(/(a|b|dns|apex|ns|any|[*]|[^/]?)){0,4}",
                prop_oneof![
                    "(a|b|any|[*]|[.]|[\\\\]|1|\\PC|@| ){0,5}(io|org|test)?[.]?".prop_map(|host| {
                        serde_json::json!({ "host": host, "mail": true }).to_string()
                    }),
                    "[0-9.:]{0,8}".prop_map(|host| serde_json::json!({ "host": host }).to_string()),
                    "\\PC{0,5}".prop_map(|text| serde_json::json!({ "text": text }).to_string()),
                    Just("{".to_owned()),
                ],
            ),
            0..12,
        ),
        name in "((a|b|any|[*])[.]){0,3}(io|org|test)",
    ) {
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
        let world = world(&["io", "org"], &records);
        let name = Name::parse(&name).unwrap();
        for answer in answers(&world.known, &world.serving, &name) {
            let sections = [&answer.answer, &answer.authority, &answer.additional];
            for record in sections.into_iter().flatten() {
                prop_assert!(record.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", record);
                prop_assert!(record.owner.ends_with('.'));
                prop_assert!(record.key.is_some() || record.kind == QueryType::SOA);
            }
            for ask in &answer.asks {
                prop_assert!(ask.name.bytes().all(|byte| (b'!'..=b'~').contains(&byte)));
            }
            prop_assert_eq!(&world.ask(&name.to_string(), &answer.question.kind.to_string()), &answer);
        }
    }
}
