//! Directories of this program's own: closed to others, and never somebody else's.
use rustix::fs::OFlags;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// Names that this program writes into its state directory.
const OURS: [&str; 6] = ["backups", "clusters", "counts", "journal", "rescued", "snapshots"];

/// Makes a directory, and those that it lies in, closed to others. An existing one stays as it is.
///
/// # Errors
/// It cannot be made.
pub fn make(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Brings the names in a directory to disk.
///
/// # Errors
/// The disk fails.
pub fn sync(directory: &Path) -> io::Result<()> {
    open(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })?.sync_all()
}

/// Opens a directory itself, to lock it or to bring it to disk.
///
/// # Errors
/// It cannot be opened, or is no directory.
pub fn open(directory: &Path) -> io::Result<File> {
    opened(directory, OFlags::empty())
}

/// Refuses a directory that is only a link: its target may belong to others, as `/etc` does.
///
/// # Errors
/// It is a link.
pub fn refuse_link(directory: &Path) -> Result<(), String> {
    match fs::read_link(directory) {
        Ok(to) => {
            Err(format!("{} is a link to {}, and no directory of its own", directory.display(), to.display()))
        }
        Err(_) => Ok(()),
    }
}

/// Makes sure that `directory` exists, belongs to `uid` and is closed to others. Returns the fault that it has
/// mended.
///
/// # Errors
/// It is a link, somebody else's, or open to others and not this program's alone. Nothing of it was changed.
pub fn prepare(directory: &Path, uid: u32) -> Result<Option<String>, String> {
    let shown = directory.display();
    let failed = |error: io::Error| format!("{shown}: {error}");
    refuse_link(directory)?;
    if !directory.exists() {
        make(directory).map_err(failed)?;
        // The new directory's own name has to last as well.
        if let Some(parent) = directory.parent() {
            sync(parent).map_err(failed)?;
        }
    }
    if !fs::symlink_metadata(directory).map_err(failed)?.is_dir() {
        return Err(format!("{shown} is not a directory"));
    }
    // The opened directory is judged and changed, even if its name leads elsewhere a moment later.
    let opened = opened(directory, OFlags::NOFOLLOW).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    if metadata.uid() != uid {
        return Err(format!("{shown} belongs to uid {}, and this is uid {uid}", metadata.uid()));
    }
    let mode = metadata.mode() & 0o7777;
    let closed = mode & 0o700;
    if mode == closed {
        return Ok(None);
    }
    if holds_others(directory).map_err(failed)? {
        // It is used for more than this, so its mode is not ours to choose. Each file in it is closed by itself.
        return if mode & 0o022 == 0 {
            Ok(None)
        } else {
            Err(format!(
                "others may write into {shown} (mode {mode:04o}), and it holds more than this program's files: chmod go-w \
                 {shown}, or name another place with XDG_STATE_HOME"
            ))
        };
    }
    opened
        .set_permissions(Permissions::from_mode(closed))
        .map_err(|error| format!("{shown} has mode {mode:04o}: {error}"))?;
    Ok(Some(format!("{shown} had mode {mode:04o}, and has {closed:04o} now")))
}

fn opened(directory: &Path, flags: OFlags) -> io::Result<File> {
    let flags = (OFlags::DIRECTORY | flags).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(directory)
}

/// Tells whether anything is in a directory that this program does not write there.
fn holds_others(directory: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        if !OURS.iter().any(|ours| name.as_encoded_bytes().starts_with(ours.as_bytes())) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn of_mode(path: &Path, mode: u32) {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn own_uid() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    #[test]
    fn a_link_is_refused_and_what_it_leads_to_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let (etc, state) = (home.path().join("etc"), home.path().join("state"));
        of_mode(&etc, 0o755);
        symlink(&etc, &state).unwrap();
        let refused = prepare(&state, own_uid()).unwrap_err();
        assert!(refused.contains("is a link to"), "{refused}");
        assert_eq!(mode(&etc), 0o755);
        symlink(home.path().join("nowhere"), home.path().join("dangling")).unwrap();
        assert!(prepare(&home.path().join("dangling"), own_uid()).is_err());
        assert!(!home.path().join("nowhere").exists());
    }

    #[test]
    fn a_directory_that_is_used_for_more_keeps_its_mode() {
        let home = tempfile::tempdir().unwrap();
        for (name, before) in [("read", 0o755), ("written", 0o777)] {
            let directory = home.path().join(name);
            of_mode(&directory, before);
            fs::write(directory.join("config.toml"), "").unwrap();
            let prepared = prepare(&directory, own_uid());
            assert_eq!(mode(&directory), before, "{prepared:?}");
            assert_eq!(prepared.is_ok(), name == "read", "{prepared:?}");
        }
    }

    #[test]
    fn a_directory_of_its_own_is_closed_and_that_is_said() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("coredeck");
        of_mode(&directory, 0o775);
        fs::write(directory.join("journal.jsonl"), "").unwrap();
        assert!(prepare(&directory, own_uid()).unwrap().unwrap().contains("0775"));
        assert_eq!((mode(&directory), prepare(&directory, own_uid())), (0o700, Ok(None)));
        assert!(prepare(&directory, own_uid() + 1).unwrap_err().contains("belongs to uid"));
        assert_eq!(prepare(&home.path().join("new/one"), own_uid()), Ok(None));
        assert_eq!(mode(&home.path().join("new/one")), 0o700);
        fs::write(home.path().join("file"), "").unwrap();
        assert!(prepare(&home.path().join("file"), own_uid()).unwrap_err().contains("is not a directory"));
    }
}
