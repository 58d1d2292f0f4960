//! Password of etcd's user, typed unseen if a user is given and no password.
use super::{
    Exit,
    command_error::CommandError,
    tty::{Tty, Typing},
};
use crate::{
    config::{ConfigError, Settings},
    foreign_text::ForeignText,
    signals::Interruptions,
};
use secrecy::SecretString;
use std::{
    io::{self, IsTerminal as _, Read as _},
    panic::resume_unwind,
    thread,
};
use tokio::sync::oneshot;

/// The most bytes: more than a terminal gives as one line.
const LONGEST: usize = 1 << 12;

/// Asks for the password, if a user is given and no password.
pub(super) fn ask_for_password(settings: &mut Settings) -> Result<(), CommandError> {
    let Some(user) = settings.asks_for_password_of().map(str::to_owned) else { return Ok(()) };
    if !io::stdin().is_terminal() {
        return Err(ConfigError::NoPassword { user }.into());
    }
    let question = format!("Password of etcd's user {}: ", ForeignText::from(user.as_str()));
    // The question needs a thread of its own, because it is asked before there is a runtime and inside of one.
    let typed = thread::scope(|scope| {
        let asking = thread::Builder::new().spawn_scoped(scope, || typed_unseen(&question))?;
        asking.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    let password = typed.map_err(|error| {
        CommandError::new(
            Exit::NotReached,
            format!("the password cannot be read: {error}"),
            "Set ETCDCTL_PASSWORD instead.",
        )
    })?;
    settings.password = Some(password);
    Ok(())
}

fn typed_unseen(question: &str) -> io::Result<SecretString> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interruptions = Interruptions::listen()?;
        let tty = Tty::open(&interruptions, Typing::Unseen)?;
        tty.write(question);
        let typed = tty.answered(&mut interruptions, || tty.write(question), line(&tty)).await;
        // The Enter at its end was not shown either.
        tty.say("");
        typed.unwrap_or_else(|death| death.die())
    })
}

/// Reads one line on a thread that ends with the program, because a blocked read cannot be cancelled.
async fn line(tty: &Tty) -> io::Result<SecretString> {
    let (sender, typed) = oneshot::channel();
    let terminal = tty.file();
    thread::Builder::new().spawn(move || {
        let mut line = vec![0; LONGEST];
        let read = (&*terminal).read(&mut line).and_then(|read| {
            line.truncate(read);
            if line.is_empty() {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "none was typed"));
            }
            // Ctrl-D ends it as well, without a line's end.
            line.pop_if(|last| *last == b'\n');
            let text = String::from_utf8(line);
            text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
        });
        let _ = sender.send(read);
    })?;
    let read = typed.await.map_err(|_| io::Error::other("its reader has ended"))?;
    read.map(SecretString::from)
}
