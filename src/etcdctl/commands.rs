//! The commands of etcdctl 3.4 to 3.7 with their flags, and what they do (etcdctl/ctlv3/command).
use super::{
    Verdict, Version,
    flag::{
        Flag,
        Kind::{Bool, Duration, Integer, Text, Unsigned},
        Known,
    },
};

/// How many arguments a command takes before it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Exactly(usize),
    Between(usize, usize),
    AtLeast(usize),
    Any,
}

/// What a command does with keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Delete,
    Get,
    Put,
    Watch,
    Txn,
    /// What it does is said in one sentence, and is no question of a range.
    Told(Verdict, &'static str),
}

/// One command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    /// Its words: `snapshot save`.
    pub(super) path: &'static str,
    pub(super) flags: &'static [Flag],
    pub(super) count: Count,
    pub(super) deed: Deed,
    pub(super) since: Version,
    pub(super) until: Option<Version>,
}

const fn spec(path: &'static str, flags: &'static [Flag], count: Count, deed: Deed) -> Spec {
    Spec { path, flags, count, deed, since: Version::V3_4, until: None }
}

/// What takes every command, after `etcdctl options`.
pub(super) const GLOBAL: &[Flag] = &[
    Flag::new("endpoints", Text),
    Flag::new("debug", Bool),
    Flag::new("write-out", Text).short(b'w'),
    Flag::new("hex", Bool),
    Flag::new("dial-timeout", Duration),
    Flag::new("command-timeout", Duration),
    Flag::new("keepalive-time", Duration),
    Flag::new("keepalive-timeout", Duration),
    Flag::new("max-request-bytes", Integer).since(Version::V3_6),
    Flag::new("max-recv-bytes", Integer).since(Version::V3_6),
    Flag::new("insecure-transport", Bool),
    Flag::new("insecure-discovery", Bool),
    Flag::new("insecure-skip-tls-verify", Bool),
    Flag::new("cert", Text),
    Flag::new("key", Text),
    Flag::new("cacert", Text),
    Flag::new("auth-jwt-token", Text).since(Version::V3_6),
    Flag::new("user", Text),
    Flag::new("password", Text),
    Flag::new("discovery-srv", Text).short(b'd'),
    Flag::new("discovery-srv-name", Text),
    Flag::new("help", Bool).short(b'h'),
];

const PREFIX: Flag = Flag::new("prefix", Bool);
const FROM_KEY: Flag = Flag::new("from-key", Bool);
const PREV_KV: Flag = Flag::new("prev-kv", Bool);
const REV: Flag = Flag::new("rev", Integer);

const READS: Verdict = Verdict::Harmless;
const CAREFUL: Verdict = Verdict::Careful;
const DANGEROUS: Verdict = Verdict::Dangerous;

use Count::{Any, AtLeast, Between, Exactly};
use Deed::Told;

/// In the order in which etcdctl lists them; of two that begin alike, cobra takes a beginning for neither.
pub(super) const COMMANDS: &[Spec] = &[
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
            Flag::new("count-only", Bool).since(Version::V3_5),
            Flag::new("print-value-only", Bool),
            Flag::new("min-create-rev", Integer).since(Version::V3_6),
            Flag::new("max-create-rev", Integer).since(Version::V3_6),
            Flag::new("min-mod-rev", Integer).since(Version::V3_6),
            Flag::new("max-mod-rev", Integer).since(Version::V3_6),
            Flag::new("stream", Bool).since(Version::V3_7),
        ],
        AtLeast(1),
        Deed::Get,
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
        Deed::Put,
    ),
    spec(
        "del",
        &[PREFIX, PREV_KV, FROM_KEY, Flag::new("range", Bool).since(Version::V3_6)],
        Between(1, 2),
        Deed::Delete,
    ),
    spec("txn", &[Flag::new("interactive", Bool).short(b'i')], Exactly(0), Deed::Txn),
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
        &[Flag::new("cluster", Bool), Flag::new("data-dir", Text).until(Version::V3_6)],
        Any,
        Told(
            CAREFUL,
            "rewrites the database of each named member, one after the other; a member answers nothing while it is being \
              rewritten, and no key changes",
        ),
    ),
    spec("endpoint health", CLUSTER, Any, Told(READS, "asks each endpoint whether it can commit a read")),
    spec("endpoint status", CLUSTER, Any, Told(READS, "asks each endpoint for its state")),
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
        "watch",
        &[
            Flag::new("interactive", Bool).short(b'i'),
            PREFIX,
            REV,
            PREV_KV,
            Flag::new("progress-notify", Bool).since(Version::V3_5),
        ],
        Any,
        Deed::Watch,
    ),
    spec("version", &[], Any, Told(READS, "prints etcdctl's own version")),
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
        &[Flag::new("consistency", Text).since(Version::V3_6)],
        Any,
        Told(READS, "lists the members"),
    ),
    spec(
        "member promote",
        &[],
        Exactly(1),
        Told(CAREFUL, "lets a learner vote, so that it counts for the quorum"),
    ),
    spec("snapshot save", &[], Exactly(1), Told(READS, "saves all of etcd from one endpoint to a file")),
    Spec {
        until: Some(Version::V3_6),
        ..spec("snapshot status", &[], Exactly(1), Told(READS, "reads a snapshot's file, and no cluster"))
    },
    Spec { until: Some(Version::V3_6), ..spec("snapshot restore", RESTORE, Exactly(1), RESTORES) },
    spec(
        "make-mirror",
        &[
            Flag::new("prefix", Text),
            REV.since(Version::V3_6),
            Flag::new("max-txn-ops", Unsigned).since(Version::V3_5),
            Flag::new("dest-prefix", Text),
            Flag::new("no-dest-prefix", Bool),
            Flag::new("dest-cert", Text),
            Flag::new("dest-key", Text),
            Flag::new("dest-cacert", Text),
            Flag::new("dest-insecure-transport", Bool),
            Flag::new("dest-user", Text).since(Version::V3_5),
            Flag::new("dest-password", Text).since(Version::V3_5),
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
    .only_before(Version::V3_5),
    spec(
        "lock",
        &[Flag::new("ttl", Integer)],
        AtLeast(1),
        Told(
            CAREFUL,
            "holds a key with that name for as long as it runs, and runs the command behind it, if there is one",
        ),
    ),
    spec(
        "elect",
        &[Flag::new("listen", Bool).short(b'l')],
        Between(1, 2),
        Told(CAREFUL, "holds a key with that name for as long as it runs, or with --listen only looks on"),
    ),
    spec(
        "auth enable",
        &[],
        Exactly(0),
        Told(
            DANGEROUS,
            "turns authentication on: whoever has no user is locked out at once. A Kubernetes API server without a user of its \
              own stops working, and so does everything behind it",
        ),
    ),
    spec(
        "auth disable",
        &[],
        Exactly(0),
        Told(DANGEROUS, "turns authentication off: whoever reaches etcd may then read and delete every key"),
    ),
    Spec {
        since: Version::V3_5,
        ..spec("auth status", &[], Exactly(0), Told(READS, "says whether authentication is on"))
    },
    spec(
        "user add",
        &[
            Flag::new("interactive", Bool),
            Flag::new("new-user-password", Text).since(Version::V3_5),
            Flag::new("no-password", Bool),
        ],
        Exactly(1),
        Told(CAREFUL, "makes a user, who may do nothing until it has a role"),
    ),
    spec(
        "user delete",
        &[],
        Exactly(1),
        Told(DANGEROUS, "deletes that user: whatever logs in as it is locked out at once"),
    ),
    spec("user get", &[Flag::new("detail", Bool)], Exactly(1), Told(READS, "shows that user's roles")),
    spec("user list", &[], Exactly(0), Told(READS, "lists the users")),
    spec(
        "user passwd",
        &[Flag::new("interactive", Bool)],
        Exactly(1),
        Told(CAREFUL, "changes that user's password: whatever logs in with the old one is locked out"),
    ),
    spec(
        "user grant-role",
        &[],
        Exactly(2),
        Told(CAREFUL, "gives that user what the role may do; root may do everything"),
    ),
    spec(
        "user revoke-role",
        &[],
        Exactly(2),
        Told(CAREFUL, "takes a role from that user, and with it what only that role allowed"),
    ),
    spec("role add", &[], Exactly(1), Told(CAREFUL, "makes a role, which allows nothing yet")),
    spec(
        "role delete",
        &[],
        Exactly(1),
        Told(DANGEROUS, "deletes that role: every user of it loses what it allowed at once"),
    ),
    spec("role get", &[], Exactly(1), Told(READS, "shows what that role allows")),
    spec("role list", &[], Exactly(0), Told(READS, "lists the roles")),
    spec(
        "role grant-permission",
        &[PREFIX, FROM_KEY],
        AtLeast(3),
        Told(CAREFUL, "allows that role to read or write those keys"),
    ),
    spec(
        "role revoke-permission",
        &[PREFIX, FROM_KEY],
        AtLeast(2),
        Told(CAREFUL, "takes a permission from that role: whoever relies on it is locked out of those keys"),
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
    spec("completion", &[], Exactly(1), Told(READS, "prints completions for a shell")),
    Spec {
        since: Version::V3_5,
        ..spec(
            "downgrade validate",
            &[],
            Exactly(1),
            Told(READS, "asks whether the cluster can go down to that release"),
        )
    },
    Spec {
        since: Version::V3_5,
        ..spec(
            "downgrade enable",
            &[],
            Exactly(1),
            Told(DANGEROUS, "begins to take the cluster down to an earlier release"),
        )
    },
    Spec {
        since: Version::V3_5,
        ..spec("downgrade cancel", &[], Exactly(0), Told(CAREFUL, "stops going down to an earlier release"))
    },
    spec("help", &[], Any, Told(READS, "prints help")),
    Spec {
        since: Version::V3_6,
        ..spec("options", &[], Any, Told(READS, "prints the flags of every command"))
    },
];

/// Those of etcdutl, which works on files.
pub(super) const UTILITY: &[Spec] = &[
    spec("snapshot status", &[], Exactly(1), Told(READS, "reads a snapshot's file, and no cluster")),
    spec("snapshot restore", RESTORE, Exactly(1), RESTORES),
    spec(
        "defrag",
        &[Flag::new("data-dir", Text)],
        Any,
        Told(CAREFUL, "rewrites the database of a member that is not running; no key changes"),
    ),
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

const CLUSTER: &[Flag] = &[Flag::new("cluster", Bool)];
const CHECK: &[Flag] = &[
    Flag::new("load", Text),
    Flag::new("prefix", Text),
    Flag::new("auto-compact", Bool),
    Flag::new("auto-defrag", Bool),
];
const RESTORE: &[Flag] = &[
    Flag::new("data-dir", Text),
    Flag::new("wal-dir", Text),
    Flag::new("initial-cluster", Text),
    Flag::new("initial-cluster-token", Text),
    Flag::new("initial-advertise-peer-urls", Text),
    Flag::new("name", Text),
    Flag::new("skip-hash-check", Bool),
    Flag::new("bump-revision", Unsigned).since(Version::V3_5),
    Flag::new("mark-compacted", Bool).since(Version::V3_5),
];
const RESTORES: Deed = Told(
    DANGEROUS,
    "makes a new data directory out of a snapshot; the running cluster is not touched, but a member that is started on it \
     has the old keys and none since, and begins a new cluster: all members have to be restored from the same file",
);

impl Spec {
    const fn only_before(self, until: Version) -> Self {
        Self { until: Some(until), ..self }
    }

    pub(super) fn is_in(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }
}

/// What cobra makes of the words behind the program's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found<'s> {
    /// A command, and the words that are left for it.
    Command(&'s str, Vec<Vec<u8>>),
    /// No command, or the beginning of one: its help is printed.
    Help,
    Unknown(Vec<u8>),
}

/// Looks for the command as cobra does: by the words that are neither flags nor, it believes, their values; a
/// beginning is enough where only one command has it.
pub(super) fn find(commands: &'static [Spec], words: &[Vec<u8>], version: Version) -> Found<'static> {
    let mut words = words.to_vec();
    let mut path = "";
    loop {
        let own = commands.iter().find(|spec| spec.path == path && spec.is_in(version));
        let of_group = if path == "endpoint" { CLUSTER } else { &[] };
        let known = Known { own: own.map_or(of_group, |spec| spec.flags), global: GLOBAL, version };
        let names = names_below(commands, path, version);
        let next = first_argument(&known, &words).map(|at| (at, words.get(at).cloned().unwrap_or_default()));
        match next {
            Some((at, word)) if !names.is_empty() => {
                let Some(name) = matching(&names, &word) else {
                    // Only etcdctl itself complains; a group of commands prints its help.
                    return if path.is_empty() { Found::Unknown(word) } else { Found::Help };
                };
                words.remove(at);
                path = name;
            }
            _ if names.is_empty() => return Found::Command(path, words),
            _ => return Found::Help,
        }
    }
}

/// The paths that are one word longer than this one.
fn names_below(commands: &'static [Spec], path: &str, version: Version) -> Vec<&'static str> {
    let mut names = Vec::new();
    for spec in commands.iter().filter(|spec| spec.is_in(version)) {
        let behind = match path {
            "" => Some(spec.path),
            path => spec.path.strip_prefix(path).and_then(|behind| behind.strip_prefix(' ')),
        };
        let Some(behind) = behind else { continue };
        let word = behind.split(' ').next().unwrap_or_default();
        let name = spec.path.get(..spec.path.len() - behind.len() + word.len()).unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn matching(names: &[&'static str], word: &[u8]) -> Option<&'static str> {
    let last = |name: &'static str| name.rsplit(' ').next().unwrap_or_default().as_bytes();
    if let Some(exact) = names.iter().find(|name| last(name) == word) {
        return Some(exact);
    }
    let mut beginnings = names.iter().filter(|name| last(name).starts_with(word));
    match (beginnings.next(), beginnings.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Where the first word stands that is neither a flag nor taken for the value of one.
fn first_argument(known: &Known<'_>, words: &[Vec<u8>]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_slice() {
            b"--" => return None,
            word if known.takes_next(word) => at += 2,
            word if !word.is_empty() && word.first() != Some(&b'-') => return Some(at),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const FUNCTION: &str = include_str!("../../assets/shell/coredeck.sh");

    /// The flags of the patterns that end with this.
    fn patterns_before(end: &str) -> BTreeSet<&'static str> {
        let (before, _) = FUNCTION.split_once(end).unwrap();
        let (_, patterns) = before.rsplit_once("        # ").unwrap();
        let words = patterns.split_whitespace().filter_map(|word| word.strip_prefix(":-"));
        words.map(|word| word.trim_end_matches(')')).filter(|word| !word.contains(['*', '?'])).collect()
    }

    fn global(has_value: bool) -> BTreeSet<String> {
        let flags = GLOBAL.iter().filter(|flag| (flag.kind != Bool) == has_value);
        flags
            .flat_map(|flag| {
                [Some(format!("-{}", flag.long)), flag.short.map(|short| char::from(short).to_string())]
            })
            .flatten()
            .collect()
    }

    #[test]
    fn the_shell_function_knows_the_flags_of_every_command_and_which_have_a_value() {
        let is = |listed: BTreeSet<&str>| listed.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(is(patterns_before(" _coredeck_next=value ;;")), global(true));
        assert_eq!(is(patterns_before(" | :) ;;")), global(false));
    }

    #[test]
    fn no_beginning_of_del_is_enough_because_others_begin_alike() {
        for version in Version::ALL {
            for word in ["d", "de"] {
                let found = find(COMMANDS, &[word.as_bytes().to_vec(), b"/x".to_vec()], version);
                assert_eq!(found, Found::Unknown(word.as_bytes().to_vec()), "{version}");
            }
        }
    }

    #[test]
    fn a_command_stands_behind_flags_and_their_values_and_a_known_one_of_its_own_is_no_command() {
        for line in ["--endpoints x del /y", "-w json del /y", "--debug del /y", "--prefix=true del /y"] {
            let words: Vec<_> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert!(matches!(find(COMMANDS, &words, Version::V3_7), Found::Command("del", _)), "{line}");
        }
        let words: Vec<_> = ["--prefix", "del", "/y"].map(|word| word.as_bytes().to_vec()).into();
        assert_eq!(find(COMMANDS, &words, Version::V3_7), Found::Unknown(b"/y".to_vec()));
    }
}
