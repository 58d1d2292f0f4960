use super::*;
use crate::keys::Revision;

/// Makes a member that is up and says that `leader` leads.
fn up(id: u64, leader: u64) -> Member {
    let vitals = Vitals {
        version: "3.5.16".to_owned(),
        db_size: Some(20 << 20),
        db_in_use: Some(15 << 20),
        leader: Some(leader).filter(|leader| *leader != 0),
        raft_term: 7,
        raft_index: 1_000,
        raft_applied: 1_000,
        ..Vitals::default()
    };
    member(id, MemberState::Up(Some(vitals)))
}

fn down(id: u64) -> Member {
    let endpoint = format!("https://10.0.0.{id}:2379");
    member(id, MemberState::Down(Failure::NothingListening { endpoint }))
}

fn unknown(id: u64) -> Member {
    member(id, MemberState::Unknown("it cannot be reached from here".to_owned()))
}

fn unstarted(id: u64) -> Member {
    Member { endpoint: None, ..member(id, MemberState::NotStarted(format!("https://10.0.0.{id}:2380"))) }
}

fn member(id: u64, state: MemberState) -> Member {
    let endpoint = Some(format!("https://10.0.0.{id}:2379"));
    Member { id: Some(id), name: format!("etcd-{id}"), endpoint, learner: false, state }
}

fn learner(id: u64, leader: u64) -> Member {
    Member { learner: true, ..up(id, leader) }
}

fn health(members: Vec<Member>) -> Health {
    Health {
        at: "2026-11-28T20:00:00Z".parse().unwrap(),
        cluster: Some(ClusterId(1)),
        members,
        listed: true,
        alarms: Some(vec![]),
        has_leader: None,
        endpoints: vec![],
        credential_ends: None,
    }
}

/// Changes the vitals of the first member.
fn with(mut health: Health, change: impl FnOnce(&mut Vitals)) -> Health {
    let MemberState::Up(Some(vitals)) = &mut health.members[0].state else { panic!("it is up") };
    change(vitals);
    health
}

fn told(health: &Health) -> Vec<(HealthLevel, String)> {
    health.findings().into_iter().map(|finding| (finding.level, finding.what)).collect()
}

#[test]
fn the_sentence_says_what_the_next_failure_does() {
    for (members, sentence, word) in [
        (vec![up(1, 1)], "1 member: its failure stops everything", "1/1 up"),
        (
            vec![up(1, 1), up(2, 1)],
            "2 members, 2 up: one more failure stops all writes; 2 are no safer than 1",
            "2/2 up",
        ),
        (
            vec![up(1, 1), up(2, 1), up(3, 1)],
            "3 members, 3 up: one may fail, the next failure stops all writes",
            "3/3 up",
        ),
        (vec![up(1, 1), down(2), up(3, 1)], "3 members, 2 up: one more failure stops all writes", "2/3 up"),
        (vec![down(1), down(2), up(3, 0)], "3 members, 1 up: no leader, nothing can be written", "NO QUORUM"),
        // The leader has not noticed yet that the others are gone.
        (vec![up(1, 1), down(2), down(3)], "3 members, 1 up: no leader, nothing can be written", "NO QUORUM"),
        (
            vec![down(1), up(2, 1), up(3, 1)],
            "3 members, 2 up: no leader, nothing can be written until one is elected",
            "NO LEADER",
        ),
        (
            vec![up(1, 1), up(2, 1), up(3, 1), up(4, 1)],
            "4 members, 4 up: one may fail, the next failure stops all writes; 4 are no safer than 3",
            "4/4 up",
        ),
        (
            vec![up(1, 1), up(2, 1), up(3, 1), up(4, 1), up(5, 1)],
            "5 members, 5 up: 2 may fail, the next failure stops all writes",
            "5/5 up",
        ),
        (
            vec![up(1, 1), up(2, 1), up(3, 1), learner(4, 1)],
            "3 members and 1 learner without a vote, 3 up: one may fail, the next failure stops all writes",
            "3/3 up",
        ),
        // The member was added and has a vote, but never came: three of four have to agree.
        (
            vec![up(1, 1), up(2, 1), up(3, 1), unstarted(4)],
            "4 members, 3 up: one more failure stops all writes",
            "3/4 up",
        ),
        // A learner that is up replaces no member that is down.
        (
            vec![up(1, 1), down(2), down(3), learner(4, 1)],
            "3 members and 1 learner without a vote, 1 up: no leader, nothing can be written",
            "NO QUORUM",
        ),
        // There is a leader, so the member that was not reached is up.
        (
            vec![up(1, 1), down(2), unknown(3)],
            "3 members, 1 up and 1 not reached from here: one more failure stops all writes",
            "1/3 seen",
        ),
        (
            vec![up(1, 2), unknown(2), down(3), down(4), unknown(5)],
            "5 members, 1 up and 2 not reached from here: one more failure stops all writes",
            "1/5 seen",
        ),
        (
            vec![up(1, 3), up(2, 3), unknown(3)],
            "3 members, 2 up and 1 not reached from here: one may fail, the next failure stops all writes",
            "2/3 seen",
        ),
        // The word of a learner about a leader counts for nothing.
        (
            vec![unknown(1), learner(2, 1)],
            "1 member and 1 learner without a vote, 0 up and 1 not reached from here: whether there is a leader is not known",
            "0/1 seen",
        ),
        (
            vec![up(1, 2), unknown(2), unknown(3)],
            "3 members, 1 up and 2 not reached from here: there is a leader, so at least 2 are up; how many more may fail is not known",
            "1/3 seen",
        ),
        (
            vec![
                member(1, MemberState::Up(None)),
                member(2, MemberState::Up(None)),
                member(3, MemberState::Up(None)),
            ],
            "3 members, 3 up: whether there is a leader is not known",
            "3/3 up",
        ),
    ] {
        let health = health(members);
        assert_eq!(health.sentence(), sentence);
        let (HealthWord::Well(is) | HealthWord::Careful(is) | HealthWord::Wrong(is)) = health.word() else {
            panic!("{health:?}")
        };
        assert_eq!(is, word, "{sentence}");
    }
}

#[test]
fn what_is_not_known_is_not_said_to_be_well() {
    let silent = |answers: bool| {
        let state = if answers { MemberState::Up(None) } else { down(1).state };
        Health {
            listed: false,
            alarms: None,
            cluster: None,
            ..health(vec![Member { id: None, ..member(1, state) }])
        }
    };
    let nobody = silent(false);
    assert_eq!(nobody.sentence(), "no endpoint answers: how the cluster is, is not known");
    assert_eq!((nobody.word(), nobody.quorum(), nobody.spare()), (HealthWord::Unknown, None, None));
    assert!(nobody.is_wrong());
    assert!(told(&nobody).iter().all(|(_, what)| !what.contains("alarm")), "nobody is there to be asked");
    let somebody = silent(true);
    assert_eq!(somebody.sentence(), "1 of 1 endpoints answer; who the members are is not told");
    assert_eq!((somebody.word(), somebody.spare()), (HealthWord::Unknown, None));
    assert!(told(&somebody).iter().any(|(_, what)| what.contains("whether an alarm is raised is not known")));
    let far = health(vec![up(1, 2), unknown(2), unknown(3)]);
    assert_eq!((far.quorum(), far.spare()), (Some(true), None));
    assert!(!far.is_wrong(), "{:?}", told(&far));
}

#[test]
fn the_true_leader_is_the_one_of_the_latest_term() {
    // The old leader was cut off and still takes itself for the leader; the others have elected another.
    let mut cut_off = health(vec![up(1, 1), up(2, 3), up(3, 3)]);
    for member in &mut cut_off.members[1..] {
        let MemberState::Up(Some(vitals)) = &mut member.state else { panic!() };
        vitals.raft_term = 8;
    }
    assert_eq!(cut_off.leader(), Leader::Is(3));
    // A follower that was cut off names none and is in a later term.
    let lonely = with(health(vec![up(1, 0), up(2, 2), up(3, 2)]), |vitals| vitals.raft_term = 99);
    assert_eq!(lonely.leader(), Leader::Is(2));
    let denied = Health { has_leader: Some(true), ..health(vec![member(1, MemberState::Up(None))]) };
    assert_eq!((denied.leader(), denied.quorum()), (Leader::Somebody, Some(true)));
}

#[test]
fn alarms_are_read_as_a_members_status_has_them() {
    let raised = |kind| Some(Alarm { member: 10_276_657_743_932_975_437, kind });
    for (error, alarm) in [
        ("memberID:10276657743932975437 alarm:NOSPACE ", raised(AlarmKind::NoSpace)),
        ("memberID:10276657743932975437  alarm:CORRUPT", raised(AlarmKind::Corrupt)),
        ("memberID:10276657743932975437 alarm:LATE", raised(AlarmKind::Other("LATE".to_owned()))),
        ("etcdserver: no leader", None),
        ("memberID:x alarm:NOSPACE", None),
        ("alarm:NOSPACE", None),
        ("", None),
    ] {
        assert_eq!(Alarm::parse(error), alarm, "{error}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_with_its_remedy() {
    let three = || health(vec![up(1, 1), up(2, 1), up(3, 1)]);
    let alarm = |kind| Some(vec![Alarm { member: 2, kind }]);
    let soon = Some("2026-11-29T10:30:00Z".parse().unwrap());
    for (health, what) in [
        (
            health(vec![up(1, 1), down(2), up(3, 1)]),
            "etcd-2 is down: nothing listens at https://10.0.0.2:2379",
        ),
        (health(vec![up(1, 0), down(2), down(3)]), "there is no leader: nothing can be written"),
        (
            Health { alarms: alarm(AlarmKind::NoSpace), ..three() },
            "NOSPACE alarm of etcd-2: puts are refused, deletions are not",
        ),
        (
            Health { alarms: alarm(AlarmKind::Corrupt), ..three() },
            "CORRUPT alarm of etcd-2: members differ, and every write is refused",
        ),
        (
            with(three(), |vitals| (vitals.db_size, vitals.quota) = (Some(15 << 20), Some(16 << 20))),
            "etcd-1 is nearly full: 93 % of its quota of 16 MiB",
        ),
        (
            with(three(), |vitals| (vitals.db_size, vitals.db_in_use) = (Some(1_900 << 20), Some(400 << 20))),
            "etcd-1 may be nearly full: 92 % of etcd's default quota of 2 GiB, 1.4 GiB of it free after a defragmentation; it does not tell whether it has another",
        ),
        (
            health(vec![up(1, 1), up(2, 1), up(3, 1), unstarted(4)]),
            "etcd-4 was added as https://10.0.0.4:2380 and has never started",
        ),
        (with(three(), |vitals| vitals.raft_index = 9_000), "etcd-2 is 8,000 entries behind"),
        (
            Health { credential_ends: soon, ..three() },
            "the client certificate expires within a day, at 2026-11-29 10:30 UTC",
        ),
        (
            Health { credential_ends: Some("2026-11-27T00:00:00Z".parse().unwrap()), ..three() },
            "the client certificate has expired at 2026-11-27 00:00 UTC",
        ),
        (with(three(), |vitals| vitals.errors.push("disk".to_owned())), "etcd-1 says: disk"),
    ] {
        let found = told(&health);
        assert!(found.contains(&(HealthLevel::Wrong, what.to_owned())), "{what}: {found:?}");
        assert!(health.is_wrong());
        assert!(health.findings().iter().all(|finding| finding.remedy.ends_with('.')), "{what}");
    }
    assert_eq!(told(&three()), []);
}

#[test]
fn what_is_only_unusual_is_told_and_is_not_wrong() {
    let upgrading = with(health(vec![up(1, 1), up(2, 1), up(3, 1)]), |vitals| {
        vitals.version = "3.6.1".to_owned();
    });
    assert_eq!(told(&upgrading), [(HealthLevel::Careful, "the versions differ: 3.5.16, 3.6.1".to_owned())]);
    let mut catching_up = health(vec![up(1, 1), learner(2, 1)]);
    catching_up = with(catching_up, |vitals| vitals.raft_index = 100_000);
    catching_up.members[0] = Member { state: catching_up.members[0].state.clone(), ..up(1, 1) };
    let MemberState::Up(Some(vitals)) = &mut catching_up.members[0].state else { panic!() };
    vitals.raft_applied = 100_000;
    assert_eq!(told(&catching_up), [(HealthLevel::Careful, "etcd-2 is 99,000 entries behind".to_owned())]);
    // The file is larger than the default quota: the member has another one, and nobody knows which.
    let large = with(health(vec![up(1, 1)]), |vitals| vitals.db_size = Some(3 << 30));
    assert_eq!(told(&large), []);
    assert_eq!(large.members[0].vitals().unwrap().usage(), None);
    // Before 3.6 etcd does not tell its quota, and nobody knows that the member has the default, so no share is
    // shown.
    assert_eq!(health(vec![up(1, 1)]).rows()[0].quota, "quota unknown");
    let told_quota = with(health(vec![up(1, 1)]), |vitals| vitals.quota = Some(40 << 20));
    assert_eq!(told_quota.rows()[0].quota, "50 % of 40 MiB");
    let untold = with(health(vec![up(1, 1)]), |vitals| vitals.db_size = None);
    assert_eq!(
        (&*untold.rows()[0].file, untold.members[0].vitals().unwrap().usage()),
        ("size unknown", None)
    );
    let denied = health(vec![member(1, MemberState::Up(None))]);
    assert!(!denied.is_wrong());
    assert!(told(&denied)[0].1.contains("is not told to this user"));
}

#[test]
fn a_member_that_stores_as_much_as_the_others_is_not_behind_whatever_it_says_of_its_log() {
    let lagging = |revision| {
        let mut health = with(health(vec![up(1, 2), up(2, 2)]), |vitals| {
            (vitals.raft_index, vitals.raft_applied, vitals.revision) = (9_000, 500, Revision(revision));
        });
        let MemberState::Up(Some(vitals)) = &mut health.members[1].state else { panic!() };
        (vitals.raft_index, vitals.raft_applied, vitals.revision) = (9_000, 9_000, Revision(70));
        health
    };
    assert_eq!(told(&lagging(70)), []);
    assert_eq!(told(&lagging(60)), [(HealthLevel::Wrong, "etcd-1 is 8,500 entries behind".to_owned())]);
}

#[test]
fn another_cluster_behind_an_endpoint_is_wrong() {
    let answer = EndpointAnswer {
        cluster: ClusterId(2),
        member: 9,
        version: None,
        took: Duration::ZERO,
        is_proxy: false,
    };
    let asked = AskedEndpoint { endpoint: "https://10.0.0.9:2379".to_owned(), answer: Ok(answer) };
    let mixed = Health { endpoints: vec![asked], ..health(vec![up(1, 1)]) };
    assert!(mixed.is_wrong());
    assert!(told(&mixed)[0].1.contains("another cluster answers, 0000000000000002"));
}

#[test]
fn a_write_that_cannot_succeed_is_refused_beforehand() {
    let (put, deletion) = (true, false);
    let alarm = |kind| Health { alarms: Some(vec![Alarm { member: 1, kind }]), ..health(vec![up(1, 1)]) };
    let refusal = |puts, health: &Health| Preflight::of_change(puts, Some(health)).refusal;
    let endpoint = "https://10.0.0.1:2379".to_owned();
    let leaderless = health(vec![up(1, 0), down(2), down(3)]);
    for puts in [put, deletion] {
        assert_eq!(refusal(puts, &leaderless), Some(Failure::NoLeader { endpoint: endpoint.clone() }));
        assert_eq!(refusal(puts, &alarm(AlarmKind::Corrupt)), Some(Failure::Corrupt));
        assert_eq!(refusal(puts, &alarm(AlarmKind::Other("LATE".to_owned()))), None);
        assert_eq!(refusal(puts, &health(vec![up(1, 1)])), None);
    }
    assert_eq!(refusal(put, &alarm(AlarmKind::NoSpace)), Some(Failure::NoSpace));
    let away = Preflight::of_change(deletion, Some(&alarm(AlarmKind::NoSpace)));
    assert_eq!(away.refusal, None);
    assert!(away.cautions[0].contains("cannot be undone"), "{:?}", away.cautions);
}

#[test]
fn before_a_write_is_said_what_could_go_wrong_and_nothing_where_all_is_well() {
    let cautions = |health: Option<&Health>| Preflight::of_change(true, health).cautions;
    assert_eq!(cautions(Some(&health(vec![up(1, 1), up(2, 1), up(3, 1)]))), [""; 0]);
    assert_eq!(cautions(Some(&health(vec![up(1, 1)]))), [""; 0]);
    assert_eq!(cautions(None), ["how the cluster is, is not known"]);
    assert_eq!(
        cautions(Some(&health(vec![up(1, 1), down(2), up(3, 1)]))),
        ["3 members, 2 up: one more failure stops all writes"]
    );
    let denied = health(vec![member(1, MemberState::Up(None))]);
    assert_eq!(cautions(Some(&denied)), ["whether the cluster has a leader is not known"]);
    let mut worn = with(health(vec![up(1, 1)]), |vitals| {
        (vitals.db_size, vitals.quota) = (Some(15 << 20), Some(16 << 20));
    });
    (worn.credential_ends, worn.alarms) = (Some("2026-11-28T21:00:00Z".parse().unwrap()), None);
    assert_eq!(
        cautions(Some(&worn)),
        [
            "the client certificate expires within a day, at 2026-11-28 21:00 UTC",
            "etcd-1 is nearly full: 93 % of its quota of 16 MiB",
            "whether an alarm is raised is not known",
        ]
    );
}

#[test]
fn sizes_are_read_at_a_glance() {
    for (bytes, text) in [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1 KiB"),
        (24_576, "24 KiB"),
        (1_992_294, "1.8 MiB"),
        (2 << 30, "2 GiB"),
        (u64::MAX, "17179869183 GiB"),
    ] {
        assert_eq!(size(bytes), text);
    }
}

#[test]
fn a_learner_alone_is_no_cluster_that_is_well() {
    let alone = Health { listed: false, ..health(vec![learner(4, 1)]) };
    assert_eq!(alone.sentence(), "only a learner answers: how the members are that have a vote is not known");
    assert_eq!((alone.leader(), alone.quorum(), alone.spare()), (Leader::Unknown, None, None));
    assert_eq!(alone.rows()[0].is, "learner");
    assert!(
        alone.is_wrong() && told(&alone)[0].1.starts_with("only a learner answers"),
        "{:?}",
        told(&alone)
    );
    // With a member that has a vote the learner is one among others.
    assert!(!health(vec![up(1, 1), learner(4, 1)]).is_wrong());
}

#[test]
fn a_proxy_is_named_and_is_no_trouble_by_itself() {
    let answer = EndpointAnswer {
        cluster: ClusterId(1),
        member: 1,
        version: None,
        took: Duration::ZERO,
        is_proxy: true,
    };
    let asked = AskedEndpoint { endpoint: "http://10.0.0.9:23790".to_owned(), answer: Ok(answer) };
    let behind = Health { listed: false, endpoints: vec![asked], ..health(vec![up(1, 1)]) };
    assert_eq!((behind.quorum(), behind.is_wrong()), (Some(true), false));
    assert_eq!(
        told(&behind),
        [(HealthLevel::Careful, "http://10.0.0.9:23790 is a proxy, which tells of no member".to_owned())]
    );
}

#[test]
fn of_a_release_that_refuses_every_transaction_over_its_quota_that_is_said_of_deletions_too() {
    let full = |version: &str| {
        let one = with(health(vec![up(1, 1)]), |vitals| version.clone_into(&mut vitals.version));
        Health { alarms: Some(vec![Alarm { member: 1, kind: AlarmKind::NoSpace }]), ..one }
    };
    for (version, refuses) in [("3.5.1", true), ("3.5.6", true), ("3.5.7", false), ("3.4.23", false)] {
        let health = full(version);
        assert_eq!(told(&health)[0].1.contains("deletions too"), refuses, "{version}");
        let deletion = Preflight::of_change(false, Some(&health));
        assert_eq!(deletion.cautions.iter().any(|said| said.contains("refuses deletions too")), refuses);
        assert_eq!(deletion.refusal, None, "it may have room again behind a raised alarm");
    }
}
