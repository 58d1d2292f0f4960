//! First reply of a store, and the attempts until then.
use super::{Store, Teller};
use crate::{
    failure::Failure,
    keys::Scope,
    store::{Attempts, ClusterStatus},
};
use std::pin::pin;
use tokio::time::timeout;

/// Connects to a store. If that takes a while, the teller hears of the endpoints that are waited for.
///
/// # Errors
/// The failure of the last endpoint.
pub async fn connected<S: Store>(
    store: &S,
    scope: &Scope,
    teller: &dyn Teller,
) -> Result<(S::Reader, ClusterStatus), Failure> {
    let attempts = Attempts::default();
    let mut news = attempts.listen();
    let mut connecting = pin!(store.connect(scope, &attempts));
    if let Ok(connected) = timeout(Attempts::UNNOTICED, &mut connecting).await {
        return connected;
    }
    let mut tell = teller.waiting();
    loop {
        tell(&news.borrow_and_update());
        tokio::select! {
            biased;
            connected = &mut connecting => return connected,
            Ok(()) = news.changed() => {}
        }
    }
}
