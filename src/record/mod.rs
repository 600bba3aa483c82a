//! What happened: the one thing that all connections of an instance share.
//!
//! Counters, captures and the journal stand behind one lock, so every reader sees one state: an exchange is
//! in all of them or in none. The streams have a lock of their own, because an event for ten thousand
//! clients must not hold up requests. Who waits for something to happen leaves a waker in [`Waiters`].
//! Nothing here is asynchronous.

pub mod captures;
pub mod counters;
pub mod events;
pub mod exchange;
pub mod journal;
pub mod metrics;
pub mod reading;
pub mod recorder;
pub mod stream;
pub mod waiters;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

pub use counters::{Counters, NodeCount, OperationCount, Sparse};
pub use events::Delivery;
pub use exchange::{Exchange, Tally};
pub use journal::JournalSize;
pub use metrics::Exposition;
pub use reading::{Reading, TokenFault};
pub use recorder::Recorder;
pub use stream::StreamStatus;
pub use waiters::{Ticket, Waiters};

use crate::http::Piece;

/// The names behind the numbers of a [`Tally`].
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// The operations of the contract.
    pub operations: Vec<OperationLabel>,
    /// The product's own counters, in the order the product lists them.
    pub counters: Vec<String>,
    /// The names under which last bodies are kept.
    pub captures: Vec<String>,
}

/// What the record has to know of an operation.
#[derive(Debug, Clone)]
pub struct OperationLabel {
    /// Its id in the contract.
    pub name: String,
    /// Its method.
    pub method: String,
    /// Its path template.
    pub template: String,
    /// The statuses that its contract declares: their series exist from the first scrape.
    pub statuses: Vec<u16>,
}

/// An event on its way to the streams.
#[derive(Debug, Clone)]
pub struct Broadcast {
    /// What each stream writes, piece by piece.
    pub pieces: Vec<Piece>,
    /// Only to streams of this node; `None`: to all.
    pub node: Option<String>,
    /// The event's own id, for the list of streams to show as the last one sent.
    pub id: Option<String>,
}

/// What a new stream is.
#[derive(Debug)]
pub struct Subscribe {
    /// The node whose stream it is.
    pub node: String,
    /// Where the client is.
    pub peer: std::net::SocketAddr,
    /// What it is sent first.
    pub preamble: Vec<Piece>,
    /// How many events wait for a slow client; more are dropped for it.
    pub buffer: usize,
    /// What is written after so long a silence.
    pub keep_alive: Option<(Duration, Bytes)>,
    /// What the client gave as `Last-Event-ID`.
    pub last_event_id: Option<String>,
    /// When it connected.
    pub at: Timestamp,
}

/// Takes a lock of the record. Everything behind these locks is whole between any two statements that could
/// panic, so a panic elsewhere in a holder leaves nothing half written.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
