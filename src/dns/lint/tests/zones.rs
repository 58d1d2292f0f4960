use super::*;

/// Findings of a trap in a zone without what [`ZONE`] has.
fn bare(records: Records<'_>, serving: &Serving, trap: Trap) -> Vec<(Severity, Vec<String>, String)> {
    let records = records.iter().map(|(at, value)| (key(at).into_bytes().into(), content(value)));
    let findings = look(&Known::everything(records), serving, &Circumstances::default());
    of(&findings, trap)
        .iter()
        .map(|finding| (finding.severity, names(finding), finding.message.clone()))
        .collect()
}

#[test]
fn t06_a_zone_without_an_apex_answers_with_all_its_addresses() {
    let found = bare(&[("www/x1", A), ("api", B)], &usual(), Trap::T6);
    let [(Severity::Warning, names, message)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(names, &["example.org"]);
    assert!(message.contains("all 2 addresses of the zone"), "{message}");
    assert_eq!(bare(&[("x1", A), ("x2", B)], &usual(), Trap::T6), [], "its own leaves are no surprise");
    assert_eq!(bare(&[("dns/apex/x1", A), ("www", B)], &usual(), Trap::T6), []);
    let strict = Serving { no_apex_fallback: true, ..usual() };
    assert!(bare(&[("www/x1", A)], &strict, Trap::T6)[0].2.contains("get NXDOMAIN"));
    assert_eq!(bare(&[("/arpa/in-addr/192/0/2/1", A)], &usual(), Trap::T6), [], "nobody asks a reverse zone");
}

#[test]
fn t07_a_zone_without_name_servers_says_that_it_does_not_exist() {
    let found = bare(&[("www/x1", A)], &usual(), Trap::T7);
    assert_eq!((found[0].0, &*found[0].1), (Severity::Error, &["example.org".to_owned()][..]));
    assert_eq!(bare(&[("www/x1", A), ("dns/ns/a", B)], &usual(), Trap::T7), []);
    assert_eq!(bare(&[], &usual(), Trap::T7), [], "a zone without a single record is not begun");
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
    let findings = lint(&Known::everything([]), &deep);
    let found = of(&findings, Trap::T14);
    assert_eq!((found.len(), &*found[0].key), (1, &b"/dns/prod"[..]));
    assert!(found[0].message.contains("ends in .prod"), "{}", found[0].message);
    none(&[], Trap::T14);
}

#[test]
fn t40_the_zones_name_answers_with_all_texts() {
    let text = |text: &str| format!(r#"{{"text":"{text}"}}"#);
    let finding = only(&[("a", &text("a")), ("b/x1", &text("heritage=external-dns,x=y"))], Trap::T40);
    assert_eq!((finding.severity, names(&finding)), (Severity::Warning, vec!["example.org".to_owned()]));
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
