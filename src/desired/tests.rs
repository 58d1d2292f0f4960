use super::*;
use crate::{
    dns::{KeyContent, ReadPart},
    exchange::{FileRecord, LeaseTerm, same_value},
    keys::{ClusterId, KeyValue, LeaseId, Revision, Scope, ScopedKey},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn key(tail: &str) -> ScopedKey {
    scope().key(format!("/coredns/{tail}").as_bytes()).unwrap()
}

fn stored(tail: &str, value: &str, revision: i64) -> KeyValue {
    KeyValue {
        key: key(tail),
        value: value.as_bytes().into(),
        create_revision: Revision(revision),
        mod_revision: Revision(revision),
        version: 1,
        lease: None,
    }
}

fn wanted(tail: &str, value: &str) -> FileRecord {
    FileRecord { key: key(tail).as_bytes().into(), value: value.as_bytes().into(), lease: None, line: 1 }
}

fn compare(wanted: &[FileRecord], existing: &[KeyValue], prune: bool) -> Comparison {
    let content = |record: &KeyValue| KeyContent { value: record.value.clone(), lease: record.lease };
    let around =
        ReadPart::everything(existing.iter().map(|record| (record.key.as_bytes().into(), content(record))));
    let wanted: Vec<_> = wanted.iter().map(|record| (scope().key(&record.key).unwrap(), record)).collect();
    by_key(&around, &scope(), &wanted, existing, prune, &same_value)
}

#[test]
fn what_is_missing_is_created_what_differs_updated_and_what_is_too_much_kept_unless_it_is_to_go() {
    let existing = [stored("a", "{}", 2), stored("b", r#"{"host":"1"}"#, 3), stored("c", "{}", 4)];
    let file = [wanted("b", r#"{"host": "1"}"#), wanted("c", r#"{"host":"2"}"#), wanted("d", "{}")];
    let found = compare(&file, &existing, false);
    assert_eq!(found.creates, [wanted("d", "{}")]);
    assert_eq!(
        found.updates,
        [ValueUpdate { before: existing[2].clone(), value: (*br#"{"host":"2"}"#).into() }]
    );
    assert_eq!(found.deletes, []);
    assert_eq!(found.untouched, [Untouched { record: existing[0].clone(), why: LeftAlone::NotPruned }]);
    assert_eq!(found.same, 1, "blanks between tokens do not matter");
    let found = compare(&file, &existing, true);
    assert_eq!((found.deletes, found.untouched), (vec![existing[0].clone()], vec![]));
}

#[test]
fn what_external_dns_manages_is_neither_updated_nor_deleted() {
    let mark = r#"{"text":"\"heritage=external-dns,external-dns/owner=prod\"","targetstrip":1}"#;
    let existing = [
        stored("io/a-www/1f0c33de", mark, 2),
        stored("io/www/048b0377", r#"{"host":"10.0.0.1","targetstrip":1}"#, 3),
    ];
    let file = [wanted("io/www/048b0377", r#"{"host":"10.0.0.2"}"#)];
    let found = compare(&file, &existing, true);
    assert!(found.is_empty(), "{found:?}");
    let why: Vec<String> = found.untouched.iter().map(|untouched| untouched.why.to_string()).collect();
    assert!(why.len() == 2 && why.iter().all(|why| why.contains("owner prod")), "{why:?}");
}

#[test]
fn a_lease_that_is_wanted_where_there_is_none_is_said_and_not_forgotten() {
    let term = LeaseTerm { of: None, seconds: 60 };
    let file = [FileRecord { lease: Some(term), ..wanted("a", "{}") }];
    let permanent = stored("a", "{}", 2);
    let found = compare(&file, std::slice::from_ref(&permanent), false);
    assert_eq!(found.untouched, [Untouched { record: permanent.clone(), why: LeftAlone::Lease }]);
    let leased = KeyValue { lease: LeaseId::new(7), ..permanent };
    assert_eq!(compare(&file, &[leased], false).same, 1);
}

fn plan_file() -> PlanFile {
    let existing = [stored("a", "\u{1}", 2), stored("b", r#"{"ttl": 1e2}"#, 3), stored("c", "{}", 4)];
    let term = LeaseTerm { of: LeaseId::new(10), seconds: 60 };
    let file = [
        wanted("b", r#"{"ttl": 1E2}"#),
        FileRecord { lease: Some(term), ..wanted("d", "\n") },
        wanted("c", "{ }"),
    ];
    let comparison = compare(&file, &existing, true);
    PlanFile::of_comparison(&comparison, "/coredns/", ClusterId(0xabc), Revision(9), existing.len())
}

#[test]
fn a_plan_has_the_promised_fields_and_is_read_back_byte_for_byte() {
    let printed = serde_json::to_string(&plan_file()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    let promised = [
        "target",
        "cluster_id",
        "revision",
        "checksum",
        "keys",
        "creates",
        "updates",
        "deletes",
        "untouched",
    ];
    assert_eq!(names, promised);
    assert_eq!(json["cluster_id"], "0000000000000abc");
    assert_eq!(
        json["creates"][0],
        serde_json::json!({
            "key": "/coredns/d", "before": null, "after": {"raw": "\\n", "lease": "000000000000000a", "lease_ttl": 60}
        })
    );
    assert_eq!(
        json["deletes"][0],
        serde_json::json!({"key": "/coredns/a", "before": {"raw": "\\x01", "mod_revision": 2}, "after": null})
    );
    let read = PlanFile::read(printed.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), printed);
    assert_eq!(&*read.updates[0].after.as_ref().unwrap().bytes().unwrap(), br#"{"ttl": 1E2}"#);
    assert_eq!(
        read.creates[0].after.as_ref().unwrap().term(),
        Some(LeaseTerm { of: LeaseId::new(10), seconds: 60 })
    );
}

#[test]
fn every_character_of_a_plan_counts() {
    let printed = serde_json::to_string(&plan_file()).unwrap();
    for at in 0..printed.len() {
        let mut bytes = printed.clone().into_bytes();
        // Another digit, letter or sign.
        bytes[at] ^= 1;
        assert!(PlanFile::read(&bytes).is_err(), "{}", String::from_utf8_lossy(&bytes));
    }
    assert!(
        PlanFile::read(printed.replace(r#","untouched""#, r#","more":1,"untouched""#).as_bytes()).is_err()
    );
    assert!(PlanFile::read(&printed.as_bytes()[..printed.len() - 1]).is_err());
    assert!(PlanFile::read(b"").is_err());
}

#[test]
fn whatever_moves_in_the_target_is_noticed_and_named() {
    let plan = plan_file();
    let base = vec![stored("a", "\u{1}", 2), stored("b", "", 3), stored("c", "{}", 4)];
    assert!(Stale::of(&plan, &base, None).is_empty());
    assert!(Stale::of(&plan, &base, Some(&base)).is_empty());
    // Keys written again, or deleted and made again: one that the plan changes, and one that it does not.
    for (at, tail) in [(0, "a"), (2, "c")] {
        let mut now = base.clone();
        now[at].mod_revision = Revision(12);
        for then in [None, Some(&base[..])] {
            let stale = Stale::of(&plan, &now, then);
            assert_eq!(stale.moved.len(), 1, "{stale:?}");
            assert_eq!(stale.moved[0].key, format!("/coredns/{tail}"));
            assert_eq!(stale.moved[0].now, Some(Revision(12)));
        }
    }
    // A new key.
    let mut now = base.clone();
    now.push(stored("e", "", 10));
    let stale = Stale::of(&plan, &now, None);
    assert_eq!((stale.moved[0].key.as_str(), stale.moved[0].then, stale.gone), ("/coredns/e", None, 0));
    // A key that the plan would delete is gone already.
    let stale = Stale::of(&plan, &base[1..], None);
    assert_eq!((stale.moved[0].then, stale.moved[0].now), (Some(Revision(2)), None));
    // A key that the plan does not name: its name is known only while etcd has the revision.
    let now = [base[0].clone(), base[1].clone()];
    let stale = Stale::of(&plan, &now, None);
    assert_eq!((stale.moved.len(), stale.gone), (0, 1));
    let stale = Stale::of(&plan, &now, Some(&base));
    assert_eq!((stale.moved[0].key.as_str(), stale.gone), ("/coredns/c", 0));
}

fn any_state() -> impl Strategy<Value = BTreeMap<String, u8>> {
    prop::collection::btree_map("[ab](/[ab]){0,2}", 0..3u8, 0..8)
}

proptest! {
    #[test]
    fn a_comparison_that_is_carried_out_leaves_nothing_to_compare(
        is in any_state(), should in any_state(), prune in any::<bool>(),
    ) {
        let value = |number: &u8| format!("{{\"ttl\":{number}}}");
        let existing: Vec<KeyValue> = is.iter().map(|(tail, number)| stored(tail, &value(number), 2)).collect();
        let file: Vec<FileRecord> = should.iter().map(|(tail, number)| wanted(tail, &value(number))).collect();
        let found = compare(&file, &existing, prune);
        let mut after: BTreeMap<ScopedKey, KeyValue> =
            existing.into_iter().map(|record| (record.key.clone(), record)).collect();
        for record in &found.deletes {
            after.remove(&record.key);
        }
        for update in &found.updates {
            after.get_mut(&update.before.key).unwrap().value = update.value.clone();
        }
        for create in &found.creates {
            let key = scope().key(&create.key).unwrap();
            let record = KeyValue { value: create.value.clone(), ..stored("x", "", 3) };
            let old = after.insert(key.clone(), KeyValue { key, ..record });
            prop_assert_eq!(old, None);
        }
        let after: Vec<KeyValue> = after.into_values().collect();
        let again = compare(&file, &after, prune);
        prop_assert!(again.is_empty());
        prop_assert_eq!(again.same, file.len());
        prop_assert!(!prune || after.len() == file.len());
    }
}
