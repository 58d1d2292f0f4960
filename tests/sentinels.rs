//! Promise P1 on a real etcd: whatever a session does below the scope, no key beside it is ever touched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody stands outside a test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]
#![allow(dead_code, reason = "each test crate takes what it needs of the support")]

mod support;

use coredeck::store::etcd::EtcdSettings;
use support::{
    etcd::{Setup, etcd_versions},
    session,
};

const OPERATIONS: usize = 3_000;

async fn nothing_beside_the_scope_changes(users: bool, seed: u64) {
    for binary in etcd_versions() {
        let etcd = Setup::default().binary(&binary).start();
        let mut settings = EtcdSettings::new([etcd.endpoint()]);
        if users {
            etcd.enable_authentication();
            settings.user = Some("dns".to_owned());
            settings.password = Some("dns".into());
        }
        let root = session::root(&etcd, users).await;
        let before = session::place_sentinels(&root).await;
        let tally = session::run(&settings, &root, OPERATIONS, seed).await;
        assert_eq!(session::sentinels(&root).await, before, "{}, seed {seed:#x}", binary.display());
        // A session in which nothing happens would prove nothing.
        assert!(tally.done > OPERATIONS / 4 && tally.deleted > OPERATIONS / 10, "{tally:?}");
        assert!(tally.conflicts > OPERATIONS / 50 && tally.wrongly_typed > OPERATIONS / 50, "{tally:?}");
        assert!(tally.refused_outside > OPERATIONS / 20, "{tally:?}");
    }
}

#[tokio::test]
async fn a_session_of_random_operations_touches_nothing_beside_its_scope() {
    nothing_beside_the_scope_changes(false, 0x5eed_0001).await;
}

#[tokio::test]
async fn nor_does_one_under_a_role_that_may_do_nothing_but_the_scope() {
    nothing_beside_the_scope_changes(true, 0x5eed_0002).await;
}
