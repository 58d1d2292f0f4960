//! Fixture on which every other test of etcd depends.
use crate::support::{certificates, etcd};
use std::process::Command;

#[test]
fn a_private_etcd_answers_and_is_gone_afterwards() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.put("/coredns/io/gcr/x1", "{}");
        assert_eq!(private.etcdctl(&["get", "/coredns/io/gcr/x1", "--print-value-only"]).trim(), "{}");
        let dir = private.dir().to_owned();
        let running = || {
            let found = Command::new("pgrep").arg("-f").arg(&dir).output().unwrap();
            String::from_utf8_lossy(&found.stdout).lines().count()
        };
        assert_eq!(running(), 1);
        drop(private);
        assert_eq!(running(), 0);
        assert!(!dir.exists());
    }
}

#[test]
fn a_private_cluster_with_tls_and_users_has_a_leader() {
    let dir = tempfile::tempdir().unwrap();
    let authority = certificates::Authority::new("test", dir.path());
    let mut cluster = etcd::Setup::default().mutual_tls(&authority).start_cluster(3);
    let leader = cluster.leader();
    cluster.kill((leader + 1) % 3);
    cluster.restart((leader + 1) % 3);
    cluster.enable_authentication();
    cluster.put("/coredns/x", "{}");
}
