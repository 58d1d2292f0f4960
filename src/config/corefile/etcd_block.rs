//! One `etcd` block, read as `CoreDNS` reads it (plugin/etcd/setup.go).
use super::{
    CorefilePlace, Note, dispenser::Dispenser, duration, import::clean, server::Root, token::CorefileToken,
    zones,
};
use crate::dns::{Fallthrough, LeaseTtl, Name};
use std::path::{Path, PathBuf};

/// The path if a block names none (setup.go:49).
const DEFAULT_PATH: &str = "skydns";
/// The endpoint that setup.go:150 takes if a block names none.
const DEFAULT_ENDPOINT: &str = "http://localhost:2379";

/// The properties of a block (setup.go:57-124).
const KNOWN: [&str; 11] = [
    "stubzones",
    "debug",
    "upstream",
    "fallthrough",
    "no_apex_fallback",
    "path",
    "endpoint",
    "tls",
    "credentials",
    "min-lease-ttl",
    "max-lease-ttl",
];

/// Settings of an `etcd` block. Its password is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EtcdBlock {
    /// The place of the block.
    pub at: CorefilePlace,
    /// The block's own list, or the names of its server block.
    pub zones: Vec<Name>,
    /// The prefix of the keys, with a slash before it and none behind it: `/skydns`.
    pub path: (String, CorefilePlace),
    /// The endpoints as they are written.
    pub endpoints: (Vec<String>, CorefilePlace),
    pub tls: Option<(CorefileTls, CorefilePlace)>,
    pub user: Option<(String, CorefilePlace)>,
    pub fallthrough: Fallthrough,
    pub lease_ttl: LeaseTtl,
    pub no_apex_fallback: bool,
}

/// Files of a `tls` line. Without any, the system's CAs are trusted and no certificate is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorefileTls {
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub ca: Option<PathBuf>,
}

/// Reads a block; `server` are the zones of its server block.
pub(super) fn read(
    words: &[CorefileToken],
    server: &[Name],
    root: &Root,
    notes: &mut Vec<Note>,
) -> EtcdBlock {
    let mut words = Dispenser::new(words);
    let at = words.place();
    let named = words.arguments();
    let (own, left_out) = zones::zones(&named);
    for _ in left_out {
        // The word may be a password in a wrong place.
        let what = "one of its words is no zone, so CoreDNS leaves it out";
        notes.push(Note::ignored(at.clone(), what));
    }
    let mut block = EtcdBlock {
        zones: if named.is_empty() { server.to_vec() } else { own },
        path: (rooted(DEFAULT_PATH), at.clone()),
        endpoints: (vec![DEFAULT_ENDPOINT.to_owned()], at.clone()),
        tls: None,
        user: None,
        fallthrough: Fallthrough::Never,
        lease_ttl: LeaseTtl::default(),
        no_apex_fallback: false,
        at,
    };
    // A word behind a login may be a part of its password, broken over lines.
    let mut behind_login = false;
    while words.in_block() {
        let (property, place) = (words.text(), words.place());
        let refuse = |what: String| Note::refused(place.clone(), what);
        match property {
            "stubzones" | "debug" => {}
            "upstream" => drop(words.arguments()),
            "fallthrough" => block.fallthrough = fallthrough(&words.arguments()),
            "no_apex_fallback" => {
                block.no_apex_fallback = true;
                if !words.arguments().is_empty() {
                    notes.push(refuse("no_apex_fallback takes no argument".to_owned()));
                }
            }
            "path" => match words.argument() {
                Some(path) => block.path = (rooted(path), place),
                None => notes.push(refuse("path takes a path".to_owned())),
            },
            "endpoint" => match words.arguments() {
                list if list.is_empty() => {
                    notes.push(refuse("endpoint takes at least one endpoint".to_owned()));
                }
                list => {
                    if list.iter().any(|endpoint| endpoint.contains(',')) {
                        let what = "endpoints stand apart by blanks: CoreDNS takes a list with commas for one \
                                    endpoint, which it cannot reach";
                        notes.push(Note::ignored(place.clone(), what));
                    }
                    block.endpoints = (list.into_iter().map(str::to_owned).collect(), place);
                }
            },
            "tls" => {
                let files = words.arguments();
                if !root.is_known && files.iter().any(|file| Path::new(file).is_relative()) {
                    let what = "a file of tls is relative: CoreDNS looks for it in the directory that it was started \
                                in, and this program beside the Corefile";
                    notes.push(Note::unknown(place.clone(), what));
                }
                match tls(&files, &root.directory) {
                    Some(tls) => block.tls = Some((tls, place)),
                    None => notes.push(refuse("tls takes three files at most".to_owned())),
                }
            }
            "credentials" => match words.arguments()[..] {
                [user, _] => block.user = Some((user.to_owned(), place)),
                _ => notes.push(refuse("credentials takes a user and a password".to_owned())),
            },
            "min-lease-ttl" | "max-lease-ttl" => match words.argument().map(duration::seconds) {
                Some(Ok(seconds)) if property == "min-lease-ttl" => {
                    block.lease_ttl.min = or_default(seconds, LeaseTtl::default().min);
                }
                Some(Ok(seconds)) => block.lease_ttl.max = or_default(seconds, LeaseTtl::default().max),
                Some(Err(why)) => notes.push(refuse(format!("{property} is no time to live: {why}"))),
                None => notes.push(refuse(format!("{property} takes a time"))),
            },
            _ if behind_login => notes.push(refuse("a word stands where a property is expected".to_owned())),
            unknown => notes.push(refuse(match meant(unknown) {
                Some(meant) => format!("unknown property {unknown:?}; {meant} may be meant"),
                None => "a word is no property of an etcd block".to_owned(),
            })),
        }
        behind_login = property == "credentials" || (behind_login && !KNOWN.contains(&property));
    }
    block
}

/// Returns the property that a word is similar to. Any other word may be a password in a wrong place.
fn meant(word: &str) -> Option<&'static str> {
    const ALIKE: f64 = 0.8;
    KNOWN.into_iter().find(|known| strsim::jaro_winkler(word, known) >= ALIKE)
}

/// Returns the default for a 0, as `CoreDNS` does (etcd.go:176-183).
fn or_default(seconds: u32, default: u32) -> u32 {
    if seconds == 0 { default } else { seconds }
}

pub(super) fn fallthrough(list: &[&str]) -> Fallthrough {
    if list.is_empty() { Fallthrough::Always } else { Fallthrough::For(zones::zones(list).0) }
}

/// Returns a path as Go's `path.Join` writes it: a slash before it, none behind it, no empty element, no dots.
fn rooted(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn tls(files: &[&str], root: &Path) -> Option<CorefileTls> {
    let file = |name: &str| Some(clean(&root.join(name)));
    match *files {
        [] => Some(CorefileTls::default()),
        [ca] => Some(CorefileTls { ca: file(ca), ..CorefileTls::default() }),
        [cert, key] => Some(CorefileTls { cert: file(cert), key: file(key), ca: None }),
        [cert, key, ca] => Some(CorefileTls { cert: file(cert), key: file(key), ca: file(ca) }),
        _ => None,
    }
}
