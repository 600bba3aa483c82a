//! What the ends of tasks do to guests that are made, changed and destroyed.

use jiff::Timestamp;

use super::World;
use super::task::Effect;
use crate::proxmox::task::Outcome;

impl World {
    /// Does what the end of such a task does; other tasks are none of its business.
    pub(super) fn finish_life(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        let went_well = !matches!(outcome, Outcome::Error(_));
        match effect {
            Effect::Birth(birth) => self.give_birth(birth, at, outcome),
            Effect::MoveDrive(relocation) => self.move_drive(relocation, outcome),
            Effect::Edit(vmid, node, edit) => {
                let there = self.guests.contains_key(vmid);
                match went_well && there {
                    true => self.edit(*vmid, edit),
                    false => self.discard(node, &edit.made),
                }
            }
            Effect::Destroy(how) if went_well => self.destroy(how),
            Effect::Give(gift) if went_well => self.give(gift),
            Effect::Grow(growth) if went_well => self.grow(growth),
            Effect::Template(vmid, only) if went_well => self.make_template(*vmid, only.as_deref()),
            _ => {}
        }
    }
}
