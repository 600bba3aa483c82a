//! World files of Backup Server: shape first, then references.

use serde_json::Value;

use super::datastore::Datastore;
use super::tape::Medium;
use super::{World, check};
use crate::contract::Problem;
use crate::proxmox::world_file::{self, Faults};

impl World {
    /// The world that a file says.
    ///
    /// # Errors
    /// What has a wrong name or type, the first fault of each entry, or else every reference that leads nowhere.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        let world: Self = world_file::read(value).map_err(|fault| {
            Faults::of(value)
                .entries::<String, Datastore>("datastores")
                .entries::<String, Medium>("media")
                .and(fault)
        })?;
        let problems = check::problems(&world);
        if problems.is_empty() {
            Ok(world)
        } else {
            Err(problems)
        }
    }

    /// The world as a file; [`Self::read`] gives the same world again.
    pub fn export(&self) -> Value {
        serde_json::to_value(self).expect("every key of a world is a text")
    }
}
