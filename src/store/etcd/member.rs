//! Member of the cluster, with a client of its own.
use super::{
    call::{CallCircumstances, EtcdCall, Identity},
    classify::{HANDSHAKE_CUT_OFF, HANDSHAKE_FAILED, classify, login_is_stale},
    endpoint::Endpoint,
    login::{self, PasswordLogin},
    probe, refusal,
    settings::Timeouts,
    tls::{TlsSetup, Trust},
};
use crate::failure::{Failure, Retry};
use etcd_client::{Channel, Client, ConnectOptions, Error};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tonic::transport::Endpoint as Transport;

/// Time for which a member that failed is asked last, so that not every call pays for it.
const COOLING: Duration = Duration::from_secs(5);
/// Time for the first reply itself, beyond the time for connecting.
const FIRST_REPLY: Duration = Duration::from_millis(500);

pub(super) struct MemberConnection {
    endpoint: Endpoint,
    /// Options of a client besides its login.
    options: ConnectOptions,
    timeouts: Timeouts,
    login: Option<Arc<PasswordLogin>>,
    tls: Option<Arc<TlsSetup>>,
    client: tokio::sync::Mutex<Option<Client>>,
    /// True if it has answered since its last failure.
    answered: AtomicBool,
    cooling_until: Mutex<Option<Instant>>,
}

impl MemberConnection {
    pub(super) fn new(
        endpoint: Endpoint,
        options: ConnectOptions,
        timeouts: Timeouts,
        login: Option<Arc<PasswordLogin>>,
        tls: Option<Arc<TlsSetup>>,
    ) -> Self {
        Self {
            endpoint,
            options,
            timeouts,
            login,
            tls,
            client: tokio::sync::Mutex::default(),
            answered: AtomicBool::new(false),
            cooling_until: Mutex::default(),
        }
    }

    /// Returns the same member, asked also while it knows no leader.
    pub(super) fn without_leader(&self) -> Self {
        let options = self.options.clone().with_require_leader(false);
        Self::new(self.endpoint.clone(), options, self.timeouts, self.login.clone(), self.tls.clone())
    }

    /// Returns another member, asked in the same way, with the same credential and authority.
    pub(super) fn elsewhere(&self, endpoint: Endpoint) -> Self {
        Self::new(endpoint, self.options.clone(), self.timeouts, self.login.clone(), self.tls.clone())
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    pub(super) fn is_cooling(&self) -> bool {
        let until = *self.cooling_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Makes a call that may be repeated, and where it fails on a first connection, finds out why.
    pub(super) async fn ask_and_learn<T, F, Fut>(
        &self,
        (identity, timeouts): (&Identity, &Timeouts),
        asked: &EtcdCall,
        limit: Duration,
        call: &F,
    ) -> Result<T, Failure>
    where
        T: Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let known = self.has_answered();
        match self.ask((identity, timeouts), asked, limit, call).await {
            Err(failure) if !known => Err(Box::pin(self.look_closer(failure, timeouts.dial)).await),
            result => result,
        }
    }

    /// Makes a call, once; again only where etcd has said that it did not execute it.
    pub(super) async fn ask<T, F, Fut>(
        &self,
        (identity, timeouts): (&Identity, &Timeouts),
        asked: &EtcdCall,
        limit: Duration,
        call: &F,
    ) -> Result<T, Failure>
    where
        T: Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let started = Instant::now();
        // A connection that is still to be made has its own time, so that a dead host is told from a slow one.
        let limit = if self.has_answered() { limit } else { limit.max(timeouts.dial) + FIRST_REPLY };
        // In a box, because a client is large, and futures of futures would hold many copies of it.
        let result = timeout(
            limit,
            Box::pin(async {
                let client = self.client().await?;
                match call(client.clone()).await {
                    Err(error) if self.is_about_login(&error) => {
                        call(Box::pin(self.logged_in_anew(client, &error)).await?).await
                    }
                    result => result,
                }
            }),
        );
        let result = match result.await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(classify(
                &error,
                CallCircumstances {
                    endpoint: &self.endpoint,
                    identity,
                    asked,
                    dial: timeouts.dial,
                    after: started.elapsed(),
                },
            )),
            Err(_) => Err(Failure::TimedOut { endpoint: self.endpoint.to_string(), after: limit }),
        };
        self.remember(&result);
        result
    }

    fn remember<T>(&self, result: &Result<T, Failure>) {
        let mut cooling = self.cooling_until.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(failure) if failure.retry() != Retry::Never => {
                self.answered.store(false, Ordering::Relaxed);
                *cooling = Some(Instant::now() + COOLING);
            }
            // A verdict is an answer too.
            Ok(_) | Err(_) => {
                self.answered.store(true, Ordering::Relaxed);
                *cooling = None;
            }
        }
    }

    /// Returns the client, made at the first call: that is where a user logs in.
    async fn client(&self) -> Result<Client, Error> {
        let mut held = self.client.lock().await;
        if let Some(client) = &*held {
            return Ok(client.clone());
        }
        let client = match &self.login {
            None => self.connect(self.options.clone()).await?,
            Some(login) => match self.connect(login.added_to(self.options.clone())).await {
                Err(error) if login::is_not_enabled(&error) => {
                    login.needs(false);
                    self.connect(self.options.clone()).await?
                }
                connected => {
                    let client = connected?;
                    login.needs(true);
                    client
                }
            },
        };
        Ok(held.insert(client).clone())
    }

    /// Makes a client. A login is sent at once; nothing else before the first call.
    async fn connect(&self, options: ConnectOptions) -> Result<Client, Error> {
        Client::from_channel(self.channel()?, Some(options)).await
    }

    /// Prepares the connection to the member. Nothing is connected before the first call. It is made here, because the
    /// library judges a server's certificate only in its own way.
    fn channel(&self) -> Result<Channel, Error> {
        let Timeouts { dial, ping_every, ping_answer, .. } = self.timeouts;
        let transport = Transport::from_shared(self.endpoint.to_string())?
            .connect_timeout(dial)
            .http2_keep_alive_interval(ping_every)
            .keep_alive_timeout(ping_answer)
            // etcd and its proxy close a connection that pings while nobody waits for an answer on it: "too_many_pings".
            .keep_alive_while_idle(false);
        let transport = match &self.tls {
            Some(tls) => {
                transport.tls_config_with_verifier(tls.grpc.clone(), Arc::<Trust>::clone(&tls.trust))?
            }
            None => transport,
        };
        Ok(Channel::Tonic(transport.connect_lazy()))
    }

    /// Tells whether a call was refused only because of its login, and not executed.
    fn is_about_login(&self, error: &Error) -> bool {
        let is_of_login = |login: &Arc<PasswordLogin>| {
            if login.is_needless() { login::is_missing(error) } else { login::is_not_enabled(error) }
        };
        login_is_stale(error) || self.login.as_ref().is_some_and(is_of_login)
    }

    /// Returns a client with a valid login: renewed, or made anew where authentication was turned on or off meanwhile.
    async fn logged_in_anew(&self, client: Client, error: &Error) -> Result<Client, Error> {
        let needless = self.login.as_ref().is_some_and(|login| login.is_needless());
        if login_is_stale(error) && !needless {
            match client.refresh_token().await {
                Err(error) if login::is_not_enabled(&error) => {}
                renewed => return renewed.map(|()| client),
            }
        }
        self.client.lock().await.take();
        self.client().await
    }

    async fn look_closer(&self, failure: Failure, within: Duration) -> Failure {
        let endpoint = self.endpoint.to_string();
        let broke = matches!(failure, Failure::ConnectionLost { .. } | Failure::NotEtcd { .. });
        let cut_off = matches!(&failure, Failure::NoRoute { reason, .. } if reason == HANDSHAKE_CUT_OFF);
        if broke && !self.endpoint.tls && probe::speaks_tls(&self.endpoint, within).await {
            Failure::PlainAgainstTls { endpoint }
        } else if cut_off && probe::speaks_plainly(&self.endpoint, within).await {
            Failure::TlsAgainstPlain { endpoint }
        } else if let Some(tls) = &self.tls
            && may_be_refused(&failure)
            && let Some(objection) = refusal::look(&self.endpoint, tls, within).await
        {
            let said = objection.said || matches!(failure, Failure::ClientCertificateRefused { .. });
            let (detail, fault) = (objection.detail, objection.fault);
            Failure::ClientCertificateRefused { endpoint, detail, said, fault }
        } else {
            failure
        }
    }
}

/// Tells whether a server that refuses the client certificate can have caused this.
fn may_be_refused(failure: &Failure) -> bool {
    matches!(failure, Failure::ConnectionLost { .. } | Failure::ClientCertificateRefused { .. })
        || matches!(failure, Failure::NoRoute { reason, .. }
            if reason == HANDSHAKE_CUT_OFF || reason.starts_with(HANDSHAKE_FAILED))
}
