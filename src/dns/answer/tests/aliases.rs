//! Aliases, and the ends that they lead to.

use super::*;

#[test]
fn an_alias_in_the_zone_is_given_only_with_what_it_leads_to() {
    let world = world(
        &["io"],
        &[
            ("io/www", r#"{"host":"DB.io","ttl":60}"#),
            ("io/db/x1", r#"{"host":"10.0.0.1"}"#),
            ("io/db/x2", r#"{"host":"10.0.0.2"}"#),
            ("io/dangling", r#"{"host":"none.io"}"#),
            ("io/self", r#"{"host":"self.io"}"#),
            ("io/above", r#"{"host":"x.above.io"}"#),
            ("io/r1", r#"{"host":"r2.io"}"#),
            ("io/r2", r#"{"host":"r1.io"}"#),
            ("io/broken", r#"{"host":"bad.io"}"#),
            ("io/bad", "[]"),
            ("io/mixed/a", r#"{"host":"10.0.0.3"}"#),
            ("io/mixed/b", r#"{"host":"db.io"}"#),
            ("io/mixed/c", r#"{"host":"db.io"}"#),
            ("io/second", r#"{"host":"www.io"}"#),
        ],
    );
    table(
        &world,
        &[
            ("www.io", "A", "NoError; www.io. 60 CNAME DB.io.; DB.io. 300 A 10.0.0.1; DB.io. 300 A 10.0.0.2"),
            ("www.io", "AAAA", "NoError"),
            ("www.io", "TXT", "NoError"),
            ("www.io", "CNAME", "NoError; www.io. 60 CNAME DB.io."),
            ("dangling.io", "A", "NoError"),
            ("dangling.io", "CNAME", "NoError; dangling.io. 300 CNAME none.io."),
            ("self.io", "A", "NoError"),
            ("above.io", "A", "NoError"),
            ("r1.io", "A", "NoError"),
            ("broken.io", "A", "NoError"),
            (
                "mixed.io",
                "A",
                "NoError; mixed.io. 300 A 10.0.0.3; mixed.io. 300 CNAME db.io.; db.io. 300 A 10.0.0.1; \
                 db.io. 300 A 10.0.0.2; mixed.io. 300 CNAME db.io.; db.io. 300 A 10.0.0.1; db.io. 300 A 10.0.0.2",
            ),
            (
                "second.io",
                "A",
                "NoError; second.io. 300 CNAME www.io.; www.io. 60 CNAME DB.io.; DB.io. 300 A 10.0.0.1; \
                 DB.io. 300 A 10.0.0.2",
            ),
        ],
    );
    for (name, kind, why) in [
        ("www.io", "AAAA", "the alias's target DB.io. has no AAAA"),
        (
            "second.io",
            "AAAA",
            "the alias's target www.io. gives nothing: the alias's target DB.io. has no AAAA",
        ),
        ("dangling.io", "A", "the alias's target none.io. does not exist"),
        (
            "self.io",
            "A",
            "the alias's target self.io. is the name itself or below it, which is taken for a loop",
        ),
        (
            "broken.io",
            "A",
            "the alias's target bad.io. gives nothing: the value of /coredns/io/bad does not decode: \
             the value is an array, and must be a JSON object",
        ),
        (
            "r1.io",
            "A",
            "the alias's target r2.io. gives nothing: the alias's target r1.io. gives nothing: \
             the chain of aliases comes back to r2.io.",
        ),
    ] {
        assert_eq!(world.why(name, kind), why);
    }
    let keys = ["/coredns/io/www", "/coredns/io/db/x1", "/coredns/io/db/x2"];
    assert_eq!(world.ask("www.io", "A").keys, keys.map(|key| Box::from(key.as_bytes())));
}

#[test]
fn a_chain_has_eleven_aliases_and_no_more() {
    let links: Vec<(String, String)> =
        (1..=12).map(|at| (format!("io/c{at}"), format!(r#"{{"host":"c{}.io"}}"#, at - 1))).collect();
    let mut records: Vec<(&str, &str)> = links.iter().map(|(key, value)| (&**key, &**value)).collect();
    records.push(("io/c0", r#"{"host":"10.0.0.1"}"#));
    let mut world = world(&["io"], &records);
    assert_eq!(world.ask("c11.io", "A").answer.len(), 12);
    assert_eq!(world.says("c12.io", "A"), "NoError");
    assert!(world.why("c12.io", "A").ends_with("the chain of aliases is too long: c0.io. is not followed"));
    world.serving.version = CoreDnsVersion { major: 1, minor: 12, patch: 0 };
    assert_eq!(world.ask("c8.io", "A").answer.len(), 9);
    assert_eq!(world.says("c9.io", "A"), "NoError");
}

#[test]
fn an_alias_out_of_the_zone_is_always_given() {
    let mut world = world(
        &["io", "example"],
        &[
            ("io/out", r#"{"host":"lb.test","ttl":60}"#),
            ("io/over", r#"{"host":"www.example"}"#),
            ("io/nowhere", r#"{"host":"none.example"}"#),
            ("io/texts", r#"{"host":"t.example"}"#),
            ("io/chain", r#"{"host":"out.io"}"#),
            ("example/www/x1", r#"{"host":"10.0.0.1"}"#),
            ("example/t", r#"{"text":"t"}"#),
        ],
    );
    table(
        &world,
        &[
            ("out.io", "A", "NoError; out.io. 60 CNAME lb.test.; asks lb.test. A"),
            ("out.io", "TXT", "NoError; out.io. 60 CNAME lb.test.; asks lb.test. TXT"),
            ("out.io", "HTTPS", "NoError"),
            (
                "chain.io",
                "A",
                "NoError; chain.io. 300 CNAME out.io.; out.io. 60 CNAME lb.test.; asks lb.test. A",
            ),
            ("over.io", "A", "NoError; over.io. 300 CNAME www.example.; www.example. 300 A 10.0.0.1"),
            ("over.io", "AAAA", "NoError; over.io. 300 CNAME www.example."),
            ("nowhere.io", "A", "NoError; nowhere.io. 300 CNAME none.example."),
            ("texts.io", "TXT", r#"NoError; texts.io. 300 CNAME t.example.; t.example. 300 TXT "t""#),
        ],
    );
    world.serving.behind = OtherPlugins::Something;
    world.serving.fallthrough = Fallthrough::Always;
    assert_eq!(
        world.says("nowhere.io", "A"),
        "NoError; nowhere.io. 300 CNAME none.example.; asks none.example. A"
    );
}

#[test]
fn a_loop_through_two_zones_has_no_end() {
    let world = world(
        &["io", "example", "org"],
        &[
            ("io/a", r#"{"host":"a.example"}"#),
            ("example/a", r#"{"host":"A.io"}"#),
            ("io/in", r#"{"host":"a.io"}"#),
            ("io/srv", r#"{"host":"a.example","port":1}"#),
            ("org/fine", r#"{"host":"b.io"}"#),
            ("io/b", r#"{"host":"10.0.0.1"}"#),
        ],
    );
    table(
        &world,
        &[
            ("a.io", "A", "Endless"),
            ("a.io", "CAA", "Endless"),
            ("a.io", "CNAME", "NoError; a.io. 300 CNAME a.example."),
            ("in.io", "A", "Endless"),
            ("srv.io", "SRV", "Endless"),
            ("fine.org", "A", "NoError; fine.org. 300 CNAME b.io.; b.io. 300 A 10.0.0.1"),
        ],
    );
    let answer = world.ask("in.io", "A");
    assert_eq!(
        answer.why.to_string(),
        "an alias goes round through several zones: a.example. -> a.io. -> a.example."
    );
    let keys = ["/coredns/io/in", "/coredns/io/a", "/coredns/example/a"];
    assert_eq!(answer.keys, keys.map(|key| Box::from(key.as_bytes())));
}

#[test]
fn an_alias_finds_its_target_though_an_empty_label_spoils_the_reply() {
    let world = world(&["io"], &[("io/a", r#"{"host":"b..io"}"#), ("io/b", r#"{"host":"10.0.0.1"}"#)]);
    assert_eq!(world.says("a.io", "A"), "Silence");
    assert_eq!(world.says("a.io", "AAAA"), "NoError", "without an address the alias is left out");
}
