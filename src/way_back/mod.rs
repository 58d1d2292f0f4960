//! Way back for lost keys of others: the script that puts them back with etcdctl, and the steps round it.
//!
//! This program never writes beyond the scope. It hands over plain text for `sh` and `etcdctl` that asks before it
//! writes, and the commands that stop and start API servers on this distribution of Kubernetes. Pure; `archive` writes
//! it.

mod deletions;
mod distribution;
mod etcdctl_lines;
mod holdings;
mod script;
mod steps;

pub use deletions::{DeletionLog, DeletionRun, PASSING};
pub use distribution::Distribution;
pub use etcdctl_lines::put_line;
pub use holdings::{Holding, Holdings};
pub use script::{Batches, EtcdctlConnection, PutBackScript, WayBackContext};
pub use steps::{Guide, steps};
