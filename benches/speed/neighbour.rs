//! Neighbour on the same etcd: a client whose puts must not have to wait, or one that changes a lot.
use super::{
    deck::{Place, has_rows, is_live},
    numbers::Times,
    peers, records,
    report::{Aim, Peer, Report, time},
};
use etcd_client::Client;
use futures_util::future::join_all;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};

/// Pause between two puts of the client whose waiting is measured.
const PACE: Duration = Duration::from_millis(2);

/// Client at work until it is stopped.
pub(super) struct Neighbour<T> {
    stop: Arc<AtomicBool>,
    work: JoinHandle<T>,
}

impl<T> Neighbour<T> {
    pub(super) fn stop(self) -> T {
        self.stop.store(true, Ordering::Relaxed);
        self.work.join().unwrap()
    }
}

/// Puts a key outside the scope, one after the other, and measures the time of each.
pub(super) fn putting(endpoint: &str) -> Neighbour<Times> {
    let (stop, endpoint) = (Arc::new(AtomicBool::new(false)), endpoint.to_owned());
    let stopped = Arc::clone(&stop);
    let work = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut kv = Client::connect([endpoint], None).await.unwrap().kv_client();
            let mut times = Times::default();
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                kv.put("/another/client", "works here", None).await.unwrap();
                times.push(began.elapsed());
                tokio::time::sleep(PACE).await;
            }
            times
        })
    });
    Neighbour { stop, work }
}

/// Changes a thousand records of the scope in every second, each in a transaction of its own. Returns the number of
/// changes, and their time.
pub(super) fn changing(endpoint: &str, size: usize) -> Neighbour<(usize, Duration)> {
    const AT_ONCE: usize = 10;
    let (stop, endpoint) = (Arc::new(AtomicBool::new(false)), endpoint.to_owned());
    let stopped = Arc::clone(&stop);
    let work = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = Client::connect([endpoint], None).await.unwrap();
            let (mut changed, began) = (0, Instant::now());
            let mut tick = interval(Duration::from_millis(10));
            tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
            while !stopped.load(Ordering::Relaxed) {
                tick.tick().await;
                let puts = (changed..changed + AT_ONCE).map(|change| {
                    // A prime leads all over the scope.
                    let number = change * 7919 % size;
                    let mut kv = client.kv_client();
                    async move {
                        let value = records::value(number, change + 1);
                        kv.put(records::key(number, size), value, None).await.unwrap()
                    }
                });
                join_all(puts).await;
                changed += AT_ONCE;
            }
            (changed, began.elapsed())
        })
    });
    Neighbour { stop, work }
}

/// Measures the puts of another client while nothing else happens, while etcdctl lists, and while the deck loads.
pub(super) fn put_latency(place: &Place<'_>, runs: usize, report: &mut Report) {
    let idle = putting(place.endpoint);
    thread::sleep(Duration::from_secs(2));
    let idle = idle.stop();
    let (mut listing, mut loading) = (Times::default(), Times::default());
    let mut has_etcdctl = true;
    for _ in 0..runs {
        let puts = putting(place.endpoint);
        has_etcdctl &= peers::etcdctl_get(place.endpoint, "/coredns/", false).is_some();
        listing.extend(puts.stop());
        let puts = putting(place.endpoint);
        let mut deck = place.open(&[]);
        let opened = deck.wait(has_rows).and_then(|_| deck.wait(is_live));
        loading.extend(puts.stop());
        if opened.is_none() {
            return report.broken(&deck.never_showed("that it is live"));
        }
    }
    let told = |times: &Times| {
        let [middle, most, all] = [0.5, 0.99, 1.0].map(|share| time(times.quantile(share)));
        format!("{middle} / {most} / {all}")
    };
    let listing = if has_etcdctl { told(&listing) } else { "skipped".to_owned() };
    let peer = Peer { told: format!("etcdctl lists {listing}; idle {}", told(&idle)), ratio: String::new() };
    report.row("put of another, p50 / p99 / max", &told(&loading), &peer, Aim::None);
}
