//! Reads of a question: which keys it needs, and that there is always an answer.

use super::*;
use proptest::prelude::*;

#[test]
fn a_question_reads_what_coredns_reads_and_nothing_else() {
    let serving = Serving::new(Scope::parse("/coredns").unwrap(), vec![Name::parse("io").unwrap()]);
    let reads = |name: &str, kind: &str| {
        let mut known = ReadPart::default();
        let _ = answer(&known, &serving, &Question::new(name, kind.parse().unwrap()).unwrap());
        let missing = known.missing();
        let all = missing.prefixes.into_iter().chain(missing.keys);
        all.map(|key| String::from_utf8(key.into()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(reads("a.io", "A"), ["/coredns/io/a/", "/coredns/io/a"]);
    assert_eq!(reads("a.io", "CNAME"), ["/coredns/io/a"]);
    assert_eq!(reads("a.io", "SOA"), [""; 0]);
    assert_eq!(reads("a.org", "A"), [""; 0]);
    assert_eq!(reads("io", "NS"), ["/coredns/io/dns/ns/", "/coredns/io/dns/ns"]);
    assert_eq!(reads("x.*.io", "TXT"), ["/coredns/io/", "/coredns/io"]);
}

#[test]
fn all_types_of_a_name_are_answered_as_each_one_alone() {
    let world =
        world(&["io"], &[("io/a/x1", r#"{"host":"out.test","mail":true}"#), ("io/a", r#"{"host":"b.io"}"#)]);
    let name = Name::parse("a.io").unwrap();
    let all = answers(&world.known, &world.serving, &name);
    let alone: Vec<Answer> =
        QueryType::ANSWERED.iter().map(|kind| world.ask("a.io", &kind.to_string())).collect();
    assert_eq!(all, alone);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_is_stored_there_is_an_answer_and_it_is_printable(
        records in proptest::collection::vec(
            (
                "(io|org)(/(a|b|dns|apex|ns|any|[*]|[^/]?)){0,4}",
                prop_oneof![
                    "(a|b|any|[*]|[.]|[\\\\]|1|\\PC|@| ){0,5}(io|org|test)?[.]?".prop_map(|host| {
                        serde_json::json!({ "host": host, "mail": true }).to_string()
                    }),
                    "[0-9.:]{0,8}".prop_map(|host| serde_json::json!({ "host": host }).to_string()),
                    "\\PC{0,5}".prop_map(|text| serde_json::json!({ "text": text }).to_string()),
                    Just("{".to_owned()),
                ],
            ),
            0..12,
        ),
        name in "((a|b|any|[*])[.]){0,3}(io|org|test)",
    ) {
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
        let world = world(&["io", "org"], &records);
        let name = Name::parse(&name).unwrap();
        for answer in answers(&world.known, &world.serving, &name) {
            let sections = [&answer.answer, &answer.authority, &answer.additional];
            for record in sections.into_iter().flatten() {
                prop_assert!(record.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", record);
                prop_assert!(record.owner.ends_with('.'));
                prop_assert!(record.key.is_some() || record.kind == QueryType::SOA);
            }
            for ask in &answer.asks {
                prop_assert!(ask.name.bytes().all(|byte| (b'!'..=b'~').contains(&byte)));
            }
            prop_assert_eq!(&world.ask(&name.to_string(), &answer.question.kind.to_string()), &answer);
        }
    }
}
