//! Orders on small sets of records.
use super::*;
use crate::{
    index::Index,
    keys::{KeyValue, LeaseId, Revision},
    plan::{Change, Gathered},
};
use proptest::prelude::*;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn key(tail: &str) -> ScopedKey {
    scope().key(format!("/coredns/{tail}").as_bytes()).unwrap()
}

fn index(records: &[(&str, &str)]) -> Index {
    let mut index = Index::new(scope());
    for (tail, value) in records {
        index.put(&KeyValue {
            key: key(tail),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(2),
            version: 1,
            lease: LeaseId::new(if tail.contains("leased") { 7 } else { 0 }),
        });
    }
    index
}

fn some() -> Index {
    index(&[
        ("io/gcr", r#"{"host":"10.0.0.9"}"#),
        ("io/gcr/leased", r#"{"host":"10.0.0.2","ttl":60}"#),
        ("io/gcr/x1", r#"{"owner":"team","host":"10.0.0.1","ttl":60}"#),
        ("io/gcr/x2", r#"{"host":"10.0.0.2","ttl":"60"}"#),
        ("io/gcr/x3", r#"{"host":"mirror.gcr.io"}"#),
        ("io/gcrs/x1", r#"{"host":"::ffff:10.0.0.1"}"#),
        ("org/example/cdn", r#"{"host":"Mirror.GCR.io."}"#),
        ("org/example/www", r#"{"host":"gcr.io","ttl":300}"#),
        ("org/example/zz", "{}"),
    ])
}

fn done(order: &BulkEdit, index: &Index) -> Result<BulkPlan, BulkError> {
    order.work(index.records(), &AtomicBool::new(false))
}

fn gcr() -> Among {
    Among::These(Selection::name(key("io/gcr")))
}

/// Lists the wishes in one word each, with the values that they put.
fn told(work: &BulkPlan) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    work.wishes
        .iter()
        .map(|wish| match wish {
            KeyEdit::Create { key, value, lease } => {
                format!("{key} + {} {:?}", text(value), lease.map(|lease| lease.to_string()))
            }
            KeyEdit::Update { key, value, .. } => format!("{key} = {}", text(value)),
            KeyEdit::Delete { key, .. } => format!("{key} -"),
            KeyEdit::Move { from, to } => format!("{from} > {to}"),
        })
        .collect()
}

fn left_out(work: &BulkPlan) -> Vec<String> {
    work.left_out.iter().map(|left| format!("{}: {}", left.key, left.why)).collect()
}

#[test]
fn a_ttl_is_set_in_each_value_and_nothing_else_of_it_changes() {
    let work = done(&BulkEdit::SetTtl { of: gcr(), ttl: Some(60) }, &some()).unwrap();
    assert_eq!(
        told(&work),
        [
            r#"/coredns/io/gcr = {"host":"10.0.0.9","ttl":60}"#,
            r#"/coredns/io/gcr/x3 = {"host":"mirror.gcr.io","ttl":60}"#,
        ]
    );
    assert_eq!(work.same, 2);
    assert_eq!(
        left_out(&work),
        ["/coredns/io/gcr/x2: ttl is \"60\", and must be a whole number from 0 to 4294967295"]
    );
    let work = done(&BulkEdit::SetTtl { of: gcr(), ttl: None }, &some()).unwrap();
    assert_eq!(
        told(&work),
        [
            r#"/coredns/io/gcr/leased = {"host":"10.0.0.2"}"#,
            r#"/coredns/io/gcr/x1 = {"owner":"team","host":"10.0.0.1"}"#,
        ]
    );
}

#[test]
fn what_says_nothing_gets_no_ttl_and_is_told() {
    let work = done(&BulkEdit::SetTtl { of: Among::Scope, ttl: Some(5) }, &some()).unwrap();
    assert!(left_out(&work).contains(&"/coredns/org/example/zz: no host and no text".to_owned()));
    assert_eq!(work.wishes.len() + work.left_out.len(), some().len());
}

#[test]
fn a_host_is_replaced_in_every_spelling_and_only_whole() {
    let replace = |of: Among, old: &str, new: &str| {
        let order = BulkEdit::ReplaceHost { of, old: old.to_owned(), new: new.to_owned() };
        done(&order, &some()).unwrap()
    };
    assert_eq!(
        told(&replace(Among::Scope, "10.0.0.1", "10.9.9.9")),
        [
            r#"/coredns/io/gcr/x1 = {"owner":"team","host":"10.9.9.9","ttl":60}"#,
            r#"/coredns/io/gcrs/x1 = {"host":"10.9.9.9"}"#,
        ]
    );
    assert_eq!(
        told(&replace(Among::Scope, "mirror.gcr.io", "m.example.org")),
        [
            r#"/coredns/io/gcr/x3 = {"host":"m.example.org"}"#,
            r#"/coredns/org/example/cdn = {"host":"m.example.org"}"#,
        ]
    );
    assert_eq!(told(&replace(Among::Scope, "gcr", "x")), <[String; 0]>::default());
}

#[test]
fn what_cannot_be_looked_into_is_told_when_it_may_hold_the_host() {
    let replace = |of: Among, old: &str| {
        let order = BulkEdit::ReplaceHost { of, old: old.to_owned(), new: "10.9.9.9".to_owned() };
        left_out(&done(&order, &some()).unwrap()).len()
    };
    assert_eq!(replace(Among::Scope, "10.0.0.2"), 1, "it stands in the broken value");
    assert_eq!(replace(Among::Scope, "10.0.0.1"), 0, "no broken value of the scope mentions it");
    assert_eq!(replace(gcr(), "10.0.0.1"), 1, "this very record was chosen");
}

#[test]
fn a_host_that_coredns_would_not_take_is_left_out_with_the_reason() {
    let index = index(&[("io/dns/ns/a", r#"{"host":"10.0.0.1"}"#), ("io/www", r#"{"host":"10.0.0.1"}"#)]);
    let order =
        BulkEdit::ReplaceHost { of: Among::Scope, old: "10.0.0.1".into(), new: "lb.example.org".into() };
    let work = done(&order, &index).unwrap();
    assert_eq!(told(&work), [r#"/coredns/io/www = {"host":"lb.example.org"}"#]);
    assert!(left_out(&work)[0].starts_with("/coredns/io/dns/ns/a: as NS: CoreDNS takes only an IP address"));
}

#[test]
fn a_name_moves_with_all_below_it_and_a_neighbour_with_the_same_beginning_stays() {
    let order = BulkEdit::Relocate {
        how: Relocation::Move { with_hosts: false },
        from: key("io/gcr"),
        to: key("org/example/reg"),
        overwrite: false,
    };
    let work = done(&order, &some()).unwrap();
    assert_eq!(told(&work)[0], "/coredns/io/gcr > /coredns/org/example/reg");
    assert_eq!(told(&work)[2], "/coredns/io/gcr/x1 > /coredns/org/example/reg/x1");
    assert_eq!(work.wishes.len(), 5);
    assert_eq!(work.notes, ["2 records elsewhere still point to names that move away."]);
    assert_eq!(left_out(&work).len(), 1, "an alias inside to the inside keeps its host: {work:?}");
    let listed = work.listed.clone();
    assert_eq!(listed.as_ref().map(|listed| listed.name.spelled()).as_deref(), Some("/coredns/io/gcr"));
    let Intent::Bulk { challenge, listed: of_intent, .. } =
        order.intent(&scope(), work.wishes).of_listed(work.listed)
    else {
        panic!("no bulk change")
    };
    assert_eq!((challenge.as_str(), of_intent), ("/coredns/io/gcr/", listed));
}

#[test]
fn what_points_to_a_moved_name_goes_with_it_when_that_is_wanted() {
    let order = BulkEdit::Relocate {
        how: Relocation::Move { with_hosts: true },
        from: key("io/gcr"),
        to: key("org/example/reg"),
        overwrite: false,
    };
    let work = done(&order, &some()).unwrap();
    assert_eq!(
        told(&work)[4..],
        [
            r#"/coredns/org/example/reg/x3 + {"host":"mirror.reg.example.org"} None"#,
            "/coredns/io/gcr/x3 -",
            r#"/coredns/org/example/cdn = {"host":"Mirror.reg.example.org."}"#,
            r#"/coredns/org/example/www = {"host":"reg.example.org","ttl":300}"#,
        ]
    );
    assert_eq!(
        work.notes,
        [
            "1 record that moves points to a name that moves, and is changed with it.",
            "2 records elsewhere point to names that move, and are changed with them.",
        ]
    );
    assert_eq!(left_out(&work), Vec::<String>::new());
}

#[test]
fn what_is_in_the_way_is_overwritten_only_when_told_and_what_stays_beside_it_is_counted() {
    let index = index(&[
        ("io/a/leased", r#"{"host":"10.0.0.1"}"#),
        ("io/a/x1", r#"{"host":"10.0.0.2"}"#),
        ("io/a/x2", r#"{"host":"10.0.0.3"}"#),
        ("io/b/leased", r#"{"host":"10.0.0.9"}"#),
        ("io/b/x1", r#"{"host":"10.0.0.2"}"#),
        ("io/b/x7", r#"{"host":"10.0.0.7"}"#),
    ]);
    let order = |how, overwrite| BulkEdit::Relocate { how, from: key("io/a"), to: key("io/b"), overwrite };
    let moves = Relocation::Move { with_hosts: true };
    let taken = vec![key("io/b/leased"), key("io/b/x1")];
    assert_eq!(done(&order(moves, false), &index), Err(BulkError::Taken(taken.clone())));
    assert_eq!(done(&order(Relocation::Copy, false), &index), Err(BulkError::Taken(taken)));
    let work = done(&order(moves, true), &index).unwrap();
    assert_eq!(
        told(&work),
        [
            r#"/coredns/io/b/leased = {"host":"10.0.0.1"}"#,
            "/coredns/io/a/leased -",
            "/coredns/io/a/x1 -",
            "/coredns/io/a/x2 > /coredns/io/b/x2",
        ]
    );
    let stays = "1 record more is at or below /coredns/io/b already, and stays.";
    assert_eq!(work.notes, [stays]);
    let work = done(&order(Relocation::Copy, true), &index).unwrap();
    assert_eq!(work.same, 1);
    assert_eq!(
        told(&work),
        [r#"/coredns/io/b/leased = {"host":"10.0.0.1"}"#, r#"/coredns/io/b/x2 + {"host":"10.0.0.3"} None"#,]
    );
}

#[test]
fn a_key_that_is_overwritten_keeps_its_own_lease_and_that_is_said() {
    let index = index(&[("io/a/x1", r#"{"host":"10.0.0.1"}"#), ("io/leased/x1", r#"{"host":"10.0.0.9"}"#)]);
    let order = BulkEdit::Relocate {
        how: Relocation::Copy,
        from: key("io/a"),
        to: key("io/leased"),
        overwrite: true,
    };
    let work = done(&order, &index).unwrap();
    assert_eq!(work.notes, ["1 key that is overwritten keeps the lease that it has, or none."]);
}

#[test]
fn a_copy_keeps_values_and_shares_leases() {
    let order = BulkEdit::Relocate {
        how: Relocation::Copy,
        from: key("io/gcr"),
        to: key("net/gcr"),
        overwrite: false,
    };
    let work = done(&order, &some()).unwrap();
    assert_eq!(
        told(&work)[1],
        r#"/coredns/net/gcr/leased + {"host":"10.0.0.2","ttl":60} Some("0000000000000007")"#
    );
    assert_eq!(
        work.notes,
        [
            "1 copy shares the lease of its original, and ends with it.",
            "1 copy points to a name that was copied, as its original does.",
        ]
    );
    assert_eq!(told(&work)[3], r#"/coredns/net/gcr/x2 + {"host":"10.0.0.2","ttl":"60"} None"#);
}

#[test]
fn nothing_goes_into_itself_or_over_what_is_there() {
    let relocate = |from: &str, to: &str| {
        let how = Relocation::Move { with_hosts: false };
        let (from, to) = (key(from), key(to));
        done(&BulkEdit::Relocate { how, from, to, overwrite: false }, &some()).unwrap_err()
    };
    assert!(matches!(relocate("io/gcr", "io/gcr"), BulkError::IntoItself { .. }));
    assert!(matches!(relocate("io/gcr", "io/gcr/x9/y"), BulkError::IntoItself { .. }));
    assert_eq!(relocate("io/gcr", "io/gcrs"), BulkError::Taken(vec![key("io/gcrs/x1")]));
    assert_eq!(relocate("io/nothing", "io/x"), BulkError::NotThere(key("io/nothing")));
}

#[test]
fn each_chosen_record_counts_once_however_often_it_was_chosen() {
    let index = some();
    let mut chosen = Selection::name(key("io/gcr"));
    chosen.add_name(key("io"));
    chosen.add_record(key("io/gcr/x1"));
    chosen.add_record(key("org/example/www"));
    assert_eq!(chosen.count(index.records()), 7);
    let work = done(&BulkEdit::Delete { of: Among::These(chosen) }, &index).unwrap();
    assert_eq!(work.wishes.len(), 7);
}

#[test]
fn what_was_chosen_and_is_gone_is_forgotten_and_counted() {
    let mut index = some();
    let mut chosen = Selection::name(key("io/gcrs"));
    chosen.add_record(key("io/gcr/x1"));
    chosen.add_name(key("io/gcr"));
    index.delete(&key("io/gcrs/x1"), Revision(9));
    assert_eq!(chosen.forget(&index, &key("io/gcrs/x1")), 1);
    index.delete(&key("io/gcr/x1"), Revision(10));
    assert_eq!(chosen.forget(&index, &key("io/gcr/x1")), 1);
    assert_eq!(chosen.len(), (1, 0), "the name has other records");
    assert_eq!(chosen.forget_all(&Index::new(scope())), 1);
    assert!(chosen.is_empty());
}

#[test]
fn a_new_record_below_a_chosen_name_concerns_the_order_and_one_beside_it_does_not() {
    let order = BulkEdit::Delete { of: gcr() };
    assert!(order.concerns(&scope(), &key("io/gcr/x9")) && order.concerns(&scope(), &key("io/gcr")));
    assert!(!order.concerns(&scope(), &key("io/gcrs/x9")));
}

#[test]
fn the_text_to_type_is_the_deepest_name_of_all_or_the_one_key() {
    let text = |keys: &[&str]| {
        let wish = |tail: &&str| KeyEdit::Delete { key: key(tail), before: Box::default() };
        common(&scope(), &keys.iter().map(wish).collect::<Vec<_>>()).to_string()
    };
    assert_eq!(text(&["io/gcr/x1"]), "/coredns/io/gcr/x1");
    assert_eq!(text(&["io/gcr", "io/gcr/x1"]), "/coredns/io/gcr/");
    assert_eq!(text(&["io/gcr/x1", "io/gcrs/x1"]), "/coredns/io/");
    assert_eq!(text(&["io/gcr/x1", "org/x"]), "/coredns/");
}

#[test]
fn a_stopped_order_comes_to_nothing() {
    let order = BulkEdit::Delete { of: Among::Scope };
    assert_eq!(order.work(some().records(), &AtomicBool::new(true)), Err(BulkError::Stopped));
}

proptest! {
    #[test]
    fn what_is_left_out_is_told_and_every_wish_can_be_planned(
        tails in prop::collection::btree_set("(io|org)(/[ab]){1,3}", 1..20),
        values in prop::collection::vec(prop::sample::select(vec![
            r#"{"host":"10.0.0.1"}"#, r#"{"host":"a.io","ttl":9}"#, "{", "{}", r#"{"text":"t","ttl":5}"#,
        ]), 20),
        named in "(io|org)(/[ab]){0,2}",
        ttl in prop::option::of(0_u32..10),
    ) {
        let records: Vec<(&str, &str)> =
            tails.iter().map(String::as_str).zip(values.iter().copied()).collect();
        let index = index(&records);
        let among = Among::These(Selection::name(key(&named)));
        let meant = among.count(index.records());
        let order = BulkEdit::SetTtl { of: among, ttl };
        let work = done(&order, &index).unwrap();
        prop_assert_eq!(work.wishes.len() + work.left_out.len() + work.same, meant);
        if !work.wishes.is_empty() {
            let found = index.records().range(&scope().range()).collect();
            let wished = work.wishes.len();
            let plan = order.intent(&scope(), work.wishes).plan(Gathered { found, ..Gathered::default() }, &scope());
            let plan = plan.unwrap();
            prop_assert!(plan.asks_for_typing());
            prop_assert_eq!(plan.changes().len(), wished);
            let updates = plan.changes().iter().filter(|change| matches!(change, Change::Update { .. })).count();
            prop_assert_eq!(updates, wished);
        }
    }
}
