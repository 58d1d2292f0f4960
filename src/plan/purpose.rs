//! Purpose of a plan: the journal names it, and a later undo or restart asks for it.
use super::EntryId;
use std::fmt;

/// Purpose for which a plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlanPurpose {
    /// One more record.
    #[default]
    Add,
    Edit,
    Delete,
    DeleteSubtree,
    /// A finding's fix.
    Fix,
    /// Takes this entry of the journal back.
    Undo(EntryId),
    /// Makes the rest of this entry, which was broken off.
    Finish(EntryId),
    /// Puts a key or a name back to an old revision.
    PutBack,
    /// Creates the keys that a backup holds and the scope does not.
    Restore,
    Import,
    /// Applies a plan that was made and looked at before.
    Apply,
    /// Changes many records at once, by one order.
    Bulk,
    /// Moves records into another etcd, or removes them from the old one.
    Migrate,
}

impl PlanPurpose {
    /// Returns the word for it in the journal, stable.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::DeleteSubtree => "delete_subtree",
            Self::Fix => "fix",
            Self::Undo(_) => "undo",
            Self::Finish(_) => "finish",
            Self::PutBack => "put_back",
            Self::Restore => "restore",
            Self::Import => "import",
            Self::Apply => "apply",
            Self::Bulk => "bulk",
            Self::Migrate => "migrate",
        }
    }

    /// Returns the entry of the journal that it is about.
    #[must_use]
    pub fn entry(&self) -> Option<&EntryId> {
        if let Self::Undo(entry) | Self::Finish(entry) = self { Some(entry) } else { None }
    }
}

impl fmt::Display for PlanPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
