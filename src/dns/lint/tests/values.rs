use super::*;
use crate::{dns::LeaseTtl, keys::LeaseId};

#[test]
fn t01_a_value_that_is_no_json_breaks_its_name_and_all_above() {
    let finding = only(&[("a/b/x1", "{\"host\":192.0.2.")], Trap::T1);
    assert_eq!(names(&finding), ["x1.b.a.example.org", "b.a.example.org", "a.example.org", "example.org"]);
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(&*finding.key, key("a/b/x1").as_bytes());
    assert!(
        finding
            .message
            .starts_with("x1.b.a.example.org and each name above it up to example.org answer SERVFAIL")
    );
    assert_eq!(finding.fix, None, "what is missing can be anything");
}

#[test]
fn t01_the_place_of_the_mistake_is_told_to_the_end() {
    let finding = only(&[("www/x1", r#"{"host":"10.0.0.41",}"#)], Trap::T1);
    assert!(finding.message.ends_with("at line 1, column 21."), "{}", finding.message);
}

#[test]
fn t01_a_name_with_keys_below_is_spared_its_own_broken_value() {
    let finding = only(&[("a", "nothing"), ("a/x1", A)], Trap::T1);
    assert_eq!(names(&finding), ["example.org"]);
}

#[test]
fn t01_a_slip_of_the_hand_is_mended() {
    for broken in [
        "192.0.2.1",
        "\"192.0.2.1\"",
        "{\"host\":\"192.0.2.1\",}",
        "{'host':'192.0.2.1'}",
        "'{\"host\":\"192.0.2.1\"}'",
        "\u{feff}{\"host\":\"192.0.2.1\"}",
        "{host:192.0.2.1}",
        "host:192.0.2.1",
        "{\"host\":192.0.2.1}",
        "{\"host\":\"192.0.2.1\"",
        "{\"host\":\"192.0.2.1\"}}",
        "{\u{201c}host\u{201d}:\u{201c}192.0.2.1\u{201d}}",
    ] {
        mended(&[("www/x1", broken)], Trap::T1, &[("www/x1", A)]);
    }
    mended(
        &[("www/x1", "{host: www.net, ttl: 60}")],
        Trap::T1,
        &[("www/x1", r#"{"host":"www.net","ttl":60}"#)],
    );
}

#[test]
fn a_list_of_addresses_becomes_a_record_for_each() {
    let both: Records<'_> = &[("www/x1", A), ("www/x2", B)];
    for list in ["192.0.2.1,192.0.2.2", r#"["192.0.2.1","192.0.2.2"]"#, "[192.0.2.1, 192.0.2.2]"] {
        mended(&[("www", list)], Trap::T1, both);
        mended(&[("www/x1", list)], Trap::T1, both);
    }
    mended(&[("www", r#"{"host":["192.0.2.1","192.0.2.2"]}"#)], Trap::T3, both);
    mended(&[("www/x1", r#"{"host":"192.0.2.1,192.0.2.2"}"#)], Trap::T15, both);
    mended(&[("www/x1", r#"{"host":["192.0.2.1"]}"#)], Trap::T3, &[("www/x1", A)]);
    // The key below the name would hide a new value at the name, so there is no fix.
    assert_eq!(only(&[("www", "192.0.2.1,192.0.2.2"), ("www/x1", A)], Trap::T1).fix, None);
}

#[test]
fn t01_a_backslash_that_json_does_not_know_is_meant_as_one() {
    let (broken, meant) = (r#"{"text":"C:\dir\temp"}"#, r#"{"text":"C:\\\\dir\\\\temp"}"#);
    mended(&[("www", broken)], Trap::T1, &[("www", meant)]);
}

#[test]
fn t55_what_can_be_no_host_is_told_whatever_stands_behind_coredns() {
    let forwarded = Circumstances { corefile: true, ..Circumstances::default() };
    let serving = Serving { behind: OtherPlugins::Something, ..usual() };
    for host in ["${COREOS_PRIVATE_IPV4}", "<pending>", "None", "lb.example.net,lb2.example.net"] {
        let source = source(&[("www", &format!(r#"{{"host":"{host}"}}"#))]);
        let findings = look(&source, &serving, &forwarded);
        let found = of(&findings, Trap::T55);
        assert_eq!(
            (found.len(), found[0].severity, found[0].fix.clone()),
            (1, Severity::Error, None),
            "{host}"
        );
    }
    let alias = |host: &str| format!(r#"{{"host":"{host}"}}"#);
    for (host, then) in [
        ("http://192.0.2.1:8080", r#"{"host":"192.0.2.1","port":8080}"#),
        ("https://lb.example.net/x", r#"{"host":"lb.example.net"}"#),
        ("lb.example.net:443", r#"{"host":"lb.example.net","port":443}"#),
        ("b\u{fc}cher.example", r#"{"host":"xn--bcher-kva.example"}"#),
    ] {
        mended(&[("_tcp/_s/x1", &alias(host))], Trap::T55, &[("_tcp/_s/x1", then)]);
    }
    none(&[("www", &alias("none.example.net"))], Trap::T55);
}

#[test]
fn t50_all_slips_of_a_value_are_mended_at_once() {
    mended(
        &[("www/x1", r#"{"hots":"192.0.2.1","tll":60,"note":"x"}"#)],
        Trap::T50,
        &[("www/x1", r#"{"host":"192.0.2.1","ttl":60,"note":"x"}"#)],
    );
}

#[test]
fn t02_empty_and_foreign_keys_break_names_like_broken_values() {
    for marker in ["", " ", "etcdv3_dir_$2H#%gRe3*t"] {
        let finding = mended(&[("www", marker), ("www/x1", A)], Trap::T2, &[("www/x1", A)]);
        assert_eq!(names(&finding), ["example.org"]);
    }
    let foreign = only(&[("www/x1", "k8s\0\u{a}\u{c}v1")], Trap::T2);
    assert_eq!(foreign.fix, None, "somebody's data is never deleted");
    assert_eq!(names(&foreign), ["x1.www.example.org", "www.example.org", "example.org"]);
}

#[test]
fn t03_a_field_of_a_wrong_type_breaks_the_value_and_is_retyped() {
    for (wrong, right) in [
        (r#"{"host":"a.net","port":"80"}"#, r#"{"host":"a.net","port":80}"#),
        (r#"{"port":80.0,"host":"a.net"}"#, r#"{"port":80,"host":"a.net"}"#),
        (r#"{"host":"a.net","owner":[1, 2],"ttl":" 60 "}"#, r#"{"host":"a.net","owner":[1, 2],"ttl":60}"#),
        (r#"{"host":"a.net","mail":"true"}"#, r#"{"host":"a.net","mail":true}"#),
        (r#"{"text":5}"#, r#"{"text":"5"}"#),
    ] {
        let finding = mended(&[("www/x1", wrong)], Trap::T3, &[("www/x1", right)]);
        assert_eq!(names(&finding), ["x1.www.example.org", "www.example.org", "example.org"]);
    }
    let finding = only(&[("www/x1", r#"{"host":"192.0.2.1","port":"80"}"#)], Trap::T3);
    assert!(finding.message.contains(r#"port is "80", and must be a whole number"#), "{}", finding.message);
    for unclear in [r#"{"host":"a","ttl":-1}"#, r#"{"host":["a","b"]}"#, r#"{"host":"a","port":"http"}"#] {
        assert_eq!(only(&[("www/x1", unclear)], Trap::T3).fix, None, "{unclear}");
    }
}

#[test]
fn t15_a_host_that_is_almost_an_address_is_served_as_an_alias() {
    for host in ["192.0.2.1 ", "192.0.2.1/24", "192.0.2.1.", "\\n192.0.2.1"] {
        let value = format!(r#"{{"host":"{host}","ttl":60}}"#);
        let finding =
            mended(&[("www/x1", &value)], Trap::T15, &[("www/x1", r#"{"host":"192.0.2.1","ttl":60}"#)]);
        assert_eq!(names(&finding), ["x1.www.example.org", "www.example.org"]);
    }
    let with_port = r#"{"host":"192.0.2.1","port":80}"#;
    mended(&[("_tcp/_s/x1", r#"{"host":"192.0.2.1:80"}"#)], Trap::T15, &[("_tcp/_s/x1", with_port)]);
    let v6 = r#"{"host":"2001:db8::1"}"#;
    mended(&[("www/x1", r#"{"host":"2001:db8::1/64"}"#)], Trap::T15, &[("www/x1", v6)]);
    for host in ["192.0.2.0/24", "192.0.2.1,lb.net", "256.0.0.1", "192.0.2.01"] {
        let finding = only(&[("www/x1", &format!(r#"{{"host":"{host}"}}"#))], Trap::T15);
        assert_eq!(finding.fix, None, "{host} can mean more than one thing");
    }
    none(&[("www/x1", r#"{"host":"10.example.net"}"#)], Trap::T15);
}

#[test]
fn t16_a_host_that_cannot_be_encoded_silences_all_names_above() {
    let long = format!(r#"{{"host":"{}.net"}}"#, "a".repeat(64));
    mended(&[("www/x1", r#"{"host":"a..net"}"#)], Trap::T16, &[("www/x1", r#"{"host":"a.net"}"#)]);
    for value in [r#"{"host":"a..net"}"#, r#"{"host":".net"}"#, &long] {
        let finding = only(&[("www/x1", value)], Trap::T16);
        assert_eq!(names(&finding), ["x1.www.example.org", "www.example.org", "example.org"]);
        assert!(finding.message.contains("clients time out"));
    }
    none(&[("www/x1", r#"{"host":"a.net."}"#)], Trap::T16);
}

#[test]
fn t28_a_short_host_is_not_relative_to_the_zone() {
    let finding = only(&[("www", r#"{"host":"db"}"#)], Trap::T28);
    assert!(finding.message.contains("the full name db."), "{}", finding.message);
    none(&[("www", r#"{"host":"db.example.net"}"#)], Trap::T28);
}

#[test]
fn t30_a_ttl_of_zero_means_none() {
    mended(&[("www/x1", r#"{"host":"192.0.2.1","ttl":0}"#)], Trap::T30, &[("www/x1", A)]);
    none(&[("www/x1", r#"{"host":"192.0.2.1","ttl":1}"#)], Trap::T30);
}

#[test]
fn t31_a_lease_gives_the_ttl_within_its_limits() {
    let lease = LeaseId::new(7).unwrap();
    let mut records = source(&[]);
    let mut at = |left: Option<LeaseLeft>| {
        let content = KeyContent { value: A.as_bytes().into(), lease: Some(lease) };
        records.learn_key(key("www/x1").as_bytes(), Some(content));
        if let Some(left) = left {
            records.learn_lease(lease, left);
        }
        only_in(&records, &usual(), Trap::T31).message
    };
    assert!(!at(None).contains("now"), "nobody has asked");
    assert!(at(Some(LeaseLeft::Seconds(12))).contains("now 30 s of a lease with 12 s left"));
    assert!(at(Some(LeaseLeft::Seconds(500))).contains("now 500 s"));
    assert!(at(Some(LeaseLeft::Gone)).contains("so 300 s"));
    // A limit of 0 is the default, for the answer and for what is said of it.
    records.learn_lease(lease, LeaseLeft::Seconds(12));
    let serving = Serving { lease_ttl: LeaseTtl { min: 0, max: 0 }, ..usual() };
    let said = only_in(&records, &serving, Trap::T31).message;
    assert!(said.contains("from 30 to 86400 s, now 30 s of a lease with 12 s left"), "{said}");
}

#[test]
fn t32_a_huge_ttl_is_not_what_resolvers_take() {
    let finding = only(&[("www/x1", r#"{"host":"192.0.2.1","ttl":2147483648}"#)], Trap::T32);
    assert!(finding.message.contains("2147483648"));
    none(&[("www/x1", r#"{"host":"192.0.2.1","ttl":2147483647}"#)], Trap::T32);
}

#[test]
fn t33_a_port_or_priority_beyond_16_bits_is_cut() {
    for (value, served) in [
        (r#"{"host":"a.net","port":70000}"#, "served as 4464"),
        (r#"{"host":"a.net","port":80,"priority":-1}"#, "served as 65535"),
        (r#"{"host":"a.net","port":-1}"#, "out of SRV answers"),
    ] {
        let finding = only(&[("_tcp/_http/x1", value)], Trap::T33);
        assert!(finding.message.contains(served), "{}", finding.message);
        assert_eq!(finding.fix, None, "nobody knows what was meant");
    }
    none(&[("_tcp/_http/x1", r#"{"host":"a.net","port":65535,"priority":65535}"#)], Trap::T33);
}

#[test]
fn t34_a_priority_of_zero_becomes_ten() {
    mended(
        &[("_tcp/_http/x1", r#"{"host":"a.net","port":80,"priority":0}"#)],
        Trap::T34,
        &[("_tcp/_http/x1", r#"{"host":"a.net","port":80}"#)],
    );
    none(&[("www/x1", r#"{"host":"192.0.2.1","priority":0}"#)], Trap::T34);
}

#[test]
fn t45_a_targetstrip_of_all_labels_has_no_effect_and_a_huge_one_costs_time() {
    let of = |strip: i64| format!(r#"{{"host":"192.0.2.1","targetstrip":{strip}}}"#);
    // x1.www.example.org has four labels.
    none(&[("www/x1", &of(3))], Trap::T45);
    assert_eq!(mended(&[("www/x1", &of(4))], Trap::T45, &[("www/x1", A)]).severity, Severity::Warning);
    let huge = mended(&[("www/x1", &of(2_000_000_000))], Trap::T45, &[("www/x1", A)]);
    assert_eq!((huge.severity, names(&huge).len()), (Severity::Error, 3));
}

#[test]
fn t50_a_misspelt_field_is_ignored_and_renamed() {
    for (wrong, right) in [
        (r#"{"hosts":"192.0.2.1"}"#, A),
        (r#"{"host ":"192.0.2.1"}"#, A),
        (r#"{"address":"192.0.2.1"}"#, A),
        (r#"{"weigth":5,"host":"192.0.2.1"}"#, r#"{"weight":5,"host":"192.0.2.1"}"#),
    ] {
        mended(&[("www/x1", wrong)], Trap::T50, &[("www/x1", right)]);
    }
    let useless = only(&[("www/x1", r#"{"note":"192.0.2.1"}"#)], Trap::T50);
    assert_eq!((useless.severity, useless.fix), (Severity::Info, None));
    none(&[("www/x1", r#"{"host":"192.0.2.1","team":"web","owner":"x"}"#)], Trap::T50);
}

#[test]
fn t51_of_a_field_that_is_there_twice_the_last_counts() {
    mended(
        &[("www/x1", r#"{"host":"192.0.2.9","Host":"192.0.2.1","ttl":60}"#)],
        Trap::T51,
        &[("www/x1", r#"{"Host":"192.0.2.1","ttl":60}"#)],
    );
    mended(&[("www/x1", r#"{"host":"192.0.2.1","HOST":null}"#)], Trap::T51, &[("www/x1", A)]);
    none(&[("www/x1", r#"{"HOST":"192.0.2.1"}"#)], Trap::T51);
}
