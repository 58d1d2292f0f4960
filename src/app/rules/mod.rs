//! Questions to the rules of `CoreDNS`: about a name, about a plan, about everything. Each is a pure function of a
//! [`Snapshot`], so that the runtime can work it out beside the loop; the state that waits for the answer stands here
//! too.

mod answers;
mod asking;
mod companion;
mod linting;
mod plan_impact;
mod snapshot;
mod traced;
mod typed;

pub use answers::{AnswerPane, Answered};
pub use companion::CompanionOffer;
pub use linting::Linting;
pub use plan_impact::{KnownImpact, ManagedBy, PlanImpact};
pub use snapshot::Snapshot;
pub use traced::{Reads, Traced, TracedSearch};
pub use typed::{TypedFindings, TypedRecord};
