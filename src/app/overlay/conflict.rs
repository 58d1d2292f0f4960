use crate::plan::Conflict;

/// Somebody else was faster: the base, their value and yours, side by side. Nothing that was typed is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    pub conflict: Box<Conflict>,
    pub scroll: u16,
}
