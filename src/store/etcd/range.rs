//! Reads of ranges, whose size nobody knows beforehand.
use super::{
    call::EtcdCall,
    pool::{Headed, Pool, greet_with},
};
use crate::failure::Failure;
use etcd_client::{Client, Error};
use std::{future::Future, time::Duration};
use tokio::time::sleep;

/// Returns the number of keys that etcd counted. A count below zero is an error, and does not mean none.
pub(super) fn counted(counted: i64) -> Result<u64, Failure> {
    u64::try_from(counted).map_err(|_| Failure::CutShort { counted, sent: 0 })
}

/// Returns the number of keys in a range, if the reply has every one of them that was asked for (0: all).
pub(super) fn total(counted: i64, sent: usize, limit: u32) -> Result<u64, Failure> {
    let total = self::counted(counted)?;
    let due = if limit == 0 { total } else { total.min(u64::from(limit)) };
    if (sent as u64) < due { Err(Failure::CutShort { counted, sent }) } else { Ok(total) }
}

impl Pool {
    /// Makes a read that may take long because its reply is large. It is given up when the member refuses a small
    /// question beside it: a member that has lost its leader keeps a read waiting.
    pub(super) async fn read_range<T, F, Fut>(&self, asked: &EtcdCall, call: F) -> Result<T, Failure>
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

/// Returns the error when the member refuses a small question. A member that says nothing at all is left to the
/// keepalive: on a slow line its answer may wait behind the large reply.
async fn refusal(client: &Client, pool: &Pool, every: Duration) -> Error {
    loop {
        sleep(every).await;
        if let Err(error) = greet_with(client.clone(), pool.scope(), pool.get_options()).await {
            return error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_fewer_keys_than_it_counts_is_no_list() {
        for (counted, sent, limit, told) in [
            (5, 5, 0, Some(5)),
            (5, 2, 2, Some(5)),
            (2, 2, 5, Some(2)),
            (0, 0, 0, Some(0)),
            (5, 4, 0, None),
            (5, 0, 0, None),
            (5, 1, 2, None),
            (-1, 0, 0, None),
        ] {
            assert_eq!(total(counted, sent, limit).ok(), told, "{sent} of {counted}, {limit} at most");
        }
    }
}
