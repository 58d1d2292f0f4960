//! Which part of the program may name which. The tables are the documentation; the tests hold the source to
//! them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every top-level module from the bottom up, with what it may name. Arrows point down only, except between a
/// leaf and the other leaf that it is made of.
const LAYERS: &[(&str, &[&str])] = &[
    // Bytes that cannot leave their scope, and how text of others and numbers are shown. Pure.
    ("keys", &[]),
    ("foreign_text", &[]),
    ("quantity", &[]),
    // etcdctl's language: what a pasted line means, and lines that are handed over. Pure, and nothing in it can run one.
    ("etcdctl", &["keys", "foreign_text", "quantity"]),
    // What a certificate says, and what is wrong with it or with a file of them. Pure.
    ("certificate", &["foreign_text", "quantity", "etcdctl"]),
    // Files that are read, and directories that are this program's own.
    ("plain_file", &[]),
    ("private_directory", &[]),
    // What ends the program from outside, and what keeps its memory its own.
    ("signals", &[]),
    ("no_dump", &[]),
    // A file that is whole or not there.
    ("whole_file", &["private_directory"]),
    // Waiting for what another session holds.
    ("advisory_lock", &[]),
    // How many keys everybody has, and what of them was lost between two looks. Pure.
    ("counts", &["keys", "quantity"]),
    // Which cluster was met under which name, and how many keys everybody had there at last.
    ("known_clusters", &["keys", "counts", "plain_file", "private_directory", "whole_file", "advisory_lock"]),
    // Where a test stops the program; nothing in a release.
    ("stop_at", &[]),
    // What went wrong, in words. Pure.
    ("failure", &["certificate", "keys"]),
    // CoreDNS's rules. Pure; knows nothing of etcd.
    ("dns", &["keys", "quantity"]),
    // How others bring back what is theirs: a script for etcdctl and the steps round it. Pure.
    ("way_back", &["keys", "quantity", "etcdctl"]),
    // What a change is, and proof that a person agreed to it. Pure.
    ("plan", &["keys", "failure", "quantity"]),
    // How a cluster is, and what has to be said of it before something is written. Pure.
    ("health", &["keys", "failure", "quantity", "plan"]),
    // What a credential could do to all of etcd, and the sentence that says so. Pure.
    ("power", &["keys", "foreign_text", "quantity", "etcdctl"]),
    // Records as files and other programs have them: text to records, and back. Pure.
    ("exchange", &["keys", "foreign_text", "dns"]),
    // What lies between a state that is wanted and the one that is. Pure.
    ("desired", &["keys", "dns", "plan", "exchange"]),
    // Moving a scope to another etcd: what is to be copied, and whether both answer alike. Pure.
    ("migrate", &["keys", "dns"]),
    // The scope in memory. Pure; what it is told comes from the store's watch.
    ("index", &["keys", "dns"]),
    // One change of many records, worked out on a picture of the scope. Pure.
    ("bulk", &["keys", "dns", "plan", "index"]),
    // The doors to stored records, and the one way in which a change takes through them.
    // It reads large ranges along the index's walk.
    (
        "store",
        &[
            "stop_at",
            "certificate",
            "plain_file",
            "keys",
            "counts",
            "failure",
            "foreign_text",
            "dns",
            "etcdctl",
            "plan",
            "health",
            "power",
            "index",
        ],
    ),
    // What was changed, on disk, before it is.
    (
        "journal",
        &[
            "stop_at",
            "advisory_lock",
            "plain_file",
            "private_directory",
            "keys",
            "failure",
            "foreign_text",
            "plan",
        ],
    ),
    // Which backups and snapshots stay, by their times and keys. Pure.
    ("retention", &[]),
    // Records in a file that is whole, verified, or not there: what is saved of a store, and what comes back.
    (
        "archive",
        &[
            "plain_file",
            "private_directory",
            "keys",
            "failure",
            "quantity",
            "way_back",
            "store",
            "whole_file",
            "retention",
        ],
    ),
    // What is known of a loss, and which places have what is away. Pure; the events of etcd's history are the store's.
    ("signpost", &["keys", "failure", "foreign_text", "quantity", "counts", "plan", "store"]),
    // Looks for losses and for what could be put back: in files, the journal, the kept counts and etcd. Changes nothing.
    (
        "recovery",
        &[
            "plain_file",
            "keys",
            "failure",
            "quantity",
            "counts",
            "known_clusters",
            "plan",
            "index",
            "store",
            "journal",
            "archive",
            "signpost",
        ],
    ),
    // etcd's own snapshots: verified while they are written, and read without a server.
    ("snapshot", &["plain_file", "keys", "whole_file", "retention"]),
    // Flags, environment and profile. Knows what a connection is made of.
    (
        "config",
        &[
            "certificate",
            "plain_file",
            "private_directory",
            "keys",
            "failure",
            "foreign_text",
            "quantity",
            "dns",
            "etcdctl",
            "way_back",
            "store",
        ],
    ),
    // Asks live CoreDNS servers, when the operator asks.
    ("verify", &["dns"]),
    // The deck: its state, and what a key press does to it. Pure; it knows what the store and the journal say, not the
    // store, and not the journal's files.
    (
        "app",
        &[
            "keys",
            "counts",
            "failure",
            "foreign_text",
            "quantity",
            "dns",
            "etcdctl",
            "plan",
            "health",
            "power",
            "index",
            "bulk",
            "store",
            "journal",
            "signpost",
        ],
    ),
    // The deck's picture. Pure: a model becomes cells.
    (
        "view",
        &[
            "keys",
            "counts",
            "failure",
            "foreign_text",
            "quantity",
            "dns",
            "etcdctl",
            "plan",
            "health",
            "index",
            "bulk",
            "store",
            "journal",
            "app",
            "signpost",
        ],
    ),
    // The terminal itself. Knows nothing of what is drawn.
    ("terminal", &[]),
    // The loop: keys, replies and frames; the only place where the deck meets the world.
    (
        "runtime",
        &[
            "no_dump",
            "plain_file",
            "signals",
            "keys",
            "counts",
            "known_clusters",
            "failure",
            "dns",
            "etcdctl",
            "way_back",
            "plan",
            "health",
            "index",
            "bulk",
            "store",
            "journal",
            "archive",
            "verify",
            "app",
            "view",
            "terminal",
            "signpost",
            "recovery",
        ],
    ),
    // The command line.
    (
        "cli",
        &[
            "no_dump",
            "plain_file",
            "signals",
            "retention",
            "keys",
            "counts",
            "failure",
            "foreign_text",
            "quantity",
            "whole_file",
            "certificate",
            "known_clusters",
            "dns",
            "etcdctl",
            "plan",
            "health",
            "power",
            "exchange",
            "desired",
            "index",
            "bulk",
            "migrate",
            "way_back",
            "store",
            "journal",
            "archive",
            "snapshot",
            "config",
            "verify",
            "app",
            "view",
            "runtime",
            "terminal",
            "signpost",
            "recovery",
        ],
    ),
    ("main", &["cli"]),
];

/// What only some places may name, and why.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("etcd_client", &["store/etcd/"], "one place talks to etcd (P1)"),
    ("tonic::", &["store/etcd/"], "one place talks to etcd (P1)"),
    ("rustls::", &["store/etcd/"], "one place talks to etcd (P1)"),
    ("hickory_net", &["verify/"], "one place asks DNS servers, and only when it is asked to"),
    ("crossterm::terminal", &["terminal.rs"], "one place changes the terminal, and gives it back (P11)"),
    (
        "tcsetattr",
        &["terminal.rs", "cli/tty.rs"],
        "who changes the terminal gives it back, whatever happens (P11)",
    ),
    // Others write `crossterm::event::KeyEvent` out, and so can name nothing that writes.
    ("crossterm::{", &["terminal.rs"], "one place writes to the terminal"),
    ("execute!", &["terminal.rs"], "one place writes to the terminal"),
    ("queue!", &["terminal.rs"], "one place writes to the terminal"),
    ("crossterm::cursor", &["terminal.rs"], "one place writes to the terminal"),
    ("crossterm::clipboard", &["terminal.rs"], "one place writes to the terminal"),
    ("EventStream", &["terminal.rs", "runtime/input.rs"], "keys come in at one place"),
    ("process::Command", &["runtime/editor.rs"], "only the editor is another program"),
    (
        "OpenOptions",
        // The terminal is a file as well; two of them open for reading alone.
        &[
            "journal/",
            "whole_file.rs",
            "plain_file.rs",
            "private_directory.rs",
            "runtime/editor.rs",
            "cli/tracing_file.rs",
            "cli/tty.rs",
        ],
        "records are written to disk by the journal alone (P5)",
    ),
    // A pipe that is opened to be read is waited for, and a device may have no end.
    ("File::open", &["plain_file.rs"], READ),
    ("fs::read(", &[], READ),
    ("fs::read)", &[], READ),
    ("read_to_string", &[], READ),
    ("read_to_end", &["plain_file.rs", "store/etcd/version_page.rs"], READ),
    ("tokio::fs", &[], READ),
    ("DirBuilder", &["private_directory.rs"], "a directory of this program's own is made at one place"),
    ("File::create", &["journal/"], "records are written to disk by the journal alone (P5)"),
    ("fs::write", &["journal/"], "records are written to disk by the journal alone (P5)"),
    ("fs::rename", &["journal/", "whole_file.rs"], "records are written to disk by the journal alone (P5)"),
    // Verified backups and snapshots of the same cluster, when the operator says which to keep.
    (
        "fs::remove",
        &["journal/", "whole_file.rs", "archive/keep.rs", "snapshot/keep.rs"],
        "records are written to disk by the journal alone (P5)",
    ),
    ("unsafe ", &[], "there is none"),
];

const READ: &str = "one place opens what is read: a plain file below a size, or a pipe that is asked for";

/// What is pure has no clock, no files, no network and no tasks: the same input gives the same output.
const PURE: &[&str] = &[
    "signpost",
    "keys",
    "foreign_text",
    "quantity",
    "counts",
    "failure",
    "certificate",
    "dns",
    "etcdctl",
    "way_back",
    "plan",
    "health",
    "power",
    "exchange",
    "desired",
    "migrate",
    "index",
    "bulk",
    "app",
    "view",
];
const WORLD: &[&str] = &[
    "tokio::",
    "async ",
    ".await",
    "std::fs",
    "std::process",
    "std::env",
    "std::thread",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "TcpStream",
    "println!",
];

/// The program's source without comments and without tests, which may reach for what they need.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    collect(&root, &mut files);
    assert!(files.len() > 50, "the source is here");
    files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            (name, without_comments_and_tests(&fs::read_to_string(&file).unwrap()))
        })
        .filter(|(name, _)| !name.contains("/tests/") && !name.ends_with("tests.rs"))
        .collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Tests stand at the end of a file.
fn without_comments_and_tests(source: &str) -> String {
    let program = source.find("\n#[cfg(test)]\nmod ").map_or(source, |tests| &source[..tests]);
    // `://` is an address, and no comment.
    let code = |line: &str| match line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')) {
        Some((at, _)) => line[..at].to_owned(),
        None => line.to_owned(),
    };
    program.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The top-level module of a file: `store` of `store/etcd/pool.rs`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The top-level modules that a source names: behind `crate::` or `coredeck::`, alone or in braces.
fn named(source: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for root in ["crate::", "coredeck::"] {
        for (at, _) in source.match_indices(root) {
            let behind = &source[at + root.len()..];
            match behind.strip_prefix('{') {
                None => drop(named.insert(word(behind))),
                Some(group) => named.extend(members(group)),
            }
        }
    }
    named
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of a brace group's members: `a` and `b` of `a::{c, d}, b}`.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut members, mut start) = (0, vec![], true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                members.push(word(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    members
}

#[test]
fn arrows_point_down_only() {
    let modules: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut wrong = vec![];
    for (file, source) in sources() {
        let from = module(&file);
        if from == "lib" {
            continue;
        }
        let allowed = modules.get(from).unwrap_or_else(|| panic!("{from} is missing in the table"));
        for to in named(&source) {
            if to != from && modules.contains_key(&*to) && !allowed.contains(&&*to) {
                wrong.push(format!("{file} names {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_has_no_circle() {
    let place = |module: &str| LAYERS.iter().position(|(name, _)| *name == module).unwrap();
    for (name, below) in LAYERS {
        for lower in *below {
            assert!(place(lower) < place(name), "{name} stands below {lower}, and may not name it");
        }
    }
}

#[test]
fn what_is_reserved_for_one_place_is_named_nowhere_else() {
    let mut wrong = vec![];
    for (file, source) in sources() {
        // A file that is whole or not there is the one kind that others may make.
        let source = source.replace("WholeFile::create", "");
        for (what, places, why) in RESERVED {
            let is_place = places.iter().any(|place| file.starts_with(place));
            if !is_place && source.contains(what) {
                wrong.push(format!("{file} names {what}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_pure_knows_nothing_of_the_world() {
    let mut wrong = vec![];
    for (file, source) in sources() {
        if PURE.contains(&module(&file)) {
            let found = WORLD.iter().filter(|what| source.contains(**what));
            wrong.extend(found.map(|what| format!("{file} uses {what}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_check_sees_each_way_to_name_a_module() {
    for source in [
        "use crate::keys::Scope;",
        "use crate::{failure::Failure, keys::{Scope, ScopedKey}};",
        "use crate::{\n    failure::Failure,\n    keys,\n};",
        "fn f(scope: &crate::keys::Scope) {}",
        "use coredeck::keys;",
    ] {
        assert!(named(source).contains("keys"), "{source}");
        assert!(!named(source).contains("Scope") && !named(source).contains("ScopedKey"), "{source}");
    }
    let commented = "// crate::keys\nlet url = \"http://x\"; crate::plan::f(); // crate::dns\n\n#[cfg(test)]\nmod tests { use crate::store; }";
    let seen = named(&without_comments_and_tests(commented));
    assert_eq!(seen, BTreeSet::from(["plan".to_owned()]));
}
