//! How the journal reaches the disk: a directory and a file that nobody else may read, whole lines, fsync.
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::{Duration, Instant},
};

/// How long another session may hold the lock. It holds it for one write and one fsync.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_AGAIN: Duration = Duration::from_millis(20);

/// Makes sure that `directory` exists, belongs to `uid` and is closed to others. Says what had to be put right.
pub(super) fn prepare_directory(directory: &Path, uid: Option<u32>) -> Result<Option<String>, String> {
    let shown = directory.display();
    let failed = |error: io::Error| format!("{shown}: {error}");
    if !directory.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        // The new directory's own name has to last as well.
        if let Some(parent) = directory.parent() {
            sync_directory(parent).map_err(failed)?;
        }
    }
    let metadata = fs::metadata(directory).map_err(failed)?;
    if !metadata.is_dir() {
        return Err(format!("{shown} is not a directory"));
    }
    owned_by(metadata.uid(), uid, directory)?;
    tighten(directory, metadata.mode(), 0o700, |mode| {
        fs::set_permissions(directory, Permissions::from_mode(mode))
    })
}

/// Opens the journal for appending, creating it if need be, after all checks. Says what had to be put right.
pub(super) fn open(path: &Path, uid: Option<u32>) -> Result<(File, Option<String>), String> {
    let shown = path.display();
    let failed = |error: io::Error| format!("{shown}: {error}");
    let mut options = OpenOptions::new();
    options.append(true).read(true);
    match options.clone().create_new(true).mode(0o600).open(path) {
        Ok(file) => {
            if let Some(directory) = path.parent() {
                sync_directory(directory).map_err(failed)?;
            }
            return Ok((file, None));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    // Looked at before it is opened, because opening a FIFO would wait; and compared after, because it may have
    // been replaced in between.
    let seen = fs::symlink_metadata(path).map_err(failed)?;
    if !seen.is_file() {
        return Err(format!("{shown} is not a plain file"));
    }
    let file = options.open(path).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    if (seen.dev(), seen.ino()) != (opened.dev(), opened.ino()) {
        return Err(format!("{shown} was replaced while it was opened"));
    }
    if opened.nlink() != 1 {
        return Err(format!("{shown} has {} names (hard links), and must have one", opened.nlink()));
    }
    owned_by(opened.uid(), uid, path)?;
    let notice =
        tighten(path, opened.mode(), 0o600, |mode| file.set_permissions(Permissions::from_mode(mode)))?;
    Ok((file, notice))
}

/// Appends one line and returns when it is on disk. What a failed write leaves behind is taken away again.
pub(super) fn append(file: &mut File, line: &[u8]) -> io::Result<()> {
    lock(file)?;
    let written = append_locked(file, line);
    let unlocked = file.unlock();
    written?;
    unlocked.or_else(unsupported_is_fine)
}

fn append_locked(file: &mut File, line: &[u8]) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut whole = Vec::with_capacity(line.len() + 2);
    // A session that was killed in the middle of a line must not take this one with it.
    if length > 0 && !ends_in_newline(file)? {
        whole.push(b'\n');
    }
    whole.extend_from_slice(line);
    whole.push(b'\n');
    file.write_all(&whole).and_then(|()| file.sync_all()).inspect_err(|_| {
        // Only tidying: the reader copes with a torn line.
        let _ = file.set_len(length);
    })
}

/// How long the file is while nobody is writing a line.
pub(super) fn length_between_lines(file: &File) -> io::Result<u64> {
    let locked = wait_for(|| file.try_lock_shared());
    let length = file.metadata()?.len();
    // Who cannot have the lock reads what is there.
    if locked.is_ok() {
        file.unlock().or_else(unsupported_is_fine)?;
    }
    Ok(length)
}

fn ends_in_newline(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Waits for the advisory lock. File systems that have none are left to `O_APPEND`.
fn lock(file: &File) -> io::Result<()> {
    wait_for(|| file.try_lock())
}

fn wait_for(lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    let give_up = Instant::now() + LOCK_PATIENCE;
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return unsupported_is_fine(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= give_up => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("another session has held its lock for {} s", LOCK_PATIENCE.as_secs()),
                ));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_AGAIN),
        }
    }
}

fn unsupported_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::Unsupported { Ok(()) } else { Err(error) }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    File::open(directory)?.sync_all()
}

fn owned_by(owner: u32, uid: Option<u32>, path: &Path) -> Result<(), String> {
    match uid {
        Some(uid) if uid != owner => {
            Err(format!("{} belongs to uid {owner}, and this is uid {uid}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Takes away what others may do there.
fn tighten(
    path: &Path,
    mode: u32,
    allowed: u32,
    set: impl FnOnce(u32) -> io::Result<()>,
) -> Result<Option<String>, String> {
    let mode = mode & 0o7777;
    if mode & !allowed == 0 {
        return Ok(None);
    }
    let shown = path.display();
    set(mode & allowed).map_err(|error| format!("{shown} has mode {mode:04o}: {error}"))?;
    Ok(Some(format!("{shown} had mode {mode:04o}, and has {:04o} now", mode & allowed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_full_disk_is_an_error() {
        let mut full = OpenOptions::new().append(true).read(true).open("/dev/full").unwrap();
        let error = append(&mut full, b"{}").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn what_is_no_plain_file_of_ours_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("a-directory")).unwrap();
        fs::write(at("target"), "").unwrap();
        symlink(at("target"), at("a-link")).unwrap();
        symlink(at("nowhere"), at("a-dangling-link")).unwrap();
        fs::write(at("two-names"), "").unwrap();
        fs::hard_link(at("two-names"), at("the-other")).unwrap();
        for name in ["a-directory", "a-link", "a-dangling-link", "two-names"] {
            assert!(open(&at(name), None).is_err(), "{name}");
        }
        assert!(!at("nowhere").exists(), "nothing was made through the link");
        let (file, _) = open(&at("ours"), None).unwrap();
        let owner = file.metadata().unwrap().uid();
        assert!(open(&at("ours"), Some(owner)).is_ok());
        assert!(open(&at("ours"), Some(owner + 1)).unwrap_err().contains("belongs to uid"));
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::write(&path, "{\"half").unwrap();
        let (mut file, _) = open(&path, None).unwrap();
        append(&mut file, b"{}").unwrap();
        append(&mut file, b"[]").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"half\n{}\n[]\n");
    }

    #[test]
    fn a_looser_mode_is_tightened_and_said() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let (_, notice) = open(&path, None).unwrap();
        assert!(notice.unwrap().contains("0644"));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let (_, notice) = open(&path, None).unwrap();
        assert_eq!(notice, None);
    }
}
