use super::{Preview, Working};

/// What a form or an editor would change, shown before it is saved. A key other than the one that opened it
/// agrees to it.
#[derive(Clone, Debug)]
pub struct Review {
    pub preview: Preview,
    pub scroll: u16,
    /// Set while the change is being made.
    pub working: Option<Working>,
}

impl Review {
    /// A review of a plan that is being made.
    #[must_use]
    pub fn of(request: crate::app::RequestId) -> Self {
        Self { preview: Preview::Counting { request, last: None }, scroll: 0, working: None }
    }
}
