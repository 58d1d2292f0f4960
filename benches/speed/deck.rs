//! Opening of the deck: the time to a useful screen and to the complete one, and the memory for it.
use super::{
    numbers::{Times, median},
    peers, records,
    report::{Aim, Peer, Report, megabytes, note, ratio, times},
    terminal::Terminal,
};
use coredeck::{
    keys::ClusterId,
    known_clusters::{KnownCluster, KnownClusters},
};
use jiff::Timestamp;
use std::path::Path;

const COREDECK: &str = env!("CARGO_BIN_EXE_coredeck");
/// Records of a large scope: only there the deck has to be ten times faster than etcdctl.
const LARGE: usize = 1_000_000;

/// Place where the deck is opened.
pub(super) struct Place<'a> {
    pub(super) endpoint: &'a str,
    pub(super) home: &'a Path,
    pub(super) size: usize,
}

impl Place<'_> {
    /// Makes the cluster known: the deck would ask about another one.
    pub(super) fn meet(&self) {
        let clusters = KnownClusters::in_directory(&self.home.join(".local/state/coredeck"));
        let cluster = ClusterId(peers::cluster(self.endpoint));
        let (name, label) = (self.endpoint.to_owned(), "bench".to_owned());
        clusters
            .remember(&KnownCluster { name, cluster, label, since: Timestamp::UNIX_EPOCH, members: vec![] })
            .expect("a home");
    }

    pub(super) fn open(&self, more: &[&str]) -> Terminal {
        let arguments = [&["--endpoints", self.endpoint], more].concat();
        Terminal::start(COREDECK, &arguments, self.home)
    }
}

/// Tells whether the tree shows the first domain.
pub(super) fn has_rows(screen: &Terminal) -> bool {
    // The first row is the scope's own. As long as only one zone is known it shares the domain's row.
    let first = records::DOMAINS[0];
    let in_tree = |row: &String| row.chars().take(24).collect::<String>().contains(first);
    screen.rows().iter().any(in_tree)
}

pub(super) fn is_live(screen: &Terminal) -> bool {
    screen.rows().first().is_some_and(|header| header.contains("  live"))
}

/// Measures the first useful frame, the complete index, and the memory for it.
pub(super) fn opening(place: &Place<'_>, bytes: u64, runs: usize, report: &mut Report) {
    let (mut first, mut live, mut listing) = (Times::default(), Times::default(), Times::default());
    let (mut bare, mut bare_first) = (Times::default(), Times::default());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        if let Some((took, peak)) = peers::etcdctl_get(place.endpoint, "/coredns/", true) {
            listing.push(took);
            theirs.push(peak);
        }
        peers::settle();
        let mut deck = place.open(&[]);
        let Some(took) = deck.until(has_rows) else {
            return report.broken(&deck.never_showed("the tree's first rows"));
        };
        first.push(took);
        let Some(took) = deck.until(is_live) else {
            return report.broken(&deck.never_showed("that it is live"));
        };
        live.push(took);
        ours.push(deck.peak_memory());
        drop(deck);
        peers::settle();
        bare.push(peers::bare_client(place.endpoint, 0));
        peers::settle();
        bare_first.push(peers::bare_client(place.endpoint, 1));
    }
    let (peer, aim) = if listing.len() == 0 {
        (Peer::skipped("etcdctl"), Aim::None)
    } else {
        let sooner = ratio(listing.median(), first.median());
        let aim = "10 times sooner";
        let aim = if place.size >= LARGE { Aim::Met(sooner >= 10.0, aim) } else { Aim::None };
        let told = format!("etcdctl keys-only {}", times(&listing));
        (Peer { told, ratio: format!("{sooner:.1} times sooner") }, aim)
    };
    report.row("first useful frame", &times(&first), &peer, aim);
    let of_etcd = ratio(bare_first.median(), first.median()) * 100.0;
    note(&format!(
        "of which etcd needs {} ({of_etcd:.0} %) to answer with a first record at all: it counts the whole range",
        times(&bare_first)
    ));
    let against = ratio(live.median(), bare.median());
    // A process that starts and draws cannot be 1.5 times a call that takes a millisecond.
    let aim = if place.size >= 100_000 { Aim::Met(against <= 1.5, "1.5 times") } else { Aim::None };
    let told = format!("bare client, one Range {}", times(&bare));
    report.row("complete index", &times(&live), &Peer { told, ratio: format!("{against:.2} times") }, aim);
    let ours = median(ours);
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let of_data = ours as f64 / bytes as f64;
    let aim = if place.size >= LARGE { Aim::Met(of_data <= 2.0, "twice the bytes") } else { Aim::None };
    let told = format!("keys and values {}; etcdctl {}", megabytes(bytes), megabytes(median(theirs)));
    let peer = Peer { told, ratio: format!("{of_data:.2} times the bytes") };
    report.row("peak memory when complete", &megabytes(ours), &peer, aim);
}

/// Measures one name: in the deck, and from the command line.
pub(super) fn name(place: &Place<'_>, runs: usize, report: &mut Report) {
    let (key, name) = records::middle(place.size);
    let host = records::value(place.size / 2, 0);
    let host = host.split('"').nth(3).unwrap_or_default().to_owned();
    let (mut deck, mut get, mut etcdctl) = (Times::default(), Times::default(), Times::default());
    for _ in 0..runs {
        peers::settle();
        if let Some((took, _)) = peers::etcdctl_get(place.endpoint, &key, false) {
            etcdctl.push(took);
        }
        if let Some((took, _)) = peers::run(COREDECK, &["--endpoints", place.endpoint, "get", &name]) {
            get.push(took);
        }
        let mut opened = place.open(&[&name]);
        let Some(took) = opened.until(|screen| screen.text().contains(&host)) else {
            return report.broken(&opened.never_showed(&host));
        };
        deck.push(took);
    }
    for (what, ours) in [("coredeck NAME, on the screen", deck), ("coredeck get NAME, ended", get)] {
        let (peer, aim) = if etcdctl.len() == 0 {
            (Peer::skipped("etcdctl"), Aim::None)
        } else {
            let against = ratio(ours.median(), etcdctl.median());
            let aim = Aim::Met(against <= 1.3, "1.3 times");
            let told = format!("etcdctl get --prefix {}", times(&etcdctl));
            (Peer { told, ratio: format!("{against:.2} times") }, aim)
        };
        report.row(what, &times(&ours), &peer, aim);
    }
}
