//! Session of a front end: which cluster, with which right, and where its changes are written down. It tells a front end
//! what comes up, and speaks to nobody itself.

mod connecting;
mod error;
mod gate;
mod journal;
mod open;
mod pin;
mod stores;
mod teller;

pub use connecting::connected;
pub use error::SessionError;
pub use gate::wrong_cluster;
pub use journal::{SessionJournal, journal_place, ledger};
pub use open::{Handles, Session, knowledge_places};
pub use pin::{ClusterPin, keep_own_change, pin_place, recall};
pub use stores::{Etcd, Store};
pub use teller::{Teller, Waiting};
