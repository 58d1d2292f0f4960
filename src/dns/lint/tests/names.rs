use super::*;

const ALIAS: &str = r#"{"host":"www.example.net"}"#;

#[test]
fn t04_a_value_with_keys_below_it_is_dead() {
    let finding = mended(&[("www", A), ("www/x1", B)], Trap::T4, &[("www/x1", B), ("www/x2", A)]);
    assert_eq!(names(&finding), ["www.example.org"]);
    assert!(finding.message.contains("/coredns/org/example/www/x1 lies below it"), "{}", finding.message);
    // A name that comes between them in key order hides nothing.
    none(&[("www", A), ("www-2/x1", B), ("www0/x1", B)], Trap::T4);
    mended(
        &[("www", A), ("www-2/x1", B), ("www/api", B)],
        Trap::T4,
        &[("www-2/x1", B), ("www/api", B), ("www/x1", A)],
    );
}

#[test]
fn t04_the_zones_own_value_is_moved_to_where_it_is_read() {
    let finding = only(&[("", A), ("www", B)], Trap::T4);
    let fix = finding.fix.unwrap();
    assert_eq!(fix.what, "Move the value to /coredns/org/example/dns/apex/x2.");
}

#[test]
fn t04_nothing_is_lost_where_the_value_says_nothing_or_is_a_ptr() {
    none(&[("www", "{}"), ("www/x1", A)], Trap::T4);
    let ptr = r#"{"host":"www.example.org"}"#;
    none(&[("/arpa/in-addr/192/0/2/1", ptr), ("/arpa/in-addr/192/0/2/1/x", ptr)], Trap::T4);
}

#[test]
fn t04_says_who_still_sees_the_value_and_nothing_of_what_nobody_could_ask_for() {
    let message = |records: Records<'_>| only(records, Trap::T4).message;
    assert!(message(&[("www", A), ("www/x1", B)]).contains("in the answer to no query for it"));
    assert!(!message(&[("www", A), ("www/x1", B)]).contains("CNAME"));
    let alias = message(&[("www", ALIAS), ("www/x1", B)]);
    assert!(
        alias.contains("no A, AAAA, TXT, SRV or MX query") && alias.contains("Only CNAME and PTR"),
        "{alias}"
    );
    // A question with a wildcard reads both, and a name that no question reaches has another finding.
    for name in ["any", "*", "WWW", "/com/example"] {
        none(&[(name, A), (&format!("{name}/x1"), B)], Trap::T4);
    }
}

#[test]
fn t04_is_not_told_of_a_service_that_points_to_its_instances() {
    let records = [
        ("_tcp/_ipp", r#"{"host":"office._ipp._tcp.example.org"}"#),
        ("_tcp/_ipp/office/x1", r#"{"host":"www.example.org","port":631}"#),
        ("www/x1", A),
    ];
    none(&records, Trap::T4);
    none(&records, Trap::T23);
}

#[test]
fn t04_moves_nothing_to_where_groups_would_keep_it_out_or_it_would_undo_them() {
    let [a, b] = ["a", "b"].map(|group| format!(r#"{{"host":"192.0.2.9","group":"{group}"}}"#));
    for (records, is_mended) in [
        (&[("www", A), ("www/x1", &*a)][..], true),
        (&[("www", &*a), ("www/x1", A)], true),
        (&[("www", A), ("www/x2", &*a), ("www/api/x1", &*b)], false),
        (&[("www", &*b), ("www/x1", &*a), ("www/api/x1", &*b)], false),
        (&[("www", &*b), ("www/api/x1", &*a)], false),
    ] {
        assert_eq!(only(records, Trap::T4).fix.is_some(), is_mended, "{records:?}");
    }
    let unsendable = only(&[("www", r#"{"host":"a..b"}"#), ("www/x1", A)], Trap::T4);
    assert_eq!(unsendable.fix, None, "hidden it does no harm");
}

#[test]
fn t05_a_name_with_records_answers_with_those_below_it() {
    let finding = only(&[("www/x1", A), ("www/api/x1", B)], Trap::T5);
    assert_eq!(names(&finding), ["www.example.org"]);
    assert!(
        finding.message.contains("those of names below it too: api.www.example.org"),
        "{}",
        finding.message
    );
    none(&[("www/x1", A), ("www/x2", B), ("www/048b0377", B)], Trap::T5);
    let counted = only(&[("www/0", A), ("www/1", B), ("www/api/0", A)], Trap::T5);
    assert_eq!(
        counted.severity,
        Severity::Warning,
        "a leaf is what CoreDNS answers with, whatever it is called"
    );
    let named = only(&[("www/first", A), ("www/api/x1", B)], Trap::T5);
    assert_eq!(named.severity, Severity::Info, "or it may be a name of its own");
    let apart = r#"{"host":"192.0.2.1","group":"a"}"#;
    none(&[("www/x1", apart), ("www/api/x1", r#"{"host":"192.0.2.2","group":"b"}"#)], Trap::T5);
    none(&[("dept/www", A), ("dept/mail", B)], Trap::T5);
}

#[test]
fn t09_an_alias_in_a_leaf_is_not_found_as_a_cname() {
    let finding = mended(&[("www/x1", ALIAS)], Trap::T9, &[("www", ALIAS)]);
    assert_eq!(names(&finding), ["www.example.org"]);
    assert_eq!(only(&[("www/x1", ALIAS), ("www/api/x1", A)], Trap::T9).fix, None, "it would be hidden there");
    let managed = only(&[("www/048b0377", r#"{"host":"www.example.net","targetstrip":1}"#)], Trap::T9);
    assert_eq!((managed.severity, managed.fix), (Severity::Info, None));
    none(&[("www", ALIAS), ("dept/www", ALIAS)], Trap::T9);
}

#[test]
fn t27_an_alias_does_not_stand_beside_other_records() {
    for beside in [A, r#"{"host":"other.example.net"}"#, r#"{"text":"t"}"#] {
        assert_eq!(names(&only(&[("www/x1", ALIAS), ("www/x2", beside)], Trap::T27)), ["www.example.org"]);
    }
    none(&[("www", ALIAS), ("mail", A)], Trap::T27);
    let service = r#"{"host":"a.example.net","port":80}"#;
    none(&[("_tcp/_http/x1", service), ("_tcp/_http/x2", service)], Trap::T27);
}

#[test]
fn t05_groups_keep_a_name_apart_from_those_below_it() {
    mended(
        &[("www/x1", A), ("www/api/x1", B)],
        Trap::T5,
        &[
            ("www/x1", r#"{"host":"192.0.2.1","group":"www.example.org"}"#),
            ("www/api/x1", r#"{"host":"192.0.2.2","group":"api.www.example.org"}"#),
        ],
    );
    // A record at a name right below is as deep as the name's own, so it becomes a leaf.
    mended(
        &[("www/x1", A), ("www/api", B)],
        Trap::T5,
        &[
            ("www/x1", r#"{"host":"192.0.2.1","group":"www.example.org"}"#),
            ("www/api/x1", r#"{"host":"192.0.2.2","group":"api.www.example.org"}"#),
        ],
    );
    let refused = |records: Records<'_>, name: &str| {
        isolate(&source(records), &usual(), &Name::parse(name).unwrap()).unwrap_err().to_string()
    };
    for (records, name, why) in [
        (&[("www/x1", A)][..], "www.example.org", "nothing lies below"),
        (&[("www/api/x1", A)], "www.example.org", "no records of its own"),
        (&[("www/x1", A)], "example.org", "is a zone"),
        (&[("/com/www/x1", A)], "www.com", "in no zone"),
        (&[("www/x1", A), ("www/api/x1", "{")], "www.example.org", "cannot be read"),
        (&[("www", A), ("www/x1", A), ("www/api/x1", A)], "www.example.org", "hide"),
        (
            &[
                ("www/x1", r#"{"host":"192.0.2.1","group":"a"}"#),
                ("www/api/x1", r#"{"host":"192.0.2.2","group":"b"}"#),
            ],
            "www.example.org",
            "already",
        ),
    ] {
        let said = refused(records, name);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn t58_what_is_there_already_is_told_as_such() {
    let twice =
        mended(&[("www/x1", A), ("www/x2", A), ("www/x3", B)], Trap::T58, &[("www/x1", A), ("www/x3", B)]);
    assert_eq!((&*twice.key, names(&twice)), (key("www/x2").as_bytes(), vec!["www.example.org".to_owned()]));
    mended(
        &[("_dmarc/x1", r#"{"text":"t"}"#), ("_dmarc/x2", r#"{"text":"t"}"#)],
        Trap::T58,
        &[("_dmarc/x1", r#"{"text":"t"}"#)],
    );
    none(&[("www/x1", A), ("www/x2", r#"{"host":"192.0.2.1","group":"b"}"#)], Trap::T58);
    // Two records of external-dns, which makes one again at every sync; and its notes, which it only adds to.
    let managed = r#"{"host":"192.0.2.1","targetstrip":1}"#;
    let twice = &[("www/048b0377", managed), ("www/1f0c33de", managed)];
    let finding = mended(twice, Trap::T58, &[("www/048b0377", managed)]);
    assert!(finding.message.ends_with("external-dns comes to no rest while both are there."), "{finding:?}");
    let note = r#"{"text":"\"heritage=external-dns,external-dns/owner=prod\"","targetstrip":1}"#;
    none(&[("a-www/048b0377", note), ("a-www/1f0c33de", note), ("www/x1", A)], Trap::T58);
    none(&[("dept/www", A), ("dept/mail", A)], Trap::T58);
    let service = r#"{"host":"192.0.2.1","port":80}"#;
    none(&[("_tcp/_s/x1", service), ("_tcp/_s/x2", service)], Trap::T58);
}

#[test]
fn t59_the_records_of_one_answer_have_one_ttl() {
    let short = r#"{"host":"192.0.2.2","ttl":60}"#;
    let finding = mended(
        &[("www/x1", A), ("www/x2", short)],
        Trap::T59,
        &[("www/x1", r#"{"host":"192.0.2.1","ttl":60}"#), ("www/x2", short)],
    );
    assert!(
        finding.message.contains("www.example.org have different TTLs (A from 60 to 300)"),
        "{}",
        finding.message
    );
    none(&[("www/x1", A), ("www/x2", r#"{"host":"192.0.2.2","ttl":300}"#)], Trap::T59);
    none(&[("www/x1", A), ("www/x2", r#"{"host":"2001:db8::1","ttl":60}"#)], Trap::T59);
    let apex = only(&[("dns/apex/x2", short)], Trap::T59);
    assert_eq!(names(&apex), ["example.org"]);
}

#[test]
fn t44_one_ipv6_address_in_two_spellings_is_served_twice() {
    mended(
        &[("www/x1", r#"{"host":"2001:db8::1"}"#), ("www/x2", r#"{"ttl":60,"host":"2001:DB8:0::1"}"#)],
        Trap::T44,
        &[("www/x1", r#"{"host":"2001:db8::1"}"#), ("www/x2", r#"{"ttl":60,"host":"2001:db8::1"}"#)],
    );
    none(&[("www/x1", r#"{"host":"2001:db8::1"}"#), ("www/x2", r#"{"host":"2001:DB8::2"}"#)], Trap::T44);
}

#[test]
fn t52_a_crowded_name_costs_every_query() {
    let crowd = |number: usize| {
        let keys: Vec<String> = (0..number).map(|n| format!("www/x{n}")).collect();
        let records: Vec<(&str, &str)> = keys.iter().map(|key| (&**key, A)).collect();
        let findings = look(&source(&records), &usual(), &Circumstances::default());
        of(&findings, Trap::T52).iter().map(|finding| names(finding)).collect::<Vec<_>>()
    };
    assert_eq!(crowd(999), Vec::<Vec<String>>::new());
    assert_eq!(crowd(1000), [["www.example.org"]]);
}

#[test]
fn t43_groups_that_divide_nothing_are_told_at_the_lowest_name() {
    let (a, b) = (r#"{"host":"192.0.2.1","group":"a"}"#, r#"{"host":"192.0.2.2","group":"b"}"#);
    let finding = only(&[("svc/www/x1", a), ("svc/www/x2", b)], Trap::T43);
    assert_eq!(names(&finding), ["www.svc.example.org"]);
    assert!(finding.message.contains("same depth"));
    let finding = only(&[("www/x1", A), ("www/x2", a), ("www/x3/y", b)], Trap::T43);
    assert!(finding.message.contains("the first of its keys has no group"), "{}", finding.message);
    assert_eq!(only(&[("www/0", a), ("www/1", b)], Trap::T43).severity, Severity::Warning);
    assert_eq!(only(&[("www/first", a), ("www/second", b)], Trap::T43).severity, Severity::Info);
    none(&[("www/x1", a), ("www/x2", a)], Trap::T43);
    none(&[("www/x1", a), ("www/sub/x1", b)], Trap::T43);
}
