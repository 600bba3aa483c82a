//! The bytes of one connection: what was read ahead is given back first, TLS or not is hidden, and the
//! connection's pulse is kept.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::pulse::Pulse;

/// The first byte of every TLS connection: the type of a handshake record (RFC 8446, 5.1).
const HANDSHAKE: u8 = 0x16;
/// How a client begins that speaks HTTP/2 without having asked (RFC 9113, 3.4). No method of HTTP/1.1 that
/// is known begins like this.
const PREFACE: &[u8] = b"PRI";

/// What the first bytes of a client say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// It begins a TLS handshake.
    Tls,
    /// It speaks HTTP/2 without TLS.
    Http2,
    /// Anything else is left to HTTP/1.1 to judge.
    Http1,
}

/// A TCP connection, some first bytes of which were looked at.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    ahead: [u8; 24],
    ahead_start: u8,
    ahead_end: u8,
    /// Told what happens; `None` once nobody asks any more.
    pulse: Option<Arc<Pulse>>,
}

impl Wire {
    /// A connection of which nothing was read.
    pub(super) fn new(stream: TcpStream, pulse: &Arc<Pulse>) -> Self {
        Self {
            stream,
            ahead: [0; 24],
            ahead_start: 0,
            ahead_end: 0,
            pulse: Some(Arc::clone(pulse)),
        }
    }

    /// Reads as many bytes as it takes to know what the client speaks. They are given back by the next read.
    ///
    /// # Errors
    /// The socket's, and `UnexpectedEof` when the client closes without a word.
    pub(super) async fn open(&mut self) -> io::Result<Opening> {
        loop {
            let seen = &self.ahead[..usize::from(self.ahead_end)];
            if let Some(opening) = judge(seen) {
                return Ok(opening);
            }
            let room = &mut self.ahead[usize::from(self.ahead_end)..];
            match self.stream.read(room).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => self.ahead_end += u8::try_from(more).unwrap_or(0),
            }
        }
    }

    /// Stops telling what happens, and forgets whom it told.
    pub(super) fn forget_pulse(&mut self) {
        self.pulse = None;
    }

    /// Gives back what was read ahead, as much as there is room for.
    fn replay(&mut self, buffer: &mut ReadBuf<'_>) {
        let ahead = &self.ahead[usize::from(self.ahead_start)..usize::from(self.ahead_end)];
        let length = ahead.len().min(buffer.remaining());
        buffer.put_slice(&ahead[..length]);
        self.ahead_start += u8::try_from(length).unwrap_or(0);
    }

    fn note_write(&self, result: &Poll<io::Result<usize>>) {
        match (&self.pulse, result) {
            (Some(pulse), Poll::Ready(Ok(bytes))) => pulse.wrote(*bytes),
            (Some(pulse), Poll::Pending) => pulse.blocked(),
            _ => {}
        }
    }
}

/// What the bytes seen so far say, if they say enough.
fn judge(seen: &[u8]) -> Option<Opening> {
    let first = *seen.first()?;
    if first == HANDSHAKE {
        Some(Opening::Tls)
    } else if seen.starts_with(PREFACE) {
        Some(Opening::Http2)
    } else if PREFACE.starts_with(seen) {
        None
    } else {
        Some(Opening::Http1)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if this.ahead_start < this.ahead_end {
            this.replay(buffer);
        }
        let result = if buffer.remaining() == 0 {
            Poll::Ready(Ok(()))
        } else {
            Pin::new(&mut this.stream).poll_read(cx, buffer)
        };
        if buffer.filled().len() == before {
            return result;
        }
        if let Some(pulse) = &this.pulse {
            pulse.heard();
        }
        // Bytes that were read ahead are news even if no more of them have come; an error comes again.
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.note_write(&result);
        result
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.note_write(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// One connection as HTTP sees it.
#[derive(Debug)]
pub(super) enum Socket {
    /// Without TLS.
    Plain(Wire),
    /// With TLS; boxed, as its state is a kilobyte that plain connections need not carry.
    Tls(Box<TlsStream<Wire>>),
}

impl Socket {
    /// The connection below TLS.
    pub(super) fn wire_mut(&mut self) -> &mut Wire {
        match self {
            Self::Plain(wire) => wire,
            Self::Tls(stream) => stream.get_mut().0,
        }
    }

    /// The connection below TLS, and the end of TLS.
    pub(super) fn into_wire(self) -> Wire {
        match self {
            Self::Plain(wire) => wire,
            Self::Tls(stream) => stream.into_inner().0,
        }
    }

    fn pulse(&self) -> Option<&Pulse> {
        match self {
            Self::Plain(wire) => wire.pulse.as_deref(),
            Self::Tls(stream) => stream.get_ref().0.pulse.as_deref(),
        }
    }

    fn note_unflushed(&self) {
        if let Some(pulse) = self.pulse() {
            pulse.set_unflushed();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.note_unflushed();
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.note_unflushed();
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = match this {
            Self::Plain(wire) => Pin::new(wire).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        };
        if let (Poll::Ready(Ok(())), Some(pulse)) = (&result, this.pulse()) {
            pulse.set_flushed();
        }
        result
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let check = |seen: &[u8], want: Option<Opening>| assert_eq!(judge(seen), want, "{seen:?}");
        check(b"", None);
        check(b"\x16", Some(Opening::Tls));
        check(b"\x16\x03\x01", Some(Opening::Tls));
        check(b"P", None);
        check(b"PR", None);
        check(b"PRI", Some(Opening::Http2));
        check(b"PRI * HTTP/2.0", Some(Opening::Http2));
        check(b"PRO", Some(Opening::Http1));
        check(b"PUT", Some(Opening::Http1));
        check(b"GET /", Some(Opening::Http1));
        check(b"\r", Some(Opening::Http1));
        check(b"\x80", Some(Opening::Http1));
    }
}
