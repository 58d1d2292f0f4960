use crate::{app::RequestId, ops::PrepareError, plan::Plan};
use std::sync::Arc;

/// Preview of a change, as far as it is known. An unknown is never shown as zero, and cannot be confirmed.
#[derive(Clone, Debug)]
pub enum Preview {
    /// Being read; `last` was shown before it had to be read again. `outdated`: a key has changed since it was asked
    /// for, so the answer will not hold.
    Counting {
        request: RequestId,
        last: Option<Arc<Plan>>,
        outdated: bool,
    },
    Known(Arc<Plan>),
    Failed(PrepareError),
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

    /// Tells whether the number of keys has to be typed as well.
    #[must_use]
    pub fn asks_for_number(&self) -> bool {
        self.plan().is_some_and(|plan| plan.threshold().is_some())
    }

    /// The plan whose keys are shown: while it is read again, the last one.
    #[must_use]
    pub fn shown(&self) -> Option<&Plan> {
        self.plan().or_else(|| self.last())
    }

    /// The plan, when it is known, to be worked on elsewhere.
    pub(in crate::app) fn shared(&self) -> Option<Arc<Plan>> {
        match self {
            Self::Known(plan) => Some(Arc::clone(plan)),
            Self::Counting { .. } | Self::Failed(_) => None,
        }
    }

    /// Returns the preview of a plan that is asked for with this request, with nothing known before.
    pub(in crate::app) fn asked(request: RequestId) -> Self {
        Self::Counting { request, last: None, outdated: false }
    }

    /// Notes that the shown plan does not hold any more. Returns true if it is to be read again with this request; an
    /// answer that is on its way is waited for first, so that a busy name is read once at a time.
    pub(in crate::app) fn outdate(&mut self, request: RequestId) -> bool {
        match std::mem::replace(self, Self::asked(request)) {
            Self::Counting { request, last, .. } => {
                *self = Self::Counting { request, last, outdated: true };
                false
            }
            Self::Known(plan) => {
                *self = Self::Counting { request, last: Some(plan), outdated: false };
                true
            }
            Self::Failed(_) => true,
        }
    }

    /// The plan that was shown before the one that is asked for.
    pub(in crate::app) fn last(&self) -> Option<&Plan> {
        match self {
            Self::Counting { last, .. } => last.as_deref(),
            Self::Known(_) | Self::Failed(_) => None,
        }
    }

    /// Tells whether the answer that is waited for has to be asked for again.
    pub(in crate::app) fn is_outdated(&self) -> bool {
        matches!(self, Self::Counting { outdated: true, .. })
    }

    /// Tells whether this is the answer that is waited for.
    pub(in crate::app) fn waits_for(&self, request: RequestId) -> bool {
        matches!(self, Self::Counting { request: waiting, .. } if *waiting == request)
    }
}
