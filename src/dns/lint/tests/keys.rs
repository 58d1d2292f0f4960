use super::*;

#[test]
fn t10_a_ptr_below_its_address_is_not_found() {
    const PTR: &str = r#"{"host":"www.example.org"}"#;
    let finding = mended(
        &[("/arpa/in-addr/192/0/2/1/x1", PTR), ("/arpa/in-addr/192/0/2/dns/ns/a", A), ("www", A)],
        Trap::T10,
        &[("/arpa/in-addr/192/0/2/1", PTR), ("/arpa/in-addr/192/0/2/dns/ns/a", A), ("www", A)],
    );
    assert_eq!(names(&finding), ["1.2.0.192.in-addr.arpa"]);
    let v6 = format!("/arpa/ip6/{}", ["2"; 32].join("/"));
    assert_eq!(names(&only(&[(&format!("{v6}/x1"), PTR)], Trap::T10)), [["2"; 32].join(".") + ".ip6.arpa"]);
    none(&[(&v6, PTR)], Trap::T10);
    none(&[("/arpa/in-addr/192/0/2/0/25/7", PTR), ("/arpa/in-addr/192/0/2/1", PTR)], Trap::T10);
    // external-dns before v0.22 wrote a leaf, and would look for the record there.
    let old = r#"{"host":"www.example.org","targetstrip":1}"#;
    assert_eq!(only(&[("/arpa/in-addr/192/0/2/1/048b0377", old)], Trap::T10).fix, None);
}

#[test]
fn t17_an_empty_segment_makes_a_name_that_cannot_be_asked_for() {
    let finding = mended(&[("www//x1", A)], Trap::T17, &[("www/x1", A)]);
    assert_eq!(names(&finding).last().map(String::as_str), Some("example.org"));
    mended(&[("www//", A)], Trap::T17, &[("www", A)]);
    assert_eq!(only(&[("www//x1", A), ("www/x1", B)], Trap::T17).fix, None, "the place is taken");
    assert_eq!(only(&[("www//x1", A), ("www", B)], Trap::T17).fix, None, "it would hide another value");
}

#[test]
fn t18_a_trailing_slash_hides_the_name_itself() {
    let finding = mended(&[("www/", A)], Trap::T18, &[("www", A)]);
    assert_eq!(names(&finding), ["www.example.org"]);
    mended(&[("www/", A), ("www/x1", B)], Trap::T18, &[("www/x1", B), ("www/x2", A)]);
    none(&[("www", A)], Trap::T18);
}

#[test]
fn t19_a_key_that_no_query_spells_is_moved_to_one_that_queries_do() {
    for (odd, right) in [
        ("WWW/X1", "www/x1"),
        ("a@b", r"a\@b"),
        ("www.api", "api/www"),
        ("/www.example.org", "www"),
        ("/Org/Example/www", "www"),
        ("bücher", "xn--bcher-kva"),
        ("bücher/x1", "xn--bcher-kva/x1"),
        ("a b", r"a\ b"),
        (" www", "www"),
    ] {
        mended(&[(odd, A)], Trap::T19, &[(right, A)]);
    }
    assert_eq!(only(&[("WWW", A), ("www", B)], Trap::T19).fix, None, "the place is taken");
    assert_eq!(only(&[("WWW/x1", A), ("www", B)], Trap::T19).fix, None, "it would hide another value");
    let many: Vec<(String, &str)> = (0..40).map(|n| (format!("WWW/x{n}"), A)).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (&**key, *value)).collect();
    let finding = only(&many, Trap::T19);
    assert!(finding.message.contains("its 40 records"), "told once: {}", finding.message);
    none(&[("a-b_c/x1", A), (r"a\@b", A), (r"\195\188", A)], Trap::T19);
}

#[test]
fn t56_a_reverse_record_is_moved_to_where_ptr_queries_look() {
    const PTR: &str = r#"{"host":"www.example.org"}"#;
    const NS: (&str, &str) = ("/arpa/in-addr/192/0/2/dns/ns/a", A);
    let right = ("/arpa/in-addr/192/0/2/1", PTR);
    for wrong in ["192.0.2.1", "1.2.0.192", "192/0/2/001", "192/0.2.1", "1/2/0/192", "192.0.2.1/x1"] {
        let finding = mended(
            &[(&format!("/arpa/in-addr/{wrong}"), PTR), ("www", A), NS],
            Trap::T56,
            &[right, ("www", A), NS],
        );
        assert_eq!(names(&finding), ["1.2.0.192.in-addr.arpa"], "{wrong}");
    }
    // The address of the target decides where both orders are served.
    let source = source(&[("/arpa/in-addr/1.2.0.192", PTR), ("/arpa/in-addr/dns/ns/a", A), ("www", A)]);
    let all = serving(&["example.org", "in-addr.arpa"]);
    let turned = only_in(&source, &all, Trap::T56);
    assert_eq!(turned.fix.unwrap().what, "Move the record to /coredns/arpa/in-addr/192/0/2/1.");
    let v6 = r#"{"host":"2001:db8::1"}"#;
    let nibbles = "2/0/0/1/0/d/b/8/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/1";
    let right = format!("/arpa/ip6/{nibbles}");
    for wrong in ["2001:db8::1".to_owned(), nibbles.to_uppercase(), nibbles.chars().rev().collect()] {
        mended(
            &[(&format!("/arpa/ip6/{wrong}"), PTR), ("www", v6)],
            Trap::T56,
            &[(&right, PTR), ("www", v6)],
        );
    }
    let address = only(&[("/arpa/in-addr/192/0/2/1", A)], Trap::T56);
    assert!(address.message.contains("a PTR record leads to a name"), "{}", address.message);
    let taken =
        only(&[("/arpa/in-addr/192.0.2.1", PTR), ("/arpa/in-addr/192/0/2/1", PTR), ("www", A)], Trap::T56);
    assert_eq!((taken.severity, taken.fix), (Severity::Warning, None));
    let octet = only(&[("/arpa/in-addr/192/0/2/300", PTR)], Trap::T56);
    assert_eq!((octet.severity, octet.fix), (Severity::Warning, None));
    none(&[("/arpa/in-addr/192/0/2", PTR), ("/arpa/in-addr/192/0/2/0/25/7", PTR), ("www", A)], Trap::T56);
}

#[test]
fn t57_a_ptr_and_the_address_of_its_name_agree() {
    const PTR: (&str, &str) = ("/arpa/in-addr/192/0/2/1", r#"{"host":"www.example.org"}"#);
    let other = only(&[PTR, ("www", B)], Trap::T57);
    assert!(other.message.ends_with("leads to www.example.org, which has 192.0.2.2."), "{}", other.message);
    let nothing = only(&[PTR], Trap::T57);
    assert!(nothing.message.ends_with("which has no address here."), "{}", nothing.message);
    none(&[PTR, ("www/x1", B), ("www/x2", A)], Trap::T57);
    none(&[PTR, ("www", r#"{"host":"lb.example.net"}"#)], Trap::T57);
    none(&[("/arpa/in-addr/192/0/2/1", r#"{"host":"www.example.net"}"#)], Trap::T57);
}

#[test]
fn t20_a_wildcard_brings_the_lines_that_make_one() {
    let finding = only(&[("*/apps/x1", A)], Trap::T20);
    assert_eq!(names(&finding), ["*.example.org"]);
    let finding = only(&[("apps/*/x1", r#"{"host":"192.0.2.1","ttl":60}"#)], Trap::T20);
    assert_eq!(
        finding.advice,
        [
            "template IN A apps.example.org {",
            "    match ^.+[.]apps[.]example[.]org[.]$",
            "    answer \"{{ .Name }} 60 IN A 192.0.2.1\"",
            "    fallthrough",
            "}",
            "template IN ANY apps.example.org {",
            "    match ^.+[.]apps[.]example[.]org[.]$",
            "    rcode NOERROR",
            "    fallthrough",
            "}",
        ]
    );
}

#[test]
fn t20_a_stored_wildcard_is_a_name_like_any_other() {
    let finding = only(&[("*/x1", A), ("*/x2", B)], Trap::T20);
    assert_eq!(names(&finding), ["*.example.org"]);
    assert_eq!(&*finding.key, key("*").as_bytes());
}

#[test]
fn t21_the_label_any_is_a_wildcard_in_queries() {
    assert_eq!(names(&only(&[("any/x1", A)], Trap::T21)), ["any.example.org"]);
    none(&[("anyone", A)], Trap::T21);
}
