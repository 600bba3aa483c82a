//! What the end of a task does to a cluster.
//!
//! Nothing runs: a task keeps what it will do ([`crate::proxmox::work`]), and [`super::World::apply`] does it once
//! its time has come.

use serde::{Deserialize, Serialize};

use super::guest::{Lock, Status};
use super::ids::{NodeName, Vmid};
use super::node::Node;
use crate::proxmox::section::Section;

/// What the end of a task does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The guest is in this state; only if the task ends well.
    Power(Vmid, Status),
    /// The guest loses this lock, however the task ends. Another lock stays.
    Unlock(Vmid, Lock),
    /// A section of a plain collection is as it says here, or gone; only if the task ends well.
    Section {
        /// The collection, by its path.
        file: String,
        /// The section's id.
        id: String,
        /// What it is; nothing takes it away.
        section: Option<Section>,
    },
    /// The machine is a cluster of this name from now on, and its node has this number; only if the task ends
    /// well.
    FoundCluster {
        /// The name of the cluster.
        name: String,
        /// The number of the node.
        number: u32,
    },
    /// The cluster has one more node; only if the task ends well.
    AddNode(NodeName, Box<Node>),
}
