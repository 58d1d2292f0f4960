//! Commands of etcdutl, which works on files.
use super::{
    CAREFUL,
    CommandEffect::Told,
    Count::{Any, Exactly},
    DANGEROUS, READS, Spec,
    copies::{RESTORE, RESTORES},
    flags::REV,
    spec,
};
use crate::etcdctl::flag::{
    Flag,
    FlagKind::{Bool, Text},
};

pub(super) const DEFRAG: &str = "rewrites the database of a member that is not running; no key changes";

pub(super) const UTILITY: &[Spec] = &[
    spec("snapshot status", &[], Exactly(1), Told(READS, "reads a snapshot's file, and no cluster")),
    spec("snapshot restore", RESTORE, Exactly(1), RESTORES),
    spec("defrag", &[Flag::new("data-dir", Text)], Any, Told(CAREFUL, DEFRAG)),
    spec(
        "backup",
        &[
            Flag::new("data-dir", Text),
            Flag::new("wal-dir", Text),
            Flag::new("backup-dir", Text),
            Flag::new("backup-wal-dir", Text),
            Flag::new("with-v3", Bool),
        ],
        Any,
        Told(READS, "copies a data directory"),
    ),
    spec("hashkv", &[REV], Exactly(1), Told(READS, "makes a checksum of a database's keys")),
    spec(
        "migrate",
        &[Flag::new("data-dir", Text), Flag::new("target-version", Text), Flag::new("force", Bool)],
        Any,
        Told(DANGEROUS, "changes the format of a database to that of another release"),
    ),
    spec("version", &[], Any, Told(READS, "prints etcdutl's own version")),
    spec("completion", &[], Exactly(1), Told(READS, "prints completions for a shell")),
    spec("help", &[], Any, Told(READS, "prints help")),
];
