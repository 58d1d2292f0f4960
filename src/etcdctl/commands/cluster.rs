//! Commands about the cluster and its members.
use super::{
    CAREFUL,
    CommandEffect::Told,
    Count::{Any, Exactly},
    DANGEROUS, READS, Spec,
    flags::REV,
    spec,
};
use crate::etcdctl::{
    EtcdctlVersion,
    flag::{
        Flag,
        FlagKind::{Bool, Text},
    },
};

pub(super) const CLUSTER: &[Spec] = &[
    spec(
        "compaction",
        &[Flag::new("physical", Bool)],
        Exactly(1),
        Told(
            CAREFUL,
            "forgets what every key of etcd was before that revision: nothing that is there now goes, but what was \
              deleted or overwritten before can be read back by nobody (coredeck history, rescue and put-back included)",
        ),
    ),
    spec(
        "alarm disarm",
        &[],
        Exactly(0),
        Told(
            CAREFUL,
            "clears all alarms, so that a member without space takes writes again; the space is still missing unless it \
              was compacted and defragmented before",
        ),
    ),
    spec("alarm list", &[], Exactly(0), Told(READS, "lists the alarms")),
    spec(
        "defrag",
        &[Flag::new("cluster", Bool), Flag::new("data-dir", Text).until(EtcdctlVersion::V3_6)],
        Any,
        Told(
            CAREFUL,
            "rewrites the database of each named member, one after the other; a member answers nothing while it is being \
              rewritten, and no key changes",
        ),
    ),
    spec("endpoint health", OF_CLUSTER, Any, Told(READS, "asks each endpoint whether it can commit a read")),
    spec("endpoint status", OF_CLUSTER, Any, Told(READS, "asks each endpoint for its state")),
    spec(
        "endpoint hashkv",
        &[Flag::new("cluster", Bool), REV],
        Any,
        Told(READS, "asks each endpoint for a checksum of its keys"),
    ),
    spec(
        "move-leader",
        &[],
        Exactly(1),
        Told(CAREFUL, "makes another member the leader: writes wait for a moment, and no key changes"),
    ),
    spec(
        "member add",
        &[Flag::new("peer-urls", Text), Flag::new("learner", Bool)],
        Exactly(1),
        Told(
            DANGEROUS,
            "adds a member: it counts for the quorum at once, before it runs, so that a cluster of one stops until it does (a \
              learner does not count)",
        ),
    ),
    spec(
        "member remove",
        &[],
        Exactly(1),
        Told(
            DANGEROUS,
            "removes that member for good: its data directory cannot come back into the cluster, and there is one less to \
              lose",
        ),
    ),
    spec(
        "member update",
        &[Flag::new("peer-urls", Text)],
        Exactly(1),
        Told(CAREFUL, "changes where the others look for that member; a wrong address cuts it off"),
    ),
    spec(
        "member list",
        &[Flag::new("consistency", Text).since(EtcdctlVersion::V3_6)],
        Any,
        Told(READS, "lists the members"),
    ),
    spec(
        "member promote",
        &[],
        Exactly(1),
        Told(CAREFUL, "lets a learner vote, so that it counts for the quorum"),
    ),
    spec(
        "check perf",
        CHECK,
        Any,
        Told(
            CAREFUL,
            "writes test keys as fast as it can for a while, and deletes them; it refuses where its prefix is in use",
        ),
    ),
    spec(
        "check datascale",
        CHECK,
        Any,
        Told(
            CAREFUL,
            "writes thousands of test keys, and deletes them; it refuses where its prefix is in use",
        ),
    ),
    spec(
        "downgrade validate",
        &[],
        Exactly(1),
        Told(READS, "asks whether the cluster can go down to that release"),
    )
    .since(EtcdctlVersion::V3_5),
    spec(
        "downgrade enable",
        &[],
        Exactly(1),
        Told(DANGEROUS, "begins to take the cluster down to an earlier release"),
    )
    .since(EtcdctlVersion::V3_5),
    spec("downgrade cancel", &[], Exactly(0), Told(CAREFUL, "stops going down to an earlier release"))
        .since(EtcdctlVersion::V3_5),
];

pub(super) const OF_CLUSTER: &[Flag] = &[Flag::new("cluster", Bool)];
pub(super) const CHECK_AND_COMPACT: &str = "writes thousands of test keys, deletes them, and then compacts etcd (--auto-compact): what any key of etcd was before, \
     and what was deleted, can be read back by nobody";
const CHECK: &[Flag] = &[
    Flag::new("load", Text),
    Flag::new("prefix", Text),
    Flag::new("auto-compact", Bool),
    Flag::new("auto-defrag", Bool),
];
