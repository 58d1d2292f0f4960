//! Operations on the records of a scope, as every front end does them: plan, foresee, carry out, undo, look back, count.
//! Each reads and writes through the handles that it is given; none speaks to a person.

mod carry_out;
mod census;
mod consequences;
mod count_hits;
mod deletion;
mod effects;
mod history;
mod implicit_zones;
mod lease_grants;
mod lease_times;
mod lister;
mod plan_consequences;
mod plan_put_back;
mod plan_resume;
mod plan_undo;
mod prepare;
mod read_keys;
mod read_on_demand;
mod tally;
mod whole;

pub use carry_out::{ChangeReport, carry_out};
pub use census::{Census, count_everybody, count_holder};
pub use consequences::{Consequences, known_from};
pub use count_hits::count_hits;
pub use deletion::{Deletion, deletion_until};
pub use effects::{contents_after, contents_before, wishes};
pub use history::{History, NOT_VOUCHED, history, state_at};
pub use implicit_zones::ImplicitZones;
pub use lease_grants::LeaseGrants;
pub use lease_times::{LeaseTimes, lease_times, leases_of};
pub use lister::Lister;
pub use plan_consequences::{PlanConsequences, foresee, ptr_records};
pub use plan_put_back::{put_back, put_back_as_it_was};
pub use plan_resume::look_ahead;
pub use plan_undo::{UndoReadError, living, look_back};
pub use prepare::{PrepareError, prepare};
pub use read_keys::read_keys;
pub use read_on_demand::{Settled, has_top, settle, settle_at};
pub use tally::tally;
pub use whole::{index_of, listing_of};
