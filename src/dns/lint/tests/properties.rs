use super::*;
use crate::dns::lint::one::OF_MANY as TOLD_OF_MANY;
use proptest::prelude::*;

#[test]
fn a_clean_scope_has_no_warning() {
    let ptr = r#"{"host":"www.example.org"}"#;
    let clean = [
        ("www/x1", A),
        ("www/x2", B),
        ("api", A),
        ("api-2", r#"{"host":"2001:db8::1","ttl":60}"#),
        ("node-1", A),
        ("dept/node-1", A),
        ("dept/node-2", B),
        ("alias", r#"{"host":"www.example.org"}"#),
        ("outside", r#"{"host":"lb.example.com","ttl":300}"#),
        ("mx1", r#"{"host":"192.0.2.9","mail":true,"priority":10}"#),
        ("_tcp/_http/x1", r#"{"host":"www.example.org","port":80,"weight":50}"#),
        ("_tcp/_http/x2", r#"{"host":"api.example.org","port":80,"weight":50}"#),
        ("_dmarc", r#"{"text":"v=DMARC1; p=none"}"#),
        ("/arpa/in-addr/192/0/2/1", ptr),
        ("/arpa/in-addr/192/0/2/dns/ns/a", A),
    ];
    let findings =
        look(&source(&clean), &serving(&["example.org", "2.0.192.in-addr.arpa"]), &Circumstances::default());
    let worst: Vec<&Finding> =
        findings.list.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert_eq!(worst, Vec::<&Finding>::new());
    assert!(findings.list.len() <= 6, "and little else: {:#?}", findings.list);
}

#[test]
fn what_external_dns_writes_has_no_warning() {
    let note = r#"{"text":"\"heritage=external-dns,external-dns/owner=a,external-dns/resource=ingress/d/n\"","targetstrip":1}"#;
    let clean = [
        ("foo/048b0377", r#"{"host":"192.0.2.1","ttl":300,"targetstrip":1}"#),
        ("foo/148b0377", r#"{"host":"192.0.2.2","ttl":300,"targetstrip":1}"#),
        ("a-foo/2f0c33de", note),
        ("bar/348b0377", r#"{"host":"lb.example.com","targetstrip":1}"#),
    ];
    let findings = look(&source(&clean), &usual(), &Circumstances::default());
    let worst: Vec<&Finding> =
        findings.list.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert_eq!(worst, Vec::<&Finding>::new());
}

/// Keys of few segments that meet often, some of them odd.
pub(super) fn any_key() -> impl Strategy<Value = Vec<u8>> {
    let segment = prop_oneof![
        4 => prop::sample::select(vec![
            &b"org"[..], b"example", b"a", b"b", b"a-b", b"x1", b"x2", b"dns", b"apex", b"ns", b"_tcp", b"any", b"*", b"",
            b"A", b"a.b", b"arpa", b"in-addr", b"192", b"048b0377", b"a-foo", b"foo",
        ])
        .prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(segment, 1..7)
        .prop_map(|segments| [b"/coredns/", &segments.join(&b'/')[..]].concat())
}

pub(super) fn any_value() -> impl Strategy<Value = Vec<u8>> {
    let host = prop::sample::select(vec![
        "192.0.2.1",
        "2001:db8::1",
        "2001:DB8::1",
        "a.example.org",
        "b.a.example.org",
        "example.org",
        "a.example",
        "any.org",
        "192.0.2.1 ",
        "a..b",
        "x",
        "*.example.org",
        "ü.org",
        "",
        "1.2.3.4/24",
        "[::1]:53",
        "%",
        "a/b",
        "\\",
    ]);
    let field = prop_oneof![
        host.prop_map(|host| format!("\"host\":{}", serde_json::Value::from(host))),
        any::<i64>().prop_map(|number| format!("\"targetstrip\":{number}")),
        (-2_i64..70_000).prop_map(|number| format!("\"port\":{number}")),
        any::<i64>().prop_map(|number| format!("\"weight\":{number}")),
        any::<u32>().prop_map(|number| format!("\"ttl\":{number}")),
        prop::sample::select(vec!["a", "b", ""]).prop_map(|group| format!("\"group\":\"{group}\"")),
        prop::sample::select(vec!["t", "\\\\", "heritage=external-dns,external-dns/owner=a"])
            .prop_map(|text| format!("\"text\":\"{text}\"")),
        Just("\"mail\":true".to_owned()),
        Just("\"hosts\":[\"a\"]".to_owned()),
        Just("\"port\":\"80\"".to_owned()),
    ];
    prop_oneof![
        8 => proptest::collection::vec(field, 0..4).prop_map(|fields| format!("{{{}}}", fields.join(",")).into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 0..24),
    ]
}

pub(super) fn any_records() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    proptest::collection::vec((any_key(), any_value()), 0..12)
}

pub(super) fn known(records: &[(Vec<u8>, Vec<u8>)]) -> ReadPart {
    let content = |value: &[u8]| KeyContent { value: value.into(), lease: None };
    ReadPart::everything(
        records
            .iter()
            .filter(|(key, _)| key.len() > b"/coredns/".len())
            .map(|(key, value)| (Box::from(&key[..]), content(value))),
    )
}

proptest! {
    #[test]
    fn findings_never_panic_and_their_counts_agree_with_the_list(
        records in any_records(),
        zones in prop::sample::select(vec![&["example.org"][..], &["."], &[], &["org", "example.org", "a.example"]]),
    ) {
        let findings = look(&known(&records), &serving(zones), &Circumstances::default());
        prop_assert_eq!(findings.tally().total(), findings.list.len());
        prop_assert_eq!(findings.within(b"/coredns/"), findings.tally());
        for (key, _) in &records {
            let name = key.strip_suffix(b"/").unwrap_or(key);
            let below = [name, b"/"].concat();
            let at = |finding: &&Finding| *finding.key == *name;
            let within = |finding: &&Finding| *finding.key == *name || finding.key.starts_with(&below);
            prop_assert_eq!(findings.of(name).count(), findings.list.iter().filter(at).count());
            if !name.ends_with(b"/") {
                prop_assert_eq!(findings.within(name).total(), findings.list.iter().filter(at).count());
            }
            prop_assert_eq!(findings.within(&below).total(), findings.list.iter().filter(within).count());
        }
    }

    #[test]
    fn a_fix_can_be_done_and_ends_its_finding(records in any_records()) {
        let source = known(&records);
        let serving = serving(&["example.org", "example"]);
        let findings = look(&source, &serving, &Circumstances::default());
        for finding in &findings.list {
            let Some(fix) = &finding.fix else { continue };
            let content = |key: &[u8]| {
                let mut value: Option<Box<[u8]>> = None;
                source.at(key, &mut |record| {
                    value = Some(record.value.into());
                    std::ops::ControlFlow::Break(())
                });
                value
            };
            for step in &fix.steps {
                match step {
                    FixStep::Create { key, .. } => prop_assert_eq!(content(key), None),
                    FixStep::Move { from, to } => {
                        prop_assert!(content(from).is_some());
                        prop_assert_eq!(content(to), None);
                    }
                    FixStep::Update { key, before, .. } | FixStep::Delete { key, before } => {
                        prop_assert_eq!(content(key), Some(before.clone()));
                    }
                }
            }
            let after = ChangedSource::new(&source, fix.changes(&source));
            let again = look(&after, &serving, &Circumstances::default());
            let still = again.of(&finding.key).any(|other| other.trap == finding.trap);
            prop_assert!(!still, "{}: {} {:#?}", finding.trap, fix.what, records);
        }
    }

    #[test]
    fn what_one_value_is_found_with_is_what_the_scope_is_found_with(
        records in any_records(),
        key in any_key(),
        value in any_value(),
    ) {
        let source = known(&records);
        let serving = serving(&["example.org", "example"]);
        let content = KeyContent { value: value.into(), lease: None };
        let one = lint_one(&source, &serving, &key, &content);
        if serving.scope.key(&key).is_ok() {
            let after = ChangedSource::new(&source, [(key.clone().into(), Some(content))]);
            let all = look(&after, &serving, &Circumstances::default());
            for finding in one {
                let told = all.list.iter().any(|other| {
                    // A key that no zone covers is reported for the highest name.
                    other.trap == finding.trap
                        && (other.key == finding.key || (finding.trap == Trap::T46 && finding.key.starts_with(&other.key)))
                });
                prop_assert!(told, "{finding:#?}");
            }
        }
    }

    #[test]
    fn what_a_change_brings_about_is_found_with_it(
        records in any_records(),
        key in any_key(),
        value in any_value(),
    ) {
        let source = known(&records);
        let serving = serving(&["example.org", "example"]);
        if serving.scope.key(&key).is_ok() {
            let content = KeyContent { value: value.into(), lease: None };
            let after = ChangedSource::new(&source, [(key.clone().into(), Some(content))]);
            let told = lint_change(&source, &after, &serving, &key);
            let (old, new) = (
                look(&source, &serving, &Circumstances::default()),
                look(&after, &serving, &Circumstances::default()),
            );
            for finding in new.list.iter().filter(|finding| finding.severity > Severity::Info) {
                let was_there = old.of(&finding.key).any(|old| old.trap == finding.trap);
                let is_told = told.iter().any(|other| other.trap == finding.trap && other.key == finding.key);
                // A finding that depends on external-dns being at work may appear at any key of the scope.
                let is_far = TOLD_OF_MANY.contains(&finding.trap) || finding.trap == Trap::E3;
                prop_assert!(was_there || is_told || is_far, "{finding:#?} {told:#?}");
            }
        }
    }
}
