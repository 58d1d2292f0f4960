//! Journal on disk: a file that nobody else may read, whole lines, fsync.
#[cfg(debug_assertions)]
use crate::stop_at;
use crate::{
    advisory_lock::{unsupported_is_fine, wait_for},
    private_directory,
};
use rustix::fs::OFlags;
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// Most times that the file is opened, when another one takes its place meanwhile.
const TRIES: usize = 20;
/// Size of the pieces of a line that are written at once, in bytes.
const PIECE: usize = 256 * 1024;

/// Opens the journal for appending, creating it if need be, after all checks. Also returns the faults that it has
/// mended.
pub(super) fn open(path: &Path, uid: u32) -> Result<(File, Option<String>), String> {
    for _ in 0..TRIES {
        if let Some(opened) = try_open(path, uid)? {
            return Ok(opened);
        }
    }
    Err(format!("{} is replaced all the time", path.display()))
}

/// Opens it; `None` where the file was another one a moment later: another session has put it away.
fn try_open(path: &Path, uid: u32) -> Result<Option<(File, Option<String>)>, String> {
    let shown = path.display();
    let failed = |error: io::Error| format!("{shown}: {error}");
    let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let mut options = OpenOptions::new();
    options.append(true).read(true);
    match options.clone().create_new(true).mode(0o600).open(path) {
        Ok(file) => {
            if let Some(directory) = path.parent() {
                private_directory::sync(directory).map_err(failed)?;
            }
            return Ok(Some((file, None)));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    // Looked at before it is opened, because opening alone has an effect on some devices; and compared after, because
    // it may have been replaced in between.
    let seen = match fs::symlink_metadata(path) {
        Ok(seen) => seen,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !seen.is_file() {
        return Err(format!("{shown} is not a plain file"));
    }
    // It may be a FIFO by now: opening must not wait.
    let file = match options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path) {
        Ok(file) => file,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let opened = file.metadata().map_err(failed)?;
    if (seen.dev(), seen.ino()) != (opened.dev(), opened.ino()) {
        return Ok(None);
    }
    if opened.nlink() != 1 {
        return Err(format!("{shown} has {} names (hard links), and must have one", opened.nlink()));
    }
    if opened.uid() != uid {
        return Err(format!("{shown} belongs to uid {}, and this is uid {uid}", opened.uid()));
    }
    let notice =
        tighten(path, opened.mode(), 0o600, |mode| file.set_permissions(Permissions::from_mode(mode)))?;
    Ok(Some((file, notice)))
}

/// The journal's file while no other session may write there.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
    length: u64,
}

impl Locked {
    /// Waits for the advisory lock. File systems that have none are left to `O_APPEND`.
    pub(super) fn of(file: File) -> io::Result<Self> {
        wait_for(|| file.try_lock())?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Tells whether the file still stands at `path`: another session may have put it away while this one waited.
    pub(super) fn stands_at(&self, path: &Path) -> io::Result<bool> {
        let opened = self.file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Returns the length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Appends one line, which `line` writes piece by piece, and returns when it is on disk. The remains of a failed
    /// write are taken away again.
    pub(super) fn append(mut self, line: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let written = self.write(line).and_then(|()| self.file.sync_all());
        if written.is_err() {
            // This only tidies: the reader copes with a torn line.
            let _ = self.file.set_len(self.length);
        }
        let unlocked = self.file.unlock();
        written?;
        unlocked.or_else(unsupported_is_fine)
    }

    fn write(&mut self, line: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        // A session that was killed in the middle of a line must not take this one with it.
        if self.length > 0 && !ends_in_newline(&self.file, self.length)? {
            self.file.write_all(b"\n")?;
        }
        let mut pieces = BufWriter::with_capacity(PIECE, Pieces { file: &mut self.file, written: 0 });
        line(&mut pieces)?;
        pieces.write_all(b"\n")?;
        pieces.flush()
    }
}

/// A line on its way into the file.
struct Pieces<'a> {
    file: &'a mut File,
    /// Bytes of this line that are written.
    written: usize,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(debug_assertions)]
        if let Some(left) = stop_at::torn(self.written, bytes.len()) {
            self.file.write_all(bytes.get(..left).unwrap_or_default())?;
            stop_at::stop();
        }
        let written = self.file.write(bytes)?;
        self.written += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the length of the file while nobody is writing a line.
pub(super) fn length_between_lines(file: &File) -> io::Result<u64> {
    let locked = wait_for(|| file.try_lock_shared());
    let length = file.metadata()?.len();
    // Without the lock it reads the present length.
    if locked.is_ok() {
        file.unlock().or_else(unsupported_is_fine)?;
    }
    Ok(length)
}

fn ends_in_newline(file: &File, length: u64) -> io::Result<bool> {
    let mut last = [0];
    file.read_exact_at(&mut last, length - 1)?;
    Ok(last == *b"\n")
}

/// Removes the rights of others.
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

    fn own_uid() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn append(file: File, line: &[u8]) -> io::Result<()> {
        Locked::of(file)?.append(|out| out.write_all(line))
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let full = OpenOptions::new().append(true).read(true).open("/dev/full").unwrap();
        let error = append(full, b"{}").unwrap_err();
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
            assert!(open(&at(name), own_uid()).is_err(), "{name}");
        }
        assert!(!at("nowhere").exists(), "nothing was made through the link");
        assert!(open(&at("ours"), own_uid()).is_ok());
        assert!(open(&at("ours"), own_uid()).is_ok());
        assert!(open(&at("ours"), own_uid() + 1).unwrap_err().contains("belongs to uid"));
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::write(&path, "{\"half").unwrap();
        for line in [b"{}", b"[]"] {
            append(open(&path, own_uid()).unwrap().0, line).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"half\n{}\n[]\n");
    }

    #[test]
    fn a_file_that_was_put_away_while_its_lock_was_waited_for_is_known_as_such() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let locked = Locked::of(open(&path, own_uid()).unwrap().0).unwrap();
        assert!(locked.stands_at(&path).unwrap());
        fs::rename(&path, directory.path().join("away")).unwrap();
        assert!(!locked.stands_at(&path).unwrap());
        let _next = open(&path, own_uid()).unwrap();
        assert!(!locked.stands_at(&path).unwrap());
    }

    #[test]
    fn a_looser_mode_is_tightened_and_said() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let (_, notice) = open(&path, own_uid()).unwrap();
        assert!(notice.unwrap().contains("0644"));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let (_, notice) = open(&path, own_uid()).unwrap();
        assert_eq!(notice, None);
    }
}
