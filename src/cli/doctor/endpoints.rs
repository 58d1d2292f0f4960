//! Each endpoint by itself: does it answer, who is it, how fast, and is its clock right.
use super::{
    LIMIT,
    check::{Check, Level},
    clock,
    lifetime::Lifetime,
};
use crate::{
    config::Sourced,
    failure::Failure,
    keys::{ClusterId, Scope},
    store::{
        Attempts, Reader as _,
        etcd::{self, Settings, VersionPage},
    },
};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// What one endpoint said of itself.
struct Told {
    cluster: ClusterId,
    version: Option<String>,
    took: Duration,
}

pub(super) async fn checks(
    store: &Settings,
    scope: &Scope,
    pinned: Option<&Sourced<ClusterId>>,
) -> Vec<Check> {
    let all = join_all(store.endpoints.iter().map(|endpoint| one(store, endpoint, scope))).await;
    let mut clusters: Vec<ClusterId> = all.iter().filter_map(|(_, cluster)| *cluster).collect();
    clusters.sort_unstable_by_key(|cluster| cluster.0);
    clusters.dedup();
    let mut checks: Vec<Check> = all.into_iter().flat_map(|(checks, _)| checks).collect();
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
    checks
}

async fn one(store: &Settings, endpoint: &str, scope: &Scope) -> (Vec<Check>, Option<ClusterId>) {
    let alone = Settings { endpoints: vec![endpoint.to_owned()], ..store.clone() };
    let late = |_| Failure::TimedOut { endpoint: endpoint.to_owned(), after: LIMIT };
    let (told, page) =
        tokio::join!(timeout(LIMIT, tell(&alone, scope)), timeout(LIMIT, etcd::version_page(&alone)));
    let told = told.map_err(late).and_then(|told| told);
    let page = page.map_err(late).and_then(|page| page);
    let mut checks = vec![answer(&told, page.as_ref().ok(), endpoint).from(endpoint)];
    if let Ok(VersionPage { certificate: Some(shown), .. }) = &page {
        let lifetime = Lifetime::of(shown, Timestamp::now());
        let level = lifetime.level();
        let briefly = format!("TLS {}", lifetime.abbreviated());
        let value = format!(
            "{}; for {}; signed by {}; {lifetime}",
            shown.subject,
            shown.names.join(", "),
            shown.issuer
        );
        let remedy = (level != Level::Ok).then(|| "Have etcd's certificate renewed.".to_owned());
        checks.push(Check { level, remedy, ..Check::ok("its cert", value).briefly(briefly) }.from(endpoint));
    }
    // Why it did not answer has been said.
    if told.is_ok() {
        checks.push(clock::check(page.as_ref()).from(endpoint));
    }
    (checks, told.ok().map(|told| told.cluster))
}

async fn tell(alone: &Settings, scope: &Scope) -> Result<Told, Failure> {
    let (reader, status) = etcd::connect(alone, scope, &Attempts::default()).await?;
    // The connection is there: this is the way to etcd and back.
    let began = Instant::now();
    reader.count(&scope.range()).await?;
    Ok(Told { cluster: status.cluster, version: status.version, took: began.elapsed() })
}

fn answer(told: &Result<Told, Failure>, page: Option<&VersionPage>, endpoint: &str) -> Check {
    match told {
        Ok(told) => {
            let version = told.version.clone().or_else(|| page?.version.clone());
            let version = version
                .map_or_else(|| "of an unknown version".to_owned(), |version| format!("etcd {version}"));
            let tls = if page.is_some_and(|page| page.tls) { "TLS" } else { "no TLS" };
            let milliseconds = told.took.as_secs_f64() * 1000.0;
            let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
            let number = version.trim_start_matches("etcd ");
            // How long its certificate lives says that there is TLS.
            let open = if tls == "TLS" { "" } else { ", no TLS" };
            Check::ok("endpoint", format!("{version}, {tls}, answers in {milliseconds:.1} ms"))
                .briefly(format!("{host} {number}, {milliseconds:.1} ms{open}"))
        }
        Err(failure) => Check::failed("endpoint", failure),
    }
}
