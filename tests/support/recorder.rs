//! Proxy between the program and its etcd that decodes every request, forwards it byte for byte, and keeps those that
//! broke a promise: a ranged delete, a write outside the scope, a nested transaction, or a read of a neighbour's key
//! that does more than count.
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

#[path = "requests.rs"]
mod requests;

use hyper::{
    Request, Response,
    body::{Body, Bytes, Frame, Incoming},
    client::conn::http2 as client,
    server::conn::http2 as server,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    fs::File,
    io::Write as _,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll},
    thread,
};
use tokio::net::{TcpListener, TcpStream};

/// Variable that names a directory. Then every private etcd is recorded, and the directory gets `requests` and, if
/// there are any, `violations`.
pub const RECORD: &str = "COREDECK_TEST_RECORD";

/// Proxy in front of one etcd without TLS. It runs until the process ends.
#[derive(Clone)]
pub struct Recorder {
    endpoint: String,
    seen: Arc<Seen>,
}

/// Call whose replies never arrive while watches are mute.
const WATCH: &str = "/etcdserverpb.Watch/Watch";

struct Seen {
    scope: Vec<u8>,
    /// The directory for the records of the whole run.
    run: Option<PathBuf>,
    requests: Mutex<Vec<Recorded>>,
    /// True if replies of watches are swallowed, while everything else goes on.
    mute: AtomicBool,
}

/// Request that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `/etcdserverpb.KV/Txn`
    pub method: String,
    /// The promises that it breaks.
    pub violations: Vec<String>,
}

/// Returns the endpoint for a program under test: the etcd's own, or a recorder's if the run is recorded.
pub fn recorded(endpoint: String) -> String {
    match std::env::var_os(RECORD) {
        Some(run) if endpoint.starts_with("http://") => {
            Recorder::start(&endpoint, "/coredns/", Some(run.into())).endpoint()
        }
        _ => endpoint,
    }
}

impl Recorder {
    /// Starts a recorder before an etcd, for a program that may write to `scope`.
    pub fn before(endpoint: &str, scope: &str) -> Self {
        Self::start(endpoint, scope, None)
    }

    fn start(endpoint: &str, scope: &str, run: Option<PathBuf>) -> Self {
        let etcd = endpoint.strip_prefix("http://").expect("an etcd without TLS").to_owned();
        let seen = Arc::new(Seen {
            scope: scope.into(),
            run,
            requests: Mutex::default(),
            mute: AtomicBool::new(false),
        });
        let (ready, address) = mpsc::channel();
        let seeing = Arc::clone(&seen);
        // It has a thread of its own, because the test's runtime may be blocked, or gone.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (connection, _) = listener.accept().await.unwrap();
                    tokio::spawn(forward(connection, etcd.clone(), Arc::clone(&seeing)));
                }
            });
        });
        Self { endpoint: format!("http://{}", address.recv().unwrap()), seen }
    }

    /// Returns the endpoint that the program connects to.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Swallows all replies of watches, or lets them through again.
    pub fn mute_watches(&self, mute: bool) {
        self.seen.mute.store(mute, Ordering::SeqCst);
    }

    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Returns the number of requests of a method.
    pub fn count(&self, method: &str) -> usize {
        self.requests().iter().filter(|request| request.method == method).count()
    }

    /// Returns every broken promise.
    pub fn violations(&self) -> Vec<String> {
        let all = self.requests().into_iter();
        all.flat_map(|request| {
            request.violations.into_iter().map(move |what| format!("{}: {what}", request.method))
        })
        .collect()
    }
}

impl Seen {
    fn record(&self, method: &str, message: &[u8]) {
        let violations = requests::violations(method, message, &self.scope);
        if let Some(run) = &self.run {
            let append = |name: &str, line: &str| {
                let mut file = File::options().create(true).append(true).open(run.join(name)).unwrap();
                // There is one write, so that the lines of two processes do not mix.
                file.write_all(format!("{line}\n").as_bytes()).unwrap();
            };
            append("requests", method);
            for what in &violations {
                append("violations", &format!("{method}: {what}"));
            }
        }
        self.requests.lock().unwrap().push(Recorded { method: method.to_owned(), violations });
    }
}

/// Forwards one connection of the program over one of its own to etcd.
async fn forward(connection: TcpStream, etcd: String, seen: Arc<Seen>) {
    // If etcd is not there, the program's connection breaks.
    let Ok(upstream) = TcpStream::connect(&etcd).await else { return };
    let _ = (connection.set_nodelay(true), upstream.set_nodelay(true));
    let handshake = client::Builder::new(TokioExecutor::new())
        .adaptive_window(true)
        .handshake::<_, Tee>(TokioIo::new(upstream));
    let Ok((sender, driver)) = handshake.await else { return };
    let driving = tokio::spawn(driver);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut sender = sender.clone();
        let method = request.uri().path().to_owned();
        let (seen, muting) = (Arc::clone(&seen), Arc::clone(&seen));
        let watches = method == WATCH;
        let request = request.map(|body| Tee { body, method, seen, held: vec![] });
        async move {
            let response = sender.send_request(request).await?;
            let muting = watches.then_some(muting);
            Ok::<_, hyper::Error>(Response::map(response, |body| Reply { body, muting }))
        }
    });
    let serving = server::Builder::new(TokioExecutor::new())
        .adaptive_window(true)
        .serve_connection(TokioIo::new(connection), service);
    // The end of one side is the end of the other.
    tokio::select! {
        _ = serving => {}
        _ = driving => {}
    }
}

/// Body of a reply on its way; that of a watch may be swallowed.
struct Reply {
    body: Incoming,
    muting: Option<Arc<Seen>>,
}

impl Body for Reply {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        loop {
            let frame = Pin::new(&mut self.body).poll_frame(context);
            let is_mute = self.muting.as_ref().is_some_and(|seen| seen.mute.load(Ordering::SeqCst));
            let is_data = matches!(&frame, Poll::Ready(Some(Ok(frame))) if frame.is_data());
            if !(is_mute && is_data) {
                return frame;
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

/// Body of a request on its way, read along: gRPC messages, each behind a flag and a length of four bytes.
struct Tee {
    body: Incoming,
    method: String,
    seen: Arc<Seen>,
    held: Vec<u8>,
}

impl Tee {
    fn read_along(&mut self, data: &[u8]) {
        const HEAD: usize = 5;
        self.held.extend_from_slice(data);
        while let Some((head, rest)) = self.held.split_at_checked(HEAD) {
            let [compressed, length @ ..] = head else { return };
            assert_eq!(*compressed, 0, "the recorder reads no compressed messages");
            let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            let Some(message) = rest.get(..length) else { return };
            self.seen.record(&self.method, message);
            self.held.drain(..HEAD + length);
        }
    }
}

impl Body for Tee {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.read_along(data);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
