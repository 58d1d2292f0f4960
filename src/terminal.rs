//! Terminal of the deck, which only this module talks to. It is given back in every case: on quit, on an error, on a
//! panic, when suspended, and when a signal ends the program (promise P11).

mod paint;
mod pen;

use crossterm::{
    cursor::{Hide, SetCursorStyle, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste, EventStream},
    execute, queue,
    style::{Attribute, SetAttribute},
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
    },
};
use paint::Painter;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use rustix::{
    io::ioctl_fionread,
    termios::{OptionalActions, tcgetattr, tcsetattr},
};
use std::{
    env,
    fs::File,
    io::{self, IsTerminal as _, Write as _},
    os::fd::AsFd as _,
    panic,
    sync::Once,
};

/// The terminal, taken for the deck. Dropping it gives it back.
pub struct Terminal {
    /// Standard output, without the standard library's buffer, which would send a frame in pieces.
    out: File,
    /// The frame that is being built, sent as one piece.
    frame: Vec<u8>,
    painter: Painter,
    /// The cells on the screen, and those of the next frame.
    shown: Buffer,
    next: Buffer,
    cursor: Option<Position>,
    /// True if nothing on the screen can be relied on: the next frame draws all of it.
    stale: bool,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("area", &self.shown.area).finish_non_exhaustive()
    }
}

impl Terminal {
    /// Takes the terminal: raw mode, the alternate screen, pastes marked as such.
    ///
    /// # Errors
    /// When standard input or output is no terminal, or it cannot be set up.
    pub fn take() -> io::Result<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(io::Error::other("standard input and output must be a terminal"));
        }
        if env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return Err(io::Error::other("TERM=dumb says that it cannot move its cursor"));
        }
        give_back_on_panic();
        let mut terminal = Self {
            out: File::from(io::stdout().as_fd().try_clone_to_owned()?),
            frame: Vec::new(),
            painter: Painter::default(),
            shown: Buffer::default(),
            next: Buffer::default(),
            cursor: None,
            stale: true,
        };
        if let Err(error) = terminal.enter() {
            give_back();
            return Err(error);
        }
        Ok(terminal)
    }

    /// Returns the columns and rows.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size() -> io::Result<(u16, u16)> {
        size()
    }

    /// Returns the keys, pastes and changes of size. Take a new stream after the terminal was given back for a while.
    #[must_use]
    pub fn events() -> EventStream {
        EventStream::new()
    }

    /// Tells whether keys wait that nobody has read, and wakes their reader then. crossterm reads 1,024 bytes when
    /// the kernel says that some have come, and is not told again of those that it leaves (`event/source/unix/mio.rs`
    /// of 0.29, where epoll is asked for edges): the end of a long paste would wait for the next press of a key.
    /// Setting the modes of a terminal, the same ones too, wakes whoever waits for it (`n_tty_set_termios` of Linux).
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn wake_for_unread() -> io::Result<bool> {
        let stdin = io::stdin();
        let waits = ioctl_fionread(&stdin)? > 0;
        if waits {
            tcsetattr(&stdin, OptionalActions::Now, &tcgetattr(&stdin)?)?;
        }
        Ok(waits)
    }

    /// Draws one frame: sends the differences from the last one, and nothing if there are none. `draw` returns the
    /// place of the cursor, or `None` to hide it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        let (width, height) = size()?;
        let area = Rect::new(0, 0, width, height);
        self.frame.clear();
        if self.shown.area != area || self.stale {
            self.shown = Buffer::empty(area);
            self.next.resize(area);
            queue!(self.frame, SetAttribute(Attribute::Reset), Clear(ClearType::All), Hide)?;
            self.painter.reset();
            self.cursor = None;
            self.stale = false;
        }
        self.next.reset();
        let cursor = draw(&mut self.next);
        let before = self.frame.len();
        // A visible cursor would move along with the drawing.
        if self.cursor.is_some() {
            queue!(self.frame, Hide)?;
        }
        let hidden = self.frame.len();
        self.painter.paint(&self.shown, &self.next, &mut self.frame);
        let changed = self.frame.len() > hidden;
        if !changed && cursor == self.cursor {
            self.frame.truncate(before);
        } else if let Some(at) = cursor {
            self.painter.go(at.x, at.y, &self.next, &mut self.frame);
            queue!(self.frame, Show)?;
        }
        self.cursor = cursor;
        std::mem::swap(&mut self.shown, &mut self.next);
        self.out.write_all(&self.frame)
    }

    /// Rings the bell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn ring(&mut self) -> io::Result<()> {
        self.out.write_all(b"\x07")
    }

    /// Draws everything with the next frame.
    pub fn redraw(&mut self) {
        self.stale = true;
    }

    /// Gives the terminal back while `work` is done, and takes it again.
    ///
    /// # Errors
    /// When the terminal cannot be taken again.
    pub async fn lend<T>(&mut self, work: impl Future<Output = T>) -> io::Result<T> {
        give_back();
        let done = work.await;
        self.enter()?;
        Ok(done)
    }

    /// Sends a text to the terminal's clipboard by OSC 52, through tmux and screen as well. Nothing confirms that it
    /// arrived.
    ///
    /// # Errors
    /// When the text is longer than terminals take, or the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        // The limit of xterm and similar terminals, in base64.
        const LONGEST: usize = 74_994 / 4 * 3;
        if text.len() > LONGEST {
            return Err(io::Error::other(format!("longer than the {LONGEST} bytes that a terminal takes")));
        }
        let mut sequence = Vec::new();
        execute!(sequence, crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))?;
        let wrapped = if env::var_os("TMUX").is_some() {
            // tmux hands a sequence on if it is wrapped, with its escapes doubled.
            let doubled =
                sequence.iter().flat_map(|byte| if *byte == 0x1b { vec![0x1b, 0x1b] } else { vec![*byte] });
            [b"\x1bPtmux;".as_slice(), &doubled.collect::<Vec<_>>(), b"\x1b\\"].concat()
        } else if env::var("TERM").is_ok_and(|term| term.starts_with("screen")) {
            // screen takes no more than 768 bytes in one string.
            let pieces = sequence.chunks(760).flat_map(|piece| [b"\x1bP".as_slice(), piece, b"\x1b\\"]);
            pieces.collect::<Vec<_>>().concat()
        } else {
            sequence
        };
        self.out.write_all(&wrapped)
    }

    fn enter(&mut self) -> io::Result<()> {
        self.stale = true;
        enable_raw_mode()?;
        execute!(self.out, EnterAlternateScreen, EnableBracketedPaste, Hide)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back as it was. Does no harm if it was not taken. A terminal that is gone is no reason to fail
/// on the way out.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableBracketedPaste,
        SetCursorStyle::DefaultUserShape,
        SetAttribute(Attribute::Reset),
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Gives the terminal back before a panic's message is printed, so that the message can be read.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            print(info);
        }));
    });
}
