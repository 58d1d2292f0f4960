//! Session with its store, and with the right to write or without it.
use super::{
    command_error::CommandError, connecting::connected, first_contact::keep_members,
    known::tell_if_it_went_back, output::say_safely,
};
use crate::{
    config::{ProcessEnvironment, Settings, Sourced, state_directory},
    failure::Failure,
    health::Health,
    journal::{Author, FileJournal, Ledger, MemoryJournal},
    keys::{ClusterId, Scope},
    plan::{EntryId, Journal, Outcome, Plan},
    remedy::Remedy,
    store::{
        Attempts, ClusterStatus, ForeignCounts, ForeignDeletions, ForeignPages, Reader, WriteAccess, Writer,
        etcd::{self, EtcdCounts, EtcdForeign, EtcdReader, EtcdWriter, SnapshotStream, Timeouts},
        memory::{Memory, MemoryCounts, MemoryForeign, MemoryReader, MemoryWriter},
    },
};

use std::{future::Future, path::PathBuf, time::Duration};

/// Store that has not been asked anything yet.
pub(super) trait Store: Send + Sync + 'static {
    type Reader: Reader;
    type Writer: Writer;
    type Foreign: ForeignPages + ForeignDeletions;
    type Counts: ForeignCounts;

    /// Connects. A reader is returned only after an endpoint has answered.
    fn connect(
        &self,
        scope: &Scope,
        attempts: &Attempts,
    ) -> impl Future<Output = Result<(Self::Reader, ClusterStatus), Failure>> + Send;

    /// Returns the health of the cluster, even if it cannot be connected to.
    fn examine(
        &self,
        scope: &Scope,
        within: Duration,
    ) -> impl Future<Output = Result<Health, Failure>> + Send;

    /// Returns the writer. Only [`Session::for_changes`] asks for it, and only if writing is allowed (promise P7).
    fn writer(&self, reader: &Self::Reader) -> Self::Writer;

    /// Returns the reader of any range at a revision, for a rescue.
    fn foreign(&self, reader: &Self::Reader) -> Self::Foreign;

    /// Returns the counter of any range, which can do nothing else.
    fn counts(&self, reader: &Self::Reader) -> Self::Counts;

    /// Returns a snapshot of all of etcd; `None` if there is no etcd.
    fn snapshot(
        &self,
        reader: &Self::Reader,
    ) -> impl Future<Output = Result<Option<SnapshotStream>, Failure>> + Send;
}

impl Store for Memory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;
    type Foreign = MemoryForeign;
    type Counts = MemoryCounts;

    async fn connect(&self, _: &Scope, _: &Attempts) -> Result<(MemoryReader, ClusterStatus), Failure> {
        let reader = self.reader();
        let status = reader.status().await?;
        Ok((reader, status))
    }

    async fn examine(&self, _: &Scope, within: Duration) -> Result<Health, Failure> {
        Ok(self.reader().health(within).await)
    }

    fn writer(&self, _: &MemoryReader) -> MemoryWriter {
        self.writer()
    }

    fn foreign(&self, _: &MemoryReader) -> MemoryForeign {
        self.foreign()
    }

    fn counts(&self, _: &MemoryReader) -> MemoryCounts {
        self.counts()
    }

    async fn snapshot(&self, _: &MemoryReader) -> Result<Option<SnapshotStream>, Failure> {
        Ok(None)
    }
}

/// Cluster to connect to.
#[derive(Clone, Debug)]
pub(super) struct Etcd(etcd::EtcdSettings);

impl Etcd {
    pub(super) fn of(settings: &Settings) -> Self {
        let path = |file: &Option<Sourced<PathBuf>>| file.as_ref().map(|file| file.value.clone());
        let mut timeouts = Timeouts { dial: settings.dial_timeout.value, ..Timeouts::default() };
        if let Some(timeout) = &settings.command_timeout {
            timeouts.read = timeout.value;
            timeouts.listing = timeouts.listing.max(timeout.value);
            // A shorter time would not stop a write, but only make its outcome unknown.
            timeouts.write = timeouts.write.max(timeout.value);
        }
        Self(etcd::EtcdSettings {
            endpoints: settings.endpoints.value.clone(),
            further: settings.further.clone(),
            cacert: path(&settings.cacert),
            cert: path(&settings.cert),
            key: path(&settings.key),
            user: settings.user.as_ref().map(|user| user.value.clone()),
            password: settings.password.clone(),
            timeouts,
        })
    }

    /// Returns the settings for questions to single members, or by a user who may not even read the scope.
    pub(super) fn into_settings(self) -> etcd::EtcdSettings {
        self.0
    }
}

impl Store for Etcd {
    type Reader = EtcdReader;
    type Writer = EtcdWriter;
    type Foreign = EtcdForeign;
    type Counts = EtcdCounts;

    async fn connect(
        &self,
        scope: &Scope,
        attempts: &Attempts,
    ) -> Result<(EtcdReader, ClusterStatus), Failure> {
        etcd::connect(&self.0, scope, attempts).await
    }

    async fn examine(&self, scope: &Scope, within: Duration) -> Result<Health, Failure> {
        etcd::examine(&self.0, scope, within).await
    }

    fn writer(&self, reader: &EtcdReader) -> EtcdWriter {
        etcd::open_writer(reader)
    }

    fn foreign(&self, reader: &EtcdReader) -> EtcdForeign {
        etcd::open_foreign(reader)
    }

    fn counts(&self, reader: &EtcdReader) -> EtcdCounts {
        etcd::open_counts(reader)
    }

    async fn snapshot(&self, reader: &EtcdReader) -> Result<Option<SnapshotStream>, Failure> {
        etcd::open_snapshot(reader).await.map(Some)
    }
}

/// Session of this run: its settings and its store.
#[derive(Debug)]
pub(super) struct Session<S> {
    pub(super) settings: Settings,
    pub(super) store: S,
}

/// Reader and writer of a session, after the first reply.
#[derive(Debug)]
pub(super) struct Handles<S: Store> {
    pub(super) reader: S::Reader,
    /// The writer, or the reason why there is none.
    pub(super) writer: Result<S::Writer, Failure>,
    pub(super) status: ClusterStatus,
}

impl<S: Store> Session<S> {
    pub(super) fn scope(&self) -> &Scope {
        &self.settings.scope.value
    }

    /// Returns the reader alone, for commands that change nothing. Without a leader it reads the state of one member,
    /// and another cluster than the pinned one can be read as well; both cases print a warning.
    pub(super) async fn reader(&self) -> Result<S::Reader, Failure> {
        Ok(self.for_looking().await?.0)
    }

    /// Does as [`reader`](Self::reader), and returns the status as well.
    pub(super) async fn for_looking(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status, another) = self.whoever_answers().await?;
        match another {
            Some(another) => warn_of(&another),
            None => tell_if_it_went_back(&self.settings, &status),
        }
        Ok((reader, status))
    }

    /// Returns the reader and the status, for files that are kept. Another cluster than the pinned one is an error,
    /// because its files would be taken for those of the pinned one.
    pub(super) async fn for_reading(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status, another) = self.whoever_answers().await?;
        another.map_or(Ok((reader, status)), Err)
    }

    /// Returns the reader, the status, and an error for another cluster than the pinned one, for files that name their
    /// cluster themselves.
    pub(super) async fn whoever_answers(
        &self,
    ) -> Result<(S::Reader, ClusterStatus, Option<Failure>), Failure> {
        let (reader, status) = self.connected().await?;
        let another = wrong_cluster(&self.settings, status.cluster);
        Ok((as_far_as_it_goes(reader, &status), status, another))
    }

    /// Does as [`for_changes`](Self::for_changes) for a deck, which shows the first contact itself, and may wait for a
    /// leader with its writer open.
    pub(super) async fn for_deck(&self, attempts: &Attempts) -> Result<Handles<S>, Failure> {
        let (reader, status) = self.store.connect(self.scope(), attempts).await?;
        keep_members(&self.settings, &status);
        let mut doors = self.doors((reader, status));
        if doors.status.access == WriteAccess::NoLeader
            && matches!(doors.writer, Err(Failure::NoLeader { .. }))
        {
            doors.writer = Ok(self.store.writer(&doors.reader));
        }
        Ok(doors)
    }

    /// Connects, and opens the writer if the cluster that answers may be changed.
    pub(super) async fn for_changes(&self) -> Result<Handles<S>, Failure> {
        let (reader, status) = self.connected().await?;
        tell_if_it_went_back(&self.settings, &status);
        Ok(self.doors((reader, status)))
    }

    async fn connected(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status) = connected(&self.store, self.scope()).await?;
        keep_members(&self.settings, &status);
        if let Some(warning) = needless_user(&self.settings, &status) {
            say_safely(warning);
        }
        Ok((reader, status))
    }

    fn doors(&self, (reader, status): (S::Reader, ClusterStatus)) -> Handles<S> {
        tracing::info!(cluster = %status.cluster, endpoint = %status.endpoint, version = ?status.version, "connected");
        let writer = match why_read_only(&self.settings, &status) {
            None => Ok(self.store.writer(&reader)),
            Some(why) => Err(why),
        };
        Handles { reader, writer, status }
    }

    /// Opens the journal, and reports the repairs there.
    pub(super) fn journal(&self) -> Result<SessionJournal, CommandError> {
        if self.settings.demo {
            return Ok(SessionJournal::Memory(Box::new(MemoryJournal::new(self.scope().clone(), author()))));
        }
        let directory = state_directory(&ProcessEnvironment)?;
        let journal = FileJournal::open(&directory, self.scope().clone(), author())?;
        for notice in journal.notices() {
            say_safely(format!("coredeck: {notice}"));
        }
        Ok(SessionJournal::File(Box::new(journal)))
    }
}

fn author() -> Author {
    Author::of(|name| std::env::var(name).ok())
}

/// Returns the entries of earlier sessions, even if this one may not change anything. A demo has none.
pub(super) fn ledger(settings: &Settings) -> Result<Ledger, CommandError> {
    if settings.demo {
        return Ok(Ledger::default());
    }
    Ok(Ledger::in_directory(&state_directory(&ProcessEnvironment)?))
}

/// Returns the place of the journal, for a person.
pub(super) fn journal_place(settings: &Settings) -> Result<String, CommandError> {
    if settings.demo {
        return Ok("the demo keeps none".to_owned());
    }
    Ok(FileJournal::path_in(&state_directory(&ProcessEnvironment)?).display().to_string())
}

/// Returns the reason why nothing may be changed here, if there is one.
fn why_read_only(settings: &Settings, status: &ClusterStatus) -> Option<Failure> {
    if let Some(asked) = &settings.read_only {
        return Some(Failure::ReadOnly { why: asked.to_string(), remedy: asked.remedy() });
    }
    if let Some(failure) = wrong_cluster(settings, status.cluster) {
        return Some(failure);
    }
    match &status.access {
        WriteAccess::Write => None,
        WriteAccess::ReadOnly(why) => Some(Failure::ReadOnly {
            why: why.clone(),
            remedy: "Use a credential that may write there.".to_owned(),
        }),
        WriteAccess::NoLeader => Some(Failure::NoLeader { endpoint: status.endpoint.clone() }),
    }
}

/// Returns a warning if a user was given and authentication is off. etcdctl goes on there as well.
fn needless_user(settings: &Settings, status: &ClusterStatus) -> Option<String> {
    let user = settings.user.as_ref().filter(|_| !settings.demo && status.user.is_none())?;
    (status.access != WriteAccess::NoLeader).then(|| {
        format!(
            "coredeck: warning: authentication is off in this etcd, so the user {} ({}) is not used: everybody who \
             reaches it may do everything.",
            user.value, user.from
        )
    })
}

/// Returns a reader that can answer: without a leader one for possibly stale reads.
fn as_far_as_it_goes<R: Reader>(reader: R, status: &ClusterStatus) -> R {
    if status.access != WriteAccess::NoLeader {
        return reader;
    }
    let ClusterStatus { endpoint, revision, .. } = status;
    say_safely(format!(
        "coredeck: warning: no leader of the cluster answers. This is what {endpoint} has at revision {revision}, possibly stale."
    ));
    reader.possibly_stale()
}

/// Returns an error if this is another cluster than the pinned one.
pub(super) fn wrong_cluster(settings: &Settings, found: ClusterId) -> Option<Failure> {
    let pinned = settings.pinned.as_ref().filter(|pinned| pinned.value != found)?;
    Some(Failure::WrongCluster {
        found: found.to_string(),
        pinned: format!("{} ({})", pinned.value, pinned.from),
    })
}

/// Reports a failure that does not stop the command.
pub(super) fn warn_of(failure: &Failure) {
    say_safely(format!("coredeck: warning: {failure}."));
    say_safely(failure.remedy());
}

/// Journal of this session.
#[derive(Debug)]
pub(super) enum SessionJournal {
    File(Box<FileJournal>),
    Memory(Box<MemoryJournal>),
    /// A session without a writer has none.
    None,
}

impl SessionJournal {
    /// Returns the readable part of it: the entries of all sessions, and this one's as they come.
    pub(super) fn ledger(&self) -> Ledger {
        match self {
            Self::File(journal) => journal.ledger(),
            Self::Memory(journal) => journal.ledger(),
            Self::None => Ledger::default(),
        }
    }
}

impl Journal for SessionJournal {
    fn intend(&mut self, plan: &Plan) -> Result<EntryId, Failure> {
        match self {
            Self::File(journal) => journal.intend(plan),
            Self::Memory(journal) => journal.intend(plan),
            Self::None => Err(Failure::JournalUnwritable { reason: "this session has none".to_owned() }),
        }
    }

    fn conclude(&mut self, entry: &EntryId, outcome: &Outcome) -> Result<(), Failure> {
        match self {
            Self::File(journal) => journal.conclude(entry, outcome),
            Self::Memory(journal) => journal.conclude(entry, outcome),
            Self::None => Err(Failure::JournalUnwritable { reason: "this session has none".to_owned() }),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::File(journal) => journal.place(),
            Self::Memory(journal) => journal.place(),
            Self::None => "nothing is changed, so nothing is written".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Flags, ReadOnly, SettingSource};

    struct Nothing;
    impl Environment for Nothing {
        fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
            None
        }
    }

    fn demo() -> Session<Memory> {
        let settings = Settings::merge(&Flags { demo: true, ..Flags::default() }, &Nothing).unwrap();
        let store = Memory::demo(&settings.scope.value);
        Session { settings, store }
    }

    #[tokio::test]
    async fn a_session_that_was_asked_to_change_nothing_has_no_writer() {
        let mut session = demo();
        session.settings.read_only = Some(ReadOnly::Asked(SettingSource::Flag("--read-only")));
        assert!(matches!(session.for_changes().await.unwrap().writer, Err(Failure::ReadOnly { .. })));
    }

    #[tokio::test]
    async fn a_credential_that_cannot_write_has_no_writer() {
        let session = demo();
        session.store.set_access(WriteAccess::ReadOnly("the role says so".to_owned()));
        assert!(matches!(session.for_changes().await.unwrap().writer, Err(Failure::ReadOnly { .. })));
    }

    #[tokio::test]
    async fn another_cluster_than_the_pinned_one_has_no_writer_and_both_ids_are_said() {
        let mut session = demo();
        let pin = |id| Sourced { value: ClusterId(id), from: SettingSource::Default };
        session.settings.pinned = Some(pin(0xabc));
        session.store.set_cluster(ClusterId(0xdef));
        let refused = session.for_changes().await.unwrap().writer.unwrap_err().to_string();
        assert!(refused.contains("0000000000000abc") && refused.contains("0000000000000def"), "{refused}");
        session.settings.pinned = Some(pin(0xdef));
        assert!(session.for_changes().await.unwrap().writer.is_ok());
    }
}
