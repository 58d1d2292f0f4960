//! Reads of ranges, whose size nobody knows beforehand.
use super::{
    asked::Asked,
    pool::{Headed, Pool, greet},
};
use crate::{failure::Failure, keys::Scope};
use etcd_client::{Client, Error};
use std::{future::Future, time::Duration};
use tokio::time::{sleep, timeout};
use tonic::Status;

impl Pool {
    /// Makes a read that may take long because its reply is large. It is given up as soon as the member no longer
    /// answers a small question beside it, so that a hung member costs no more than with any other read.
    pub(super) async fn read_range<T, F, Fut>(&self, asked: &Asked, call: F) -> Result<T, Failure>
    where
        T: Headed + Send,
        F: Fn(Client) -> Fut + Sync,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let every = self.timeouts().read;
        let while_it_answers = |client: Client| {
            let reply = call(client.clone());
            async move {
                tokio::select! {
                    biased;
                    reply = reply => reply,
                    silence = silence(&client, self.scope(), every) => Err(silence),
                }
            }
        };
        self.read(asked, self.timeouts().listing, while_it_answers).await
    }
}

/// Returns when the member does not answer any more, and with which error.
async fn silence(client: &Client, scope: &Scope, every: Duration) -> Error {
    loop {
        sleep(every).await;
        match timeout(every, greet(client.clone(), scope)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(_) => return Status::deadline_exceeded("nothing came back").into(),
        }
    }
}
