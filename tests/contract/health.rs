//! Health of the cluster.
use crate::rig::Rig;
use coredeck::{
    health::{Health, HealthLevel, HealthWord},
    store::Reader as _,
};
use std::time::Duration;

async fn health(rig: &impl Rig) -> Health {
    rig.reader().health(Duration::from_secs(10)).await
}

pub async fn a_cluster_that_is_well_has_a_leader_and_nothing_wrong(rig: &impl Rig) {
    let health = health(rig).await;
    assert_eq!(health.cluster, Some(rig.reader().status().await.unwrap().cluster));
    assert_eq!(health.word(), HealthWord::Well("1/1 up".to_owned()), "{health:?}");
    assert_eq!(health.sentence(), "1 member: its failure stops everything");
    assert_eq!((health.quorum(), health.spare()), (Some(true), Some(0)));
    assert_eq!(health.alarms, Some(vec![]), "who may not see a member's status may see its alarms");
    let wrong =
        |health: &Health| health.findings().into_iter().find(|finding| finding.level == HealthLevel::Wrong);
    assert_eq!(wrong(&health), None);
    let asked = health.endpoints[0].answer.as_ref().unwrap();
    assert_eq!(Some(asked.member), health.members[0].id);
}

pub async fn asking_how_the_cluster_is_changes_nothing(rig: &impl Rig) {
    let revision = rig.put("a", "{}").await;
    health(rig).await;
    assert_eq!(rig.revision().await, revision);
}
