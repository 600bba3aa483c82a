//! What one connection is doing right now, so that its watchdog knows how long to be patient.
//!
//! Hyper's own `header_read_timeout` would run between two requests as well, so it cannot tell an idle
//! client from one that stopped in the middle of a header, and it takes a timer for each request. These
//! few numbers are written as bytes come and go, and one timer for the connection reads them when it fires.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

/// Nothing of the next request was read yet.
const IDLE: u8 = 0;
/// Some of a header was read, but not all of it.
const HEAD: u8 = 1;
/// Many requests share the connection (HTTP/2), so bytes that arrive say nothing about a header.
const SHARED: u8 = 2;

/// What is known of one connection. All accesses are relaxed: nearly all of them happen in one task, and a
/// glance that comes a moment too early only lets the timer look once more.
#[derive(Debug)]
pub(super) struct Pulse {
    epoch: Instant,
    phase: AtomicU8,
    /// When `phase` began, in microseconds since `epoch`.
    since: AtomicU64,
    /// When the operating system stopped taking bytes, in microseconds since `epoch`, or 0 while it takes
    /// them.
    blocked: AtomicU64,
    /// Requests that are being read, answered or streamed.
    active: AtomicU32,
    /// Whether something was written that was not flushed since.
    unflushed: AtomicBool,
    /// Whether the client may still be sending what nobody will read.
    lingering: AtomicBool,
}

/// A request in flight; dropping it ends the request.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Pulse>);

impl Pulse {
    /// A connection that has to send its first header now.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            epoch: Instant::now(),
            phase: AtomicU8::new(HEAD),
            since: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            active: AtomicU32::new(0),
            unflushed: AtomicBool::new(false),
            lingering: AtomicBool::new(false),
        })
    }

    /// From now on the first header is due; a handshake may have taken its time before.
    pub(super) fn expect_head(&self) {
        self.enter(HEAD);
    }

    /// From now on many requests share the connection.
    pub(super) fn share(&self) {
        self.enter(SHARED);
    }

    /// A request's header is complete.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.active.fetch_add(1, Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Bytes arrived.
    pub(super) fn heard(&self) {
        if self.phase.load(Relaxed) == IDLE && self.active.load(Relaxed) == 0 {
            self.enter(HEAD);
        }
    }

    /// The operating system took this many bytes. Those of a reply that HTTP/2 doles out in pieces, as the
    /// client asks for them, keep the connection from looking idle; a ping does not (17 bytes, 39 in TLS).
    pub(super) fn wrote(&self, bytes: usize) {
        if self.blocked.load(Relaxed) != 0 {
            self.blocked.store(0, Relaxed);
        }
        if bytes > 64 && self.phase.load(Relaxed) == SHARED {
            self.enter(SHARED);
        }
    }

    /// The operating system takes no more bytes for now.
    pub(super) fn blocked(&self) {
        if self.blocked.load(Relaxed) == 0 {
            self.blocked.store(self.now().max(1), Relaxed);
        }
    }

    /// Something was handed to the socket that may still be in a buffer of ours.
    pub(super) fn set_unflushed(&self) {
        self.unflushed.store(true, Relaxed);
    }

    /// Nothing is in a buffer of ours.
    pub(super) fn set_flushed(&self) {
        self.unflushed.store(false, Relaxed);
    }

    /// Whether everything written so far is with the operating system.
    pub(super) fn is_flushed(&self) -> bool {
        !self.unflushed.load(Relaxed)
    }

    /// The client was refused while it was still sending.
    pub(super) fn linger(&self) {
        self.lingering.store(true, Relaxed);
    }

    /// Whether the client was refused while it was still sending.
    pub(super) fn is_lingering(&self) -> bool {
        self.lingering.load(Relaxed)
    }

    /// Whether a request is being read, answered or streamed.
    pub(super) fn is_active(&self) -> bool {
        self.active.load(Relaxed) > 0
    }

    /// Whether the client owes nothing: it is between two requests, and reads what it is sent.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_active() && self.is_flushed() && self.phase.load(Relaxed) != HEAD
    }

    /// When the client has taken too long, should nothing change before; `None` while it is our turn.
    pub(super) fn deadline(&self, patience: Duration, idle: Duration) -> Option<Instant> {
        let blocked = self.blocked.load(Relaxed);
        if blocked != 0 {
            return Some(self.epoch + Duration::from_micros(blocked) + patience);
        }
        if self.is_active() || !self.is_flushed() {
            return None;
        }
        let allowance = match self.phase.load(Relaxed) {
            HEAD => patience,
            _ => idle,
        };
        Some(self.quiet_since() + allowance)
    }

    /// When the present phase began.
    pub(super) fn quiet_since(&self) -> Instant {
        self.epoch + Duration::from_micros(self.since.load(Relaxed))
    }

    fn enter(&self, phase: u8) {
        self.since.store(self.now(), Relaxed);
        self.phase.store(phase, Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let pulse = &self.0;
        match pulse.phase.load(Relaxed) {
            SHARED => pulse.enter(SHARED),
            _ => pulse.enter(IDLE),
        }
        pulse.active.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);
    const IDLE_TIME: Duration = Duration::from_secs(60);

    /// How long after its epoch a connection would be given up.
    fn deadline(pulse: &Pulse) -> Option<u64> {
        pulse
            .deadline(PATIENCE, IDLE_TIME)
            .map(|at| at.duration_since(pulse.epoch).as_secs())
    }

    #[tokio::test(flavor = "current_thread")]
    async fn patience_follows_the_phase() {
        tokio::time::pause();
        let pulse = Pulse::new();
        assert_eq!(deadline(&pulse), Some(5), "the first header is due");

        let request = pulse.begin();
        assert_eq!(deadline(&pulse), None, "it is our turn");
        tokio::time::advance(Duration::from_secs(10)).await;
        drop(request);
        assert_eq!(deadline(&pulse), Some(70), "idle after the request");
        assert!(pulse.is_idle());

        tokio::time::advance(Duration::from_secs(10)).await;
        pulse.heard();
        tokio::time::advance(Duration::from_secs(1)).await;
        pulse.heard();
        assert_eq!(
            deadline(&pulse),
            Some(25),
            "the first byte of a header counts"
        );
        assert!(!pulse.is_idle());

        pulse.blocked();
        tokio::time::advance(Duration::from_secs(1)).await;
        pulse.blocked();
        assert_eq!(deadline(&pulse), Some(26), "a client that does not read");
        pulse.wrote(1);
        assert_eq!(deadline(&pulse), Some(25));
        pulse.set_unflushed();
        assert_eq!(deadline(&pulse), None, "a long reply is under way");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_shared_connection_is_idle_without_requests() {
        tokio::time::pause();
        let pulse = Pulse::new();
        pulse.share();
        let (first, second) = (pulse.begin(), pulse.begin());
        drop(first);
        pulse.heard();
        assert_eq!(deadline(&pulse), None);
        tokio::time::advance(Duration::from_secs(3)).await;
        drop(second);
        pulse.heard();
        assert_eq!(deadline(&pulse), Some(63));
        tokio::time::advance(Duration::from_secs(3)).await;
        pulse.wrote(39);
        assert_eq!(deadline(&pulse), Some(63), "a ping");
        pulse.wrote(1000);
        assert_eq!(deadline(&pulse), Some(66), "more of a reply");
    }
}
