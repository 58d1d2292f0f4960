//! What a plan was made for: the journal says it, and a later undo or restart asks for it.
use super::EntryId;
use std::fmt;

/// Why a plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// One more record.
    #[default]
    Add,
    Edit,
    Delete,
    DeleteSubtree,
    /// A finding's fix.
    Fix,
    /// It takes this entry of the journal back.
    Undo(EntryId),
    /// It makes what this entry, which was broken off, has not made.
    Finish(EntryId),
    /// What a key or a name was at an old revision.
    PutBack,
    /// What a backup holds and the scope does not.
    Restore,
    Import,
    /// A plan that was made and looked at before.
    Apply,
    /// Many records at once, by one order.
    Bulk,
    /// Into another etcd, or out of the one that was left.
    Migrate,
}

impl Purpose {
    /// The word for it in the journal, stable.
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

    /// The entry of the journal that it is about.
    #[must_use]
    pub fn entry(&self) -> Option<&EntryId> {
        if let Self::Undo(entry) | Self::Finish(entry) = self { Some(entry) } else { None }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
