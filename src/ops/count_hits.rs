use crate::{
    etcdctl::{Explanation, Hits},
    failure::Failure,
    keys::Scope,
};
use crate::{ops::tally, store::ForeignCounts};

/// Counts the keys that an explained line hits, and those that were probably meant. Where there is no leader, the
/// counts are those of one member.
pub async fn count_hits<C: ForeignCounts>(counts: &C, explanation: &Explanation, scope: &Scope) -> Hits {
    let Some(span) = &explanation.span else { return Hits::Uncounted };
    let range = span.range();
    let mut counts = counts.clone();
    let mut counted = tally(&counts, &range, scope).await;
    if matches!(counted, Err(Failure::NoLeader { .. })) && !counts.is_possibly_stale() {
        counts = counts.possibly_stale();
        counted = tally(&counts, &range, scope).await;
    }
    let tally = match counted {
        Ok(tally) => tally,
        Err(Failure::PermissionDenied { .. }) => {
            return Hits::Unknown("this credential may not count there".to_owned());
        }
        Err(failure) => return Hits::Unknown(failure.to_string()),
    };
    let meant = match &explanation.meant {
        Some(meant) => counts.count_foreign(&meant.span.range(), None).await.ok().map(|counted| counted.keys),
        None => None,
    };
    Hits::Counted(tally, meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{etcdctl::explain, store::memory::Memory};

    #[tokio::test]
    async fn without_a_leader_it_is_counted_what_one_member_has_and_that_is_said() {
        let scope = Scope::parse("/coredns").unwrap();
        let store = Memory::demo(&scope);
        let [line] = &explain(b"etcdctl del --prefix /coredns/", &scope)[..] else { panic!() };
        let with_leader = count_hits(&store.counts(), line, &scope).await;
        let said = |hits: &Hits| line.means(hits).join(" ");
        assert!(!said(&with_leader).contains("stale"), "{}", said(&with_leader));
        store.fail_everything(Failure::NoLeader { endpoint: "a".to_owned() });
        let without = count_hits(&store.counts(), line, &scope).await;
        let total = |hits: &Hits| hits.tally().unwrap().total;
        assert_eq!(total(&without), total(&with_leader));
        assert!(said(&without).contains("possibly stale"), "{}", said(&without));
        store.fail_everything(Failure::NothingListening { endpoint: "a".to_owned() });
        assert!(matches!(count_hits(&store.counts(), line, &scope).await, Hits::Unknown(_)));
    }
}
