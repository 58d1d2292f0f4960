//! Files that a Corefile is made of. Tests give a table instead.
use crate::plain_file;
use std::{
    collections::BTreeSet,
    fs,
    io::{self, IsTerminal as _},
    path::{Component, Path, PathBuf},
};

/// Reader of files and directories.
pub trait Files {
    /// Returns the text of a file; bytes that are not UTF-8 are replaced.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// Returns the names in a directory, in any order.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
}

/// Files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

/// The most bytes of one file: four times what a `ConfigMap` can hold.
const MOST_BYTES: u64 = 4 * plain_file::MIB;

impl Files for Disk {
    /// An import may name a device, which has no end, or a pipe that nobody writes to, which has no beginning. Only a
    /// pipe that this program was started with is read, as for `--corefile <(kubectl …)`.
    fn read(&self, path: &Path) -> io::Result<String> {
        let bytes = match plain_file::inherited(path)? {
            Some(pipe) => plain_file::bounded(pipe, MOST_BYTES)?,
            None => plain_file::read(path, MOST_BYTES)?,
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(directory)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect()
    }
}

/// Reads the standard input.
///
/// # Errors
/// The standard input cannot be read, or is a terminal.
pub fn from_stdin() -> io::Result<String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(io::Error::other("it is a terminal; pipe a Corefile or a ConfigMap in"));
    }
    Ok(String::from_utf8_lossy(&plain_file::bounded(stdin.lock(), MOST_BYTES)?).into_owned())
}

/// Returns the paths that match a pattern with `*` and `?`, in order (Go's filepath.Glob, without its `[...]`, which an
/// import must not have).
///
/// # Errors
/// A directory cannot be listed, for another reason than that it is not there: its names are not known.
pub(super) fn glob(files: &impl Files, pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let text = part.as_os_str().to_string_lossy();
        if !matches!(part, Component::Normal(_)) || !text.contains(['*', '?']) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let mut next = Vec::new();
        for directory in &found {
            let names = match files.list(directory) {
                Ok(names) => names,
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
                {
                    continue;
                }
                Err(error) => return Err(error),
            };
            let names: BTreeSet<String> =
                names.into_iter().filter(|name| matches(text.as_bytes(), name.as_bytes())).collect();
            next.extend(names.into_iter().map(|name| directory.join(name)));
        }
        found = next;
    }
    Ok(found)
}

/// Tells whether a name matches a pattern of `*` (any run) and `?` (any one).
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            (0..=name.len()).any(|at| matches(rest, name.get(at..).unwrap_or_default()))
        }
        (Some((b'?', rest)), Some((_, name))) => matches(rest, name),
        (Some((byte, rest)), Some((first, name))) => byte == first && matches(rest, name),
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod table {
    use super::*;
    use std::collections::BTreeMap;

    /// Files of a test, as path and text.
    #[derive(Debug)]
    pub(in crate::config) struct Table(pub(in crate::config) BTreeMap<&'static str, String>);

    impl<const N: usize> From<[(&'static str, &str); N]> for Table {
        fn from(files: [(&'static str, &str); N]) -> Self {
            Self(files.into_iter().map(|(path, text)| (path, text.to_owned())).collect())
        }
    }

    impl Files for Table {
        fn read(&self, path: &Path) -> io::Result<String> {
            self.0.get(path.to_str().unwrap()).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
            let inside = |path: &&str| Path::new(path).parent() == Some(directory);
            Ok(self
                .0
                .keys()
                .copied()
                .filter(inside)
                .map(|path| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned())
                .collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{table::Table, *};
    use std::fs::File;

    #[test]
    fn what_never_ends_or_never_begins_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        File::create(at("long")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        File::create(at("full")).unwrap().set_len(MOST_BYTES).unwrap();
        for path in [at("pipe"), PathBuf::from("/dev/zero"), at("long"), directory.path().to_owned()] {
            assert!(Disk.read(&path).is_err(), "{}", path.display());
        }
        assert_eq!(Disk.read(&at("full")).unwrap().len() as u64, MOST_BYTES);
    }

    #[test]
    fn a_pattern_finds_files_in_order_and_nothing_beside_them() {
        let files =
            Table::from([("/c/b.conf", ""), ("/c/a.conf", ""), ("/c/a.conf.old", ""), ("/d/x.conf", "")]);
        let found = glob(&files, Path::new("/c/*.conf")).unwrap();
        assert_eq!(found, [PathBuf::from("/c/a.conf"), PathBuf::from("/c/b.conf")]);
        assert_eq!(glob(&files, Path::new("/c/?.conf")).unwrap(), found);
        assert!(glob(&files, Path::new("/c/*.none")).unwrap().is_empty());
    }
}
