use super::*;
use crate::{
    dns::ReadPart,
    keys::{LeaseId, Scope},
};

const ADDRESS: &str = r#"{"host":"192.0.2.1","ttl":60}"#;
const OTHER_ADDRESS: &str = r#"{"host":"192.0.2.2","ttl":60}"#;
const PTR: &str = "arpa/in-addr/192/0/2/1";
const OTHER_PTR: &str = "arpa/in-addr/192/0/2/2";
const TO_GCR: &str = r#"{"host":"gcr.io","x":1}"#;

fn serving(zones: &[&str]) -> Serving {
    let zones = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
    Serving::new(Scope::parse("/coredns").unwrap(), zones)
}

fn key(tail: &str) -> Box<[u8]> {
    format!("/coredns/{tail}").into_bytes().into()
}

fn content(value: &str) -> KeyContent {
    KeyContent { value: value.as_bytes().into(), lease: None }
}

fn known(records: &[(&str, &str)]) -> ReadPart {
    ReadPart::everything(records.iter().map(|(tail, value)| (key(tail), content(value))))
}

/// Returns the companions of changes among these records, where an empty value deletes.
fn companions_of(records: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<Companion> {
    let change = |(tail, value): &(&str, &str)| (key(tail), (!value.is_empty()).then(|| content(value)));
    let changes: Vec<_> = changes.iter().map(change).collect();
    companions(&known(records), &serving(&["io", "org", "arpa"]), &changes).list
}

/// Returns the only companion.
fn companion(records: &[(&str, &str)], changes: &[(&str, &str)]) -> (Vec<FixStep>, String) {
    let mut list = companions_of(records, changes);
    assert_eq!(list.len(), 1, "{list:?}");
    let only = list.remove(0);
    (only.steps, only.what)
}

fn create(tail: &str, value: &str) -> FixStep {
    FixStep::Create { key: key(tail), content: content(value) }
}

fn delete(tail: &str, before: &str) -> FixStep {
    FixStep::Delete { key: key(tail), before: before.as_bytes().into() }
}

#[test]
fn an_address_lies_at_its_reverse_name() {
    let name = |address: &str| Name::of_address(address.parse().unwrap()).to_string();
    assert_eq!(name("192.0.2.1"), "1.2.0.192.in-addr.arpa");
    let nibbles = "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa";
    assert_eq!(name("4321:0:1:2:3:4:567:89ab"), nibbles, "the example of RFC 3596, section 2.5");
}

#[test]
fn a_new_address_gets_a_ptr_to_the_name_and_not_to_its_leaf() {
    let expected =
        (vec![create(PTR, r#"{"host":"gcr.io","ttl":60}"#)], "new PTR: 192.0.2.1 points to gcr.io".into());
    for at in ["io/gcr", "io/gcr/x1", "io/gcr/048b0377"] {
        assert_eq!(companion(&[], &[(at, ADDRESS)]), expected, "{at}");
    }
    let (steps, _) = companion(&[], &[("io/gcr/www", r#"{"host":"::ffff:192.0.2.1"}"#)]);
    assert_eq!(steps, [create(PTR, r#"{"host":"www.gcr.io"}"#)], "an IPv4 address in an IPv6 one");
    let v6 = "arpa/ip6/2/0/0/1/0/d/b/8/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/a";
    for spelled in ["2001:db8::a", "2001:DB8:0:0::000A"] {
        let (steps, _) = companion(&[], &[("io/gcr", &format!(r#"{{"host":"{spelled}"}}"#))]);
        assert_eq!(steps, [create(v6, r#"{"host":"gcr.io"}"#)], "{spelled}");
    }
}

#[test]
fn a_ptr_goes_with_its_records_lease() {
    let leased = KeyContent { lease: LeaseId::new(7), ..content(ADDRESS) };
    let found = companions(&known(&[]), &serving(&["arpa"]), &[(key("io/gcr"), Some(leased))]);
    let [FixStep::Create { content, .. }] = &found.list[0].steps[..] else { panic!("{found:?}") };
    assert_eq!(content.lease, LeaseId::new(7));
}

#[test]
fn what_is_no_host_or_no_address_gets_no_ptr() {
    for (at, value) in [
        ("io/gcr", r#"{"host":"quay.io"}"#),
        ("io/gcr", r#"{"host":"192.0.2.1 "}"#),
        ("io/gcr", r#"{"host":"192.0.2.1","port":"80"}"#),
        ("io/gcr/_tcp/_http", ADDRESS),
        ("io/gcr/*", ADDRESS),
        ("io/GCR", ADDRESS),
        ("arpa/in-addr/192/0/2/9", ADDRESS),
    ] {
        assert_eq!(companions_of(&[], &[(at, value)]), [], "{at} {value}");
    }
}

#[test]
fn only_a_zone_that_covers_the_address_gets_a_ptr() {
    let changes = [(key("io/gcr"), Some(content(ADDRESS)))];
    let proposed = |zones: &[&str]| companions(&known(&[]), &serving(zones), &changes).list.len();
    for zones in [&["arpa"][..], &["in-addr.arpa"], &["io", "2.0.192.in-addr.arpa"]] {
        assert_eq!(proposed(zones), 1, "{zones:?}");
    }
    for zones in [&[][..], &["io"], &["3.0.192.in-addr.arpa"], &["ip6.arpa"]] {
        assert_eq!(proposed(zones), 0, "{zones:?}");
    }
}

#[test]
fn a_ptr_that_points_to_another_name_is_named_and_never_touched() {
    let other = r#"{"host":"Other.example.org."}"#;
    let added = companion(&[(PTR, other)], &[("io/gcr/x1", ADDRESS)]);
    assert_eq!(added, (vec![], "192.0.2.1 already points to other.example.org: left as it is".into()));
    let records = [("io/gcr/x1", ADDRESS), (PTR, other)];
    assert_eq!(companions_of(&records, &[("io/gcr/x1", "")]), [], "deleted");
    let (steps, what) = companion(&records, &[("io/gcr/x1", OTHER_ADDRESS)]);
    assert_eq!(what, "new PTR: 192.0.2.2 points to gcr.io", "changed");
    assert_eq!(steps, [create(OTHER_PTR, r#"{"host":"gcr.io","ttl":60}"#)]);
    for holds in ["{}", "[]", r#"{"host":"192.0.2.7"}"#, r#"{"text":"gcr.io"}"#, r#"{"host":"gcr io"}"#] {
        let (steps, what) = companion(&[(PTR, holds)], &[("io/gcr/x1", ADDRESS)]);
        assert!(steps.is_empty() && what.contains("holds no name"), "{holds}: {what}");
        assert_eq!(
            companions_of(&[("io/gcr/x1", ADDRESS), (PTR, holds)], &[("io/gcr/x1", "")]),
            [],
            "{holds}"
        );
    }
}

#[test]
fn a_ptr_that_is_right_already_is_nothing_to_speak_of() {
    for right in [TO_GCR, r#"{"host":"GCR.io."}"#, r#"{"host":"gcr.io","text":"t"}"#] {
        assert_eq!(companions_of(&[(PTR, right)], &[("io/gcr/x1", ADDRESS)]), [], "{right}");
    }
}

#[test]
fn a_ptr_goes_with_the_last_record_of_its_address() {
    let both = [("io/gcr/x1", ADDRESS), ("io/gcr/x2", ADDRESS), (PTR, TO_GCR)];
    assert_eq!(companions_of(&both, &[("io/gcr/x1", "")]), [], "x2 has the address still");
    let last = (
        vec![delete(PTR, TO_GCR)],
        "delete PTR: 192.0.2.1 points to gcr.io, which loses that address".into(),
    );
    assert_eq!(companion(&both, &[("io/gcr/x1", ""), ("io/gcr/x2", "")]), last);
    let host = [("io/gcr/x1", ADDRESS), ("io/gcr/www", ADDRESS), (PTR, TO_GCR)];
    assert_eq!(companions_of(&host, &[("io/gcr/x1", "")]), [], "gcr.io answers with what www.gcr.io has");
    assert_eq!(companions_of(&[("io/gcr", ADDRESS)], &[("io/gcr", "")]), [], "there is none");
    // The zone's own address lies in dns/apex, whatever else the zone holds.
    let apex = [("io/dns/apex/x1", ADDRESS), ("io/gcr", ADDRESS), (PTR, r#"{"host":"io"}"#)];
    let (steps, _) = companion(&apex, &[("io/dns/apex/x1", "")]);
    assert_eq!(steps, [delete(PTR, r#"{"host":"io"}"#)]);
}

#[test]
fn an_edit_to_another_address_takes_the_ptr_along() {
    let records = [("io/gcr/x1", ADDRESS), (PTR, TO_GCR)];
    let moved = FixStep::Move { from: key(PTR), to: key(OTHER_PTR) };
    let what = "the PTR of gcr.io moves from 192.0.2.1 to 192.0.2.2".to_owned();
    assert_eq!(companion(&records, &[("io/gcr/x1", OTHER_ADDRESS)]), (vec![moved], what));
    // Another record of the name still has the old address, so its PTR record stays.
    let both = [("io/gcr/x1", ADDRESS), ("io/gcr/x2", ADDRESS), (PTR, TO_GCR)];
    let (steps, _) = companion(&both, &[("io/gcr/x1", OTHER_ADDRESS)]);
    assert_eq!(steps, [create(OTHER_PTR, r#"{"host":"gcr.io","ttl":60}"#)]);
    // The PTR record of the new address points elsewhere: that is said, and the one of the old address is deleted.
    let busy = [("io/gcr/x1", ADDRESS), (PTR, TO_GCR), (OTHER_PTR, r#"{"host":"quay.io"}"#)];
    let list = companions_of(&busy, &[("io/gcr/x1", OTHER_ADDRESS)]);
    let steps: Vec<_> = list.iter().map(|companion| companion.steps.clone()).collect();
    assert_eq!(steps, [vec![delete(PTR, TO_GCR)], vec![]]);
    assert_eq!(list[1].what, "192.0.2.2 already points to quay.io: left as it is");
    // From an address to an alias: there is no address left that a PTR record could belong to.
    let (steps, _) = companion(&records, &[("io/gcr/x1", r#"{"host":"quay.io"}"#)]);
    assert_eq!(steps, [delete(PTR, TO_GCR)]);
}

#[test]
fn a_record_under_another_name_takes_its_ptr_along_and_its_other_fields_stay() {
    let records = [("io/gcr/x1", ADDRESS), (PTR, TO_GCR)];
    let changes = [("io/gcr/x1", ""), ("io/quay", ADDRESS)];
    let value = br#"{"host":"quay.io","x":1}"#.as_slice().into();
    let update = FixStep::Update { key: key(PTR), before: TO_GCR.as_bytes().into(), value };
    let what = "the PTR of 192.0.2.1 points to quay.io instead of gcr.io".to_owned();
    assert_eq!(companion(&records, &changes), (vec![update], what));
    let stays = [("io/gcr/x1", ADDRESS), ("io/gcr/x2", ADDRESS), (PTR, TO_GCR)];
    let (steps, what) = companion(&stays, &changes);
    assert_eq!((steps, &*what), (vec![], "192.0.2.1 already points to gcr.io: left as it is"));
}

#[test]
fn a_move_between_leaves_or_another_ttl_changes_no_ptr() {
    let records = [("io/gcr", ADDRESS), (PTR, TO_GCR)];
    assert_eq!(companions_of(&records, &[("io/gcr", ""), ("io/gcr/x1", ADDRESS)]), []);
    assert_eq!(companions_of(&records, &[("io/gcr", r#"{"host":"192.0.2.1","ttl":5}"#)]), []);
    assert_eq!(
        companions_of(&[("io/gcr", ADDRESS)], &[("io/gcr", r#"{"host":"192.0.2.1"}"#)]),
        [],
        "none is made up"
    );
}

#[test]
fn a_ptr_in_a_leaf_is_moved_to_where_it_is_served() {
    let leaf = "arpa/in-addr/192/0/2/1/x1";
    let (steps, what) = companion(&[(leaf, TO_GCR)], &[("io/gcr/x1", ADDRESS)]);
    assert_eq!(steps, [FixStep::Move { from: key(leaf), to: key(PTR) }]);
    assert!(what.contains("where PTR queries find it"), "{what}");
    let (steps, _) = companion(&[("io/gcr", ADDRESS), (leaf, TO_GCR)], &[("io/gcr", "")]);
    assert_eq!(steps, [delete(leaf, TO_GCR)]);
    let (steps, _) = companion(&[(leaf, r#"{"host":"quay.io"}"#)], &[("io/gcr", ADDRESS)]);
    assert!(steps.is_empty(), "another name's, served or not: {steps:?}");
}

#[test]
fn a_key_that_the_plan_changes_already_gets_no_companion() {
    let records = [("io/gcr", ADDRESS), (PTR, TO_GCR)];
    assert_eq!(companions_of(&records, &[("io/gcr", ""), (PTR, "")]), []);
    assert_eq!(companions_of(&[], &[("io/gcr", ADDRESS), (PTR, TO_GCR)]), []);
    assert_eq!(
        companions_of(&records, &[("io/gcr", OTHER_ADDRESS), (PTR, "")]).len(),
        1,
        "the other PTR is new"
    );
}

#[test]
fn two_names_of_one_new_address_get_one_ptr() {
    let list = companions_of(&[], &[("io/gcr", ADDRESS), ("io/quay", ADDRESS)]);
    let creates = list.iter().filter(|companion| !companion.steps.is_empty()).count();
    assert_eq!((creates, list.len()), (1, 1), "{list:?}");
}

#[test]
fn a_change_of_very_many_addresses_is_cut_and_says_so() {
    let change = |number: usize| {
        let address = format!(r#"{{"host":"10.0.{}.{}"}}"#, number / 250, number % 250);
        (key(&format!("io/h{number}")), Some(content(&address)))
    };
    let changes: Vec<_> = (0..MOST + 7).map(change).collect();
    let found = companions(&known(&[]), &serving(&["arpa"]), &changes);
    assert_eq!((found.list.len(), found.left_out), (MOST, 7));
}
