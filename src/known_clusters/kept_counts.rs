//! Counts of the last look on disk: a file for each cluster in the state directory, under any name of the cluster.
use crate::{
    advisory_lock::wait_for,
    counts::{Counts, Held, Holder, LastCounts, Loss},
    keys::{ClusterId, Revision},
    plain_file, private_directory,
    whole_file::WholeFile,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The largest file, in bytes: it has a line for each of the holders that were ever seen.
const MOST: u64 = 16 * plain_file::MIB;

/// Last counts of one cluster, in memory and, if there is a state directory, on disk.
#[derive(Clone, Debug)]
pub struct KeptCounts {
    cluster: ClusterId,
    /// `None` if nothing is kept on disk, as in `--demo`.
    file: Option<PathBuf>,
    counts: LastCounts,
}

#[derive(Serialize, Deserialize)]
struct WrittenCounts {
    cluster: String,
    #[serde(flatten)]
    counts: LastCounts,
}

impl KeptCounts {
    /// Makes empty counts that are not kept: for a cluster of a demo, or without a state directory.
    #[must_use]
    pub fn in_memory(cluster: ClusterId) -> Self {
        Self { cluster, file: None, counts: LastCounts::default() }
    }

    /// Loads the counts of a cluster from this state directory; none if it was never looked at.
    ///
    /// # Errors
    /// A file that cannot be read, or holds something else: then the earlier counts are not known.
    pub fn load(state: &Path, cluster: ClusterId) -> io::Result<Self> {
        let file = Self::path(state, cluster);
        let counts = read(&file, cluster)?;
        Ok(Self { cluster, file: Some(file), counts })
    }

    /// Makes empty counts in place of those that cannot be read; the next ones replace their file.
    #[must_use]
    pub fn anew(state: &Path, cluster: ClusterId) -> Self {
        Self { file: Some(Self::path(state, cluster)), ..Self::in_memory(cluster) }
    }

    /// Returns the path of the counts' file, which need not exist.
    #[must_use]
    pub fn path(state: &Path, cluster: ClusterId) -> PathBuf {
        state.join("counts").join(format!("{cluster}.json"))
    }

    /// As [`LastCounts::look`]. The result is on disk only after [`keep`](Self::keep).
    pub fn look(&mut self, counts: &Counts) -> Vec<Loss> {
        self.counts.look(counts)
    }

    /// Returns the losses that are not back, in any session.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss> {
        self.counts.losses()
    }

    /// Returns the keys that a holder had at the last look.
    #[must_use]
    pub fn last(&self, holder: &Holder) -> Option<Held> {
        self.counts.last(holder)
    }

    /// Returns the count at the highest revision, whoever's it is.
    #[must_use]
    pub fn newest(&self) -> Option<Held> {
        self.counts.newest()
    }

    /// As [`LastCounts::accept`].
    pub fn accept(&mut self, at: Timestamp) {
        self.counts.accept(at);
    }

    /// As [`LastCounts::accept_all`].
    pub fn accept_all(&mut self, counts: &Counts) {
        self.counts.accept_all(counts);
    }

    /// As [`LastCounts::settled_at`].
    #[must_use]
    pub fn settled_at(&self, holder: &Holder) -> Option<Revision> {
        self.counts.settled_at(holder)
    }

    /// As [`LastCounts::own_change`], written to disk at once: the next look must not take it for a loss.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn own_change(&mut self, scope: &Holder, changed: (u64, u64), at: Timestamp) -> io::Result<()> {
        self.update(|counts| counts.own_change(scope, changed, at))
    }

    /// Writes the counts to disk, joined with those that other sessions have written meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written; then the file stays as it was.
    pub fn keep(&mut self) -> io::Result<()> {
        self.update(|_| ())
    }

    /// Joins the counts that others have written, changes them and writes them, while no other session does so: of
    /// two that read the same file, one would undo the other's write.
    fn update(&mut self, change: impl FnOnce(&mut LastCounts)) -> io::Result<()> {
        let Some(path) = &self.file else {
            change(&mut self.counts);
            return Ok(());
        };
        let directory = path.parent().unwrap_or(Path::new("."));
        private_directory::make(directory)?;
        let locked = private_directory::open(directory)?;
        // A session that was stopped while it held the lock must not keep this one from writing its changes.
        if let Err(error) = wait_for(|| locked.try_lock()) {
            tracing::warn!(%error, "the counts are written without a lock");
        }
        // A file that cannot be read is replaced, because it helps nobody.
        if let Ok(theirs) = read(path, self.cluster) {
            self.counts.join(theirs);
        }
        change(&mut self.counts);
        let mut file = WholeFile::replace(path)?;
        let kept = WrittenCounts { cluster: self.cluster.to_string(), counts: self.counts.clone() };
        serde_json::to_writer(&mut file, &kept)?;
        file.write_all(b"\n")?;
        file.finish()
    }
}

fn read(path: &Path, cluster: ClusterId) -> io::Result<LastCounts> {
    let text = match plain_file::text(path, MOST) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(LastCounts::default());
        }
        Err(error) => return Err(error),
    };
    let kept: WrittenCounts = serde_json::from_str(&text).map_err(io::Error::other)?;
    if kept.cluster != cluster.to_string() {
        return Err(io::Error::other("it is about another cluster"));
    }
    Ok(kept.counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _};

    const CLUSTER: ClusterId = ClusterId(7);

    fn scope() -> Holder {
        Holder::Scope("/coredns/".to_owned())
    }

    fn kubernetes() -> Holder {
        Holder::Tenant("/registry/".to_owned())
    }

    fn counts<const N: usize>(second: i64, keys: [(Holder, u64); N]) -> Counts {
        let at = Timestamp::from_second(second).unwrap();
        Counts { at, revision: Revision(second), keys: BTreeMap::from(keys) }
    }

    fn load(state: &Path) -> KeptCounts {
        KeptCounts::load(state, CLUSTER).unwrap()
    }

    #[test]
    fn the_next_session_compares_with_what_was_kept() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("new");
        let mut first = load(&state);
        let all = counts(1, [(scope(), 9), (kubernetes(), 312), (Holder::Fleeting, 1000)]);
        assert!(first.look(&all).is_empty());
        first.keep().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = KeptCounts::path(&state, CLUSTER);
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let mut next = load(&state);
        assert_eq!(next.last(&scope()).unwrap().keys, 9);
        let none = counts(2, [(scope(), 0), (kubernetes(), 0), (Holder::Fleeting, 0)]);
        assert_eq!(next.look(&none).len(), 2);
        next.keep().unwrap();
        // The keys from before the loss are known until somebody has accepted it.
        let mut third = load(&state);
        assert_eq!(third.losses(), next.losses());
        third.accept(Timestamp::from_second(3).unwrap());
        third.keep().unwrap();
        assert_eq!(load(&state).losses(), []);
        next.keep().unwrap();
        assert_eq!((load(&state).losses(), next.losses()), (vec![], vec![]), "in the other session as well");
    }

    #[test]
    fn an_own_deletion_is_no_loss_for_the_next_session_whoever_has_looked_in_between() {
        let home = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (load(home.path()), load(home.path()));
        one.look(&counts(1, [(scope(), 9)]));
        other.look(&counts(2, [(scope(), 9)]));
        other.keep().unwrap();
        one.own_change(&scope(), (9, 0), Timestamp::from_second(3).unwrap()).unwrap();
        assert!(load(home.path()).look(&counts(4, [(scope(), 0)])).is_empty());
    }

    #[test]
    fn what_one_session_writes_is_never_lost_while_another_one_writes() {
        let home = tempfile::tempdir().unwrap();
        let mut first = load(home.path());
        first.look(&counts(1, [(scope(), 1000)]));
        first.keep().unwrap();
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for second in 2..=200 {
                    let at = Timestamp::from_second(second).unwrap();
                    load(home.path()).own_change(&scope(), (1, 0), at).unwrap();
                }
            });
            threads.spawn(|| {
                let mut other = load(home.path());
                (0..200).for_each(|_| other.keep().unwrap());
            });
        });
        assert_eq!(load(home.path()).last(&scope()).unwrap().keys, 1000 - 199);
    }

    #[test]
    fn sessions_of_two_scopes_keep_both() {
        let home = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (load(home.path()), load(home.path()));
        let skydns = Holder::Scope("/skydns/".to_owned());
        one.look(&counts(1, [(scope(), 9)]));
        other.look(&counts(1, [(skydns.clone(), 4)]));
        one.keep().unwrap();
        other.keep().unwrap();
        let both = load(home.path());
        assert_eq!((both.last(&scope()).unwrap().keys, both.last(&skydns).unwrap().keys), (9, 4));
    }

    #[test]
    fn a_file_that_says_nothing_is_an_error_and_no_first_look() {
        let home = tempfile::tempdir().unwrap();
        load(home.path()).keep().unwrap();
        let path = KeptCounts::path(home.path(), CLUSTER);
        fs::copy(&path, KeptCounts::path(home.path(), ClusterId(8))).unwrap();
        assert!(KeptCounts::load(home.path(), ClusterId(8)).is_err(), "it is about another cluster");
        fs::write(&path, "{").unwrap();
        assert!(KeptCounts::load(home.path(), CLUSTER).is_err());
        KeptCounts::anew(home.path(), CLUSTER).keep().unwrap();
        assert_eq!(load(home.path()).losses(), []);
    }

    #[test]
    fn what_is_only_pretended_leaves_no_file() {
        let mut kept = KeptCounts::in_memory(CLUSTER);
        kept.look(&counts(1, [(scope(), 9)]));
        kept.keep().unwrap();
        assert_eq!(kept.look(&counts(2, [(scope(), 0)])).len(), 1);
    }
}
