//! The handle by which tests reach into a Proxmox product's world.

use jiff::Timestamp;
use serde_json::Value;

use super::{Service, orders};
use crate::contract::{Problem, merge};
use crate::personality::{Control, Injection, Lever, Pull, Refused, Stuck, TaskOrder, Watched};
use crate::proxmox::state::State;
use crate::proxmox::task::Task;
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

    fn position(&self, lever: Lever<'_>, now: Timestamp) -> Result<Value, Stuck> {
        self.settled(now);
        self.read().position(lever, now)
    }

    fn pull(&self, lever: Lever<'_>, pull: Pull<'_>, now: Timestamp) -> Result<Value, Stuck> {
        self.settled(now);
        let mut world = self.write();
        world.pull(lever, pull)?;
        world.position(lever, now)
    }

    fn state_of(&self, watched: Watched<'_>, now: Timestamp) -> Result<String, Refused> {
        self.settled(now);
        let world = self.read();
        if let Watched::Task(id) = watched {
            let state = orders::state(&*world, self.context.product, id, now);
            return Ok(state.unwrap_or_else(|| "absent".to_owned()));
        }
        let state = world.state_of(watched);
        let none = || {
            Refused(format!(
                "{} has no guests or nodes to wait for",
                self.description.name
            ))
        };
        state.map(str::to_owned).ok_or_else(none)
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let world = self.read();
        let elsewhere = world.tasks_elsewhere();
        let tasks = world
            .work()
            .tasks()
            .chain(elsewhere.iter().map(|(_, task)| *task));
        tasks.filter_map(Task::due).filter(|due| *due > now).min()
    }
}

fn refused(problems: Vec<Problem>) -> Refused {
    let sentences: Vec<String> = problems.iter().map(sentence).collect();
    Refused(sentences.join("; "))
}
