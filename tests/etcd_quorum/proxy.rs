//! Proxy on the line between the program and a member: it can be slow, hold, cut, or close one side only.
#![allow(dead_code, reason = "each test crate takes what it needs")]
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// State of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Line {
    #[default]
    Fine,
    /// Fine until this many bytes of transactions have passed: then the next one is held.
    Lurking(usize),
    /// Data of this way waits until the line has another state.
    Held(Way),
    /// Connections end, and so do new ones.
    Reset,
    /// The member sends nothing more, and the program is told so; its own data still arrives.
    HalfClosed,
    /// Nothing comes through any more, and nobody is told.
    BlackHole,
    /// Everything comes through late.
    Late,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToMember,
    FromMember,
}

/// Time between two looks at the line while nothing comes.
const LOOK: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_millis(200);
/// Time limit for a change to be in its middle, on a machine with much else to do.
const COMES_WITHIN: Duration = Duration::from_secs(120);
/// Only a transaction sends this many bytes in one piece.
const LARGE: usize = 4_000;

#[derive(Debug, Default)]
struct State {
    line: Line,
    /// True if something is held.
    holds: bool,
    /// Bytes of transactions that came while it lurked.
    passed: usize,
    /// Number of times that every connection was ended.
    cuts: u64,
}

pub struct Proxy {
    endpoint: String,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Starts a proxy before a member at `https://127.0.0.1:PORT`.
    pub fn before(endpoint: &str) -> Self {
        let (scheme, member) = endpoint.split_once("://").unwrap();
        let member = member.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let of_line = Arc::clone(&state);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (line, cuts) = {
                    let state = of_line.lock().unwrap();
                    (state.line, state.cuts)
                };
                if line == Line::Reset {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&member) else { continue };
                let (to_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (up, down) = (Arc::clone(&of_line), Arc::clone(&of_line));
                thread::spawn(move || carry(client, to_server, Way::ToMember, (&up, cuts)));
                thread::spawn(move || carry(server, to_client, Way::FromMember, (&down, cuts)));
            }
        });
        Self { endpoint: format!("{scheme}://127.0.0.1:{port}"), state }
    }

    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    pub fn become_(&self, line: Line) {
        let mut state = self.state.lock().unwrap();
        *state = State { line, cuts: state.cuts, ..State::default() };
    }

    /// Ends all present connections. New ones follow the state of the line.
    pub fn cut(&self) {
        self.state.lock().unwrap().cuts += 1;
    }

    /// Returns when a request of a change is held, or the reply to it. `end` returns what the program said when it
    /// ended before.
    pub fn wait_for_the_middle(&self, way: Way, mut end: impl FnMut() -> Option<String>) {
        self.wait_until_it_holds(&mut end);
        if way == Way::FromMember {
            self.become_(Line::Held(way));
            self.wait_until_it_holds(&mut end);
        }
    }

    fn wait_until_it_holds(&self, end: &mut impl FnMut() -> Option<String>) {
        let since = Instant::now();
        while !self.state.lock().unwrap().holds {
            if let Some(said) = end() {
                panic!("the change ended before its middle: {said}");
            }
            assert!(since.elapsed() < COMES_WITHIN, "no change was in its middle");
            thread::sleep(LOOK);
        }
    }
}

/// Waits until the line no longer holds this way; returns its state.
fn let_through(read: usize, way: Way, state: &Mutex<State>) -> Line {
    {
        let mut state = state.lock().unwrap();
        if let Line::Lurking(most) = state.line
            && way == Way::ToMember
            && read >= LARGE
        {
            state.passed += read;
            if state.passed > most {
                state.line = Line::Held(way);
            }
        }
    }
    loop {
        {
            let mut state = state.lock().unwrap();
            if state.line != Line::Held(way) {
                return state.line;
            }
            state.holds = true;
        }
        thread::sleep(LOOK);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, way: Way, (state, cuts): (&Mutex<State>, u64)) {
    from.set_read_timeout(Some(LOOK)).unwrap();
    let mut buffer = [0; 1 << 14];
    loop {
        let read = from.read(&mut buffer);
        if state.lock().unwrap().cuts != cuts {
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            return;
        }
        let line = match read {
            Ok(read @ 1..) => let_through(read, way, state),
            _ => state.lock().unwrap().line,
        };
        if line == Line::Reset {
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            return;
        }
        let ends = line == Line::HalfClosed && way == Way::FromMember;
        if ends || matches!(read, Ok(0)) {
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
        let read = match read {
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        };
        if line == Line::BlackHole {
            continue;
        }
        if line == Line::Late {
            // The delay is the fault.
            thread::sleep(LATE);
        }
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}
