use super::{
    AsOf, DeckSession, DeletionAlarm, Effect, Evidence, HistoryPane, Marks, RecordPane, RecordsPane,
    RequestId, RevisionWentBack, ScreenLayout, Search, ServerReplies, TreePane, WorkerTask,
    keymap::{KeyContext, May},
    layout::Banner,
    overlay::{self, Digits, Overlay},
    rules::{AnswerPane, Linting},
    saving::Backup,
};
use crate::{
    etcdctl::ReadKeys,
    failure::Failure,
    health::Health,
    index::{Index, NodeId},
    keys::{KeyValue, LeaseId, Revision, ScopedKey},
    signpost::Aftermath,
    store::WriteAccess,
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// Everything that the deck shows, and all that a key press may change.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none excludes another")]
pub struct Model {
    pub session: DeckSession,
    /// Source of the digits that prove a person; the runtime gives its start.
    pub digits: Digits,
    pub feed: Liveness,
    pub index: Index,
    pub focus: Pane,
    pub tree: TreePane,
    pub records: RecordsPane,
    pub record: RecordPane,
    /// Answers of `CoreDNS` for the selected name, while they are shown.
    pub answers: AnswerPane,
    /// History of the selected record, while it is shown.
    pub history: HistoryPane,
    /// The old revision that is shown in place of the present.
    pub then: Option<AsOf>,
    /// Request for an old revision that is being read.
    pub(super) then_asked: Option<(RequestId, Revision)>,
    /// Findings about the records.
    pub findings: Linting,
    /// The last search, while its matches are on the screen or can be stepped through.
    pub search: Option<Search>,
    /// Watches over deletions by others.
    pub alarm: DeletionAlarm,
    /// etcd has gone back to older data, and nobody has looked at that yet.
    pub went_back: Option<RevisionWentBack>,
    /// Marks for a change of many.
    pub marks: Marks,
    /// On top of the panes, the last one on top of all.
    pub overlays: Vec<Overlay>,
    /// The last result.
    pub message: Option<Message>,
    /// The answers of live servers after the last change, where they are asked.
    pub served: Option<ServerReplies>,
    /// Leases that have been looked at.
    pub leases: HashMap<LeaseId, Lease>,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// PTR records are part of the plans that they go with.
    pub with_ptr: bool,
    pub backup: Backup,
    /// Health of the cluster, as its members said last; `None` until they have said.
    pub health: Option<Health>,
    pub(super) backing_up: bool,
    /// The person was told that leaving gives up a file that is being saved.
    pub(super) warned_of_leaving: bool,
    /// The last picture did not show the whole question.
    hides: bool,
    /// Copy that the last key press made, so that another press copies the line that reads it.
    pub(super) copied: Option<ReadKeys>,
    pub(super) looking_for_backup: Option<RequestId>,
    /// Known losses, of the scope and of others.
    pub aftermath: Option<Aftermath>,
    pub(super) looking_for_losses: Option<RequestId>,
    /// A key to go to as soon as it is in the index.
    pub(super) follow: Option<ScopedKey>,
    /// The name that was asked for first while the list is being read.
    preferred: NodeId,
    requests: u64,
}

/// Evidence that the picture is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// The first list is being read: so many keys of so many.
    Loading { read: u64, total: Option<u64> },
    /// The picture is the present one, as of `at`; `by` is the reason to believe it.
    Live { revision: Revision, at: Timestamp, by: Evidence },
    /// Not watched at the moment: the picture is of `at`. `from` is the member that it was read from without a leader,
    /// so that it may have been old already.
    Stale { revision: Option<Revision>, at: Option<Timestamp>, failure: Failure, from: Option<String> },
}

/// A pane of the deck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Tree,
    Records,
    Record,
}

/// The message line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub tone: Tone,
    pub text: String,
}

/// Kind of a message; shown as a word or a sign, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Fine,
    Trouble,
}

/// A lease as it was when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lease {
    Asked(RequestId),
    /// The time at which it ends, and the time that remained when it was asked for.
    Ends(Timestamp, Duration),
    Gone,
    Unknown(Failure),
}

impl Message {
    pub(super) fn fine(text: impl Into<String>) -> Self {
        Self { tone: Tone::Fine, text: text.into() }
    }

    pub(super) fn trouble(text: impl Into<String>) -> Self {
        Self { tone: Tone::Trouble, text: text.into() }
    }
}

impl Liveness {
    /// Takes in that a change has come. A picture that is not known to be the present one becomes no truer by it.
    pub(super) fn goes_on(&mut self, to: Revision, now: Timestamp) {
        match self {
            Self::Live { revision, at, .. } => (*revision, *at) = (to, now),
            Self::Stale { revision, .. } => *revision = Some(to),
            Self::Loading { .. } => {}
        }
    }

    /// Sentence about the picture while the cluster has no leader.
    #[must_use]
    pub fn leaderless(&self) -> Option<String> {
        let Self::Stale { failure: Failure::NoLeader { .. }, revision, from, .. } = self else { return None };
        let shown = match (from, revision) {
            (Some(from), Some(revision)) => format!("as {from} has it, revision {revision}, possibly stale"),
            (None, Some(revision)) => format!("as of revision {revision}, possibly stale"),
            (_, None) => "nothing could be read yet".to_owned(),
        };
        Some(format!("NO LEADER: nothing can be changed; {shown}"))
    }

    /// Tells whether no member of the cluster answers, or lets us in.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        matches!(self, Self::Stale { failure, .. } if failure.is_connection())
    }
}

impl Model {
    /// A deck that has just been opened. `go_to` is the name to show first.
    #[must_use]
    pub fn new(session: DeckSession, size: (u16, u16), go_to: Option<ScopedKey>) -> Self {
        let records = RecordsPane::new(session.serving.zones.clone());
        let mut model = Self {
            index: Index::new(session.scope.clone()),
            alarm: DeletionAlarm::new(session.scope.clone(), session.status.cluster),
            digits: Digits::default(),
            session,
            feed: Liveness::Loading { read: 0, total: None },
            focus: Pane::Tree,
            tree: TreePane::default(),
            records,
            record: RecordPane::default(),
            answers: AnswerPane::default(),
            history: HistoryPane::default(),
            then: None,
            then_asked: None,
            findings: Linting::default(),
            search: None,
            went_back: None,
            marks: Marks::default(),
            overlays: Vec::new(),
            message: None,
            served: None,
            leases: HashMap::new(),
            size,
            with_ptr: false,
            backup: Backup::NotLooked,
            health: None,
            backing_up: false,
            warned_of_leaving: false,
            hides: false,
            copied: None,
            looking_for_backup: None,
            aftermath: None,
            looking_for_losses: None,
            follow: go_to,
            preferred: NodeId::ROOT,
            requests: 0,
        };
        match (model.session.found_warning.clone(), &model.session.found) {
            (Some(warning), _) => model.complain(warning),
            (None, Some(found)) => {
                model.say(format!("connected by {found}, which was found on this machine"));
            }
            (None, None) => {}
        }
        overlay::contact::greet(&mut model);
        model
    }

    /// Place that keys go to now.
    #[must_use]
    pub fn place(&self) -> KeyContext {
        if let Some(overlay) = self.overlays.last() {
            return overlay.state().place();
        }
        match &self.search {
            Some(search) if search.open => KeyContext::Finding,
            _ => match self.focus {
                Pane::Tree => KeyContext::Tree,
                Pane::Records => KeyContext::Records,
                Pane::Record => KeyContext::Record,
            },
        }
    }

    /// Commands that are possible now. Records of an old revision can be put back, and nothing else.
    #[must_use]
    pub fn may(&self) -> May {
        match &self.then {
            _ if !self.session.writable() => May::Look,
            // An open overlay stays; [`obstacle`](Self::obstacle) holds it back.
            _ if self.obstacle().is_some() && self.overlays.is_empty() => May::Look,
            Some(_) => May::PutBack,
            None => May::Change,
        }
    }

    /// Reason why no change can be made now, with the next act. An open overlay stays, with the typed text.
    #[must_use]
    pub fn obstacle(&self) -> Option<&'static str> {
        if self.session.status.access == WriteAccess::NoLeader || self.feed.leaderless().is_some() {
            return Some(
                "the cluster has no leader, so nothing was sent; what you typed stays: press again when a leader is back",
            );
        }
        if let Liveness::Stale { failure: Failure::WatchSilent { .. }, .. } = self.feed {
            return Some(
                "etcd's watch gives no sign of life, so nothing was sent; what you typed stays: press again when it is live",
            );
        }
        let is_cut_off = self.feed.is_cut_off();
        is_cut_off.then_some("nobody of the cluster answers, so nothing was sent; what you typed stays: press again when it is live")
    }

    /// Reason why nobody can agree to the question, as long as not all of it is in sight.
    #[must_use]
    pub fn unseen(&self) -> Option<&'static str> {
        self.hides.then_some(
            "make the screen larger, then press again: it does not show all that is asked; nothing was sent",
        )
    }

    /// Returns the picture of the present, shown or not.
    pub(super) fn present(&self) -> &Index {
        self.then.as_ref().map_or(&self.index, AsOf::now)
    }

    /// Text below the header: that this is not the present, or who else has keys in this etcd.
    #[must_use]
    pub fn banner(&self) -> Option<String> {
        if let Some(then) = &self.then {
            let revision = then.revision;
            return Some(format!("AS OF REVISION {revision}, read-only; Esc or :at now goes back"));
        }
        // A warning has a mark beside its text.
        let room = usize::from(self.size.0).saturating_sub(2);
        self.feed.leaderless().or_else(|| self.loss_banner()).or_else(|| self.session.banner(room))
    }

    /// Tells whether there is an accident that nobody has seen to yet.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.alarm.is_on() || self.went_back.is_some()
    }

    /// The geometry of this screen.
    #[must_use]
    pub fn layout(&self) -> Option<ScreenLayout> {
        let banner = if self.has_news() {
            Banner::News
        } else if self.banner().is_some() {
            Banner::Standing
        } else {
            Banner::None
        };
        ScreenLayout::of(self.size.0, self.size.1, (banner, self.served.is_some()), self.focus)
    }

    /// The record under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&KeyValue> {
        self.records.selected().map(|row| &row.record)
    }

    /// The key of the name that is selected in the tree; `None` for the scope itself.
    #[must_use]
    pub fn selected_name(&self) -> Option<ScopedKey> {
        let key = self.index.key_of(self.tree.selected)?;
        self.session.scope.key(&key).ok()
    }

    /// Returns the id of a new request.
    pub(super) fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message::fine(text));
    }

    pub(super) fn complain(&mut self, text: impl Into<String>) {
        self.message = Some(Message::trouble(text));
    }

    /// Goes to a key as soon as it is known: now, or when the list or the watch brings it.
    pub(super) fn go_to(&mut self, key: ScopedKey) -> Vec<Effect> {
        self.follow = Some(key);
        let arrived = self.arrive();
        let Some(key) = self.follow.clone().filter(|_| !arrived) else { return vec![] };
        match self.feed {
            Liveness::Loading { .. } => {
                vec![Effect::Worker(WorkerTask::Prefer(self.session.scope.below_key(&key)))]
            }
            Liveness::Live { .. } => {
                self.follow = None;
                self.complain(format!("there is nothing at or below {key}"));
                vec![]
            }
            Liveness::Stale { .. } => {
                self.complain(format!(
                    "{key} is not in what was read last; the deck goes there when it comes"
                ));
                vec![]
            }
        }
    }

    /// Goes to the key that is waited for, if it is there. A name that has something below it is shown itself;
    /// anything else is a row of its parent's table.
    pub(super) fn arrive(&mut self) -> bool {
        let Some(key) = &self.follow else { return true };
        if let Some(node) = self.index.node_at(key.as_bytes()) {
            self.tree.reveal(&self.index, node);
            self.tree.unfolded.expand(self.index.tree(), node);
            self.focus = Pane::Tree;
        } else if self.index.get(key.as_bytes()).is_some() {
            let parent = self.index.nearest(key.as_bytes());
            self.tree.reveal(&self.index, parent);
            self.records.show(&self.index, parent, Some(key.as_bytes()));
            self.focus = Pane::Records;
        } else {
            return false;
        }
        self.follow = None;
        true
    }

    /// Brings what depends on the index, the selection and the size in line with them. The last act of every
    /// update.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        let Some(layout) = self.layout() else { return vec![] };
        self.tree.settle(&self.index, ScreenLayout::rows(layout.tree));
        // The title and the column heads stand above the rows.
        self.records.settle(
            &self.index,
            self.tree.selected,
            ScreenLayout::rows(layout.records).saturating_sub(1),
        );
        let mut effects = self.ask_the_rules();
        effects.extend(self.ask_for_history());
        if matches!(self.feed, Liveness::Loading { .. }) && self.tree.selected != self.preferred {
            self.preferred = self.tree.selected;
            effects.extend(self.index.below(self.preferred).map(WorkerTask::Prefer).map(Effect::Worker));
        }
        let shown = self.selected().and_then(|record| record.lease);
        effects.extend(shown.and_then(|lease| self.ask_for(lease)));
        effects
    }

    /// Takes an answer about a lease.
    pub(super) fn lease_is(
        &mut self,
        lease: LeaseId,
        answer: Result<Option<Duration>, Failure>,
        at: Timestamp,
    ) {
        let known = match answer {
            Ok(Some(left)) => at.checked_add(left).map_or(Lease::Gone, |end| Lease::Ends(end, left)),
            Ok(None) => Lease::Gone,
            Err(failure) => Lease::Unknown(failure),
        };
        self.leases.insert(lease, known);
        self.answers.lease_known(lease);
    }

    /// Takes another size of the screen. A question may have no room there: nobody agrees before it is drawn again.
    pub(super) fn resized(&mut self, size: (u16, u16)) {
        self.hides |= self.size != size;
        self.size = size;
    }

    /// Takes the place of the scrolled text in the picture, so that scrolling back from beyond the end begins at the
    /// end. `hides`: the picture does not show the whole question.
    pub fn drawn(&mut self, line: Option<u16>, hides: bool) {
        self.hides = hides;
        let Some(line) = line else { return };
        match self.overlays.last_mut() {
            Some(overlay) => overlay.state_mut().scrolled_to(line),
            None => self.record.scroll = line,
        }
    }

    /// The name below which the cursor stands, as a node of the tree.
    #[must_use]
    pub fn selected_node(&self) -> NodeId {
        self.tree.selected
    }
}
