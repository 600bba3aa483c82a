//! The tasks behind consoles: each waits some seconds for its client, and lives as long as that one stays.

use std::sync::Arc;
use std::time::Duration;

use crate::proxmox::call::Call;
use crate::proxmox::state::State;
use crate::proxmox::task::Line;
use crate::proxmox::work::Job;
use crate::record::Waiters;

/// How long the product's programs wait for a client.
const PATIENCE: Duration = Duration::from_secs(10);

/// The types of such tasks in all three products.
const KINDS: [&str; 3] = ["vncproxy", "vncshell", "termproxy"];

/// A task that waits for the client of a screen (from memory of `PVE::API2::Qemu`, `vncproxy`).
#[must_use]
pub fn screen<E>(job: Job<E>) -> Job<E> {
    job.failing("connection timed out").lasting(PATIENCE)
}

/// A task that waits for the client of a terminal, with the error that it ends with when there comes none (from memory
/// of `proxmox-termproxy`).
#[must_use]
pub fn terminal<E>(mut job: Job<E>, error: impl Into<String>) -> Job<E> {
    job.lines.push(Line {
        at: 1000,
        text: "failed waiting for client: timed out".to_owned(),
    });
    job.failing(error).lasting(PATIENCE)
}

/// The task that waits for this caller on a node: the newest one.
pub fn waiting<W: State>(world: &W, call: &Call<'_>, node: &str) -> Option<String> {
    found(world, call, node, |_| true)
}

/// The same, about this guest or none.
pub fn waiting_about<W: State>(world: &W, call: &Call<'_>, node: &str, id: &str) -> Option<String> {
    found(world, call, node, |known| known == id)
}

fn found<W: State>(
    world: &W,
    call: &Call<'_>,
    node: &str,
    is_about: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut tasks = world.work().tasks().rev();
    // Those that somebody came to have no time of their own any more.
    let found = tasks.find(|task| {
        let upid = &task.upid;
        task.is_running(call.now)
            && !task.duration.is_zero()
            && KINDS.contains(&upid.kind.as_str())
            && upid.node == node
            && is_about(&upid.id)
            && upid.user == call.caller
    });
    found.map(|task| task.upid.to_string())
}

/// A place at a console. Leaving it lets go a thread, and wakes those who wait for the end of a task.
#[derive(Debug)]
pub struct Seat {
    thread: Option<Arc<()>>,
    waiters: Arc<Waiters>,
}

impl Seat {
    /// The place at the other end of a thread.
    pub fn new(thread: Arc<()>, waiters: Arc<Waiters>) -> Self {
        Self {
            thread: Some(thread),
            waiters,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Before anybody looks.
        drop(self.thread.take());
        self.waiters.wake();
    }
}
