use super::*;

fn typed(records: Records<'_>, at: &str, value: &str) -> Vec<(Trap, String)> {
    let found = lint_one(&source(records), &usual(), key(at).as_bytes(), &content(value));
    found.iter().map(|finding| (finding.trap, String::from_utf8_lossy(&finding.key).into_owned())).collect()
}

#[test]
fn what_is_wrong_with_a_value_shows_before_it_is_stored() {
    assert_eq!(typed(&[], "www/x1", r#"{"host":"192.0.2.1 "}"#), [(Trap::T15, key("www/x1"))]);
    assert_eq!(typed(&[], "www/x1", "{"), [(Trap::T1, key("www/x1"))]);
    assert_eq!(typed(&[], "WWW", A), [(Trap::T19, key("WWW"))]);
    assert_eq!(typed(&[], "/io/gcr/x1", A), [(Trap::T46, key("/io/gcr/x1"))]);
    assert_eq!(typed(&[("www/x1", A)], "www/x2", B), []);
    assert_eq!(typed(&[("www/x1", B)], "www/x1", A), []);
}

#[test]
fn a_value_that_hides_another_or_is_hidden_shows_it() {
    assert_eq!(typed(&[("www", A)], "www/x1", B), [(Trap::T4, key("www"))]);
    assert_eq!(typed(&[("www/x1", A)], "www", B), [(Trap::T4, key("www"))]);
    assert_eq!(typed(&[("www/x1", A)], "www/api/x1", B), [(Trap::T5, key("www"))]);
}

#[test]
fn the_first_of_two_that_say_the_same_shows_the_second() {
    assert_eq!(typed(&[("www/x1", A)], "www/x2", A), [(Trap::T58, key("www/x2"))]);
    assert_eq!(typed(&[("www/x2", A)], "www/x1", A), [(Trap::T58, key("www/x2"))]);
    // The third of them had the finding before.
    assert_eq!(typed(&[("www/x2", A), ("www/x3", A)], "www/x1", A), [(Trap::T58, key("www/x2"))]);
    assert_eq!(typed(&[("www/x2", A), ("www/x3", A)], "www/x1", B), []);
}

#[test]
fn trouble_of_others_that_was_there_before_does_not_show() {
    let others = [("www/x1", "{"), ("www", A), ("a/x1", r#"{"host":"lb.net"}"#), ("a/x2", A)];
    assert_eq!(typed(&others, "www/x2", B), []);
    assert_eq!(typed(&others, "a/x3", B), []);
}

#[test]
fn a_key_outside_the_scope_has_no_findings() {
    assert_eq!(lint_one(&source(&[]), &usual(), b"/registry/x", &content("{")), []);
}

#[test]
fn only_the_neighbourhood_is_read() {
    let keys: Vec<String> = (0..50_000).map(|n| format!("host-{n}/x1")).collect();
    let records: Vec<(&str, &str)> = keys.iter().map(|key| (&**key, A)).collect();
    let known = source(&records);
    let counting = Counting::new(&known);
    let _ = lint_one(&counting, &usual(), key("www/x1").as_bytes(), &content(A));
    assert!(counting.reads.get() < 5_000, "{} reads", counting.reads.get());
}
