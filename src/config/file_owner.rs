//! Owner of a profile file, who has to be its reader or root. The file names the cluster, the keys for it, and the
//! permitted changes: everybody who may write it decides them.
use super::ConfigError;
use crate::etcdctl::quoted;
use std::{fs::Metadata, os::unix::fs::MetadataExt as _, path::Path};

const ROOT: u32 = 0;

/// # Errors
/// [`ConfigError::FileOfOthers`], if anybody but this user and root may write the file.
pub(super) fn check(path: &Path, metadata: &Metadata) -> Result<(), ConfigError> {
    let own = rustix::process::geteuid().as_raw();
    // A caller of sudo may do all that root may.
    let caller = (own == ROOT).then(|| std::env::var("SUDO_UID").ok()?.parse().ok()).flatten();
    judged(metadata.uid(), metadata.mode(), own, caller).map_or(Ok(()), |(why, remedy)| {
        let shown = path.display().to_string();
        Err(ConfigError::FileOfOthers {
            file: path.to_owned(),
            why,
            remedy: format!("Look at what it says; then {remedy} {}.", quoted(&shown)),
        })
    })
}

/// Returns the reason why a file is not taken, and the command that mends it.
fn judged(owner: u32, mode: u32, own: u32, caller: Option<u32>) -> Option<(String, String)> {
    if owner != ROOT && owner != own && Some(owner) != caller {
        return Some((format!("it belongs to uid {owner}, and this is uid {own}"), format!("chown {own}")));
    }
    let mode = mode & 0o7777;
    (mode & 0o022 != 0).then(|| (format!("others may write it (mode {mode:04o})"), "chmod go-w".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_may_write_is_nobodys() {
        for (owner, mode, own, caller, taken) in [
            (1000, 0o644, 1000, None, true),
            (0, 0o644, 1000, None, true),
            (0, 0o600, 0, None, true),
            (1000, 0o644, 0, Some(1000), true),
            (1000, 0o644, 0, None, false),
            (1001, 0o644, 0, Some(1000), false),
            (1001, 0o644, 1000, None, false),
            (1000, 0o664, 1000, None, false),
            (0, 0o646, 0, None, false),
            (1000, 0o664, 0, Some(1000), false),
        ] {
            assert_eq!(
                judged(owner, mode, own, caller).is_none(),
                taken,
                "{owner} {mode:o} {own} {caller:?}"
            );
        }
    }
}
