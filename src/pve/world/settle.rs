//! The passing of time: what has ended by now does what it was to do.

use jiff::Timestamp;

use super::World;
use super::guest::{Guest, Status};
use super::task::Effect;
use crate::proxmox::task::{Outcome, State};

impl World {
    /// Whether [`Self::settle`] would do anything; looked at before a world is locked for writing.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let waiting = self.tasks.iter().filter(|entry| !entry.effects.is_empty());
        waiting
            .map(|entry| &entry.task)
            .any(|task| !task.is_running(now))
    }

    /// Does what the tasks that have ended by `now` were to do, in the order of their ends; of two that ended
    /// together the one that began first comes first.
    pub fn settle(&mut self, now: Timestamp) {
        let mut due = Vec::new();
        for entry in self
            .tasks
            .iter_mut()
            .filter(|entry| !entry.effects.is_empty())
        {
            if let State::Stopped { at, outcome } = entry.task.state(now) {
                due.push((at, outcome, std::mem::take(&mut entry.effects)));
            }
        }
        due.sort_by_key(|(at, ..)| *at);
        for (at, outcome, effects) in due {
            for effect in effects {
                self.apply(&effect, at, &outcome);
            }
        }
    }

    /// A guest that is gone by then is left alone.
    fn apply(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        let went_well = !matches!(outcome, Outcome::Error(_));
        match effect {
            Effect::Power(vmid, status) if went_well => {
                if let Some(guest) = self.guests.get_mut(vmid) {
                    guest.turn(*status, at);
                }
            }
            Effect::Power(..) => {}
            Effect::Unlock(vmid, lock) => {
                let guest = self.guests.get_mut(vmid);
                if let Some(guest) = guest.filter(|guest| guest.lock == Some(*lock)) {
                    guest.lock = None;
                }
            }
        }
    }
}

impl Guest {
    /// Changes its state at a moment. Uptime starts anew when it did not run before.
    pub fn turn(&mut self, status: Status, at: Timestamp) {
        if !status.is_running() {
            self.started = None;
        } else if !self.status.is_running() {
            self.started = Some(at);
        }
        self.status = status;
    }
}
