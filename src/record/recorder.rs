//! The handle to the record: one `record(exchange)` for those who make history, and questions for those
//! who read it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::captures::Captures;
use super::counters::Counters;
use super::events::Streams;
use super::journal::Journal;
use super::{
    Broadcast, Delivery, Exchange, JournalSize, Labels, Reading, StreamStatus, Subscribe, Waiters,
    locked,
};
use crate::http::EventSource;

/// The record of one instance.
#[derive(Debug)]
pub struct Recorder {
    labels: Labels,
    state: Mutex<State>,
    streams: Arc<Streams>,
    injected: AtomicU64,
    waiters: Arc<Waiters>,
}

/// What stands behind the one lock.
#[derive(Debug)]
struct State {
    epoch: u64,
    sequence: u64,
    counters: Counters,
    captures: Captures,
    journal: Journal,
}

impl Recorder {
    /// An empty record whose journal keeps `journal_limit` exchanges; 0 switches the journal off.
    pub fn new(labels: Labels, journal_limit: usize) -> Self {
        let waiters = Arc::<Waiters>::default();
        Self {
            state: Mutex::new(State {
                epoch: 0,
                sequence: 0,
                counters: Counters::new(&labels),
                captures: Captures::new(labels.captures.len()),
                journal: Journal::new(journal_limit),
            }),
            streams: Arc::new(Streams::new(Arc::clone(&waiters))),
            injected: AtomicU64::new(0),
            labels,
            waiters,
        }
    }

    /// Takes an exchange into counters, captures and journal and gives it its sequence number.
    pub fn record(&self, mut exchange: Exchange) -> u64 {
        let mut state = locked(&self.state);
        state.sequence += 1;
        let sequence = state.sequence;
        exchange.sequence = sequence;
        state.counters.take(&exchange.tally, exchange.status);
        let replaced = exchange.tally.capture.and_then(|name| {
            let body = exchange.request.body.clone();
            state.captures.keep(name, body)
        });
        let evicted = state.journal.push(exchange);
        // What left is freed after the lock is.
        drop(state);
        drop((replaced, evicted));
        self.waiters.wake();
        sequence
    }

    /// The names behind the numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Where those stand who wait for something to happen here.
    pub fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// The same for somebody who wakes them after this is gone from sight.
    pub fn shared_waiters(&self) -> Arc<Waiters> {
        Arc::clone(&self.waiters)
    }
}

/// Counters and captures.
impl Recorder {
    /// The values of the product's own counters, in their order.
    pub fn counters(&self) -> Vec<u64> {
        locked(&self.state).counters.named.clone()
    }

    /// Everything that is counted, as it stands now.
    pub fn counts(&self) -> Counters {
        locked(&self.state).counters.clone()
    }

    /// Everything that is counted, with the reading of the same moment.
    pub fn counts_and_reading(&self) -> (Counters, Reading) {
        let state = locked(&self.state);
        (state.counters.clone(), state.reading())
    }

    /// What the counters show that tests wait for.
    pub fn reading(&self) -> Reading {
        locked(&self.state).reading()
    }

    /// The same as text, for a test to hand back.
    pub fn token(&self) -> String {
        self.reading().token()
    }

    /// The last body under a capture name.
    pub fn capture(&self, capture: u16) -> Option<Bytes> {
        locked(&self.state).captures.last(capture)
    }

    /// Sets all counters to zero; tokens given out before are void.
    pub fn reset_counters(&self) {
        locked(&self.state).zero();
        self.waiters.wake();
    }

    /// Forgets the last bodies.
    pub fn clear_captures(&self) {
        locked(&self.state).captures.clear();
    }

    /// Counters, captures and journal as at the start, in one step. Sequence numbers go on.
    pub fn reset(&self) {
        let removed = {
            let mut state = locked(&self.state);
            state.zero();
            state.captures.clear();
            state.journal.clear()
        };
        drop(removed);
        self.waiters.wake();
    }
}

/// The journal.
impl Recorder {
    /// The exchanges in the journal after a sequence number (0: all of them), oldest first.
    pub fn exchanges_after(&self, sequence: u64) -> Vec<Arc<Exchange>> {
        locked(&self.state).journal.after(sequence)
    }

    /// The exchange with a sequence number, if the journal still has it.
    pub fn exchange(&self, sequence: u64) -> Option<Arc<Exchange>> {
        locked(&self.state).journal.one(sequence)
    }

    /// The counters of one moment with the exchanges that the journal then had after a sequence number.
    pub fn glance(&self, after: u64) -> (Reading, Vec<Arc<Exchange>>) {
        let state = locked(&self.state);
        (state.reading(), state.journal.after(after))
    }

    /// Takes exchanges out of the journal, by sequence numbers in rising order.
    pub fn remove_exchanges(&self, sequences: &[u64]) -> Vec<Arc<Exchange>> {
        locked(&self.state).journal.remove(sequences)
    }

    /// Empties the journal; counters and captures stay.
    pub fn clear_journal(&self) {
        let removed = locked(&self.state).journal.clear();
        drop(removed);
    }

    /// How full the journal is.
    pub fn journal_size(&self) -> JournalSize {
        locked(&self.state).journal.size()
    }
}

/// Event streams.
impl Recorder {
    /// Adds a stream; it is on the list, and gets every broadcast, from when this returns.
    pub fn subscribe(&self, subscribe: Subscribe) -> Box<dyn EventSource> {
        self.streams.subscribe(subscribe)
    }

    /// Sends an event to the streams, without waiting for any of them.
    pub fn broadcast(&self, broadcast: &Broadcast) -> Delivery {
        self.streams.broadcast(broadcast)
    }

    /// The same for an event that a test made, which is counted as such.
    pub fn inject(&self, broadcast: &Broadcast) -> Delivery {
        self.injected.fetch_add(1, Ordering::Relaxed);
        self.broadcast(broadcast)
    }

    /// The connected streams, in the order of connecting.
    pub fn streams(&self) -> Vec<StreamStatus> {
        self.streams.statuses()
    }

    /// How many streams are connected.
    pub fn stream_count(&self) -> usize {
        self.streams.count()
    }

    /// Events written to streams and events dropped for them, since the start.
    pub fn stream_totals(&self) -> (u64, u64) {
        self.streams.totals()
    }

    /// Events that tests made, since the start.
    pub fn injected(&self) -> u64 {
        self.injected.load(Ordering::Relaxed)
    }

    /// Ends a stream behind what is queued for it; false when there is none of this number.
    pub fn close_stream(&self, id: u64) -> bool {
        self.streams.close(Some(id)) > 0
    }

    /// Ends all streams and says how many there were.
    pub fn close_streams(&self) -> usize {
        self.streams.close(None)
    }
}

impl State {
    fn reading(&self) -> Reading {
        let operations = self.counters.operations.iter();
        Reading {
            epoch: self.epoch,
            sequence: self.sequence,
            counters: self.counters.named.clone(),
            operations: operations.map(|operation| operation.total).collect(),
        }
    }

    fn zero(&mut self) {
        self.counters.zero();
        self.epoch += 1;
    }
}

#[cfg(test)]
mod tests;
