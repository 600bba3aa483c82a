//! All ports together: accept, count, and come to an end in a bounded time.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::connection;
use super::listener::{AcceptFault, fitting_connections, judge};
use super::{Answerer, Limits, Port, Stop, Tls, Traffic};
use crate::http::{Dialect, ListenerRole};

/// What a client is told that came when too many were there already.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    connection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n";

/// How long tasks may take to notice that everything has ended.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// What all connections of a port share.
pub(super) struct Context {
    /// What the port is to the personality.
    pub(super) role: ListenerRole,
    /// How the product speaks HTTP on it.
    pub(super) dialect: Arc<Dialect>,
    /// What answers the requests.
    pub(super) answerer: Arc<dyn Answerer>,
    /// Makes TLS of a connection.
    pub(super) acceptor: TlsAcceptor,
    /// Hyper, set up for the dialect.
    pub(super) http1: http1::Builder,
    /// The same for HTTP/2.
    pub(super) http2: http2::Builder<TokioExecutor>,
    /// Bounds of the process.
    pub(super) limits: Limits,
    /// What is counted.
    pub(super) traffic: Arc<Traffic>,
    /// When to stop; `ended` also comes when the time for draining is over.
    pub(super) stop: Stop,
    census: Arc<Census>,
}

/// How many connections are open, and who waits for the last one to go.
struct Census {
    open: AtomicUsize,
    limit: usize,
    emptied: Notify,
    traffic: Arc<Traffic>,
}

/// A connection's place among those that may be open; dropping it frees the place.
pub(super) struct Seat(Arc<Census>);

/// Serves all ports until `stop` says otherwise. After its first stage nothing new is accepted, idle
/// connections and streams end at once, and requests in flight have `limits.drain` to finish; after its
/// second stage everything ends.
///
/// # Errors
/// When a port can never accept again; the others are drained then as if stopped.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn serve(
    ports: Vec<Port>,
    answerer: Arc<dyn Answerer>,
    tls: Tls,
    limits: Limits,
    traffic: Arc<Traffic>,
    stop: Stop,
) -> io::Result<()> {
    let (inner_handle, inner_stop) = Stop::manual();
    let census = Arc::new(Census {
        open: AtomicUsize::new(0),
        limit: fitting_connections(limits.connections),
        emptied: Notify::new(),
        traffic: Arc::clone(&traffic),
    });
    let mut accepting = JoinSet::new();
    for port in ports {
        let context = Context {
            role: port.role,
            acceptor: tls.acceptor(&port.dialect),
            http1: connection::http1_builder(&port.dialect),
            http2: connection::http2_builder(&port.dialect, &limits),
            dialect: port.dialect,
            answerer: Arc::clone(&answerer),
            limits: limits.clone(),
            traffic: Arc::clone(&traffic),
            stop: inner_stop.clone(),
            census: Arc::clone(&census),
        };
        accepting.spawn(accept(port.bound.into_tokio()?, Arc::new(context)));
    }
    let result = tokio::select! {
        biased;
        () = stop.clone().draining() => Ok(()),
        Some(broken) = accepting.join_next() => Err(broken.unwrap_or_else(io::Error::other)),
    };
    accepting.shutdown().await;
    inner_handle.drain();
    tokio::select! {
        () = census.emptied() => {}
        () = stop.ended() => {}
        () = tokio::time::sleep(limits.drain) => {
            warn!(open = census.open.load(Ordering::Relaxed), "not all requests finished in time");
        }
    }
    inner_handle.end();
    // What is still open after this is dropped with the runtime.
    let _ = tokio::time::timeout(LAST_MOMENT, census.emptied()).await;
    result
}

/// Accepts until the socket can do so no more, and tells why it cannot.
async fn accept(listener: TcpListener, context: Arc<Context>) -> io::Error {
    let mut warned: Option<Instant> = None;
    loop {
        let fault = match listener.accept().await {
            Ok((stream, peer)) => {
                admit(stream, peer, &context);
                continue;
            }
            Err(fault) => fault,
        };
        context
            .traffic
            .accept_errors
            .fetch_add(1, Ordering::Relaxed);
        match judge(&fault) {
            AcceptFault::Fatal => return fault,
            AcceptFault::Client => debug!(%fault, "a client left before it was accepted"),
            AcceptFault::Exhausted(pause) => {
                if warned.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
                    warned = Some(Instant::now());
                    warn!(%fault, "cannot accept connections");
                }
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Starts a connection's task, if there is a place for it.
fn admit(stream: TcpStream, peer: SocketAddr, context: &Arc<Context>) {
    let traffic = &context.traffic;
    traffic.accepted.fetch_add(1, Ordering::Relaxed);
    let Some(seat) = context.census.take_seat() else {
        traffic.refused_full.fetch_add(1, Ordering::Relaxed);
        debug!(%peer, "connection refused: too many are open");
        // A single attempt: whoever cannot take these few bytes at once learns it from the close.
        let _ = stream.into_std().and_then(|mut stream| stream.write(FULL));
        return;
    };
    // Events are written as they come, so waiting for more bytes to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    // A client of IPv4 shows its own address even where the socket is one of IPv6.
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    tokio::spawn(connection::serve(stream, peer, Arc::clone(context), seat));
}

impl Census {
    fn take_seat(self: &Arc<Self>) -> Option<Seat> {
        let taken = self.open.fetch_add(1, Ordering::Relaxed);
        self.traffic.open.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(Arc::clone(self));
        (taken < self.limit).then_some(seat)
    }

    async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.open.load(Ordering::Acquire) == 0 {
                return;
            }
            emptied.await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let census = &self.0;
        census.traffic.open.fetch_sub(1, Ordering::Relaxed);
        if census.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            census.emptied.notify_waiters();
        }
    }
}
