use super::*;

/// Returns the findings of a trap in a zone without the records of [`ZONE`].
fn bare(records: Records<'_>, serving: &Serving, trap: Trap) -> Vec<(Severity, Vec<String>, String)> {
    let records = records.iter().map(|(at, value)| (key(at).into_bytes().into(), content(value)));
    let findings = look(&ReadPart::everything(records), serving, &Circumstances::default());
    of(&findings, trap)
        .iter()
        .map(|finding| (finding.severity, names(finding), finding.message.clone()))
        .collect()
}

#[test]
fn t06_a_zone_without_an_apex_answers_with_all_its_addresses() {
    let found = bare(&[("www/x1", A), ("api", B)], &usual(), Trap::T6);
    let [(Severity::Info, names, message)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(names, &["example.org"]);
    assert!(message.contains("with 2 addresses of the zone"), "{message}");
    let same = bare(&[("www/x1", A), ("api", A)], &usual(), Trap::T6);
    assert!(same[0].2.contains("with 1 address of the zone"), "what is given is counted: {}", same[0].2);
    let text = r#"{"text":"t"}"#;
    assert_eq!(bare(&[("www/x1", text)], &usual(), Trap::T6), [], "nothing is given");
    assert_eq!(bare(&[("x1", A), ("x2", B)], &usual(), Trap::T6), [], "its own leaves are no surprise");
    assert_eq!(bare(&[("dns/apex/x1", A), ("www", B)], &usual(), Trap::T6), []);
    let strict = Serving { no_apex_fallback: true, ..usual() };
    assert!(bare(&[("www/x1", A)], &strict, Trap::T6)[0].2.contains("get NXDOMAIN"));
    assert_eq!(bare(&[("/arpa/in-addr/192/0/2/1", A)], &usual(), Trap::T6), [], "nobody asks a reverse zone");
}

#[test]
fn t07_a_zone_without_name_servers_says_that_it_does_not_exist() {
    let found = bare(&[("www/x1", A)], &usual(), Trap::T7);
    assert_eq!((found[0].0, &*found[0].1), (Severity::Info, &["example.org".to_owned()][..]));
    assert_eq!(bare(&[("www/x1", A), ("dns/ns/a", B)], &usual(), Trap::T7), []);
    assert_eq!(bare(&[], &usual(), Trap::T7), [], "a zone without a single record is not begun");
}

#[test]
fn t07_of_the_zones_of_a_network_is_told_once() {
    let zones: Vec<String> = (64..128).map(|octet| format!("{octet}.2.0.192.in-addr.arpa")).collect();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let keys: Vec<String> = (64..128).map(|octet| format!("/arpa/in-addr/192/0/2/{octet}")).collect();
    let records: Vec<(&str, &str)> =
        keys.iter().map(|key| (&**key, r#"{"host":"www.example.net"}"#)).collect();
    let found = bare(&records, &serving(&zones), Trap::T7);
    assert_eq!(found.len(), 1);
    assert!(found[0].2.starts_with("64 zones, from 100.2.0.192.in-addr.arpa to "), "{}", found[0].2);
    assert_eq!(found[0].1.len(), 32, "not all are named");
}

#[test]
fn t06_a_zones_own_address_beside_others_is_moved_to_where_it_stands_alone() {
    let records = [("x1", A), ("www/x1", B)];
    let known = |records: Records<'_>| {
        ReadPart::everything(records.iter().map(|(at, value)| (key(at).into_bytes().into(), content(value))))
    };
    let before = known(&records);
    let finding = only_in(&before, &usual(), Trap::T6);
    assert_eq!(finding.severity, Severity::Warning);
    let after = ChangedSource::new(&before, finding.fix.unwrap().changes(&before));
    assert!(after.has(key("dns/apex/x1").as_bytes()) && !after.has(key("x1").as_bytes()));
    assert_eq!(of(&look(&after, &usual(), &Circumstances::default()), Trap::T6), Vec::<&Finding>::new());
}

#[test]
fn a_zone_that_is_only_guessed_is_not_judged() {
    let guess = |records: Records<'_>| {
        let known = ReadPart::everything(
            records.iter().map(|(at, value)| (key(at).into_bytes().into(), content(value))),
        );
        let serving = crate::dns::ZoneGuess::of(&known, &usual().scope).served(usual());
        let findings = look(&known, &serving, &Circumstances::default());
        findings.list.into_iter().map(|finding| (finding.trap, names(&finding).join(" "))).collect::<Vec<_>>()
    };
    assert_eq!(guess(&[("www/x1", A), ("api/x1", B), ("/io/gcr/x1", A)]), []);
    let proven = guess(&[("www/x1", A), ("dns/apex/x1", B), ("/io/gcr/x1", A)]);
    assert!(proven.contains(&(Trap::T7, "example.org".to_owned())), "what is proven is judged: {proven:?}");
}

/// Checks an installation without trouble, as somebody runs it.
#[test]
fn a_healthy_installation_has_notes_at_most() {
    const SEED: [(&str, &str); 5] = [
        ("/io/gcr/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
        ("/io/k8s/registry/x1", r#"{"host":"172.25.52.217","ttl":60}"#),
        ("/io/quay/x1", r#"{"host":"172.25.52.218","ttl":60}"#),
        ("/io/docker/registry-1/x1", r#"{"host":"172.25.52.218"}"#),
        ("/io/docker/auth/x1", r#"{"host":"172.25.52.219"}"#),
    ];
    let known =
        ReadPart::everything(SEED.iter().map(|(at, value)| (key(at).into_bytes().into(), content(value))));
    for zones in [&["gcr.io", "k8s.io", "quay.io", "docker.io"][..], &["io"], &["."]] {
        let findings = look(&known, &serving(zones), &Circumstances::default());
        assert!(findings.tally().worst() <= Some(Severity::Info), "{zones:?}: {:#?}", findings.list);
    }
}

#[test]
fn t08_a_host_name_as_a_name_server_breaks_ns() {
    let finding = only(&[("dns/ns/b", r#"{"host":"ns1.example.net"}"#)], Trap::T8);
    assert_eq!((names(&finding), finding.fix), (vec!["example.org".to_owned()], None));
    none(&[("ns/b", r#"{"host":"ns1.example.net"}"#)], Trap::T8);
}

#[test]
fn t14_a_prefix_of_several_segments_spoils_targets() {
    let deep = Serving::new(Scope::parse("/dns/prod").unwrap(), vec![]);
    let findings = lint(&ReadPart::everything([]), &deep);
    let found = of(&findings, Trap::T14);
    assert_eq!((found.len(), &*found[0].key, found[0].severity), (1, &b"/dns/prod"[..], Severity::Info));
    let service = (b"/dns/prod/org/_tcp/_s/x1"[..].into(), content(r#"{"host":"192.0.2.1","port":80}"#));
    let deep = Serving { zones: vec![Name::parse("org").unwrap()], ..deep };
    let findings = lint(&ReadPart::everything([service]), &deep);
    assert_eq!(of(&findings, Trap::T14)[0].severity, Severity::Warning);
    assert!(found[0].message.contains("ends in .prod"), "{}", found[0].message);
    none(&[], Trap::T14);
}

#[test]
fn t40_the_zones_name_answers_with_all_texts() {
    let text = |text: &str| format!(r#"{{"text":"{text}"}}"#);
    let finding = only(&[("a", &text("a")), ("b/x1", &text("heritage=external-dns,x=y"))], Trap::T40);
    assert_eq!((finding.severity, names(&finding)), (Severity::Info, vec!["example.org".to_owned()]));
    let spf = only(&[("x1", &text("v=spf1 -all")), ("b/x1", &text("v=spf1 mx"))], Trap::T40);
    assert_eq!(spf.severity, Severity::Warning, "the zone's own text is spoilt");
    assert!(finding.message.contains("2 texts of the whole zone, 1 of them notes of external-dns"));
    assert_eq!(only(&[("a", &text("a"))], Trap::T40).severity, Severity::Info);
    none(&[("x1", &text("a"))], Trap::T40);
}

#[test]
fn t46_records_that_no_zone_covers_are_told_once() {
    let finding = only(&[("/io/gcr/x1", A), ("/io/gcr/x2", A), ("/io/k8s", A)], Trap::T46);
    assert_eq!((&*finding.key, names(&finding)), (&b"/coredns/io"[..], vec!["io".to_owned()]));
    assert!(finding.message.contains("3 records of io"), "{}", finding.message);
    let beside = only(&[("/org/other", A)], Trap::T46);
    assert_eq!(names(&beside), ["other.org"]);
    assert_eq!(names(&only(&[("/org", A)], Trap::T46)), ["org"], "above the zone");
    assert_eq!(bare(&[("www", A)], &serving(&[]), Trap::T46)[0].1, ["."]);
    none(&[("www", A)], Trap::T46);
}

#[test]
fn t47_the_root_zone_takes_everything() {
    let records = [("www", A), ("/io/gcr", A)];
    assert_eq!(bare(&records, &serving(&["."]), Trap::T47)[0].1, ["."]);
    assert_eq!(bare(&records, &serving(&["."]), Trap::T46), []);
    assert_eq!(bare(&records, &serving(&["."]), Trap::T7)[0].1, ["."], "and is a zone like any other");
    none(&[], Trap::T47);
}

#[test]
fn t60_endpoints_with_commas_are_none_that_coredns_reaches() {
    let circumstances = Circumstances { unreachable: vec!["Corefile:7".into()], ..Circumstances::default() };
    let findings = look(&source(&[]), &usual(), &circumstances);
    let found = of(&findings, Trap::T60);
    assert_eq!(found[0].severity, Severity::Error);
    assert!(found[0].message.contains("at Corefile:7 stand in one list"), "{}", found[0].message);
    none(&[], Trap::T60);
}

#[test]
fn t48_a_second_etcd_block_is_ignored() {
    let block = IgnoredBlock { place: "Corefile:12".into(), zones: vec!["2.0.192.in-addr.arpa".into()] };
    let circumstances = Circumstances { ignored: vec![block], ..Circumstances::default() };
    let findings = look(&source(&[]), &usual(), &circumstances);
    let found = of(&findings, Trap::T48);
    assert!(found[0].message.contains("for 2.0.192.in-addr.arpa at Corefile:12"), "{}", found[0].message);
    none(&[], Trap::T48);
}

#[test]
fn t49_a_host_called_dns_answers_with_the_zones_servers() {
    assert_eq!(names(&only(&[("dns/x1", A)], Trap::T49)), ["dns.example.org"]);
    assert_eq!(bare(&[("dns/x1", A)], &usual(), Trap::T49)[0].0, Severity::Info, "nothing is below it yet");
    let service = only(&[("dns/ns/b", r#"{"host":"192.0.2.1","port":53}"#)], Trap::T49);
    assert!(service.message.contains("a name server"), "{}", service.message);
    none(&[], Trap::T49);
    // As the zone's own address it is dropped if it leads into the zone, and is an address if it leads out.
    none(&[("dns/apex/m", r#"{"host":"www.example.org","mail":true}"#), ("www/x1", A)], Trap::T49);
    let out = only(&[("dns/apex/m", r#"{"host":"mail.example.net","mail":true}"#)], Trap::T49);
    assert!(out.message.contains("the zone's own name"), "{}", out.message);
}

#[test]
fn t52_a_big_zone_without_an_apex_is_read_whole() {
    let keys: Vec<String> = (0..1_000).map(|n| format!("host-{n}")).collect();
    let records: Vec<(&str, &str)> = keys.iter().map(|key| (&**key, A)).collect();
    assert_eq!(bare(&records, &usual(), Trap::T52)[0].1, ["example.org"]);
    none(&records, Trap::T52);
}

#[test]
fn t53_neither_soa_nor_delegation_can_be_stored() {
    let delegation = only(&[("sub/dns/ns/a", A)], Trap::T53);
    assert_eq!(names(&delegation), ["sub.example.org"]);
    for (at, value) in [("dns/soa", A), ("soa", r#"{"mname":"ns1.example.org","serial":5}"#)] {
        let finding = only(&[(at, value)], Trap::T53);
        assert!(finding.message.contains("SOA"), "{}", finding.message);
    }
    none(&[], Trap::T53);
}

#[test]
fn t54_keys_that_coredns_may_not_read_are_told() {
    let circumstances = Circumstances { denied: Some("core\u{1b}dns".into()), ..Circumstances::default() };
    let findings = look(&source(&[]), &usual(), &circumstances);
    let found = of(&findings, Trap::T54);
    assert!(found[0].message.contains(r"core\x1bdns"), "{}", found[0].message);
    none(&[], Trap::T54);
}
