//! A cluster: everything a client of Proxmox VE can see or change, and nothing of how it is told.
//!
//! Its types are the world file: [`World::read`] checks one and [`World::export`] writes one. What a figure is at
//! a moment (uptime, load, what is used) is derived in [`resource`] and never stored, so that no two endpoints
//! can disagree. Guests, volumes and sections know each other by name only; [`check`] holds the names to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod ids;

pub mod size;

pub mod ordered;

pub mod cluster;

pub mod ceph;

pub mod node;

pub mod network;

pub mod certificate;

pub mod supply;

pub mod time_zone;

pub mod journal;

pub mod node_effect;

pub mod guest;

pub mod guests;

pub mod config;

mod facts;

pub mod disk;

pub mod snapshot;

pub mod agent;

mod power;

mod lever;

pub mod relocate;

pub mod storage;

pub mod volume;

pub mod allocate;

pub mod make;

pub mod fresh;

pub mod edit;

pub mod unused;

pub mod birth;

pub mod destroy;

pub mod copy;

pub mod rework;

pub mod restore;

mod life;

mod guest_file;
pub mod plugin;

pub mod volname;

pub mod hidden;

pub mod archive;

mod storage_size;

pub mod storage_effect;

pub mod machine;

pub mod disk_effect;

pub mod pool;

pub mod access;

pub mod realm;

pub mod sync;

pub mod permission_path;

pub mod backup;

pub mod dump;

pub mod schedule;

pub mod ha;

pub mod replication;

pub mod options;

pub mod cidr;

pub mod firewall;

pub mod sdn;

pub mod task;

pub mod upkeep;

pub mod resource;

pub mod gauge;

pub mod check;

mod large;

mod file;

mod settle;

mod state;

pub use check::invariants;

use access::Access;
use backup::BackupJob;
use cluster::Cluster;
use guest::Guest;
use guests::Guests;
use ha::Ha;
use hidden::Hidden;
use ids::{NodeName, Shelf, StorageId, Vmid, VolumeId};
use node::Node;
use options::{List, Options};
use pool::Pool;
use replication::{Replication, ReplicationId};
use sdn::Sdn;
use size::Size;
use storage::Storage;
use task::Effect;
use volume::Volume;

use crate::proxmox::section::Sections;
use crate::proxmox::work::Work;

/// The state of one cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct World {
    /// The cluster as a whole.
    pub cluster: Cluster,
    /// Its nodes.
    pub nodes: BTreeMap<NodeName, Node>,
    /// The guests of all nodes.
    #[serde(default)]
    pub guests: Guests,
    /// The storages.
    #[serde(default)]
    pub storages: BTreeMap<StorageId, Storage>,
    /// The volumes by name, on each shelf.
    #[serde(default)]
    pub volumes: BTreeMap<Shelf, BTreeMap<Box<str>, Volume>>,
    /// What is hidden of storages that were removed or changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hidden: BTreeMap<StorageId, Hidden>,
    /// The pools by name.
    #[serde(default)]
    pub pools: BTreeMap<String, Pool>,
    /// Who may do what.
    pub access: Access,
    /// The backup jobs by id.
    #[serde(default)]
    pub backup_jobs: BTreeMap<String, BackupJob>,
    /// High availability.
    #[serde(default)]
    pub ha: Ha,
    /// Replication jobs.
    #[serde(default)]
    pub replication: BTreeMap<ReplicationId, Replication>,
    /// How far what is done by the clock has been done.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scheduler: schedule::Scheduler,
    /// Software-defined networks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sdn: Sdn,
    /// Plain collections of things with ids, that nothing but their own endpoints care about.
    ///
    /// They are kept under the path of their collection without slashes at its ends (`cluster/metrics/server`).
    /// Below another thing of the cluster the path has that thing's id: what is in a set of addresses is under
    /// `cluster/firewall/ipset/management`. Those of a guest are under
    /// `guests/{vmid}/...`, whatever node it is on, so that moving a guest moves nothing here; what all nodes show
    /// alike is there once (`ceph/pool`). Lists that tell of a machine (`nodes/{node}/hardware/pci`) are kept in
    /// the same way, because nothing else in the world depends on them.
    #[serde(default)]
    pub sections: BTreeMap<String, Sections>,
    /// Collections of things without ids, in their order, by path as well.
    #[serde(default)]
    pub lists: BTreeMap<String, List>,
    /// Plain options that stand for themselves (those of a firewall), by path as well. There is a Ceph where there
    /// is `ceph/config`.
    #[serde(default)]
    pub options: BTreeMap<String, Options>,
    /// All tasks, and what tests want of the next ones.
    #[serde(default)]
    pub tasks: Work<Effect>,
}

impl World {
    /// The guests of a node.
    pub fn guests_on<'a>(
        &'a self,
        node: &'a NodeName,
    ) -> impl Iterator<Item = (Vmid, &'a Guest)> + 'a {
        let guests = self.guests.iter().map(|(vmid, guest)| (*vmid, guest));
        guests.filter(move |(_, guest)| guest.node == *node)
    }

    /// The storages that a node has, switched off or not.
    pub fn storages_on<'a>(
        &'a self,
        node: &'a NodeName,
    ) -> impl Iterator<Item = (&'a StorageId, &'a Storage)> + 'a {
        self.storages
            .iter()
            .filter(move |(_, storage)| storage.is_on(node))
    }

    /// Where a storage's volumes lie that this node sees; `None` without the storage.
    pub fn shelf(&self, storage: &StorageId, node: &NodeName) -> Option<Shelf> {
        let known = self.storages.get(storage)?;
        Some(known.shelf(storage, node))
    }

    /// The volumes of a storage that a node sees.
    pub fn volumes_on<'a>(
        &'a self,
        storage: &StorageId,
        node: &NodeName,
    ) -> impl Iterator<Item = (&'a str, &'a Volume)> + use<'a> {
        let shelf = self.shelf(storage, node);
        let volumes = shelf.and_then(|shelf| self.volumes.get(&shelf));
        volumes
            .into_iter()
            .flatten()
            .map(|(name, volume)| (&**name, volume))
    }

    /// The volume of that id, as this node sees it.
    pub fn volume(&self, id: &VolumeId, node: &NodeName) -> Option<&Volume> {
        let shelf = self.shelf(&id.storage, node)?;
        self.volumes.get(&shelf)?.get(&id.name)
    }

    /// What is used on a shelf.
    pub fn used(&self, shelf: &Shelf) -> Size {
        let foreign = self
            .storages
            .get(&shelf.storage)
            .map(|storage| storage.foreign);
        let volumes = self.volumes.get(shelf).into_iter().flatten();
        let taken: Size = volumes.map(|(_, volume)| volume.used()).sum();
        taken.plus(foreign.unwrap_or_default())
    }

    /// The pool that a guest is in.
    pub fn pool_of(&self, vmid: Vmid) -> Option<&str> {
        let mut pools = self.pools.iter();
        let found = pools.find(|(_, pool)| pool.guests.contains(&vmid));
        found.map(|(name, _)| name.as_str())
    }

    /// The lowest number from `from` on that no guest has.
    pub fn free_vmid(&self, from: Vmid) -> Option<Vmid> {
        let mut free = Some(from);
        for taken in self.guests.numbers(from..) {
            match free {
                Some(vmid) if vmid == taken => free = vmid.next(),
                _ => break,
            }
        }
        free
    }

    /// Since when a guest runs; `None` for one that does not.
    pub fn running_since(&self, guest: &Guest) -> Option<Timestamp> {
        let of_node = self.nodes.get(&guest.node).map(|node| node.started);
        guest
            .status
            .is_running()
            .then_some(guest.started.or(of_node))?
    }
}

/// Whether a field is as it would be if the file said nothing, so that an export leaves it out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
