//! One timer for each connection: cuts off clients that are too slow, winds down idle connections, and
//! hears when the server stops.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::pulse::Pulse;
use super::{Stop, Traffic};
use crate::http::Dialect;

/// How long a connection may take to close after it was asked to, while it has nothing in flight. With
/// HTTP/2 the client has to answer a ping first; one that is dead must not hold up the end.
const GRACE: Duration = Duration::from_millis(500);

/// What the watchdog wants to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Take no further request, close when nothing is in flight.
    WindDown,
    /// Close now.
    Cut,
}

/// Watches one connection.
pub(super) struct Watchdog {
    pulse: Arc<Pulse>,
    traffic: Arc<Traffic>,
    patience: Duration,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    stop: Stop,
    /// Ready with the next stage of stopping.
    next_stage: Pin<Box<dyn Future<Output = ()> + Send>>,
    stopping: bool,
    /// When it was asked to wind down.
    winding_since: Option<Instant>,
}

impl Watchdog {
    /// Watches the connection that `pulse` belongs to.
    pub(super) fn new(
        pulse: &Arc<Pulse>,
        dialect: &Dialect,
        stop: &Stop,
        traffic: &Arc<Traffic>,
    ) -> Self {
        Self {
            pulse: Arc::clone(pulse),
            traffic: Arc::clone(traffic),
            patience: dialect.patience,
            idle: dialect.idle,
            timer: Box::pin(tokio::time::sleep(dialect.patience)),
            next_stage: next_stage(stop, Stop::draining),
            stop: stop.clone(),
            stopping: false,
            winding_since: None,
        }
    }

    /// Looks whether something is to be done; to be called whenever the connection was polled.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict> {
        if self.next_stage.as_mut().poll(cx).is_ready() {
            if self.stopping {
                return Poll::Ready(Verdict::Cut);
            }
            self.stopping = true;
            self.next_stage = next_stage(&self.stop, Stop::ended);
            return Poll::Ready(self.wind_down());
        }
        loop {
            let due = self.due();
            // The timer may stand earlier than what is due, never later: a busy connection then needs no
            // change of its timer for each request.
            if let Some(due) = due.filter(|due| *due < self.timer.deadline()) {
                self.timer.as_mut().reset(due);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match due {
                Some(due) if due <= now => return Poll::Ready(self.expire()),
                Some(due) => self.timer.as_mut().reset(due),
                None => self.timer.as_mut().reset(now + self.patience),
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        let deadline = self.pulse.deadline(self.patience, self.idle)?;
        match self.winding_since {
            // A reply that was just handed over has yet to be written, so the grace counts from there.
            Some(asked) if self.pulse.is_flushed() => {
                Some(asked.max(self.pulse.quiet_since()) + GRACE)
            }
            _ => Some(deadline),
        }
    }

    fn expire(&mut self) -> Verdict {
        if self.winding_since.is_some() {
            return Verdict::Cut;
        }
        if self.pulse.is_idle() {
            return self.wind_down();
        }
        self.traffic.timeouts.fetch_add(1, Relaxed);
        Verdict::Cut
    }

    fn wind_down(&mut self) -> Verdict {
        self.winding_since = Some(Instant::now());
        Verdict::WindDown
    }
}

fn next_stage<F>(stop: &Stop, wait: fn(Stop) -> F) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    F: Future<Output = ()> + Send + 'static,
{
    Box::pin(wait(stop.clone()))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::http::Reply;

    const DIALECT: Dialect = Dialect {
        http2: true,
        header_bytes: 8192,
        header_fields: 100,
        body_bytes: 0,
        inflate: false,
        patience: Duration::from_secs(5),
        idle: Duration::from_secs(60),
        requests: u32::MAX,
        codings: &[],
        compress_above: 0,
        drops_file: |_, _| false,
        refuse: |_| Reply::empty(400),
    };

    /// The next thing the watchdog wants, and after how many milliseconds.
    async fn next(watchdog: &mut Watchdog) -> (Verdict, u128) {
        let asked = Instant::now();
        let verdict = poll_fn(|cx| watchdog.poll(cx)).await;
        (verdict, asked.elapsed().as_millis())
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn slow_clients_are_cut_and_idle_ones_asked_to_leave() {
        let traffic = Arc::new(Traffic::default());
        let (_handle, stop) = Stop::manual();
        let pulse = Pulse::new();
        let mut watchdog = Watchdog::new(&pulse, &DIALECT, &stop, &traffic);
        assert_eq!(next(&mut watchdog).await, (Verdict::Cut, 5000));
        assert_eq!(traffic.timeouts.load(Relaxed), 1);

        drop(pulse.begin());
        let mut watchdog = Watchdog::new(&pulse, &DIALECT, &stop, &traffic);
        assert_eq!(next(&mut watchdog).await, (Verdict::WindDown, 60_000));
        assert_eq!(next(&mut watchdog).await, (Verdict::Cut, 500));
        assert_eq!(traffic.timeouts.load(Relaxed), 1);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn stopping_waits_for_what_is_in_flight_and_no_longer() {
        let traffic = Arc::new(Traffic::default());
        let (handle, stop) = Stop::manual();
        let pulse = Pulse::new();
        let request = pulse.begin();
        let mut watchdog = Watchdog::new(&pulse, &DIALECT, &stop, &traffic);
        handle.drain();
        assert_eq!(next(&mut watchdog).await, (Verdict::WindDown, 0));
        let ending = tokio::time::sleep(Duration::from_secs(300));
        let early = tokio::time::timeout(Duration::from_secs(90), next(&mut watchdog)).await;
        assert!(early.is_err(), "a request is in flight");
        pulse.set_unflushed();
        drop(request);
        let early = tokio::time::timeout(Duration::from_secs(90), next(&mut watchdog)).await;
        assert!(early.is_err(), "its reply is being written");
        drop(pulse.begin());
        pulse.set_flushed();
        assert_eq!(next(&mut watchdog).await, (Verdict::Cut, 500));

        let _request = pulse.begin();
        let mut watchdog = Watchdog::new(&pulse, &DIALECT, &stop, &traffic);
        assert_eq!(next(&mut watchdog).await.0, Verdict::WindDown);
        let end = async {
            ending.await;
            handle.end();
        };
        let (cut, ()) = tokio::join!(next(&mut watchdog), end);
        assert_eq!(cut.0, Verdict::Cut);
    }
}
