use super::{ForeignCounts, tally};
use crate::{
    etcdctl::{Explanation, Hits},
    failure::Failure,
    keys::Scope,
};

/// Counts what an explained line hits, and what was probably meant by it.
pub async fn count_hits<C: ForeignCounts>(counts: &C, explanation: &Explanation, scope: &Scope) -> Hits {
    let Some(span) = &explanation.span else { return Hits::Uncounted };
    let tally = match tally(counts, &span.range(), scope).await {
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
