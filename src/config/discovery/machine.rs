use crate::{
    config::corefile::{Disk, Files as _},
    plain_file,
};
use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// The most bytes of a file: more than a command line and its variables take (Linux: 128 kB for each).
const MOST_BYTES: u64 = plain_file::MIB;

/// Files of a machine, below its root.
#[derive(Debug)]
pub(super) struct Machine {
    root: PathBuf,
}

/// Result of a look at a path.
#[derive(Debug)]
pub(super) enum Sight {
    Absent,
    There,
    /// It, or the directory that it lies in, is there and may not be looked at.
    Closed(io::Error),
}

impl Machine {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Returns the place of a path of this machine below the root.
    pub(super) fn at(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    pub(super) fn is_there(&self, path: &Path) -> Sight {
        sight(fs::metadata(self.at(path)).map(drop))
    }

    /// Tells whether its bytes may be read. Nothing is read: it may be a private key.
    pub(super) fn can_be_read(&self, path: &Path) -> Sight {
        sight(plain_file::open(&self.at(path)).map(drop).map_err(|error| {
            // A path that is no plain file is not an installer's.
            let is_other = [io::ErrorKind::InvalidInput, io::ErrorKind::IsADirectory].contains(&error.kind());
            if is_other { io::ErrorKind::NotFound.into() } else { error }
        }))
    }

    /// Returns the text of a file; `None` if there is none.
    pub(super) fn text(&self, path: &Path) -> io::Result<Option<String>> {
        match Disk.read(&self.at(path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the bytes of a file of the kernel's, which has no size; `None` if it cannot be read.
    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        plain_file::read(&self.at(path), MOST_BYTES).ok()
    }

    /// Returns the owner's user id.
    pub(super) fn owner(&self, path: &Path) -> Option<u32> {
        Some(fs::metadata(self.at(path)).ok()?.uid())
    }

    /// Returns the names in a directory, in order; none if there is no directory.
    pub(super) fn names(&self, directory: &Path) -> io::Result<Vec<String>> {
        match Disk.list(&self.at(directory)) {
            Ok(mut names) => {
                names.sort_unstable();
                Ok(names)
            }
            Err(error) if is_absent(&error) => Ok(vec![]),
            Err(error) => Err(error),
        }
    }

    /// Returns the name of this machine.
    pub(super) fn host(&self) -> Option<String> {
        let name = self.text(Path::new("/etc/hostname")).ok()??;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}

fn sight(looked: io::Result<()>) -> Sight {
    match looked {
        Ok(()) => Sight::There,
        Err(error) if is_absent(&error) => Sight::Absent,
        Err(error) => Sight::Closed(error),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
