//! The handle by which tests reach into the Central API: its world as a file, changed whole or in part.

use jiff::Timestamp;
use serde_json::Value;

use super::Plexd;
use super::{injection, world_file};
use crate::contract::{Problem, merge};
use crate::personality::{Control, Injection, Refused};

impl Control for Plexd {
    fn export(&self) -> Value {
        world_file::export(&self.read(), &self.central)
    }

    fn import(&self, world: &Value) -> Result<(), Refused> {
        let world = world_file::read(world, &world.to_string(), &self.central).map_err(refused)?;
        *self.write() = world;
        Ok(())
    }

    fn patch(&self, patch: &Value) -> Result<(), Refused> {
        // Locked from reading to writing, so that two patches at once both take effect.
        let mut world = self.write();
        let mut changed = world_file::export(&world, &self.central);
        merge(&mut changed, patch);
        let state = world_file::with_untouched(&changed, &world, patch);
        *world = world_file::read(&changed, &state, &self.central).map_err(refused)?;
        Ok(())
    }

    fn reset(&self) {
        *self.write() = self.first_world.clone();
    }

    fn event(&self, description: &Value, now: Timestamp) -> Result<Injection, Refused> {
        injection::event(description, &self.central, now)
    }
}

fn refused(problems: Vec<Problem>) -> Refused {
    let sentences: Vec<String> = problems.iter().map(world_file::sentence).collect();
    Refused(sentences.join("; "))
}
