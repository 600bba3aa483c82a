//! One connection from its first byte to its last: TLS or not, HTTP/1.1 or HTTP/2.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing::debug;

use super::Limits;
use super::exchange::{Visit, answer};
use super::pulse::Pulse;
use super::serve::{Context, Seat};
use super::socket::{Opening, Socket, Wire};
use super::takeover::{Slot, launch};
use super::watchdog::{Verdict, Watchdog};
use crate::http::Dialect;

/// Hyper keeps this many fields on its stack; any other limit costs two allocations for each request.
const FIELDS_FOR_FREE: usize = 100;

/// What hyper reads and writes at once, at the most. Hyper would go up to 400 KB for each connection.
const BUFFER: usize = 64 * 1024;

/// Hyper set up for HTTP/1.1 of a dialect. It gets no timer: see [`Pulse`] for why.
pub(super) fn http1_builder(dialect: &Dialect) -> http1::Builder {
    let header_bytes = dialect.header_bytes.max(8192);
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(header_bytes)
        .max_buf_size(header_bytes.max(BUFFER));
    if dialect.header_fields != FIELDS_FOR_FREE {
        builder.max_headers(dialect.header_fields);
    }
    builder
}

/// Hyper set up for HTTP/2 of a dialect.
pub(super) fn http2_builder(dialect: &Dialect, limits: &Limits) -> http2::Builder<TokioExecutor> {
    let ping = Duration::from_secs(20);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams)
        .max_header_list_size(u32::try_from(dialect.header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(BUFFER)
        .keep_alive_interval(ping)
        .keep_alive_timeout(ping);
    builder
}

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, context: Arc<Context>, seat: Seat) {
    let pulse = Pulse::new();
    let wire = Wire::new(stream, &pulse);
    // Whoever has not said what it speaks when the server stops has nothing in flight.
    let opened = tokio::select! {
        opened = open(wire, peer, &context) => opened,
        () = context.stop.clone().draining() => None,
    };
    let Some((socket, opening)) = opened else {
        return;
    };
    let visit = Arc::new(Visit {
        secure: matches!(socket, Socket::Tls(_)),
        slot: Slot::default(),
        served: Default::default(),
        context,
        pulse,
        peer,
    });
    match opening {
        Opening::Http2 => serve_http2(socket, visit).await,
        Opening::Http1 | Opening::Tls => serve_http1(socket, visit, seat).await,
    }
}

/// Finds out what the client speaks, and does what TLS asks for before that. `None` when it never says so.
async fn open(wire: Wire, peer: SocketAddr, context: &Context) -> Option<(Socket, Opening)> {
    let mut introduced = pin!(introduce(wire, peer, context));
    match tokio::time::timeout(context.dialect.patience, introduced.as_mut()).await {
        Ok(introduced) => introduced,
        Err(_) => {
            // Counted while the socket is still open: whoever sees it close finds it counted.
            context.traffic.timeouts.fetch_add(1, Relaxed);
            debug!(%peer, "connection cut off: it did not say what it speaks");
            None
        }
    }
}

async fn introduce(
    mut wire: Wire,
    peer: SocketAddr,
    context: &Context,
) -> Option<(Socket, Opening)> {
    match wire.open().await.ok()? {
        Opening::Tls => {}
        Opening::Http2 if context.dialect.http2 => {
            return Some((Socket::Plain(wire), Opening::Http2));
        }
        Opening::Http1 | Opening::Http2 => return Some((Socket::Plain(wire), Opening::Http1)),
    }
    let mut accepted = Box::pin(context.acceptor.accept(wire));
    let mut handshake = Handshake {
        context,
        is_complete: false,
    };
    let stream = accepted
        .as_mut()
        .await
        .inspect_err(|fault| debug!(%peer, %fault, "TLS handshake failed"))
        .ok()?;
    handshake.is_complete = true;
    let opening = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Opening::Http2,
        _ => Opening::Http1,
    };
    Some((Socket::Tls(Box::new(stream)), opening))
}

/// Counts a handshake when it is over. It may also fail by running out of time, which drops its future.
struct Handshake<'a> {
    context: &'a Context,
    is_complete: bool,
}

impl Drop for Handshake<'_> {
    fn drop(&mut self) {
        let traffic = &self.context.traffic;
        let counter = match self.is_complete {
            true => &traffic.tls_handshakes,
            false => &traffic.tls_failures,
        };
        counter.fetch_add(1, Relaxed);
    }
}

/// How a connection came to its end inside hyper.
enum End {
    Done(hyper::Result<()>),
    /// A stream waits to leave hyper.
    TakeOver,
    Cut,
}

async fn serve_http1(socket: Socket, visit: Arc<Visit>, seat: Seat) {
    visit.pulse.expect_head();
    let shared = Arc::clone(&visit);
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let mut connection = visit
        .context
        .http1
        .serve_connection(TokioIo::new(socket), service);
    let mut watchdog = watchdog(&visit);
    let end = poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = Pin::new(&mut connection).poll(cx) {
                return Poll::Ready(End::Done(result));
            }
            // Hyper has been polled, so what it had to write is with the socket unless that is full.
            if visit.slot.is_filled() && visit.pulse.is_flushed() {
                return Poll::Ready(End::TakeOver);
            }
            match ready!(watchdog.poll(cx)) {
                Verdict::WindDown => Pin::new(&mut connection).graceful_shutdown(),
                Verdict::Cut => return Poll::Ready(End::Cut),
            }
        }
    })
    .await;
    drop(watchdog);
    match end {
        End::Cut => debug!(peer = %visit.peer, "connection cut off"),
        End::TakeOver => {
            let parts = connection.into_parts();
            launch(parts.io.into_inner(), parts.read_buf, &visit, seat);
        }
        End::Done(result) => {
            if note_end(&visit, &result) || visit.pulse.is_lingering() {
                linger(connection.into_parts().io.into_inner(), &visit.context).await;
            }
        }
    }
}

async fn serve_http2(socket: Socket, visit: Arc<Visit>) {
    visit.pulse.share();
    let shared = Arc::clone(&visit);
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let mut connection = pin!(
        visit
            .context
            .http2
            .serve_connection(TokioIo::new(socket), service)
    );
    let mut watchdog = watchdog(&visit);
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                note_end(&visit, &result);
                return Poll::Ready(());
            }
            match ready!(watchdog.poll(cx)) {
                Verdict::WindDown => connection.as_mut().graceful_shutdown(),
                Verdict::Cut => {
                    debug!(peer = %visit.peer, "connection cut off");
                    return Poll::Ready(());
                }
            }
        }
    })
    .await;
}

fn watchdog(visit: &Visit) -> Watchdog {
    let context = &visit.context;
    Watchdog::new(
        &visit.pulse,
        &context.dialect,
        &context.stop,
        &context.traffic,
    )
}

/// Notes how a connection ended, and tells whether the client sent something that is not HTTP.
fn note_end(visit: &Visit, result: &hyper::Result<()>) -> bool {
    let Err(fault) = result else {
        return false;
    };
    debug!(peer = %visit.peer, %fault, "connection broke off");
    if fault.is_parse() {
        visit.context.traffic.broken_requests.fetch_add(1, Relaxed);
    }
    fault.is_parse()
}

/// Reads and forgets what a refused client is still sending, for a while. If the socket were closed with
/// bytes unread, the kernel would answer them with a reset, and the client would lose the refusal that is
/// on its way.
async fn linger(socket: Socket, context: &Context) {
    const LONGEST: Duration = Duration::from_secs(2);
    const MOST: usize = 32 << 20;
    let discard = async {
        let mut wire = socket.into_wire();
        let mut unread = Box::new([0_u8; 8192]);
        let mut total = 0;
        wire.shutdown().await?;
        while total < MOST {
            match wire.read(&mut *unread).await? {
                0 => break,
                length => total += length,
            }
        }
        std::io::Result::Ok(())
    };
    tokio::select! {
        _ = tokio::time::timeout(LONGEST, discard) => {}
        () = context.stop.clone().ended() => {}
    }
}
