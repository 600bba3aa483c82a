//! The streams of an instance: who is connected, and sending an event to all of them.
//!
//! A broadcast puts the event into every queue under the list's lock, so all streams see the events in the
//! same order, and wakes the clients after it let go of the lock. It never waits: a full queue loses the
//! event and the loss is counted, as the product does it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::stream::{Event, Offer, Source, Stream};
use super::waiters::Waiters;
use super::{Broadcast, StreamStatus, Subscribe, locked};
use crate::http::EventSource;

/// What became of a broadcast, at the moment it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Streams that it was meant for.
    pub matched: usize,
    /// Streams in whose queue it stands.
    pub queued: usize,
    /// Streams whose queue was full, so that they never get it.
    pub dropped: usize,
}

/// The streams of an instance.
#[derive(Debug)]
pub(super) struct Streams {
    list: Mutex<List>,
    sent: AtomicU64,
    dropped: AtomicU64,
    waiters: Arc<Waiters>,
}

#[derive(Debug, Default)]
struct List {
    last: u64,
    streams: BTreeMap<u64, Arc<Stream>>,
}

impl Streams {
    pub(super) fn new(waiters: Arc<Waiters>) -> Self {
        Self {
            list: Mutex::default(),
            sent: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            waiters,
        }
    }

    /// Adds a stream; it is on the list when this returns.
    pub(super) fn subscribe(self: &Arc<Self>, subscribe: Subscribe) -> Box<dyn EventSource> {
        let stream = {
            let mut list = locked(&self.list);
            list.last += 1;
            let stream = Arc::new(Stream::new(list.last, &subscribe));
            list.streams.insert(stream.id, Arc::clone(&stream));
            stream
        };
        self.waiters.wake();
        Box::new(Source::new(Arc::clone(self), stream, subscribe))
    }

    /// Sends an event to the streams of a node, or to all.
    pub(super) fn broadcast(&self, broadcast: &Broadcast) -> Delivery {
        let event = Arc::new(Event {
            pieces: broadcast.pieces.as_slice().into(),
            id: broadcast.id.as_deref().map(Into::into),
        });
        let node = broadcast.node.as_deref();
        let mut delivery = Delivery::default();
        let mut wakers = Vec::new();
        {
            let list = locked(&self.list);
            let meant = |stream: &&Arc<Stream>| node.is_none_or(|node| *stream.node == *node);
            for stream in list.streams.values().filter(meant) {
                delivery.matched += 1;
                match stream.offer(&event) {
                    Offer::Queued(waker) => {
                        delivery.queued += 1;
                        wakers.extend(waker);
                    }
                    Offer::Dropped => delivery.dropped += 1,
                }
            }
        }
        let dropped = u64::try_from(delivery.dropped).unwrap_or(u64::MAX);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
        wakers.into_iter().for_each(Waker::wake);
        delivery
    }

    /// Ends one stream, or all; says how many.
    pub(super) fn close(&self, id: Option<u64>) -> usize {
        let chosen: Vec<_> = {
            let list = locked(&self.list);
            let meant = |stream: &&Arc<Stream>| id.is_none_or(|id| stream.id == id);
            list.streams.values().filter(meant).cloned().collect()
        };
        for stream in &chosen {
            if let Some(waker) = stream.close() {
                waker.wake();
            }
        }
        chosen.len()
    }

    /// The connected streams, in the order of connecting.
    pub(super) fn statuses(&self) -> Vec<StreamStatus> {
        let streams: Vec<_> = locked(&self.list).streams.values().cloned().collect();
        streams.iter().map(|stream| stream.status()).collect()
    }

    /// How many are connected.
    pub(super) fn count(&self) -> usize {
        locked(&self.list).streams.len()
    }

    /// Events written and events dropped, over all streams there ever were.
    pub(super) fn totals(&self) -> (u64, u64) {
        let read = |total: &AtomicU64| total.load(Ordering::Relaxed);
        (read(&self.sent), read(&self.dropped))
    }

    /// Notes that events were written.
    pub(super) fn delivered(&self, events: u64) {
        self.sent.fetch_add(events, Ordering::Relaxed);
        self.waiters.wake();
    }

    /// Takes a stream off the list.
    pub(super) fn remove(&self, id: u64) {
        let removed = locked(&self.list).streams.remove(&id);
        drop(removed);
        self.waiters.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use jiff::Timestamp;

    use super::*;
    use crate::http::Piece;
    use crate::record::waiters::testing::Bell;

    fn streams() -> Arc<Streams> {
        Arc::new(Streams::new(Arc::default()))
    }

    fn bytes(text: &'static str) -> Piece {
        Piece::Bytes(Bytes::from_static(text.as_bytes()))
    }

    fn subscribe(streams: &Arc<Streams>, node: &str) -> Box<dyn EventSource> {
        streams.subscribe(Subscribe {
            node: node.into(),
            peer: ([127, 0, 0, 1], 4711).into(),
            preamble: vec![bytes("hello")],
            buffer: 2,
            keep_alive: None,
            last_event_id: Some("evt-0".into()),
            at: Timestamp::UNIX_EPOCH,
        })
    }

    fn event(pieces: Vec<Piece>, node: Option<&str>) -> Broadcast {
        Broadcast {
            pieces,
            node: node.map(Into::into),
            id: Some("evt-1".into()),
        }
    }

    fn delivery(matched: usize, queued: usize, dropped: usize) -> Delivery {
        Delivery {
            matched,
            queued,
            dropped,
        }
    }

    #[test]
    fn a_stream_gets_its_greeting_then_events_piece_by_piece() {
        let streams = streams();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(bell.clone());
        let mut cx = Context::from_waker(&waker);
        let mut source = subscribe(&streams, "n-1");
        assert_eq!(source.poll_piece(&mut cx), Poll::Ready(bytes("hello")));
        source.written();
        assert_eq!(source.poll_piece(&mut cx), Poll::Pending);
        let sent = streams.broadcast(&event(vec![bytes("a"), bytes("b")], None));
        assert_eq!(sent, delivery(1, 1, 0));
        assert_eq!(bell.rings(), 1);
        assert_eq!(source.poll_piece(&mut cx), Poll::Ready(bytes("a")));
        source.written();
        assert_eq!(streams.statuses()[0].sent, 0);
        assert_eq!(source.poll_piece(&mut cx), Poll::Ready(bytes("b")));
        source.written();
        let status = &streams.statuses()[0];
        assert_eq!((status.sent, status.queued, status.dropped), (1, 0, 0));
        assert_eq!(status.last_event_id.as_deref(), Some("evt-0"));
        assert_eq!(status.last_sent_id.as_deref(), Some("evt-1"));
        assert_eq!(streams.totals(), (1, 0));
    }

    #[test]
    fn a_full_queue_loses_events_and_says_so() {
        let streams = streams();
        let source = subscribe(&streams, "n-1");
        for want in [delivery(1, 1, 0), delivery(1, 1, 0), delivery(1, 0, 1)] {
            assert_eq!(streams.broadcast(&event(vec![bytes("a")], None)), want);
        }
        let status = &streams.statuses()[0];
        assert_eq!((status.queued, status.dropped), (2, 1));
        assert_eq!(streams.totals(), (0, 1));
        drop(source);
        assert_eq!(streams.count(), 0);
        assert_eq!(
            streams.broadcast(&event(Vec::new(), None)),
            delivery(0, 0, 0)
        );
    }

    #[test]
    fn events_reach_only_the_streams_of_their_node() {
        let streams = streams();
        let _one = subscribe(&streams, "n-1");
        let _two = subscribe(&streams, "n-2");
        let sent = streams.broadcast(&event(vec![bytes("a")], Some("n-2")));
        assert_eq!(sent, delivery(1, 1, 0));
        let queued: Vec<_> = streams.statuses().iter().map(|one| one.queued).collect();
        assert_eq!(queued, [0, 1]);
    }

    #[test]
    fn closing_ends_a_stream_behind_what_is_queued() {
        let streams = streams();
        let mut cx = Context::from_waker(Waker::noop());
        let mut source = subscribe(&streams, "n-1");
        streams.broadcast(&event(vec![bytes("a"), Piece::Cut], None));
        assert_eq!((streams.close(Some(9)), streams.close(Some(1))), (0, 1));
        let sent = streams.broadcast(&event(vec![bytes("b")], None));
        assert_eq!(sent, delivery(1, 0, 1));
        for want in [bytes("hello"), bytes("a"), Piece::Cut] {
            assert_eq!(source.poll_piece(&mut cx), Poll::Ready(want));
            source.written();
        }
        assert_eq!(streams.statuses()[0].sent, 1);
        assert_eq!(source.poll_piece(&mut cx), Poll::Ready(Piece::End));
        assert_eq!(streams.close(None), 1);
    }

    #[test]
    fn ten_thousand_streams_are_reached_by_one_event() {
        let streams = streams();
        let mut sources: Vec<_> = (0..10_000).map(|_| subscribe(&streams, "n")).collect();
        let sent = streams.broadcast(&event(vec![bytes("a")], None));
        assert_eq!(sent, delivery(10_000, 10_000, 0));
        let mut cx = Context::from_waker(Waker::noop());
        for source in &mut sources {
            assert_eq!(source.poll_piece(&mut cx), Poll::Ready(bytes("hello")));
            assert_eq!(source.poll_piece(&mut cx), Poll::Ready(bytes("a")));
            source.written();
        }
        assert_eq!(streams.totals(), (10_000, 0));
        sources.clear();
        assert_eq!(streams.count(), 0);
    }
}
