//! Migration of a scope to another etcd: the records to copy, and proof that both give the same answers. Pure.
//!
//! Nothing is remembered between two steps: each begins with reading both, so that the last one may have been
//! broken off anywhere.

mod comparison;
mod proof;

pub use comparison::{Differing, ScopeComparison, relocated};
pub use proof::{Disagreement, Proof, Prover};
