//! Search for losses of a scope, or of others: it asks every witness that this machine and etcd have.
use super::{JournalKnowledge, KnowledgePlaces, offers};
use crate::{
    archive::{ArchiveKind, Archived, Catalogue},
    counts::{Held, Holder, Loss, is_loss},
    failure::Failure,
    index::Records,
    keys::{ClusterId, Revision, Scope},
    known_clusters::KeptCounts,
    ops::{Census, count_everybody, index_of, read_keys},
    plan::SavedKey,
    quantity::counted,
    signpost::{
        Aftermath, InEtcd, MassDeletion, Point, RecoveryOffer, Signpost, WentBack, Witness, before_a_loss,
        mass_deletion,
    },
    store::{ForeignCounts, Reader},
    unread_place::UnreadPlace,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::{task::spawn_blocking, time::timeout};

/// The most changes of etcd's own history that are looked through.
const MOST_CHANGES: usize = 100_000;
/// The time limit for looking through etcd's own history: without Kubernetes it may reach back years.
const HISTORY_WITHIN: Duration = Duration::from_secs(3);

/// Evidence in the files of this machine.
struct OnDisk {
    kept: Option<KeptCounts>,
    /// True if there is a state directory.
    has_state: bool,
    catalogue: Catalogue,
    written: JournalKnowledge,
    unread: Vec<UnreadPlace>,
}

/// Asks every witness that could know of a loss.
///
/// # Errors
/// The store's failure to read the scope. Any other witness that cannot be asked is left out.
pub async fn aftermath<R: Reader, C: ForeignCounts>(
    places: &KnowledgePlaces,
    (reader, counts): (&R, &C),
    scope: &Scope,
    cluster: ClusterId,
) -> Result<Aftermath, Failure> {
    let census = count_everybody(counts, scope).await?;
    let (places, of) = (places.clone(), scope.clone());
    let on_disk = spawn_blocking(move || OnDisk::read(&places, &of, cluster)).await;
    // Reading does not panic; if it ever does, its panic goes on here.
    let on_disk = on_disk.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    let holder = Holder::scope(scope);
    let now = Held { keys: census.in_scope, at: census.counts.at, revision: census.counts.revision };
    let past = timeout(HISTORY_WITHIN, reader.past(&scope.range(), MOST_CHANGES)).await;
    let past = past.unwrap_or_else(|_| {
        Err(Failure::Other { detail: "its history is too long to be looked through".to_owned() })
    });
    let settled = on_disk.kept.as_ref().and_then(|kept| kept.settled_at(&holder));
    let deletion = past.as_ref().ok().and_then(|past| {
        // Changes after the count belong to the next look.
        let known = settled.filter(|settled| *settled <= now.revision).unwrap_or_default();
        let is_news = |revision: Revision| known < revision && revision <= now.revision;
        let events: Vec<_> = past.events.iter().filter(|event| is_news(event.revision())).cloned().collect();
        mass_deletion(&events, now.keys, &on_disk.written.own, &holder)
    });
    let mut points = on_disk.points(scope, &holder);
    points.extend(deletion.map(|found| Point {
        keys: found.keys,
        revision: found.before,
        at: None,
        witness: Witness::History,
    }));
    points.extend(on_disk.journal_point(reader, scope, now.keys).await?);
    let then = before_a_loss(points, now, settled, &on_disk.written.own, &holder);
    let lost = match then {
        None => None,
        Some(then) => {
            let records = index_of(reader, scope).await?.records().clone();
            let in_etcd = in_etcd(reader, scope, deletion, then.revision).await;
            Some((
                records,
                Signpost {
                    scope: scope.to_string(),
                    then,
                    now,
                    in_etcd,
                    offers: vec![],
                    unread: on_disk.unread.clone(),
                },
            ))
        }
    };
    let asked = on_disk.asked(past.is_ok());
    let judged = spawn_blocking(move || {
        let signpost =
            lost.map(|(records, signpost)| Signpost { offers: on_disk.offers(&records), ..signpost });
        let unread = on_disk.unread.clone();
        Aftermath { asked, unread, ..on_disk.judged(signpost, &census) }
    });
    Ok(judged.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
}

/// Finds out whether etcd still has the lost keys: right before the deletion, or where a witness saw them.
async fn in_etcd(
    reader: &impl Reader,
    scope: &Scope,
    deletion: Option<MassDeletion>,
    seen_at: Revision,
) -> InEtcd {
    if let Some(MassDeletion { before, keys, .. }) = deletion {
        return InEtcd::Readable { before, keys };
    }
    match reader.list(&scope.range(), 1, Some(seen_at)).await {
        Ok(listed) => InEtcd::Readable { before: seen_at, keys: listed.total },
        Err(Failure::Compacted { .. }) => InEtcd::Compacted,
        Err(Failure::NotYet { .. }) => InEtcd::Unknown("it is at an older revision itself".to_owned()),
        Err(failure) => InEtcd::Unknown(failure.to_string()),
    }
}

impl OnDisk {
    fn read(places: &KnowledgePlaces, scope: &Scope, cluster: ClusterId) -> Self {
        let mut unread = vec![];
        let kept = places.state.as_ref().and_then(|state| {
            KeptCounts::load(state, cluster)
                .map_err(|error| unread.push(UnreadPlace::named("the count of last time", &error)))
                .ok()
        });
        let written = JournalKnowledge::of(&places.ledger, cluster, scope)
            .map_err(|failure| unread.push(UnreadPlace::named("the journal", &failure)))
            .unwrap_or_default();
        let catalogue = Catalogue::of(&places.directories, scope, cluster, Timestamp::now());
        unread.extend_from_slice(catalogue.unread());
        let has_state = places.state.as_ref().is_some_and(|state| state.is_dir());
        Self { kept, has_state, catalogue, written, unread }
    }

    /// Returns the witnesses that could know of a loss and were asked.
    fn asked(&self, has_history: bool) -> Vec<String> {
        let files = self.catalogue.archives().len();
        [
            self.kept.as_ref().map(|_| "the count of last time".to_owned()),
            self.written.last().map(|_| "the journal".to_owned()),
            (files > 0).then(|| counted(files, "saved file")),
            has_history.then(|| "etcd's history".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the numbers of keys that the kept counts and the files report.
    fn points(&self, scope: &Scope, holder: &Holder) -> Vec<Point> {
        let counted = |held: Held| Point {
            keys: held.keys,
            revision: held.revision,
            at: Some(held.at),
            witness: Witness::Counts,
        };
        let saved = |(keys, archived): (u64, &Archived)| Point {
            keys,
            revision: archived.heading.revision,
            at: Some(archived.time()),
            witness: match archived.heading.kind {
                ArchiveKind::Backup => Witness::Backup,
                ArchiveKind::Rescue => Witness::Rescue,
            },
        };
        let kept = self.kept.iter().flat_map(|kept| {
            let lost = kept.losses().into_iter().filter(|loss| loss.whose == *holder).map(|loss| loss.then);
            lost.chain(kept.last(holder)).collect::<Vec<_>>()
        });
        let counted_in = |archived| Some((Archived::scope_keys(archived, scope)?, archived));
        let files = self.catalogue.archives().iter().filter_map(counted_in);
        kept.map(counted).chain(files.map(saved)).collect()
    }

    /// Returns the journal's records that are away, if they could be a great part of the scope.
    async fn journal_point(
        &self,
        reader: &impl Reader,
        scope: &Scope,
        now: u64,
    ) -> Result<Option<Point>, Failure> {
        let saved = self.written.saved(None);
        let Some((at, revision)) = self.written.last() else { return Ok(None) };
        if !is_loss(&Holder::scope(scope), now + saved.len() as u64, now) {
            return Ok(None);
        }
        let away = if now == 0 {
            saved.len() as u64
        } else {
            let keys = saved.into_iter().map(|SavedKey { key, .. }| key).collect::<Vec<_>>();
            let all = keys.len() as u64;
            all.saturating_sub(read_keys(reader, scope, keys, None).await?.records.len() as u64)
        };
        Ok((away > 0).then_some(Point {
            keys: now + away,
            revision,
            at: Some(at),
            witness: Witness::Journal,
        }))
    }

    /// Returns the newest backup and the newest rescue with records, and the journal.
    fn offers(&self, records: &Records) -> Vec<RecoveryOffer> {
        let newest = |kind: ArchiveKind| {
            let mut archives = self
                .catalogue
                .archives()
                .iter()
                .filter(|archived| archived.heading.kind == kind && archived.keys() > 0);
            archives.find_map(|archived| {
                let offer = offers::of_file(archived, records, None);
                offer.keys.filter(|keys| *keys > 0).map(|_| offer)
            })
        };
        let journal = offers::of_journal(&self.written, records, None);
        let has_some = |offer: &RecoveryOffer| offer.away().is_some_and(|away| away > 0);
        [newest(ArchiveKind::Backup), newest(ArchiveKind::Rescue), journal.filter(has_some)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Returns the result, and keeps the counts of this look for the next one.
    fn judged(self, signpost: Option<Signpost>, census: &Census) -> Aftermath {
        let now = Some(census.in_scope);
        let Some(mut kept) = self.kept else {
            return Aftermath { now, signpost, ..Aftermath::default() };
        };
        let went_back = WentBack::of(kept.newest(), census.counts.revision);
        kept.look(&census.counts);
        let others = kept.losses().into_iter().filter(|loss| !loss.whose.is_scope()).collect::<Vec<Loss>>();
        // Counts of a store that went back would hide from the next look that it did. If the program has kept nothing
        // so far, a look leaves nothing behind.
        if went_back.is_none()
            && self.has_state
            && let Err(error) = kept.keep()
        {
            tracing::warn!(%error, "the counts of this look are not kept");
        }
        Aftermath { now, signpost, others, went_back, asked: vec![], unread: vec![] }
    }
}

/// Returns the higher revision at which this machine has counted a cluster that is at `now`; `None` if there is none, or
/// if the counts cannot be read.
#[must_use]
pub fn went_back(places: &KnowledgePlaces, cluster: ClusterId, now: Revision) -> Option<WentBack> {
    WentBack::of(KeptCounts::load(places.state.as_ref()?, cluster).ok()?.newest(), now)
}

/// Writes down that somebody knows what everybody has now, and accepts it.
///
/// # Errors
/// The reason why it is not written down, in words.
pub async fn accept_loss<C: ForeignCounts>(
    places: &KnowledgePlaces,
    counts: &C,
    scope: &Scope,
    cluster: ClusterId,
) -> Result<(), String> {
    let census = count_everybody(counts, scope).await.map_err(|failure| failure.to_string())?;
    let Some(state) = places.state.clone() else { return Err("nothing is kept of a demo".to_owned()) };
    let written = spawn_blocking(move || {
        let mut kept =
            KeptCounts::load(&state, cluster).unwrap_or_else(|_| KeptCounts::anew(&state, cluster));
        kept.accept_all(&census.counts);
        kept.keep().map_err(|error| format!("{}: {error}", KeptCounts::path(&state, cluster).display()))
    });
    written.await.map_err(|error| error.to_string())?
}
