use super::*;

fn alias(host: &str) -> String {
    format!(r#"{{"host":"{host}"}}"#)
}

#[test]
fn t22_an_alias_to_nothing_answers_empty() {
    let to = alias("lb.example.org");
    let finding = only(&[("www", &to)], Trap::T22);
    assert_eq!(names(&finding), ["www.example.org"]);
    assert!(finding.message.contains("does not exist"));
    assert!(only(&[("www", &to), ("lb/x1", "{}")], Trap::T22).message.contains("has no address"));
    for target in
        [("lb", A), ("lb/x1", r#"{"host":"2001:db8::1"}"#), ("lb/a/b/c", A), ("lb", r#"{"text":"t"}"#)]
    {
        none(&[("www", &to), target], Trap::T22);
    }
    none(&[("www", &to), ("lb", &alias("example.org"))], Trap::T22);
    // A broken value has a finding of its own, at its key.
    none(&[("www", &to), ("lb", "broken")], Trap::T22);
    let srv = r#"{"host":"lb.example.org","port":80}"#;
    assert!(only(&[("_tcp/_http/x1", srv)], Trap::T22).message.contains("cannot reach it"));
}

#[test]
fn t22_a_host_leads_where_coredns_looks_for_it() {
    // The spelling of a name decides its key, and a slash divides one label into two levels.
    for (host, key) in [
        ("lb@a.example.org", r"lb\@a"),
        (r"l\\@b\\045.example.org", r"l\@b-"),
        ("lb/a.example.org", "lb/a"),
        ("LB.example.org", "lb"),
    ] {
        none(&[("www", &alias(host)), (key, A)], Trap::T22);
        only(&[("www", &alias(host)), ("elsewhere", A)], Trap::T22);
    }
    // Two names have one key: this one lies in no zone, so CoreDNS asks for it elsewhere.
    none(&[("www", &alias("lb.org/example"))], Trap::T22);
    // The records that a wildcard finds are known like any others.
    let to_any = alias("any.lb.example.org");
    only(&[("www", &alias("api.example.org")), ("api", &to_any)], Trap::T22);
    none(&[("www", &alias("api.example.org")), ("api", &to_any), ("lb/x/y", A)], Trap::T22);
}

#[test]
fn t22_an_address_of_another_group_is_none() {
    let told = |address| {
        let to = alias("lb.example.org");
        let records = [
            ("www", &*to),
            ("lb/x1", r#"{"host":"nowhere.example.org","group":"a"}"#),
            (address, r#"{"host":"192.0.2.1","group":"b"}"#),
        ];
        let findings = look(&source(&records), &usual(), &Circumstances::default());
        of(&findings, Trap::T22).iter().map(|finding| finding.names[0].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("lb/y/x2"), ["x1.lb.example.org", "www.example.org"]);
    // Two groups at one depth have no effect.
    assert_eq!(told("lb/x2"), ["x1.lb.example.org"]);
}

#[test]
fn t22_a_zone_has_its_addresses_in_its_apex_and_its_texts_anywhere() {
    let (apex, to) = (("dns/apex/x1", "{}"), alias("example.org"));
    none(&[apex, ("www", &to), ("t", r#"{"text":"t"}"#)], Trap::T22);
    only(&[apex, ("www", &to), ("a", A)], Trap::T22);
}

#[test]
fn t22_a_crowd_is_looked_through_once_however_many_aliases_lead_there() {
    let crowd: Vec<String> = (0..3_000).map(|n| format!("lb/t{n}")).collect();
    let aliases: Vec<String> = (0..500).map(|n| format!("www{n}")).collect();
    let to = alias("lb.example.org");
    let records: Vec<(&str, &str)> =
        crowd.iter().map(|at| (&**at, "{}")).chain(aliases.iter().map(|at| (&**at, &*to))).collect();
    let known = source(&records);
    let counting = Counting::new(&known);
    let findings = look(&counting, &usual(), &Circumstances::default());
    assert_eq!(of(&findings, Trap::T22), Vec::<&Finding>::new(), "so many are taken for an address");
    assert!(counting.reads.get() < 20_000, "{} reads", counting.reads.get());
}

#[test]
fn t23_an_alias_that_leads_back_is_dropped() {
    for (at, to) in [
        ("www", "www.example.org"),
        ("www", "x.www.example.org"),
        ("www/x1", "www.example.org"),
        ("dns/apex/x2", "www.example.org"),
    ] {
        let finding = only(&[(at, &alias(to))], Trap::T23);
        assert!(finding.message.contains("as a loop"), "{}", finding.message);
    }
    let (a, b) = (alias("a.example.org"), alias("b.example.org"));
    let findings = look(&source(&[("a", &b), ("b", &a)]), &usual(), &Circumstances::default());
    assert_eq!(of(&findings, Trap::T23).len(), 2);
    none(&[("a", &b), ("b/x1", &a), ("b/x2", A)], Trap::T23);
}

#[test]
fn t23_is_not_told_of_a_target_which_is_answered_as_one() {
    let (mail, server) =
        (r#"{"host":"www.example.org","mail":true}"#, r#"{"host":"www.example.org","port":80}"#);
    for (at, value) in [("dns/apex/x2", mail), ("dns/apex/x2", server), ("example", mail), ("", server)] {
        none(&[("www/x1", A), (at, value)], Trap::T23);
    }
    only(&[("dns/apex/x2", r#"{"host":"gone.example.org","mail":true}"#)], Trap::T22);
}

#[test]
fn t24_a_chain_of_twelve_aliases_is_too_long() {
    let chain = |aliases: usize, serving: &Serving| {
        let mut records: Vec<(String, String)> =
            (1..=aliases).map(|n| (format!("h{n}"), alias(&format!("h{}.example.org", n - 1)))).collect();
        records.push(("h0".into(), A.into()));
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
        let findings = look(&source(&records), serving, &Circumstances::default());
        assert_eq!(of(&findings, Trap::T22), Vec::<&Finding>::new());
        of(&findings, Trap::T24).iter().flat_map(|finding| names(finding)).collect::<Vec<_>>()
    };
    assert_eq!(chain(11, &usual()), Vec::<String>::new());
    assert_eq!(chain(12, &usual()), ["h12.example.org"]);
    let old = Serving { version: crate::dns::CoreDnsVersion { major: 1, minor: 12, patch: 0 }, ..usual() };
    assert_eq!(chain(8, &old), Vec::<String>::new());
    assert_eq!(chain(9, &old), ["h9.example.org"]);
}

#[test]
fn t25_an_alias_loop_across_zones_has_no_end() {
    let serving = serving(&["example.org", "example.net"]);
    let (to_net, to_org) = (alias("a.example.net"), alias("a.example.org"));
    let records = [("a", &*to_net), ("/net/example/a", &*to_org)];
    let findings = look(&source(&records), &serving, &Circumstances::default());
    let keys: Vec<&[u8]> = of(&findings, Trap::T25).iter().map(|finding| &*finding.key).collect();
    assert_eq!(keys, [&b"/coredns/net/example/a"[..], b"/coredns/org/example/a"]);
    // An address on the way does not end the loop.
    let tangled =
        [("a/x1", A), ("a/x2", &*to_net), ("/net/example/a/x1", B), ("/net/example/a/x2", &*to_org)];
    let findings = look(&source(&tangled), &serving, &Circumstances::default());
    assert_eq!(of(&findings, Trap::T25).len(), 2);
    let fine = [("a", &*to_net), ("/net/example/a", A)];
    assert_eq!(of(&look(&source(&fine), &serving, &Circumstances::default()), Trap::T25).len(), 0);
}

#[test]
fn t26_an_alias_out_of_all_zones_needs_a_forwarder() {
    let records = source(&[("www", &alias("lb.example.com"))]);
    let known = |behind| {
        let circumstances = Circumstances { corefile: true, ..Circumstances::default() };
        let serving = Serving { behind, ..usual() };
        let findings = look(&records, &serving, &circumstances);
        of(&findings, Trap::T26).iter().map(|finding| (finding.severity, names(finding))).collect::<Vec<_>>()
    };
    assert_eq!(known(OtherPlugins::Nothing), [(Severity::Warning, vec!["www.example.org".to_owned()])]);
    assert_eq!(known(OtherPlugins::Something), []);
    // Without a Corefile nobody knows, so it is reported once for the zone.
    let unknown = only(&[("www", &alias("lb.example.com")), ("api", &alias("lb.example.com"))], Trap::T26);
    assert_eq!((unknown.severity, names(&unknown)), (Severity::Info, vec!["example.org".to_owned()]));
}

#[test]
fn t29_an_alias_to_a_wildcard_is_a_search() {
    for to in ["any.example.org", "*.example.org"] {
        assert_eq!(names(&only(&[("www", &alias(to)), ("a", A)], Trap::T29)), ["www.example.org"]);
    }
    none(&[("www", &alias("any.example.com"))], Trap::T29);
}

#[test]
fn t39_a_target_with_only_ipv6_comes_without_its_address() {
    let srv = r#"{"host":"lb.example.org","port":80}"#;
    let v6 = r#"{"host":"2001:db8::1"}"#;
    assert_eq!(only(&[("_tcp/_http/x1", srv), ("lb", v6)], Trap::T39).severity, Severity::Info);
    none(&[("_tcp/_http/x1", srv), ("lb/x1", v6), ("lb/x2", A)], Trap::T39);
    none(&[("www", &alias("lb.example.org")), ("lb", v6)], Trap::T39);
}
