//! Reads of ranges, whose size nobody knows beforehand.
use super::{
    asked::Asked,
    pool::{Headed, Pool, greet_with},
};
use crate::failure::Failure;
use etcd_client::{Client, Error};
use std::{future::Future, time::Duration};
use tokio::time::sleep;

impl Pool {
    /// Makes a read that may take long because its reply is large. It is given up when the member refuses a small
    /// question beside it: a member that has lost its leader keeps a read waiting.
    pub(super) async fn read_range<T, F, Fut>(&self, asked: &Asked, call: F) -> Result<T, Failure>
    where
        T: Headed + Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let every = self.timeouts().read;
        let unless_refused = |client: Client| {
            let reply = call(client.clone());
            async move {
                tokio::select! {
                    biased;
                    reply = reply => reply,
                    refusal = refusal(&client, self, every) => Err(refusal),
                }
            }
        };
        self.read(asked, self.timeouts().listing, unless_refused).await
    }
}

/// Returns when the member refuses a small question, and how. One that says nothing at all is left to the
/// keepalive: on a slow line its answer may wait behind the large reply.
async fn refusal(client: &Client, pool: &Pool, every: Duration) -> Error {
    loop {
        sleep(every).await;
        if let Err(error) = greet_with(client.clone(), pool.scope(), pool.get_options()).await {
            return error;
        }
    }
}
