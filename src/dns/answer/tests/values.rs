//! Values: which class each has, and which of several counts.

use super::*;

#[test]
fn a_group_hides_the_others() {
    let world = world(
        &["io"],
        &[
            ("io/a/x1", r#"{"host":"10.0.0.1","group":"g1"}"#),
            ("io/a/x2/y", r#"{"host":"10.0.0.2","group":"g2"}"#),
            ("io/a/x3", r#"{"host":"10.0.0.3"}"#),
            ("io/b/x1", r#"{"text":"t","group":"g1"}"#),
            ("io/b/x2/y", r#"{"host":"10.0.0.2","group":"g2"}"#),
        ],
    );
    table(
        &world,
        &[
            ("a.io", "A", "NoError; a.io. 300 A 10.0.0.1; a.io. 300 A 10.0.0.3"),
            ("b.io", "A", "NoError; b.io. 300 A 10.0.0.2"),
            ("b.io", "TXT", r#"NoError; b.io. 300 TXT "t""#),
        ],
    );
}

#[test]
fn a_value_is_what_its_host_is() {
    let world = world(
        &["io"],
        &[
            ("io/ip", r#"{"host":"10.0.0.1","text":"lost"}"#),
            ("io/six", r#"{"host":"2001:DB8::1"}"#),
            ("io/mapped", r#"{"host":"::ffff:10.0.0.2"}"#),
            ("io/compatible", r#"{"host":"::1.2.3.4"}"#),
            ("io/named", r#"{"host":"ip.io","text":"kept"}"#),
            ("io/text", r#"{"text":"only"}"#),
            ("io/nothing", "null"),
            ("io/blank", r#"{"host":"10.0.0.1 "}"#),
            ("io/rr/a", r#"{"host":"10.0.0.1","ttl":5}"#),
            ("io/rr/b", r#"{"host":"10.0.0.1"}"#),
            ("io/rr/c", r#"{"host":"::1"}"#),
            ("io/rr/d", r#"{"host":"0:0::1"}"#),
            ("io/rr/e", r#"{"host":"::1"}"#),
        ],
    );
    table(
        &world,
        &[
            ("ip.io", "A", "NoError; ip.io. 300 A 10.0.0.1"),
            ("ip.io", "AAAA", "NoError"),
            ("ip.io", "TXT", "NoError"),
            ("ip.io", "CNAME", "NoError"),
            ("ip.io", "PTR", "NoError"),
            ("six.io", "AAAA", "NoError; six.io. 300 AAAA 2001:db8::1"),
            ("mapped.io", "A", "NoError; mapped.io. 300 A 10.0.0.2"),
            ("mapped.io", "AAAA", "NoError"),
            ("compatible.io", "AAAA", "NoError; compatible.io. 300 AAAA ::102:304"),
            ("named.io", "A", "NoError"),
            ("named.io", "SRV", "NoError"),
            ("named.io", "TXT", r#"NoError; named.io. 300 TXT "kept""#),
            ("named.io", "CNAME", "NoError; named.io. 300 CNAME ip.io."),
            ("named.io", "PTR", "NoError; named.io. 300 PTR ip.io."),
            ("text.io", "A", "NoError"),
            ("text.io", "CNAME", "NoError"),
            ("nothing.io", "TXT", "NoError"),
            ("blank.io", "A", r"NoError; blank.io. 300 CNAME 10.0.0.1\032.; asks 10.0.0.1\032. A"),
            ("rr.io", "A", "NoError; rr.io. 5 A 10.0.0.1"),
            ("rr.io", "AAAA", "NoError; rr.io. 300 AAAA ::1; rr.io. 300 AAAA ::1"),
        ],
    );
    assert_eq!(world.why("ip.io", "AAAA"), "only IPv4 addresses");
    assert_eq!(world.why("six.io", "A"), "only IPv6 addresses");
    assert_eq!(world.why("ip.io", "TXT"), "a text beside an address is never served");
    assert_eq!(world.why("named.io", "A"), "the value has a text, which makes it a TXT record only");
    assert_eq!(world.why("nothing.io", "A"), "the value has no host");
}
