//! Commands that make keys or data directories from others, and commands about snapshots.
use super::{
    CommandEffect::{self, Told},
    Count::{Any, Exactly},
    DANGEROUS, READS, Spec,
    flags::REV,
    spec,
};
use crate::etcdctl::{
    EtcdctlVersion,
    flag::{
        Flag,
        FlagKind::{Bool, Text, Unsigned},
    },
};

pub(super) const COPIES: &[Spec] = &[
    spec("snapshot save", &[], Exactly(1), Told(READS, "saves all of etcd from one endpoint to a file")),
    spec("snapshot status", &[], Exactly(1), Told(READS, "reads a snapshot's file, and no cluster"))
        .until(EtcdctlVersion::V3_6),
    spec("snapshot restore", RESTORE, Exactly(1), RESTORES).until(EtcdctlVersion::V3_6),
    spec(
        "make-mirror",
        &[
            Flag::new("prefix", Text),
            REV.since(EtcdctlVersion::V3_6),
            Flag::new("max-txn-ops", Unsigned).since(EtcdctlVersion::V3_5),
            Flag::new("dest-prefix", Text),
            Flag::new("no-dest-prefix", Bool),
            Flag::new("dest-cert", Text),
            Flag::new("dest-key", Text),
            Flag::new("dest-cacert", Text),
            Flag::new("dest-insecure-transport", Bool),
            Flag::new("dest-user", Text).since(EtcdctlVersion::V3_5),
            Flag::new("dest-password", Text).since(EtcdctlVersion::V3_5),
        ],
        Exactly(1),
        Told(
            DANGEROUS,
            "copies keys to the other cluster for as long as it runs, over what is there, deletions included; this cluster \
              is only read",
        ),
    ),
    spec(
        "migrate",
        &[Flag::new("data-dir", Text), Flag::new("wal-dir", Text), Flag::new("transformer", Text)],
        Any,
        Told(DANGEROUS, "writes the keys of a v2 store into the v3 store of a member that is not running"),
    )
    .until(EtcdctlVersion::V3_5),
];

pub(super) const SAVE_OVER_DATA: &str =
    "saves all of etcd to a file, which is one of a member's own files: that member loses its data";

pub(super) const RESTORE: &[Flag] = &[
    Flag::new("data-dir", Text),
    Flag::new("wal-dir", Text),
    Flag::new("initial-cluster", Text),
    Flag::new("initial-cluster-token", Text),
    Flag::new("initial-advertise-peer-urls", Text),
    Flag::new("name", Text),
    Flag::new("skip-hash-check", Bool),
    Flag::new("bump-revision", Unsigned).since(EtcdctlVersion::V3_5),
    Flag::new("mark-compacted", Bool).since(EtcdctlVersion::V3_5),
];
pub(super) const RESTORES: CommandEffect = Told(
    DANGEROUS,
    "makes a new data directory out of a snapshot; the running cluster is not touched, but a member that is started on it \
     has the old keys and none since, and begins a new cluster: all members have to be restored from the same file",
);
