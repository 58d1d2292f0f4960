//! Records of the scope and keys of others, compared with the numbers from before.
use super::{LIMIT, check::Check};
use crate::{
    cli::known::KnownLine,
    keys::Scope,
    quantity::counted,
    recovery::{KnowledgePlaces, aftermath},
    signpost::Aftermath,
    store::{
        Attempts,
        etcd::{self, EtcdSettings},
    },
};
use tokio::time::timeout;

pub(super) async fn checks(
    store: &EtcdSettings,
    scope: &Scope,
    places: &KnowledgePlaces,
    program: &str,
) -> Vec<Check> {
    let looked = async {
        let (reader, status) = etcd::connect(store, scope, &Attempts::default()).await?;
        let counts = etcd::open_counts(&reader);
        aftermath(places, (&reader, &counts), scope, status.cluster).await
    };
    match timeout(LIMIT, looked).await {
        Ok(Ok(found)) => judged(&found, scope, program),
        // The check of the endpoints reports which of them does not answer, and the reason.
        Ok(Err(failure)) if failure.is_connection() => vec![not_known("no endpoint could be asked")],
        Ok(Err(failure)) => vec![not_known(&failure.to_string())],
        Err(_) => vec![not_known("etcd did not answer in time")],
    }
}

fn not_known(why: &str) -> Check {
    let value = format!("whether keys were lost is not known: {why}");
    Check::warning("records", value, "Mend the connection first, then look again.")
}

fn judged(found: &Aftermath, scope: &Scope, program: &str) -> Vec<Check> {
    let known = KnownLine::of(found, program);
    let mut checks: Vec<Check> =
        found.told(program).into_iter().map(|(what, remedy)| Check::error("records", what, remedy)).collect();
    if let Some(first) = checks.first_mut() {
        first.known = known;
        return checks;
    }
    let keys = found.now.map_or_else(String::new, |now| format!("{} below {scope}; ", counted(now, "key")));
    vec![Check::ok("records", format!("{keys}{}", found.quiet()))]
}
