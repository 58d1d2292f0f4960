//! Commands about keys, and about the leases and locks that hold some.
use super::{
    CAREFUL,
    CommandEffect::{self, Told},
    Count::{Any, AtLeast, Between, Exactly},
    DANGEROUS, READS, Spec,
    flags::{FROM_KEY, PREFIX, PREV_KV, REV},
    spec,
};
use crate::etcdctl::{
    EtcdctlVersion,
    flag::{
        Flag,
        FlagKind::{Bool, Integer, Text},
    },
};

/// Commands that a transaction may hold as well.
pub(super) const READ_AND_WRITE: &[Spec] = &[
    spec(
        "get",
        &[
            Flag::new("consistency", Text),
            Flag::new("order", Text),
            Flag::new("sort-by", Text),
            Flag::new("limit", Integer),
            PREFIX,
            FROM_KEY,
            REV,
            Flag::new("keys-only", Bool),
            Flag::new("count-only", Bool).since(EtcdctlVersion::V3_5),
            Flag::new("print-value-only", Bool),
            Flag::new("min-create-rev", Integer).since(EtcdctlVersion::V3_6),
            Flag::new("max-create-rev", Integer).since(EtcdctlVersion::V3_6),
            Flag::new("min-mod-rev", Integer).since(EtcdctlVersion::V3_6),
            Flag::new("max-mod-rev", Integer).since(EtcdctlVersion::V3_6),
            Flag::new("stream", Bool).since(EtcdctlVersion::V3_7),
        ],
        AtLeast(1),
        CommandEffect::Get,
    ),
    spec(
        "put",
        &[
            Flag::new("lease", Text),
            PREV_KV,
            Flag::new("ignore-value", Bool),
            Flag::new("ignore-lease", Bool),
        ],
        AtLeast(1),
        CommandEffect::Put,
    ),
    spec(
        "del",
        &[PREFIX, PREV_KV, FROM_KEY, Flag::new("range", Bool).since(EtcdctlVersion::V3_6)],
        Between(1, 2),
        CommandEffect::Delete,
    ),
];

pub(super) const KEYS: &[Spec] = &[
    spec("txn", &[Flag::new("interactive", Bool).short(b'i')], Exactly(0), CommandEffect::Txn),
    spec(
        "watch",
        &[
            Flag::new("interactive", Bool).short(b'i'),
            PREFIX,
            REV,
            PREV_KV,
            Flag::new("progress-notify", Bool).since(EtcdctlVersion::V3_5),
        ],
        Any,
        CommandEffect::Watch,
    ),
    spec(
        "lease grant",
        &[],
        Exactly(1),
        Told(READS, "makes a lease, which holds no key yet and ends by itself"),
    ),
    spec(
        "lease revoke",
        &[],
        Exactly(1),
        Told(
            DANGEROUS,
            "ends that lease at once, and deletes every key that was put with it, whoever put it; which these are, says \
              etcdctl lease timetolive --keys ID",
        ),
    ),
    spec(
        "lease timetolive",
        &[Flag::new("keys", Bool)],
        Exactly(1),
        Told(READS, "says how long that lease still lives"),
    ),
    spec("lease list", &[], Any, Told(READS, "lists the leases")),
    spec("lease keep-alive", &[Flag::new("once", Bool)], Exactly(1), Told(READS, "renews that lease")),
    spec("lock", &[Flag::new("ttl", Integer)], AtLeast(1), CommandEffect::Lock),
    spec(
        "elect",
        &[Flag::new("listen", Bool).short(b'l')],
        Between(1, 2),
        Told(CAREFUL, "holds a key with that name for as long as it runs, or with --listen only looks on"),
    ),
];
