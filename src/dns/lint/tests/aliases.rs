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
    // A broken value is told of where it is.
    none(&[("www", &to), ("lb", "broken")], Trap::T22);
    let srv = r#"{"host":"lb.example.org","port":80}"#;
    assert!(only(&[("_tcp/_http/x1", srv)], Trap::T22).message.contains("cannot reach it"));
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
    let old = Serving { version: crate::dns::Version { major: 1, minor: 12, patch: 0 }, ..usual() };
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
    // An address on the way does not end it.
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
    assert_eq!(known(Behind::Nothing), [(Severity::Warning, vec!["www.example.org".to_owned()])]);
    assert_eq!(known(Behind::Something), []);
    // Without a Corefile nobody knows; it is said once for the zone.
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
