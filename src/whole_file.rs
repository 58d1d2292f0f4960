//! File that is either there as a whole or not at all: written beside its place, on disk before it is renamed.
use crate::private_directory;
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// Number of files that this process has begun.
static PARTS: AtomicU32 = AtomicU32::new(0);

/// File that is being written. Readable by its owner only, because records are nobody else's business. When it is
/// dropped before [`finish`](Self::finish), nothing is left of it.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
    /// True if it takes the place of an existing file.
    replaces: bool,
}

impl WholeFile {
    /// Begins a file at `path`, where there must be none.
    ///
    /// # Errors
    /// There is something at `path` already, or its directory cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        // In other programs that stands for a stream, and a pipe behind it would get nothing.
        if path == Path::new("-") {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a file is written, and no stream; ./- is a file of that name",
            ));
        }
        if fs::symlink_metadata(path).is_ok() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "it exists already, and is never overwritten",
            ));
        }
        Self::begin(path, false)
    }

    /// Begins a file that takes the place of whatever is at `path` when it is finished.
    ///
    /// # Errors
    /// Its directory cannot be written.
    pub fn replace(path: &Path) -> io::Result<Self> {
        Self::begin(path, true)
    }

    fn begin(path: &Path, replaces: bool) -> io::Result<Self> {
        let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        // Two sessions, and two tasks of one, may write for the same place: the first that is whole gets the name.
        let number = PARTS.fetch_add(1, Ordering::Relaxed);
        name.push(format!(".{}-{number}.part", std::process::id()));
        let part = path.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Self { path: path.to_owned(), part, file: Some(BufWriter::new(file)), replaces })
    }

    /// Lets its owner run the file.
    ///
    /// # Errors
    /// Its directory keeps no modes.
    pub fn for_running(self) -> io::Result<Self> {
        fs::set_permissions(&self.part, Permissions::from_mode(0o700))?;
        Ok(self)
    }

    /// Brings everything to disk and gives the file its name. The name is taken only if it is still free.
    ///
    /// # Errors
    /// The disk is full or fails, or the name was taken meanwhile. Then nothing is left.
    pub fn finish(self) -> io::Result<()> {
        self.finish_after(|_| Ok(()))
    }

    /// Does the same, after `check` has passed the file on disk, at its temporary place.
    ///
    /// # Errors
    /// Those of [`finish`](Self::finish), and those of the check. Then nothing is left.
    pub fn finish_after(mut self, check: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        check(&self.part)?;
        if self.replaces {
            fs::rename(&self.part, &self.path)?;
        } else {
            // A rename would replace a file that has come there meanwhile; a second name does not.
            fs::hard_link(&self.part, &self.path)?;
        }
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        private_directory::sync(directory.unwrap_or(Path::new(".")))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_finished() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), names(directory.path())),
            (b"whole".to_vec(), vec!["out".to_owned()])
        );
    }

    #[test]
    fn nothing_is_left_of_a_file_that_was_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = WholeFile::create(&directory.path().join("out")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_file_that_does_not_pass_its_check_never_has_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = WholeFile::create(&directory.path().join("out")).unwrap();
        file.write_all(b"whole").unwrap();
        let refused = file.finish_after(|part| {
            assert_eq!(fs::read(part)?, b"whole");
            Err(io::ErrorKind::InvalidData.into())
        });
        assert!(refused.is_err() && names(directory.path()).is_empty());
    }

    #[test]
    fn two_files_for_one_place_are_written_apart_and_the_first_that_is_whole_gets_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let [mut first, mut second] = [(); 2].map(|()| WholeFile::create(&path).unwrap());
        first.write_all(b"first").unwrap();
        second.write_all(b"second").unwrap();
        second.finish().unwrap();
        assert!(first.finish().is_err());
        assert_eq!(
            (fs::read(&path).unwrap(), names(directory.path())),
            (b"second".to_vec(), vec!["out".into()])
        );
    }

    #[test]
    fn what_stands_where_a_file_would_be_written_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let number = PARTS.load(Ordering::Relaxed);
        let parts: Vec<PathBuf> = (number..number + 1000)
            .map(|number| directory.path().join(format!("out.{}-{number}.part", std::process::id())))
            .collect();
        for part in &parts {
            fs::write(part, "theirs").unwrap();
        }
        assert_eq!(WholeFile::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(parts.iter().all(|part| fs::read(part).unwrap() == b"theirs"));
    }

    #[test]
    fn a_dash_is_no_file() {
        let refused = WholeFile::create(Path::new("-")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        assert!(!Path::new("-").exists());
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let mut late = WholeFile::create(&path).unwrap();
        late.write_all(b"late").unwrap();
        fs::write(&path, "first").unwrap();
        assert!(WholeFile::create(&path).is_err());
        assert!(late.finish().is_err());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(directory.path()), ["out"]);
    }
}
