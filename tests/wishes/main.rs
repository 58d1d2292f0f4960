//! Wishes: compares files with the answers of `CoreDNS` once they are imported, planned and exported.
//!
//! - An import comes to rest: a second one changes nothing, and a plan finds nothing to do. Records that cannot be
//!   carried are told once, by the same words each time.
//! - Every answer that differs from the file is told before anything is agreed to, of any type and at any name.
//! - Records that are exported and imported are answered as before, or the difference is told.
//!
//! The judges are the answer engine, over many scopes, and a real `CoreDNS` over some hundreds. `COREDECK_CONFORMANCE=long`,
//! as `tests/run --long` sets it, takes 20,000; `COREDECK_CONFORMANCE_CASES` takes another number, and
//! `COREDECK_CONFORMANCE_SEED` begins elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::wildcard_enum_match_arm, clippy::disallowed_methods, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the records are put by another client than the program")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/coredns.rs"]
mod coredns;
mod court;
#[path = "../support/etcd.rs"]
mod etcd;
mod generate;
mod lines;
mod state;
mod told;
mod workers;

use coredeck::{
    desired::Treatment,
    dns::{Name, QueryType},
    exchange::{KnownAnswers, NotCarried, ZoneRecord, ZoneText, hosts_lines, read_zone},
};
use coredns::binary;
use court::Court;
use fastrand::Rng;
use lines::{said, served};
use state::{State, exported, names, serving};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};
use told::Told;
use workers::{each, each_batch};

/// Number of cases, and size of a batch that one `CoreDNS` serves.
const SHORT: u64 = 250;
const LONG: u64 = 20_000;
const BATCH: usize = 125;

const KINDS: [QueryType; 8] = [
    QueryType::A,
    QueryType::AAAA,
    QueryType::CNAME,
    QueryType::TXT,
    QueryType::MX,
    QueryType::SRV,
    QueryType::PTR,
    QueryType::NS,
];

/// Returns the types that a name is asked for: only a zone has name servers.
fn kinds(name: &Name, zone: &Name) -> impl Iterator<Item = QueryType> {
    let is_zone = name == zone;
    KINDS.into_iter().filter(move |kind| is_zone || *kind != QueryType::NS)
}

/// Returns all questions about these names.
fn questions(names: &[Name], zone: &Name) -> Vec<(Name, QueryType)> {
    names.iter().flat_map(|name| kinds(name, zone).map(|kind| (name.clone(), kind))).collect()
}

fn is_long() -> bool {
    std::env::var("COREDECK_CONFORMANCE").as_deref() == Ok("long")
}

fn seeds() -> Vec<u64> {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
    };
    let first = number("COREDECK_CONFORMANCE_SEED").unwrap_or(1);
    let cases = number("COREDECK_CONFORMANCE_CASES").unwrap_or(if is_long() { LONG } else { SHORT });
    (first..first + cases).collect()
}

/// Checks that each case brings enough of them: otherwise the cases would prove nothing.
fn assert_enough(found: usize, cases: usize, each: usize, what: &str) {
    assert!(cases < 100 || found > cases * each, "only {found} {what} in {cases} cases");
}

/// Wish of one zone, with the records before it.
struct Case {
    zone: Name,
    text: String,
    read: ZoneText,
    before: State,
}

impl Case {
    fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let zone = Name::parse(&format!("z{seed}.test")).unwrap();
        let text = generate::zone_text(&mut rng, &zone);
        let read = read_zone(text.as_bytes(), None).unwrap_or_else(|unread| panic!("{unread:?}\n{text}"));
        let before = if rng.u8(0..3) == 0 { generate::records(&mut rng, &zone) } else { State::default() };
        Self { zone, text, read, before }
    }

    /// Returns the records of the file without those that are told to be left out.
    fn carried(&self, altered: &[NotCarried]) -> Vec<ZoneRecord> {
        let is_left = |record: &&ZoneRecord| {
            let is =
                |left: &NotCarried| matches!(left, NotCarried::Line { line, .. } if *line == record.line);
            !altered.iter().any(is)
        };
        self.read.records.iter().filter(is_left).cloned().collect()
    }

    /// Returns the sentences that a person reads who does this with the file.
    fn told(&self, altered: &[NotCarried]) -> Vec<String> {
        self.read.not_carried.iter().chain(altered).map(ToString::to_string).collect()
    }
}

/// Returns the lines of the second that the first does not have.
fn other<'t>(first: &[String], second: &'t [String]) -> Vec<&'t String> {
    second.iter().filter(|line| !first.contains(line)).collect()
}

#[test]
fn an_import_comes_to_rest_and_says_the_same_each_time() {
    let seeds = seeds();
    let carried = each(&seeds, |seed| {
        let case = Case::of(seed);
        let serving = serving(&case.zone);
        let mut state = case.before.clone();
        let (first, altered) = state.compare(&serving, &case.read, Treatment::Add);
        let told = case.told(&altered);
        assert!(first.updates.is_empty() && first.deletes.is_empty(), "seed {seed}: an import only adds");
        state.apply(&first);
        let context = || format!("seed {seed}\n{}\n{}\n{told:#?}", case.text, state.shown());
        let once: std::collections::HashSet<&String> = told.iter().collect();
        assert_eq!(once.len(), told.len(), "something is told twice: {}", context());

        let (second, altered) = state.compare(&serving, &case.read, Treatment::Add);
        assert!(second.is_empty(), "a second import adds {}: {}", state::creates(&second), context());
        let again = case.told(&altered);
        assert!(again == told, "a second time {:#?} is told: {}", other(&told, &again), context());
        let (plan, altered) = state.compare(&serving, &case.read, Treatment::Change { prune: false });
        assert!(plan.creates.is_empty(), "a plan adds {}: {}", state::creates(&plan), context());
        assert!(plan.moves.is_empty(), "a plan moves {:?}: {}", plan.moves, context());
        for update in &plan.updates {
            // An import leaves the TTL or weight of a record that was there before; a plan changes it.
            let key = update.before.key.as_bytes();
            let was = case.before.has(key) || first.moves.iter().any(|moved| moved.to.as_bytes() == key);
            let value = String::from_utf8_lossy(&update.value);
            assert!(was, "a plan changes {} to {value}: {}", update.before.key, context());
        }
        if case.before.is_empty() {
            let planned = case.told(&altered);
            assert!(planned == told, "a plan tells {:#?}: {}", other(&told, &planned), context());
        }
        first.creates.len()
    });
    assert_enough(carried, seeds.len(), 3, "records are made");
}

#[test]
fn every_answer_that_is_not_what_the_file_says_is_told() {
    let seeds = seeds();
    let all = AtomicUsize::new(0);
    let differ = each(&seeds, |seed| {
        let (mut asked, mut differ) = (0, 0);
        let case = Case::of(seed);
        let serving = serving(&case.zone);
        for how in [Treatment::Add, Treatment::Change { prune: seed % 2 == 0 }] {
            let mut state = case.before.clone();
            let (comparison, altered) = state.compare(&serving, &case.read, how);
            state.apply(&comparison);
            let told = Told::of(case.read.not_carried.iter().chain(&altered));
            let (carried, known) = (case.carried(&altered), state.known());
            // A record that is not changed and not of the file is told by its key.
            for name in
                names(&case.zone, &case.read.records, &state.of_wish(&case.zone, &case.read.records, how))
            {
                let answers = served(&known, &serving, &name);
                for kind in kinds(&name, &case.zone) {
                    let wanted = &said(&carried, &case.read.records, &name, kind);
                    let is = &answers[&kind];
                    asked += 1;
                    differ += usize::from(wanted != is);
                    assert!(
                        wanted == is || told.has(&name, kind),
                        "seed {seed}, {how:?}: {name} {kind} is {is:#?}\nand not {wanted:#?}\n{}\n{}\n{told:#?}",
                        case.text,
                        state.shown()
                    );
                    assert!(
                        wanted != is || !told.says(&name, kind),
                        "seed {seed}, {how:?}: {name} {kind} is {is:#?} as wanted\n{}\n{}\n{told:#?}",
                        case.text,
                        state.shown()
                    );
                }
            }
        }
        all.fetch_add(asked, Ordering::Relaxed);
        differ
    });
    let asked = all.into_inner();
    assert!(differ * 50 > asked, "only {differ} of {asked} differ at all");
}

#[test]
fn what_is_exported_and_imported_is_answered_as_before_or_told() {
    let seeds = seeds();
    let same = each(&seeds, |seed| {
        let mut same = 0;
        let mut rng = Rng::with_seed(seed);
        let zone = Name::parse(&format!("z{seed}.test")).unwrap();
        let serving = serving(&zone);
        let before = generate::records(&mut rng, &zone);
        let Some((file, after, told)) = exported(&serving, &before) else { return 0 };
        let (was_known, is_known) = (before.known(), after.known());
        for name in names(&zone, &[], &[before.keys(), after.keys()].concat()) {
            let [was, is] = [&was_known, &is_known].map(|known| served(known, &serving, &name));
            for kind in kinds(&name, &zone) {
                let (was, is) = (&was[&kind], &is[&kind]);
                same += usize::from(was == is && !was.records.is_empty());
                assert!(
                    was == is || told.has(&name, kind),
                    "seed {seed}: {name} {kind} is {is:#?}\nand was {was:#?}\n{file}\n{}\n{}\n{told:#?}",
                    before.shown(),
                    after.shown()
                );
            }
        }
        same
    });
    assert_enough(same, seeds.len(), 5, "answers come back");
}

#[test]
fn the_addresses_of_a_hosts_file_are_those_of_coredns_or_it_is_told() {
    let seeds = seeds();
    let same = each(&seeds, |seed| {
        let mut same = 0;
        let zone = Name::parse(&format!("z{seed}.test")).unwrap();
        let serving = serving(&zone);
        let state = generate::records(&mut Rng::with_seed(seed), &zone);
        let known = state.known();
        let (lines, left) = hosts_lines(&mut KnownAnswers::new(&known, &serving), &state.stored());
        let told = Told::of(left.iter());
        for name in names(&zone, &[], &state.keys()) {
            let answers = served(&known, &serving, &name);
            for kind in [QueryType::A, QueryType::AAAA] {
                let of_kind = |address: &&str| address.contains(':') == (kind == QueryType::AAAA);
                let in_file: BTreeSet<&str> = lines
                    .iter()
                    .filter(|line| line.split_whitespace().skip(1).any(|word| word == name.to_string()))
                    .filter_map(|line| line.split_whitespace().next())
                    .filter(of_kind)
                    .collect();
                let reply = &answers[&kind];
                let marked = format!(" {kind} ");
                let given: BTreeSet<&str> =
                    reply.records.iter().filter_map(|record| Some(record.split_once(&marked)?.1)).collect();
                let is_same = in_file == given && ["", "NODATA", "NXDOMAIN"].contains(&&*reply.nothing);
                same += usize::from(is_same && !given.is_empty());
                assert!(
                    is_same || told.says(&name, kind),
                    "seed {seed}: {name} {kind} is {reply:#?}\n{}\n{}\n{told:#?}",
                    lines.join("\n"),
                    state.shown()
                );
            }
        }
        same
    });
    assert_enough(same, seeds.len(), 1, "answers are in the files");
}

/// Three realistic files: an office with mail, telephones and a cluster; a home; a reverse zone.
const FILES: [(&str, &str); 3] = [
    ("corp.example", include_str!("files/corp.example.zone")),
    ("lan", include_str!("files/lan.zone")),
    ("20.10.in-addr.arpa", include_str!("files/20.10.in-addr.arpa.zone")),
];

#[test]
fn files_of_companies_are_answered_as_they_say_but_for_what_is_told() {
    let zones: Vec<Name> = FILES.iter().map(|(zone, _)| Name::parse(zone).unwrap()).collect();
    let serving = coredeck::dns::Serving::new(state::scope(), zones.clone());
    let mut state = State::default();
    let (mut lines, mut cases) = (vec![], vec![]);
    for (zone, text) in FILES {
        let read = read_zone(text.as_bytes(), None).unwrap();
        let (comparison, altered) = state.compare(&serving, &read, Treatment::Add);
        state.apply(&comparison);
        let (again, _) = state.compare(&serving, &read, Treatment::Change { prune: false });
        assert!(again.is_empty(), "{zone}: {again:#?}");
        let case =
            Case { zone: Name::parse(zone).unwrap(), text: text.to_owned(), read, before: State::default() };
        let all = case.read.not_carried.iter().chain(&altered);
        lines.extend(all.filter(|left| !left.is_besides()).map(ToString::to_string));
        cases.push((case, altered));
    }
    assert_eq!(lines.join("\n") + "\n", include_str!("files/told"), "{}", lines.join("\n"));
    let court = binary().map(|binary| {
        let mut court = Court::of(&binary);
        court.load(&state, zones.iter());
        court
    });
    let known = state.known();
    for (case, altered) in &cases {
        let told = Told::of(case.read.not_carried.iter().chain(altered));
        let carried = case.carried(altered);
        let speaks = state.of_wish(&case.zone, &case.read.records, Treatment::Add);
        let names = names(&case.zone, &case.read.records, &speaks);
        let questions = questions(&names, &case.zone);
        let real = court.as_ref().map(|court| court.ask(&questions));
        for (number, (name, kind)) in questions.iter().enumerate() {
            let wanted = said(&carried, &case.read.records, name, *kind);
            let is = &served(&known, &serving, name)[kind];
            assert!(
                wanted == *is || told.has(name, *kind),
                "{name} {kind} is {is:#?}\nand not {wanted:#?}\n{told:?}"
            );
            if let Some(real) = &real {
                assert_eq!(&real[number], is, "{name} {kind}");
            }
        }
    }
}

#[test]
fn coredns_itself_gives_what_the_file_says_or_it_is_told() {
    let Some(binary) = binary() else { return };
    let seeds = seeds();
    let batches: Vec<&[u64]> = seeds.chunks(BATCH).collect();
    let asked = each_batch(
        &batches,
        || Court::of(&binary),
        |court, batch| {
            let mut asked = 0;
            let cases: Vec<(u64, Case)> = batch.iter().map(|seed| (*seed, Case::of(*seed))).collect();
            let mut outcomes = vec![];
            let mut all = State::default();
            for (_, case) in &cases {
                let serving = serving(&case.zone);
                let mut state = case.before.clone();
                let (comparison, altered) = state.compare(&serving, &case.read, Treatment::Add);
                state.apply(&comparison);
                all.extend(&state);
                let told = Told::of(case.read.not_carried.iter().chain(&altered));
                outcomes.push((state, told, case.carried(&altered)));
            }
            court.load(&all, cases.iter().map(|(_, case)| &case.zone));
            for ((seed, case), (state, told, carried)) in cases.iter().zip(&outcomes) {
                let speaks = state.of_wish(&case.zone, &case.read.records, Treatment::Add);
                let names = names(&case.zone, &case.read.records, &speaks);
                let questions = questions(&names, &case.zone);
                for ((name, kind), is) in questions.iter().zip(court.ask(&questions)) {
                    let wanted = said(carried, &case.read.records, name, *kind);
                    asked += 1;
                    assert!(
                        wanted == is || told.has(name, *kind),
                        "seed {seed}: {name} {kind} is {is:#?}\nand not {wanted:#?}\n{}\n{}\n{told:#?}",
                        case.text,
                        state.shown()
                    );
                }
            }
            asked
        },
    );
    eprintln!("{asked} answers of {} files", seeds.len());
}

#[test]
fn coredns_itself_answers_as_before_what_is_exported_and_imported_or_it_is_told() {
    let Some(binary) = binary() else { return };
    let seeds = seeds();
    let batches: Vec<&[u64]> = seeds.chunks(BATCH).collect();
    let asked = each_batch(
        &batches,
        || Court::of(&binary),
        |court, batch| {
            let mut asked = 0;
            let cases: Vec<_> = batch
                .iter()
                .filter_map(|seed| {
                    let zone = Name::parse(&format!("z{seed}.test")).unwrap();
                    let before = generate::records(&mut Rng::with_seed(*seed), &zone);
                    let (file, after, told) = exported(&serving(&zone), &before)?;
                    Some((*seed, zone, before, file, after, told))
                })
                .collect();
            let mut answers = vec![];
            for is_after in [false, true] {
                let mut all = State::default();
                for (_, _, before, _, after, _) in &cases {
                    all.extend(if is_after { after } else { before });
                }
                court.load(&all, cases.iter().map(|(_, zone, ..)| zone));
                let of_case = cases.iter().map(|(_, zone, before, _, after, _)| {
                    let names = names(zone, &[], &[before.keys(), after.keys()].concat());
                    let questions = questions(&names, zone);
                    let replies = court.ask(&questions);
                    questions.into_iter().zip(replies).collect::<Vec<_>>()
                });
                answers.push(of_case.collect::<Vec<_>>());
            }
            for ((case, was), is) in cases.iter().zip(&answers[0]).zip(&answers[1]) {
                let (seed, _, before, file, after, told) = case;
                for (((name, kind), was), (_, is)) in was.iter().zip(is) {
                    asked += 1;
                    assert!(
                        was == is || told.has(name, *kind),
                        "seed {seed}: {name} {kind} is {is:#?}\nand was {was:#?}\n{file}\n{}\n{}\n{told:#?}",
                        before.shown(),
                        after.shown()
                    );
                }
            }
            asked
        },
    );
    eprintln!("{asked} answers of {} scopes", seeds.len());
}
