//! Counts of the keys that explained lines hit, beside the loop.
use crate::{
    app::{Msg, RequestId},
    etcdctl::Explanation,
    keys::Scope,
    ops::count_hits,
    store::ForeignCounts,
};
use std::future::pending;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

/// Task that counts. It ends with the deck.
#[derive(Debug)]
pub(super) struct Counting {
    wanted: watch::Sender<Option<(RequestId, Vec<Explanation>)>>,
    _task: AbortOnDropHandle<()>,
}

impl Counting {
    pub(super) fn start<C: ForeignCounts>(counts: C, scope: Scope, msgs: mpsc::Sender<Msg>) -> Self {
        let (wanted, orders) = watch::channel(None);
        let task = tokio::spawn(count(counts, scope, orders, msgs));
        Self { wanted, _task: AbortOnDropHandle::new(task) }
    }

    /// Counts the keys that these lines hit, in place of lines that were asked for before.
    pub(super) fn count(&self, request: RequestId, lines: Vec<Explanation>) {
        self.wanted.send_replace(Some((request, lines)));
    }

    /// Stops counting, because nobody looks any more.
    pub(super) fn stop(&self) {
        self.wanted.send_replace(None);
    }
}

async fn count<C: ForeignCounts>(
    counts: C,
    scope: Scope,
    mut orders: watch::Receiver<Option<(RequestId, Vec<Explanation>)>>,
    msgs: mpsc::Sender<Msg>,
) {
    loop {
        let order = orders.borrow_and_update().clone();
        let counted = async {
            if let Some((request, lines)) = order {
                for (number, line) in lines.iter().enumerate() {
                    if line.span.is_some() {
                        let hits = count_hits(&counts, line, &scope).await;
                        // Nobody waits any more when the deck is closed.
                        let _ = msgs.send(Msg::Counted(request, number, hits)).await;
                    }
                }
            }
            pending::<()>().await;
        };
        tokio::select! {
            () = counted => {}
            changed = orders.changed() => if changed.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        etcdctl::explain,
        failure::Failure,
        keys::{ForeignRange, Revision},
        store::{CountAt, memory::Memory},
    };
    use std::{future::Future, time::Duration};
    use tokio::time::timeout;

    /// Counts that never answer, and know how many callers wait.
    #[derive(Clone)]
    struct Silent(watch::Sender<usize>);

    struct Waiting(watch::Sender<usize>);

    impl Drop for Waiting {
        fn drop(&mut self) {
            self.0.send_modify(|waiting| *waiting -= 1);
        }
    }

    impl ForeignCounts for Silent {
        fn count_foreign(
            &self,
            _: &ForeignRange,
            _: Option<Revision>,
        ) -> impl Future<Output = Result<CountAt, Failure>> + Send {
            self.0.send_modify(|waiting| *waiting += 1);
            let waiting = Waiting(self.0.clone());
            async move {
                let _waiting = waiting;
                pending().await
            }
        }

        fn possibly_stale(&self) -> Self {
            self.clone()
        }

        fn is_possibly_stale(&self) -> bool {
            false
        }
    }

    fn lines(text: &str) -> (Scope, Vec<Explanation>) {
        let scope = Scope::parse("/coredns").unwrap();
        let lines = explain(text.as_bytes(), &scope);
        (scope, lines)
    }

    #[tokio::test]
    async fn each_line_with_keys_is_counted_and_told_by_its_number() {
        let (scope, explained) =
            lines("etcdctl version; etcdctl get --prefix /coredns/; etcdctl del /nobody");
        let store = Memory::demo(&scope);
        let (msgs, mut replies) = mpsc::channel(8);
        let counting = Counting::start(store.counts(), scope, msgs);
        counting.count(RequestId(7), explained);
        for (line, has_keys) in [(1, true), (2, false)] {
            let Some(Msg::Counted(request, number, hits)) = replies.recv().await else { panic!("no count") };
            assert_eq!((request, number), (RequestId(7), line));
            assert_eq!(hits.tally().unwrap().total > 0, has_keys, "{hits:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_any_more_for_what_nobody_looks_at() {
        let (scope, explained) = lines("etcdctl del / coredns");
        let (waiting, mut seen) = watch::channel(0);
        let (msgs, _replies) = mpsc::channel(8);
        let counting = Counting::start(Silent(waiting), scope, msgs);
        counting.count(RequestId(1), explained);
        seen.wait_for(|waiting| *waiting == 1).await.unwrap();
        counting.stop();
        let nobody = seen.wait_for(|waiting| *waiting == 0);
        timeout(Duration::from_secs(10), nobody).await.expect("the count was stopped").unwrap();
    }
}
