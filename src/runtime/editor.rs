//! `$EDITOR` on a private file that is gone afterwards.
use std::{
    env, fs,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    process::Command,
};

/// Lets a person edit `text`. Runs `$VISUAL`, `$EDITOR` or `vi`, through the shell, as other programs do, because
/// the variable may hold options. Returns the text, without the newline that editors put at the end of a file.
///
/// # Errors
/// Why there is no edited text; what was typed before is untouched.
pub(super) fn edit(text: &str) -> Result<String, String> {
    let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}; nothing was changed");
    // A directory of mode 0700: not even the file's name can be seen by others.
    let directory = tempfile::Builder::new()
        .prefix("coredeck-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| failed("no private directory could be made", &error))?;
    let path = directory.path().join("record.json");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(|error| failed("the file for the editor could not be made", &error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| failed("the file for the editor could not be written", &error))?;
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty());
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let status = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(&editor)
        .arg(&path)
        .status()
        .map_err(|error| failed(&format!("{editor} could not be started"), &error))?;
    if !status.success() {
        return Err(format!("{editor} ended with {status}; nothing was changed"));
    }
    let edited =
        fs::read_to_string(&path).map_err(|error| failed("the edited file could not be read", &error))?;
    let ended = edited.strip_suffix('\n').filter(|_| !text.ends_with('\n'));
    Ok(ended.map_or_else(|| edited.clone(), str::to_owned))
}
