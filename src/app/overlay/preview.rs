use crate::{app::RequestId, plan::Plan, store::Refused};

/// What a change would do, as far as it is known. An unknown is never shown as zero, and cannot be confirmed.
#[derive(Clone, Debug)]
pub enum Preview {
    /// Being read; `last` is what was shown before it had to be read again.
    Counting {
        request: RequestId,
        last: Option<Box<Plan>>,
    },
    Known(Box<Plan>),
    Failed(Refused),
}

impl Preview {
    /// The plan, when it is known.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Known(plan) => Some(plan),
            Self::Counting { .. } | Self::Failed(_) => None,
        }
    }

    /// From here on it is read again.
    pub(in crate::app) fn count_again(&mut self, request: RequestId) {
        let last = match std::mem::replace(self, Self::Counting { request, last: None }) {
            Self::Known(plan) => Some(plan),
            Self::Counting { last, .. } => last,
            Self::Failed(_) => None,
        };
        *self = Self::Counting { request, last };
    }

    /// Whether this is the answer that is waited for.
    pub(in crate::app) fn waits_for(&self, request: RequestId) -> bool {
        matches!(self, Self::Counting { request: waiting, .. } if *waiting == request)
    }
}
