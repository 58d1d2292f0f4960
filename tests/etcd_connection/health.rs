//! Health of clusters whose members die, change places, run out of space, or do not report their vitals.
use crate::{
    session::reader,
    support::{certificates::Authority, etcd},
};
use coredeck::{
    failure::Failure,
    health::{AlarmKind, Health, HealthWord, Leader, MemberState},
    store::{
        Attempts, Reader as _,
        etcd::{EtcdReader, EtcdSettings, connect},
    },
};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::{future::Future, time::Duration};

const WITHIN: Duration = Duration::from_secs(6);
/// Time for an election, on a busy machine.
const SETTLED: Duration = Duration::from_secs(60);

/// Asks until the answer is as it has to become.
async fn until<F: Future<Output = Health>>(ask: impl Fn() -> F, wanted: impl Fn(&Health) -> bool) -> Health {
    let began = tokio::time::Instant::now();
    loop {
        let health = ask().await;
        if wanted(&health) {
            return health;
        }
        assert!(began.elapsed() < SETTLED, "it stays so: {health:#?}");
    }
}

async fn asked(reader: &EtcdReader) -> Health {
    reader.health(WITHIN).await
}

#[tokio::test]
async fn a_cluster_loses_its_members_one_by_one_and_gets_them_back() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        // Only one endpoint is named: the others are found by the member list.
        let leader = cluster.leader();
        let watched = reader(vec![cluster.endpoints()[leader].clone()]).await;
        let ask = || asked(&watched);
        let well = until(ask, |health| health.word() == HealthWord::Well("3/3 up".to_owned())).await;
        assert_eq!(well.sentence(), "3 members, 3 up: one may fail, the next failure stops all writes");
        assert_eq!(well.findings(), [], "{binary:?}");
        let Leader::Is(id) = well.leader() else { panic!("{well:#?}") };
        assert_eq!(well.member(id).unwrap().endpoint.as_deref(), Some(cluster.endpoints()[leader].as_str()));
        let follower = (leader + 1) % 3;
        cluster.kill(follower);
        let one_down = until(ask, |health| health.votes().up == 2).await;
        assert_eq!(one_down.sentence(), "3 members, 2 up: one more failure stops all writes");
        assert_eq!((one_down.quorum(), one_down.spare(), one_down.is_wrong()), (Some(true), Some(0), true));
        cluster.kill((leader + 2) % 3);
        let two_down = until(ask, |health| health.quorum() == Some(false)).await;
        assert_eq!(two_down.sentence(), "3 members, 1 up: no leader, nothing can be written");
        assert_eq!(two_down.word(), HealthWord::Wrong("NO QUORUM".to_owned()));
        cluster.restart(follower);
        until(ask, |health| health.quorum() == Some(true) && health.votes().up == 2).await;
    }
}

#[tokio::test]
async fn the_leader_is_found_wherever_it_went_and_a_dead_first_endpoint_hides_nothing() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let leader = cluster.leader();
    let mut endpoints = cluster.endpoints();
    endpoints.rotate_left(leader);
    let watched = reader(endpoints.clone()).await;
    cluster.kill(leader);
    let moved = until(
        || asked(&watched),
        |health| matches!(health.leader(), Leader::Is(_)) && health.votes().up == 2,
    )
    .await;
    let Leader::Is(id) = moved.leader() else { panic!("{moved:#?}") };
    assert_ne!(moved.member(id).unwrap().endpoint.as_ref(), endpoints.first());
    assert!(matches!(moved.endpoints[0].answer, Err(Failure::NothingListening { .. })), "{moved:#?}");
    // A new start, with the dead one named first.
    let fresh =
        coredeck::store::etcd::examine(&EtcdSettings::new(endpoints), &crate::session::scope(), WITHIN).await;
    assert_eq!(fresh.unwrap().sentence(), "3 members, 2 up: one more failure stops all writes");
}

#[tokio::test]
async fn a_member_that_hangs_is_down_and_keeps_nobody_waiting() {
    let cluster = etcd::Setup::default().start_cluster(3);
    let watched = reader(cluster.endpoints()).await;
    cluster.pause(2);
    let began = tokio::time::Instant::now();
    let health = asked(&watched).await;
    assert!(began.elapsed() < WITHIN * 5, "it waited for the member: {:?}", began.elapsed());
    assert_eq!(health.votes().up, 2, "{health:#?}");
    // A look that is too short to know does not call a member down.
    let short = watched.health(Duration::from_millis(400)).await;
    assert!(short.votes().unknown > 0 || short.votes().up == 3, "{short:#?}");
    cluster.resume(2);
}

#[tokio::test]
async fn without_a_quorum_a_fresh_look_tells_what_is_known() {
    let mut cluster = etcd::Setup::default().start_cluster(3);
    let endpoints = cluster.endpoints();
    let (one, other) = (0, 1);
    cluster.kill(one);
    cluster.kill(other);
    let settings = EtcdSettings::new(endpoints);
    let look =
        async || coredeck::store::etcd::examine(&settings, &crate::session::scope(), WITHIN).await.unwrap();
    let health = until(look, |health| health.quorum() == Some(false)).await;
    assert_eq!(health.sentence(), "3 members, 1 up: no leader, nothing can be written");
    assert!(health.members.iter().all(|member| member.id.is_some()), "{health:#?}");
}

#[tokio::test]
async fn a_learner_has_no_vote() {
    let private = etcd::start();
    let watched = reader(vec![private.endpoint()]).await;
    private.etcdctl(&["member", "add", "late", "--learner", "--peer-urls=http://127.0.0.1:9"]);
    let health = asked(&watched).await;
    assert_eq!(health.sentence(), "1 member and 1 learner without a vote: its failure stops everything");
    let learner = health.members.iter().find(|member| member.learner).unwrap();
    assert!(
        matches!(&learner.state, MemberState::NotStarted(at) if at == "http://127.0.0.1:9"),
        "{learner:?}"
    );
    assert!(!health.is_wrong(), "{health:#?}");
}

#[tokio::test]
async fn a_learner_that_runs_is_asked_for_nothing_but_how_it_is() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(1);
        cluster.put("/coredns/io/gcr/x1", "{}");
        let learner = cluster.join_as_learner();
        let endpoints = cluster.endpoints();
        // If it is named first, it is passed over; if it is named alone, it is not taken for a cluster without a
        // leader.
        let watched = reader(vec![endpoints[learner].clone(), endpoints[0].clone()]).await;
        assert_eq!(watched.count(&crate::session::scope().range()).await.unwrap().keys, 1);
        let alone = EtcdSettings::new([endpoints[learner].clone()]);
        let refused = connect(&alone, &crate::session::scope(), &Attempts::default()).await.unwrap_err();
        assert_eq!(refused, Failure::Learner { endpoint: endpoints[learner].clone() });
        let health = until(
            || asked(&watched),
            |health| health.members.iter().all(|member| member.vitals().is_some()) && !health.is_wrong(),
        )
        .await;
        assert_eq!(health.sentence(), "1 member and 1 learner without a vote: its failure stops everything");
        assert_eq!((health.votes().all, health.votes().up, health.spare()), (1, 1, Some(0)));
        let row = health.rows().into_iter().find(|row| row.endpoint == endpoints[learner]).unwrap();
        assert_eq!(row.is, "learner");
    }
}

#[tokio::test]
async fn a_learner_alone_is_never_taken_for_a_cluster_that_is_well() {
    for binary in etcd::etcd_versions() {
        let mut cluster = etcd::Setup::default().binary(&binary).start_cluster(1);
        let learner = cluster.join_as_learner();
        let endpoints = cluster.endpoints();
        let alone = EtcdSettings::new([endpoints[learner].clone()]);
        let known = EtcdSettings { further: Some(vec![endpoints[0].clone()]), ..alone.clone() };
        let look = async |settings: &EtcdSettings| {
            coredeck::store::etcd::examine(settings, &crate::session::scope(), WITHIN).await.unwrap()
        };
        let seen = until(|| look(&alone), |health| health.members[0].vitals().is_some()).await;
        assert_eq!(seen.rows()[0].is, "learner", "{binary:?}: {seen:#?}");
        assert_eq!((seen.quorum(), seen.is_wrong()), (None, true), "{binary:?}: {seen:#?}");
        // Voters that were known are asked.
        let all = until(|| look(&known), |health| health.quorum() == Some(true)).await;
        assert_eq!(all.sentence(), "1 member and 1 learner without a vote: its failure stops everything");
        cluster.kill(0);
        for settings in [&alone, &known] {
            let dead = look(settings).await;
            assert!(dead.is_wrong() && dead.quorum() != Some(true), "{binary:?}: {dead:#?}");
        }
    }
}

#[tokio::test]
async fn a_member_that_was_added_and_never_started_counts_for_the_quorum_and_not_as_up() {
    for binary in etcd::etcd_versions() {
        let cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        let watched = reader(cluster.endpoints()).await;
        // etcd takes no new member before all have heard of each other for some seconds.
        let add = ["member", "add", "late", "--peer-urls=http://127.0.0.1:9"];
        let began = tokio::time::Instant::now();
        while !cluster.try_etcdctl(&add).status.success() {
            assert!(began.elapsed() < SETTLED, "no member can be added");
        }
        let health = asked(&watched).await;
        assert_eq!(health.sentence(), "4 members, 3 up: one more failure stops all writes");
        assert_eq!((health.word(), health.spare()), (HealthWord::Careful("3/4 up".to_owned()), Some(0)));
        let worst = &health.findings()[0];
        assert!(worst.what.ends_with("was added as http://127.0.0.1:9 and has never started"), "{worst:?}");
        assert!(health.is_wrong() && worst.remedy.contains("member remove"), "{worst:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_member_is_behind_is_told_when_it_answers_again_and_until_it_has_caught_up() {
    // More entries than the program lets a member lag in silence, in requests that take the member a while.
    const ENTRIES: usize = 6_000;
    for binary in etcd::etcd_versions() {
        let cluster = etcd::Setup::default().binary(&binary).start_cluster(3);
        let leader = cluster.leader();
        let follower = (leader + 1) % 3;
        let watched =
            reader(vec![cluster.endpoints()[leader].clone(), cluster.endpoints()[follower].clone()]).await;
        until(|| asked(&watched), |health| health.votes().up == 3).await;
        cluster.pause(follower);
        let silent = until(|| asked(&watched), |health| health.votes().up == 2).await;
        let down = silent.findings().remove(0);
        assert!(down.what.contains(" is down: ") && down.remedy.contains("etcd's log"), "{down:?}");
        let endpoint = &cluster.endpoints()[leader];
        cluster
            .with_client(endpoint, |client| async move {
                let put = |number: usize| {
                    let client = client.clone();
                    async move {
                        client.kv_client().put(format!("/others/{number}"), vec![b'x'; 5_000], None).await
                    }
                };
                let all = stream::iter((0..ENTRIES).map(put)).buffer_unordered(64);
                all.try_for_each(|_| async { Ok(()) }).await.unwrap();
            })
            .unwrap();
        // It is asked while it hangs, and answers before it has received everything that it missed.
        let (lagging, ()) = tokio::join!(asked(&watched), async { cluster.resume(follower) });
        let finding = lagging.findings().remove(0);
        assert!(finding.what.ends_with(" entries behind") && lagging.is_wrong(), "{lagging:#?}");
        let row =
            lagging.rows().into_iter().find(|row| row.endpoint == cluster.endpoints()[follower]).unwrap();
        assert!(row.log.ends_with(" behind"), "{row:?}");
        until(|| asked(&watched), |health| health.findings().is_empty()).await;
    }
}

#[tokio::test]
async fn a_full_store_raises_its_alarm_with_every_member_that_tells() {
    for binary in etcd::etcd_versions() {
        let setup = etcd::Setup::default().binary(&binary).argument("--quota-backend-bytes=16777216");
        let private = setup.start();
        let watched = reader(vec![private.unrecorded_endpoint()]).await;
        let value = "x".repeat(100_000);
        for number in 0..400 {
            let key = format!("/coredns/{number}");
            if !private.try_etcdctl(&["put", &key, &value]).status.success() {
                break;
            }
        }
        let full = until(|| asked(&watched), |health| health.is_raised(&AlarmKind::NoSpace)).await;
        assert!(full.is_wrong());
        let usage = full.members[0].vitals().unwrap().usage().unwrap();
        // etcd reports its quota since 3.6.
        if !usage.assumed {
            assert!(usage.percent > 90 && usage.quota == 16 << 20, "{usage:?}");
            assert!(
                full.findings().iter().any(|finding| finding.what.contains("is nearly full")),
                "{full:#?}"
            );
        }
    }
}

#[tokio::test]
async fn a_user_that_is_told_nothing_still_learns_of_leader_and_alarms() {
    for binary in etcd::etcd_versions() {
        let private = etcd::Setup::default().binary(&binary).start();
        private.enable_authentication();
        let mut settings = EtcdSettings::new([private.endpoint()]);
        (settings.user, settings.password) = (Some("dns".to_owned()), Some("dns".into()));
        let health =
            coredeck::store::etcd::examine(&settings, &crate::session::scope(), WITHIN).await.unwrap();
        assert_eq!((health.quorum(), health.alarms.clone()), (Some(true), Some(vec![])), "{health:#?}");
        assert_eq!(health.word(), HealthWord::Well("1/1 up".to_owned()));
        assert!(!health.is_wrong());
        // Nobody at all may connect.
        let nobody = EtcdSettings::new([private.endpoint()]);
        let denied = coredeck::store::etcd::examine(&nobody, &crate::session::scope(), WITHIN).await.unwrap();
        assert!(!matches!(denied.word(), HealthWord::Wrong(_)), "{denied:#?}");
    }
}

#[tokio::test]
async fn a_certificate_that_ends_today_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("test", dir.path());
    let cluster = etcd::Setup::default().mutual_tls(&authority).start_cluster(3);
    let mut settings = EtcdSettings::new([cluster.endpoints()[0].clone()]);
    let (cert, key) = authority.client("root");
    (settings.cacert, settings.cert, settings.key) = (Some(authority.certificate()), Some(cert), Some(key));
    let health = coredeck::store::etcd::examine(&settings, &crate::session::scope(), WITHIN).await.unwrap();
    // The same credential and the same authority serve for the members that were not named.
    assert_eq!(health.word(), HealthWord::Well("3/3 up".to_owned()), "{health:#?}");
    let ends = health.credential_ends.unwrap();
    let soon = Health { at: ends - Duration::from_secs(3_600), ..health };
    assert!(soon.credential().unwrap().what.contains("expires within a day"));
}
