//! Health of the cluster, as the deck was told last, and the times at which it asks again.
use super::{Effect, FeedMsg, Model, Msg, WorkerTask, overlay::Overlay};
use crate::{
    health::{Health, HealthLevel, HealthWord, Preflight},
    plan::Plan,
};
use std::time::Duration;

/// Between two looks at the cluster: while nothing can be written, while somebody looks at its page or waits for something
/// to be right again, and else.
const AT_ONCE: Duration = Duration::from_secs(2);
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(60);

impl Model {
    /// Works out whether the cluster's health is in the way of a plan.
    #[must_use]
    pub fn preflight(&self, plan: &Plan) -> Preflight {
        Preflight::of(plan, self.health.as_ref())
    }

    /// Time for which the picture of the cluster is good.
    #[must_use]
    pub fn health_lasts(&self) -> Duration {
        let health = self.health.as_ref();
        let leaderless = matches!(health.map(Health::word), Some(HealthWord::Wrong(_)));
        let open = self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Health(_)));
        match (leaderless, open || health.is_some_and(Health::is_wrong)) {
            (true, _) => AT_ONCE,
            (false, true) => OFTEN,
            (false, false) => SELDOM,
        }
    }
}

/// Tells whether a message is a reason to ask at once: the connection was lost or is back, or everything is read again.
pub(super) fn is_due(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Feed(FeedMsg::Lost { .. } | FeedMsg::Listed { .. } | FeedMsg::Relisted { .. }) | Msg::Resumed
    )
}

/// Tells whether one of these effects needs the health: a plan shows it.
pub(super) fn is_asked_for(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Worker(WorkerTask::Plan(..) | WorkerTask::ReadAgain)))
}

/// Takes a picture of the cluster's health, and says so if it was good and is not any more.
pub(super) fn on_health(model: &mut Model, health: Health) {
    let was_wrong = model.health.as_ref().is_some_and(Health::is_wrong);
    if !was_wrong && health.is_wrong() && model.health.is_some() && model.message.is_none() {
        let worst = health.findings().into_iter().find(|finding| finding.level == HealthLevel::Wrong);
        if let Some(worst) = worst {
            model.complain(format!("{}; s shows more", worst.what));
        }
    }
    model.health = Some(health);
}

/// Opens the page.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Health(super::overlay::HealthPage::default()));
    vec![Effect::Worker(WorkerTask::CheckHealth)]
}
