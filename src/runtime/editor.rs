//! `$EDITOR` on a private file that is deleted afterwards.
use crate::{
    no_dump, plain_file,
    signals::{self, Death, Interruption, Interruptions},
};
use std::{
    env,
    ffi::OsStr,
    fs,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    process::ExitStatus,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

/// Editors choose their colours by the file's name.
const NAME: &str = "record.json";
/// The largest value, in bytes: ten times the limit that etcd has by default.
const MOST: u64 = 16 * plain_file::MIB;
/// The time for an editor to restore the terminal, after it was told to end.
const TO_END: Duration = Duration::from_secs(3);

/// Lets a person edit `text`. Runs `$VISUAL`, `$EDITOR` or `vi`, through the shell, as other programs do, because the
/// variable may hold options. Returns the text, without the newline that editors put at the end of a file; or the
/// reason why there is none, and then the text is as it was.
///
/// # Errors
/// A signal that ends the program. The editor got it as well.
pub(super) async fn edit(text: &str, signals: &mut Interruptions) -> Result<Result<String, String>, Death> {
    let directory = match written(text) {
        Ok(directory) => directory,
        Err(why) => return Ok(Err(why)),
    };
    let editor = editor();
    let path = directory.path().join(NAME);
    Ok(match run(&editor, &path, signals).await? {
        Err(error) => Err(failed(&format!("{editor} could not be started"), &error)),
        Ok(status) if !status.success() => Err(format!("{editor} ended with {status}; nothing was changed")),
        Ok(_) => match plain_file::text(&path, MOST) {
            Err(error) => Err(failed("the edited file could not be read", &error)),
            Ok(edited) => {
                let ended = edited.strip_suffix('\n').filter(|_| !text.ends_with('\n'));
                Ok(ended.map_or_else(|| edited.clone(), str::to_owned))
            }
        },
    })
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> String {
    format!("{what}: {error}; nothing was changed")
}

/// Writes a text to a file in a directory of its own. With mode 0700 others cannot even see the file's name.
fn written(text: &str) -> Result<TempDir, String> {
    let directory = tempfile::Builder::new()
        .prefix("coredeck-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| failed("no private directory could be made", &error))?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(directory.path().join(NAME))
        .map_err(|error| failed("the file for the editor could not be made", &error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| failed("the file for the editor could not be written", &error))?;
    Ok(directory)
}

fn editor() -> String {
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| env::var(name).ok());
    named.into_iter().find(|value| !value.is_empty()).unwrap_or_else(|| "vi".to_owned())
}

/// Waits for the end of the editor, or for a signal that is not its own affair.
async fn run(
    editor: &str,
    path: &Path,
    signals: &mut Interruptions,
) -> Result<std::io::Result<ExitStatus>, Death> {
    let line = format!("{editor} \"$1\"");
    let words = [OsStr::new("-c"), OsStr::new(&line), OsStr::new(editor), path.as_os_str()];
    let started = no_dump::lent(|| Command::new("/bin/sh").args(words).spawn());
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Ok(Err(error)),
    };
    loop {
        let interruption = tokio::select! {
            ended = child.wait() => return Ok(ended),
            interruption = signals.next() => interruption,
        };
        let death = match interruption {
            Interruption::Death(death) => death,
            // The editor has stopped as well, and gives the terminal back by itself. Who cannot stop waits for it.
            Interruption::Stop => {
                let _ = signals::stop();
                continue;
            }
        };
        // A signal of the keyboard goes to the whole job, and was meant for the editor.
        if death.is_of_keyboard() {
            continue;
        }
        if let Some(id) = child.id() {
            death.hand_on(id);
        }
        // An editor that does not end does not keep this program.
        let _ = timeout(TO_END, child.wait()).await;
        return Err(death);
    }
}
