//! What the ends of tasks do to a cluster.

use jiff::Timestamp;

use super::World;
use super::guest::{Guest, Status};
use super::task::Effect;
use crate::proxmox::task::Outcome;

impl World {
    /// Does what the end of a task does. A guest that is gone by then is left alone.
    pub(super) fn finish(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        let went_well = !matches!(outcome, Outcome::Error(_));
        match effect {
            Effect::Node(node, effect) if went_well => self.finish_node(node, effect, at),
            Effect::Node(..) => {}
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
