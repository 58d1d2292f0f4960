//! Session of one run: its settings, its store, and the right to write there or not.
use super::{
    SessionError, SessionJournal, Store, Teller,
    connecting::connected,
    gate::{needless_user, why_read_only, wrong_cluster},
    journal::author,
    pin::keep_members,
};
use crate::{
    config::{ProcessEnvironment, Settings, state_directory},
    failure::Failure,
    journal::{FileJournal, MemoryJournal},
    keys::Scope,
    recovery::{KnowledgePlaces, went_back},
    remedy::Remedy as _,
    store::{Attempts, ClusterStatus, Reader as _, WriteAccess},
};

/// Returns the places where this machine keeps its knowledge; none in a demo.
#[must_use]
pub fn knowledge_places(settings: &Settings) -> KnowledgePlaces {
    let state = if settings.demo { None } else { state_directory(&ProcessEnvironment).ok() };
    state.map_or_else(KnowledgePlaces::default, |state| KnowledgePlaces::of(&state))
}

/// Session of this run: its settings and its store.
#[derive(Debug)]
pub struct Session<S> {
    pub settings: Settings,
    pub store: S,
    /// Tells warnings to whoever has opened the session.
    pub teller: &'static dyn Teller,
}

/// Reader and writer of a session, after the first reply.
#[derive(Debug)]
pub struct Handles<S: Store> {
    pub reader: S::Reader,
    /// The writer, or the reason why there is none.
    pub writer: Result<S::Writer, Failure>,
    pub status: ClusterStatus,
}

impl<S: Store> Session<S> {
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.settings.scope.value
    }

    /// Returns the reader alone, for commands that change nothing. Without a leader it reads the state of one member,
    /// and another cluster than the pinned one can be read as well; both cases print a warning.
    pub async fn reader(&self) -> Result<S::Reader, Failure> {
        Ok(self.for_looking().await?.0)
    }

    /// Does as [`reader`](Self::reader), and returns the status as well.
    pub async fn for_looking(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status, another) = self.whoever_answers().await?;
        match another {
            Some(another) => self.teller.warn(&format!("{another}."), &another.remedy()),
            None => self.tell_if_it_went_back(&status),
        }
        Ok((reader, status))
    }

    /// Returns the reader and the status, for files that are kept. Another cluster than the pinned one is an error,
    /// because its files would be taken for those of the pinned one.
    pub async fn for_reading(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status, another) = self.whoever_answers().await?;
        another.map_or(Ok((reader, status)), Err)
    }

    /// Returns the reader, the status, and an error for another cluster than the pinned one, for files that name their
    /// cluster themselves.
    pub async fn whoever_answers(&self) -> Result<(S::Reader, ClusterStatus, Option<Failure>), Failure> {
        let (reader, status) = self.connected().await?;
        let another = wrong_cluster(&self.settings, status.cluster);
        Ok((self.as_far_as_it_goes(reader, &status), status, another))
    }

    /// Does as [`for_changes`](Self::for_changes) for a deck, which shows the first contact itself, and may wait for a
    /// leader with its writer open.
    pub async fn for_deck(&self, attempts: &Attempts) -> Result<Handles<S>, Failure> {
        let (reader, status) = self.store.connect(self.scope(), attempts).await?;
        keep_members(&self.settings, &status);
        let mut handles = self.handles((reader, status));
        if handles.status.access == WriteAccess::NoLeader
            && matches!(handles.writer, Err(Failure::NoLeader { .. }))
        {
            handles.writer = Ok(self.store.writer(&handles.reader));
        }
        Ok(handles)
    }

    /// Connects, and opens the writer if the cluster that answers may be changed.
    pub async fn for_changes(&self) -> Result<Handles<S>, Failure> {
        let (reader, status) = self.connected().await?;
        self.tell_if_it_went_back(&status);
        Ok(self.handles((reader, status)))
    }

    async fn connected(&self) -> Result<(S::Reader, ClusterStatus), Failure> {
        let (reader, status) = connected(&self.store, self.scope(), self.teller).await?;
        keep_members(&self.settings, &status);
        if let Some(warning) = needless_user(&self.settings, &status) {
            self.teller.warn(&warning, "");
        }
        Ok((reader, status))
    }

    fn handles(&self, (reader, status): (S::Reader, ClusterStatus)) -> Handles<S> {
        tracing::info!(cluster = %status.cluster, endpoint = %status.endpoint, version = ?status.version, "connected");
        let writer = match why_read_only(&self.settings, &status) {
            None => Ok(self.store.writer(&reader)),
            Some(why) => Err(why),
        };
        Handles { reader, writer, status }
    }

    /// Returns a reader that can answer: without a leader one for possibly stale reads.
    fn as_far_as_it_goes(&self, reader: S::Reader, status: &ClusterStatus) -> S::Reader {
        if status.access != WriteAccess::NoLeader {
            return reader;
        }
        let ClusterStatus { endpoint, revision, .. } = status;
        self.teller.warn(
            &format!(
                "no leader of the cluster answers. This is what {endpoint} has at revision {revision}, possibly stale."
            ),
            "",
        );
        reader.possibly_stale()
    }

    /// Reports a store that is at a revision below one at which this machine has counted it. Without a leader a member
    /// may only be behind the others.
    fn tell_if_it_went_back(&self, status: &ClusterStatus) {
        if status.access == WriteAccess::NoLeader {
            return;
        }
        if let Some(back) = went_back(&knowledge_places(&self.settings), status.cluster, status.revision) {
            self.teller.warn(&format!("{}.", back.sentence()), &back.remedy(&self.settings.program()));
        }
    }

    /// Opens the journal, and reports the repairs there.
    ///
    /// # Errors
    /// The state directory or the journal in it cannot be used.
    pub fn journal(&self) -> Result<SessionJournal, SessionError> {
        if self.settings.demo {
            return Ok(SessionJournal::Memory(Box::new(MemoryJournal::new(self.scope().clone(), author()))));
        }
        let directory = state_directory(&ProcessEnvironment)?;
        let journal = FileJournal::open(&directory, self.scope().clone(), author())?;
        for notice in journal.notices() {
            self.teller.tell(notice);
        }
        Ok(SessionJournal::File(Box::new(journal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Environment, Flags, ReadOnly, SettingSource, Sourced},
        keys::ClusterId,
        session::Waiting,
        store::memory::Memory,
    };

    struct Nothing;
    impl Environment for Nothing {
        fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
            None
        }
    }

    /// Tells nobody.
    #[derive(Debug)]
    struct Silent;
    impl Teller for Silent {
        fn tell(&self, _: &str) {}

        fn warn(&self, _: &str, _: &str) {}

        fn waiting(&self) -> Waiting {
            Box::new(|_| ())
        }
    }

    fn demo() -> Session<Memory> {
        let settings = Settings::merge(&Flags { demo: true, ..Flags::default() }, &Nothing).unwrap();
        let store = Memory::demo(&settings.scope.value);
        Session { settings, store, teller: &Silent }
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
