//! Way back of what others lost: the script that puts their keys back with etcdctl, and the steps round it.
//!
//! This program never writes what is not the scope's. It hands over: plain text for `sh` and `etcdctl` that asks before
//! it writes, and what has to be stopped and started on this distribution of Kubernetes. Pure; `archive` writes it.

mod distribution;
mod etcdctl_lines;
mod holdings;
mod script;
mod steps;

pub use distribution::Distribution;
pub use etcdctl_lines::put_line;
pub use holdings::{Holding, Holdings};
pub use script::{Batches, EtcdctlConnection, PutBackScript};
pub use steps::{Guide, steps};
