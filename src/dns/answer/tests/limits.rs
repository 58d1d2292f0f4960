//! Limits: aliases without an end, and replies that cannot be sent.

use super::*;

#[test]
fn what_no_server_could_follow_is_followed_to_a_limit() {
    let names: Vec<String> = (0..12).map(|at| format!("n{at}")).collect();
    let mut records = vec![];
    for name in &names {
        for other in names.iter().filter(|other| *other != name) {
            records.push((format!("io/{name}/{other}"), format!(r#"{{"host":"{other}.io"}}"#)));
        }
    }
    for hop in 0..40 {
        let (from, to) = if hop % 2 == 0 { ("io", "org") } else { ("org", "io") };
        records.push((format!("{from}/h{hop}"), format!(r#"{{"host":"h{}.{to}"}}"#, hop + 1)));
    }
    let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
    let world = world(&["io", "org"], &records);
    assert_eq!(world.says("n0.io", "A"), "Endless");
    assert_eq!(world.why("n0.io", "A"), "aliases lead on and on: more than 10000 lookups for one question");
    assert_eq!(world.says("h0.io", "A"), "Endless");
    assert_eq!(
        world.why("h0.io", "A"),
        "aliases lead on and on: more than 16 times from one zone to another"
    );
    assert_eq!(world.ask("h24.io", "A").outcome, AnswerOutcome::NoError);
}

#[test]
fn more_records_than_any_reply_holds_are_not_gathered() {
    let mut records: Vec<(String, String)> =
        (0..500).map(|at| (format!("io/x/a{at}"), r#"{"host":"y.io"}"#.to_owned())).collect();
    records.extend(
        (0..500).map(|at| (format!("io/y/a{at}"), format!(r#"{{"host":"10.0.{}.{}"}}"#, at / 256, at % 256))),
    );
    let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
    let world = world(&["io"], &records);
    assert_eq!(world.says("x.io", "A"), "Endless");
    assert_eq!(
        world.why("x.io", "A"),
        "aliases lead on and on: to more than 200000 records, which no reply holds"
    );
    assert_eq!(world.ask("y.io", "A").answer.len(), 500);
    assert_eq!(world.ask("io", "AAAA").outcome, AnswerOutcome::NoError);
}

#[test]
fn a_reply_with_what_is_no_name_is_never_sent() {
    let long = format!("{}.test", ["a".repeat(63).as_str(); 4].join("."));
    let label = format!(r#"{{"host":"{}.test"}}"#, "a".repeat(64));
    let long = format!(r#"{{"host":"{long}"}}"#);
    let world = world(
        &["io"],
        &[
            ("io/dots/x1", r#"{"host":"a..test"}"#),
            ("io/dots/x2", r#"{"host":"10.0.0.1"}"#),
            ("io/lead", r#"{"host":".test"}"#),
            ("io/label", &label),
            ("io/long", &long),
            ("io/end", r#"{"host":"a\\"}"#),
            ("io/deep//x1", r#"{"host":"10.0.0.2"}"#),
        ],
    );
    for name in ["dots.io", "lead.io", "label.io", "end.io"] {
        let answer = world.ask(name, "A");
        assert_eq!(answer.outcome, AnswerOutcome::Silence, "{name}");
        assert!(answer.answer.is_empty() && answer.authority.is_empty());
        assert_eq!(answer.keys.len(), 1);
    }
    assert_eq!(
        world.why("dots.io", "A"),
        "no reply can be sent: the name a..test. has an empty label (from /coredns/io/dots/x1)"
    );
    table(&world, &[("deep.io", "A", "NoError; deep.io. 300 A 10.0.0.2"), ("deep.io", "SRV", "Silence")]);
    let answer = world.ask("long.io", "CNAME");
    assert_eq!((answer.outcome, answer.answer.len()), (AnswerOutcome::NoError, 1), "it is sent");
    assert!(answer.why.to_string().starts_with("no client can read the reply: aaaa"), "{}", answer.why);
}

#[test]
fn the_longest_way_that_is_followed_fits_on_a_small_stack() {
    let mut records = vec![];
    for crossing in 0..40 {
        let zone = if crossing % 2 == 0 { "io" } else { "org" };
        let other = if crossing % 2 == 0 { "org" } else { "io" };
        for hop in 0..10 {
            records.push((
                format!("{zone}/c{crossing}-{hop}"),
                format!(r#"{{"host":"c{crossing}-{}.{zone}"}}"#, hop + 1),
            ));
        }
        records
            .push((format!("{zone}/c{crossing}-10"), format!(r#"{{"host":"c{}-0.{other}"}}"#, crossing + 1)));
    }
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let outcome = small.spawn(move || {
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (&**key, &**value)).collect();
        world(&["io", "org"], &records).ask("c0-0.io", "A").outcome
    });
    assert_eq!(outcome.unwrap().join().unwrap(), AnswerOutcome::Endless);
}
