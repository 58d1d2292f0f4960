//! Pool of all members, which keeps the order in which they are asked.
//!
//! The library's own balancer keeps sending a quarter of all calls to a dead member and fails the first call of a
//! fresh client, so each member has a client of its own and failing over is done here: one member is asked until it
//! fails; a call that was provably not sent goes to the next; reads go there in any case; a write that may have
//! arrived goes nowhere again.
use super::{
    call::{EtcdCall, Identity},
    endpoint::Endpoint,
    login::PasswordLogin,
    member::MemberConnection,
    members::{Addresses, MemberConnections},
    settings::{EtcdSettings, Timeouts},
    tls,
};
use crate::{
    failure::{Failure, Retry, WriteEffect},
    keys::{ClusterId, Scope},
    store::Attempts,
};
use etcd_client::{Client, ConnectOptions, Error, GetOptions, GetResponse, ResponseHeader};
use std::{
    future::Future,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Time for which members without a leader are asked again: an election takes one to two of etcd's election timeouts,
/// which are 1 s unless set otherwise.
const ELECTION: Duration = Duration::from_secs(3);
/// Pause between two rounds over members that have no leader yet.
const NEXT_ROUND: Duration = Duration::from_millis(200);

pub(super) struct Pool {
    members: MemberConnections,
    /// Listener for the progress of each member.
    attempts: Attempts,
    consistency: Consistency,
    /// The same members, asked for their own data.
    possibly_stale: OnceLock<Arc<Pool>>,
    /// The member that is asked first.
    preferred: AtomicUsize,
    identity: Identity,
    login: Option<Arc<PasswordLogin>>,
    timeouts: Timeouts,
    /// The cluster that answered first. No other may answer in this session.
    cluster: Arc<OnceLock<ClusterId>>,
    scope: Scope,
}

/// Worth of an answer (etcdctl's `--consistency`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// The truth of the cluster: a quorum stands behind it.
    Linearizable,
    /// Data of one member, which may lag behind: all that can be had without a leader.
    Serializable,
}

/// Makes the cheapest call that only a member of a whole cluster can answer, and that reads nothing.
pub(super) async fn greet(client: Client, scope: &Scope) -> Result<GetResponse, Error> {
    greet_with(client, scope, GetOptions::new()).await
}

/// Makes the same call with these options.
pub(super) async fn greet_with(
    client: Client,
    scope: &Scope,
    options: GetOptions,
) -> Result<GetResponse, Error> {
    client.kv_client().get(scope.as_str(), Some(options.with_count_only())).await
}

/// A reply that names its cluster.
pub(super) trait Headed {
    fn header(&self) -> Option<&ResponseHeader>;
}

impl Pool {
    /// Reads the TLS files and prepares a client for each member. Nothing is sent yet.
    pub(super) fn open(settings: &EtcdSettings, scope: &Scope) -> Result<Self, Failure> {
        let parse = |text: &String| Endpoint::parse(text, settings.has_tls_files());
        let endpoints = settings.endpoints.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if endpoints.is_empty() {
            let reason = "at least one is needed".to_owned();
            return Err(Failure::BadSetting { setting: "--endpoints", value: String::new(), reason });
        }
        let tls = if settings.has_tls_files() || endpoints.iter().any(|endpoint| endpoint.tls) {
            Some(Arc::new(tls::read(settings)?))
        } else {
            None
        };
        let timeouts = settings.timeouts;
        // A leader is required of every call: without one, an answer would never come, or be an old one.
        let options = ConnectOptions::new().with_require_leader(true).with_auto_token_refresh(true);
        let login = settings.user.as_ref().map(|user| {
            let password = settings.password.clone().unwrap_or_default();
            Arc::new(PasswordLogin::new(user.clone(), password))
        });
        let member = |endpoint: Endpoint| {
            let tls = tls.as_ref().filter(|_| endpoint.tls).map(Arc::clone);
            MemberConnection::new(endpoint, options.clone(), timeouts, login.clone(), tls)
        };
        let named = endpoints.into_iter().map(member).collect();
        // A kept address that cannot be read any more is passed over.
        let known =
            |urls: &Vec<String>| urls.iter().filter_map(|url| Endpoint::parse(url, false).ok()).collect();
        let listed = Addresses::from(settings.further.as_ref().map(known));
        let client = tls.and_then(|tls| tls.client.clone());
        Ok(Self {
            members: MemberConnections::new(named, settings.user.is_some(), listed),
            attempts: Attempts::default(),
            consistency: Consistency::Linearizable,
            possibly_stale: OnceLock::new(),
            preferred: AtomicUsize::new(0),
            identity: Identity {
                user: settings.user.clone(),
                certificate: settings.cert.is_some(),
                certificate_ends: client.as_ref().map(|client| client.ends),
                common_name: client.and_then(|client| client.common_name),
                authority: settings.cacert.clone(),
            },
            login,
            timeouts,
            cluster: Arc::default(),
            scope: scope.clone(),
        })
    }

    /// Returns the same pool, which reports each member that it asks to `attempts`.
    pub(super) fn telling(self, attempts: &Attempts) -> Self {
        attempts.begin(self.endpoints());
        Self { attempts: attempts.clone(), ..self }
    }

    /// Returns the same members, each asked for its own data, whether there is a leader or not. They have connections
    /// of their own, because a client says once for all its calls whether it requires a leader.
    pub(super) fn possibly_stale(self: &Arc<Self>) -> Arc<Self> {
        if self.consistency == Consistency::Serializable {
            return Arc::clone(self);
        }
        let stale = self.possibly_stale.get_or_init(|| {
            Arc::new(Self {
                members: self.members.without_leader(),
                attempts: Attempts::default(),
                consistency: Consistency::Serializable,
                possibly_stale: OnceLock::new(),
                preferred: AtomicUsize::new(self.preferred.load(Ordering::Relaxed)),
                identity: self.identity.clone(),
                login: self.login.clone(),
                timeouts: self.timeouts,
                // It stays one cluster in both ways of asking.
                cluster: Arc::clone(&self.cluster),
                scope: self.scope.clone(),
            })
        });
        Arc::clone(stale)
    }

    pub(super) fn consistency(&self) -> Consistency {
        self.consistency
    }

    /// Returns the options for reading a range through this pool.
    pub(super) fn get_options(&self) -> GetOptions {
        match self.consistency {
            Consistency::Linearizable => GetOptions::new(),
            Consistency::Serializable => GetOptions::new().with_serializable(),
        }
    }

    /// Fails at once through a pool that asks single members: one member alone cannot answer the request.
    pub(super) fn needs_leader(&self) -> Result<(), Failure> {
        match self.consistency {
            Consistency::Linearizable => Ok(()),
            Consistency::Serializable => {
                Err(Failure::NoLeader { endpoint: self.endpoints().first().cloned().unwrap_or_default() })
            }
        }
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Tells whether a user was given although authentication is off.
    pub(super) fn login_is_needless(&self) -> bool {
        self.login.as_ref().is_some_and(|login| login.is_needless())
    }

    pub(super) fn members(&self) -> &MemberConnections {
        &self.members
    }

    /// Returns the cluster that answered first, once one has.
    pub(super) fn cluster(&self) -> Option<ClusterId> {
        self.cluster.get().copied()
    }

    pub(super) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Returns all endpoints, for logs.
    pub(super) fn endpoints(&self) -> Vec<String> {
        self.members.all().iter().map(|member| member.endpoint().to_string()).collect()
    }

    /// Makes a call that changes nothing: of one member after the other, until one answers.
    pub(super) async fn read<T, F, Fut>(
        &self,
        asked: &EtcdCall,
        limit: Duration,
        call: F,
    ) -> Result<T, Failure>
    where
        T: Headed + Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        self.read_from(asked, limit, call).await.map(|(reply, _)| reply)
    }

    /// Makes the same call, and returns the member that has answered.
    pub(super) async fn read_from<T, F, Fut>(
        &self,
        asked: &EtcdCall,
        limit: Duration,
        call: F,
    ) -> Result<(T, Endpoint), Failure>
    where
        T: Headed + Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let context = (&self.identity, &self.timeouts);
        let patience = Instant::now() + ELECTION;
        loop {
            let mut failed = Vec::new();
            for (number, member) in self.in_order() {
                self.attempts.asked(number);
                match member.ask_and_learn(context, asked, limit, &call).await {
                    Ok(reply) => {
                        self.check_cluster(&reply)?;
                        self.prefer(number, &member);
                        return Ok((reply, member.endpoint().clone()));
                    }
                    Err(failure) if failure.retry() == Retry::Never => return Err(failure),
                    Err(failure) => {
                        self.attempts.failed(number, &failure);
                        failed.push(failure);
                    }
                }
            }
            self.pause_or_fail(failed, patience).await?;
        }
    }

    /// Makes a call that changes something. It goes only to a member that has just answered as one of this
    /// cluster, and only where it was provably not executed to another.
    pub(super) async fn write<T, F, Fut>(&self, asked: &EtcdCall, call: F) -> Result<T, Failure>
    where
        T: Headed + Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let context = (&self.identity, &self.timeouts);
        let limit = self.timeouts.write;
        let patience = Instant::now() + ELECTION;
        loop {
            let mut failed = Vec::new();
            for (number, member) in self.in_order() {
                // Asked every time: an address of this cluster may have become that of another one, and a transaction
                // cannot be guarded by the id of its cluster.
                let greet = |client| greet(client, &self.scope);
                match member.ask_and_learn(context, asked, self.timeouts.read, &greet).await {
                    Ok(reply) => self.check_cluster(&reply)?,
                    Err(failure) if failure.retry() == Retry::Never => {
                        return Err(never_sent(failure, &member.endpoint().to_string()));
                    }
                    Err(failure) => {
                        failed.push(failure);
                        continue;
                    }
                }
                match member.ask(context, asked, limit, &call).await {
                    Ok(reply) => {
                        // It came in between: nobody can tell what it did there.
                        self.check_cluster(&reply)
                            .map_err(|failure| Failure::Other { detail: failure.to_string() })?;
                        self.prefer(number, &member);
                        return Ok(reply);
                    }
                    // Refused before anything was executed: members without a leader take no call at all.
                    Err(failure) if failure.retry() == Retry::AnyCall => failed.push(failure),
                    Err(failure @ Failure::NoLeader { .. }) => failed.push(failure),
                    Err(failure) => return Err(failure),
                }
            }
            let asked = self.endpoints().join(", ");
            self.pause_or_fail(failed, patience).await.map_err(|failure| never_sent(failure, &asked))?;
        }
    }

    /// Pauses while an election may be going on, so that the members are asked again; fails otherwise.
    async fn pause_or_fail(&self, failed: Vec<Failure>, patience: Instant) -> Result<(), Failure> {
        let passing = |failure: &Failure| {
            matches!(
                failure,
                Failure::NoLeader { .. } | Failure::LeaderChanged { .. } | Failure::ConnectionLost { .. }
            )
        };
        let soon_over = failed.iter().any(passing);
        if soon_over && Instant::now() + NEXT_ROUND < patience {
            sleep(NEXT_ROUND).await;
            return Ok(());
        }
        // A member without a leader says more of the cluster than one that cannot be reached.
        let telling = failed.iter().position(|failure| matches!(failure, Failure::NoLeader { .. }));
        let why = failed.into_iter().nth(telling.unwrap_or(0));
        Err(why.unwrap_or_else(|| Failure::Other { detail: "no member was asked".to_owned() }))
    }

    /// Returns the preferred member, then the others in their order; those that failed a moment ago last.
    fn in_order(&self) -> Vec<(usize, Arc<MemberConnection>)> {
        let mut order: Vec<_> = self.members.all().into_iter().enumerate().collect();
        let first = self.preferred.load(Ordering::Relaxed);
        let first = first.min(order.len());
        order.rotate_left(first);
        order.sort_by_key(|(_, member)| member.is_cooling());
        order
    }

    fn prefer(&self, number: usize, member: &MemberConnection) {
        if self.preferred.swap(number, Ordering::Relaxed) != number {
            tracing::info!(endpoint = %member.endpoint(), "another member answers now");
        }
    }

    fn check_cluster(&self, reply: &impl Headed) -> Result<(), Failure> {
        // Zero names no cluster: etcd leaves the header of a snapshot empty, and a grpc-proxy that of a watch which
        // joins another one of the same range (`watch_broadcast.go`, 3.4 to 3.7).
        let Some(header) = reply.header().filter(|header| header.cluster_id() != 0) else { return Ok(()) };
        let found = ClusterId(header.cluster_id());
        let known = *self.cluster.get_or_init(|| found);
        if known == found {
            Ok(())
        } else {
            Err(Failure::WrongCluster { found: found.to_string(), pinned: known.to_string() })
        }
    }
}

/// Rewords a failure from before a write was sent, so that nobody looks for the write. `asked` is the endpoint, where
/// the failure does not name it.
fn never_sent(failure: Failure, asked: &str) -> Failure {
    if failure.effect() != WriteEffect::Unknown {
        return failure;
    }
    let endpoint = if let Failure::TimedOut { endpoint, .. }
    | Failure::ConnectionLost { endpoint, .. }
    | Failure::LeaderChanged { endpoint } = &failure
    {
        endpoint.as_str()
    } else {
        asked
    };
    Failure::NoRoute { endpoint: endpoint.to_owned(), reason: failure.to_string() }
}

macro_rules! headed {
    ($($reply:ty),+) => {$(
        impl Headed for $reply {
            fn header(&self) -> Option<&ResponseHeader> {
                self.header()
            }
        }
    )+};
}

headed!(
    etcd_client::AlarmResponse,
    etcd_client::AuthenticateResponse,
    etcd_client::GetResponse,
    etcd_client::LeaseGrantResponse,
    etcd_client::LeaseTimeToLiveResponse,
    etcd_client::MemberListResponse,
    etcd_client::RoleGetResponse,
    etcd_client::StatusResponse,
    etcd_client::TxnResponse,
    etcd_client::UserGetResponse
);
