//! Rescue of all of etcd as it was before an accident, beside the loop. Only here a deck reads keys outside the
//! scope, and only if somebody has asked for it.
use crate::{
    app::{DeckError, Msg, RequestId, WholeRescue},
    archive::{self, ArchiveKind, SaveError, SaveRequest},
    etcdctl::quoted,
    failure::Failure,
    keys::{ClusterId, ForeignRange, Revision, Scope},
    remedy::Remedy,
    store::{ForeignPages, Reader},
    way_back::WayBackContext,
};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Every deck of a user may save the same accident in the same second and choose the same name; only one of them gets
/// it.
const ATTEMPTS: u32 = 16;

/// Task that saves. It ends with the deck.
#[derive(Debug)]
pub(super) struct RescuingAll {
    orders: mpsc::Sender<(RequestId, Revision)>,
    _task: AbortOnDropHandle<()>,
}

impl RescuingAll {
    pub(super) fn start<F: ForeignPages, R: Reader>(
        foreign: F,
        reader: R,
        place: RescueDirectory,
        msgs: mpsc::Sender<Msg>,
    ) -> Self {
        // The deck asks for one at a time.
        let (orders, mut queue) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            while let Some((request, at)) = queue.recv().await {
                let saved = place.save(&foreign, &reader, (request, at), &msgs).await;
                // Nobody waits any more when the deck is closed.
                let _ = msgs.send(Msg::RescuedAll(request, saved.unwrap_or_else(WholeRescue::Failed))).await;
            }
        });
        Self { orders, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) fn save(&self, request: RequestId, at: Revision) {
        if let Err(error) = self.orders.try_send((request, at)) {
            tracing::error!(%error, "a rescue was refused by its queue");
        }
    }
}

/// Directory for rescued files, and the session that they are of.
#[derive(Clone, Debug)]
pub(super) struct RescueDirectory {
    /// `None` if nothing is kept on disk, as in `--demo`.
    pub(super) directory: Option<PathBuf>,
    pub(super) scope: Scope,
    pub(super) cluster: ClusterId,
    pub(super) way_back: WayBackContext,
}

impl RescueDirectory {
    async fn save<F: ForeignPages, R: Reader>(
        &self,
        foreign: &F,
        reader: &R,
        (request, at): (RequestId, Revision),
        msgs: &mpsc::Sender<Msg>,
    ) -> Result<WholeRescue, DeckError> {
        let Some(directory) = &self.directory else {
            return Err(DeckError {
                compacted: None,
                what: "this session keeps nothing on disk".to_owned(),
                remedy: format!("Run coredeck rescue --range / --at {at} --to FILE."),
            });
        };
        let mut taken = None;
        for _ in 0..ATTEMPTS {
            let path =
                archive::fresh_of(directory, "/", self.cluster, Timestamp::now()).map_err(|error| {
                    DeckError {
                        compacted: None,
                        what: format!("{} cannot be used: {error}", directory.display()),
                        remedy: format!(
                            "Run coredeck rescue --range / --at {at} --to FILE with another place."
                        ),
                    }
                })?;
            let wanted = SaveRequest {
                kind: ArchiveKind::Rescue,
                pages: foreign,
                range: ForeignRange::all(),
                named: "/".to_owned(),
                at: Some(at),
                scope: &self.scope,
            };
            let progress = |read, all| {
                // If a report finds the queue full, a later one follows.
                let _ = msgs.try_send(Msg::Rescuing(request, read, all));
            };
            match archive::save(&wanted, reader, &path, progress).await {
                Ok(saved) => return Ok(self.whole(&path, saved.written.records, at).await),
                Err(SaveError::File { .. }) if path.exists() => taken = Some(path),
                Err(why) => return Err(told(&why, at)),
            }
        }
        let what = taken.map_or_else(String::new, |path| format!("{} was taken", path.display()));
        Err(DeckError { what, remedy: "Press R again.".to_owned(), compacted: None })
    }

    /// Describes a file that is whole, with the script beside it. A failure of the script does not make the file
    /// worse.
    async fn whole(&self, path: &Path, keys: u64, revision: Revision) -> WholeRescue {
        let (saved, context) = (path.to_owned(), self.way_back.clone());
        let written = tokio::task::spawn_blocking(move || archive::way_back(&saved, &context)).await;
        let file = path.display().to_string();
        let way_back = match written {
            Ok(Ok(way_back)) => way_back.steps,
            Ok(Err(why)) => without_script(&why, &self.way_back.program, &file),
            Err(why) => without_script(&why, &self.way_back.program, &file),
        };
        WholeRescue::Saved { file, keys, revision, way_back }
    }
}

fn without_script(why: &dyn std::fmt::Display, program: &str, file: &str) -> Vec<String> {
    vec![
        format!("There is no script to put others' keys back with: {why}. The records come back with:"),
        format!("     {program} restore {}", quoted(file)),
    ]
}

/// Returns the reason why there is no file, and the remedy.
fn told(why: &SaveError, at: Revision) -> DeckError {
    let remedy = match why {
        SaveError::Store(Failure::PermissionDenied { .. }) => format!(
            "Who may: etcd's user root, or the admin certificate of etcd. With it, and soon: coredeck rescue --range / \
             --at {at} --to FILE."
        ),
        SaveError::Store(Failure::Compacted { .. }) => {
            "etcd cannot tell any more what was there. Look for the newest snapshot of etcd, and the newest backup."
                .to_owned()
        }
        SaveError::File { .. } => {
            format!("Make room there and press R again, or: coredeck rescue --range / --at {at} --to FILE.")
        }
        SaveError::Store(_) | SaveError::Compacting | SaveError::Nothing { .. } => {
            format!("{} Then press R again.", why.remedy())
        }
    };
    DeckError { what: why.to_string(), remedy, compacted: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{ArchiveReader, LineContent},
        store::memory::Memory,
        way_back::EtcdctlConnection,
    };
    use std::fs;

    async fn accident() -> (Memory, Revision) {
        let scope = Scope::parse("/coredns").unwrap();
        let store = Memory::new(&scope);
        for key in ["/coredns/a/x1", "/registry/pods/a", "/registry/pods/b", "compact_rev_key"] {
            store.seed().put(key, "{}");
        }
        let before = store.reader().status().await.unwrap().revision;
        for key in ["/coredns/a/x1", "/registry/pods/a", "/registry/pods/b"] {
            store.seed().delete(key);
        }
        (store, before)
    }

    fn rescuing(store: &Memory, directory: Option<PathBuf>) -> (RescuingAll, mpsc::Receiver<Msg>) {
        let (msgs, replies) = mpsc::channel(16);
        let scope = Scope::parse("/coredns").unwrap();
        let way_back = WayBackContext {
            connection: EtcdctlConnection::default(),
            program: "coredeck".to_owned(),
            distribution: None,
        };
        let place = RescueDirectory { directory, scope, cluster: ClusterId(7), way_back };
        (RescuingAll::start(store.foreign(), store.reader(), place, msgs), replies)
    }

    async fn rescued(replies: &mut mpsc::Receiver<Msg>) -> (Vec<(u64, u64)>, WholeRescue) {
        let mut progress = vec![];
        loop {
            let reply = replies.recv().await.unwrap();
            if let Msg::Rescuing(RequestId(3), read, of) = reply {
                progress.push((read, of));
            } else if let Msg::RescuedAll(RequestId(3), whole) = reply {
                return (progress, whole);
            } else {
                panic!("{reply:?}");
            }
        }
    }

    #[tokio::test]
    async fn everybodys_keys_as_they_were_are_in_one_file_that_is_read_back() {
        let home = tempfile::tempdir().unwrap();
        let (store, before) = accident().await;
        let (rescuing, mut replies) = rescuing(&store, Some(home.path().to_owned()));
        rescuing.save(RequestId(3), before);
        let (progress, whole) = rescued(&mut replies).await;
        assert_eq!(progress, [(4, 4)]);
        let WholeRescue::Saved { file, keys: 4, revision, way_back } = whole else { panic!("{whole:?}") };
        assert!(way_back.iter().any(|line| line.contains(".put-back.sh")), "{way_back:#?}");
        assert_eq!(revision, before);
        let mut archive = ArchiveReader::open(Path::new(&file)).unwrap();
        assert_eq!(archive.heading().range, "/");
        let mut keys = vec![];
        while let Some(content) = archive.next().unwrap() {
            if let LineContent::Record(record) = content {
                keys.push(String::from_utf8(record.key.into()).unwrap());
            }
        }
        assert_eq!(keys, ["/coredns/a/x1", "/registry/pods/a", "/registry/pods/b", "compact_rev_key"]);
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn what_cannot_be_saved_is_told_with_what_to_do() {
        let home = tempfile::tempdir().unwrap();
        let (store, before) = accident().await;
        let (rescuing_nowhere, mut replies) = rescuing(&store, None);
        rescuing_nowhere.save(RequestId(3), before);
        let (_, whole) = rescued(&mut replies).await;
        assert!(
            matches!(&whole, WholeRescue::Failed(told) if told.remedy.contains("rescue --range /")),
            "{whole:?}"
        );
        store.seed().compact(Revision(before.0 + 2));
        let (rescuing, mut replies) = rescuing(&store, Some(home.path().to_owned()));
        rescuing.save(RequestId(3), before);
        let (_, whole) = rescued(&mut replies).await;
        assert!(matches!(&whole, WholeRescue::Failed(told) if told.remedy.contains("snapshot")), "{whole:?}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left of it");
    }

    #[test]
    fn a_credential_that_may_not_read_is_told_who_could() {
        let failure =
            Failure::PermissionDenied { who: "dns".into(), action: "read", what: "all keys of etcd".into() };
        let told = told(&SaveError::Store(failure), Revision(41));
        assert!(told.what.contains("dns") && told.remedy.contains("user root"), "{told:?}");
        assert!(told.remedy.contains("--at 41"), "{told:?}");
    }
}
