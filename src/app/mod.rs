//! Deck without a terminal and without a store: its state, and the effects of each key press.
//!
//! [`update`] is the only place where the [`Model`] changes. It is pure: effects are data, and the runtime
//! carries them out. Exactly one effect writes, [`WorkerTask::Apply`], and it needs a
//! [`Confirmed`](crate::plan::Confirmed) plan.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a key or a command that means nothing in a place does nothing there; naming all of them would hide those that do"
)]

mod alarm;
mod alarming;
mod as_of;
mod browse;
mod changing;
mod copying;
mod editing;
mod effect;
mod feeding;
mod fixing;
mod health;
mod history_pane;
mod key_line;
pub mod keymap;
mod layout;
mod losing;
mod marks;
mod model;
mod msg;
pub mod overlay;
mod record_pane;
mod records_pane;
pub mod rules;
mod saving;
mod search;
mod served;
mod session;
mod text;
mod tree_pane;
mod update;

pub use alarm::{
    AlarmExtent, AlarmPage, CompactedRecords, CountCheck, DeletionAlarm, Noticed, Raised, RevisionCheck,
    SavedFrom, Saving, Sighting, WholeRescue,
};
pub use as_of::AsOf;
pub use effect::{Effect, Leaving, TerminalTask, WorkerTask};
pub use history_pane::{HistoryPane, MOST_VERSIONS};
pub use key_line::KeyOffer;
pub use layout::ScreenLayout;
pub use marks::{Marks, RowMark};
pub use model::{Lease, Liveness, Message, Model, Pane, Tone};
pub use msg::{
    Applied, DeckError, Evidence, FeedMsg, Key, LookedAt, Msg, PresentPicture, RequestId, RevisionWentBack,
};
pub use record_pane::{RecordPane, RecordView};
pub use records_pane::{RecordRow, RecordsPane, RowManager};
pub use saving::{BackedUp, Backup};
pub use search::{Matches, Search};
pub use served::{OutdatedServer, ServedNews, ServerReplies};
pub use session::{DeckSession, FormerCluster, UnpinnedCluster};
pub use tree_pane::TreePane;
pub use update::update;

#[cfg(test)]
mod tests;
