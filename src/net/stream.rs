//! One event stream on its own socket: small, because ten thousand of them wait at once.
//!
//! Polled by hand rather than written with `async`, so that what it keeps while it waits can be counted:
//! the socket, the source, one timer, and the piece that is being written.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tracing::debug;

use super::outgoing::{Framing, Kind, Outgoing};
use super::serve::Seat;
use super::socket::Socket;
use super::{Stop, Traffic};
use crate::http::{EventSource, Piece};

/// A stream and its socket.
pub(super) struct EventStream {
    socket: Socket,
    source: Box<dyn EventSource>,
    framing: Framing,
    /// What is being written, if anything is.
    outgoing: Option<Outgoing>,
    /// When bytes last went out.
    moved: Instant,
    /// How long the client may leave bytes unread.
    stall: Duration,
}

/// How a stream came to its end.
#[derive(Debug)]
enum Ending {
    /// In good order.
    Complete,
    /// The source broke it off.
    Cut,
    /// The client closed, or its connection failed.
    ClientGone,
    /// The client did not read.
    Stalled,
}

impl EventStream {
    /// A stream that begins with `head`.
    pub(super) fn new(
        socket: Socket,
        source: Box<dyn EventSource>,
        head: Vec<u8>,
        framing: Framing,
        stall: Duration,
    ) -> Self {
        Self {
            socket,
            source,
            framing,
            outgoing: Some(Outgoing::raw(Bytes::from(head), Kind::Ours)),
            moved: Instant::now(),
            stall,
        }
    }

    /// Runs the stream to its end.
    pub(super) async fn run(mut self, stop: Stop, traffic: Arc<Traffic>, seat: Seat) {
        traffic.streams.fetch_add(1, Relaxed);
        let ending = {
            let mut stop = pin!(stop.draining());
            let mut timer = pin!(tokio::time::sleep_until(self.due()));
            poll_fn(|cx| self.poll(cx, stop.as_mut(), timer.as_mut())).await
        };
        debug!(?ending, "stream ended");
        if matches!(ending, Ending::Stalled) {
            traffic.timeouts.fetch_add(1, Relaxed);
        }
        traffic.streams.fetch_sub(1, Relaxed);
        drop(seat);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stop: Pin<&mut impl Future<Output = ()>>,
        mut timer: Pin<&mut Sleep>,
    ) -> Poll<Ending> {
        if self.poll_client_gone(cx).is_ready() {
            return Poll::Ready(Ending::ClientGone);
        }
        if stop.poll(cx).is_ready() {
            return Poll::Ready(self.end_now(cx));
        }
        loop {
            if let Poll::Ready(ending) = self.poll_pieces(cx) {
                return Poll::Ready(ending);
            }
            // The timer may stand earlier than what is due, never later.
            let due = self.due();
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            ready!(timer.as_mut().poll(cx));
            if due > Instant::now() {
                timer.as_mut().reset(due);
                continue;
            }
            if self.outgoing.is_some() {
                return Poll::Ready(Ending::Stalled);
            }
            self.moved = Instant::now();
            if let Some((_, comment)) = self.source.keep_alive() {
                self.outgoing = Outgoing::framed(self.framing, comment, Kind::Ours);
            }
        }
    }

    /// Writes what there is to write, until there is nothing more or the client has to read first.
    fn poll_pieces(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            if self.outgoing.is_some() {
                match ready!(self.poll_outgoing(cx)) {
                    Ok(Kind::Ours) => {}
                    Ok(Kind::Piece) => self.source.written(),
                    Ok(Kind::End) => {
                        let _ = Pin::new(&mut self.socket).poll_shutdown(cx);
                        return Poll::Ready(Ending::Complete);
                    }
                    Err(_) => return Poll::Ready(Ending::ClientGone),
                }
            }
            match ready!(self.source.poll_piece(cx)) {
                // An empty chunk would be the end of the stream.
                Piece::Bytes(bytes) if bytes.is_empty() => self.source.written(),
                Piece::Bytes(bytes) => {
                    self.outgoing = Outgoing::framed(self.framing, bytes, Kind::Piece)
                }
                Piece::End => self.outgoing = Some(Outgoing::last(self.framing)),
                Piece::Cut => return Poll::Ready(Ending::Cut),
            }
        }
    }

    /// Writes and flushes what is outgoing, and tells what it was.
    fn poll_outgoing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Kind>> {
        let Some(outgoing) = &mut self.outgoing else {
            return Poll::Ready(Ok(Kind::Ours));
        };
        while outgoing.written < outgoing.length() {
            let mut storage = [IoSlice::new(&[]); 3];
            let slices = outgoing.rest(&mut storage);
            let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            outgoing.written += written;
            self.moved = Instant::now();
        }
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        let kind = outgoing.kind;
        self.moved = Instant::now();
        self.outgoing = None;
        Poll::Ready(Ok(kind))
    }

    /// Ready once the client has closed. Whatever else it says is of no interest any more.
    fn poll_client_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut storage = [0; 256];
            let mut unread = ReadBuf::new(&mut storage);
            match ready!(Pin::new(&mut self.socket).poll_read(cx, &mut unread)) {
                Ok(()) if unread.filled().is_empty() => return Poll::Ready(()),
                Ok(()) => {}
                Err(_) => return Poll::Ready(()),
            }
        }
    }

    /// Ends the stream at once: in good order, unless the client does not read.
    fn end_now(&mut self, cx: &mut Context<'_>) -> Ending {
        if self.outgoing.is_none() || self.poll_outgoing(cx).is_ready() {
            self.outgoing = Some(Outgoing::last(self.framing));
            if let Poll::Ready(Ok(_)) = self.poll_outgoing(cx) {
                let _ = Pin::new(&mut self.socket).poll_shutdown(cx);
                return Ending::Complete;
            }
        }
        Ending::Cut
    }

    /// When something is to be done although nothing happens: the client has not read for too long, or it
    /// has heard nothing for long enough.
    fn due(&self) -> Instant {
        if self.outgoing.is_some() {
            return self.moved + self.stall;
        }
        // A keep-alive without a pause would be a loop.
        let shortest = Duration::from_millis(1);
        let silence = self
            .source
            .keep_alive()
            .map(|(after, _)| after.max(shortest));
        self.moved + silence.unwrap_or(Duration::from_secs(3600))
    }
}
