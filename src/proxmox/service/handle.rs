//! The handle by which tests reach into a Proxmox product's world.

use jiff::Timestamp;
use serde_json::Value;

use super::Service;
use crate::contract::{Problem, merge};
use crate::personality::{Control, Injection, Refused};
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
}

fn refused(problems: Vec<Problem>) -> Refused {
    let sentences: Vec<String> = problems.iter().map(sentence).collect();
    Refused(sentences.join("; "))
}
