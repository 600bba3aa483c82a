//! Bodies as hyper wants them: whole ones, and event streams that stay in hyper (HTTP/2).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::Stop;
use super::pulse::InFlight;
use crate::http::{EventSource, Piece};

/// The body of a response.
pub(super) enum OutBody {
    /// All of it, until it was taken.
    Whole(Bytes),
    /// Events as they come.
    Events(Box<Events>),
}

/// An event stream inside hyper.
pub(super) struct Events {
    source: Box<dyn EventSource>,
    /// Whether the last piece of the source has gone to hyper and the source was not told yet.
    untold: bool,
    /// Fires when the stream was silent for long enough; `None` when the source wants no keep-alive.
    quiet: Option<Pin<Box<Sleep>>>,
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Keeps the connection from looking idle.
    _in_flight: InFlight,
}

impl OutBody {
    /// A body at hand.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }

    /// A stream, ended when the server stops.
    pub(super) fn events(source: Box<dyn EventSource>, stop: Stop, in_flight: InFlight) -> Self {
        let quiet = source
            .keep_alive()
            .map(|(after, _)| Box::pin(tokio::time::sleep(after)));
        Self::Events(Box::new(Events {
            source,
            untold: false,
            quiet,
            stop: Box::pin(stop.draining()),
            _in_flight: in_flight,
        }))
    }

    /// How many bytes it has; unknown for streams.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Whole(bytes) => Some(bytes.len()),
            Self::Events(_) => None,
        }
    }
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Events(events) => events.poll_piece(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

impl Events {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // Hyper asks for the next piece once it has passed on the one before.
        if std::mem::take(&mut self.untold) {
            self.source.written();
        }
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        match self.source.poll_piece(cx) {
            Poll::Ready(Piece::Bytes(bytes)) => {
                self.untold = true;
                self.restart_silence();
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Piece::End) => Poll::Ready(None),
            Poll::Ready(Piece::Cut) => {
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            Poll::Pending => self.poll_silence(cx),
        }
    }

    /// Breaks the silence with what the source wants to be written then.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(quiet) = &mut self.quiet else {
            return Poll::Pending;
        };
        if quiet.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let Some((_, comment)) = self.source.keep_alive() else {
            self.quiet = None;
            return Poll::Pending;
        };
        self.restart_silence();
        Poll::Ready(Some(Ok(Frame::data(comment))))
    }

    fn restart_silence(&mut self) {
        if let (Some(quiet), Some((after, _))) = (&mut self.quiet, self.source.keep_alive()) {
            quiet.as_mut().reset(Instant::now() + after);
        }
    }
}
