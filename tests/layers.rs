//! Layers of the program: the parts that each part may name, and the names of their types. The tables are the
//! documentation; the tests hold the source to them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every top-level module from the bottom up, with the modules that it may name. Arrows point down only, except
/// between a leaf and the other leaf that it is made of.
const LAYERS: &[(&str, &[&str])] = &[
    // The next act of whoever reads about an error.
    ("remedy", &[]),
    // Bytes that cannot leave their scope, and the display of others' texts and of numbers. Pure.
    ("keys", &["remedy"]),
    ("foreign_text", &[]),
    ("quantity", &[]),
    // etcdctl's language: the meaning of a pasted line, and lines that are handed over. Pure, and nothing in it can
    // run one.
    ("etcdctl", &["keys", "foreign_text", "quantity"]),
    // Facts in a certificate, and the faults of one or of a file of them. Pure.
    ("certificate", &["remedy", "foreign_text", "quantity", "etcdctl"]),
    // A place that could not be read.
    ("unread_place", &["foreign_text"]),
    // Files that are read, and directories that are this program's own.
    ("plain_file", &[]),
    ("private_directory", &[]),
    // Signals that end the program from outside, and the protection of its memory.
    ("signals", &[]),
    ("no_dump", &[]),
    // A file that is whole or not there.
    ("whole_file", &["private_directory"]),
    // Waiting for a lock of another session.
    ("advisory_lock", &[]),
    // Number of everybody's keys, and the losses among them. Pure.
    ("counts", &["keys", "quantity"]),
    // Clusters by the name under which each was met, and everybody's last number of keys there.
    ("known_clusters", &["keys", "counts", "plain_file", "private_directory", "whole_file", "advisory_lock"]),
    // Places at which a test stops the program; nothing in a release.
    ("stop_at", &[]),
    // Failures in words. Pure.
    ("failure", &["remedy", "certificate", "keys"]),
    // CoreDNS's rules. Pure; knows nothing of etcd.
    ("dns", &["remedy", "keys", "quantity"]),
    // Way back for others' keys: a script for etcdctl and the steps round it. Pure.
    ("way_back", &["keys", "quantity", "etcdctl"]),
    // Plan of a change, and proof that a person agreed to it. Pure.
    ("plan", &["remedy", "keys", "failure", "quantity"]),
    // Health of a cluster, and the warnings before a write. Pure.
    ("health", &["remedy", "keys", "failure", "quantity", "plan"]),
    // Power of a credential over all of etcd, and the sentence that says so. Pure.
    ("power", &["keys", "foreign_text", "quantity", "etcdctl"]),
    // Records as files and other programs have them: text to records, and back. Pure.
    ("exchange", &["keys", "foreign_text", "dns"]),
    // Difference between a wanted state and the present one. Pure.
    ("desired", &["keys", "dns", "plan", "exchange"]),
    // Move of a scope to another etcd: the records to copy, and the comparison of both answers. Pure.
    ("migrate", &["keys", "dns"]),
    // The scope in memory. Pure; its changes come from the store's watch.
    ("index", &["keys", "dns"]),
    // One change of many records, worked out on a picture of the scope. Pure.
    ("bulk", &["keys", "dns", "plan", "index"]),
    // The handles to stored records: a reader, a writer, and counters. It reads large ranges along the index's walk.
    (
        "store",
        &[
            "certificate",
            "plain_file",
            "keys",
            "failure",
            "foreign_text",
            "dns",
            "plan",
            "health",
            "power",
            "index",
        ],
    ),
    // Journal of changes, on disk before they are made.
    (
        "journal",
        &[
            "remedy",
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
    // Backups and snapshots that stay, by their times and keys. Pure.
    ("retention", &["remedy"]),
    // Records in a file that is whole, verified, or not there: saved from a store, and put back.
    (
        "archive",
        &[
            "unread_place",
            "remedy",
            "plain_file",
            "private_directory",
            "keys",
            "failure",
            "quantity",
            "etcdctl",
            "way_back",
            "store",
            "whole_file",
            "retention",
        ],
    ),
    // Known facts of a loss, and the places that have the missing keys. Pure; the events of etcd's history are the
    // store's.
    ("signpost", &["unread_place", "keys", "foreign_text", "quantity", "counts", "plan", "store"]),
    // etcd's own snapshots: verified while they are written, and read without a server.
    ("snapshot", &["remedy", "plain_file", "keys", "whole_file", "retention"]),
    // Flags, environment and profile: the parts of a connection.
    (
        "config",
        &[
            "remedy",
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
    // Operations on the records, the same for every front end: plan, foresee, carry out, undo, look back, count. The
    // only way that a change takes to a writer.
    (
        "ops",
        &[
            "remedy", "stop_at", "keys", "counts", "failure", "dns", "etcdctl", "plan", "exchange", "index",
            "store", "config",
        ],
    ),
    // Search for losses and for keys that could be put back: in files, the journal, the kept counts and etcd. Changes
    // nothing.
    (
        "recovery",
        &[
            "unread_place",
            "remedy",
            "plain_file",
            "keys",
            "failure",
            "quantity",
            "counts",
            "known_clusters",
            "plan",
            "index",
            "store",
            "ops",
            "journal",
            "archive",
            "signpost",
        ],
    ),
    // Session of a front end: which cluster, with which right, and where its changes are written down. It speaks to
    // nobody itself.
    (
        "session",
        &[
            "remedy",
            "keys",
            "counts",
            "known_clusters",
            "failure",
            "plan",
            "health",
            "store",
            "journal",
            "config",
            "recovery",
        ],
    ),
    // Questions to live CoreDNS servers, when the operator asks.
    ("verify", &["remedy", "dns"]),
    // The deck: its state, and the effect of a key press on it. Pure; it knows the words of the store and the
    // journal, not the store itself, and not the journal's files.
    (
        "app",
        &[
            "unread_place",
            "remedy",
            "keys",
            "counts",
            "failure",
            "quantity",
            "dns",
            "etcdctl",
            "plan",
            "health",
            "power",
            "index",
            "bulk",
            "store",
            "ops",
            "journal",
            "signpost",
        ],
    ),
    // The deck's picture. Pure: a model becomes cells. The picture of an overlay lies beside its state, as
    // `app/overlay/NAME/view.rs`, and is of this part.
    (
        "view",
        &[
            "remedy",
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
            "store",
            "ops",
            "journal",
            "app",
            "signpost",
        ],
    ),
    // The terminal itself. Knows nothing of the drawing.
    ("terminal", &[]),
    // The loop: keys, replies and frames; the only place where the deck meets the world.
    (
        "runtime",
        &[
            "remedy",
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
            "index",
            "bulk",
            "store",
            "ops",
            "session",
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
            "remedy",
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
            "ops",
            "session",
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

/// Names that only some places may use, with the reason.
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
        // The terminal is a file as well; two places open files for reading alone.
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
    // Opening a pipe to read waits for it, and a device may have no end.
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

/// Modules without clock, files, network and tasks: the same input gives the same output.
const PURE: &[&str] = &[
    "remedy",
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

/// Returns the program's source without comments and without tests, which may use anything.
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

/// Removes comments, and the tests at the end of a file.
fn without_comments_and_tests(source: &str) -> String {
    let program = source.find("\n#[cfg(test)]\nmod ").map_or(source, |tests| &source[..tests]);
    // `://` is an address, and no comment.
    let code = |line: &str| match line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')) {
        Some((at, _)) => line[..at].to_owned(),
        None => line.to_owned(),
    };
    program.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Returns the part that a file belongs to: `store` for `store/etcd/pool.rs`.
fn part(file: &str) -> &str {
    if is_picture(file) { "view" } else { file.split('/').next().unwrap().trim_end_matches(".rs") }
}

/// Tells whether a file is the picture of an overlay, or a piece of it. It lies beside the state, and is above it.
fn is_picture(file: &str) -> bool {
    let of_overlay = file.strip_prefix("app/overlay/").and_then(|rest| rest.split_once('/'));
    of_overlay.is_some_and(|(_, rest)| rest == "view.rs" || rest.starts_with("view/"))
}

/// Tells whether a source names the picture beside it by a way that does not begin at the root.
fn names_a_picture(source: &str) -> bool {
    ["super::view", "self::view", "view::"].iter().any(|way| {
        let begins = |at: usize| !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        source.match_indices(way).any(|(at, _)| begins(at))
    })
}

/// Returns the top-level modules that a source names: behind `crate::` or `coredeck::`, alone or in braces.
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

/// Returns the first words of a brace group's members: `a` and `b` of `a::{c, d}, b}`.
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
        let from = part(&file);
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
fn a_picture_lies_beside_its_state_and_is_named_by_no_state() {
    let sources = sources();
    let pictures = sources.keys().filter(|file| is_picture(file));
    assert!(pictures.count() > 20, "the pictures are found");
    let states = sources.iter().filter(|(file, _)| part(file) == "app");
    let wrong: Vec<_> = states.filter(|(_, source)| names_a_picture(source)).map(|(file, _)| file).collect();
    assert!(wrong.is_empty(), "these name a picture, which is above them: {wrong:#?}");
    // A picture sees what is private to `app`, and so must not be handed what it could change.
    let drawn = sources.iter().filter(|(file, _)| part(file) == "view");
    let wrong: Vec<_> =
        drawn.filter(|(_, source)| source.contains("&mut Model")).map(|(file, _)| file).collect();
    assert!(wrong.is_empty(), "these could change what they draw: {wrong:#?}");
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
        // Other modules may make only one kind of file: one that is whole or not there.
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
        if PURE.contains(&part(&file)) {
            let found = WORLD.iter().filter(|what| source.contains(**what));
            wrong.extend(found.map(|what| format!("{file} uses {what}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the types that a source defines: structs, enums, unions, traits and aliases, without associated types.
fn types(source: &str) -> Vec<String> {
    source.lines().filter_map(defined).collect()
}

/// Returns the type that a line defines: `Place` of `pub(super) struct Place<'t> {`.
fn defined(line: &str) -> Option<String> {
    let is_nested = line.starts_with(' ');
    let mut words = line.split_whitespace().skip_while(|word| {
        matches!(*word, "unsafe" | "in") || word.starts_with("pub") || word.ends_with(')')
    });
    let keyword = words.next()?;
    let is_alias = keyword == "type";
    // An alias inside of a trait or of its implementation is an associated type.
    if !matches!(keyword, "struct" | "enum" | "union" | "trait" | "type") || (is_alias && is_nested) {
        return None;
    }
    Some(word(words.next()?)).filter(|name| name.starts_with(char::is_uppercase))
}

/// Types that may share a name, each with its reason. Each one costs every reader a question, so they are few.
const SHARED_NAMES: &[(&str, &str)] = &[];

#[test]
fn no_two_types_have_one_name() {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, source) in sources() {
        for name in types(&source) {
            files.entry(name).or_default().push(file.clone());
        }
    }
    assert!(files.len() > 500, "the types are found");
    assert!(SHARED_NAMES.len() <= 20, "names are shared only where there is no other way");
    for (name, why) in SHARED_NAMES {
        assert!(
            files.get(*name).is_some_and(|files| files.len() > 1),
            "{name} is not shared any more: {why}"
        );
    }
    let may_share = |name: &String| SHARED_NAMES.iter().any(|(shared, _)| shared == name);
    files.retain(|name, files| files.len() > 1 && !may_share(name));
    assert!(files.is_empty(), "say in each name whose it is: {files:#?}");
}

/// Returns the names that the glossary retires: those in backticks, in the first column of its last table.
fn retired() -> BTreeSet<String> {
    let glossary = include_str!("../docs/glossary.md");
    let (_, table) = glossary.split_once("\n## Retired\n").expect("the glossary retires words");
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn no_type_has_a_name_that_the_glossary_retires() {
    let retired = retired();
    assert!(retired.len() > 20, "the words are found");
    let mut wrong = vec![];
    for (file, source) in sources() {
        let names = types(&source).into_iter().filter(|name| retired.contains(name));
        wrong.extend(names.map(|name| format!("{file} defines {name}")));
    }
    assert!(wrong.is_empty(), "docs/glossary.md has a better word: {wrong:#?}");
}

#[test]
fn the_check_sees_each_way_to_define_a_type() {
    let source = "pub struct A;\nenum B {\npub(super) trait C: fmt::Debug {\npub(in crate::dns) struct D<'t>(&'t [u8]);\n\
                  type E = u8;\n    struct F;\n    pub(crate) enum G {}\n    type Output = u8;\npub const fn h() {}\n\
                  let type_of = 1;\nimpl Trait for A {";
    assert_eq!(types(source), ["A", "B", "C", "D", "E", "F", "G"]);
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
    assert_eq!(part("app/overlay/form/view.rs"), "view");
    assert_eq!(part("app/overlay/change/view/list.rs"), "view");
    assert_eq!(part("app/overlay/form/mod.rs"), "app");
    assert!(names_a_picture("view::draw(canvas)") && names_a_picture("use self::view as picture;"));
    assert!(!names_a_picture("mod view;\nlet view = open(); RecordView::Answers; overview::of()"));
    let commented = "// crate::keys\nlet url = \"http://x\"; crate::plan::f(); // crate::dns\n\n#[cfg(test)]\nmod tests { use crate::store; }";
    let seen = named(&without_comments_and_tests(commented));
    assert_eq!(seen, BTreeSet::from(["plan".to_owned()]));
}
