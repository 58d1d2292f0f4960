//! Answers of `CoreDNS`, worked out from the index, beside a `CoreDNS` that reads the same records from etcd; and the
//! findings of the whole scope.
use super::{
    coredns::{self, Corefile, PrivateCoreDns, Query},
    records,
    report::{Aim, Peer, Report, grouped, ratio, time},
};
use coredeck::{
    dns::{Name, QueryType, Question, Serving, answer, lint::lint},
    index::Records,
};
use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

/// Hosts that are asked for, all over the scope.
const QUESTIONS: usize = 10_000;
/// Hosts that `CoreDNS` is asked for: it answers slower, and fewer are enough.
const ASKED: usize = 1_000;
/// Aims at a million records, on two cores.
const LINTED: Duration = Duration::from_secs(3);
const MEMORY: u64 = 400_000_000;

/// Asks for the addresses of hosts, one after the other.
pub(super) fn per_second(records: &Records, endpoint: &str, size: usize, report: &mut Report) {
    let serving = serving(records);
    let host = |number: usize| host(number * 7919 % size, size);
    let questions: Vec<Question> =
        (0..QUESTIONS).map(|number| Question::new(&host(number), QueryType::A).unwrap()).collect();
    let began = Instant::now();
    for question in &questions {
        let answer = black_box(answer(records, &serving, question));
        assert_eq!(answer.answer.len(), 1, "{}", question.spelled);
    }
    let ours = began.elapsed() / u32::try_from(QUESTIONS).unwrap();
    let told = format!("{} answers/s", grouped(rate(ours)));
    let peer = peer(endpoint, ours, host);
    report.row("an address, one after the other", &told, &peer, Aim::None);
}

/// Looks at all records.
pub(super) fn findings(records: &Records, size: usize, report: &mut Report) {
    let serving = serving(records);
    // From here on the peak is counted anew (proc(5)).
    let _ = fs::write("/proc/self/clear_refs", "5");
    let began = Instant::now();
    let findings = lint(records, &serving);
    let took = began.elapsed();
    let memory = peak();
    // A JSON parser reads the same values; lint does more than once that work.
    let began = Instant::now();
    let mut cursor = records.cursor();
    while let Some(record) = cursor.record() {
        let value: serde_json::Value = serde_json::from_slice(record.value).unwrap();
        black_box(value);
        cursor.advance();
    }
    let parsed = began.elapsed();
    let peer = Peer {
        told: format!("serde_json parses all values: {}", time(parsed)),
        ratio: format!("{:.1}x", ratio(took, parsed)),
    };
    let told = format!("{}, {} MB at most", time(took), memory / 1_000_000);
    let aim = if size >= 1_000_000 {
        Aim::Met(took < LINTED && memory < MEMORY, "3 s, 400 MB with the records")
    } else {
        Aim::None
    };
    report.row("lint of everything", &told, &peer, aim);
    black_box(findings);
}

/// Makes a zone of each second-level name, as operators have them.
fn serving(records: &Records) -> Serving {
    let zones = records::DOMAINS.iter().map(|domain| Name::parse(domain).unwrap()).collect();
    Serving::new(records.scope().clone(), zones)
}

fn peer(endpoint: &str, ours: Duration, host: impl Fn(usize) -> String) -> Peer {
    let Some(binary) = coredns::binary() else { return Peer::skipped("COREDECK_TEST_COREDNS") };
    let query = |name: &str| Query { labels: name.split('.').map(Into::into).collect(), kind: 1 };
    let corefile = Corefile {
        text: format!(
            "{}:@0@ {{\n bind 127.0.0.1\n etcd {{\n path /coredns\n endpoint {endpoint}\n }}\n}}\n",
            records::DOMAINS.join(":@0@ ")
        ),
        ports: 1,
        probes: vec![Query { labels: vec![records::DOMAINS[0].into()], kind: 6 }],
        files: vec![],
    };
    let server = PrivateCoreDns::start(&binary, &corefile);
    let queries: Vec<Query> = (0..ASKED).map(|number| query(&host(number))).collect();
    let began = Instant::now();
    let replies = server.ask(0, &queries);
    let theirs = began.elapsed() / u32::try_from(ASKED).unwrap();
    // The number of answers is in bytes 6 and 7 (RFC 1035, section 4.1.1).
    assert!(replies.iter().flatten().all(|reply| reply[6..8] == [0, 1]), "CoreDNS answers each");
    Peer {
        told: format!("CoreDNS {}/s", grouped(rate(theirs))),
        ratio: format!("{:.0}x", ratio(theirs, ours)),
    }
}

fn rate(time: Duration) -> u64 {
    u64::try_from(Duration::from_secs(1).as_nanos() / time.as_nanos().max(1)).unwrap_or_default()
}

/// Returns the DNS name of a host.
fn host(number: usize, size: usize) -> String {
    let key = records::key(number, size);
    let labels: Vec<&str> = key.trim_start_matches("/coredns/").rsplit('/').collect();
    labels.join(".")
}

/// Returns the most memory that this process had since the last reset (proc(5), `VmHWM`).
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}
