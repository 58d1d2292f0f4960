//! Fixtures that the tests use.
pub mod certificates;
pub mod coredns;
pub mod etcd;
pub mod journal;
pub mod session;
