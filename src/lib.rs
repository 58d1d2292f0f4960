//! Coredeck: a terminal deck for the DNS records that CoreDNS serves from etcd.
//!
//! The layers, from the bottom up, and what each may name are in `ARCHITECTURE.md`; `tests/layers.rs` checks
//! them.

pub mod advisory_lock;
pub mod app;
pub mod archive;
pub mod bulk;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod counts;
pub mod desired;
pub mod dns;
pub mod etcdctl;
pub mod exchange;
pub mod failure;
pub mod foreign_text;
pub mod health;
pub mod index;
pub mod journal;
pub mod keys;
pub mod known_clusters;
pub mod migrate;
pub mod no_dump;
pub mod ops;
pub mod plain_file;
pub mod plan;
pub mod power;
pub mod private_directory;
pub mod quantity;
pub mod recovery;
pub mod remedy;
pub mod retention;
pub mod runtime;
pub mod session;
pub mod signals;
pub mod signpost;
pub mod snapshot;
pub mod stop_at;
pub mod store;
pub mod terminal;
pub mod unread_place;
pub mod verify;
pub mod view;
pub mod way_back;
pub mod whole_file;
