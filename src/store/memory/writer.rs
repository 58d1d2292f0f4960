use super::{CallFault, Shared};
use crate::{
    failure::Failure,
    plan::{Guard, Operation, Step},
    store::{Commit, Writer},
};
use std::sync::Arc;
use tokio::time::{Instant, sleep};

/// Writes a store in memory.
#[derive(Debug)]
pub struct MemoryWriter(pub(super) Arc<Shared>);

/// A transaction that reached the store, whatever its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub guards: Vec<Guard>,
    pub operations: Vec<Operation>,
    pub result: Result<Commit, Failure>,
}

impl Writer for MemoryWriter {
    async fn commit(&self, step: &Step) -> Result<Commit, Failure> {
        let (guards, operations) = (step.guards().to_vec(), step.operations().to_vec());
        for grant in step.grants() {
            self.0.change(|state| state.keyspace.grant_once(grant.lease, Instant::now() + grant.ttl));
        }
        match self.0.with(|state| state.faults.commit()) {
            None => self.0.apply(guards, operations),
            Some(CallFault::Fails(failure)) => Err(failure),
            Some(CallFault::ReplyLost(failure)) => {
                // The caller has to find out whether it was applied.
                let _ = self.0.apply(guards, operations);
                Err(failure)
            }
            Some(CallFault::LastReplyLost(failure)) => {
                let _ = self.0.apply(guards, operations);
                self.0.change(|state| state.faults.end(failure.clone()));
                Err(failure)
            }
            Some(CallFault::LastReply(failure)) => {
                let answer = self.0.apply(guards, operations);
                self.0.change(|state| state.faults.end(failure));
                answer
            }
            Some(CallFault::Late(failure, after)) => {
                let shared = Arc::clone(&self.0);
                tokio::spawn(async move {
                    sleep(after).await;
                    let _ = shared.apply(guards, operations);
                });
                Err(failure)
            }
        }
    }
}

impl Shared {
    fn apply(&self, guards: Vec<Guard>, operations: Vec<Operation>) -> Result<Commit, Failure> {
        self.change(|state| {
            let puts = operations.iter().any(|operation| matches!(operation, Operation::Put { .. }));
            let result = if puts && state.faults.no_space {
                Err(Failure::NoSpace)
            } else {
                state.keyspace.commit(&guards, &operations)
            };
            state.committed.push(Committed { guards, operations, result: result.clone() });
            result
        })
    }
}
