//! Consoles that somebody sits at: their tasks go on until the connection is gone.
//!
//! `net` says so by dropping the talk, and with it one end of a thread that is kept here; whoever looks at the world
//! next finds the end loose and lets the task end then. The lock is held to look or to put down, never while anything
//! waits.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use jiff::Timestamp;

use super::Service;
use crate::proxmox::console::Console;
use crate::proxmox::console::worker::Seat;
use crate::proxmox::state::State;
use crate::proxmox::task::Outcome;
use crate::record::Waiters;

/// The tasks of consoles, by id, with the ends of their threads.
#[derive(Debug, Default)]
pub(super) struct Attended(RwLock<Vec<(String, Weak<()>)>>);

impl Attended {
    fn keep(&self, id: String) -> Arc<()> {
        let seat = Arc::new(());
        let mut seats = self.0.write().unwrap_or_else(PoisonError::into_inner);
        seats.push((id, Arc::downgrade(&seat)));
        seat
    }

    /// The tasks whose consoles were left; they are told once.
    fn left(&self) -> Vec<String> {
        let is_left = |seat: &Weak<()>| seat.strong_count() == 0;
        let seats = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if !seats.iter().any(|(_, seat)| is_left(seat)) {
            return Vec::new();
        }
        drop(seats);
        let mut seats = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let (left, kept) = std::mem::take(&mut *seats)
            .into_iter()
            .partition(|(_, seat)| is_left(seat));
        *seats = kept;
        let left: Vec<(String, Weak<()>)> = left;
        left.into_iter().map(|(id, _)| id).collect()
    }
}

impl<W: State> Service<W> {
    /// Somebody sits down at a console.
    pub(super) fn attend(&self, console: &mut Console, waiters: Arc<Waiters>, now: Timestamp) {
        let Some(id) = console.task.take() else {
            return;
        };
        if let Some(task) = self.write().steered_task(&id, self.context.product) {
            task.outcome = Outcome::Ok;
            task.hold(now);
            // The time that its first guest had is not the time that it takes.
            task.duration = Duration::ZERO;
            console.seat = Some(Arc::new(Seat::new(self.attended.keep(id), waiters)));
        }
    }

    /// The tasks of consoles that were left end.
    pub(super) fn dismiss(&self, now: Timestamp) {
        let left = self.attended.left();
        if left.is_empty() {
            return;
        }
        let mut world = self.write();
        for id in left {
            if let Some(task) = world.steered_task(&id, self.context.product) {
                task.release(now);
            }
        }
        world.settle(now);
    }
}
