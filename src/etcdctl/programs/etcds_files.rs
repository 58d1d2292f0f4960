//! Files of etcd's: the data of its members, and what they are started with.
use super::{
    table::{Keeps, Program},
    words::holds,
};
use crate::etcdctl::{shell::ShellWord, wrapped::name_of};
use std::path::Path;

/// Tells whether a word of a program that removes files may name files of etcd's, or a directory that holds them. The
/// directory that the shell stands in is not known.
fn may_be_etcds(name: &str, word: &ShellWord) -> bool {
    let text = String::from_utf8_lossy(&word.bytes);
    let path = text.rsplit_once('=').map_or(&*text, |(_, path)| path);
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let is_above = path.starts_with('/')
        && match (parts.next(), parts.next(), parts.next()) {
            (None | Some("*"), ..) | (Some("var"), None | Some("*"), _) => true,
            (Some("var"), Some("lib"), third) => third.is_none_or(|third| third.contains('*')),
            (Some("dev"), Some(device), _) => device != "null",
            _ => false,
        };
    let is_here = matches!(path, "*" | "./*") || name == "rm" && matches!(path, "." | "./" | ".." | "../");
    holds(word, "etcd") || is_above || is_here || is_etcds_file(path.as_bytes())
}

/// Directories of the members that installers run inside of their own programs.
const INSTALLERS: [&str; 7] = ["rancher", "k3s", "rke2", "k0s", "microk8s", "minikube", "openshift"];

/// Tells whether a path may be a file among the data of a member, or a disk.
pub(in crate::etcdctl) fn is_data_of_a_member(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path);
    is_a_disk(&path) || path.rsplit_once('/').is_some_and(|(above, _)| above.split('/').any(is_of_a_member))
}

/// Tells whether a part of a path is a directory or a file of a member, or an installer's that has members.
fn is_of_a_member(part: &str) -> bool {
    let ends = |end: &str| Path::new(part).extension().is_some_and(|is| is == end);
    matches!(part, "member" | "wal" | "snap") || ends("wal") || ends("snap") || INSTALLERS.contains(&part)
}

fn is_a_disk(path: &str) -> bool {
    path.starts_with("/dev/")
        && !["/dev/null", "/dev/tty", "/dev/std", "/dev/fd", "/dev/pts", "/dev/shm"]
            .iter()
            .any(|place| path.starts_with(place))
}

/// Tells whether a path may be one of etcd's own files: its data, or what it is started with.
pub(in crate::etcdctl) fn is_etcds_file(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path);
    // A directory for backups beside etcd's own is none of etcd's.
    let of_state = path.strip_prefix("/var/lib/").and_then(|path| path.split('/').next()).unwrap_or_default();
    let is_state = of_state.starts_with("etcd")
        && !["backup", "bak", "snapshot", "dump"].iter().any(|word| of_state.contains(word));
    let places = ["/etc/etcd", "/etc/default/etcd", "/etc/kubernetes/manifests", "/etc/systemd/"];
    is_a_disk(&path)
        || is_state
        || path.split('/').any(is_of_a_member)
        || places.iter().any(|place| path.starts_with(place))
}

/// Tells whether a word names a file of etcd's.
pub(super) fn is_named(words: &[ShellWord]) -> bool {
    words
        .iter()
        .any(|word| is_etcds_file(word.bytes.split(|byte| *byte == b'=').next_back().unwrap_or_default()))
}

/// Tells whether find gives files that may be etcd's to a program that removes files.
pub(in crate::etcdctl) fn finds_and_removes(words: &[ShellWord]) -> bool {
    let is_find = |word: &ShellWord| name_of(word).is_some_and(|name| matches!(&*name, "find" | "fd"));
    let removes = |word: &ShellWord| {
        let program = name_of(word).and_then(|name| Program::called(&name));
        program.is_some_and(|program| matches!(program.keeps, Keeps::Removes))
    };
    words.iter().any(is_find)
        && words.iter().any(removes)
        && words.iter().any(|word| may_be_etcds("find", word))
}

/// Tells whether a program that removes files may be given files of etcd's.
pub(super) fn may_be_removed(program: &str, words: &[ShellWord]) -> bool {
    words.iter().any(|word| may_be_etcds(program, word))
}
