//! The network: the only folder with async, tokio, hyper and rustls.
//!
//! What enters is a list of bound ports and one [`Answerer`]; what leaves towards it are whole
//! [`Request`]s, and an [`Outcome`] comes back. Nothing above this folder sees a socket, and nothing in it
//! knows a product: how a product speaks HTTP is told by its [`Dialect`].
//!
//! | File | Part of the way |
//! |---|---|
//! | `listener` | bind, accept, tell passing accept errors from fatal ones |
//! | `serve` | all ports together, the count of open connections, the end |
//! | `connection` | TLS or plain, HTTP/1.1 or HTTP/2, by the first bytes |
//! | `tls` | certificates |
//! | `socket`, `pulse`, `watchdog` | the bytes of one connection, and when to lose patience with it |
//! | `exchange`, `intake`, `outlet` | one request in, one reply out |
//! | `stream`, `outgoing`, `takeover`, `stream_body` | event streams, outside hyper where that is possible |
//! | `drain` | signals, and the two stages of stopping |

pub mod drain;
pub mod listener;
pub mod probe;
pub mod tls;

mod connection;
mod exchange;
mod intake;
mod outgoing;
mod outlet;
mod pulse;
mod serve;
mod socket;
mod stream;
mod stream_body;
mod takeover;
mod upgrade;
mod watchdog;

pub use drain::{Stop, StopHandle};
pub use listener::{Bound, bind, raise_file_limit};
pub use serve::serve;
pub use tls::{CertificateProfile, Tls, TlsError};

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::http::{Dialect, ListenerRole, Outcome, Request};

/// What answers the requests.
pub trait Answerer: Send + Sync + 'static {
    /// Answers one request. Called on a worker of the runtime, so it has to return within microseconds;
    /// what takes longer is an [`Outcome::Wait`].
    fn answer(&self, request: Request) -> Outcome;
}

/// One port that is to be served.
#[derive(Debug)]
pub struct Port {
    /// The listening socket.
    pub bound: Bound,
    /// What the port is to the personality.
    pub role: ListenerRole,
    /// How the product speaks HTTP on it.
    pub dialect: Arc<Dialect>,
}

/// Bounds that belong to the process rather than to a product.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most open connections over all ports; lowered to what the limit of open files allows.
    pub connections: usize,
    /// How long requests in flight may take to finish after the first stop signal.
    pub drain: Duration,
    /// How long a stream's client may leave bytes unread before it is cut off.
    pub stream_stall: Duration,
    /// The most requests at once on one HTTP/2 connection.
    pub http2_streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            drain: Duration::from_secs(10),
            stream_stall: Duration::from_secs(60),
            http2_streams: 256,
        }
    }
}

/// What is counted below the requests. Only `open` and `streams` ever go down.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Connections accepted since the start, those refused for being too many included.
    pub accepted: AtomicU64,
    /// Connections open now, streams included.
    pub open: AtomicU64,
    /// Event streams open now.
    pub streams: AtomicU64,
    /// Connections closed at once because too many were open.
    pub refused_full: AtomicU64,
    /// Attempts to accept that failed.
    pub accept_errors: AtomicU64,
    /// TLS handshakes that were completed.
    pub tls_handshakes: AtomicU64,
    /// TLS handshakes that were begun and not completed.
    pub tls_failures: AtomicU64,
    /// Connections cut off because the client was too slow in sending or reading.
    pub timeouts: AtomicU64,
    /// Requests that were not HTTP, or whose body broke off.
    pub broken_requests: AtomicU64,
    /// Requests refused for the size of their body.
    pub body_too_large: AtomicU64,
}
