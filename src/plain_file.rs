//! Files that are read: each is a plain one below the size that fits its kind, or is refused at once, because a pipe
//! may keep its reader waiting without end, and a device may have no end. Nothing else in the program opens a file to
//! read it.
use rustix::fs::OFlags;
use std::{
    fs::{self, File, FileType, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    path::Path,
};

/// One MiB, the unit of sizes.
pub const MIB: u64 = 1 << 20;

/// Opens a plain file of any size. Links are followed.
///
/// # Errors
/// It cannot be opened, or is something else.
pub fn open(path: &Path) -> io::Result<File> {
    // The file is looked at before it is opened, because opening alone has effects on some devices.
    check(fs::metadata(path)?.file_type())?;
    // It is looked at afterwards as well, because it may have been replaced in between; so opening waits for nothing.
    let nonblocking = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    check(file.metadata()?.file_type())?;
    Ok(file)
}

/// Opens a plain file of at most so many bytes.
///
/// # Errors
/// It cannot be opened, is something else, or is larger.
pub fn open_below(path: &Path, most: u64) -> io::Result<File> {
    let file = open(path)?;
    if file.metadata()?.len() > most { Err(too_large(most)) } else { Ok(file) }
}

/// The bytes of a plain file, at most so many.
///
/// # Errors
/// It cannot be read, is something else, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // A file of /proc has no size, and a file may grow.
    bounded(open_below(path, most)?, most).map_err(|error| {
        let waits = error.kind() == io::ErrorKind::WouldBlock;
        if waits { refused("it has to be waited for, as a device has") } else { error }
    })
}

/// The text of a plain file, at most so many bytes of it.
///
/// # Errors
/// It cannot be read, is something else or larger, or is not UTF-8.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// The pipe of this name, for what people pipe in; `None` for anything else. Where it has a name in the file system,
/// this waits until somebody writes to it.
///
/// # Errors
/// It cannot be looked at or opened.
pub fn pipe(path: &Path) -> io::Result<Option<File>> {
    if fs::metadata(path)?.file_type().is_fifo() { File::open(path).map(Some) } else { Ok(None) }
}

/// The same for a name that only this process has for the pipe, as `/dev/stdin` and a shell's `<(…)` are: the program
/// was started with it, by somebody who writes to it.
///
/// # Errors
/// It cannot be looked at or opened.
pub fn inherited(path: &Path) -> io::Result<Option<File>> {
    let own = ["/dev/fd", "/proc/self/fd", "/dev/stdin"].iter().any(|of| path.starts_with(of));
    if own { pipe(path) } else { Ok(None) }
}

/// Reads a stream to its end, at most so many bytes.
///
/// # Errors
/// It cannot be read, or gives more.
pub fn bounded(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn check(kind: FileType) -> io::Result<()> {
    let what = match kind {
        _ if kind.is_file() => return Ok(()),
        _ if kind.is_dir() => {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a directory, and not a plain file",
            ));
        }
        _ if kind.is_fifo() => "it is a pipe, and not a plain file",
        _ if kind.is_socket() => "it is a socket, and not a plain file",
        _ => "it is a device, and not a plain file",
    };
    Err(refused(what))
}

fn refused(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn too_large(most: u64) -> io::Error {
    let shown = if most < MIB { format!("{most} bytes") } else { format!("{} MiB", most / MIB) };
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {shown}, which no such file has"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::fs::symlink, os::unix::net::UnixListener, process::Command};

    #[test]
    fn what_is_no_plain_file_is_refused_at_once_and_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _listener = UnixListener::bind(at("socket")).unwrap();
        symlink(at("pipe"), at("link-to-a-pipe")).unwrap();
        for (path, what) in [
            (at("pipe"), "a pipe"),
            (at("link-to-a-pipe"), "a pipe"),
            (at("socket"), "a socket"),
            ("/dev/zero".into(), "a device"),
            (directory.path().to_owned(), "a directory"),
        ] {
            let told = read(&path, 10).unwrap_err().to_string();
            assert_eq!(told, format!("it is {what}, and not a plain file"));
        }
        assert_eq!(read(&at("nowhere"), 10).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_is_read_up_to_its_greatest_size_and_not_beyond() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        assert_eq!(text(&path, 10).unwrap(), "0123456789");
        for refused in [read(&path, 9).map(drop), open_below(&path, 9).map(drop)] {
            assert_eq!(refused.unwrap_err().to_string(), "it has more than 9 bytes, which no such file has");
        }
        // The file takes no room on the disk, and would fill the memory.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read(&path, MIB).unwrap_err().to_string().contains("more than 1 MiB"));
        symlink(&path, directory.path().join("link")).unwrap();
        assert!(open(&directory.path().join("link")).is_ok(), "a link to a plain file is one");
    }

    #[test]
    fn what_has_no_size_is_bounded_as_well() {
        assert!(text(Path::new("/proc/self/stat"), MIB).unwrap().contains(')'));
        assert!(read(Path::new("/proc/self/stat"), 3).is_err());
        assert!(bounded(io::repeat(0), 1000).is_err());
        // One byte more shows that there is more, and nothing behind it is kept.
        let mut long = io::repeat(0).take(1 << 20);
        assert!(bounded(&mut long, 1000).is_err());
        assert_eq!(long.limit(), (1 << 20) - 1001);
    }

    #[test]
    fn a_pipe_with_a_name_in_the_file_system_is_no_inherited_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        // The pipe is held open at both ends, so that opening it waits for nobody.
        let _held = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        assert!(pipe(&path).unwrap().is_some());
        assert!(inherited(&path).unwrap().is_none());
    }
}
