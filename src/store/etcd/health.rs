//! Health of the members: all are asked at once, each with its own time limit, so that a silent one never holds the
//! others back.
//!
//! Alarms are read from the members' status, because asking for them is an entry in the raft log (etcd 3.4 to 3.7): it
//! takes a leader, and the library must not be given an alarm that it does not know. Only where no member tells its
//! status (3.5.30 and later tell only root) are the known ones asked for.
use super::{
    call::{EtcdCall, Identity},
    endpoint::Endpoint,
    member::MemberConnection,
    members::{MemberConnections, addresses},
    pool::{Pool, greet},
    reader::heading,
    settings::Timeouts,
};
use crate::{
    failure::Failure,
    health::{self, Alarm, AlarmKind, EndpointAnswer, Health, MemberState, Vitals},
    keys::ClusterId,
};
use etcd_client::{AlarmAction, AlarmType, Client, Member as Listed, StatusResponse};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Error in a member's status while it knows no leader.
const NO_LEADER: &str = "etcdserver: no leader";

/// Time after which a member without an answer is down, on a slow line as well.
const TELLING: Duration = Duration::from_secs(2);

/// Answers of one member.
struct MemberAnswers {
    answer: EndpointAnswer,
    vitals: Option<Vitals>,
    /// True if it says that it has no vote.
    is_learner: bool,
    alarms: Vec<Alarm>,
    /// All members, as far as this one knows. A learner lists none, and a proxy does not know them.
    list: Vec<Listed>,
}

/// Asks the endpoints that were named, then the members of the cluster that none of them is. All together takes no
/// longer than `within`.
pub(super) async fn health(pool: &Arc<Pool>, within: Duration) -> Health {
    let began = Instant::now();
    let mut round = within / 2;
    let context = (pool.identity(), pool.timeouts());
    let observers = pool.possibly_stale();
    let mut named = observers.members().named().to_vec();
    let mut seen = join_all(named.iter().map(|member| look(member, context, round))).await;
    // The cluster may be well without the member that this machine knows, and a learner says nothing of the others.
    if !seen.iter().flatten().any(|seen| !seen.is_learner) {
        round = within.saturating_sub(began.elapsed()) / 2;
        let further = observers.members().further();
        let looks = join_all(further.iter().map(|member| look(member, context, round))).await;
        for (member, look) in further.into_iter().zip(looks).filter(|(_, look)| look.is_ok()) {
            named.push(member);
            seen.push(look);
        }
    }
    let said = || seen.iter().filter_map(|seen| seen.as_ref().ok());
    let cluster = pool.cluster().or_else(|| said().next().map(|seen| seen.answer.cluster));
    let own = || said().filter(|seen| Some(seen.answer.cluster) == cluster);
    // A member that knows a leader knows the members, too; one that was cut off may know old ones.
    let listing = own().max_by_key(|seen| {
        let led = seen.vitals.as_ref().is_some_and(|vitals| vitals.leader.is_some());
        (!seen.list.is_empty(), led)
    });
    let listing = listing.filter(|seen| !seen.list.is_empty());
    if let Some(listing) = listing {
        let is_named = |(member, seen): (&Arc<MemberConnection>, &Result<MemberAnswers, Failure>)| {
            Some(seen.as_ref().ok()?.answer.member).filter(|_| pool.members().is_named(member.endpoint()))
        };
        let known: Vec<u64> = named.iter().zip(&seen).filter_map(is_named).collect();
        pool.members().listed().follow(addresses(&listing.list, &known));
    }
    let members = match listing {
        Some(listing) => {
            let found = listing
                .list
                .iter()
                .map(|listed| find(pool, observers.members(), listed, (&named, &seen), cluster, round));
            join_all(found).await
        }
        None => named.iter().zip(&seen).map(|(member, seen)| unlisted(member, seen)).collect(),
    };
    let told = members.iter().any(|(member, _)| member.vitals().is_some());
    let (alarms, has_leader) = if told {
        let mut alarms: Vec<Alarm> = Vec::new();
        for alarm in members.iter().flat_map(|(_, alarms)| alarms) {
            if !alarms.contains(alarm) {
                alarms.push(alarm.clone());
            }
        }
        (Some(alarms), None)
    } else if own().next().is_some() {
        tokio::join!(known_alarms(pool, round), has_leader(pool, round))
    } else {
        (None, None)
    };
    let endpoints = named.iter().zip(&seen).map(|(member, seen)| health::AskedEndpoint {
        endpoint: member.endpoint().to_string(),
        answer: seen.as_ref().map(|seen| seen.answer.clone()).map_err(Clone::clone),
    });
    Health {
        at: Timestamp::now(),
        cluster,
        listed: listing.is_some(),
        endpoints: endpoints.collect(),
        members: members.into_iter().map(|(member, _)| member).collect(),
        alarms,
        has_leader,
        credential_ends: pool.identity().certificate_ends,
    }
}

/// A member and its alarms.
type MemberAlarms = (health::Member, Vec<Alarm>);

/// Finds a member of the list: at an endpoint that was named, or else at an address that it names itself.
async fn find(
    pool: &Pool,
    observers: &MemberConnections,
    listed: &Listed,
    (named, seen): (&[Arc<MemberConnection>], &[Result<MemberAnswers, Failure>]),
    cluster: Option<ClusterId>,
    limit: Duration,
) -> MemberAlarms {
    let is_it =
        |seen: &MemberAnswers| seen.answer.member == listed.id() && Some(seen.answer.cluster) == cluster;
    let found = |endpoint: Option<String>, state: MemberState, alarms: Vec<Alarm>| {
        let name = match listed.name() {
            "" => format!("member {:016x}", listed.id()),
            name => name.to_owned(),
        };
        (
            health::Member { id: Some(listed.id()), name, endpoint, learner: listed.is_learner(), state },
            alarms,
        )
    };
    let by_name = named
        .iter()
        .zip(seen)
        .find_map(|(member, seen)| Some((member, seen.as_ref().ok()?)).filter(|(_, seen)| is_it(seen)));
    if let Some((member, seen)) = by_name {
        let endpoint = Some(member.endpoint().to_string());
        return found(endpoint, MemberState::Up(seen.vitals.clone()), seen.alarms.clone());
    }
    // A member tells its name and its addresses only after it has joined.
    if listed.name().is_empty() && listed.client_urls().is_empty() {
        let address = listed.peer_urls().join(", ");
        return found(None, MemberState::NotStarted(address), vec![]);
    }
    let addresses: Vec<Endpoint> =
        listed.client_urls().iter().filter_map(|url| Endpoint::parse(url, false).ok()).collect();
    let first = addresses.first().map(ToString::to_string);
    for (member, seen) in named.iter().zip(seen) {
        if let Err(failure) = seen
            && addresses.contains(member.endpoint())
        {
            // A short look without an answer does not tell a slow line from a dead member.
            let too_short = matches!(failure, Failure::TimedOut { .. }) && limit < TELLING;
            let state = if too_short {
                MemberState::Unknown(failure.to_string())
            } else {
                MemberState::Down(failure.clone())
            };
            return found(Some(member.endpoint().to_string()), state, vec![]);
        }
    }
    let observers: Vec<Arc<MemberConnection>> =
        addresses.into_iter().filter_map(|address| observers.at(address)).collect();
    let context = (pool.identity(), pool.timeouts());
    let looks = join_all(observers.iter().map(|member| look(member, context, limit))).await;
    let mut why = match &first {
        None => "it names no address for clients".to_owned(),
        Some(address) => {
            format!("{address} is not protected as the named endpoints are, so it was not asked")
        }
    };
    for (member, look) in observers.iter().zip(looks) {
        let endpoint = member.endpoint().to_string();
        match look {
            Ok(seen) if is_it(&seen) => {
                return found(Some(endpoint), MemberState::Up(seen.vitals), seen.alarms);
            }
            Ok(_) => why = format!("at its address {endpoint} another member answers"),
            // The machine is there, and says that nothing listens.
            Err(failure @ Failure::NothingListening { .. }) => {
                return found(Some(endpoint), MemberState::Down(failure), vec![]);
            }
            Err(failure) => why = failure.to_string(),
        }
    }
    found(first, MemberState::Unknown(why), vec![])
}

/// Describes an endpoint where nobody tells who the members are.
fn unlisted(member: &MemberConnection, seen: &Result<MemberAnswers, Failure>) -> MemberAlarms {
    let endpoint = member.endpoint().to_string();
    let learner = seen.as_ref().is_ok_and(|seen| seen.is_learner);
    let (id, state, alarms) = match seen {
        Ok(seen) => (Some(seen.answer.member), MemberState::Up(seen.vitals.clone()), seen.alarms.clone()),
        // It was up: it has answered, if only with a refusal.
        Err(failure) if is_verdict(failure) => (None, MemberState::Up(None), vec![]),
        Err(failure) => (None, MemberState::Down(failure.clone()), vec![]),
    };
    (health::Member { id, name: endpoint.clone(), endpoint: Some(endpoint), learner, state }, alarms)
}

fn is_verdict(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::PermissionDenied { .. }
            | Failure::AuthRequired
            | Failure::AuthNotEnabled { .. }
            | Failure::WrongPassword { .. }
            | Failure::LoginExpired { .. }
    )
}

/// Asks one member for its status and for the members that it knows, which it tells everybody.
async fn look(
    member: &MemberConnection,
    context: (&Identity, &Timeouts),
    limit: Duration,
) -> Result<MemberAnswers, Failure> {
    let began = Instant::now();
    let (status, list) = (EtcdCall::new("see", &"the status"), EtcdCall::new("see", &"the members"));
    let call = |client: Client| async move { client.maintenance_client().status().await };
    let list_call = |client: Client| async move { client.cluster_client().member_list().await };
    let both = async {
        tokio::join!(
            member.ask_and_learn(context, &status, limit, &call),
            member.ask_and_learn(context, &list, limit, &list_call)
        )
    };
    let Ok((status, list)) = timeout(limit, both).await else {
        return Err(Failure::TimedOut { endpoint: member.endpoint().to_string(), after: limit });
    };
    let took = began.elapsed();
    let header = match (&status, &list) {
        (Ok(status), _) => status.header().map(|header| (header.cluster_id(), header.member_id())),
        (Err(_), Ok(list)) => list.header().map(|header| (header.cluster_id(), header.member_id())),
        (Err(failure), Err(_)) => return Err(failure.clone()),
    };
    // A member that hangs may answer one of both; its status is the one that counts.
    if let Err(failure) = &status
        && !is_verdict(failure)
    {
        return Err(failure.clone());
    }
    let (cluster, id) = header.unwrap_or_default();
    let mut list = list.map(|list| list.members().to_vec()).unwrap_or_default();
    // A grpc-proxy lists itself and those like it, each as a member without an id (3.4 to 3.7).
    let is_proxy = !list.is_empty() && list.iter().all(|member| member.id() == 0);
    if is_proxy {
        list.clear();
    }
    let is_learner = status.as_ref().is_ok_and(StatusResponse::is_learner);
    let (vitals, alarms) = status.ok().map(|status| vitals(&status)).unzip();
    Ok(MemberAnswers {
        answer: EndpointAnswer {
            cluster: ClusterId(cluster),
            member: id,
            version: vitals.as_ref().map(|vitals: &Vitals| vitals.version.clone()),
            took,
            is_proxy,
        },
        vitals,
        is_learner,
        alarms: alarms.unwrap_or_default(),
        list,
    })
}

fn vitals(status: &StatusResponse) -> (Vitals, Vec<Alarm>) {
    let known = |bytes: i64| u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    let (mut alarms, mut errors) = (Vec::new(), Vec::new());
    for error in status.errors().iter().filter(|error| *error != NO_LEADER) {
        match Alarm::parse(error) {
            Some(alarm) => alarms.push(alarm),
            None => errors.push(error.clone()),
        }
    }
    let vitals = Vitals {
        version: status.version().chars().filter(char::is_ascii_graphic).collect(),
        db_size: known(status.db_size()),
        db_in_use: known(status.raft_used_db_size()),
        quota: known(status.db_size_quota()),
        revision: heading(status.header()).1,
        leader: Some(status.leader()).filter(|leader| *leader != 0),
        raft_term: status.raft_term(),
        raft_index: status.raft_index(),
        raft_applied: status.raft_applied_index(),
        errors,
    };
    (vitals, alarms)
}

/// Reads the known alarms, one by one.
async fn known_alarms(pool: &Pool, limit: Duration) -> Option<Vec<Alarm>> {
    let asked = EtcdCall::new("see", &"the alarms");
    let of = async |kind: AlarmType| {
        let call = |client: Client| async move {
            client.maintenance_client().alarm(AlarmAction::Get, kind, None).await
        };
        let reply = timeout(limit, pool.read(&asked, limit, call)).await.ok()?.ok()?;
        Some(reply.alarms().iter().map(etcd_client::AlarmMember::member_id).collect::<Vec<_>>())
    };
    let (no_space, corrupt) = tokio::join!(of(AlarmType::Nospace), of(AlarmType::Corrupt));
    let as_alarms = |members: Vec<u64>, kind: AlarmKind| {
        members.into_iter().map(move |member| Alarm { member, kind: kind.clone() })
    };
    Some(as_alarms(no_space?, AlarmKind::NoSpace).chain(as_alarms(corrupt?, AlarmKind::Corrupt)).collect())
}

/// Tells whether a request is answered that only a leader can answer.
async fn has_leader(pool: &Pool, limit: Duration) -> Option<bool> {
    let asked = EtcdCall::new("read", &pool.scope().range());
    let greeting = pool.read(&asked, limit, |client| greet(client, pool.scope()));
    match timeout(limit, greeting).await.ok()? {
        Ok(_) => Some(true),
        Err(Failure::NoLeader { .. }) => Some(false),
        Err(_) => None,
    }
}
