//! One connected stream: its queue, its numbers, and the source that `net` reads it from.
//!
//! Ten thousand of these stand idle at once and a promise of the product is what each may cost, so a queue
//! has no memory of its own while it is empty, and everything else is kept once.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::events::Streams;
use super::{Subscribe, locked};
use crate::http::{EventSource, Piece};

/// An event as it goes out, shared by all streams that it goes to.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) pieces: Box<[Piece]>,
    pub(super) id: Option<Arc<str>>,
}

/// One connected stream, as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStatus {
    /// Its number, in the order of connecting, from 1.
    pub id: u64,
    /// The node whose stream it is.
    pub node: String,
    /// Where the client is.
    pub peer: SocketAddr,
    /// When it connected.
    pub since: Timestamp,
    /// Events written to it, without what it was greeted with.
    pub sent: u64,
    /// Events that it missed because its queue was full.
    pub dropped: u64,
    /// Events that wait in its queue.
    pub queued: usize,
    /// What the client gave as `Last-Event-ID`.
    pub last_event_id: Option<String>,
    /// The id of the last event that was written to it.
    pub last_sent_id: Option<String>,
}

/// One connected stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: u64,
    pub(super) node: Box<str>,
    peer: SocketAddr,
    since: Timestamp,
    last_event_id: Option<Box<str>>,
    buffer: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<Event>>,
    waker: Option<Waker>,
    sent: u64,
    dropped: u64,
    last_sent_id: Option<Arc<str>>,
    closed: bool,
}

/// What became of an event that was offered to a stream.
pub(super) enum Offer {
    Queued(Option<Waker>),
    Dropped,
}

enum Next {
    Event(Arc<Event>),
    End,
    Nothing,
}

impl Stream {
    pub(super) fn new(id: u64, subscribe: &Subscribe) -> Self {
        Self {
            id,
            node: subscribe.node.as_str().into(),
            peer: subscribe.peer,
            since: subscribe.at,
            last_event_id: subscribe.last_event_id.as_deref().map(Into::into),
            buffer: subscribe.buffer.max(1),
            state: Mutex::default(),
        }
    }

    /// Puts an event into the queue, if there is room.
    pub(super) fn offer(&self, event: &Arc<Event>) -> Offer {
        let mut state = locked(&self.state);
        if state.queue.len() >= self.buffer || state.closed {
            state.dropped += 1;
            return Offer::Dropped;
        }
        state.queue.push_back(Arc::clone(event));
        Offer::Queued(state.waker.take())
    }

    /// Ends the stream behind what is queued.
    pub(super) fn close(&self) -> Option<Waker> {
        let mut state = locked(&self.state);
        state.closed = true;
        state.waker.take()
    }

    pub(super) fn status(&self) -> StreamStatus {
        let state = locked(&self.state);
        StreamStatus {
            id: self.id,
            node: self.node.to_string(),
            peer: self.peer,
            since: self.since,
            sent: state.sent,
            dropped: state.dropped,
            queued: state.queue.len(),
            last_event_id: self.last_event_id.as_deref().map(str::to_owned),
            last_sent_id: state.last_sent_id.as_deref().map(str::to_owned),
        }
    }

    fn next(&self, waker: &Waker) -> Next {
        let mut state = locked(&self.state);
        if let Some(event) = state.queue.pop_front() {
            if state.queue.is_empty() {
                state.queue = VecDeque::new();
            }
            return Next::Event(event);
        }
        if state.closed {
            return Next::End;
        }
        let replaced = state.waker.replace(waker.clone());
        // A waker is foreign code, so it is not dropped under the lock.
        drop(state);
        drop(replaced);
        Next::Nothing
    }

    fn count_sent(&self, events: u64, last_id: Option<Arc<str>>) {
        let mut state = locked(&self.state);
        state.sent += events;
        if last_id.is_some() {
            state.last_sent_id = last_id;
        }
    }
}

/// The end of a stream that `net` holds. Dropping it takes the stream off the list.
pub(super) struct Source {
    streams: Arc<Streams>,
    stream: Arc<Stream>,
    current: Option<Current>,
    keep_alive: Option<(Duration, Bytes)>,
    /// Events whose last piece was handed out but not yet reported as written.
    unreported: u32,
    unreported_id: Option<Arc<str>>,
}

/// The event that is being written.
struct Current {
    event: Arc<Event>,
    next: usize,
    /// False for the greeting, which is no event of the list's numbers.
    counts: bool,
}

impl Source {
    pub(super) fn new(streams: Arc<Streams>, stream: Arc<Stream>, subscribe: Subscribe) -> Self {
        let greeting = Event {
            pieces: subscribe.preamble.into(),
            id: None,
        };
        Self {
            streams,
            stream,
            current: Some(Current {
                event: Arc::new(greeting),
                next: 0,
                counts: false,
            }),
            keep_alive: subscribe.keep_alive,
            unreported: 0,
            unreported_id: None,
        }
    }

    /// The next piece of the event that is being written.
    fn piece(&mut self) -> Option<Piece> {
        let current = self.current.as_mut()?;
        let piece = current.event.pieces.get(current.next).cloned();
        current.next += 1;
        if current.next < current.event.pieces.len() {
            return piece;
        }
        let done = self.current.take()?;
        if done.counts {
            self.unreported += 1;
            self.unreported_id.clone_from(&done.event.id);
        }
        if !matches!(piece, Some(Piece::Bytes(_))) {
            // After an end, a cut or nothing at all no bytes are written that could be reported.
            self.report();
        }
        piece
    }

    fn report(&mut self) {
        let events = u64::from(std::mem::take(&mut self.unreported));
        if events > 0 {
            self.stream.count_sent(events, self.unreported_id.take());
            self.streams.delivered(events);
        }
    }
}

impl EventSource for Source {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        loop {
            if let Some(piece) = self.piece() {
                return Poll::Ready(piece);
            }
            match self.stream.next(cx.waker()) {
                Next::Event(event) => {
                    self.current = Some(Current {
                        event,
                        next: 0,
                        counts: true,
                    });
                }
                Next::End => return Poll::Ready(Piece::End),
                Next::Nothing => return Poll::Pending,
            }
        }
    }

    fn written(&mut self) {
        self.report();
    }

    fn keep_alive(&self) -> Option<(Duration, Bytes)> {
        self.keep_alive.clone()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.streams.remove(self.stream.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_stream_is_small() {
        // With the list's node and the name of the node this stays below 500 bytes.
        assert!(size_of::<Stream>() <= 256, "{}", size_of::<Stream>());
        assert!(size_of::<Source>() <= 144, "{}", size_of::<Source>());
    }
}
