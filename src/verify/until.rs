//! Servers that are asked again and again, until they answer as the records say or their caches have run out.
use super::asking::{AskedReply, ask_one};
use crate::dns::{Agreement, Answer, Askable, Impact, Rcode, Reply, Shift, agreement};
use futures_util::future::join_all;
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// The first and the longest pause between two rounds.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));
/// The most answers that are asked for after a change.
const MOST_ASKED: usize = 200;
/// The time that CoreDNS's `cache` keeps a SERVFAIL, and a reply without any record (plugin/cache,
/// plugin/pkg/dnsutil).
const CACHED_AT_LEAST: u64 = 5;
/// TTLs are whole seconds, and a cache drops nothing before the last one is over.
const SLACK: Duration = Duration::from_secs(2);

/// Answer that a server has to give.
#[derive(Clone, Debug)]
pub struct AwaitedAnswer {
    /// The answer before a change; none if there was none.
    pub before: Option<Arc<Answer>>,
    pub after: Arc<Answer>,
}

/// Last reply of a server to one question.
#[derive(Clone, Debug)]
pub struct Last {
    pub verdict: AskedReply,
    /// True if it gives the wanted answer.
    pub is_there: bool,
    /// The time that its cache may still keep its reply; none if that is over, or was never known.
    pub cached_for: Option<Duration>,
}

/// Asks each server until it gives every wanted answer, until a cache that gave another one has run out, or until
/// `limit` is over. `there` gets each server that gives all of them, with the time that it took.
pub async fn until_there(
    servers: &[SocketAddr],
    wanted: &[AwaitedAnswer],
    limit: Duration,
    there: impl Fn(SocketAddr, Duration) + Send + Sync,
) -> Vec<Last> {
    let began = Instant::now();
    let of_server = |server: SocketAddr| {
        let there = &there;
        async move {
            let last = wait_for(server, wanted, began + limit).await;
            if last.len() == wanted.len() && last.iter().all(|last| last.is_there) {
                there(server, began.elapsed());
            }
            last
        }
    };
    join_all(servers.iter().copied().map(of_server)).await.into_iter().flatten().collect()
}

async fn wait_for(server: SocketAddr, wanted: &[AwaitedAnswer], end: Instant) -> Vec<Last> {
    let mut known: BTreeMap<usize, AskedReply> = BTreeMap::new();
    let mut runs_out: BTreeMap<usize, Instant> = BTreeMap::new();
    let mut pending: Vec<usize> = (0..wanted.len()).collect();
    let mut pause = PAUSES.0;
    loop {
        let asked = Instant::now();
        let questions: Vec<(usize, Arc<Answer>)> =
            pending.iter().filter_map(|number| Some((*number, wanted.get(*number)?.after.clone()))).collect();
        for (number, verdict) in ask_one(server, questions).await {
            if let Some(reply) = verdict.reply()
                && wanted.get(number).is_some_and(|wanted| !wanted.is_given(&verdict))
            {
                // The first reply counts: a cache that has run out and is filled with the same again is not at fault.
                runs_out.entry(number).or_insert(asked + cached_for(reply) + SLACK);
            }
            known.insert(number, verdict);
        }
        pending.retain(|number| {
            let is_given = wanted
                .get(*number)
                .zip(known.get(number))
                .is_some_and(|(wanted, last)| wanted.is_given(last));
            // A name whose aliases go round without an end is never asked.
            let is_asked = known.get(number).is_none_or(|verdict| verdict.heard.is_some());
            !is_given && is_asked && runs_out.get(number).is_none_or(|at| asked < *at)
        });
        if pending.is_empty() || asked >= end {
            break;
        }
        // A cache that runs out before the end is asked right then.
        let next = runs_out.values().copied().filter(|at| *at > asked).min();
        let at = (Instant::now() + pause).min(end).min(next.unwrap_or(end).max(Instant::now()));
        sleep_until(at).await;
        pause = (pause * 2).min(PAUSES.1);
    }
    let now = Instant::now();
    let last = |(number, verdict): (usize, AskedReply)| {
        let is_there = wanted.get(number).is_some_and(|wanted| wanted.is_given(&verdict));
        let left = runs_out.get(&number).map(|at| at.saturating_duration_since(now));
        Last { verdict, is_there, cached_for: left.filter(|left| !is_there && !left.is_zero()) }
    };
    known.into_iter().map(last).collect()
}

impl AwaitedAnswer {
    /// Returns the answers that a change makes different, the worst first, at most some hundreds. Answers that only
    /// follow from others are asked only if there are no others.
    #[must_use]
    pub fn of(impact: &Impact) -> Vec<Self> {
        let of_shift = |shift: &Shift| Self {
            before: Some(Arc::new(shift.before.clone())),
            after: Arc::new(shift.after.clone()),
        };
        let all = || impact.shifts.iter().filter(|shift| Askable::of(&shift.after).is_some());
        let own: Vec<Self> = all().filter(|shift| !shift.by_product).take(MOST_ASKED).map(of_shift).collect();
        if own.is_empty() { all().take(MOST_ASKED).map(of_shift).collect() } else { own }
    }

    /// Tells whether this is the wanted answer, or at least not the one from before.
    #[must_use]
    pub fn is_given(&self, verdict: &AskedReply) -> bool {
        let old = || {
            let before = self.before.as_ref()?;
            matches!(agreement(before, verdict.reply()), Agreement::Same | Agreement::OtherTtl).then_some(())
        };
        match verdict.agreement() {
            // The same records with the earlier TTL come from a cache that has kept them since then.
            Some(Agreement::OtherTtl) => {
                self.before.is_none()
                    || verdict.reply().is_none_or(|reply| !is_older(reply, &self.after))
                    || old().is_none()
            }
            // Another server answers from now on: its answer only has to differ from the earlier one.
            Some(Agreement::NotForeseen) => old().is_none(),
            _ => verdict.agrees(),
        }
    }
}

/// Tells whether a reply lives longer than the right answer would: no cache makes a TTL longer.
fn is_older(reply: &Reply, answer: &Answer) -> bool {
    let longest = reply.answer.iter().map(|heard| heard.ttl).max();
    longest > answer.answer.iter().map(|rr| rr.ttl).max()
}

/// Returns the time that a cache may give this reply: its shortest TTL (RFC 2308 for replies of nothing).
fn cached_for(reply: &Reply) -> Duration {
    let all = [&reply.answer, &reply.authority, &reply.additional].into_iter().flatten();
    let shortest = all.map(|heard| u64::from(heard.ttl)).min();
    let is_failure = reply.rcode == Rcode::SERVFAIL;
    Duration::from_secs(shortest.filter(|_| !is_failure).unwrap_or(CACHED_AT_LEAST))
}
