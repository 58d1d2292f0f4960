//! A line between the program and a member that can be cut, slow, or closed on one side only.
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Connections end, and new ones as well.
    Reset = 1,
    /// The member's side is closed: nothing more will come from there.
    HalfClose,
    /// Nothing comes through any more, and nobody is told.
    BlackHole,
    /// Everything comes through late.
    Delay,
}

/// Between two looks at the fault while nothing comes.
const LOOK: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_millis(300);

pub struct Proxy {
    port: u16,
    fault: Arc<AtomicU8>,
}

impl Proxy {
    /// Before a member at `https://127.0.0.1:PORT`.
    pub fn before(endpoint: &str) -> Self {
        let member = endpoint.rsplit('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let fault = Arc::new(AtomicU8::new(0));
        let of_line = Arc::clone(&fault);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if of_line.load(Ordering::SeqCst) == Fault::Reset as u8 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&member) else { continue };
                let (to_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (up, down) = (Arc::clone(&of_line), Arc::clone(&of_line));
                thread::spawn(move || carry(client, to_server, &up));
                thread::spawn(move || carry(server, to_client, &down));
            }
        });
        Self { port, fault }
    }

    pub fn endpoint(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub fn become_faulty(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, fault: &AtomicU8) {
    from.set_read_timeout(Some(LOOK)).unwrap();
    let mut buffer = [0; 1 << 14];
    loop {
        let is = fault.load(Ordering::SeqCst);
        if is == Fault::Reset as u8 {
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            return;
        }
        if is == Fault::HalfClose as u8 {
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
        let read = match from.read(&mut buffer) {
            Ok(0) => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        };
        if is == Fault::BlackHole as u8 {
            continue;
        }
        if is == Fault::Delay as u8 {
            // The time is the fault.
            thread::sleep(LATE);
        }
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}
