//! Comparison of the engine of `dns::answer` with a real `CoreDNS` that reads the same etcd: both answer questions
//! about generated record sets. Named cases hold without a `CoreDNS` too.
//!
//! Every run compares a few hundred answers, `tests/run --long` more than 20,000. `COREDECK_CONFORMANCE_SEED` sets
//! another beginning. A difference is shown with the fewest records that make it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the records are put by another client than the program")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod cases;
#[path = "../support/cli.rs"]
mod cli;
mod comparison;
mod court;
mod generate;
mod lint;
mod options;
mod presentation;
mod profiles;
mod records;
mod reply;
mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod trial;

use cases::Expected;
use coredeck::dns::CoreDnsVersion;
use court::{Court, court, version};
use options::Options;
use profiles::profiles;
use std::sync::MutexGuard;
use trial::{Endless, Findings, trial};

/// Another seed asks other questions; this one is asked in every run.
const SEED: u64 = 1;
const QUESTIONS: usize = 40;
const SHORT: usize = 64;
/// Record sets of 40 questions each; a few sets have fewer.
const LONG: usize = 620;
/// Record sets that are linted: each has some claims, a few fixes, and twenty answers.
const LINTED: usize = 96;
const LINTED_LONG: usize = 600;
/// More differences would only show the same again.
const ENOUGH: usize = 12;

/// Returns all options under which anything is asked. The cases are of the newest version.
fn all_options(version: CoreDnsVersion) -> Vec<Options> {
    let mut all = profiles(version);
    all.push(shapes::options().of_version(version));
    for case in cases::all().into_iter().filter(|_| version == CoreDnsVersion::NEWEST) {
        if !all.contains(&case.options) {
            all.push(case.options);
        }
    }
    all
}

fn mode() -> String {
    std::env::var("COREDECK_CONFORMANCE").unwrap_or_default()
}

#[test]
fn the_engine_answers_as_coredns_does() {
    let long = mode() == "long";
    let Some(mut court) = court(all_options) else {
        assert!(!long, "the long comparison needs a CoreDNS to compare with");
        return;
    };
    let seed =
        std::env::var("COREDECK_CONFORMANCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    let profiles = profiles(version().expect("there is one to compare with"));
    let mut all = Findings::default();
    for number in 0..if long { LONG } else { SHORT } {
        let seed = seed + u64::try_from(number).unwrap();
        let options = &profiles[number % profiles.len()];
        let docket = generate::docket(seed, options, QUESTIONS);
        let origin = format!("seed {seed}, profile {}", number % profiles.len());
        let found = trial(&mut court, options, &docket.records, &docket.questions, &origin);
        all.compared += found.compared;
        all.endless.extend(found.endless);
        all.given_up += found.given_up;
        all.differences.extend(found.differences);
        if all.differences.len() >= ENOUGH {
            break;
        }
    }
    drop(court);
    let endless = all.endless.len();
    // Each question takes a server of its own.
    let questions = all.endless.iter().take(if long { 10 } else { 1 });
    all.differences.extend(questions.filter_map(survives));
    eprintln!("{} compared, {endless} without an end, {} given up", all.compared, all.given_up);
    assert!(all.given_up * 100 <= all.compared, "the engine gives up too often: {all:?}");
    let differences = all.differences.len();
    assert!(differences == 0, "{differences} of {} differ:\n\n{}", all.compared, all.differences.join("\n"));
    assert!(all.compared >= if long { 20_000 } else { 2_000 }, "only {} were compared", all.compared);
}

/// Compares lint with `CoreDNS`: some hundred record sets in every run, more than 20,000 answers in the long one.
#[test]
fn what_lint_says_is_what_coredns_does() {
    let long = mode() == "long";
    let Some(mut court) = court(all_options) else {
        assert!(!long, "the long comparison needs a CoreDNS to compare with");
        return;
    };
    let profiles = profiles(version().expect("there is one to compare with"));
    let mut all = lint::Verdicts::default();
    for number in 0..if long { LINTED_LONG } else { LINTED } {
        let seed = SEED + u64::try_from(number).unwrap();
        let options = &profiles[number % profiles.len()];
        let docket = generate::docket(seed, options, 0);
        let origin = format!("seed {seed}, profile {}", number % profiles.len());
        lint::judge(&mut court, options, &docket.records, &origin, &mut all);
        if all.wrong.len() >= ENOUGH {
            break;
        }
    }
    let lint::Verdicts { claims, fixes, answers, wrong } = all;
    eprintln!("{claims} claims, {fixes} fixes, {answers} answers");
    assert!(wrong.is_empty(), "{} are wrong:\n\n{}", wrong.len(), wrong.join("\n"));
    let least = if long { 20_000 } else { 300 };
    assert!(
        claims + answers >= least && fixes * 20 >= least,
        "{claims} claims, {fixes} fixes, {answers} answers"
    );
}

/// Returns the court of the newest version, if it is that: these questions are of no other one.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn newest_court(what: &str) -> Option<MutexGuard<'static, Court>> {
    let court = court(all_options)?;
    if version() != Some(CoreDnsVersion::NEWEST) {
        eprintln!("skipped: the {what} are those of {:?}", CoreDnsVersion::NEWEST);
        return None;
    }
    Some(court)
}

/// `get`, the tree, the deck's table, `answer`, `export` and `lint` agree on each shape of record, and with `CoreDNS`.
#[test]
fn all_that_is_said_of_a_record_is_what_coredns_does_with_it() {
    let Some(mut court) = newest_court("shapes") else { return };
    let wrong = shapes::judge(&mut court);
    assert!(wrong.is_empty(), "{}:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// T4 is right about a hidden value: its fix has the value answered and takes nothing away, whatever the groups are.
#[test]
fn a_hidden_value_is_hidden_and_its_fix_has_it_answered() {
    let Some(mut court) = court(all_options) else { return };
    let wrong = shapes::judge_hidden(&mut court);
    assert!(wrong.is_empty(), "{}:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Returns the failure of a server that lives on after a question without an end.
fn survives(endless: &Endless) -> Option<String> {
    let mut court = Court::start(vec![endless.options.clone()]);
    court.load(&endless.records);
    let log = court.dies_of(&endless.options, &endless.asked.query());
    (!log.contains("stack overflow")).then(|| format!("it is not the stack that ends it: {log}"))
}

#[test]
fn the_engine_answers_as_it_is_written() {
    let failed: Vec<String> = cases::all()
        .iter()
        .filter_map(|case| Some(format!("{}\n  {}\n", case.name, case.fails()?)))
        .collect();
    assert!(failed.is_empty(), "{} cases:\n\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn coredns_answers_as_it_is_written() {
    let Some(mut court) = newest_court("cases") else { return };
    let mut cases = cases::all();
    let record = mode() == "record";
    let mut wrong = vec![];
    for case in &mut cases {
        // The question ends the server: it has a test of its own.
        if case.is_endless() {
            continue;
        }
        let held = court.load(&case.records());
        let real = court.ask(&case.options, &[case.asked().query()]).remove(0);
        if record {
            case.expected = Some(Expected::of(&real, &held));
        } else if let Some(why) = case.is_refuted_by(&held, &real) {
            wrong.push(format!("{}\n  {why}\n", case.name));
        }
    }
    if record {
        cases::write(&cases);
    }
    assert!(wrong.is_empty(), "{} cases:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks a question that ends its own server: Go's stack overflows.
#[test]
fn an_alias_without_an_end_ends_the_server() {
    let Some(version) = version() else { return };
    for case in cases::all().into_iter().filter(cases::Case::is_endless) {
        let options = case.options.clone().of_version(version);
        let endless = Endless { options, records: case.records(), asked: case.asked() };
        assert_eq!(survives(&endless), None, "{}", case.name);
    }
}

/// Checks that the generator reaches every outcome: otherwise a comparison that always agrees would prove nothing.
#[test]
fn the_questions_meet_every_outcome() {
    let Some(mut court) = court(all_options) else { return };
    let profiles = profiles(version().expect("there is one to ask"));
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for number in 0..SHORT {
        let profile = &profiles[number % profiles.len()];
        // Between several zones an alias may have no end, which only the engine can tell beforehand.
        if profile.zones.len() > 1 {
            continue;
        }
        let docket = generate::docket(SEED + u64::try_from(number).unwrap(), profile, QUESTIONS);
        for outcome in court.outcomes(profile, &docket) {
            *seen.entry(outcome).or_default() += 1;
        }
    }
    for outcome in [
        "NOERROR", "NODATA", "NXDOMAIN", "SERVFAIL", "REFUSED", "A", "AAAA", "CNAME", "SRV", "MX", "TXT",
        "NS",
    ] {
        assert!(seen.contains_key(outcome), "{outcome} is never met: {seen:?}");
    }
    eprintln!("{seen:?}");
}
