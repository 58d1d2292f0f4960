//! SRV and MX records, and the addresses that go with them.

use super::*;

#[test]
fn srv_points_to_hosts_and_to_names_made_of_keys() {
    let world = world(
        &["io"],
        &[
            ("io/s/x1", r#"{"host":"10.0.0.1","port":80,"targetstrip":1,"weight":10}"#),
            ("io/s/x2", r#"{"host":"2001:db8::2","port":70000,"priority":5}"#),
            ("io/s/x3", r#"{"host":"10.0.0.3","port":-1}"#),
            ("io/s/x4", r#"{"host":"db.io","text":"t"}"#),
            ("io/t/x1", r#"{"host":"db.io","port":1}"#),
            ("io/t/x2", r#"{"host":"db.io","port":2}"#),
            ("io/t/x3", r#"{"host":"lb.test"}"#),
            ("io/t/x4", r#"{"host":"a.b.test","targetstrip":1,"priority":65536}"#),
            ("io/db", r#"{"host":"10.0.0.9"}"#),
            ("io/u/x1/y1", r#"{"host":"10.0.0.1","port":80,"targetstrip":1}"#),
            ("io/u/x1/y2", r#"{"host":"10.0.0.1","port":80,"targetstrip":1,"priority":1}"#),
            ("io/u/x1/y3", r#"{"host":"10.0.0.2","port":80,"targetstrip":1}"#),
            ("io/v", r#"{"host":"10.0.0.1","targetstrip":9223372036854775807}"#),
        ],
    );
    table(
        &world,
        &[
            (
                "s.io",
                "SRV",
                // 10 of 10 + 100 + 100: a record that gives no SRV counts in the total, too.
                "NoError; s.io. 300 SRV 10 4 80 s.io.; s.io. 300 SRV 5 100 4464 x2.s.io.; \
                 + s.io. 300 A 10.0.0.1; + x2.s.io. 300 AAAA 2001:db8::2",
            ),
            (
                "t.io",
                "SRV",
                "NoError; t.io. 300 SRV 10 33 1 db.io.; t.io. 300 SRV 10 33 2 db.io.; \
                 t.io. 300 SRV 10 33 0 lb.test.; t.io. 300 SRV 0 100 0 b.test.; + db.io. 300 A 10.0.0.9; \
                 asks lb.test. A; asks lb.test. AAAA; asks b.test. A; asks b.test. AAAA",
            ),
            (
                "u.io",
                "SRV",
                "NoError; u.io. 300 SRV 10 50 80 x1.u.io.; + x1.u.io. 300 A 10.0.0.1; + x1.u.io. 300 A 10.0.0.2",
            ),
            ("v.io", "SRV", "NoError; v.io. 300 SRV 10 100 0 v.io.; + v.io. 300 A 10.0.0.1"),
        ],
    );
}

#[test]
fn mx_takes_what_is_mail_and_its_glue_keeps_the_stripped_labels() {
    let world = world(
        &["io"],
        &[
            ("io/m/x1", r#"{"host":"10.0.0.1","mail":true,"targetstrip":1}"#),
            ("io/m/x2", r#"{"host":"10.0.0.2","mail":true,"priority":65536}"#),
            ("io/m/x3", r#"{"host":"10.0.0.3"}"#),
            ("io/m/x4", r#"{"host":"mx.test","mail":true,"priority":20}"#),
            ("io/m/x5", r#"{"host":"six.io","mail":true,"text":"t"}"#),
            ("io/n", r#"{"host":"six.io","mail":true}"#),
            ("io/six", r#"{"host":"2001:db8::1"}"#),
            ("io/o", r#"{"host":"10.0.0.4"}"#),
        ],
    );
    table(
        &world,
        &[
            (
                "m.io",
                "MX",
                "NoError; m.io. 300 MX 10 m.io.; m.io. 300 MX 0 x2.m.io.; m.io. 300 MX 20 mx.test.; \
                 + x1.m.io. 300 A 10.0.0.1; + x2.m.io. 300 A 10.0.0.2; asks mx.test. A; asks mx.test. AAAA",
            ),
            ("n.io", "MX", "NoError; n.io. 300 MX 10 six.io."),
            ("o.io", "MX", "NoError"),
        ],
    );
    assert_eq!(world.why("o.io", "MX"), "the value does not say mail: true");
}

#[test]
fn glue_of_another_zone_comes_from_there_without_its_aliases_twice() {
    let world = world(
        &["io", "org"],
        &[
            ("io/m", r#"{"host":"mx.org","mail":true}"#),
            ("org/mx/a", r#"{"host":"real.org"}"#),
            ("org/real/a", r#"{"host":"10.0.0.1"}"#),
            ("org/real/b", r#"{"host":"::1"}"#),
        ],
    );
    assert_eq!(
        world.says("m.io", "MX"),
        "NoError; m.io. 300 MX 10 mx.org.; + mx.org. 300 CNAME real.org.; + real.org. 300 A 10.0.0.1; \
         + real.org. 300 AAAA ::1"
    );
}

#[test]
fn a_target_of_a_longer_path_keeps_its_other_segments() {
    let record = (
        b"/dns/prod/io/a/x1"[..].into(),
        KeyContent { value: br#"{"host":"10.0.0.1"}"#[..].into(), lease: None },
    );
    let serving = Serving::new(Scope::parse("/dns/prod").unwrap(), vec![Name::parse("io").unwrap()]);
    let world = World { known: ReadPart::everything([record]), serving };
    assert_eq!(
        world.says("a.io", "SRV"),
        "NoError; a.io. 300 SRV 10 100 0 x1.a.io.prod.; + x1.a.io.prod. 300 A 10.0.0.1"
    );
}
