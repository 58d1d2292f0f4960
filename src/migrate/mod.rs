//! Moving a scope to another etcd: what is to be copied, and whether both give the same answers. Pure.
//!
//! Nothing is remembered between two steps: each begins with reading both, so that it does not matter where the one
//! before was broken off.

mod comparison;
mod proof;

pub use comparison::{Comparison, Differing, relocated};
pub use proof::{Disagreement, Proof, Prover};
