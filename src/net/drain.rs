//! Stopping in two stages: the first signal lets work in flight finish, the second ends at once.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::info;

/// How far stopping has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    Draining,
    Ended,
}

/// Tells everything that serves when to stop. Clones all hear the same.
#[derive(Debug, Clone)]
pub struct Stop {
    stage: watch::Receiver<Stage>,
}

/// The other end of a [`Stop`].
#[derive(Debug, Clone)]
pub struct StopHandle {
    stage: Arc<watch::Sender<Stage>>,
}

impl Stop {
    /// A stop that SIGTERM and SIGINT drive: the first of either drains, the second ends at once.
    ///
    /// # Errors
    /// When the process may not install signal handlers.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn on_signals() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (handle, stop) = Self::manual();
        tokio::spawn(async move {
            for step in [StopHandle::drain, StopHandle::end] {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                info!(signal = name, "stopping");
                step(&handle);
            }
        });
        Ok(stop)
    }

    /// A stop that is driven by hand.
    pub fn manual() -> (StopHandle, Self) {
        let (sender, stage) = watch::channel(Stage::Running);
        let handle = StopHandle {
            stage: Arc::new(sender),
        };
        (handle, Self { stage })
    }

    /// Whether the first stage has been reached.
    pub fn is_draining(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining
    }

    /// Waits for the first stage.
    pub async fn draining(self) {
        reached(self.stage, Stage::Draining).await;
    }

    /// Waits for the second stage.
    pub async fn ended(self) {
        reached(self.stage, Stage::Ended).await;
    }
}

impl StopHandle {
    /// Lets what is in flight finish and begins nothing new.
    pub fn drain(&self) {
        self.raise(Stage::Draining);
    }

    /// Ends everything at once.
    pub fn end(&self) {
        self.raise(Stage::Ended);
    }

    fn raise(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let higher = to > *stage;
            *stage = to.max(*stage);
            higher
        });
    }
}

/// Waits until `stage` is reached. A handle that was dropped will never stop anything, so neither does
/// this.
async fn reached(mut receiver: watch::Receiver<Stage>, stage: Stage) {
    if receiver.wait_for(|now| *now >= stage).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn is_ready(future: impl Future<Output = ()>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(future).poll(&mut context).is_ready()
    }

    #[test]
    fn stages_only_rise() {
        let (handle, stop) = Stop::manual();
        assert!(!is_ready(stop.clone().draining()) && !stop.is_draining());
        handle.drain();
        assert!(is_ready(stop.clone().draining()) && stop.is_draining());
        assert!(!is_ready(stop.clone().ended()));
        handle.end();
        handle.drain();
        assert!(is_ready(stop.clone().ended()) && is_ready(stop.draining()));
    }

    #[test]
    fn a_forgotten_handle_stops_nothing() {
        let (handle, stop) = Stop::manual();
        drop(handle);
        assert!(!is_ready(stop.clone().draining()) && !is_ready(stop.clone().ended()));
    }
}
