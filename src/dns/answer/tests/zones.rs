//! Zones: the one that covers a name, the answers of a zone's own name, and the names that it hands on.

use super::*;

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
    world.serving.behind = OtherPlugins::Something;
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
    world.serving.behind = OtherPlugins::Something;
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
fn an_older_server_says_nothing_when_it_finds_no_name_servers() {
    let mut world = world(&["io", "org"], &[("org/dns/ns/a", "{"), ("net/x1", r#"{"host":"10.0.0.1"}"#)]);
    table(&world, &[("io", "NS", "NxDomain"), ("org", "NS", "ServFail"), ("x1.io", "NS", "NxDomain")]);
    world.serving.version = CoreDnsVersion { major: 1, minor: 12, patch: 1 };
    table(&world, &[("io", "NS", "Silence"), ("org", "NS", "Silence"), ("x1.io", "NS", "NxDomain")]);
    assert!(world.why("io", "NS").contains("ns.dns..io."), "{}", world.why("io", "NS"));
    assert_eq!(world.ask("org", "NS").keys, [Box::from(&b"/coredns/org/dns/ns/a"[..])]);
    world.serving.zones = vec![Name::parse(".").unwrap()];
    table(&world, &[(".", "NS", "Silence")]);
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
