use super::*;
use crate::dns::{KeyContent, ReadPart};

const MARK: &str = r#"{"text":"\"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/web/foo\"","targetstrip":1}"#;

fn scope() -> Scope {
    Scope::parse("/skydns").unwrap()
}

fn known(records: &[(&str, &str)]) -> ReadPart {
    ReadPart::everything(records.iter().map(|(key, value)| {
        (key.as_bytes().into(), KeyContent { value: value.as_bytes().into(), lease: None })
    }))
}

type Found = (Certainty, Option<String>, Option<String>);

/// Returns the finding for the first of these records.
fn found(records: &[(&str, &str)]) -> Option<Found> {
    let (key, value) = records[0];
    managed(&known(records), &scope(), key.as_bytes(), value.as_bytes()).map(|managed| {
        let text = |text: Option<Box<str>>| text.map(String::from);
        (managed.certainty, text(managed.owner), text(managed.resource))
    })
}

/// Content of `MARK`, with this certainty.
fn marked(certainty: Certainty) -> Found {
    (certainty, Some("prod".into()), Some("ingress/web/foo".into()))
}

#[test]
fn a_text_of_external_dns_names_its_owner_and_resource() {
    for text in [
        r#""heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/web/foo""#,
        "heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/web/foo",
        "external-dns/resource=ingress/web/foo, external-dns/owner=prod, heritage=external-dns",
    ] {
        let heritage = Heritage::parse(text).unwrap();
        assert_eq!(heritage.owner.as_deref(), Some("prod"), "{text}");
        assert_eq!(heritage.resource.as_deref(), Some("ingress/web/foo"), "{text}");
    }
    for text in ["", "v=spf1 -all", "heritage=mate", "external-dns/owner=prod", "heritage", "Zm9v"] {
        assert_eq!(Heritage::parse(text), None, "{text}");
    }
}

#[test]
fn a_value_that_says_so_itself_is_certain() {
    let owned = r#"{"host":"10.0.0.1","targetstrip":1,"owner":"prod"}"#;
    let certain = Some((Certainty::Certain, Some("prod".into()), None));
    assert_eq!(found(&[("/skydns/org/example/foo/048b0377", owned)]), certain);
    assert_eq!(found(&[("/skydns/org/example/a-foo/1f0c33de", MARK)]), Some(marked(Certainty::Certain)));
    // Before v0.18 the text lay in the value of the record.
    let both = MARK.replace('{', r#"{"host":"10.0.0.1","#);
    assert_eq!(found(&[("/skydns/org/example/foo/048b0377", &both)]), Some(marked(Certainty::Certain)));
}

#[test]
fn a_text_beside_its_name_marks_a_record_of_any_family() {
    let record = r#"{"host":"10.0.0.1","ttl":60,"targetstrip":1}"#;
    for label in ["a-foo", "aaaa-foo", "cname-foo"] {
        for at in [format!("/skydns/org/example/{label}/1f0c33de"), format!("/skydns/org/example/{label}")] {
            let records = [("/skydns/org/example/foo/x1", record), (&*at, MARK)];
            assert_eq!(found(&records), Some(marked(Certainty::Derived)), "{at}");
        }
    }
    // The zone's own records and a PTR record have no leaf.
    let apex = [("/skydns/org/example/048b0377", record), ("/skydns/org/a-example/1f0c33de", MARK)];
    assert_eq!(found(&apex), Some(marked(Certainty::Derived)));
    let ptr = [
        ("/skydns/arpa/in-addr/192/0/2/1", r#"{"host":"foo.example.org"}"#),
        ("/skydns/arpa/in-addr/192/0/2/ptr-1/1f0c33de", MARK),
    ];
    assert_eq!(found(&ptr), Some(marked(Certainty::Derived)));
    let text = [
        ("/skydns/org/example/foo/x2", r#"{"text":"v=spf1 -all","targetstrip":1}"#),
        ("/skydns/org/example/txt-foo/1f0c33de", MARK),
    ];
    assert_eq!(found(&text), Some(marked(Certainty::Derived)));
}

#[test]
fn a_name_that_only_looks_like_a_mark_marks_nothing() {
    let (record, team) = (r#"{"host":"10.0.0.1","targetstrip":1}"#, r#"{"host":"10.0.0.2"}"#);
    let at = "/skydns/org/example/team/x1";
    assert_eq!(found(&[(at, record), ("/skydns/org/example/a-team/x1", team)]), None);
    // Another name's mark does not count, nor does one for texts.
    assert_eq!(found(&[(at, record), ("/skydns/org/example/a-teams/x1", MARK)]), None);
    assert_eq!(found(&[(at, record), ("/skydns/org/example/txt-team/x1", MARK)]), None);
    // A leaf without targetstrip is a name of its own for external-dns.
    assert_eq!(found(&[(at, team), ("/skydns/org/example/a-team/x1", MARK)]), None);
}

#[test]
fn a_leaf_of_its_shape_is_likely_and_needs_both_shape_and_targetstrip() {
    let stripped = r#"{"host":"10.0.0.1","targetstrip":1}"#;
    let at = |leaf: &str, value: &str| {
        found(&[(&format!("/skydns/org/example/foo/{leaf}"), value)]).map(|(certainty, ..)| certainty)
    };
    assert_eq!(at("048b0377", stripped), Some(Certainty::Likely));
    assert_eq!(at("7fffffff", stripped), Some(Certainty::Likely));
    for leaf in ["x1", "848b0377", "048B0377", "048b037", "048b03770"] {
        assert_eq!(at(leaf, stripped), None, "{leaf}");
    }
    assert_eq!(at("048b0377", r#"{"host":"10.0.0.1"}"#), None);
    assert_eq!(at("048b0377", "no json"), None);
}

#[test]
fn a_targetstrip_beyond_the_scope_finds_no_name_and_does_no_harm() {
    for strip in ["5", "9223372036854775807", "-1", "99999999999999999999999"] {
        let value = format!(r#"{{"host":"10.0.0.1","targetstrip":{strip}}}"#);
        assert_eq!(found(&[("/skydns/org/048b0377", &value)]), None, "{strip}");
    }
}

#[test]
fn a_mark_names_the_records_that_it_marks() {
    let name = |key: &str, value: &str| {
        marked_name(&scope(), key.as_bytes(), value.as_bytes())
            .map(|key| String::from_utf8(key.into()).unwrap())
    };
    let foo = Some("/skydns/org/example/foo".to_owned());
    assert_eq!(name("/skydns/org/example/a-foo/1f0c33de", MARK), foo);
    assert_eq!(name("/skydns/org/example/cname-foo/1f0c33de", MARK), foo);
    assert_eq!(name("/skydns/org/example/foo/1f0c33de", MARK), None);
    assert_eq!(name("/skydns/org/example/a-/1f0c33de", MARK), None);
    assert_eq!(name("/skydns/org/example/a-foo/1f0c33de", r#"{"text":"t","targetstrip":1}"#), None);
}

#[test]
fn only_the_neighbourhood_of_the_key_is_read() {
    let mut nothing_read = ReadPart::default();
    let value = br#"{"host":"10.0.0.1","targetstrip":1}"#;
    assert_eq!(managed(&nothing_read, &scope(), b"/skydns/org/example/foo/x1", value), None);
    let missing = nothing_read.missing();
    let wanted: Vec<Box<[u8]>> = ["a", "aaaa", "cname", "ptr"]
        .map(|kind| format!("/skydns/org/example/{kind}-foo").into_bytes().into())
        .to_vec();
    assert_eq!(missing.keys.into_iter().collect::<Vec<_>>(), wanted);
    let below = wanted.iter().map(|key| [&key[..], b"/"].concat().into()).collect::<Vec<Box<[u8]>>>();
    assert_eq!(missing.prefixes.into_iter().collect::<Vec<_>>(), below);
}

#[test]
fn the_warning_says_who_reverts_it() {
    let managed = |records: &[(&str, &str)]| {
        let (key, value) = records[0];
        managed(&known(records), &scope(), key.as_bytes(), value.as_bytes()).unwrap().to_string()
    };
    let owned = [("/skydns/org/foo/x", r#"{"host":"a","owner":"prod"}"#)];
    let sentence = "external-dns (owner prod) manages this: a change will be reverted at its next sync";
    assert_eq!(managed(&owned), sentence);
    let mark = "external-dns (owner prod, ingress/web/foo) keeps its note of ownership here: a change makes it lose track";
    assert_eq!(managed(&[("/skydns/org/a-foo/1f0c33de", MARK)]), mark);
}
