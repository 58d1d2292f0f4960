//! PTY that knows the time of each byte.
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read as _, Write},
    path::Path,
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// Columns and rows at which bytes are counted.
const SIZE: (u16, u16) = (80, 24);
/// Time limit: only a measurement that is broken takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    pub(super) started: Instant,
    pub(super) sent: Vec<u8>,
}

impl Terminal {
    /// Starts a program with nothing of this machine's settings but PATH.
    pub(super) fn start(program: &str, arguments: &[&str], home: &Path) -> Self {
        let size = PtySize { cols: SIZE.0, rows: SIZE.1, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.cwd(home);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (bytes, output) = channel();
        // The time is taken where the bytes come in, before they are understood.
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if bytes.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0);
        Self { child, _master: pair.master, writer, output, screen, started, sent: Vec::new() }
    }

    pub(super) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub(super) fn rows(&self) -> Vec<String> {
        self.screen.screen().rows(0, SIZE.0).collect()
    }

    /// Waits until the screen is as it should be, and returns the time of the last byte that made it so. `None` if
    /// that does not happen, or the program ends.
    pub(super) fn wait(&mut self, fulfilled: impl Fn(&Self) -> bool) -> Option<Instant> {
        let until = Instant::now() + PATIENCE;
        let mut at = Instant::now();
        while !fulfilled(self) {
            let (came, bytes) =
                self.output.recv_timeout(until.saturating_duration_since(Instant::now())).ok()?;
            at = came;
            self.take(&bytes);
        }
        Some(at)
    }

    /// Returns the time from the start until the screen is as it should be.
    pub(super) fn until(&mut self, fulfilled: impl Fn(&Self) -> bool) -> Option<Duration> {
        Some(self.wait(fulfilled)? - self.started)
    }

    /// Returns the message for a screen that never came, with the screen that was there instead.
    pub(super) fn never_showed(&self, what: &str) -> String {
        format!("the screen never showed {what}:\n{}", self.text())
    }

    /// Sends keys; returns the time.
    pub(super) fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        at
    }

    /// Takes in the bytes that come during `time`; returns their number.
    pub(super) fn listen(&mut self, time: Duration) -> usize {
        let (before, until) = (self.sent.len(), Instant::now() + time);
        while let Ok((_, bytes)) = self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
        self.sent.len() - before
    }

    /// Returns the peak of the program's memory so far, in bytes.
    pub(super) fn peak_memory(&self) -> u64 {
        self.child.process_id().and_then(peak_memory).unwrap_or_default()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
        self.screen.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the most memory that a process of ours has had so far (`VmHWM`), in bytes.
pub(super) fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
