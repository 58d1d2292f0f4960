//! Writer of one scope: sends a journalled step once, as one flat, guarded transaction.
use super::{call::EtcdCall, pool::Pool, reader::EtcdReader, reader::heading};
use crate::{
    failure::{Failure, WriteEffect},
    keys::{KeyRange, Scope, ScopedKey},
    plan::{Guard, LeaseGrant, LeaseUse, Operation, ShownPart, Step},
    store::{Commit, Writer},
};
use etcd_client::{Compare, CompareOp, LeaseGrantOptions, PutOptions, Txn, TxnOp};
use std::{fmt, sync::Arc};

/// Makes transactions in one scope of a real etcd. There is none in a read-only session.
pub struct EtcdWriter {
    pool: Arc<Pool>,
}

impl fmt::Debug for EtcdWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdWriter").field("endpoints", &self.pool.endpoints()).finish_non_exhaustive()
    }
}

impl EtcdWriter {
    /// Makes the writer for the scope of a reader, over the same connections.
    pub(super) fn beside(reader: &EtcdReader) -> Self {
        Self { pool: Arc::clone(&reader.pool) }
    }
}

impl Writer for EtcdWriter {
    async fn commit(&self, step: &Step) -> Result<Commit, Failure> {
        let txn = transaction(step, self.pool.scope())?;
        for grant in step.grants() {
            self.grant(grant).await?;
        }
        let reply = self
            .pool
            .write(&asked(step), |client| {
                let txn = txn.clone();
                async move { client.kv_client().txn(txn).await }
            })
            .await?;
        let (_, revision) = heading(reply.header());
        Ok(if reply.succeeded() { Commit::Applied(revision) } else { Commit::Refused(revision) })
    }
}

impl EtcdWriter {
    /// Makes a lease. No key is tied to it yet: when its reply is lost, or the transaction behind it is refused,
    /// it ends by itself, so that a failure here has changed no key.
    async fn grant(&self, grant: &LeaseGrant) -> Result<(), Failure> {
        let ttl = i64::try_from(grant.ttl.as_secs()).unwrap_or(i64::MAX).max(1);
        let asked = EtcdCall {
            lease: Some(grant.lease),
            ..EtcdCall::new("grant", &format!("lease {}", grant.lease))
        };
        let granted = self
            .pool
            .write(&asked, |client| {
                let options = LeaseGrantOptions::new().with_id(grant.lease.get());
                async move { client.lease_client().grant(ttl, Some(options)).await }
            })
            .await;
        match granted {
            // Its id was chosen for this plan: if it exists already, an earlier try has made it.
            Ok(_) | Err(Failure::LeaseExists(_)) => Ok(()),
            Err(failure) if failure.effect() == WriteEffect::Unknown => {
                Err(Failure::LeaseNotMade { lease: grant.lease, detail: failure.to_string() })
            }
            Err(failure) => Err(failure),
        }
    }
}

fn asked(step: &Step) -> EtcdCall {
    let what = match step.operations() {
        [only] => only.key().to_string(),
        [first, ..] => format!("{} and {} more", first.key(), step.operations().len() - 1),
        [] => String::new(),
    };
    let lease = step.operations().iter().find_map(|operation| match operation {
        Operation::Put { lease: LeaseUse::Attach(lease), .. } => Some(*lease),
        Operation::Put { lease: LeaseUse::Without | LeaseUse::Keep, .. } | Operation::Delete { .. } => None,
    });
    EtcdCall { lease, ..EtcdCall::new("write", &what) }
}

fn transaction(step: &Step, scope: &Scope) -> Result<Txn, Failure> {
    let guards = step.guards().iter().map(|guard| compare(guard, scope)).collect::<Result<Vec<_>, _>>()?;
    let operations =
        step.operations().iter().map(|operation| request(operation, scope)).collect::<Result<Vec<_>, _>>()?;
    Ok(Txn::new().when(guards).and_then(operations))
}

fn compare(guard: &Guard, scope: &Scope) -> Result<Compare, Failure> {
    Ok(match guard {
        Guard::Unchanged { key, mod_revision } => {
            Compare::mod_revision(inside(key, scope)?, CompareOp::Equal, mod_revision.0)
        }
        Guard::AsShown { key, shown } => {
            let key = inside(key, scope)?;
            match shown {
                ShownPart::Value(value) => Compare::value(key, CompareOp::Equal, value.to_vec()),
                ShownPart::Version(version) => Compare::version(key, CompareOp::Equal, *version),
                ShownPart::CreateRevision(at) => Compare::create_revision(key, CompareOp::Equal, at.0),
            }
        }
        Guard::Absent { key } => Compare::create_revision(inside(key, scope)?, CompareOp::Equal, 0),
        // It holds for an empty range as well, and also after something in it was deleted.
        Guard::NothingNewer { range, than } => {
            inside_range(range, scope)?;
            Compare::mod_revision(range.start(), CompareOp::Less, than.0.saturating_add(1))
                .with_range(range.end())
        }
    })
}

fn request(operation: &Operation, scope: &Scope) -> Result<TxnOp, Failure> {
    Ok(match operation {
        Operation::Put { key, value, lease } => {
            let options = match lease {
                LeaseUse::Without => PutOptions::new(),
                LeaseUse::Keep => PutOptions::new().with_ignore_lease(),
                LeaseUse::Attach(lease) => PutOptions::new().with_lease(lease.get()),
            };
            TxnOp::put(inside(key, scope)?, value.to_vec(), Some(options))
        }
        Operation::Delete { key } => TxnOp::delete(inside(key, scope)?, None),
    })
}

/// Proves again that a key is in the scope of this connection. A scoped key cannot be outside, but nothing behind
/// this line would stop it.
fn inside<'k>(key: &'k ScopedKey, scope: &Scope) -> Result<&'k [u8], Failure> {
    match scope.key(key.as_bytes()) {
        Ok(_) => Ok(key.as_bytes()),
        Err(outside) => Err(Failure::Other { detail: outside.to_string() }),
    }
}

fn inside_range(range: &KeyRange, scope: &Scope) -> Result<(), Failure> {
    let whole = scope.range();
    if whole.start() <= range.start() && range.end() <= whole.end() {
        Ok(())
    } else {
        Err(Failure::Other { detail: format!("{range} is outside {scope}") })
    }
}
