//! etcdctl's language: what this program hands over to be run by somebody else. Pure, and nothing is ever run.

mod quoted;

pub use quoted::quoted;
