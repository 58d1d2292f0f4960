use super::{Reads, Snapshot, Traced, TracedSearch};
use crate::{
    app::RequestId,
    dns::{
        AnswerLoss, ChangedSource, Companions, Effort, Impact, ImpactWords, companions,
        external_dns::{Certainty, ExternalDnsClaim},
        lint::Finding,
    },
    index::Searched,
    keys::ScopedKey,
    ops::{Consequences, contents_after, contents_before},
    plan::{Intent, Plan},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicBool},
};

/// Foresight of a plan's consequences, as far as they are worked out. An unknown is never shown as no change.
#[derive(Debug, Default)]
pub enum PlanImpact {
    /// There is no plan yet.
    #[default]
    NoPlan,
    /// Being worked out; `last` was shown before.
    Comparing {
        request: RequestId,
        last: Option<Arc<KnownImpact>>,
        outdated: bool,
    },
    Known(Arc<KnownImpact>),
    /// The consequences do not hold any more.
    Outdated(Option<Arc<KnownImpact>>),
    /// They cannot be worked out at the moment; the text says why.
    Unknown(&'static str),
}

/// Consequences of a plan.
#[derive(Clone, Debug)]
pub struct KnownImpact {
    pub impact: Impact,
    /// The answers that change, a line for a name; the worst first.
    pub answers: Vec<ImpactWords>,
    /// Findings that would be new, the worst first.
    pub findings: Vec<Finding>,
    /// Management of its keys by external-dns.
    pub managed: Option<ManagedBy>,
    /// The PTR records that would go with it.
    pub companions: Companions,
    /// Answers that the deletion of a record takes away.
    pub loss: Option<AnswerLoss>,
    /// Nobody has named the zones that the answers depend on.
    pub zones_are_guessed: bool,
    /// The records that they were worked out from.
    pub reads: Reads,
}

/// Management of the changed keys by external-dns. The owners are text from etcd: show them escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedBy {
    pub owners: BTreeSet<Box<str>>,
    pub certainty: Certainty,
    /// No record is changed, only texts that say who owns the records.
    pub marks_alone: bool,
}

impl PlanImpact {
    /// The consequences that are known, or were known last.
    #[must_use]
    pub fn shown(&self) -> Option<&KnownImpact> {
        match self {
            Self::Known(foreseen) => Some(foreseen),
            Self::Comparing { last, .. } | Self::Outdated(last) => last.as_deref(),
            Self::NoPlan | Self::Unknown(_) => None,
        }
    }

    /// Tells whether the shown consequences will be worked out again.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Comparing { .. } | Self::Outdated(_))
    }

    /// Begins anew: with a plan whose consequences are not worked out yet, or without a plan.
    pub(in crate::app) fn renew(&mut self, planned: bool) {
        *self = if planned { Self::Outdated(None) } else { Self::NoPlan };
    }

    /// Notes that keys have changed which the shown consequences may depend on.
    pub(in crate::app) fn outdate(&mut self, concerns: impl FnOnce(&Reads) -> bool) {
        match self {
            Self::Comparing { outdated, .. } => *outdated = true,
            Self::Known(known) if concerns(&known.reads) => *self = Self::Outdated(Some(Arc::clone(known))),
            Self::Unknown(_) => *self = Self::Outdated(None),
            Self::Known(_) | Self::NoPlan | Self::Outdated(_) => {}
        }
    }

    /// Tells whether to work them out with this request. `impossible` is the reason why that cannot be done now.
    pub(in crate::app) fn begin(&mut self, request: RequestId, impossible: Option<&'static str>) -> bool {
        let Self::Outdated(last) = self else { return false };
        if let Some(why) = impossible {
            *self = Self::Unknown(why);
            return false;
        }
        *self = Self::Comparing { request, last: last.take(), outdated: false };
        true
    }

    /// Takes the consequences, if they are still waited for.
    pub(in crate::app) fn take(&mut self, request: RequestId, foreseen: &Arc<KnownImpact>) -> bool {
        match self {
            Self::Comparing { request: waiting, outdated, .. } if *waiting == request => {
                let foreseen = Arc::clone(foreseen);
                *self = if *outdated { Self::Outdated(Some(foreseen)) } else { Self::Known(foreseen) };
                true
            }
            _ => false,
        }
    }
}

impl KnownImpact {
    /// Works out the consequences of an intent's plan. `None` if it was stopped.
    #[must_use]
    pub fn of(snapshot: &Snapshot, (intent, plan): (&Intent, &Plan), stop: &AtomicBool) -> Option<Self> {
        let (source, serving) = (snapshot.source(), snapshot.served_with(plan.keys()));
        let traced = Traced::new(&source, stop);
        let mentions = TracedSearch::new(Searched { records: &snapshot.records, stop });
        // The records that were read for the plan are newer than the picture, or as new.
        let before = ChangedSource::new(&traced, contents_before(plan));
        let Consequences { impact, findings, managed, losses } =
            Consequences::of(&before, &mentions, &serving, (intent, plan), &Effort::default());
        let companions = companions(&before, &serving, &contents_after(plan));
        let answers = impact.lines();
        let loss = losses.into_iter().next().map(|(_, loss)| loss);
        let managed = ManagedBy::all(managed);
        let reads = traced.finish()?.and_mentions(mentions);
        let zones_are_guessed = serving.guessed.is_some();
        Some(Self { impact, answers, findings, managed, companions, loss, zones_are_guessed, reads })
    }
}

impl ManagedBy {
    /// Sums up the management of all changed keys; `None` if none of them is managed.
    fn all(managed: Vec<(ScopedKey, ExternalDnsClaim)>) -> Option<Self> {
        let certainty = managed.iter().map(|(_, found)| found.certainty).max()?;
        let marks_alone = managed.iter().all(|(_, found)| found.is_mark);
        let owners = managed.into_iter().filter_map(|(_, found)| found.owner).collect();
        Some(Self { owners, certainty, marks_alone })
    }
}
