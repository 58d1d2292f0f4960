//! Watch that breaks while etcd compacts the revisions that it would go on from.
use crate::{
    etcd::etcd_versions,
    proxy::Line,
    site::{Site, until},
};

#[test]
fn a_line_that_is_cut_after_a_compaction_to_the_present_is_survived() {
    Site::each(|site| {
        let mut deck = site.deck("");
        deck.shows("live");
        site.churn();
        site.compact();
        site.line.cut();
        site.write_and_see(&mut deck, 9);
        // The deck also shows later changes.
        site.cluster.etcdctl(&["del", "/coredns/io/gcr/x9"]);
        deck.hides("10.0.0.9");
        site.write_and_see(&mut deck, 8);
    });
}

#[test]
fn a_member_that_is_restarted_after_a_compaction_to_the_present_is_survived() {
    Site::each(|site| {
        let mut deck = site.deck("");
        deck.shows("live");
        site.churn();
        site.compact();
        site.cluster.kill(0);
        site.cluster.restart(0);
        site.write_and_see(&mut deck, 9);
    });
}

#[test]
fn a_line_that_is_cut_under_an_etcd_that_compacts_by_itself_is_survived() {
    let compacts = ["--auto-compaction-mode=periodic", "--auto-compaction-retention=1s"];
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &compacts);
        let mut deck = site.deck("");
        deck.shows("live");
        let seen = site.revision();
        site.churn();
        let at = (seen + 2).to_string();
        until("etcd has compacted", || {
            let got = site.cluster.try_etcdctl(&["get", "none", "--rev", &at]);
            String::from_utf8_lossy(&got.stderr).contains("compacted")
        });
        site.line.cut();
        site.write_and_see(&mut deck, 9);
    }
}

#[test]
fn what_was_deleted_and_compacted_while_the_line_was_cut_rings_although_no_watch_has_told_it() {
    for binary in etcd_versions() {
        let site = Site::new(&binary, (1, false), &[]);
        for number in 100..120 {
            site.cluster.put(&format!("/coredns/io/quay/x{number}"), r#"{"host":"10.0.1.1"}"#);
        }
        let mut deck = site.deck("");
        deck.shows("live").shows("quay");
        site.line.become_(Line::Reset);
        site.cluster.etcdctl(&["del", "--prefix", "/coredns/"]);
        site.churn();
        site.compact();
        site.line.become_(Line::Fine);
        deck.shows("27 keys").hides("10.0.0.1").shows("live");
        assert!(deck.sent.contains(&b'\x07'), "the bell rings");
    }
}
