//! What the ends of tasks do to the cluster as a whole: its plain collections, its nodes, its replications, Ceph.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::World;
use super::ids::{NodeName, StorageId};
use super::node::Node;
use super::storage::Storage;
use super::task::Effect;
use crate::proxmox::section::Section;

/// One such change. All need a good end of the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upkeep {
    /// A section of a plain collection is as it says here, or gone.
    Section {
        /// The collection, by its path.
        file: String,
        /// The section's id.
        id: String,
        /// What it is; nothing takes it away.
        section: Option<Section>,
    },
    /// The machine is a cluster of this name from now on, and its node has this number.
    FoundCluster {
        /// The name of the cluster.
        name: String,
        /// The number of the node.
        number: u32,
    },
    /// The cluster has one more node.
    AddNode(NodeName, Box<Node>),
    /// These flags of Ceph are set or not.
    CephFlags(BTreeMap<String, bool>),
    /// A disk of a node is used for this, or free.
    UseDisk(NodeName, String, Option<String>),
    /// There is one more storage.
    AddStorage(StorageId, Box<Storage>),
    /// A storage is gone, unless something lies on it by then.
    DropStorage(StorageId),
}

impl From<Upkeep> for Effect {
    fn from(upkeep: Upkeep) -> Self {
        Self::Upkeep(upkeep)
    }
}

impl World {
    /// Does it.
    pub(super) fn keep_up(&mut self, upkeep: &Upkeep) {
        match upkeep {
            Upkeep::Section { file, id, section } => {
                let sections = self.sections.entry(file.clone()).or_default();
                match section {
                    Some(section) => sections.0.insert(id.clone(), section.clone()),
                    None => sections.0.remove(id),
                };
            }
            Upkeep::FoundCluster { name, number } => self.found_cluster(name.clone(), *number),
            Upkeep::AddNode(name, node) => self.add_node(name.clone(), (**node).clone()),
            Upkeep::CephFlags(flags) => self.set_ceph_flags(flags),
            Upkeep::UseDisk(node, device, usage) => {
                self.mark_disk(node, device, usage.as_deref());
            }
            Upkeep::AddStorage(id, storage) => {
                let storages = self.storages.entry(id.clone());
                storages.or_insert_with(|| (**storage).clone());
            }
            Upkeep::DropStorage(id) => self.drop_storage(id),
        }
    }
}
