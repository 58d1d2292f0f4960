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
    // external-dns before v0.22 wrote a leaf; it would look for it there.
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
    ] {
        mended(&[(odd, A)], Trap::T19, &[(right, A)]);
    }
    assert_eq!(only(&[("WWW", A), ("www", B)], Trap::T19).fix, None, "the place is taken");
    assert_eq!(only(&[("WWW/x1", A), ("www", B)], Trap::T19).fix, None, "it would hide another value");
    assert_eq!(only(&[("ü", A)], Trap::T19).fix, None, "its xn-- form is not known here");
    let many: Vec<(String, &str)> = (0..40).map(|n| (format!("WWW/x{n}"), A)).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (&**key, *value)).collect();
    let finding = only(&many, Trap::T19);
    assert!(finding.message.contains("its 40 records"), "told once: {}", finding.message);
    none(&[("a-b_c/x1", A), (r"a\@b", A), (r"\195\188", A)], Trap::T19);
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
