//! Watches that send nothing any more, and one that answers no question at all.
use crate::{
    etcd::{etcd_versions, recorder::Recorder},
    proxy::{Line, Way},
    site::Site,
};

/// Intervals that make the deck look at its watch more often, so that a test need not wait.
const OFTEN: &str = "ask=200,silence=1500";

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

#[test]
fn behind_a_grpc_proxy_everything_is_shown_and_nothing_is_called_live() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        let (_proxy, endpoint) = site.cluster.start_proxy();
        let mut deck = site.deck_at(&endpoint, OFTEN);
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
        let (_proxy, endpoint) = site.cluster.start_proxy();
        // Watches of one range and revision become one. The proxy makes up the message that confirms each but the first,
        // and leaves the cluster out of it.
        let mut decks = [site.deck_at(&endpoint, OFTEN), site.deck_at(&endpoint, OFTEN)];
        for number in 5..9 {
            site.cluster
                .put(&format!("/coredns/io/gcr/x{number}"), &format!(r#"{{"host":"10.0.0.{number}"}}"#));
            for deck in &mut decks {
                deck.shows(&format!("10.0.0.{number}")).shows("WRITE");
            }
        }
    }
}
