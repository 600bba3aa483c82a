//! World files of Proxmox VE: shape first, then references.

use serde_json::Value;

use super::backup::BackupJob;
use super::guest::Guest;
use super::ids::{NodeName, StorageId, Vmid};
use super::node::Node;
use super::pool::Pool;
use super::replication::{Replication, ReplicationId};
use super::storage::Storage;
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
                .entries::<NodeName, Node>("nodes")
                .entries::<Vmid, Guest>("guests")
                .entries::<StorageId, Storage>("storages")
                .entries::<String, Pool>("pools")
                .entries::<String, BackupJob>("backup-jobs")
                .entries::<ReplicationId, Replication>("replication")
                .and(fault)
        })?;
        let problems = check::problems(&world);
        if problems.is_empty() {
            Ok(world)
        } else {
            Err(problems)
        }
    }

    /// The same from text, in which a key may stand twice.
    ///
    /// # Errors
    /// What is no JSON, what stands twice, or what [`Self::read`] refuses.
    pub fn read_text(text: &str) -> Result<Self, Vec<Problem>> {
        Self::read(&world_file::json(text)?)
    }

    /// The world as a file; [`Self::read`] gives the same world again.
    pub fn export(&self) -> Value {
        serde_json::to_value(self).expect("every key of a world is a text or a number")
    }
}
