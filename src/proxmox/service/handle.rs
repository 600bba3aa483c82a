//! The handle by which tests reach into a Proxmox product's world.

use jiff::Timestamp;
use serde_json::Value;

use super::{Service, orders};
use crate::contract::{Problem, merge};
use crate::personality::{Control, Injection, Refused, TaskOrder};
use crate::proxmox::state::State;
use crate::proxmox::world_file::sentence;

impl<W: State> Control for Service<W> {
    fn export(&self) -> Value {
        self.read().export()
    }

    fn import(&self, world: &Value) -> Result<(), Refused> {
        let world = W::read(world).map_err(refused)?;
        *self.write() = world;
        Ok(())
    }

    fn patch(&self, patch: &Value) -> Result<(), Refused> {
        // Locked from reading to writing, so that two patches at once both take effect.
        let mut world = self.write();
        let mut changed = world.export();
        merge(&mut changed, patch);
        *world = W::read(&changed).map_err(refused)?;
        Ok(())
    }

    fn reset(&self) {
        *self.write() = self.first_world.clone();
    }

    fn event(&self, _: &Value, _: Timestamp) -> Result<Injection, Refused> {
        let name = self.description.name;
        Err(Refused(format!("{name} has no streams of events")))
    }

    fn tasks(&self, now: Timestamp) -> Result<Value, Refused> {
        self.settled(now);
        Ok(orders::listing(&*self.read(), now))
    }

    fn order_tasks(&self, order: &TaskOrder, now: Timestamp) -> Result<Value, Refused> {
        self.settled(now);
        orders::carry_out(&mut *self.write(), self.context.product, order, now)
    }

    fn set_guest_status(&self, vmid: &str, status: &str, now: Timestamp) -> Result<bool, Refused> {
        self.settled(now);
        let turned = self.write().set_guest_status(vmid, status, now);
        turned.map_err(Refused)
    }
}

fn refused(problems: Vec<Problem>) -> Refused {
    let sentences: Vec<String> = problems.iter().map(sentence).collect();
    Refused(sentences.join("; "))
}
