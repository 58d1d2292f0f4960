//! PTY in which the real binary runs, with a screen that is read as an operator would read it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test crate takes what it needs"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture stops its test"
)]

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read as _, Write},
    num::NonZero,
    process::Command,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// Time limit for a screen on a busy machine. No test waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(120);

/// Program in a terminal of its own.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Everything that was sent to the terminal.
    pub sent: Vec<u8>,
    /// The terminal's modes before the program started.
    modes: String,
}

/// Returns the binary under test with a private home, so that neither journal nor configuration of this machine
/// matters.
pub fn coredeck(home: &std::path::Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_coredeck"));
    command.args(arguments);
    private(&mut command, home);
    command
}

/// Returns a shell with job control, for tests that need one.
pub fn shell(home: &std::path::Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    private(&mut command, home);
    command.env("PS1", "shell$ ");
    command.env("DECK", env!("CARGO_BIN_EXE_coredeck"));
    command
}

/// Returns POSIX's shell, which edits no lines, and so leaves the terminal as a stopped program has left it.
pub fn plain_shell(home: &std::path::Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.arg("-i");
    private(&mut command, home);
    command.env("PS1", "shell$ ");
    command.env("DECK", env!("CARGO_BIN_EXE_coredeck"));
    command
}

fn private(command: &mut CommandBuilder, home: &std::path::Path) {
    let kept: Vec<_> = ["PATH", "LD_LIBRARY_PATH"]
        .iter()
        .filter_map(|name| Some((*name, std::env::var_os(name)?)))
        .collect();
    command.env_clear();
    for (name, value) in kept {
        command.env(name, value);
    }
    command.env("HOME", home);
    command.env("COREDECK_COREFILE", "none");
    command.env("COREDECK_TEST_ROOT", home.join("machine"));
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("TZ", "UTC");
}

impl Terminal {
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let modes = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (bytes, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 13];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if bytes.send(buffer.get(..read).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self { master: pair.master, child, writer, output, screen, sent: Vec::new(), modes }
    }

    /// Returns the text of the screen.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen fulfils a condition.
    pub fn wait(&mut self, what: &str, fulfilled: impl Fn(&str) -> bool) -> &mut Self {
        let until = Instant::now() + PATIENCE;
        while !fulfilled(&self.text()) {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the screen never showed {what}:\n{}", self.text())
                }
            }
        }
        self
    }

    /// Answers later which cluster this is.
    pub fn not_now(&mut self) -> &mut Self {
        self.shows("First contact").press("\x1b").hides("First contact")
    }

    /// Waits until the screen shows a text.
    pub fn shows(&mut self, text: &str) -> &mut Self {
        self.wait(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// Waits until the screen does not show a text any more.
    pub fn hides(&mut self, text: &str) -> &mut Self {
        self.wait(&format!("no {text:?}"), |screen| !screen.contains(text))
    }

    /// Presses keys, one after the other, each on its own as a person does.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self
    }

    /// Presses a key until the screen shows a text. The deck takes keys that follow a paste closely for a part of it,
    /// and a test types as fast as a paste: if the deck asks for digits that prove a person, this types them. A key is
    /// pressed again only when the screen stands still without the text, because the first may be under way.
    pub fn press_until(&mut self, key: &str, text: &str) -> &mut Self {
        const STANDS: Duration = Duration::from_millis(1500);
        let until = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            assert!(Instant::now() < until, "the screen never showed {text:?}:\n{}", self.text());
            if let Some(digits) = self.digits() {
                self.press(&digits).wait("the digits", |screen| self::digits(screen).is_none());
            }
            self.press(key);
            while !self.text().contains(text)
                && self.digits().is_none()
                && let Ok(bytes) = self.output.recv_timeout(STANDS)
            {
                self.take(&bytes);
            }
        }
        self
    }

    /// Waits until the deck asks for digits, and types them.
    pub fn prove(&mut self) -> &mut Self {
        self.wait("a question for digits", |screen| digits(screen).is_some());
        let digits = self.digits().unwrap();
        self.press(&digits)
    }

    /// Returns the digits that the deck asks for, because the text came in one piece: `type 482 >`. None once some are
    /// typed.
    pub fn digits(&self) -> Option<String> {
        digits(&self.text())
    }

    /// Takes in the output until nothing has come for `quiet`; returns the number of its bytes.
    pub fn settle(&mut self, quiet: Duration) -> usize {
        let before = self.sent.len();
        loop {
            match self.output.recv_timeout(quiet) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return self.sent.len() - before;
                }
            }
        }
    }

    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).unwrap();
        self
    }

    /// Tells whether the terminal has other modes than before the program started.
    pub fn has_other_modes(&self) -> bool {
        format!("{:?}", self.master.get_termios().unwrap()) != self.modes
    }

    /// Returns the process id of the program that a shell has started, once it has one.
    pub fn child_id(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.id());
        let until = Instant::now() + PATIENCE;
        loop {
            let first = std::fs::read_to_string(&children).unwrap();
            if let Some(child) = first.split_whitespace().next() {
                return child.parse().unwrap();
            }
            assert!(Instant::now() < until, "the shell has started nothing:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the program's process id.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal to the program, by its process id.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        self.signal_to(self.id(), name)
    }

    /// Sends a signal to a process that was started in this terminal.
    pub fn signal_to(&mut self, id: u32, name: &str) -> &mut Self {
        let arguments = [format!("-{name}"), id.to_string()];
        assert!(Command::new("kill").args(arguments).status().unwrap().success());
        self
    }

    /// Waits for the end of the program, and for all of its output.
    pub fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                // The terminal is closed when nobody has it open any more, and by then all of the output was read.
                while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
                    self.take(&bytes);
                }
                return status;
            }
            assert!(Instant::now() < until, "the program never ended:\n{}", self.text());
            // Output ends this wait as well as the end does.
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        }
    }

    /// Asserts that the terminal is as it was: modes, screen, cursor, and no marking of pastes.
    pub fn is_given_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left on");
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert!(!screen.bracketed_paste(), "the marking of pastes was left on");
        assert_eq!(format!("{:?}", self.master.get_termios().unwrap()), self.modes, "the modes are others");
    }

    fn take(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
        self.screen.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only the program that this has started is killed: the child is known by its handle.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// See [`Terminal::digits`].
fn digits(screen: &str) -> Option<String> {
    let asked = |behind: &str| {
        let (digits, typed) = behind.split_once(" >")?;
        let is_asked = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let field = typed.split(['│', '\n']).next().unwrap_or_default();
        (is_asked && field.trim().is_empty()).then(|| digits.to_owned())
    };
    screen.split("type ").skip(1).find_map(asked)
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}
