//! What the end of a task does to a cluster.
//!
//! Nothing runs: a task keeps what it will do ([`crate::proxmox::work`]), and the world does it once its time has
//! come ([`crate::proxmox::state::State::apply`]).

use serde::{Deserialize, Serialize};

use super::guest::{Lock, Status};
use super::ids::Vmid;

/// What the end of a task does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Something happens to a node; only if the task ends well.
    Node(super::ids::NodeName, super::node_effect::NodeEffect),
    /// The guest is in this state; only if the task ends well.
    Power(Vmid, Status),
    /// The guest loses this lock, however the task ends. Another lock stays.
    Unlock(Vmid, Lock),
}
