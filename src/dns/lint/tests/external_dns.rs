use super::*;

const MANAGED: &str = r#"{"host":"192.0.2.1","targetstrip":1}"#;

fn note(owner: &str) -> String {
    format!(r#"{{"text":"\"heritage=external-dns,external-dns/owner={owner}\"","targetstrip":1}}"#)
}

#[test]
fn e1_a_note_of_a_record_that_is_gone_is_left_over() {
    let note = note("a");
    let finding = only(&[("a-foo/1f0c33de", &note)], Trap::E1);
    assert!(finding.message.contains("foo.example.org has no record"), "{}", finding.message);
    none(&[("a-foo/1f0c33de", &note), ("foo/048b0377", MANAGED)], Trap::E1);
    none(&[("a-foo/1f0c33de", &note), ("foo", A)], Trap::E1);
    none(&[("custom-foo/1f0c33de", &note)], Trap::E1);
}

#[test]
fn e2_several_notes_of_one_name_are_told_and_different_owners_warned_of() {
    let (a, b) = (note("a"), note("b"));
    let record = ("foo/048b0377", MANAGED);
    let same = only(&[("a-foo/1f0c33de", &a), ("a-foo/2f0c33de", &a), record], Trap::E2);
    assert_eq!((same.severity, names(&same)), (Severity::Info, vec!["a-foo.example.org".to_owned()]));
    let other = only(&[("a-foo/1f0c33de", &a), ("a-foo/2f0c33de", &b), record], Trap::E2);
    assert_eq!(other.severity, Severity::Warning);
    none(&[("a-foo/1f0c33de", &a), ("cname-foo/2f0c33de", &a), record], Trap::E2);
}

#[test]
fn e3_a_targetstrip_beyond_the_name_stops_external_dns() {
    let (note, beyond) = (note("a"), r#"{"host":"192.0.2.1","targetstrip":5}"#);
    let finding = only(&[("a-foo/1f0c33de", &note), ("foo/048b0377", MANAGED), ("www/x1", beyond)], Trap::E3);
    assert_eq!(names(&finding), ["x1.www.example.org"]);
    none(&[("www/x1", beyond)], Trap::E3);
}

#[test]
fn e4_a_value_at_a_managed_name_makes_external_dns_delete_too_much() {
    let finding = only(&[("foo", A), ("foo/048b0377", MANAGED)], Trap::E4);
    assert_eq!(names(&finding), ["foo.example.org"]);
    assert_eq!(only(&[("foo", A), ("foo/048b0377", MANAGED)], Trap::T4).fix, None, "a leaf would be removed");
    none(&[("foo/048b0377", MANAGED)], Trap::E4);
}

#[test]
fn e5_a_leaf_in_a_managed_name_is_removed_at_the_next_sync() {
    let finding = only(&[("foo/x1", MANAGED), ("foo/048b0377", MANAGED)], Trap::E5);
    assert_eq!(names(&finding), ["foo.example.org"]);
    none(&[("foo/x1", A), ("foo/048b0377", MANAGED)], Trap::E5);
}

#[test]
fn no_fix_touches_what_external_dns_writes() {
    let note = note("a");
    let values = [
        r#"{"host":"lb.example.net","targetstrip":1,"text":"t","owner":"x"}"#,
        r#"{"host":"192.0.2.1","targetstrip":1,"text":"t","owner":"x"}"#,
        r#"{"host":"lb.example.net","targetstrip":1,"owner":"x"}"#,
        r#"{"host":"lb.example.net","targetstrip":9,"owner":"x","mail":true}"#,
        r#"{"host":"192.0.2.1","targetstrip":9,"owner":"x","mail":true}"#,
        &note,
    ];
    for value in values {
        for at in ["foo/048b0377", "/arpa/in-addr/192/0/2/1/048b0377", "Foo/048b0377", "foo/x1"] {
            let records = source(&[(at, value), ("foo", A)]);
            let findings = look(&records, &usual(), &Circumstances::default());
            for finding in &findings.list {
                for step in finding.fix.iter().flat_map(|fix| &fix.steps) {
                    let (FixStep::Create { key: touched, .. }
                    | FixStep::Update { key: touched, .. }
                    | FixStep::Move { from: touched, .. }
                    | FixStep::Delete { key: touched, .. }) = step;
                    assert_ne!(**touched, *key(at).as_bytes(), "{value} at {at}: {finding:#?}");
                }
            }
        }
    }
}
