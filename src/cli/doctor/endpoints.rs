//! Endpoints, each by itself: its answer, its identity, its speed and its clock; and then the cluster behind them.
use super::{
    LIMIT,
    certificates::level,
    check::{Check, CheckLevel},
    clock, release,
};
use crate::{
    certificate::Lifetime,
    config::Sourced,
    failure::Failure,
    foreign_text::ForeignText,
    health::{AskedEndpoint, EndpointAnswer, Health},
    keys::{ClusterId, Scope},
    store::etcd::{self, EtcdSettings, VersionPage},
};
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;

/// Returns the checks, and the cluster if all endpoints are of one.
pub(super) async fn checks(
    store: &EtcdSettings,
    scope: &Scope,
    pinned: Option<&Sourced<ClusterId>>,
) -> (Vec<Check>, Option<ClusterId>) {
    let pages = join_all(store.endpoints.iter().map(|endpoint| page(store, endpoint)));
    let (health, pages) = tokio::join!(etcd::examine(store, scope, LIMIT), pages);
    let health = match health {
        Ok(health) => health,
        Err(failure) => return (vec![Check::failed("endpoint", &failure)], None),
    };
    let mut clusters: Vec<ClusterId> =
        health.endpoints.iter().filter_map(|asked| Some(asked.answer.as_ref().ok()?.cluster)).collect();
    clusters.sort_unstable_by_key(|cluster| cluster.0);
    clusters.dedup();
    let mut checks: Vec<Check> =
        health.endpoints.iter().zip(&pages).flat_map(|(asked, page)| one(asked, page)).collect();
    let said = clusters.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (&clusters[..], pinned) {
        ([], _) => {}
        ([cluster], Some(pinned)) if *cluster != pinned.value => {
            let value = format!("{said} answers, and {} is pinned", pinned.value);
            let remedy =
                "Use other endpoints, or pin this cluster if it is the one; until then nothing is changed.";
            checks.push(Check::error("cluster", value, remedy).from(&pinned.from));
        }
        ([_], Some(pinned)) => {
            checks.push(Check::ok("cluster", format!("{said}, as pinned")).from(&pinned.from));
        }
        ([_], None) => checks.push(Check::ok("cluster", said)),
        _ => {
            let value = format!("the endpoints are of different clusters: {said}");
            checks.push(Check::error("cluster", value, "Give only the endpoints of one cluster."));
        }
    }
    let told = health.endpoints.iter().filter_map(|asked| asked.answer.as_ref().ok()?.version.as_deref());
    let on_pages = pages.iter().filter_map(|page| page.as_ref().ok()?.version.as_deref());
    let of_members = health.members.iter().filter_map(|member| Some(member.vitals()?.version.as_str()));
    let releases = release::checks(told.chain(on_pages).chain(of_members));
    // A summary of members of different clusters has no meaning.
    if clusters.len() == 1 {
        checks.push(whole(health));
    }
    checks.extend(releases);
    let one = if let [one] = clusters[..] { Some(one) } else { None };
    (checks, one)
}

/// Reads the page that etcd shows to everybody at an endpoint.
async fn page(store: &EtcdSettings, endpoint: &str) -> Result<VersionPage, Failure> {
    let alone = EtcdSettings { endpoints: vec![endpoint.to_owned()], ..store.clone() };
    let late = |_| Failure::TimedOut { endpoint: endpoint.to_owned(), after: LIMIT };
    timeout(LIMIT, etcd::version_page(&alone)).await.map_err(late).and_then(|page| page)
}

fn one(asked: &AskedEndpoint, page: &Result<VersionPage, Failure>) -> Vec<Check> {
    let AskedEndpoint { endpoint, answer } = asked;
    let mut checks = vec![match answer {
        Ok(answer) => answered(answer, page.as_ref().ok(), endpoint),
        Err(failure) => Check::failed("endpoint", failure),
    }];
    if let Ok(VersionPage { certificate: Some(shown), .. }) = page {
        let lifetime = Lifetime::of(shown, Timestamp::now());
        let level = level(lifetime);
        let briefly = format!("TLS {}", lifetime.abbreviated());
        let value = format!(
            "{}; for {}; signed by {}; {lifetime}",
            ForeignText::from(shown.subject.as_str()),
            ForeignText::from(shown.names.join(", ").as_str()),
            ForeignText::from(shown.issuer.as_str())
        );
        let remedy = (level != CheckLevel::Ok).then(|| "Have etcd's certificate renewed.".to_owned());
        checks.push(Check { level, remedy, ..Check::ok("its cert", value).briefly(briefly) });
    }
    // A failed answer has been reported already.
    if answer.is_ok() {
        checks.push(clock::check(page.as_ref()));
    }
    checks.into_iter().map(|check| check.from(endpoint)).collect()
}

fn answered(answer: &EndpointAnswer, page: Option<&VersionPage>, endpoint: &str) -> Check {
    let version = answer.version.clone().or_else(|| page?.version.clone());
    let version =
        version.map_or_else(|| "of an unknown version".to_owned(), |version| format!("etcd {version}"));
    let tls = if page.is_some_and(|page| page.tls) { "TLS" } else { "no TLS" };
    let milliseconds = answer.took.as_secs_f64() * 1000.0;
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    let number = version.trim_start_matches("etcd ");
    // The lifetime of its certificate shows already that there is TLS.
    let open = if tls == "TLS" { "" } else { ", no TLS" };
    Check::ok("endpoint", format!("{version}, {tls}, answers in {milliseconds:.1} ms"))
        .briefly(format!("{host} {number}, {milliseconds:.1} ms{open}"))
}

/// Checks all members together.
fn whole(health: Health) -> Check {
    // The lifetime of the client's certificate has a check of its own.
    let health = Health { credential_ends: None, ..health };
    let mut said = health.sentence();
    for alarm in health.alarms.iter().flatten() {
        let alarm = format!("; {} alarm", alarm.kind);
        if !said.contains(&alarm) {
            said.push_str(&alarm);
        }
    }
    if health.is_wrong() {
        Check::error("health", said, "coredeck status says what is wrong, and what to do about it.")
    } else {
        Check::ok("health", said)
    }
}
