//! Places that this program writes to on this machine. The checks write nothing.
use super::check::Check;
use crate::{
    archive,
    config::{ProcessEnvironment, state_directory},
    journal::FileJournal,
    remedy::Remedy,
};
use rustix::fs::{Access, access, statvfs};
use std::path::Path;

/// The bytes that a journal of a large change takes.
const ROOM: u64 = 64 << 20;

pub(super) fn checks() -> Vec<Check> {
    match state_directory(&ProcessEnvironment) {
        Ok(state) => vec![
            place("journal", &FileJournal::path_in(&state), &state, WITHOUT_JOURNAL),
            place("backups", &archive::backups(&state), &archive::backups(&state), WITHOUT_BACKUPS),
        ],
        Err(error) => vec![Check::error("journal", error.to_string(), error.remedy())],
    }
}

/// Checks whether files can be made in a directory, or the directory itself if it does not exist yet.
fn place(check: &'static str, shown: &Path, directory: &Path, remedy: &str) -> Check {
    let path = shown.display();
    let Some(there) = directory.ancestors().find(|path| path.symlink_metadata().is_ok()) else {
        return Check::error(check, format!("{path}: nothing of this path is there"), remedy);
    };
    if !there.is_dir() {
        return Check::error(check, format!("{path}: {} is no directory", there.display()), remedy);
    }
    if let Err(error) = access(there, Access::WRITE_OK | Access::EXEC_OK) {
        let why = std::io::Error::from(error);
        return Check::error(check, format!("{path}: {} cannot be written: {why}", there.display()), remedy);
    }
    match statvfs(there) {
        Ok(room) if room.f_bavail.saturating_mul(room.f_frsize) < ROOM => {
            let left = room.f_bavail.saturating_mul(room.f_frsize) >> 20;
            Check::warning(check, format!("{path} can be written, with {left} MB left"), "Free space there.")
        }
        _ => Check::ok(check, format!("{path} can be written")).briefly(format!("{path}")),
    }
}

const WITHOUT_JOURNAL: &str =
    "Nothing is changed without a journal: have it made writable, or set XDG_STATE_HOME.";
const WITHOUT_BACKUPS: &str = "Have it made writable, or say with backup --to FILE where a backup goes.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::CheckLevel;
    use std::fs;

    #[test]
    fn a_place_is_judged_without_leaving_anything_there() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state/coredeck");
        assert_eq!(place("journal", &state, &state, WITHOUT_JOURNAL).level, CheckLevel::Ok);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        fs::write(dir.path().join("state"), "").unwrap();
        let blocked = place("journal", &state, &state, WITHOUT_JOURNAL);
        assert!(
            blocked.level == CheckLevel::Error && blocked.value.contains("is no directory"),
            "{blocked:?}"
        );
    }

    #[test]
    fn a_place_where_nobody_may_write_is_an_error() {
        // Not even root may write there.
        let closed = Path::new("/proc/self/coredeck");
        let check = place("journal", closed, closed, WITHOUT_JOURNAL);
        assert!(check.level == CheckLevel::Error && check.value.contains("cannot be written"), "{check:?}");
    }
}
