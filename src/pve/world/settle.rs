//! What the ends of tasks do to a cluster.

use jiff::Timestamp;

use super::World;
use super::guest::{Guest, Status};
use super::storage_effect::is_partial;
use super::task::Effect;
use crate::proxmox::task::Outcome;

impl World {
    /// Does what the end of a task does. A guest that is gone by then is left alone.
    pub(super) fn finish(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        self.take_effect(effect, at, outcome);
        self.hide_strays(effect.guest(), effect.made());
    }

    fn take_effect(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        let went_well = !matches!(outcome, Outcome::Error(_));
        match effect {
            Effect::Node(node, effect) if went_well => self.finish_node(node, effect, at),
            Effect::Node(..) => {}
            Effect::Power(vmid, status) if went_well => {
                self.power(*vmid, *status, at);
            }
            Effect::SyncRealm(sync) if went_well => drop(sync.run(&mut self.access)),
            Effect::LoadNetworks(version) if went_well => self.sdn.load(*version),
            Effect::Storage(effect) if went_well || is_partial(outcome) => {
                self.finish_storage(effect, at);
            }
            Effect::Disk(effect) if went_well => self.finish_disks(effect),
            Effect::Power(..)
            | Effect::LoadNetworks(_)
            | Effect::SyncRealm(_)
            | Effect::Storage(_)
            | Effect::Disk(_) => {}
            Effect::Unlock(vmid, lock) => {
                let guest = self.guests.get_mut(vmid);
                if let Some(guest) = guest.filter(|guest| guest.lock == Some(*lock)) {
                    guest.lock = None;
                }
            }
            Effect::Upkeep(upkeep) if went_well => self.keep_up(upkeep),
            Effect::Upkeep(_) => {}

            // Power, snapshots and journeys of guests.
            Effect::EndSuspension(vmid) => self.end_suspension(*vmid, at, went_well),
            Effect::EndSnapshot(vmid, name) => self.end_snapshot(*vmid, name, went_well),
            Effect::RemoveSnapshot(vmid, name) if went_well => self.remove_snapshot(*vmid, name),
            Effect::RemoveSnapshot(vmid, name) => self.keep_snapshot(*vmid, name),
            Effect::Reboot(vmid) if went_well => self.reboot(*vmid, at),
            Effect::RollBack(vmid, name, status) if went_well => {
                self.roll_back(*vmid, name, *status, at);
            }
            Effect::Relocate(vmid, target, pairs) if went_well => {
                let map = pairs.iter().cloned().collect();
                self.relocate(*vmid, target, &map, at);
            }
            Effect::Want(sid, wanted) if went_well => {
                if let Some(resource) = self.ha.resources.get_mut(sid) {
                    resource.state = *wanted;
                }
            }
            Effect::Reboot(..) | Effect::RollBack(..) | Effect::Relocate(..) | Effect::Want(..) => {
            }

            // Guests that are made, changed and destroyed.
            other => self.finish_life(other, at, outcome),
        }
    }
}

impl Guest {
    /// Changes its state at a moment. Uptime starts anew when it did not run before.
    pub fn turn(&mut self, status: Status, at: Timestamp) {
        // Tasks overlap here that the product makes wait for each other.
        if status.is_running() && self.is_template() {
            return;
        }
        if !status.is_running() {
            self.started = None;
        } else if !self.status.is_running() {
            // Every start writes the drive of cloud-init.
            self.cloud_init = None;
            self.started = Some(at);
        }
        self.status = status;
    }
}
