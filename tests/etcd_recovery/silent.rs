//! Watches that send nothing any more, and one that answers no question at all.
use crate::{
    etcd::{etcd_versions, recorder::Recorder},
    proxy::{Line, Way},
    site::Site,
};
use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Intervals that make the deck look at its watch more often, so that a test need not wait.
const OFTEN: &str = "ask=200,silence=1500";
/// Time for a proxy to listen on a busy machine.
const LISTENS_WITHIN: Duration = Duration::from_secs(30);

#[test]
fn a_watch_that_falls_silent_while_everything_else_goes_on_is_called_stale_and_read_in_its_place() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        let recorder = Recorder::before(&site.cluster.endpoints()[0], "/coredns/");
        let mut deck = site.deck_at(&recorder.endpoint(), OFTEN);
        deck.shows("live");
        site.write_and_see(&mut deck, 7);
        recorder.mute_watches(true);
        deck.shows("STALE as of");
        site.cluster.put("/coredns/io/gcr/x8", r#"{"host":"10.0.0.8"}"#);
        deck.shows("10.0.0.8");
        recorder.mute_watches(false);
        site.write_and_see(&mut deck, 9);
    }
}

#[test]
fn a_line_that_holds_one_direction_is_noticed_and_what_happened_meanwhile_is_shown() {
    for binary in etcd_versions() {
        for (way, tls) in [(Way::FromMember, false), (Way::ToMember, true)] {
            let site = Site::new(&binary, (1, tls), &[]);
            let mut deck = site.deck("");
            deck.shows("live");
            site.line.become_(Line::Held(way));
            site.cluster.put("/coredns/io/gcr/x8", r#"{"host":"10.0.0.8"}"#);
            deck.shows("STALE as of").shows("READ-ONLY");
            site.line.become_(Line::Fine);
            deck.shows("10.0.0.8");
            site.write_and_see(&mut deck, 9);
        }
    }
}

struct GrpcProxy {
    running: Child,
    endpoint: String,
}

impl GrpcProxy {
    fn before(binary: &std::path::Path, endpoint: &str) -> Self {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = held.local_addr().unwrap().to_string();
        drop(held);
        let running = Command::new(binary)
            .args(["grpc-proxy", "start", "--endpoints", endpoint, "--listen-addr", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + LISTENS_WITHIN;
        while TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < deadline, "the proxy never listened");
            thread::sleep(Duration::from_millis(20));
        }
        Self { running, endpoint: format!("http://{address}") }
    }
}

impl Drop for GrpcProxy {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

#[test]
fn behind_a_grpc_proxy_everything_is_shown_and_nothing_is_called_live() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        let proxy = GrpcProxy::before(&binary, &site.cluster.endpoints()[0]);
        let mut deck = site.deck_at(&proxy.endpoint, OFTEN);
        deck.shows("read ");
        for number in 5..9 {
            site.churn();
            site.cluster
                .put(&format!("/coredns/io/gcr/x{number}"), &format!(r#"{{"host":"10.0.0.{number}"}}"#));
            deck.shows(&format!("10.0.0.{number}"));
            assert!(!deck.text().contains("live"), "{}", deck.text());
        }
        // A busy machine may be late with a reading; this does not last.
        deck.shows("WRITE").hides("STALE");
    }
}

#[test]
fn watches_that_a_grpc_proxy_joins_into_one_are_of_the_cluster_behind_it() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        let proxy = GrpcProxy::before(&binary, &site.cluster.endpoints()[0]);
        // Watches of one range and revision become one. The proxy makes up the message that confirms each but the first,
        // and leaves the cluster out of it.
        let mut decks = [site.deck_at(&proxy.endpoint, OFTEN), site.deck_at(&proxy.endpoint, OFTEN)];
        for number in 5..9 {
            site.cluster
                .put(&format!("/coredns/io/gcr/x{number}"), &format!(r#"{{"host":"10.0.0.{number}"}}"#));
            for deck in &mut decks {
                deck.shows(&format!("10.0.0.{number}")).shows("WRITE");
            }
        }
    }
}
