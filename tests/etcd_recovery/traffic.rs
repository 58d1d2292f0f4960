//! Traffic of a deck to etcd while something goes wrong.
use crate::{
    etcd::{etcd_versions, recorder::Recorder},
    proxy::Proxy,
    site::Site,
};
use std::time::{Duration, Instant};

/// The most requests of a deck in a minute that goes wrong, of all kinds: half of them count everybody's keys, about
/// every ten seconds.
const MOST_A_MINUTE: f64 = 240.0;
/// The most requests at once, when something happens: each is repeated after pauses that grow.
const AT_ONCE: f64 = 40.0;
/// Time of a measurement: a loop without pauses makes hundreds of requests in it.
const LOOKS_FOR: Duration = Duration::from_secs(15);

/// Makes something happen from time to time, and counts the deck's requests meanwhile. Each time may cost as many
/// requests as were on their way, because they are repeated.
fn costs(what: &str, recorder: &Recorder, mut happens: impl FnMut() -> usize) {
    let (before, began) = (recorder.requests().len(), Instant::now());
    let mut on_their_way = 0;
    while began.elapsed() < LOOKS_FOR {
        on_their_way += happens();
        std::thread::sleep(Duration::from_millis(300));
    }
    let (requests, minutes) = (recorder.requests().len() - before, began.elapsed().as_secs_f64() / 60.0);
    println!("{what}: {requests} requests in {:.0} s", minutes * 60.0);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let [requests, on_their_way] = [requests, on_their_way].map(|number| number as f64);
    let ceiling = AT_ONCE + MOST_A_MINUTE * minutes + on_their_way;
    assert!(requests <= ceiling, "{what}: {requests} requests, {ceiling} at most");
}

#[test]
fn a_broken_world_costs_etcd_a_few_requests_a_second_at_most() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        let recorder = Recorder::before(&site.cluster.endpoints()[0], "/coredns/");
        let line = Proxy::before(&recorder.endpoint());
        let mut deck = site.deck_at(&line.endpoint(), "");
        deck.shows("live");
        site.churn();
        site.compact();
        line.cut();
        costs("a line that is cut once, after a compaction", &recorder, || 0);
        costs("a line that is cut again and again", &recorder, || {
            line.cut();
            1
        });
        costs("a watch that brings nothing", &recorder, || {
            recorder.mute_watches(true);
            0
        });
        recorder.mute_watches(false);
        site.write_and_see(&mut deck, 9);
    }
}
