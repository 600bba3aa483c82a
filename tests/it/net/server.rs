//! A server that consists of nothing but the network layer, and an answerer that does what a test says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use mock_server::clock::Clock;
use mock_server::http::compress::Coding;
use mock_server::http::{
    Body, Dialect, EventSource, ListenerRole, Outcome, Piece, Refusal, Reply, Request, Wait,
};
use mock_server::net::{
    self, Answerer, CertificateProfile, Limits, Port, Stop, StopHandle, Tls, Traffic,
};

use crate::support::client::{Client, PATIENCE};

/// A running server.
pub struct Server {
    /// Where its port is.
    pub address: SocketAddr,
    /// What a client has to trust.
    pub ca_pem: String,
    /// What it counts.
    pub traffic: Arc<Traffic>,
    /// Stops it.
    pub stop: StopHandle,
    /// Gets one message when it has ended.
    pub ended: Receiver<()>,
    /// Every stream it was asked for.
    pub streams: Receiver<Feed>,
    /// Gets one message for each `/wait` that begins, and for each that was dropped.
    pub waits: Receiver<&'static str>,
}

/// The dialect of the tests: patient enough for a slow machine.
pub fn dialect() -> Dialect {
    Dialect {
        http2: true,
        header_bytes: 16 * 1024,
        header_fields: 100,
        body_bytes: 64 * 1024,
        inflate: true,
        patience: Duration::from_secs(20),
        idle: Duration::from_secs(20),
        requests: u32::MAX,
        codings: &[Coding::Gzip],
        compress_above: 1_024,
        drops_file: |_, _| false,
        refuse: |refusal| match refusal {
            Refusal::BodyTooLarge { limit } => {
                Reply::new(413, "text/plain", format!("more than {limit}"))
            }
            Refusal::Timeout => Reply::new(408, "text/plain", "too slow"),
            Refusal::BrokenBody => Reply::new(400, "text/plain", "broken body"),
        },
    }
}

/// A dialect that loses patience soon, yet not before a client on a busy machine has sent what it has.
pub fn impatient() -> Dialect {
    Dialect {
        patience: Duration::from_secs(1),
        ..dialect()
    }
}

impl Server {
    /// Starts a server on a free port.
    pub fn start(dialect: Dialect) -> Self {
        Self::start_on("127.0.0.1:0", dialect, Limits::default())
    }

    /// Starts a server on an address.
    pub fn start_on(address: &str, dialect: Dialect, limits: Limits) -> Self {
        let bound = net::bind(address.parse().unwrap()).unwrap();
        let address = bound.address();
        let profile = CertificateProfile {
            organization: "test".to_owned(),
            names: vec!["localhost".to_owned()],
            ips: vec!["127.0.0.1".parse().unwrap()],
        };
        let tls = Tls::generate(&profile, Clock::real().now()).unwrap();
        let ca_pem = tls.ca_pem().to_owned();
        let traffic = Arc::new(Traffic::default());
        let (stop, listening) = Stop::manual();
        let (streams_in, streams) = mpsc::channel();
        let (waits_in, waits) = mpsc::channel();
        let (ended_in, ended) = mpsc::channel();
        let answerer = Arc::new(TestAnswerer {
            streams: streams_in,
            waits: waits_in,
        });
        let ports = vec![Port {
            bound,
            role: ListenerRole::Main,
            dialect: Arc::new(dialect),
        }];
        let counted = Arc::clone(&traffic);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let served = net::serve(ports, answerer, tls, limits, counted, listening);
            runtime.block_on(served).unwrap();
            ended_in.send(()).unwrap();
        });
        Self {
            address,
            ca_pem,
            traffic,
            stop,
            ended,
            streams,
            waits,
        }
    }

    /// A client without TLS.
    pub fn plain(&self) -> Client {
        Client::plain(self.address)
    }

    /// A client with TLS that offers `protocols`.
    pub fn tls(&self, protocols: &[&str]) -> Client {
        Client::tls(self.address, &self.ca_pem, "localhost", protocols)
    }

    /// Asks for a stream and gives both of its ends.
    pub fn stream(&self, mut client: Client, target: &str) -> (Client, Feed) {
        client.send(format!("GET {target} HTTP/1.1\r\nhost: t\r\n\r\n"));
        let feed = self.streams.recv_timeout(PATIENCE).unwrap();
        (client, feed)
    }

    /// Waits until the server has ended.
    pub fn wait_for_end(&self) {
        self.ended.recv_timeout(PATIENCE).unwrap();
    }
}

struct TestAnswerer {
    streams: Sender<Feed>,
    waits: Sender<&'static str>,
}

impl Answerer for TestAnswerer {
    fn answer(&self, request: Request) -> Outcome {
        let text = |text: String| Reply::new(200, "text/plain", text);
        Outcome::Reply(match request.path() {
            "/echo" => Reply::new(200, "application/octet-stream", request.body.clone()),
            "/fault" => text(format!("{:?} {}", request.body_fault, request.body.len())),
            "/target" => text(format!("{} {}", request.method, request.target)),
            "/peer" => text(format!("{} secure={}", request.peer.ip(), request.secure)),
            "/fields" => text(fields(&request)),
            "/big" => Reply::new(200, "text/plain", vec![b'x'; 32 << 20]),
            "/nothing" => Reply::empty(204).with("x-kept", "yes"),
            "/odd" => odd(),
            "/slow" => {
                self.waits.send("begun").unwrap();
                let mut reply = text("slow".to_owned());
                reply.delay = Some(Duration::from_secs(1));
                reply
            }
            "/wait" => return self.wait(PATIENCE),
            "/wait-briefly" => return self.wait(Duration::from_millis(1)),
            "/events" => self.events(None),
            "/events-alive" => self.events(Some(Duration::from_millis(10))),
            _ => text("hello".to_owned()),
        })
    }
}

impl TestAnswerer {
    fn wait(&self, timeout: Duration) -> Outcome {
        self.waits.send("begun").unwrap();
        let wait = Box::new(Never(self.waits.clone()));
        Outcome::Wait { wait, timeout }
    }

    fn events(&self, keep_alive: Option<Duration>) -> Reply {
        let (written_in, written) = mpsc::channel();
        let (gone_in, gone) = mpsc::channel();
        let queue = Arc::new(Mutex::new(Queue::default()));
        self.streams
            .send(Feed {
                queue: Arc::clone(&queue),
                written,
                gone,
            })
            .unwrap();
        let source = Source {
            queue,
            written: written_in,
            gone: gone_in,
            keep_alive,
        };
        let mut reply = Reply::empty(200).with("content-type", "text/event-stream");
        reply.body = Body::Events(Box::new(source));
        reply
    }
}

fn fields(request: &Request) -> String {
    let line = |(name, value): (&str, &[u8])| format!("{name}={}\n", value.escape_ascii());
    request.headers.iter().map(line).collect()
}

fn odd() -> Reply {
    let mut reply = Reply::new(595, "text/plain", "odd").with("bad name", "x");
    reply.reason = Some("no such node 'x'".into());
    reply
}

/// Something that never happens.
struct Never(Sender<&'static str>);

impl Wait for Never {
    fn poll_reply(&mut self, _: &mut Context<'_>) -> Poll<Reply> {
        Poll::Pending
    }

    fn timed_out(&mut self) -> Reply {
        Reply::new(408, "text/plain", "nothing happened")
    }
}

impl Drop for Never {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[derive(Default)]
struct Queue {
    pieces: VecDeque<Piece>,
    waker: Option<Waker>,
}

/// The test's end of a stream.
pub struct Feed {
    queue: Arc<Mutex<Queue>>,
    /// Gets a message for each piece that was written.
    pub written: Receiver<()>,
    /// Closes when the server has dropped the source.
    pub gone: Receiver<()>,
}

impl Feed {
    /// Gives the stream pieces to write.
    pub fn push(&self, pieces: impl IntoIterator<Item = Piece>) {
        let mut queue = self.queue.lock().unwrap();
        queue.pieces.extend(pieces);
        if let Some(waker) = queue.waker.take() {
            waker.wake();
        }
    }

    /// Gives the stream one event.
    pub fn say(&self, text: &'static str) {
        self.push([Piece::Bytes(Bytes::from_static(text.as_bytes()))]);
    }

    /// Waits until the server has dropped the source.
    pub fn wait_until_gone(&self) {
        let fault = self.gone.recv_timeout(PATIENCE).unwrap_err();
        assert_eq!(fault, mpsc::RecvTimeoutError::Disconnected);
    }

    /// Waits until a piece was written.
    pub fn wait_until_written(&self) {
        self.written.recv_timeout(PATIENCE).unwrap();
    }
}

struct Source {
    queue: Arc<Mutex<Queue>>,
    written: Sender<()>,
    /// Never used: dropping it is the message.
    #[expect(dead_code)]
    gone: Sender<()>,
    keep_alive: Option<Duration>,
}

impl EventSource for Source {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        let mut queue = self.queue.lock().unwrap();
        match queue.pieces.pop_front() {
            Some(piece) => Poll::Ready(piece),
            None => {
                queue.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn written(&mut self) {
        let _ = self.written.send(());
    }

    fn keep_alive(&self) -> Option<(Duration, Bytes)> {
        let comment = Bytes::from_static(b": keep-alive\n");
        self.keep_alive.map(|after| (after, comment))
    }
}
